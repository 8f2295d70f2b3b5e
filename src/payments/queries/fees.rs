//! What providers keep, in Postgres.

use diesel::{BoolExpressionMethods, ExpressionMethods, Insertable, QueryDsl, RunQueryDsl, SelectableHelper};

use crate::{
    kernel::{error::Failure, id::Id, money::CurrencyCode},
    payments::model::{Dispute, PaymentIntent, ProviderFee},
    platform::{
        clock::Time,
        db::{Conn, Tx},
    },
    schema::provider_fees,
};

#[derive(Insertable)]
#[diesel(table_name = provider_fees)]
pub struct NewFee<'a> {
    pub id: uuid::Uuid,
    pub intent_id: Id<PaymentIntent>,
    pub dispute_id: Option<Id<Dispute>>,
    pub provider: &'a str,
    pub reference: &'a str,
    pub amount: i64,
    pub currency: CurrencyCode,
    pub created_at: Time,
}

/// Writes down what is not written down yet. Returns that.
pub fn insert(tx: &mut Tx<'_>, fees: &[NewFee<'_>]) -> Result<Vec<ProviderFee>, Failure> {
    Ok(diesel::insert_into(provider_fees::table)
        .values(fees)
        .on_conflict_do_nothing()
        .returning(ProviderFee::as_returning())
        .get_results(tx.conn())?)
}

/// What is kept of some payments themselves.
pub fn of_payments(conn: &mut Conn, intents: &[Id<PaymentIntent>]) -> Result<Vec<ProviderFee>, Failure> {
    let of_payments = provider_fees::intent_id.eq_any(intents).and(provider_fees::dispute_id.is_null());
    Ok(provider_fees::table.filter(of_payments).select(ProviderFee::as_select()).load(conn)?)
}
