//! Deleting what nobody refers to: its row is doomed first, then its files go, then its row.

use crate::{
    kernel::error::Failure,
    media::{
        model::{Medium, Upload, folder},
        queries,
    },
    platform::{app::App, caller::Caller, db::Tx},
};

/// Rows of one transaction, and media whose files are deleted between two.
const BATCH: i64 = 100;
/// Batches of files in one sweep; what is left is for the next one.
const BATCHES: usize = 20;

/// Sweeps once.
///
/// # Errors
/// If the database or the storage fails; what was done before stays done.
pub async fn sweep(app: &App, caller: &Caller) -> Result<(), Failure> {
    let doom = |tx: &mut Tx<'_>| {
        let now = tx.now();
        queries::doom_unreferenced(tx, now - Medium::GRACE, now, BATCH)
    };
    app.db.write_in_batches(caller, doom).await?;
    let mut after = None;
    for _ in 0..BATCHES {
        let doomed = app.db.read(move |conn| queries::doomed(conn, after, BATCH)).await?;
        let Some((last, doomed_at)) = doomed.last() else { break };
        after = Some((*doomed_at, *last));
        for (medium, _) in &doomed {
            app.storage.delete_folder(&folder(*medium)).await?;
        }
        app.db
            .write(caller, move |tx| {
                let before = tx.now() - Medium::DOOMED_KEPT;
                let over: Vec<_> = doomed.iter().filter(|(_, at)| *at <= before).map(|(medium, _)| *medium).collect();
                queries::delete_media(tx, &over)
            })
            .await?;
    }
    let forget = |tx: &mut Tx<'_>| {
        let before = tx.now() - Upload::KEPT;
        queries::delete_uploads(tx, before, BATCH)
    };
    app.db.write_in_batches(caller, forget).await
}
