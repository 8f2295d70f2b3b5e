//! Deleting what nobody refers to: its row is doomed first, then its files go, then its row.

use futures_util::{StreamExt, stream};

use crate::{
    kernel::{error::Failure, id::Id},
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
/// Folders that are deleted at once.
const AT_ONCE: usize = 8;

/// Sweeps once. What cannot be deleted keeps nothing else, and is tried again in the next sweep.
///
/// # Errors
/// If the database fails, or the storage as a whole; what was done before stays done.
pub async fn sweep(app: &App, caller: &Caller) -> Result<(), Failure> {
    let forget = |tx: &mut Tx<'_>| {
        let before = tx.now() - Upload::KEPT;
        queries::delete_uploads(tx, before, BATCH)
    };
    app.db.write_in_batches(caller, forget).await?;
    super::files::sweep(app, caller).await?;
    let doom = |tx: &mut Tx<'_>| {
        let now = tx.now();
        queries::doom_unreferenced(tx, now - Medium::GRACE, now, BATCH)
    };
    app.db.write_in_batches(caller, doom).await?;
    let mut after = None;
    for _ in 0..BATCHES {
        let before = app.now() - Medium::DOOMED_KEPT;
        let doomed = app.db.read(move |conn| queries::doomed(conn, after, before, BATCH)).await?;
        let Some((last, doomed_at)) = doomed.last() else { break };
        after = Some((*doomed_at, *last));
        let found = doomed.len();
        let deleted = stream::iter(doomed).map(|(medium, doomed_at)| delete(app, medium, doomed_at <= before));
        let deleted: Vec<_> = deleted.buffer_unordered(AT_ONCE).filter_map(async |deleted| deleted).collect().await;
        // A few that are stuck are skipped; if so many are, the storage is away.
        if deleted.is_empty() && i64::try_from(found).is_ok_and(|found| found >= BATCH) {
            return Err(Failure::Unavailable);
        }
        app.db
            .write(caller, move |tx| {
                let (over, fresh): (Vec<_>, Vec<_>) = deleted.iter().copied().partition(|(_, is_over)| *is_over);
                let ids = |media: Vec<(Id<Medium>, bool)>| media.into_iter().map(|(id, _)| id).collect::<Vec<_>>();
                queries::set_files_deleted(tx, &ids(fresh))?;
                queries::delete_media(tx, &ids(over))
            })
            .await?;
    }
    Ok(())
}

/// Deletes the files of a medium; none if that cannot be done. A second time, when it is over, for what was still being
/// made at the first.
async fn delete(app: &App, medium: Id<Medium>, is_over: bool) -> Option<(Id<Medium>, bool)> {
    let deleted = app.storage.delete_folder(&folder(medium)).await;
    if let Err(error) = &deleted {
        tracing::error!(cause = %error, %medium, "files cannot be deleted");
    }
    deleted.ok().map(|()| (medium, is_over))
}
