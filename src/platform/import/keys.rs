//! Which things of another system are here already.

use std::collections::{BTreeMap, BTreeSet};

use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl, sql_query};
use uuid::Uuid;

use crate::{
    kernel::error::Failure,
    platform::db::{Conn, Tx},
    schema::import_keys,
};

/// What a key of the other system stands for here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim {
    /// It was here.
    Known(Uuid),
    /// It is new: the transaction makes a thing with this id.
    New(Uuid),
}

impl Claim {
    pub const fn id(self) -> Uuid {
        match self {
            Self::Known(id) | Self::New(id) => id,
        }
    }
}

/// Begins a batch: until this transaction ends, other imports of the same source wait, and statements are planned for all that
/// they are given. A plan from when there was little would compare each row with everything in a batch.
///
/// # Errors
/// If the database fails.
pub fn begin(tx: &mut Tx<'_>, source: &str) -> Result<(), Failure> {
    tx.lock_name(&format!("import {source}"))?;
    sql_query("SELECT set_config('plan_cache_mode', 'force_custom_plan', true)").execute(tx.conn())?;
    Ok(())
}

/// What keys stand for; those that are new are left out.
///
/// # Errors
/// If the database fails.
pub fn find(conn: &mut Conn, source: &str, kind: &str, keys: &BTreeSet<&str>) -> Result<Vec<(String, Uuid)>, Failure> {
    Ok(import_keys::table
        .filter(import_keys::source.eq(source))
        .filter(import_keys::kind.eq(kind))
        .filter(import_keys::key.eq_any(keys.iter().copied().collect::<Vec<_>>()))
        .select((import_keys::key, import_keys::target_id))
        .load(conn)?)
}

/// What things here are called in a source: of several keys of one thing the first.
///
/// # Errors
/// If the database fails.
pub fn names(conn: &mut Conn, source: &str, kind: &str, targets: &[Uuid]) -> Result<BTreeMap<Uuid, String>, Failure> {
    let rows: Vec<(Uuid, String)> = import_keys::table
        .filter(import_keys::source.eq(source))
        .filter(import_keys::kind.eq(kind))
        .filter(import_keys::target_id.eq_any(targets))
        .order(import_keys::key.desc())
        .select((import_keys::target_id, import_keys::key))
        .load(conn)?;
    Ok(rows.into_iter().collect())
}

/// What keys stand for; those that are new get an id. The caller has begun a batch.
///
/// # Errors
/// If the database fails.
pub fn claim<'a>(
    tx: &mut Tx<'_>,
    source: &str,
    kind: &str,
    keys: impl IntoIterator<Item = &'a str>,
) -> Result<BTreeMap<String, Claim>, Failure> {
    let mut missing: BTreeSet<&str> = keys.into_iter().collect();
    let known = find(tx.conn(), source, kind, &missing)?;
    for (key, _) in &known {
        missing.remove(key.as_str());
    }
    let new: Vec<(&str, Uuid)> = missing.into_iter().map(|key| (key, tx.new_uuid())).collect();
    bind(tx, source, kind, &new)?;
    let known = known.into_iter().map(|(key, id)| (key, Claim::Known(id)));
    Ok(known.chain(new.into_iter().map(|(key, id)| (key.to_owned(), Claim::New(id)))).collect())
}

/// Says what new keys stand for.
///
/// # Errors
/// If one of them is known.
pub fn bind(tx: &mut Tx<'_>, source: &str, kind: &str, keys: &[(&str, Uuid)]) -> Result<(), Failure> {
    let columns = |(key, target): &(&str, Uuid)| {
        (
            import_keys::source.eq(source.to_owned()),
            import_keys::kind.eq(kind.to_owned()),
            import_keys::key.eq((*key).to_owned()),
            import_keys::target_id.eq(*target),
        )
    };
    let rows: Vec<_> = keys.iter().map(columns).collect();
    diesel::insert_into(import_keys::table).values(rows).execute(tx.conn())?;
    Ok(())
}
