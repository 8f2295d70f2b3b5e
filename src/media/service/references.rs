//! Who refers to a medium, and so keeps it.

use crate::{
    kernel::{error::Failure, id::Id},
    media::{
        error::MediaError,
        model::{Medium, Tag, Upload, UploadPurpose},
        queries,
    },
    platform::db::{Conn, Tx},
    users::model::User,
};

/// What came of an upload of a person, for what it was meant for.
///
/// # Errors
/// [`MediaError::NoSuchUpload`] if it is not theirs or was for something else; [`MediaError::Incomplete`] if nothing was sent.
pub fn uploaded(
    conn: &mut Conn,
    user: Id<User>,
    upload: Id<Upload>,
    purpose: UploadPurpose,
) -> Result<Id<Medium>, MediaError> {
    let upload = queries::own_upload(conn, user, upload)?.filter(|upload| upload.purpose == purpose);
    upload.ok_or(MediaError::NoSuchUpload)?.media_id.ok_or(MediaError::Incomplete)
}

/// A step: the medium that is shown at a URL of ours, of which this is what comes after `/images/`.
///
/// # Errors
/// If the database fails.
pub fn shown_at(conn: &mut Conn, path: &str) -> Result<Option<Id<Medium>>, Failure> {
    let mut parts = path.split('/');
    let (Some(Ok(id)), Some(Ok(tag))) = (parts.next().map(str::parse), parts.next().map(str::parse::<Tag>)) else {
        return Ok(None);
    };
    Ok(queries::by_ids(conn, &[id])?.into_iter().find(|medium| medium.tag() == tag).map(|medium| medium.id))
}

/// A step: one more row refers to a medium. It has a foreign key to it.
///
/// # Errors
/// [`MediaError::NoSuchUpload`] if the medium was given up before.
pub fn attach(tx: &mut Tx<'_>, medium: Id<Medium>) -> Result<(), MediaError> {
    if queries::set_referred(tx, medium)? { Ok(()) } else { Err(MediaError::NoSuchUpload) }
}

/// A step: a row that referred to a medium does not any more. Once nobody does, it is kept for another day.
///
/// # Errors
/// If the database fails.
pub fn release(tx: &mut Tx<'_>, medium: Id<Medium>) -> Result<(), Failure> {
    let now = tx.now();
    if !queries::set_released(tx, medium, now)? {
        // Whoever referred to it wants to be rid of it: that comes about, and the count is mended nowhere else.
        tracing::error!(%medium, "a medium was released that nobody referred to");
    }
    Ok(())
}
