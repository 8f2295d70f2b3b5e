//! What is sent along with messages. A picture and a file stay as long as the message says something; cards and places are words.

use crate::{
    kernel::{error::Failure, id::Id},
    media::{
        self,
        error::MediaError,
        model::{Shape, Upload, UploadPurpose},
    },
    messages::{
        error::MessageError,
        model::{
            Conversation, Message,
            attachments::{AttachmentDraft, AttachmentFault},
        },
        queries::{
            self,
            attachments::{self, Attached},
        },
    },
    platform::{app::App, db::Tx, storage::Stored},
    users::model::User,
};

/// A step: attaches to a message that its author has just sent in a conversation. Pictures are counted in the order of their ids, for whoever else
/// refers to them.
///
/// # Errors
/// If something may not be attached there; then the caller rolls back.
pub(super) fn attach(
    tx: &mut Tx<'_>,
    author: Id<User>,
    conversation: &Conversation,
    message: Id<Message>,
    drafts: &[AttachmentDraft],
) -> Result<(), MessageError> {
    let mut rows = Vec::with_capacity(drafts.len());
    let mut pictures = Vec::new();
    for (index, draft) in drafts.iter().enumerate() {
        let not_there = |field: &str| AttachmentFault::NotThere { index, field: field.into() };
        rows.push(match draft {
            AttachmentDraft::Image(upload) => {
                let found = media::service::uploaded(tx.conn(), author, *upload, UploadPurpose::Message);
                let medium = found.map_err(|error| not_sent(error, index, "image.uploadId"))?;
                pictures.push((medium, index));
                Attached { medium: Some(medium), ..Attached::default() }
            }
            AttachmentDraft::File { upload, name } => {
                let kept = media::service::keep_file(tx, author, *upload, UploadPurpose::MessageFile);
                kept.map_err(|error| not_sent(error, index, "file.uploadId"))?;
                Attached { upload: Some(*upload), name: Some(name), ..Attached::default() }
            }
            AttachmentDraft::Product(product) => {
                queries::shop_of(tx.conn(), *product)?.ok_or_else(|| not_there("productId"))?;
                Attached { product: Some(*product), ..Attached::default() }
            }
            AttachmentDraft::Part(part) => {
                if !attachments::may_show_part(tx.conn(), conversation, *part)? {
                    return Err(not_there("orderPartId").into());
                }
                Attached { part: Some(*part), ..Attached::default() }
            }
            AttachmentDraft::Place(place) => {
                Attached { name: Some(&place.name), place: Some(place), ..Attached::default() }
            }
        });
    }
    pictures.sort_unstable();
    for (medium, index) in pictures {
        media::service::attach(tx, medium).map_err(|error| not_sent(error, index, "image.uploadId"))?;
    }
    Ok(attachments::insert_attachments(tx, message, &rows)?)
}

fn not_sent(error: MediaError, index: usize, field: &str) -> MessageError {
    match error {
        MediaError::Failed(failure) => failure.into(),
        MediaError::Incomplete => AttachmentFault::NotSent { index, field: field.into() }.into(),
        _ => AttachmentFault::NotThere { index, field: field.into() }.into(),
    }
}

/// A step: takes away what was sent along with locked messages.
///
/// # Errors
/// If the database fails.
pub(super) fn detach(tx: &mut Tx<'_>, messages: &[Id<Message>]) -> Result<(), Failure> {
    let gone = attachments::delete_attachments(tx, messages)?;
    let mut pictures: Vec<_> = gone.iter().filter_map(|(medium, _)| *medium).collect();
    pictures.sort_unstable();
    for picture in pictures {
        media::service::release(tx, picture)?;
    }
    let files: Vec<_> = gone.iter().filter_map(|(_, upload)| *upload).collect();
    if files.is_empty() { Ok(()) } else { media::service::drop_files(tx, &files) }
}

/// A step: takes away what somebody ever sent along. Of a message that held nothing else a tombstone is left.
///
/// # Errors
/// If the database fails.
pub(super) fn detach_all_of(tx: &mut Tx<'_>, author: Id<User>) -> Result<(), Failure> {
    let messages = attachments::lock_messages_with(tx, author)?;
    detach(tx, &messages)?;
    attachments::set_empty_deleted(tx, &messages)
}

/// Where a file in a message is to be had, for whoever has the URL: good for as long as those of private pictures.
pub fn file_url(app: &App, upload: Id<Upload>) -> String {
    let until = media::service::good_until(app.now());
    let token = app.master.lasting_token(LINK, upload, until);
    format!("{}/attachments/{until}/file/{token}", app.market.public_url)
}

/// What the token of a file's URL is for.
const LINK: &str = "attachment";

/// A picture in a message in one of its shapes, for whoever has its URL; none if the URL is none of ours, its time is over, or the message was
/// taken back or hidden.
///
/// # Errors
/// If the database or the storage fails, or the pool of images is too busy.
pub async fn picture_by_url(app: &App, until: i64, shape: Shape, token: &str) -> Result<Option<Stored>, Failure> {
    let Some(id) = media::service::private_at(app, until, token) else { return Ok(None) };
    if !app.db.read(move |conn| attachments::shows_picture(conn, id)).await? {
        return Ok(None);
    }
    media::service::private_rendition(app, id, shape).await
}

/// A file in a message as it was sent.
pub struct SentFile {
    pub name: String,
    pub content_type: Option<String>,
    pub stored: Stored,
}

/// The file that a URL names; none if it is none of ours, its time is over, or the message was taken back or hidden.
///
/// # Errors
/// If the database or the storage fails.
pub async fn file_by_url(app: &App, until: i64, token: &str) -> Result<Option<SentFile>, Failure> {
    let Some(id) = app.master.row_of_lasting::<Upload>(LINK, (until, token), app.now()) else { return Ok(None) };
    let Some((upload, name)) = app.db.read(move |conn| attachments::file(conn, id)).await? else { return Ok(None) };
    let stored = media::service::kept_file(app, &upload).await?;
    let name = name.unwrap_or_default();
    Ok(stored.map(|stored| SentFile { name, content_type: upload.content_type, stored }))
}
