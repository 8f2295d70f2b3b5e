//! Intents and the ledger in Postgres.

pub mod captures;
pub mod checks;
pub mod declines;
pub mod disputes;
pub mod events;
pub mod fees;
pub mod methods;
pub mod refunds;
pub mod test_provider;

use std::collections::HashMap;

use diesel::{
    BoolExpressionMethods, ExpressionMethods, Insertable, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper,
    sql_types::{Array, BigInt, Timestamptz, Uuid as SqlUuid},
};
use uuid::Uuid;

use super::model::{
    AccountKind, Entry, PaymentFailureReason, PaymentIntent, PaymentStatus, TransferCause, TransferKey,
};
use crate::{
    kernel::{
        error::Failure,
        id::Id,
        money::{CurrencyCode, Money},
        page::{Direction, Page, Slice},
    },
    newest_first,
    platform::{
        clock::Time,
        counted::Counted,
        db::{Conn, Tx},
    },
    schema::{accounts, payment_intents, transfers},
};

#[derive(Insertable)]
#[diesel(table_name = payment_intents)]
pub struct NewIntent<'a> {
    pub id: Id<PaymentIntent>,
    pub order_id: Uuid,
    pub amount: i64,
    pub currency: CurrencyCode,
    pub status: PaymentStatus,
    pub provider: &'a str,
    pub method: &'a str,
    pub return_url: Option<&'a str>,
    pub is_captured_later: bool,
    pub customer: Option<&'a str>,
    pub is_method_stored: bool,
    pub created_at: Time,
    pub updated_at: Time,
}

pub fn insert_intent(tx: &mut Tx<'_>, intent: &NewIntent<'_>) -> Result<PaymentIntent, Failure> {
    Ok(diesel::insert_into(payment_intents::table)
        .values(intent)
        .returning(PaymentIntent::as_returning())
        .get_result(tx.conn())?)
}

pub fn by_id(conn: &mut Conn, id: Id<PaymentIntent>) -> Result<Option<PaymentIntent>, Failure> {
    Ok(payment_intents::table.find(id).select(PaymentIntent::as_select()).first(conn).optional()?)
}

/// The order that a payment is for.
pub fn order_of(conn: &mut Conn, id: Id<PaymentIntent>) -> Result<Option<Uuid>, Failure> {
    Ok(payment_intents::table.find(id).select(payment_intents::order_id).first(conn).optional()?)
}

/// The payment that a provider knows by a name.
pub fn by_reference(conn: &mut Conn, provider: &str, reference: &str) -> Result<Option<PaymentIntent>, Failure> {
    Ok(payment_intents::table
        .filter(payment_intents::provider.eq(provider))
        .filter(payment_intents::reference.eq(reference))
        .order(payment_intents::id.desc())
        .select(PaymentIntent::as_select())
        .first(conn)
        .optional()?)
}

/// The newest payments, the newest first. Their ids sort by time.
pub fn newest(conn: &mut Conn, limit: i64) -> Result<Vec<PaymentIntent>, Failure> {
    let newest = payment_intents::table.order(payment_intents::id.desc()).limit(limit);
    Ok(newest.select(PaymentIntent::as_select()).load(conn)?)
}

/// What is booked of payments as money that came in; nothing of those of which nothing is.
pub fn booked(conn: &mut Conn, intents: &[Uuid]) -> Result<HashMap<Uuid, i64>, Failure> {
    let rows: Vec<(Uuid, i64)> = transfers::table
        .filter(transfers::cause.eq(TransferCause::Payment))
        .filter(transfers::cause_id.eq_any(intents))
        .select((transfers::cause_id, transfers::amount))
        .load(conn)?;
    let mut booked = HashMap::new();
    for (intent, amount) in rows {
        *booked.entry(intent).or_default() += amount;
    }
    Ok(booked)
}

pub fn lock_intent(tx: &mut Tx<'_>, id: Id<PaymentIntent>) -> Result<Option<PaymentIntent>, Failure> {
    let row = payment_intents::table.find(id).select(PaymentIntent::as_select()).for_update();
    Ok(row.first(tx.conn()).optional()?)
}

/// A payment that is promised, and until when.
pub type Promise = (Id<PaymentIntent>, Option<Time>);

/// A page of the payments that are promised and not taken, from the one after `after` on. By these words Postgres knows its index
/// `payment_intents_promised`.
pub fn promised(conn: &mut Conn, after: Option<Id<PaymentIntent>>, limit: i64) -> Result<Vec<Promise>, Failure> {
    Ok(payment_intents::table
        .filter(diesel::dsl::sql::<diesel::sql_types::Bool>("status = 'REQUIRES_CAPTURE'"))
        .filter(payment_intents::id.gt(after.unwrap_or(Id::from_uuid(Uuid::nil()))))
        .order(payment_intents::id)
        .select((payment_intents::id, payment_intents::authorized_until))
        .limit(limit)
        .load(conn)?)
}

/// A page of the payments that a provider is at work at and that began within a time, from the one after `after` on. Their ids sort by time. By
/// these words Postgres knows its index `payment_intents_processing`.
pub fn processing(
    conn: &mut Conn,
    (since, before): (Time, Time),
    after: Option<Id<PaymentIntent>>,
    limit: i64,
) -> Result<Vec<Id<PaymentIntent>>, Failure> {
    Ok(payment_intents::table
        .filter(diesel::dsl::sql::<diesel::sql_types::Bool>("status = 'PROCESSING'"))
        .filter(payment_intents::id.gt(after.unwrap_or(Id::from_uuid(Uuid::nil()))))
        .filter(payment_intents::created_at.ge(since))
        .filter(payment_intents::created_at.lt(before))
        .order(payment_intents::id)
        .select(payment_intents::id)
        .limit(limit)
        .load(conn)?)
}

/// Locks the intent of an order that can still bring money.
pub fn lock_live_intent(tx: &mut Tx<'_>, order: Uuid) -> Result<Option<PaymentIntent>, Failure> {
    Ok(payment_intents::table
        .filter(payment_intents::order_id.eq(order))
        .filter(diesel::dsl::sql::<diesel::sql_types::Bool>("status IN ('PROCESSING', 'REQUIRES_ACTION')"))
        .select(PaymentIntent::as_select())
        .for_update()
        .first(tx.conn())
        .optional()?)
}

/// What changes about an intent.
pub struct IntentChange<'a> {
    pub status: PaymentStatus,
    pub reference: Option<&'a str>,
    pub failure: Option<PaymentFailureReason>,
    pub next_action_url: Option<&'a str>,
    pub sealed_secret: Option<&'a [u8]>,
    pub captured: Option<i64>,
    pub authorized_until: Option<Time>,
}

impl IntentChange<'_> {
    /// A change of the status alone.
    pub const fn to(status: PaymentStatus) -> Self {
        Self {
            status,
            reference: None,
            failure: None,
            next_action_url: None,
            sealed_secret: None,
            captured: None,
            authorized_until: None,
        }
    }
}

pub fn set_progress(
    tx: &mut Tx<'_>,
    id: Id<PaymentIntent>,
    change: &IntentChange<'_>,
) -> Result<PaymentIntent, Failure> {
    let now = tx.now();
    Ok(diesel::update(payment_intents::table.find(id))
        .set((
            payment_intents::status.eq(change.status),
            change.reference.map(|reference| payment_intents::reference.eq(reference)),
            payment_intents::failure.eq(change.failure),
            payment_intents::next_action_url.eq(change.next_action_url),
            payment_intents::sealed_secret.eq(change.sealed_secret.map(<[u8]>::to_vec)),
            change.captured.map(|captured| payment_intents::captured.eq(captured)),
            change.authorized_until.map(|until| payment_intents::authorized_until.eq(until)),
            payment_intents::version.eq(payment_intents::version + 1),
            payment_intents::updated_at.eq(now),
        ))
        .returning(PaymentIntent::as_returning())
        .get_result(tx.conn())?)
}

/// Writes down by what name a provider knows an intent that is under way. False if it has another one, or is over.
pub fn bind_reference(tx: &mut Tx<'_>, id: Id<PaymentIntent>, reference: &str) -> Result<bool, Failure> {
    let is_free = payment_intents::reference.is_null().or(payment_intents::reference.eq(reference));
    let row = payment_intents::table.find(id).filter(payment_intents::status.eq(PaymentStatus::Processing));
    Ok(diesel::update(row.filter(is_free)).set(payment_intents::reference.eq(reference)).execute(tx.conn())? == 1)
}

/// Writes down why an intent fails that is about to be called off with its provider. It has not failed before that is done.
pub fn set_failure(tx: &mut Tx<'_>, id: Id<PaymentIntent>, failure: PaymentFailureReason) -> Result<(), Failure> {
    let over = [PaymentStatus::Succeeded, PaymentStatus::Failed];
    let row = payment_intents::table.find(id).filter(payment_intents::status.ne_all(over));
    diesel::update(row).set(payment_intents::failure.eq(Some(failure))).execute(tx.conn())?;
    Ok(())
}

/// Has no name of a provider's be bound to an intent any more. False if one is.
pub fn close_reference(tx: &mut Tx<'_>, id: Id<PaymentIntent>, never: &str) -> Result<bool, Failure> {
    let row = payment_intents::table.find(id).filter(payment_intents::reference.is_null());
    Ok(diesel::update(row).set(payment_intents::reference.eq(never)).execute(tx.conn())? == 1)
}

#[derive(Insertable)]
#[diesel(table_name = accounts)]
pub struct NewAccount {
    pub id: Uuid,
    pub kind: AccountKind,
    pub owner_id: Option<Uuid>,
    pub currency: CurrencyCode,
}

/// What an account is for, and whose it is.
pub type AccountKey = (AccountKind, Option<Uuid>);

/// The accounts of one currency, made where they are missing, and locked in the order of their ids, the provider's before the others, so
/// that two who move them never wait for each other in a ring.
pub fn lock_accounts(
    tx: &mut Tx<'_>,
    wanted: &[NewAccount],
    currency: CurrencyCode,
) -> Result<Vec<(Uuid, AccountKey)>, Failure> {
    diesel::insert_into(accounts::table).values(wanted).on_conflict_do_nothing().execute(tx.conn())?;
    let kinds: Vec<AccountKind> = wanted.iter().map(|account| account.kind).collect();
    let owners: Vec<Uuid> = wanted.iter().filter_map(|account| account.owner_id).collect();
    Ok(accounts::table
        .filter(accounts::currency.eq(currency))
        .filter(accounts::kind.eq_any(kinds))
        .filter(accounts::owner_id.is_null().or(accounts::owner_id.eq_any(owners)))
        .order((accounts::kind.ne(AccountKind::Provider), accounts::id))
        .select((accounts::id, (accounts::kind, accounts::owner_id)))
        // What refers to an account keeps nobody waiting.
        .for_no_key_update()
        .load(tx.conn())?)
}

#[derive(Insertable)]
#[diesel(table_name = transfers)]
pub struct NewTransfer {
    pub id: Uuid,
    pub debit_id: Uuid,
    pub credit_id: Uuid,
    pub amount: i64,
    pub currency: CurrencyCode,
    pub cause: TransferCause,
    pub cause_id: Uuid,
    pub created_at: Time,
}

pub fn insert_transfers(tx: &mut Tx<'_>, rows: &[NewTransfer]) -> Result<(), Failure> {
    diesel::insert_into(transfers::table).values(rows).execute(tx.conn())?;
    Ok(())
}

/// Moves the balances of locked accounts.
pub fn move_balances(tx: &mut Tx<'_>, accounts: &[Uuid], by: &[i64]) -> Result<(), Failure> {
    diesel::sql_query(
        "UPDATE accounts SET balance = balance + moved.by FROM unnest($1, $2) AS moved (id, by) WHERE accounts.id = moved.id",
    )
    .bind::<Array<SqlUuid>, _>(accounts)
    .bind::<Array<BigInt>, _>(by)
    .execute(tx.conn())?;
    Ok(())
}

/// What has come in for some orders.
pub fn paid_for(conn: &mut Conn, orders: &[Uuid]) -> Result<Vec<(Option<Uuid>, i64)>, Failure> {
    Ok(accounts::table
        .filter(accounts::kind.eq(AccountKind::Order))
        .filter(accounts::owner_id.eq_any(orders))
        .select((accounts::owner_id, accounts::balance))
        .load(conn)?)
}

/// The balances of somebody's accounts of a kind, by currency.
pub fn balances(conn: &mut Conn, kind: AccountKind, owner: Uuid) -> Result<Vec<(CurrencyCode, i64)>, Failure> {
    Ok(accounts::table
        .filter(accounts::kind.eq(kind))
        .filter(accounts::owner_id.eq(owner))
        .order(accounts::currency)
        .select((accounts::currency, accounts::balance))
        .load(conn)?)
}

/// The balance of somebody's account in a currency, which nobody else moves until this transaction ends.
pub fn lock_balance(
    tx: &mut Tx<'_>,
    (kind, owner): (AccountKind, Uuid),
    currency: CurrencyCode,
) -> Result<Option<i64>, Failure> {
    let own = accounts::table.filter(accounts::kind.eq(kind)).filter(accounts::owner_id.eq(owner));
    let own = own.filter(accounts::currency.eq(currency)).select(accounts::balance);
    Ok(own.for_no_key_update().first(tx.conn()).optional()?)
}

/// The account of somebody in a currency, if it was ever needed.
pub fn account(
    conn: &mut Conn,
    (kind, owner): (AccountKind, Uuid),
    currency: CurrencyCode,
) -> Result<Option<Uuid>, Failure> {
    Ok(accounts::table
        .filter(accounts::kind.eq(kind))
        .filter(accounts::owner_id.eq(owner))
        .filter(accounts::currency.eq(currency))
        .select(accounts::id)
        .first(conn)
        .optional()?)
}

/// A row of [`transfers`], without its accounts.
type TransferRow = (Uuid, i64, CurrencyCode, TransferCause, Uuid, Time);

fn entry((id, amount, currency, cause, cause_id, created_at): TransferRow, sign: i64) -> Entry {
    Entry { id, amount: Money::new(amount * sign, currency), cause, cause_id, created_at }
}

/// A page of what moved on an account, newest first: the newest that came in and the newest that went out, each by an index.
pub fn entries(conn: &mut Conn, account: Uuid, page: &Page<TransferKey>) -> Result<Slice<Entry>, Failure> {
    let columns = (
        transfers::id,
        transfers::amount,
        transfers::currency,
        transfers::cause,
        transfers::cause_id,
        transfers::created_at,
    );
    let came = transfers::table.filter(transfers::credit_id.eq(account)).select(columns).into_boxed();
    let came = newest_first!(came, page, (transfers::created_at, transfers::id): (Timestamptz, SqlUuid));
    let went = transfers::table.filter(transfers::debit_id.eq(account)).select(columns).into_boxed();
    let went = newest_first!(went, page, (transfers::created_at, transfers::id): (Timestamptz, SqlUuid));
    let mut rows: Vec<Entry> = came.load(conn)?.into_iter().map(|row: TransferRow| entry(row, 1)).collect();
    rows.extend(went.load(conn)?.into_iter().map(|row: TransferRow| entry(row, -1)));
    rows.sort_unstable_by_key(|entry| (entry.created_at, entry.id));
    if page.direction == Direction::Forward {
        rows.reverse();
    }
    Ok(page.slice(rows))
}

/// How many times money moved on an account, counted to `limit`.
pub fn count_entries(conn: &mut Conn, account: Uuid, limit: i64) -> Result<i64, Failure> {
    let moved = transfers::credit_id.eq(account).or(transfers::debit_id.eq(account));
    Ok(Counted(transfers::table.filter(moved).select(transfers::id).limit(limit)).get_result(conn)?)
}
