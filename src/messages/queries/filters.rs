//! Words and domains that nobody sends, in Postgres.

use diesel::{
    BoolExpressionMethods, ExpressionMethods, Insertable, QueryDsl, RunQueryDsl, SelectableHelper, sql_query,
};

use crate::{
    kernel::{error::Failure, id::Id},
    messages::model::filters::{FilterAction, FilterKind, MessageFilter, Spoken},
    platform::{
        clock::Time,
        db::{Conn, Tx},
    },
    schema::message_filters,
};

/// What is done about something that is said: each of it once.
pub fn actions_about(conn: &mut Conn, spoken: &Spoken) -> Result<Vec<FilterAction>, Failure> {
    let word = message_filters::kind.eq(FilterKind::Word).and(message_filters::folded.eq_any(&spoken.words));
    let link = message_filters::kind.eq(FilterKind::Link).and(message_filters::folded.eq_any(&spoken.hosts));
    Ok(message_filters::table.filter(word.or(link)).select(message_filters::action).distinct().load(conn)?)
}

/// All of them, the last one first.
pub fn all(conn: &mut Conn) -> Result<Vec<MessageFilter>, Failure> {
    Ok(message_filters::table
        .order(message_filters::id.desc())
        .limit(MessageFilter::MAXIMUM)
        .select(MessageFilter::as_select())
        .load(conn)?)
}

pub fn by_ids(conn: &mut Conn, ids: &[Id<MessageFilter>]) -> Result<Vec<MessageFilter>, Failure> {
    let rows = message_filters::table.filter(message_filters::id.eq_any(ids));
    Ok(rows.select(MessageFilter::as_select()).load(conn)?)
}

/// Has nobody else make one until the transaction ends. Who sends messages does not wait.
pub fn lock_all(tx: &mut Tx<'_>) -> Result<(), Failure> {
    sql_query("LOCK TABLE message_filters IN SHARE ROW EXCLUSIVE MODE").execute(tx.conn())?;
    Ok(())
}

pub fn count(conn: &mut Conn) -> Result<i64, Failure> {
    Ok(message_filters::table.count().get_result(conn)?)
}

#[derive(Insertable)]
#[diesel(table_name = message_filters)]
pub struct NewMessageFilter<'a> {
    pub id: Id<MessageFilter>,
    pub kind: FilterKind,
    pub pattern: &'a str,
    pub folded: &'a str,
    pub created_at: Time,
    pub action: FilterAction,
}

/// False if there is one that looks for the same.
pub fn insert(tx: &mut Tx<'_>, row: &NewMessageFilter<'_>) -> Result<bool, Failure> {
    let insert = diesel::insert_into(message_filters::table).values(row).on_conflict_do_nothing();
    Ok(insert.execute(tx.conn())? == 1)
}

/// False if there is none.
pub fn delete(tx: &mut Tx<'_>, id: Id<MessageFilter>) -> Result<bool, Failure> {
    Ok(diesel::delete(message_filters::table.find(id)).execute(tx.conn())? == 1)
}
