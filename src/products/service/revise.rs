//! Products as another system has them now: for imports that come again.

use super::{settle, steps::sku_taken, tell, values};
use crate::{
    kernel::id::Id,
    platform::db::Tx,
    products::{
        error::ProductError,
        model::{Category, MAXIMUM_VARIANTS, Product, ProductAspect, ProductStatus, Variant},
        queries::{
            self, ProductColumns,
            variants::{self, NewVariant, VariantColumns},
        },
        service::BulkVariant,
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

/// What a variant shall be; what is absent stays. One with options is called by them, whatever the title.
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
/// Before anything is written: [`ProductError::TooManyVariants`]; [`ProductError::InvalidOptions`], for new variants would have
/// none; [`ProductError::Missing`], if it would be for sale without what its kind requires. If a SKU is not new.
pub fn revise_product(tx: &mut Tx<'_>, id: Id<Product>, revision: &Revision) -> Result<Revised, ProductError> {
    let current = queries::lock_product(tx, id)?.ok_or_else(|| ProductError::not_found("product"))?;
    let siblings = variants::of_product(tx.conn(), id)?;
    if siblings.len() + revision.new.len() > MAXIMUM_VARIANTS {
        return Err(ProductError::TooManyVariants { field: "variants".into() });
    }
    let has_options = !current.details.option_names.is_empty();
    if has_options && !revision.new.is_empty() {
        return Err(ProductError::InvalidOptions { field: "variants".into() });
    }
    if revision.face.status == Some(ProductStatus::Active) && current.card.status != ProductStatus::Active {
        let of_kind = values::attributes_of(tx, current.details.product_kind_id)?;
        let said = queries::attributes::values(tx.conn(), id)?;
        values::complete(&of_kind, &said)?;
    }
    let (mut changed, mut aspects) = (Vec::new(), Vec::new());
    for face in &revision.variants {
        let Some(variant) = siblings.iter().find(|variant| variant.id == face.id) else {
            return Err(ProductError::not_found("variant"));
        };
        let title = face.title.as_deref().filter(|title| !has_options && *title != variant.title);
        let price = face.price.filter(|price| *price != variant.price);
        if title.is_some() || price.is_some() {
            variants::set(tx, variant.id, &VariantColumns { title, price, ..VariantColumns::default() })?;
            changed.push(variant.id);
            aspects.extend(title.map(|_| ProductAspect::Details));
            aspects.extend(price.map(|_| ProductAspect::Price));
        }
    }
    let first = siblings.last().map_or(0, |last| last.ordinal.saturating_add(1));
    let rows = (first..).zip(&revision.new).map(|(ordinal, variant)| NewVariant {
        id: variant.id,
        product_id: id,
        shop_id: current.card.shop_id,
        sku: &variant.sku,
        title: &variant.title,
        ordinal,
        currency: current.card.currency,
        price: variant.price,
        option_values: &[],
        barcode: None,
        weight_grams: None,
        created_at: tx.now(),
    });
    let rows: Vec<NewVariant<'_>> = rows.collect();
    variants::insert_all(tx, &rows).map_err(|failure| sku_taken(failure, "sku"))?;

    let faced = set_face(tx, &current, &revision.face)?;
    let has_new_face = faced.is_some();
    if has_new_face || !changed.is_empty() || !rows.is_empty() {
        let now = tx.now();
        let (was, product) = (current.card.status, faced.unwrap_or(current));
        settle(tx, &product, now)?;
        if has_new_face || !rows.is_empty() {
            aspects.push(ProductAspect::Details);
        }
        tell(tx, &product, was, &aspects)?;
    }
    Ok(Revised { face: has_new_face, variants: changed })
}

/// The product as it is now, if anything was not yet so.
fn set_face(
    tx: &mut Tx<'_>,
    Product { card, details }: &Product,
    face: &Face,
) -> Result<Option<Product>, ProductError> {
    let title = face.title.as_deref().filter(|title| *title != card.title);
    let description = face.description.as_deref().filter(|description| *description != details.description);
    let category_id = face.category.filter(|category| *category != details.category_id);
    let status = face.status.filter(|status| *status != card.status);
    if title.is_none() && description.is_none() && category_id.is_none() && status.is_none() {
        return Ok(None);
    }
    // What is for sale does not wait to be.
    let publish_at = (status == Some(ProductStatus::Active)).then_some(None);
    let columns = ProductColumns { title, description, category_id, status, publish_at, ..ProductColumns::default() };
    let now = tx.now();
    Ok(Some(queries::set_product(tx, card.id, &columns, now)?))
}
