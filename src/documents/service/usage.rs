//! Writing down how documents and fields are used, and reading it.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    sync::Arc,
};

use crate::{
    documents::{
        model::{
            Batch, DocumentHash, DocumentWithUsage, FieldClientUsage, MAXIMUM_CLIENTS, MAXIMUM_NAME, MAXIMUM_PERSISTED,
            RETENTION, add_counts, other,
        },
        queries::{self, DocumentRow, FieldRow, Newest},
    },
    kernel::{
        error::Failure,
        page::{Page, Slice},
    },
    platform::{
        app::App,
        caller::{Caller, Client},
        db::Tx,
    },
};

/// Adds what one process counted. Several processes add up.
///
/// # Errors
/// If the database fails.
pub async fn record(app: &App, batch: Arc<Batch>) -> Result<(), Failure> {
    app.db
        .write(&Caller::system(), move |tx| {
            // One process at a time: the bounds hold, and nobody waits for rows in another order.
            queries::lock_state(tx)?;
            let clients = clients(tx, &batch)?;
            let documents = documents(tx, &batch)?;
            queries::add_document_usage(tx, &document_rows(tx, &batch, &documents, &clients))?;
            queries::add_field_usage(tx, &field_rows(tx, &batch, &clients))
        })
        .await
}

/// The numbers of all clients of a batch. Those for whom there is no room have the number of [`other`].
fn clients(tx: &mut Tx<'_>, batch: &Batch) -> Result<HashMap<Client, i32>, Failure> {
    let of_documents = batch.documents.iter().map(|used| &used.client);
    let wanted: BTreeSet<&Client> = of_documents.chain(batch.fields.keys().map(|(_, client)| client)).collect();
    let mut known: HashMap<Client, i32> = queries::clients(tx.conn())?.into_iter().collect();
    let mut missing: Vec<Client> =
        wanted.iter().copied().filter(|client| !known.contains_key(client)).cloned().collect();
    let room = MAXIMUM_CLIENTS.saturating_sub(known.len());
    if missing.len() > room {
        missing.truncate(room);
        missing.push(other());
    }
    if !missing.is_empty() {
        queries::insert_clients(tx, &missing)?;
        known = queries::clients(tx.conn())?.into_iter().collect();
    }
    let other = known.get(&other()).copied();
    let number = |client: &Client| known.get(client).copied().or(other);
    Ok(wanted.into_iter().filter_map(|client| Some((client.clone(), number(client)?))).collect())
}

/// Those documents of a batch whose use is written down: the trusted ones, and the persisted ones as far as there is room.
fn documents(tx: &mut Tx<'_>, batch: &Batch) -> Result<HashSet<DocumentHash>, Failure> {
    let all: BTreeSet<DocumentHash> = batch.documents.iter().map(|used| used.hash).collect();
    let all: Vec<_> = all.into_iter().collect();
    let mut written: HashSet<_> = queries::known(tx.conn(), &all)?.into_iter().collect();
    let persisted = batch.documents.iter().filter(|used| used.is_persisted && !written.contains(&used.hash));
    let persisted: BTreeMap<_, _> = persisted.map(|used| (used.hash, used.operations.clone())).collect();
    if !persisted.is_empty() {
        let room = MAXIMUM_PERSISTED - queries::count_untrusted(tx.conn())?;
        let new: Vec<_> = persisted.into_iter().take(usize::try_from(room).unwrap_or(0)).collect();
        queries::insert_seen(tx, &new)?;
        written.extend(new.into_iter().map(|(hash, _)| hash));
    }
    Ok(written)
}

fn document_rows(
    tx: &Tx<'_>,
    batch: &Batch,
    documents: &HashSet<DocumentHash>,
    clients: &HashMap<Client, i32>,
) -> Vec<DocumentRow> {
    let now = tx.now();
    let mut rows: BTreeMap<(DocumentHash, &str, i32), DocumentRow> = BTreeMap::new();
    for used in batch.documents.iter().filter(|used| documents.contains(&used.hash)) {
        let Some(&client_id) = clients.get(&used.client) else { continue };
        let operation = used.operation.get(..MAXIMUM_NAME).unwrap_or(&used.operation);
        let row = rows.entry((used.hash, operation, client_id)).or_insert_with(|| DocumentRow {
            hash: used.hash,
            operation: operation.to_owned(),
            client_id,
            calls: 0,
            errors: 0,
            cost: 0,
            latencies: Vec::new(),
            first_used_at: now,
            last_used_at: now,
        });
        row.calls = row.calls.saturating_add(used.tally.calls);
        row.errors = row.errors.saturating_add(used.tally.errors);
        row.cost = row.cost.saturating_add(used.tally.cost);
        add_counts(&mut row.latencies, &used.tally.latencies.counts());
    }
    rows.into_values().collect()
}

fn field_rows(tx: &Tx<'_>, batch: &Batch, clients: &HashMap<Client, i32>) -> Vec<FieldRow> {
    let now = tx.now();
    let mut rows: BTreeMap<(&str, i32), i64> = BTreeMap::new();
    for ((field, client), calls) in &batch.fields {
        if let Some(&client_id) = clients.get(client) {
            *rows.entry((field, client_id)).or_default() += calls;
        }
    }
    let row = |((field, client_id), calls): ((&str, i32), i64)| FieldRow {
        field: field.to_owned(),
        client_id,
        calls,
        first_used_at: now,
        last_used_at: now,
    };
    rows.into_iter().map(row).collect()
}

/// A page of the documents, newest first, with their use.
///
/// # Errors
/// If the database fails.
pub async fn list(
    app: &App,
    page: Page<Newest>,
    is_trusted: Option<bool>,
) -> Result<Slice<DocumentWithUsage>, Failure> {
    app.db
        .read_long(move |conn| {
            let Slice { items, has_next, has_previous } = queries::newest(conn, &page, is_trusted)?;
            let hashes: Vec<_> = items.iter().map(|document| document.hash).collect();
            let mut usage: HashMap<_, Vec<_>> = HashMap::new();
            for used in queries::by_documents(conn, &hashes)? {
                usage.entry(used.hash).or_default().push(used);
            }
            let items = items.into_iter().map(|document| DocumentWithUsage {
                usage: usage.remove(&document.hash).unwrap_or_default(),
                document,
            });
            Ok(Slice { items: items.collect(), has_next, has_previous })
        })
        .await
}

/// How many documents there are, counted up to `limit`.
///
/// # Errors
/// If the database fails.
pub async fn count(app: &App, is_trusted: Option<bool>, limit: i64) -> Result<i64, Failure> {
    app.db.read_long(move |conn| queries::count(conn, is_trusted, limit)).await
}

/// The use of these fields (`Type.field`) by each client, the last one first.
///
/// # Errors
/// If the database fails.
pub async fn field_usage(app: &App, fields: Vec<String>) -> Result<Vec<FieldClientUsage>, Failure> {
    app.db.read_long(move |conn| queries::by_fields(conn, &fields)).await
}

/// Rows of a kind that are forgotten in one transaction.
const FORGET_BATCH: i64 = 5_000;

/// Forgets what has not been used for [`RETENTION`].
///
/// # Errors
/// If the database fails.
pub async fn forget_unused(app: &App) -> Result<(), Failure> {
    let since = app.now() - RETENTION;
    let forget = move |tx: &mut Tx<'_>| {
        queries::lock_state(tx)?;
        queries::delete_unused(tx, since, FORGET_BATCH)
    };
    app.db.write_in_batches(&Caller::system(), forget).await
}
