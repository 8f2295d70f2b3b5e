//! Files that are no images: kept as they came, until they were read or their time is over.

use std::{
    fs::File,
    io::{Read, Seek},
};

use chrono::TimeDelta;
use futures_util::{StreamExt, stream};

use crate::{
    kernel::{error::Failure, file_type, id::Id},
    media::{
        error::{MediaError, ReceiveError},
        model::{Upload, UploadPurpose},
        queries,
    },
    platform::{
        app::App,
        caller::Caller,
        clock::Time,
        db::{Conn, Tx},
        storage::Stored,
    },
    users::model::User,
};

/// How many bytes say what a file is.
const START: u64 = 512;

/// How long a file is there at the least that somebody begins to read.
const FOR_SOME_TIME: TimeDelta = TimeDelta::hours(2);

/// Keeps the file of an upload. Of two that are sent at once the first that is whole is the upload's.
pub(super) async fn keep(app: &App, caller: &Caller, upload: &Upload, file: File) -> Result<(), ReceiveError> {
    let id = upload.id;
    let (file, content_type) =
        tokio::task::spawn_blocking(move || told_by_its_start(file)).await.map_err(Failure::internal)??;
    if !app.db.write(caller, move |tx| queries::set_attempted(tx, id)).await? {
        return Err(ReceiveError::Expired);
    }
    // It may be a thousand times as large as it was announced.
    if upload.purpose == UploadPurpose::Import && content_type == file_type::GZIP {
        return Err(ReceiveError::Compressed);
    }
    let name = app.generator.uuid(app.now());
    app.storage.put_file(&Upload::file(id, name), file).await?;
    let kept = app
        .db
        .write(caller, move |tx| {
            let (upload, now) = (queries::lock_upload(tx, id)?, tx.now());
            // One that is over is about to be swept.
            let upload = upload.filter(|upload| upload.expires_at + Upload::LIFETIME > now);
            if upload.as_ref().is_some_and(|upload| upload.file_id.is_none()) {
                queries::set_file(tx, id, name, content_type)?;
            }
            Ok::<_, Failure>(upload)
        })
        .await?;
    if kept.is_some() {
        return Ok(());
    }
    // It took too long, or its sender was erased meanwhile.
    app.storage.delete_folder(&Upload::folder(id)).await?;
    Err(ReceiveError::Expired)
}

fn told_by_its_start(mut file: File) -> std::io::Result<(File, &'static str)> {
    let mut start = Vec::new();
    (&file).take(START).read_to_end(&mut start)?;
    file.rewind()?;
    Ok((file, file_type::of(&start)))
}

/// A step: keeps the file of a person's upload for good, for what it was meant for. A file is kept for one thing.
///
/// # Errors
/// [`MediaError::NoSuchUpload`] if it is not theirs, was for something else, is kept already or was sent too long ago;
/// [`MediaError::Incomplete`] if nothing was sent.
pub fn keep_file(
    tx: &mut Tx<'_>,
    user: Id<User>,
    upload: Id<Upload>,
    purpose: UploadPurpose,
) -> Result<(), MediaError> {
    let after = tx.now() - Upload::KEPT + FOR_SOME_TIME;
    let found = queries::own_upload(tx.conn(), user, upload)?.filter(|upload| upload.purpose == purpose);
    if !found.ok_or(MediaError::NoSuchUpload)?.is_received() {
        return Err(MediaError::Incomplete);
    }
    if queries::set_kept(tx, upload, after)? { Ok(()) } else { Err(MediaError::NoSuchUpload) }
}

/// A step: nobody refers to these files any more. The sweep deletes each once it is as old as what nobody ever kept.
///
/// # Errors
/// If the database fails.
pub fn drop_files(tx: &mut Tx<'_>, uploads: &[Id<Upload>]) -> Result<(), Failure> {
    queries::set_kept_no_more(tx, uploads)
}

/// The file of an upload as it was sent; none if it is gone.
///
/// # Errors
/// If the storage fails.
pub async fn kept_file(app: &App, upload: &Upload) -> Result<Option<Stored>, Failure> {
    let Some(name) = upload.file_id else { return Ok(None) };
    Ok(app.storage.get(&Upload::file(upload.id, name)).await?)
}

/// That the file of a person's upload has come, for what it was meant for, and will be there for some time.
///
/// # Errors
/// [`MediaError::NoSuchUpload`] if it is not theirs or was for something else; [`MediaError::Incomplete`] if nothing was sent.
pub fn has_file(
    conn: &mut Conn,
    user: Id<User>,
    upload: Id<Upload>,
    purpose: UploadPurpose,
    now: Time,
) -> Result<(), MediaError> {
    let is_kept = |upload: &Upload| upload.expires_at - Upload::LIFETIME + Upload::KEPT - FOR_SOME_TIME > now;
    let upload = queries::own_upload(conn, user, upload)?.filter(|upload| upload.purpose == purpose && is_kept(upload));
    upload.ok_or(MediaError::NoSuchUpload)?.file_id.map(drop).ok_or(MediaError::Incomplete)
}

/// The file of an upload, from its beginning; none if its time is over.
///
/// # Errors
/// If the database or the storage fails.
pub async fn sent_file(app: &App, upload: Id<Upload>) -> Result<Option<File>, Failure> {
    let row = app.db.read(move |conn| queries::upload(conn, upload)).await?;
    let Some(name) = row.and_then(|row| row.file_id) else { return Ok(None) };
    Ok(app.storage.copied(&Upload::file(upload, name)).await?)
}

/// Uploads of one round, the rounds of one sweep, and uploads whose files are deleted at once.
const BATCH: i64 = 100;
const ROUNDS: usize = 20;
const AT_ONCE: usize = 8;

/// Deletes files whose time is over, and then their uploads. What cannot be deleted is tried again the next time.
pub(super) async fn sweep(app: &App, caller: &Caller) -> Result<(), Failure> {
    let mut after = None;
    for _ in 0..ROUNDS {
        let before = app.now() - Upload::KEPT;
        let over = app.db.read(move |conn| queries::files_over(conn, before, after, BATCH)).await?;
        after = over.last().copied();
        if after.is_none() {
            break;
        }
        let deleted = stream::iter(over).map(async |(_, upload)| {
            let deleted = app.storage.delete_folder(&Upload::folder(upload)).await;
            if let Err(error) = &deleted {
                tracing::error!(cause = %error, %upload, "a file cannot be deleted");
            }
            deleted.ok().map(|()| upload)
        });
        let deleted: Vec<_> = deleted.buffer_unordered(AT_ONCE).filter_map(async |deleted| deleted).collect().await;
        app.db.write(caller, move |tx: &mut Tx<'_>| queries::delete_uploads_by_ids(tx, &deleted)).await?;
    }
    Ok(())
}
