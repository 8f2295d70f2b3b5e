//! Giving images out, in the shapes in which they are to be had.

use std::time::Duration;

use crate::{
    kernel::{error::Failure, id::Id},
    media::{
        model::{Medium, Rendition, Shape, folder},
        queries,
    },
    platform::{app::App, storage::Stored},
};

/// How long somebody waits for a rendition that somebody else is making.
const TWIN_PATIENCE: Duration = Duration::from_secs(20);

/// Where a rendition is to be had.
pub fn rendition_url(app: &App, rendition: &Rendition) -> String {
    let Rendition { medium, tag, shape } = rendition;
    format!("{}/images/{medium}/{tag}/{shape}", app.market.public_url)
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
    let medium = app.db.read(move |conn| queries::by_ids(conn, &[id])).await?.pop();
    Ok(medium.filter(|medium| medium.tag() == rendition.tag && medium.has(rendition.shape)))
}
