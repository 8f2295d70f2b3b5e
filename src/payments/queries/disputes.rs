//! Disputes in Postgres.

use diesel::{
    ExpressionMethods, Insertable, OptionalExtension, QueryDsl, QueryableByName, RunQueryDsl, SelectableHelper,
    dsl::sql,
    sql_query,
    sql_types::{BigInt, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use uuid::Uuid;

use crate::{
    kernel::{
        error::Failure,
        id::Id,
        money::CurrencyCode,
        page::{Direction, Page, Slice},
    },
    payments::model::{AccountKind, Dispute, DisputeMoney, DisputeStatus, PaymentIntent},
    platform::{
        clock::Time,
        counted::Counted,
        db::{Conn, Tx},
    },
    schema::payment_disputes,
};

#[derive(Insertable)]
#[diesel(table_name = payment_disputes)]
pub struct NewDispute<'a> {
    pub id: Id<Dispute>,
    pub intent_id: Id<PaymentIntent>,
    pub order_id: Uuid,
    pub provider: &'a str,
    pub reference: &'a str,
    pub amount: i64,
    pub currency: CurrencyCode,
    pub reason: Option<&'a str>,
    pub status: DisputeStatus,
    pub money: DisputeMoney,
    pub due_by: Option<Time>,
    pub created_at: Time,
    pub updated_at: Time,
}

pub fn insert(tx: &mut Tx<'_>, dispute: &NewDispute<'_>) -> Result<Dispute, Failure> {
    Ok(diesel::insert_into(payment_disputes::table)
        .values(dispute)
        .returning(Dispute::as_returning())
        .get_result(tx.conn())?)
}

/// The one that a provider knows by a name.
pub fn by_reference(conn: &mut Conn, provider: &str, reference: &str) -> Result<Option<Dispute>, Failure> {
    Ok(payment_disputes::table
        .filter(payment_disputes::provider.eq(provider))
        .filter(payment_disputes::reference.eq(reference))
        .select(Dispute::as_select())
        .first(conn)
        .optional()?)
}

/// What changes about a dispute.
pub struct DisputeChange {
    pub status: DisputeStatus,
    pub money: DisputeMoney,
    pub amount: i64,
    pub due_by: Option<Time>,
}

pub fn set_standing(tx: &mut Tx<'_>, id: Id<Dispute>, change: &DisputeChange) -> Result<Dispute, Failure> {
    let now = tx.now();
    Ok(diesel::update(payment_disputes::table.find(id))
        .set((
            payment_disputes::status.eq(change.status),
            payment_disputes::money.eq(change.money),
            payment_disputes::amount.eq(change.amount),
            payment_disputes::due_by.eq(change.due_by),
            payment_disputes::updated_at.eq(now),
        ))
        .returning(Dispute::as_returning())
        .get_result(tx.conn())?)
}

#[derive(QueryableByName)]
struct Reckoned {
    #[diesel(sql_type = BigInt)]
    disputed: i64,
}

/// Has a locked payment say what of it is taken back: of what has gone back before, nothing is. Returns how much it is.
pub fn reckon_disputed(tx: &mut Tx<'_>, intent: Id<PaymentIntent>) -> Result<i64, Failure> {
    let query = sql_query(
        "UPDATE payment_intents SET disputed = least(coalesce(captured, amount) - refunded, \
                (SELECT coalesce(sum(d.amount), 0)::bigint FROM payment_disputes d \
                  WHERE d.intent_id = payment_intents.id AND d.money = 'TAKEN')) \
          WHERE id = $1 RETURNING disputed",
    );
    let reckoned: Reckoned = query.bind::<SqlUuid, _>(intent).get_result(tx.conn())?;
    Ok(reckoned.disputed)
}

/// From whose account how much was taken for a dispute.
#[derive(Debug, Clone, QueryableByName)]
pub struct TakenFrom {
    #[diesel(sql_type = Text)]
    pub kind: AccountKind,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub owner_id: Option<Uuid>,
    #[diesel(sql_type = BigInt)]
    pub amount: i64,
}

/// From whom the provider's money was taken for a dispute.
pub fn taken_from(conn: &mut Conn, id: Id<Dispute>) -> Result<Vec<TakenFrom>, Failure> {
    let query = sql_query(
        "SELECT a.kind, a.owner_id, t.amount FROM transfers t \
           JOIN accounts a ON a.id = t.debit_id \
           JOIN accounts p ON p.id = t.credit_id AND p.kind = 'PROVIDER' \
          WHERE t.cause = 'DISPUTE' AND t.cause_id = $1 ORDER BY a.id",
    );
    Ok(query.bind::<SqlUuid, _>(id).load(conn)?)
}

/// The disputes of some payments, the newest first.
pub fn of_intents(conn: &mut Conn, intents: &[Id<PaymentIntent>]) -> Result<Vec<Dispute>, Failure> {
    Ok(payment_disputes::table
        .filter(payment_disputes::intent_id.eq_any(intents))
        .order(payment_disputes::id.desc())
        .select(Dispute::as_select())
        .load(conn)?)
}

pub fn by_ids(conn: &mut Conn, ids: &[Id<Dispute>]) -> Result<Vec<Dispute>, Failure> {
    Ok(payment_disputes::table.filter(payment_disputes::id.eq_any(ids)).select(Dispute::as_select()).load(conn)?)
}

/// When something has to be said to a dispute, as an index has it and [`Dispute::place`] says.
const DUE: &str = "coalesce(payment_disputes.due_by, '9999-12-31 00:00:00+00'::timestamptz)";

/// A page of the disputes that have come so far, those first that wait for an answer soonest.
pub fn list(conn: &mut Conn, status: DisputeStatus, page: &Page<(Time, Uuid)>) -> Result<Slice<Dispute>, Failure> {
    let of_status = payment_disputes::table.filter(payment_disputes::status.eq(status));
    let mut query = of_status.select(Dispute::as_select()).into_boxed();
    if let Some((due, id)) = page.from {
        let beyond = match page.direction {
            Direction::Forward => ">",
            Direction::Backward => "<",
        };
        let key = sql::<Bool>(&format!("({DUE}, payment_disputes.id) {beyond} ("));
        query = query.filter(key.bind::<Timestamptz, _>(due).sql(", ").bind::<SqlUuid, _>(id).sql(")"));
    }
    let due = || sql::<Timestamptz>(DUE);
    let query = match page.direction {
        Direction::Forward => query.order((due().asc(), payment_disputes::id.asc())),
        Direction::Backward => query.order((due().desc(), payment_disputes::id.desc())),
    };
    Ok(page.slice(query.limit(page.fetch_limit()).load(conn)?))
}

/// How many there are, counted to `limit`.
pub fn count(conn: &mut Conn, status: DisputeStatus, limit: i64) -> Result<i64, Failure> {
    let rows = payment_disputes::table.filter(payment_disputes::status.eq(status)).select(payment_disputes::id);
    Ok(Counted(rows.limit(limit)).get_result(conn)?)
}

/// Where the money is of an order's disputes that are not decided, or won before it was given again.
pub fn undecided(conn: &mut Conn, order: Uuid) -> Result<Vec<DisputeMoney>, Failure> {
    let undecided =
        payment_disputes::table.filter(payment_disputes::order_id.eq(order)).filter(sql::<Bool>(IS_WATCHED));
    Ok(undecided.select(payment_disputes::money).load(conn)?)
}

/// Of these something is still to be heard.
const IS_WATCHED: &str = "(status IN ('NEEDS_RESPONSE', 'UNDER_REVIEW') OR status = 'WON' AND money = 'TAKEN')";

/// A dispute, and the payment that it is about.
pub type DisputeOf = (Id<Dispute>, Id<PaymentIntent>);

/// Some of those of which something is still to be heard, in the order of their ids.
pub fn watched(conn: &mut Conn, after: Option<Id<Dispute>>, limit: i64) -> Result<Vec<DisputeOf>, Failure> {
    let mut watched = payment_disputes::table
        .filter(sql::<Bool>(IS_WATCHED))
        .order(payment_disputes::id)
        .limit(limit)
        .select((payment_disputes::id, payment_disputes::intent_id))
        .into_boxed();
    if let Some(after) = after {
        watched = watched.filter(payment_disputes::id.gt(after));
    }
    Ok(watched.load(conn)?)
}
