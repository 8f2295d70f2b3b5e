//! Steps of the ledger: what moves, and what accounts hold.

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::{
    kernel::{
        error::Failure,
        money::{CurrencyCode, Money, MoneyError},
        page::{Page, Slice},
    },
    payments::{
        model::{AccountKind, Entry, TransferCause, TransferKey},
        queries::{self, AccountKey, NewAccount, NewTransfer},
    },
    platform::db::{Conn, Tx},
};

/// Money that moves from one account to another.
#[derive(Debug, Clone)]
pub struct Movement {
    pub debit: AccountKey,
    pub credit: AccountKey,
    pub amount: Money,
    pub cause: TransferCause,
    /// With the cause and the accounts, what it never moves twice for.
    pub cause_id: Uuid,
}

/// A step: writes transfers of one currency and moves the balances of their accounts. Of several in a transaction, the
/// provider's money goes first, what is owed to shops after it.
///
/// # Errors
/// If a transfer was written before, or the database fails.
pub fn transfer(tx: &mut Tx<'_>, movements: &[Movement]) -> Result<(), Failure> {
    let Some(currency) = movements.first().map(|movement| movement.amount.currency) else { return Ok(()) };
    let mut wanted: Vec<AccountKey> = movements.iter().flat_map(|movement| [movement.debit, movement.credit]).collect();
    wanted.sort_unstable_by_key(|(kind, owner)| (kind.as_str(), *owner));
    wanted.dedup();
    let rows: Vec<NewAccount> =
        wanted.iter().map(|&(kind, owner_id)| NewAccount { id: tx.new_uuid(), kind, owner_id, currency }).collect();
    let locked = queries::lock_accounts(tx, &rows, currency)?;
    let accounts: BTreeMap<(&str, Option<Uuid>), Uuid> =
        locked.into_iter().map(|(id, (kind, owner))| ((kind.as_str(), owner), id)).collect();
    let account = |(kind, owner): AccountKey| {
        accounts.get(&(kind.as_str(), owner)).copied().ok_or_else(|| Failure::internal("a ledger account is missing"))
    };
    let now = tx.now();
    let mut transfers = Vec::with_capacity(movements.len());
    let mut balances: BTreeMap<Uuid, i64> = BTreeMap::new();
    for movement in movements {
        if movement.amount.currency != currency {
            return Err(Failure::internal(MoneyError::CurrencyMismatch(currency, movement.amount.currency)));
        }
        let (debit_id, credit_id) = (account(movement.debit)?, account(movement.credit)?);
        for (id, by) in [(debit_id, -movement.amount.minor), (credit_id, movement.amount.minor)] {
            let balance = balances.entry(id).or_default();
            *balance = balance.checked_add(by).ok_or_else(|| Failure::internal(MoneyError::OutOfRange))?;
        }
        transfers.push(NewTransfer {
            id: tx.new_uuid(),
            debit_id,
            credit_id,
            amount: movement.amount.minor,
            currency,
            cause: movement.cause,
            cause_id: movement.cause_id,
            created_at: now,
        });
    }
    queries::insert_transfers(tx, &transfers)?;
    let (moved, by): (Vec<Uuid>, Vec<i64>) = balances.into_iter().unzip();
    queries::move_balances(tx, &moved, &by)
}

/// A step: what the ledger says of somebody's account of a kind in a currency, which nobody else moves until the transaction ends; none
/// if there is no such account.
///
/// # Errors
/// If the database fails.
pub fn lock_balance(
    tx: &mut Tx<'_>,
    account: (AccountKind, Uuid),
    currency: CurrencyCode,
) -> Result<Option<Money>, Failure> {
    Ok(queries::lock_balance(tx, account, currency)?.map(|balance| Money::new(balance, currency)))
}

/// What has come in for an order.
///
/// # Errors
/// If the database fails.
pub fn paid_for(conn: &mut Conn, order: Uuid, currency: CurrencyCode) -> Result<Money, Failure> {
    let balances = queries::paid_for(conn, &[order])?;
    Ok(Money::new(balances.iter().map(|(_, balance)| balance).sum(), currency))
}

/// What the ledger says of somebody's accounts of a kind, a sum per currency.
///
/// # Errors
/// If the database fails.
pub fn balances(conn: &mut Conn, kind: AccountKind, owner: Uuid) -> Result<Vec<Money>, Failure> {
    let rows = queries::balances(conn, kind, owner)?;
    Ok(rows.into_iter().map(|(currency, balance)| Money::new(balance, currency)).collect())
}

/// A page of what moved on somebody's account in a currency, newest first.
///
/// # Errors
/// If the database fails.
pub fn entries(
    conn: &mut Conn,
    (kind, owner): (AccountKind, Uuid),
    currency: CurrencyCode,
    page: &Page<TransferKey>,
) -> Result<Slice<Entry>, Failure> {
    match queries::account(conn, (kind, owner), currency)? {
        Some(account) => queries::entries(conn, account, page),
        None => Ok(page.slice(Vec::new())),
    }
}

/// How many times money moved on it, counted to `limit`.
///
/// # Errors
/// If the database fails.
pub fn count_entries(
    conn: &mut Conn,
    (kind, owner): (AccountKind, Uuid),
    currency: CurrencyCode,
    limit: i64,
) -> Result<i64, Failure> {
    match queries::account(conn, (kind, owner), currency)? {
        Some(account) => queries::count_entries(conn, account, limit),
        None => Ok(0),
    }
}
