//! Intents and the ledger in Postgres.

use diesel::{ExpressionMethods, Insertable, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper};
use uuid::Uuid;

use super::model::{AccountKind, PaymentFailureReason, PaymentIntent, PaymentStatus, TransferCause};
use crate::{
    kernel::{error::Failure, id::Id, money::CurrencyCode},
    platform::{
        clock::Time,
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

pub fn lock_intent(tx: &mut Tx<'_>, id: Id<PaymentIntent>) -> Result<Option<PaymentIntent>, Failure> {
    let row = payment_intents::table.find(id).select(PaymentIntent::as_select()).for_update();
    Ok(row.first(tx.conn()).optional()?)
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
            payment_intents::version.eq(payment_intents::version + 1),
            payment_intents::updated_at.eq(now),
        ))
        .returning(PaymentIntent::as_returning())
        .get_result(tx.conn())?)
}

#[derive(Insertable)]
#[diesel(table_name = accounts)]
pub struct NewAccount {
    pub id: Uuid,
    pub kind: AccountKind,
    pub owner_id: Option<Uuid>,
    pub currency: CurrencyCode,
}

/// The accounts' ids, made where they are missing.
pub fn accounts_of(tx: &mut Tx<'_>, wanted: &[NewAccount]) -> Result<Vec<(Uuid, AccountKind, Option<Uuid>)>, Failure> {
    diesel::insert_into(accounts::table).values(wanted).on_conflict_do_nothing().execute(tx.conn())?;
    let mut found: Vec<(Uuid, AccountKind, Option<Uuid>)> = Vec::with_capacity(wanted.len());
    let (owned, shared): (Vec<_>, Vec<_>) = wanted.iter().partition(|account| account.owner_id.is_some());
    let columns = (accounts::id, accounts::kind, accounts::owner_id);
    let owners: Vec<Uuid> = owned.iter().filter_map(|account| account.owner_id).collect();
    let rows = accounts::table.filter(accounts::owner_id.eq_any(owners)).select(columns);
    found.extend(rows.load::<(Uuid, AccountKind, Option<Uuid>)>(tx.conn())?);
    for account in shared {
        let row = accounts::table
            .filter(accounts::owner_id.is_null())
            .filter(accounts::kind.eq(account.kind))
            .filter(accounts::currency.eq(account.currency))
            .select(columns)
            .first(tx.conn())?;
        found.push(row);
    }
    Ok(found)
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

/// Moves balances. The rows come in id order, so that two of these never wait for each other in a ring.
pub fn move_balances(tx: &mut Tx<'_>, moves: &[(Uuid, i64)]) -> Result<(), Failure> {
    for (account, by) in moves {
        diesel::update(accounts::table.find(account))
            .set(accounts::balance.eq(accounts::balance + by))
            .execute(tx.conn())?;
    }
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
