//! What must be true of conversations, and what sets it right.

use diesel::{
    ExpressionMethods, QueryDsl, RunQueryDsl, sql_query,
    sql_types::{Array, Uuid as SqlUuid},
};
use uuid::Uuid;

use crate::{
    kernel::error::Failure,
    platform::{
        checks::{Check, Difference, Remedy},
        db::Tx,
    },
    schema::conversations,
};

/// The checks of this domain.
pub const CHECKS: &[Check] = &[LAST_NUMBERS, GAPS];

pub const LAST_NUMBERS: Check = Check {
    what: "no message has a number beyond its conversation's last one",
    differing: "SELECT c.id, format('conversation_%s', c.id) AS thing, m.newest::text AS expected, c.last_number::text AS found \
      FROM conversations c \
      JOIN (SELECT conversation_id, max(number) AS newest FROM messages GROUP BY 1) m ON m.conversation_id = c.id \
     WHERE c.last_number < m.newest",
    remedy: Remedy::Repair,
};

// A last number is never lowered: somebody may have been told it.
const GAPS: Check = Check {
    what: "numbers in conversations have no gaps",
    differing: "SELECT format('conversation_%s', c.id) AS thing, format('%s messages', greatest(c.last_number, m.newest)) AS expected, \
           coalesce(m.count, 0)::text AS found \
      FROM conversations c \
      LEFT JOIN (SELECT conversation_id, max(number) AS newest, count(*) AS count FROM messages WHERE held IS NULL GROUP BY 1) m \
        ON m.conversation_id = c.id \
     WHERE greatest(c.last_number, m.newest) <> coalesce(m.count, 0)",
    remedy: Remedy::People,
};

/// Locks conversations in the order of their ids.
pub fn lock(tx: &mut Tx<'_>, ids: &[Uuid]) -> Result<(), Failure> {
    let rows = conversations::table.filter(conversations::id.eq_any(ids)).order(conversations::id);
    rows.select(conversations::id).for_no_key_update().load::<Uuid>(tx.conn())?;
    Ok(())
}

/// Raises the last numbers of locked conversations to those of their newest messages. Tells which were lower.
pub fn raise_last_numbers(tx: &mut Tx<'_>, ids: &[Uuid]) -> Result<Vec<Difference>, Failure> {
    let query = sql_query(
        "UPDATE conversations SET last_number = m.newest \
           FROM (SELECT c.id, c.last_number AS was, max(m.number) AS newest \
                   FROM conversations c JOIN messages m ON m.conversation_id = c.id \
                  WHERE c.id = ANY($1) GROUP BY c.id) m \
          WHERE conversations.id = m.id AND conversations.last_number < m.newest \
      RETURNING format('conversation_%s', conversations.id) AS thing, m.newest::text AS expected, m.was::text AS found",
    );
    Ok(query.bind::<Array<SqlUuid>, _>(ids).load(tx.conn())?)
}
