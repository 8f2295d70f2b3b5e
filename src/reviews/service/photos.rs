//! The photos of reviews.

use super::MAXIMUM_PHOTOS;
use crate::{
    kernel::id::Id,
    media::{
        self,
        error::MediaError,
        model::{Medium, UploadPurpose},
    },
    platform::db::Tx,
    reviews::{
        error::ReviewError,
        model::{PhotoSource, Review},
        queries,
    },
    users::model::User,
};

/// The photos that an author wants to show, of whose review these are the present ones.
pub(super) fn wanted(
    tx: &mut Tx<'_>,
    author: Id<User>,
    before: &[Id<Medium>],
    wanted: &[PhotoSource],
) -> Result<Vec<Id<Medium>>, ReviewError> {
    if wanted.len() > MAXIMUM_PHOTOS {
        return Err(ReviewError::TooManyPhotos);
    }
    let mut photos = Vec::with_capacity(wanted.len());
    for (place, wanted) in wanted.iter().enumerate() {
        let at = |rest: &str| format!("photos.{place}{rest}");
        let photo = match wanted {
            PhotoSource::Image(photo) if before.contains(photo) => *photo,
            PhotoSource::Image(_) => return Err(ReviewError::NotFound { field: at(".imageId") }),
            PhotoSource::Upload(upload) => {
                let found = media::service::uploaded(tx.conn(), author, *upload, UploadPurpose::Review);
                found.map_err(|error| not_sent(error, at(".uploadId")))?
            }
        };
        if photos.contains(&photo) {
            return Err(ReviewError::Twice { field: at("") });
        }
        photos.push(photo);
    }
    Ok(photos)
}

/// Has a review that showed some photos show others. They are counted in the order of their ids, for whoever else refers to them.
pub(super) fn set(
    tx: &mut Tx<'_>,
    id: Id<Review>,
    before: &[Id<Medium>],
    photos: &[Id<Medium>],
) -> Result<(), ReviewError> {
    let mut new: Vec<_> = photos.iter().filter(|photo| !before.contains(photo)).copied().collect();
    let mut gone: Vec<_> = before.iter().filter(|photo| !photos.contains(photo)).copied().collect();
    new.sort_unstable();
    gone.sort_unstable();
    for photo in new {
        let place = photos.iter().position(|one| *one == photo).unwrap_or_default();
        media::service::attach(tx, photo).map_err(|error| not_sent(error, format!("photos.{place}.uploadId")))?;
    }
    queries::set_photos(tx, id, photos)?;
    for photo in gone {
        media::service::release(tx, photo)?;
    }
    Ok(())
}

fn not_sent(error: MediaError, field: String) -> ReviewError {
    match error {
        MediaError::Incomplete => ReviewError::NotSent { field },
        MediaError::Failed(failure) => failure.into(),
        _ => ReviewError::NotFound { field },
    }
}
