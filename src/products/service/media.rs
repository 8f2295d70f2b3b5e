//! The images of products.

use std::collections::HashSet;

use super::{check, lock_version, tell};
use crate::{
    kernel::id::Id,
    media::{
        self,
        error::MediaError,
        model::{Medium, Upload, UploadPurpose},
    },
    platform::{app::App, caller::Caller},
    products::{
        error::ProductError,
        model::{MAXIMUM_MEDIA, Product, ProductAspect},
        queries::{
            self, ProductColumns,
            media::{self as product_media, MediaRow},
        },
    },
    users::model::signed_in,
};

/// An image that a product shall show.
#[derive(Debug, Clone)]
pub struct WantedMedia {
    pub source: MediaSource,
    pub alternative_text: String,
}

/// Where an image comes from.
#[derive(Debug, Clone, Copy)]
pub enum MediaSource {
    /// The product shows it already.
    Image(Id<Medium>),
    /// The caller has sent it.
    Upload(Id<Upload>),
}

/// Gives a product that nobody else has changed since `expected_version` these images, in this order.
pub async fn set_media(
    app: &App,
    caller: &Caller,
    id: Id<Product>,
    expected_version: i32,
    mut wanted: Vec<WantedMedia>,
) -> Result<Product, ProductError> {
    let user = signed_in(caller)?;
    if wanted.len() > MAXIMUM_MEDIA {
        return Err(ProductError::TooMany { field: "media".into() });
    }
    for (place, wanted) in wanted.iter_mut().enumerate() {
        let field = format!("media.{place}.alternativeText");
        wanted.alternative_text = check::alternative_text(&wanted.alternative_text, &field)?;
    }
    app.db
        .write(caller, move |tx| {
            lock_version(tx, user, id, expected_version)?;
            let before: HashSet<_> = product_media::ids(tx.conn(), id)?.into_iter().collect();
            let mut media = Vec::with_capacity(wanted.len());
            for (place, wanted) in wanted.iter().enumerate() {
                let at = |rest: &str| format!("media.{place}.source.{rest}");
                let medium = match wanted.source {
                    MediaSource::Image(medium) if before.contains(&medium) => medium,
                    MediaSource::Image(_) => return Err(ProductError::NotFound { field: at("imageId") }),
                    MediaSource::Upload(upload) => {
                        let found = media::service::uploaded(tx.conn(), user, upload, UploadPurpose::Product);
                        found.map_err(|error| not_sent(error, at("uploadId")))?
                    }
                };
                if media.contains(&medium) {
                    return Err(ProductError::OptionTaken { field: format!("media.{place}.source") });
                }
                media.push(medium);
            }
            // In the order of their ids, for whoever else refers to the same ones.
            let mut new: Vec<_> = media.iter().filter(|medium| !before.contains(medium)).copied().collect();
            new.sort_unstable();
            for medium in new {
                let place = media.iter().position(|one| *one == medium).unwrap_or_default();
                let at = format!("media.{place}.source.uploadId");
                media::service::attach(tx, medium).map_err(|error| not_sent(error, at))?;
            }
            let rows = (0..).zip(media.iter().zip(&wanted)).map(|(ordinal, (medium, wanted))| MediaRow {
                product_id: id,
                media_id: *medium,
                ordinal,
                alternative_text: &wanted.alternative_text,
            });
            product_media::set(tx, id, &rows.collect::<Vec<_>>())?;
            let mut gone: Vec<_> = before.into_iter().filter(|medium| !media.contains(medium)).collect();
            gone.sort_unstable();
            for medium in gone {
                media::service::release(tx, medium)?;
            }
            let now = tx.now();
            let product = queries::set_product(tx, id, &ProductColumns::default(), now)?;
            tell(tx, &product, product.card.status, &[ProductAspect::Details])?;
            Ok(product)
        })
        .await
}

fn not_sent(error: MediaError, field: String) -> ProductError {
    match error {
        MediaError::Incomplete => ProductError::NotSent { field },
        MediaError::Failed(failure) => failure.into(),
        _ => ProductError::NotFound { field },
    }
}
