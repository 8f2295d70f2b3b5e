//! What must be true of promotions, and what sets it right.

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
    schema::promotions,
};

/// The checks of this domain.
pub const CHECKS: &[Check] = &[USES];

pub const USES: Check = Check {
    what: "promotions with a limit in total count the orders that have them",
    differing: "SELECT p.id, format('promotion_%s', p.id) AS thing, coalesce(u.uses, 0)::text AS expected, p.used::text AS found \
      FROM promotions p \
      LEFT JOIN (SELECT promotion_id, count(*) AS uses FROM promotion_uses WHERE released_at IS NULL GROUP BY 1) u ON u.promotion_id = p.id \
     WHERE p.limit_total IS NOT NULL AND p.used <> coalesce(u.uses, 0)",
    remedy: Remedy::Repair,
};

/// Locks promotions in the order of their ids.
pub fn lock(tx: &mut Tx<'_>, ids: &[Uuid]) -> Result<(), Failure> {
    let rows = promotions::table.filter(promotions::id.eq_any(ids)).order(promotions::id);
    rows.select(promotions::id).for_no_key_update().load::<Uuid>(tx.conn())?;
    Ok(())
}

/// Counts the uses of locked promotions anew. Tells which were counted wrong. One that more orders have than may is left to people.
pub fn recount(tx: &mut Tx<'_>, ids: &[Uuid]) -> Result<Vec<Difference>, Failure> {
    let query = sql_query(
        "UPDATE promotions SET used = counted.uses \
           FROM (SELECT p.id, p.used AS was, \
                        (SELECT count(*) FROM promotion_uses u WHERE u.promotion_id = p.id AND u.released_at IS NULL)::integer AS uses \
                   FROM promotions p WHERE p.id = ANY($1) AND p.limit_total IS NOT NULL) counted \
          WHERE promotions.id = counted.id AND promotions.used <> counted.uses AND counted.uses <= promotions.limit_total \
      RETURNING format('promotion_%s', promotions.id) AS thing, counted.uses::text AS expected, counted.was::text AS found",
    );
    Ok(query.bind::<Array<SqlUuid>, _>(ids).load(tx.conn())?)
}
