//! Products as another system has them now: for imports that come again.

use super::{follow_variants, steps::sku_taken};
use crate::{
    kernel::{id::Id, text::slug},
    platform::db::Tx,
    products::{
        error::ProductError,
        model::{Category, CategoryBy, MAXIMUM_VARIANTS, Product, ProductStatus, Variant, search_words},
        queries::{
            self, ProductColumns,
            variants::{self, NewVariant, VariantColumns},
        },
        service::{BulkVariant, add_category},
    },
};

/// What a product shall be; what is absent stays. The inner `None` of the category clears it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Face {
    pub title: Option<String>,
    pub description: Option<String>,
    pub category: Option<Option<Id<Category>>>,
    pub status: Option<ProductStatus>,
}

/// What a variant shall be; what is absent stays.
#[derive(Debug, Clone)]
pub struct VariantFace {
    pub id: Id<Variant>,
    pub title: Option<String>,
    /// In minor units of the product's currency.
    pub price: Option<i64>,
}

/// A product with those of its variants that are told about.
#[derive(Debug, Clone, Default)]
pub struct Revision {
    pub face: Face,
    pub variants: Vec<VariantFace>,
    pub new: Vec<BulkVariant>,
}

/// What was not yet so.
#[derive(Debug, PartialEq, Eq)]
pub struct Revised {
    pub face: bool,
    pub variants: Vec<Id<Variant>>,
}

/// A step: brings a product in line. Where everything is so already, nothing changes, its version neither.
///
/// # Errors
/// [`ProductError::TooManyVariants`], before anything is written; if a SKU is not new.
pub fn revise_product(tx: &mut Tx<'_>, id: Id<Product>, revision: &Revision) -> Result<Revised, ProductError> {
    let current = queries::lock_product(tx, id)?.ok_or_else(|| ProductError::not_found("product"))?;
    let siblings = variants::of_product(tx.conn(), id)?;
    if siblings.len() + revision.new.len() > MAXIMUM_VARIANTS {
        return Err(ProductError::TooManyVariants { field: "variants".into() });
    }
    let mut changed = Vec::new();
    for face in &revision.variants {
        let Some(variant) = siblings.iter().find(|variant| variant.id == face.id) else {
            return Err(ProductError::not_found("variant"));
        };
        let title = face.title.as_deref().filter(|title| *title != variant.title);
        let price = face.price.filter(|price| *price != variant.price);
        if title.is_some() || price.is_some() {
            variants::set(tx, variant.id, &VariantColumns { sku: None, title, price })?;
            changed.push(variant.id);
        }
    }
    let first = siblings.last().map_or(0, |last| last.ordinal.saturating_add(1));
    let rows = (first..).zip(&revision.new).map(|(ordinal, variant)| NewVariant {
        id: variant.id,
        product_id: id,
        shop_id: current.shop_id,
        sku: &variant.sku,
        title: &variant.title,
        ordinal,
        currency: current.currency,
        price: variant.price,
        created_at: tx.now(),
    });
    let rows: Vec<NewVariant<'_>> = rows.collect();
    variants::insert_all(tx, &rows).map_err(|failure| sku_taken(failure, "sku"))?;

    let has_new_face = set_face(tx, &current, &revision.face)?;
    if !changed.is_empty() || !rows.is_empty() {
        let product = if has_new_face { queries::lock_product(tx, id)? } else { None }.unwrap_or(current);
        follow_variants(tx, &product)?;
    }
    Ok(Revised { face: has_new_face, variants: changed })
}

fn set_face(tx: &mut Tx<'_>, current: &Product, face: &Face) -> Result<bool, ProductError> {
    let title = face.title.as_deref().filter(|title| *title != current.title);
    let description = face.description.as_deref().filter(|description| *description != current.description);
    let category_id = face.category.filter(|category| *category != current.category_id);
    let status = face.status.filter(|status| *status != current.status);
    if title.is_none() && description.is_none() && category_id.is_none() && status.is_none() {
        return Ok(false);
    }
    let variants = variants::of_product(tx.conn(), current.id)?;
    let skus = variants.iter().map(|variant| variant.sku.as_str());
    let words = search_words(title.unwrap_or(&current.title), description.unwrap_or(&current.description), skus);
    let columns = ProductColumns { title, description, category_id, slug: None, status, search_words: Some(&words) };
    let now = tx.now();
    queries::set_product(tx, current.id, &columns, now)?;
    Ok(true)
}

/// A step: the category of a name, made where there is none whose slug is the name's.
pub fn category_named(tx: &mut Tx<'_>, name: &str) -> Result<Id<Category>, ProductError> {
    let slug = slug(name);
    let found = queries::categories_by_names(tx.conn(), &[CategoryBy::Slug(slug.clone())])?.pop();
    match found {
        Some(category) => Ok(category.id),
        None => Ok(add_category(tx, name, Some(&slug), None)?.id),
    }
}
