//! Refunds in Postgres.

use std::collections::HashMap;

use diesel::{
    BoolExpressionMethods, ExpressionMethods, Insertable, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper,
    dsl::sql,
    sql_query,
    sql_types::{Array, BigInt, Bool, Integer, Nullable, Text, Uuid as SqlUuid},
};
use uuid::Uuid;

use crate::{
    kernel::{error::Failure, id::Id, money::CurrencyCode},
    payments::model::{PaymentIntent, PaymentStatus, Refund, RefundStatus},
    platform::{
        clock::Time,
        db::{Conn, Tx},
    },
    schema::{payment_intents, refunds},
};

/// Locks the payments of an order of which something is left to give back, the newest first.
pub fn lock_refundable(tx: &mut Tx<'_>, order: Uuid) -> Result<Vec<PaymentIntent>, Failure> {
    Ok(payment_intents::table
        .filter(payment_intents::order_id.eq(order))
        .filter(payment_intents::status.eq(PaymentStatus::Succeeded))
        .filter(sql::<Bool>("refunded + disputed < coalesce(captured, amount)"))
        .order((payment_intents::created_at.desc(), payment_intents::id.desc()))
        .select(PaymentIntent::as_select())
        .for_no_key_update()
        .load(tx.conn())?)
}

/// Notes that more of locked payments goes back.
pub fn add_refunded(tx: &mut Tx<'_>, shares: &[(Id<PaymentIntent>, i64)]) -> Result<(), Failure> {
    let (intents, amounts): (Vec<Id<PaymentIntent>>, Vec<i64>) = shares.iter().copied().unzip();
    sql_query(
        "UPDATE payment_intents SET refunded = refunded + back.more FROM unnest($1, $2) AS back (intent_id, more) \
          WHERE payment_intents.id = back.intent_id",
    )
    .bind::<Array<SqlUuid>, _>(intents)
    .bind::<Array<BigInt>, _>(amounts)
    .execute(tx.conn())?;
    Ok(())
}

#[derive(Insertable)]
#[diesel(table_name = refunds)]
pub struct NewRefund<'a> {
    pub id: Id<Refund>,
    pub intent_id: Id<PaymentIntent>,
    pub order_id: Uuid,
    pub part_id: Option<Uuid>,
    pub amount: i64,
    pub currency: CurrencyCode,
    pub status: RefundStatus,
    pub reason: Option<&'a str>,
    pub created_at: Time,
    pub updated_at: Time,
}

pub fn insert(tx: &mut Tx<'_>, rows: &[NewRefund<'_>]) -> Result<Vec<Refund>, Failure> {
    Ok(diesel::insert_into(refunds::table).values(rows).returning(Refund::as_returning()).get_results(tx.conn())?)
}

pub fn by_id(conn: &mut Conn, id: Id<Refund>) -> Result<Option<Refund>, Failure> {
    Ok(refunds::table.find(id).select(Refund::as_select()).first(conn).optional()?)
}

/// How many times something of a part was given back for a reason: what its buyer removed themself has none.
pub fn count_of_part(conn: &mut Conn, part: Uuid) -> Result<i64, Failure> {
    let reasoned = refunds::table.filter(refunds::part_id.eq(part)).filter(refunds::reason.is_not_null());
    Ok(reasoned.count().get_result(conn)?)
}

/// What of an order's money is on its way back, and is still with the provider.
pub fn pending(conn: &mut Conn, order: Uuid) -> Result<i64, Failure> {
    let open = refunds::table
        .filter(refunds::order_id.eq(order))
        .filter(refunds::status.ne(RefundStatus::Succeeded))
        .select(refunds::amount);
    Ok(open.load::<i64>(conn)?.iter().sum())
}

/// What goes back of a payment, in minor units.
#[derive(Debug, Clone, Copy, Default)]
pub struct GivenBack {
    /// What the provider has given back.
    pub succeeded: i64,
    /// What it is asked for, and may have given back.
    pub open: i64,
}

/// What goes back of some payments; nothing of those of which nothing does.
pub fn given_back(conn: &mut Conn, intents: &[Uuid]) -> Result<HashMap<Uuid, GivenBack>, Failure> {
    let rows: Vec<(Uuid, RefundStatus, i64)> = refunds::table
        .filter(refunds::intent_id.eq_any(intents))
        .select((refunds::intent_id, refunds::status, refunds::amount))
        .load(conn)?;
    let mut given = HashMap::<_, GivenBack>::new();
    for (intent, status, amount) in rows {
        let given = given.entry(intent).or_default();
        match status {
            RefundStatus::Succeeded => given.succeeded += amount,
            RefundStatus::Processing | RefundStatus::Unanswered => given.open += amount,
            RefundStatus::Failed => {}
        }
    }
    Ok(given)
}

/// What of some payments is on its way back, or was tried in vain: an amount for each refund that has not gone.
pub fn not_gone(conn: &mut Conn, intents: &[Id<PaymentIntent>]) -> Result<Vec<(Id<PaymentIntent>, i64)>, Failure> {
    let open = refunds::table
        .filter(refunds::intent_id.eq_any(intents))
        .filter(refunds::status.ne(RefundStatus::Succeeded))
        .select((refunds::intent_id, refunds::amount));
    Ok(open.load(conn)?)
}

/// Notes what became of an attempt to give money back; none if that attempt is over.
pub fn set_progress(
    tx: &mut Tx<'_>,
    (id, attempt): (Id<Refund>, i32),
    status: RefundStatus,
    reference: Option<&str>,
) -> Result<Option<Refund>, Failure> {
    let is_open = refunds::status.eq_any([RefundStatus::Processing, RefundStatus::Unanswered]);
    let is_open = is_open.and(refunds::attempt.eq(attempt));
    let now = tx.now();
    Ok(diesel::update(refunds::table.find(id).filter(is_open))
        .set((
            refunds::status.eq(status),
            reference.map(|reference| refunds::reference.eq(reference)),
            refunds::updated_at.eq(now),
        ))
        .returning(Refund::as_returning())
        .get_result(tx.conn())
        .optional()?)
}

/// Notes that what was given back has come back, and as what it is booked if it is given back once more; none if that was noted before.
pub fn set_come_back(
    tx: &mut Tx<'_>,
    (id, attempt): (Id<Refund>, i32),
    booked_as: Uuid,
) -> Result<Option<Refund>, Failure> {
    let is_given = refunds::status.eq(RefundStatus::Succeeded).and(refunds::attempt.eq(attempt));
    let now = tx.now();
    Ok(diesel::update(refunds::table.find(id).filter(is_given))
        .set((refunds::status.eq(RefundStatus::Failed), refunds::booked_as.eq(booked_as), refunds::updated_at.eq(now)))
        .returning(Refund::as_returning())
        .get_result(tx.conn())
        .optional()?)
}

/// Writes down by what name the provider knows an attempt that is under way.
pub fn set_reference(tx: &mut Tx<'_>, (id, attempt): (Id<Refund>, i32), reference: &str) -> Result<(), Failure> {
    let is_open = refunds::status.eq_any([RefundStatus::Processing, RefundStatus::Unanswered]);
    let row = refunds::table.find(id).filter(is_open.and(refunds::attempt.eq(attempt)));
    diesel::update(row).set(refunds::reference.eq(reference)).execute(tx.conn())?;
    Ok(())
}

/// The refunds of a payment, the newest first.
pub fn of_intent(conn: &mut Conn, intent: Id<PaymentIntent>, limit: i64) -> Result<Vec<Refund>, Failure> {
    let rows = refunds::table.filter(refunds::intent_id.eq(intent)).order(refunds::id.desc()).limit(limit);
    Ok(rows.select(Refund::as_select()).load(conn)?)
}

/// Begins a refund again that failed, or that had no answer: that one as the same attempt. None if it is neither.
pub fn begin_again(tx: &mut Tx<'_>, id: Id<Refund>) -> Result<Option<Refund>, Failure> {
    let now = tx.now();
    let is_over = refunds::status.eq_any([RefundStatus::Failed, RefundStatus::Unanswered]);
    let more = sql::<Integer>("(status = 'FAILED')::integer");
    // Another attempt is another refund with the provider.
    let same = sql::<Nullable<Text>>("CASE WHEN status = 'FAILED' THEN NULL ELSE reference END");
    Ok(diesel::update(refunds::table.find(id).filter(is_over))
        .set((
            refunds::status.eq(RefundStatus::Processing),
            refunds::attempt.eq(refunds::attempt + more),
            refunds::reference.eq(same),
            refunds::updated_at.eq(now),
        ))
        .returning(Refund::as_returning())
        .get_result(tx.conn())
        .optional()?)
}
