//! The files of a person: told to them, and erased with them.

use serde_json::json;

use crate::{
    kernel::{
        error::Failure,
        id::Id,
        page::{Direction, Page},
    },
    media::{
        error::MediaError,
        model::{Medium, Upload},
        queries,
    },
    platform::{
        app::App,
        db::{Conn, Tx},
        storage::Stored,
    },
    users::model::{Bookmark, Chapter, Told, User},
};

/// The chapters of this domain.
pub const CHAPTERS: &[Chapter] = &[Chapter { name: "images", read: images }];

fn images(conn: &mut Conn, user: Id<User>, from: Option<Bookmark>) -> Result<Told, Failure> {
    let tell = |medium: Medium| {
        let (file, width, height) = (file_name(&medium), medium.width, medium.height);
        json!({"id": medium.id, "file": file, "width": width, "height": height})
    };
    Told::page(from, |page| queries::by_owner(conn, user, page), |medium| medium.id, tell)
}

/// What a file is called in an archive.
fn file_name(medium: &Medium) -> String {
    format!("images/{}.{}", medium.id, medium.encoding.extension())
}

/// The files of a person, newest first, at most `limit` of those that come after one if it is given: which it is, and what it is
/// called in an archive.
pub async fn files_of(
    app: &App,
    user: Id<User>,
    after: Option<Id<Medium>>,
    limit: i64,
) -> Result<Vec<(Medium, String)>, Failure> {
    let page = Page { limit, from: after, direction: Direction::Forward };
    let media = app.db.read(move |conn| queries::by_owner(conn, user, &page)).await?.items;
    Ok(media.into_iter().map(|medium| (medium.clone(), file_name(&medium))).collect())
}

/// The files of a person that are no images and to which somebody refers, in the order of their ids, at most `limit` of those that come
/// after one if it is given: which it is, and what it is called in an archive.
pub async fn documents_of(
    app: &App,
    user: Id<User>,
    after: Option<Id<Upload>>,
    limit: i64,
) -> Result<Vec<(Upload, String)>, Failure> {
    let uploads = app.db.read(move |conn| queries::kept_of(conn, user, after, limit)).await?;
    let named = |upload: Upload| {
        let name = format!("files/{}", upload.id);
        (upload, name)
    };
    Ok(uploads.into_iter().map(named).collect())
}

/// A file as it is kept; none if it is gone.
///
/// # Errors
/// If the storage fails.
pub async fn file(app: &App, medium: &Medium) -> Result<Option<Stored>, Failure> {
    Ok(app.storage.get(&medium.rendition(medium.kept()).name()).await?)
}

/// A step: nobody has this picture any more, and what else they sent goes.
///
/// # Errors
/// If the database fails.
pub fn erase(tx: &mut Tx<'_>, user: Id<User>) -> Result<(), Failure> {
    let now = tx.now();
    super::replace(tx, user, None).map_err(|error| match error {
        MediaError::Failed(failure) => failure,
        other => Failure::internal(other),
    })?;
    queries::doom_of(tx, user, now)
}
