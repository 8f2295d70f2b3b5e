//! What is authorised, and what is taken of it, in Postgres.

use std::collections::HashSet;

use diesel::{ExpressionMethods, Insertable, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper};
use uuid::Uuid;

use crate::{
    kernel::{error::Failure, id::Id},
    payments::model::{Capture, CaptureStatus, PaymentIntent, PaymentStatus},
    platform::{
        clock::Time,
        db::{Conn, Tx},
    },
    schema::{captures, payment_intents},
};

/// Locks the payment of an order that is authorised, and neither taken nor given up. There is one at the most.
pub fn lock_authorized(tx: &mut Tx<'_>, order: Uuid) -> Result<Option<PaymentIntent>, Failure> {
    Ok(payment_intents::table
        .filter(payment_intents::order_id.eq(order))
        .filter(payment_intents::status.eq(PaymentStatus::RequiresCapture))
        .order(payment_intents::id)
        .select(PaymentIntent::as_select())
        .for_update()
        .first(tx.conn())
        .optional()?)
}

/// What is authorised for an order.
pub fn authorized_for(conn: &mut Conn, order: Uuid) -> Result<i64, Failure> {
    let authorized = payment_intents::table
        .filter(payment_intents::order_id.eq(order))
        .filter(payment_intents::status.eq(PaymentStatus::RequiresCapture))
        .select(payment_intents::amount);
    Ok(authorized.load::<i64>(conn)?.iter().sum())
}

#[derive(Insertable)]
#[diesel(table_name = captures)]
pub struct NewCapture {
    pub id: Id<Capture>,
    pub intent_id: Id<PaymentIntent>,
    pub amount: i64,
    pub status: CaptureStatus,
    pub created_at: Time,
    pub updated_at: Time,
}

pub fn insert(tx: &mut Tx<'_>, capture: &NewCapture) -> Result<Capture, Failure> {
    Ok(diesel::insert_into(captures::table).values(capture).returning(Capture::as_returning()).get_result(tx.conn())?)
}

pub fn by_id(conn: &mut Conn, id: Id<Capture>) -> Result<Option<Capture>, Failure> {
    Ok(captures::table.find(id).select(Capture::as_select()).first(conn).optional()?)
}

/// What is decided about a payment, if that is decided.
pub fn of_intent(conn: &mut Conn, intent: Id<PaymentIntent>) -> Result<Option<Capture>, Failure> {
    let row = captures::table.filter(captures::intent_id.eq(intent));
    Ok(row.select(Capture::as_select()).first(conn).optional()?)
}

/// What is decided about some payments.
pub fn of_intents(conn: &mut Conn, intents: &[Id<PaymentIntent>]) -> Result<Vec<Capture>, Failure> {
    Ok(captures::table.filter(captures::intent_id.eq_any(intents)).select(Capture::as_select()).load(conn)?)
}

/// Those of some payments about which something was decided since a time that is not done.
pub fn under_way(conn: &mut Conn, intents: &[Uuid], since: Time) -> Result<HashSet<Uuid>, Failure> {
    let open = captures::table
        .filter(captures::intent_id.eq_any(intents))
        .filter(captures::status.eq(CaptureStatus::Processing))
        .filter(captures::created_at.gt(since))
        .select(captures::intent_id);
    Ok(open.load::<Uuid>(conn)?.into_iter().collect())
}

/// How much is being taken of what is authorised by some payments.
pub fn being_taken(conn: &mut Conn, intents: &[Id<PaymentIntent>]) -> Result<Vec<(Id<PaymentIntent>, i64)>, Failure> {
    let open = captures::table
        .filter(captures::intent_id.eq_any(intents))
        .filter(captures::status.eq(CaptureStatus::Processing))
        .select((captures::intent_id, captures::amount));
    Ok(open.load(conn)?)
}

/// Notes what became of what was decided.
pub fn set_status(tx: &mut Tx<'_>, id: Id<Capture>, status: CaptureStatus) -> Result<(), Failure> {
    let now = tx.now();
    diesel::update(captures::table.find(id))
        .set((captures::status.eq(status), captures::updated_at.eq(now)))
        .execute(tx.conn())?;
    Ok(())
}

/// Begins one again that was refused, and may be done yet; none if that attempt is over.
pub fn begin_again(tx: &mut Tx<'_>, (id, attempt): (Id<Capture>, i32)) -> Result<Option<Capture>, Failure> {
    let now = tx.now();
    let row = captures::table.find(id).filter(captures::attempt.eq(attempt));
    Ok(diesel::update(row.filter(captures::status.eq(CaptureStatus::Processing)))
        .set((captures::attempt.eq(captures::attempt + 1), captures::updated_at.eq(now)))
        .returning(Capture::as_returning())
        .get_result(tx.conn())
        .optional()?)
}
