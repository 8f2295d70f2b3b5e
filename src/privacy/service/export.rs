//! Making an archive of what is kept about somebody, and giving it out.

use std::{
    fs::File,
    io::{self, Seek, Write},
};

use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use crate::{
    carts, inventory, invoices,
    kernel::{error::Failure, id::Id},
    media, messages, moderation, notifications, orders, payments,
    platform::{
        app::App,
        caller::Caller,
        clock::Time,
        crypto::good_until,
        db::Tx,
        storage::{StorageError, Stored},
    },
    porting,
    privacy::{
        error::PrivacyError,
        model::{DataExport, DataExportState, MakeExport, Notice, NoticeMail},
        queries::{self, NewDataExport},
    },
    products, promotions, recommendations, reviews, searches, shops,
    users::{
        self,
        model::{Bookmark, Chapter, SecurityEventKind, User, oneself},
    },
    wishlists,
};

/// All that is told, domain by domain.
fn chapters() -> impl Iterator<Item = &'static Chapter> {
    let domains = [
        users::service::CHAPTERS,
        media::service::CHAPTERS,
        notifications::service::CHAPTERS,
        shops::service::CHAPTERS,
        products::service::CHAPTERS,
        inventory::service::CHAPTERS,
        porting::service::CHAPTERS,
        wishlists::service::CHAPTERS,
        searches::service::CHAPTERS,
        messages::service::CHAPTERS,
        payments::service::CHAPTERS,
        promotions::service::CHAPTERS,
        carts::service::CHAPTERS,
        invoices::service::CHAPTERS,
        orders::service::CHAPTERS,
        reviews::service::CHAPTERS,
        recommendations::service::CHAPTERS,
        moderation::service::CHAPTERS,
    ];
    domains.into_iter().flatten()
}

/// Has an archive made of what is kept about the caller. While one is being made, this is it.
///
/// # Errors
/// [`PrivacyError::TooSoon`] within a day after the last one was asked for.
pub async fn request_export(app: &App, caller: &Caller) -> Result<DataExport, PrivacyError> {
    let user = oneself(caller)?;
    app.db
        .write(caller, move |tx| {
            users::service::lock_person(tx, user)?.ok_or(Failure::Unauthenticated(None))?;
            users::service::require_recent(tx)?;
            let now = tx.now();
            let last = queries::last_export(tx.conn(), user, now)?;
            if let Some(last) = last.filter(|last| last.requested_at > now - DataExport::APART) {
                return match last.state {
                    DataExportState::Preparing => Ok(last),
                    DataExportState::Ready => {
                        Err(PrivacyError::TooSoon { retry_at: last.requested_at + DataExport::APART })
                    }
                };
            }
            let export = NewDataExport {
                id: tx.new_id(),
                user_id: user,
                state: DataExportState::Preparing,
                requested_at: now,
                expires_at: now + DataExport::LIFETIME,
            };
            let export = queries::insert_export(tx, &export)?;
            users::service::note(tx, user, SecurityEventKind::DataExportRequested)?;
            tx.enqueue(&MakeExport { export: export.id })?;
            Ok(export)
        })
        .await
}

/// The archive that the caller asked for last, until its time is over.
pub async fn data_export(app: &App, caller: &Caller) -> Result<Option<DataExport>, Failure> {
    let (user, now) = (oneself(caller)?, app.now());
    app.db.read(move |conn| queries::last_export(conn, user, now)).await
}

/// Where an archive is to be had, if it is there: good for [`DataExport::URL_LIFETIME`] at the least, and the same for as long,
/// so that caches of clients stay as they are.
///
/// # Errors
/// `STEP_UP_REQUIRED`: all of a person is in it, so a session alone does not lead there.
pub async fn export_url(app: &App, caller: &Caller, export: &DataExport) -> Result<Option<String>, Failure> {
    if export.state != DataExportState::Ready {
        return Ok(None);
    }
    users::service::require_recent_proof(app, caller).await?;
    let until = good_until(app.now(), DataExport::URL_LIFETIME);
    let token = app.master.lasting_token(LINK, export.id, until);
    Ok(Some(format!("{}/exports/{until}/{token}", app.market.public_url)))
}

/// What the token of an archive's URL is for.
const LINK: &str = "download";

/// The archive that a URL names; none if it is none of ours, or its time is over.
///
/// # Errors
/// If the database or the storage fails.
pub async fn export_by_url(app: &App, until: i64, token: &str) -> Result<Option<(Time, Stored)>, Failure> {
    let now = app.now();
    let Some(id) = app.master.row_of_lasting(LINK, (until, token), now) else { return Ok(None) };
    let export = app.db.read(move |conn| queries::export(conn, id)).await?;
    let Some(export) = export.filter(|export| export.state == DataExportState::Ready && export.expires_at > now) else {
        return Ok(None);
    };
    let stored = app.storage.get(&DataExport::file(id)).await?;
    Ok(stored.map(|stored| (export.requested_at, stored)))
}

/// Makes an archive that was asked for. Made once more, it is another one in the place of the first.
///
/// # Errors
/// If the database or the storage fails.
pub async fn make_export(app: &App, caller: &Caller, id: Id<DataExport>) -> Result<(), Failure> {
    let Some(export) = app.db.read(move |conn| queries::export(conn, id)).await? else {
        // An attempt before may have put it there after its row was gone.
        return Ok(app.storage.delete_folder(&DataExport::folder(id)).await?);
    };
    if export.state != DataExportState::Preparing || export.expires_at <= app.now() {
        return Ok(());
    }
    let user = export.user_id;
    let mut archive = Archive::begin(app.storage.spool().await?);
    for chapter in chapters() {
        add_chapter(app, &mut archive, user, chapter).await?;
    }
    add_files(app, &mut archive, user).await?;
    let (file, byte_size) = archive.finish().await?;
    app.storage.put_file(&DataExport::file(id), file).await?;
    let is_wanted = app
        .db
        .write(caller, move |tx: &mut Tx<'_>| {
            let expires_at = tx.now() + DataExport::LIFETIME;
            let is_wanted = queries::set_ready(tx, id, byte_size, expires_at)?;
            if is_wanted {
                tx.enqueue(&NoticeMail { user, notice: Notice::ExportReady, day: expires_at })?;
            }
            Ok::<_, Failure>(is_wanted)
        })
        .await?;
    // They were erased meanwhile.
    if is_wanted { Ok(()) } else { Ok(app.storage.delete_folder(&DataExport::folder(id)).await?) }
}

/// A list, page by page.
async fn add_chapter(app: &App, archive: &mut Archive, user: Id<User>, chapter: &Chapter) -> Result<(), Failure> {
    archive.file(format!("{}.json", chapter.name)).await?;
    let (read, mut from, mut opening) = (chapter.read, None::<Bookmark>, "[");
    loop {
        let told = app.db.read_long(move |conn| read(conn, user, from.clone())).await?;
        let mut text = String::new();
        for row in &told.rows {
            text.push_str(opening);
            text.push_str("\n  ");
            text.push_str(&row.to_string());
            opening = ",";
        }
        archive.write(text.into_bytes()).await?;
        if told.next.is_none() {
            let end = if opening == "[" { "[]\n" } else { "\n]\n" };
            return archive.write(end.into()).await;
        }
        from = told.next;
    }
}

/// The files that somebody sent.
async fn add_files(app: &App, archive: &mut Archive, user: Id<User>) -> Result<(), Failure> {
    let mut after = None;
    loop {
        let documents = media::service::documents_of(app, user, after, 100).await?;
        let Some((last, _)) = documents.last() else { break };
        after = Some(last.id);
        for (upload, name) in &documents {
            if let Some(stored) = media::service::kept_file(app, upload).await? {
                archive.packed(name.clone()).await?;
                archive.write(stored.read().await?).await?;
            }
        }
    }
    let mut after = None;
    loop {
        let files = media::service::files_of(app, user, after, 100).await?;
        let Some((last, _)) = files.last() else { return Ok(()) };
        after = Some(last.id);
        for (medium, name) in &files {
            // One that is gone meanwhile is missing.
            if let Some(stored) = media::service::file(app, medium).await? {
                archive.packed(name.clone()).await?;
                archive.write(stored.read().await?).await?;
            }
        }
    }
}

/// A ZIP file in the making, written where waiting for the disk keeps nobody waiting.
struct Archive(Option<ZipWriter<File>>);

impl Archive {
    fn begin(file: File) -> Self {
        Self(Some(ZipWriter::new(file)))
    }

    /// Begins a file.
    async fn file(&mut self, name: String) -> Result<(), Failure> {
        self.apart(move |zip| zip.start_file(name, SimpleFileOptions::default()).map_err(io::Error::from)).await
    }

    /// Begins a file that would not become smaller.
    async fn packed(&mut self, name: String) -> Result<(), Failure> {
        let as_it_is = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
        self.apart(move |zip| zip.start_file(name, as_it_is).map_err(io::Error::from)).await
    }

    async fn write(&mut self, bytes: Vec<u8>) -> Result<(), Failure> {
        self.apart(move |zip| zip.write_all(&bytes)).await
    }

    async fn apart(
        &mut self,
        step: impl FnOnce(&mut ZipWriter<File>) -> io::Result<()> + Send + 'static,
    ) -> Result<(), Failure> {
        let mut zip = self.0.take().ok_or_else(given_up)?;
        let work = move || {
            let outcome = step(&mut zip);
            (zip, outcome)
        };
        let (zip, outcome) = tokio::task::spawn_blocking(work).await.map_err(Failure::internal)?;
        self.0 = Some(zip);
        Ok(outcome.map_err(StorageError::from)?)
    }

    /// The whole file, from its beginning, and how many bytes it has.
    async fn finish(mut self) -> Result<(File, i64), Failure> {
        let zip = self.0.take().ok_or_else(given_up)?;
        let work = move || {
            let mut file = zip.finish().map_err(io::Error::from)?;
            let byte_size = file.stream_position()?;
            file.rewind()?;
            Ok::<_, io::Error>((file, byte_size))
        };
        let finished = tokio::task::spawn_blocking(work).await.map_err(Failure::internal)?;
        let (file, byte_size) = finished.map_err(StorageError::from)?;
        Ok((file, i64::try_from(byte_size).map_err(Failure::internal)?))
    }
}

fn given_up() -> Failure {
    Failure::internal(io::Error::other("an archive went on after a step of it panicked"))
}
