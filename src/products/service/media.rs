//! The images of products.

use std::collections::{HashMap, HashSet};

use super::{check, lock_version, tell};
use crate::{
    kernel::{error::Failure, id::Id},
    media::{
        self,
        error::MediaError,
        model::{Medium, Upload, UploadPurpose},
    },
    platform::{
        app::App,
        caller::Caller,
        db::{Conn, Tx},
    },
    products::{
        error::ProductError,
        model::{MAXIMUM_MEDIA, Product, ProductAspect, SourcedMedia, Variant},
        queries::{
            self, ProductColumns,
            media::{self as product_media, MediaRow},
        },
    },
    shops::model::Shop,
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

/// An image that a product shows although nobody has sent it.
#[derive(Debug, Clone)]
pub struct FoundMedia {
    pub medium: Id<Medium>,
    pub ordinal: i32,
    pub alternative_text: String,
    /// Where it came from; none of one that was here.
    pub source_url: Option<String>,
    /// Of the product's variants that show it themselves.
    pub skus: Vec<String>,
}

/// A step: a product shows one more image. One that it shows already stays where it is.
///
/// # Errors
/// [`ProductError::TooMany`] if it shows as many as it may; [`ProductError::NotFound`] if the image is gone.
pub fn add_found(tx: &mut Tx<'_>, id: Id<Product>, found: &FoundMedia) -> Result<(), ProductError> {
    let product = queries::lock_product(tx, id)?.ok_or_else(|| ProductError::not_found("product"))?;
    let shown = product_media::ids(tx.conn(), id)?;
    if !shown.contains(&found.medium) {
        if shown.len() >= MAXIMUM_MEDIA {
            return Err(ProductError::TooMany { field: "media".into() });
        }
        media::service::attach(tx, found.medium).map_err(|error| not_sent(error, "media".into()))?;
        let (ordinal, alternative_text) = (found.ordinal, found.alternative_text.as_str());
        let row = MediaRow { product_id: id, media_id: found.medium, ordinal, alternative_text };
        product_media::add(tx, &row, found.source_url.as_deref())?;
    }
    for variant in queries::variants::of_product(tx.conn(), id)? {
        if found.skus.contains(&variant.sku) {
            product_media::set_of_variant(tx, (id, variant.id), Some(found.medium))?;
        }
    }
    let now = tx.now();
    let product = queries::set_product(tx, product.card.id, &ProductColumns::default(), now)?;
    Ok(tell(tx, &product, product.card.status, &[ProductAspect::Details])?)
}

/// A step: has variants, by their SKUs, show images of their products themselves. The SKUs of those that showed others.
pub fn show_of_variants(
    tx: &mut Tx<'_>,
    shop: Id<Shop>,
    wanted: &[(Id<Product>, &str, Id<Medium>)],
) -> Result<Vec<String>, Failure> {
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let skus: Vec<&str> = wanted.iter().map(|(_, sku, _)| *sku).collect();
    let variants = queries::variants::by_skus(tx.conn(), shop, &skus)?;
    let ids: Vec<_> = variants.iter().map(|variant| variant.id).collect();
    let shown: HashMap<_, _> = media_of_variants(tx.conn(), &ids)?.into_iter().collect();
    let variants: HashMap<_, _> = variants.iter().map(|variant| (variant.sku.as_str(), variant)).collect();
    let differing = wanted.iter().filter_map(|(product, sku, medium)| {
        let variant = variants.get(sku).filter(|variant| variant.product_id == *product)?;
        (shown.get(&variant.id) != Some(medium)).then_some((*product, variant.id, *medium))
    });
    let mut differing: Vec<_> = differing.collect();
    // A variant shows one image, and no statement may say it of a variant twice.
    differing.sort_by_key(|(_, variant, _)| *variant);
    differing.dedup_by_key(|(_, variant, _)| *variant);
    if differing.is_empty() {
        return Ok(Vec::new());
    }
    let locked = queries::lock_products(tx, &differing.iter().map(|(product, ..)| *product).collect::<Vec<_>>())?;
    let changed: HashSet<_> = product_media::set_of_variants(tx, &differing)?.into_iter().collect();
    let now = tx.now();
    for before in locked {
        if differing.iter().any(|(product, variant, _)| *product == before.card.id && changed.contains(variant)) {
            let product = queries::set_product(tx, before.card.id, &ProductColumns::default(), now)?;
            tell(tx, &product, before.card.status, &[ProductAspect::Details])?;
        }
    }
    Ok(variants.values().filter(|variant| changed.contains(&variant.id)).map(|variant| variant.sku.clone()).collect())
}

/// A step: the image that came from a URL, if a product of the shop shows it.
pub fn medium_from(conn: &mut Conn, shop: Id<Shop>, url: &str) -> Result<Option<Id<Medium>>, Failure> {
    product_media::by_source(conn, shop, url)
}

/// A step: whether an image is one that a product shows, and everybody may see therefore.
pub fn is_of_product(conn: &mut Conn, medium: Id<Medium>) -> Result<bool, Failure> {
    product_media::is_shown(conn, medium)
}

/// A step: the images of products, each product's in its own order.
pub fn media_of(conn: &mut Conn, products: &[Id<Product>]) -> Result<Vec<SourcedMedia>, Failure> {
    product_media::sourced(conn, products)
}

type OfVariant = (Id<Variant>, Id<Medium>);

/// A step: the images that variants show themselves.
pub fn media_of_variants(conn: &mut Conn, ids: &[Id<Variant>]) -> Result<Vec<OfVariant>, Failure> {
    let shown = product_media::of_variants(conn, ids)?;
    Ok(shown.into_iter().map(|(variant, shown)| (variant, shown.medium.id)).collect())
}

fn not_sent(error: MediaError, field: String) -> ProductError {
    match error {
        MediaError::Incomplete => ProductError::NotSent { field },
        MediaError::Failed(failure) => failure.into(),
        _ => ProductError::NotFound { field },
    }
}
