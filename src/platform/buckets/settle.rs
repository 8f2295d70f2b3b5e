//! Settling with the database: one statement for many callers.

use diesel::{
    QueryableByName, RunQueryDsl, sql_query,
    sql_types::{Array, BigInt, Nullable, Text},
};

use super::{purse::Ask, size::Payer};
use crate::{
    kernel::error::Failure,
    platform::{
        caller::Caller,
        db::{Db, Tx},
    },
};

/// The database's own time, so that processes whose clocks differ agree; a fixed clock's, if there is one. Microseconds.
macro_rules! now {
    ($parameter:literal) => {
        concat!("COALESCE(", $parameter, ", (extract(epoch FROM statement_timestamp()) * 1000000)::bigint)")
    };
}

/// A bucket that is not there is full. The inserted row carries all that was asked, so that a row in its place can be
/// moved by it: `full_at - lent - now` is what is taken in any case, and `lent` what is wanted beside it, as far as a
/// full bucket has it. Nothing given back makes a bucket more than full.
const SETTLE: &str = concat!(
    "INSERT INTO cost_buckets AS bucket (key, full_at, fills_in, lent) ",
    "SELECT key, now + taken + lent, fills_in, lent ",
    "FROM (SELECT *, greatest(0, least(wanted, fills_in - greatest(taken, 0))) AS lent, ",
    now!("$5"),
    " AS now ",
    "FROM unnest($1, $2, $3, $4) AS asked (key, taken, wanted, fills_in)) AS asked ",
    "ON CONFLICT (key) DO UPDATE SET (full_at, fills_in, lent) = ",
    "(SELECT taken + lent, excluded.fills_in, lent ",
    "FROM (SELECT ",
    now!("$5"),
    " AS now) AS clock, ",
    "LATERAL (SELECT greatest(now, greatest(bucket.full_at, now) + (excluded.full_at - excluded.lent - now)) AS taken) AS a, ",
    "LATERAL (SELECT greatest(0, least(excluded.lent, now + excluded.fills_in - taken)) AS lent) AS b) ",
    "RETURNING key, lent, full_at - ",
    now!("$5"),
    " AS lacks",
);

/// What the database says to an ask.
#[derive(Debug, QueryableByName)]
pub(super) struct Answer {
    #[diesel(sql_type = Text)]
    pub key: String,
    #[diesel(sql_type = BigInt)]
    pub lent: i64,
    /// How long the bucket takes until it is full.
    #[diesel(sql_type = BigInt)]
    pub lacks: i64,
}

/// Settles for many payers, of whom no two are the same; each with the time in which their bucket fills up. The order of
/// the payers is that in which rows are locked, the same in every process.
pub(super) async fn settle(db: &Db, asks: &[(Payer, i64, Ask)]) -> Result<Vec<Answer>, Failure> {
    let keys: Vec<String> = asks.iter().map(|(payer, ..)| payer.to_string()).collect();
    let taken: Vec<i64> = asks.iter().map(|(.., ask)| ask.taken()).collect();
    let wanted: Vec<i64> = asks.iter().map(|(.., ask)| ask.wanted).collect();
    let fills_in: Vec<i64> = asks.iter().map(|(_, fills_in, _)| *fills_in).collect();
    db.write(&Caller::system(), move |tx| {
        let now = fixed_now(tx);
        let settled = sql_query(SETTLE)
            .bind::<Array<Text>, _>(&keys)
            .bind::<Array<BigInt>, _>(&taken)
            .bind::<Array<BigInt>, _>(&wanted)
            .bind::<Array<BigInt>, _>(&fills_in)
            .bind::<Nullable<BigInt>, _>(now)
            .load(tx.conn())?;
        Ok(settled)
    })
    .await
}

/// Forgets buckets that are full, a bounded number at once. Returns how many.
///
/// # Errors
/// If the database fails.
pub fn forget_full(tx: &mut Tx<'_>, limit: i64) -> Result<usize, Failure> {
    let now = fixed_now(tx);
    Ok(sql_query(concat!(
        "DELETE FROM cost_buckets WHERE key = ANY (ARRAY(SELECT key FROM cost_buckets WHERE full_at < ",
        now!("$1"),
        " LIMIT $2 FOR UPDATE SKIP LOCKED))",
    ))
    .bind::<Nullable<BigInt>, _>(now)
    .bind::<BigInt, _>(limit)
    .execute(tx.conn())?)
}

/// What [`now!`] is given.
fn fixed_now(tx: &Tx<'_>) -> Option<i64> {
    tx.fixed_now().map(|now| now.timestamp_micros())
}
