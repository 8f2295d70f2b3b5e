//! Giving images out, in the shapes in which they are to be had.

use std::time::Duration;

use crate::{
    kernel::{error::Failure, id::Id},
    media::{
        model::{Medium, Rendition, Shape, folder},
        queries,
    },
    platform::{app::App, clock::Time, crypto, db::Conn, storage::Stored},
};

/// How long somebody waits for a rendition that somebody else is making.
const TWIN_PATIENCE: Duration = Duration::from_secs(20);

/// Where a rendition is to be had: of what is private for [`Medium::URL_LIFETIME`] at the least, and the same for as long, so that caches of
/// clients stay as they are.
pub fn rendition_url(app: &App, rendition: &Rendition) -> String {
    let Rendition { medium, tag, shape, is_private } = rendition;
    let url = &app.market.public_url;
    if *is_private {
        let until = good_until(app.now());
        return format!("{url}/attachments/{until}/{shape}/{}", app.master.lasting_token(LINK, *medium, until));
    }
    format!("{url}/images/{medium}/{tag}/{shape}")
}

/// Until when a URL is good that is made now, in seconds since 1970.
pub fn good_until(now: Time) -> i64 {
    crypto::good_until(now, Medium::URL_LIFETIME)
}

/// What the token of a private picture's URL is for.
const LINK: &str = "picture";

/// The private image that a URL names; none if the URL is none of ours, or its time is over.
pub fn private_at(app: &App, until: i64, token: &str) -> Option<Id<Medium>> {
    app.master.row_of_lasting::<Medium>(LINK, (until, token), app.now())
}

/// A rendition of a private image; none if nobody refers to it any more. Whether it is still shown anywhere, the caller has looked.
///
/// # Errors
/// If storage, database or the pool of images fails, or is too busy.
pub async fn private_rendition(app: &App, id: Id<Medium>, shape: Shape) -> Result<Option<Stored>, Failure> {
    let medium = app.db.read(move |conn| queries::private_by_id(conn, id)).await?;
    match medium.filter(|medium| medium.has(shape)) {
        Some(medium) => rendition(app, &medium.rendition(shape)).await,
        None => Ok(None),
    }
}

/// A rendition of an image. It is made if nobody has asked for it before; none if it is not to be had.
///
/// # Errors
/// If storage, database or the pool of images fails, or is too busy.
pub async fn rendition(app: &App, rendition: &Rendition) -> Result<Option<Stored>, Failure> {
    let name = rendition.name();
    if let Some(found) = app.storage.get(&name).await? {
        return Ok(Some(found));
    }
    let Some(medium) = is_to_be_had(app, rendition).await? else { return Ok(None) };
    let _turn = app.in_making.take(name.clone(), TWIN_PATIENCE).await.ok_or(Failure::Unavailable)?;
    if let Some(found) = app.storage.get(&name).await? {
        return Ok(Some(found));
    }
    if !make(app, &medium, rendition.shape, &name).await? {
        return Ok(None);
    }
    // It may have been doomed, and its folder deleted, while this was made.
    if is_to_be_had(app, rendition).await?.is_none() {
        app.storage.delete_folder(&folder(rendition.medium)).await?;
        return Ok(None);
    }
    Ok(app.storage.get(&name).await?)
}

/// Makes a rendition. False if what it is made of is gone.
async fn make(app: &App, medium: &Medium, shape: Shape, name: &str) -> Result<bool, Failure> {
    // Before anything is read: as many are in memory as there are places, however many are asked for.
    let place = app.images.place().await?;
    let Some(kept) = app.storage.get(&medium.rendition(medium.kept()).name()).await? else { return Ok(false) };
    let kept = kept.read().await?;
    let width = shape.width.map_or_else(|| u32::try_from(medium.width), Ok).map_err(Failure::internal)?;
    let (bytes, _place) = place.render(kept, width, shape.encoding).await?;
    app.storage.put(name, bytes).await?;
    Ok(true)
}

async fn is_to_be_had(app: &App, rendition: &Rendition) -> Result<Option<Medium>, Failure> {
    let id: Id<Medium> = rendition.medium;
    let is_private = rendition.is_private;
    let read = move |conn: &mut Conn| {
        if is_private { queries::private_by_id(conn, id) } else { Ok(queries::by_ids(conn, &[id])?.pop()) }
    };
    let medium = app.db.read(read).await?;
    Ok(medium.filter(|medium| medium.tag() == rendition.tag && medium.has(rendition.shape)))
}
