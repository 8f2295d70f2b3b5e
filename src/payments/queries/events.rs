//! What providers have told, in Postgres.

use diesel::{
    ExpressionMethods, Insertable, NullableExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl,
    SelectableHelper,
};
use uuid::Uuid;

use crate::{
    kernel::{error::Failure, id::Id},
    payments::model::{KeptEvent, PaymentIntent, ProviderEvent},
    platform::{
        clock::Time,
        db::{Conn, Tx},
    },
    schema::{payment_intents, provider_events},
};

#[derive(Insertable)]
#[diesel(table_name = provider_events)]
pub struct NewEvent<'a> {
    pub provider: &'a str,
    pub event_id: &'a str,
    pub intent_id: Option<Id<PaymentIntent>>,
    pub sealed_body: &'a [u8],
    pub received_at: Time,
}

/// Keeps an event, once however often it comes. Whether anything is to be done about it still.
pub fn receive(tx: &mut Tx<'_>, event: &NewEvent<'_>) -> Result<bool, Failure> {
    let kept = diesel::insert_into(provider_events::table).values(event).on_conflict_do_nothing().execute(tx.conn())?;
    let known = provider_events::table.find((event.provider, event.event_id));
    let open = known.filter(provider_events::processed_at.is_null());
    Ok(kept == 1 || diesel::select(diesel::dsl::exists(open)).get_result::<bool>(tx.conn())?)
}

pub fn event(conn: &mut Conn, provider: &str, id: &str) -> Result<Option<ProviderEvent>, Failure> {
    let row = provider_events::table.find((provider, id)).select(ProviderEvent::as_select());
    Ok(row.first(conn).optional()?)
}

/// Notes that one was looked into. Returns the payment that it is about; none if it is about no payment, or is forgotten.
pub fn set_processed(tx: &mut Tx<'_>, provider: &str, id: &str) -> Result<Option<Id<PaymentIntent>>, Failure> {
    let now = tx.now();
    let about: Option<Option<Id<PaymentIntent>>> = diesel::update(provider_events::table.find((provider, id)))
        .set(provider_events::processed_at.eq(now))
        .returning(provider_events::intent_id)
        .get_result(tx.conn())
        .optional()?;
    Ok(about.flatten())
}

/// The newest of those that were kept, the newest first; only those that were not looked into, if that is wanted.
pub fn newest(conn: &mut Conn, is_unprocessed: bool, limit: i64) -> Result<Vec<KeptEvent>, Failure> {
    let mut newest = provider_events::table
        .order((provider_events::received_at.desc(), provider_events::event_id))
        .limit(limit)
        .select(KeptEvent::as_select())
        .into_boxed();
    if is_unprocessed {
        newest = newest.filter(provider_events::processed_at.is_null());
    }
    Ok(newest.load(conn)?)
}

/// The provider of an event, and the payment that it is about.
pub type Reopened = (String, Option<Id<PaymentIntent>>);

/// Has those of an id, one of each provider at the most, be looked into once more. Returns of which provider they are, and about which
/// payments.
pub fn reopen(tx: &mut Tx<'_>, id: &str) -> Result<Vec<Reopened>, Failure> {
    Ok(diesel::update(provider_events::table.filter(provider_events::event_id.eq(id)))
        .set(provider_events::processed_at.eq(None::<Time>))
        .returning((provider_events::provider, provider_events::intent_id))
        .get_results(tx.conn())?)
}

/// Deletes some of those that came before a time. Returns how many.
pub fn delete_old(tx: &mut Tx<'_>, before: Time, limit: i64) -> Result<usize, Failure> {
    let old: Vec<(String, String)> = provider_events::table
        .filter(provider_events::received_at.lt(before))
        .order(provider_events::received_at)
        .limit(limit)
        .select((provider_events::provider, provider_events::event_id))
        .load(tx.conn())?;
    let (providers, ids): (Vec<String>, Vec<String>) = old.into_iter().unzip();
    let rows = provider_events::table
        .filter(provider_events::provider.eq_any(providers))
        .filter(provider_events::event_id.eq_any(ids))
        .filter(provider_events::received_at.lt(before));
    Ok(diesel::delete(rows).execute(tx.conn())?)
}

/// Deletes all that are about payments of these orders.
pub fn delete_about(tx: &mut Tx<'_>, orders: &[Uuid]) -> Result<(), Failure> {
    let payments = payment_intents::table.filter(payment_intents::order_id.eq_any(orders));
    let payments = payments.select(payment_intents::id.nullable());
    diesel::delete(provider_events::table.filter(provider_events::intent_id.eq_any(payments))).execute(tx.conn())?;
    Ok(())
}
