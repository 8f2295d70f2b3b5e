//! What the test provider remembers, in Postgres.

use diesel::{ExpressionMethods, Insertable, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper};
use uuid::Uuid;

use crate::{
    kernel::{error::Failure, money::CurrencyCode},
    payments::model::{Act, ActKind, ActOutcome, DisputeMoney, DisputeStatus},
    platform::{
        clock::Time,
        db::{Conn, Tx},
    },
    schema::test_provider_acts,
};

#[derive(Insertable)]
#[diesel(table_name = test_provider_acts)]
pub struct NewAct<'a> {
    pub key: &'a str,
    pub kind: ActKind,
    pub payment: Option<Uuid>,
    pub destination: Option<&'a str>,
    pub amount: i64,
    pub currency: CurrencyCode,
    pub outcome: ActOutcome,
    pub dispute_status: Option<DisputeStatus>,
    pub dispute_money: Option<DisputeMoney>,
    pub created_at: Time,
    pub fee: Option<i64>,
}

/// Writes an act down, unless one was under its key. Returns the one that is there then.
pub fn once(tx: &mut Tx<'_>, act: &NewAct<'_>) -> Result<Act, Failure> {
    diesel::insert_into(test_provider_acts::table).values(act).on_conflict_do_nothing().execute(tx.conn())?;
    Ok(test_provider_acts::table.find(act.key).select(Act::as_select()).first(tx.conn())?)
}

/// Writes a dispute down as it stands now.
pub fn set_dispute(tx: &mut Tx<'_>, act: &NewAct<'_>) -> Result<(), Failure> {
    diesel::insert_into(test_provider_acts::table)
        .values(act)
        .on_conflict(test_provider_acts::key)
        .do_update()
        .set((
            test_provider_acts::dispute_status.eq(act.dispute_status),
            test_provider_acts::dispute_money.eq(act.dispute_money),
            test_provider_acts::fee.eq(act.fee),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// What was done under a key.
pub fn by_key(conn: &mut Conn, key: &str) -> Result<Option<Act>, Failure> {
    Ok(test_provider_acts::table.find(key).select(Act::as_select()).first(conn).optional()?)
}

/// All that was done about a payment, in the order of the keys.
pub fn about(conn: &mut Conn, payment: Uuid) -> Result<Vec<Act>, Failure> {
    Ok(test_provider_acts::table
        .filter(test_provider_acts::payment.eq(payment))
        .order(test_provider_acts::key)
        .select(Act::as_select())
        .load(conn)?)
}
