//! Taking a file in.

use std::{fs::File, io::SeekFrom, pin::pin, time::Duration};

use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncSeekExt, AsyncWriteExt};

use crate::{
    kernel::{error::Failure, id::Id},
    media::{
        error::{MediaError, ReceiveError},
        model::{Medium, MediumState, Upload, UploadPurpose, checksum},
        queries::{self, NewMedium, NewUpload},
    },
    platform::{
        app::App,
        caller::Caller,
        clock::Time,
        db::Tx,
        idempotency::{Key, Retention},
        images::Prepared,
        storage::Storage,
    },
    users::{
        self,
        model::{User, signed_in},
    },
};

/// What somebody wants to send.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct CreateUpload {
    pub purpose: UploadPurpose,
    pub byte_size: i64,
}

/// The right to send a file.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Created {
    pub id: Id<Upload>,
    pub expires_at: Time,
}

/// Lets the caller send a file.
pub async fn create_upload(
    app: &App,
    caller: &Caller,
    idempotency_key: Option<&str>,
    input: CreateUpload,
) -> Result<Created, MediaError> {
    let user = signed_in(caller)?;
    let key = idempotency_key.map(|key| Key::new(&user, "createUpload", key, &input, Retention::Day)).transpose()?;
    let bytes = u64::try_from(input.byte_size).ok().filter(|bytes| *bytes > 0).ok_or(MediaError::Empty)?;
    let (maximum, quota) = (app.market.upload_bytes, app.market.upload_quota);
    if bytes > maximum {
        return Err(MediaError::TooLarge { maximum });
    }
    app.once(caller, key, move |tx| {
        if users::service::lock_person(tx, user)?.is_none() {
            return Err(Failure::Unauthenticated(None).into());
        }
        let now = tx.now();
        let announced = queries::bytes_since(tx.conn(), user, now - Upload::DAY)?;
        let is_too_much = announced.saturating_add(input.byte_size) > Upload::MAXIMUM_BYTES_A_DAY;
        if is_too_much || queries::count_open(tx.conn(), user, now)? >= Upload::MAXIMUM_OPEN {
            return Err(MediaError::TooMany);
        }
        let kept = queries::kept_in_all(tx.conn(), user, now)?;
        let to_come = queries::images_to_come(tx.conn(), user, now)?;
        let more = input.byte_size.max(Upload::LEAST_COUNTED);
        if kept.saturating_add(to_come).saturating_add(more) > quota {
            return Err(MediaError::NoRoom);
        }
        let upload = NewUpload {
            id: tx.new_id(),
            user_id: user,
            purpose: input.purpose,
            byte_size: input.byte_size,
            expires_at: now + Upload::LIFETIME,
            created_at: now,
        };
        queries::insert_upload(tx, &upload)?;
        Ok(Created { id: upload.id, expires_at: upload.expires_at })
    })
    .await
}

/// What the token of an upload's URL is for.
const PUT: &str = "put";

/// Where the file of an upload is sent.
pub fn upload_url(app: &App, id: Id<Upload>) -> String {
    format!("{}/uploads/{}", app.market.public_url, app.master.row_token(PUT, id))
}

/// The upload that a token lets a file be sent for.
///
/// # Errors
/// [`ReceiveError::NotFound`]; [`ReceiveError::Expired`] if its time is over and no file came.
pub async fn upload_by_token(app: &App, token: &str) -> Result<Upload, ReceiveError> {
    let id = app.master.row_of(PUT, token).ok_or(ReceiveError::NotFound)?;
    let upload = app.db.read(move |conn| queries::upload(conn, id)).await?.ok_or(ReceiveError::NotFound)?;
    if !upload.is_received() && upload.expires_at <= app.now() {
        return Err(ReceiveError::Expired);
    }
    Ok(upload)
}

/// Takes the file of an upload. Of two that are sent at once one is kept, and both answers are the same.
///
/// # Errors
/// [`ReceiveError`], also the one that the body ends with.
pub async fn receive(
    app: &App,
    caller: &Caller,
    upload: &Upload,
    body: impl Stream<Item = Result<Bytes, ReceiveError>>,
) -> Result<(), ReceiveError> {
    let (id, user) = (upload.id, upload.user_id);
    let file = spooled(&app.storage, upload.byte_size, body).await?;
    if upload.purpose.is_file() {
        return super::files::keep(app, caller, upload, file).await;
    }
    // One of each person's after the other, so that nobody has all places.
    let turn = app.in_making.take(user.to_string(), TURN_PATIENCE).await;
    let _turn = turn.ok_or(Failure::Unavailable)?;
    let place = app.images.place().await?;
    if !app.db.write(caller, move |tx| queries::set_attempted(tx, id)).await? {
        return Err(ReceiveError::Expired);
    }
    let (prepared, _place) = place.prepare(file).await?;
    keep(app, caller, upload, prepared?).await.map(drop)
}

/// How long a file waits for another one of the same person.
const TURN_PATIENCE: Duration = Duration::from_secs(20);

/// Writes a body of exactly so many bytes to a file without a name.
async fn spooled(
    storage: &Storage,
    byte_size: i64,
    body: impl Stream<Item = Result<Bytes, ReceiveError>>,
) -> Result<File, ReceiveError> {
    let mut body = pin!(body);
    let mut file = tokio::fs::File::from_std(storage.spool().await?);
    let mut missing = u64::try_from(byte_size).map_err(Failure::internal)?;
    while let Some(bytes) = body.next().await {
        let bytes = bytes?;
        let length = u64::try_from(bytes.len()).map_err(Failure::internal)?;
        missing = missing.checked_sub(length).ok_or(ReceiveError::TooLarge)?;
        file.write_all(&bytes).await?;
    }
    if missing > 0 {
        return Err(ReceiveError::TooSmall);
    }
    file.flush().await?;
    file.seek(SeekFrom::Start(0)).await?;
    Ok(file.into_std().await)
}

/// Takes an image in that nobody has sent, as if this person had; it does not count as theirs. Until something
/// refers to it, it is kept for a day.
///
/// # Errors
/// [`ReceiveError::Image`] if it is none.
pub async fn take_in(app: &App, caller: &Caller, owner: Id<User>, file: Vec<u8>) -> Result<Id<Medium>, ReceiveError> {
    let byte_size = i64::try_from(file.len()).map_err(Failure::internal)?;
    let file = spooled(&app.storage, byte_size, futures_util::stream::iter([Ok(file.into())])).await?;
    let place = app.images.place().await?;
    let (prepared, _place) = place.prepare(file).await?;
    let id = written(app, caller, owner, prepared?, Origin::Market).await?;
    let is_ready = app.db.write(caller, move |tx| queries::set_ready(tx, id)).await?;
    if is_ready { Ok(id) } else { Err(ReceiveError::Expired) }
}

/// Keeps the image of an upload.
async fn keep(app: &App, caller: &Caller, upload: &Upload, image: Prepared) -> Result<Id<Medium>, ReceiveError> {
    let upload_id = upload.id;
    let origin = if upload.purpose == UploadPurpose::Message { Origin::Message } else { Origin::Upload };
    let id = written(app, caller, upload.user_id, image, origin).await?;
    app.db
        .write(caller, move |tx| {
            let now = tx.now();
            let upload = queries::lock_upload(tx, upload_id)?.ok_or(ReceiveError::NotFound)?;
            if let Some(kept) = upload.media_id {
                queries::set_doomed(tx, id, now)?;
                return Ok(kept);
            }
            if !queries::set_ready(tx, id)? {
                return Err(ReceiveError::Expired);
            }
            queries::set_uploaded(tx, upload.id, id)?;
            Ok(id)
        })
        .await
}

/// Where an image comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Origin {
    Upload,
    /// It is for those who see a message.
    Message,
    /// The market has fetched it.
    Market,
}

/// Writes an image. Its row comes first, so that whatever happens, the sweep finds what was written.
async fn written(
    app: &App,
    caller: &Caller,
    user: Id<User>,
    image: Prepared,
    origin: Origin,
) -> Result<Id<Medium>, ReceiveError> {
    let medium = Medium {
        id: app.generator.id(app.now()),
        encoding: image.encoding,
        checksum: checksum(&image.bytes),
        width: i32::try_from(image.width).map_err(Failure::internal)?,
        height: i32::try_from(image.height).map_err(Failure::internal)?,
        placeholder: image.placeholder,
        is_private: origin == Origin::Message,
    };
    let id = medium.id;
    let name = medium.rendition(medium.kept()).name();
    let byte_size = i64::try_from(image.bytes.len()).map_err(Failure::internal)?;
    let quota = app.market.upload_quota;
    app.db.write(caller, move |tx| insert(tx, user, &medium, (byte_size, quota), origin)).await?;
    app.storage.put(&name, image.bytes).await?;
    Ok(id)
}

fn insert(
    tx: &mut Tx<'_>,
    owner_id: Id<User>,
    medium: &Medium,
    (byte_size, quota): (i64, i64),
    origin: Origin,
) -> Result<(), ReceiveError> {
    if users::service::lock_person(tx, owner_id)?.is_none() {
        return Err(ReceiveError::Expired);
    }
    let now = tx.now();
    // What is kept may be many times as large as what was sent.
    if origin != Origin::Market {
        let of_the_day = queries::kept_since(tx.conn(), owner_id, now - Upload::DAY)?;
        if of_the_day.saturating_add(byte_size) > Upload::MAXIMUM_BYTES_A_DAY {
            return Err(ReceiveError::TooMuch);
        }
        let in_all = queries::kept_in_all(tx.conn(), owner_id, now)?;
        if in_all.saturating_add(byte_size.max(Upload::LEAST_COUNTED)) > quota {
            return Err(ReceiveError::NoRoom);
        }
    }
    let Medium { id, encoding, checksum, width, height, placeholder, is_private } = medium;
    let row = NewMedium {
        id: *id,
        owner_id,
        state: MediumState::Writing,
        encoding: *encoding,
        byte_size,
        checksum,
        width: *width,
        height: *height,
        placeholder,
        unreferenced_at: now,
        created_at: now,
        is_private: *is_private,
        is_taken_in: origin == Origin::Market,
    };
    Ok(queries::insert_medium(tx, &row)?)
}
