//! Making, changing and listing products; what inventory and orders need of them.

mod attributes;
mod bulk;
mod categories;
pub mod check;
mod history;
mod holding;
mod media;
mod names;
mod prices;
mod privacy;
mod publishing;
mod ratings;
mod repair;
mod revise;
mod search;
mod settle;
mod steps;
mod taxes;
mod telling;
mod translations;
mod values;
mod variants;
mod vocabulary;

pub use self::{
    attributes::{
        AttributeChange, CreateAttribute, CreateProductKind, WantedAttribute, add_attribute, add_product_kind,
        attributes, choices_of, count_attributes, count_product_kinds, create_attribute, create_product_kind,
        product_kinds, update_attribute, update_product_kind,
    },
    bulk::{BulkProduct, BulkVariant, Specification, add_products},
    categories::{
        CategoryChange, CreateCategory, Missing, add_category, categories, category_at, category_paths,
        count_categories, create_category, delete_category, move_category, update_category,
    },
    holding::{put_back, seen_by, take_down},
    media::{
        FoundMedia, MediaSource, WantedMedia, add_found, is_of_product, media_of, media_of_variants, medium_from,
        set_media, show_of_variants,
    },
    prices::{VariantPrices, count_price_changes, price_changes, set_prices, update_prices},
    privacy::CHAPTERS,
    publishing::publish_due,
    ratings::{count_rating, lock_product},
    repair::repair,
    revise::{Face, Refusal, Revised, Revision, VariantFace, revise_products},
    search::{count_words, facets, last_offered, offered, set_locale, suggestions},
    settle::settle_products,
    steps::{
        Added, Whole, add_product, add_variant, compared, count_sold, hold, products_by_slugs, set_available, shop_of,
        variant, variants_by_skus, variants_for_sale, variants_for_sale_in, whole_products,
    },
    taxes::{CreateTaxClass, add_tax_class, create_tax_class, tax_classes, tax_classes_by_ids, update_tax_class},
    telling::{offer, tell_of_stock, which_exist},
    translations::{
        AttributeWords, CategoryWords, ProductWords, remove_attribute_translation, remove_category_translation,
        remove_product_translation, set_attribute_translation, set_category_translation, set_product_translation,
        translate_category, translate_product,
    },
    variants::{VariantChange, reorder_variants, update_options, update_variant},
    vocabulary::{KnownKind, Vocabulary, as_text},
};
pub use super::queries::checks::CHECKS;

use self::{
    publishing::Moments,
    settle::settle,
    telling::{Change, tell, tell_all},
};
use super::{
    error::ProductError,
    model::{
        Category, Listed, Position, Product, ProductAspect, ProductFilter, ProductSort, ProductStatus, With,
        attributes::{GivenAttribute, ProductKind},
        taxes::TaxClass,
    },
    queries::{self, ProductColumns, found, lists},
};
use crate::{
    kernel::{
        error::Failure,
        id::Id,
        page::{Page, Slice},
        text,
    },
    platform::{app::App, caller::Caller, clock::Time, db::Tx},
    shops::{self, model::Permission},
    users::model::{User, signed_in},
};

/// A change of a product; what is absent stays. The inner `None` clears.
#[derive(Default)]
#[allow(clippy::option_option, reason = "absent stays, an explicit null clears")]
pub struct ProductChange {
    pub title: Option<String>,
    pub description: Option<String>,
    pub category: Option<Option<Id<Category>>>,
    pub slug: Option<String>,
    pub status: Option<ProductStatus>,
    pub brand: Option<String>,
    pub tags: Option<Vec<String>>,
    pub product_kind: Option<Option<Id<ProductKind>>>,
    pub tax_class: Option<Option<Id<TaxClass>>>,
    pub publish_at: Option<Option<Time>>,
    pub unpublish_at: Option<Option<Time>>,
    /// All of them.
    pub attributes: Option<Vec<GivenAttribute>>,
}

/// Changes a product that nobody else has changed since `expected_version`.
pub async fn update_product(
    app: &App,
    caller: &Caller,
    id: Id<Product>,
    expected_version: i32,
    change: ProductChange,
) -> Result<Product, ProductError> {
    let user = signed_in(caller)?;
    let title = change.title.as_deref().map(check::title).transpose()?;
    let description = change.description.as_deref().map(check::description).transpose()?;
    let brand = change.brand.as_deref().map(check::brand).transpose()?;
    let tags = change.tags.as_deref().map(check::tags).transpose()?;
    if change.slug.as_deref().is_some_and(|slug| !text::is_slug(slug)) {
        return Err(ProductError::InvalidSlug);
    }
    app.db
        .write(caller, move |tx| {
            let current = lock_version(tx, user, id, expected_version)?;
            let Moments { publish_at, unpublish_at } = publishing::plan(&current, &change, tx.now())?;
            let is_published = change.status == Some(ProductStatus::Active);
            if (is_published || publish_at.flatten().is_some()) && holding::is_held(tx.conn(), id)? {
                return Err(ProductError::Held { field: if is_published { "status" } else { "publishAt" }.into() });
            }
            if let Some(Some(category)) = change.category {
                check::category(tx, category)?;
            }
            if let Some(Some(tax_class)) = change.tax_class {
                check::tax_class(tx, tax_class)?;
            }
            let columns = ProductColumns {
                title: title.as_deref(),
                description: description.as_deref(),
                category_id: change.category,
                slug: change.slug.as_deref(),
                status: change.status,
                brand: brand.as_deref(),
                tags: tags.as_deref(),
                product_kind_id: change.product_kind,
                tax_class_id: change.tax_class,
                ..ProductColumns::default()
            };
            values::say(tx, &current, &change)?;
            let columns = ProductColumns { publish_at, unpublish_at, ..columns };
            let now = tx.now();
            let product = queries::set_product(tx, id, &columns, now).map_err(|failure| match failure {
                failure if failure.violates("products_slug_key") => ProductError::SlugTaken,
                failure => failure.into(),
            })?;
            if product.card.slug != current.card.slug {
                // Looked at now that nobody else can get it: whoever has just given it up is seen.
                let former = queries::by_former_slugs(tx.conn(), std::slice::from_ref(&product.card.slug))?;
                if former.iter().any(|(_, whose)| *whose != id) {
                    return Err(ProductError::SlugTaken);
                }
                queries::forget_slug(tx, id, &product.card.slug)?;
                queries::remember_slug(tx, id, &current.card.slug, now)?;
            }
            settle(tx, &product, now)?;
            tell(tx, &product, current.card.status, &[ProductAspect::Details])?;
            Ok(product)
        })
        .await
}

/// Locks a product whose shop the person may edit products of.
fn lock(tx: &mut Tx<'_>, user: Id<User>, id: Id<Product>, field: &str) -> Result<Product, ProductError> {
    let product = queries::lock_product(tx, id)?.ok_or_else(|| ProductError::not_found(field))?;
    shops::service::permit(tx.conn(), user, product.card.shop_id, Permission::EditProducts, field)?;
    Ok(product)
}

/// As [`lock`], of a product that nobody else has changed since `expected_version`.
fn lock_version(
    tx: &mut Tx<'_>,
    user: Id<User>,
    id: Id<Product>,
    expected_version: i32,
) -> Result<Product, ProductError> {
    let product = lock(tx, user, id, "productId")?;
    match product.details.version {
        current if current == expected_version => Ok(product),
        current => Err(ProductError::StaleVersion { current }),
    }
}

/// A page of products, and how many there are in all where that is known without counting. Whoever asks for those of
/// [`Audience::Members`](super::model::Audience) is one.
pub async fn products(
    app: &App,
    filter: ProductFilter,
    sort: ProductSort,
    page: Page<Position>,
    with: With,
) -> Result<(Slice<Listed>, Option<i64>), Failure> {
    if filter.is_narrow(sort) {
        app.db.read_long(move |conn| found::search(conn, &filter, sort, &page, with)).await
    } else if filter.price.is_some() {
        // How many have a price in a currency no generic plan can know.
        app.db.read_long(move |conn| Ok((lists::page(conn, &filter, sort, &page, with)?, None))).await
    } else {
        app.db.read(move |conn| Ok((lists::page(conn, &filter, sort, &page, with)?, None))).await
    }
}

/// How many products a list has, counted to a little more than is told.
pub async fn count_products(app: &App, filter: ProductFilter, sort: ProductSort) -> Result<i64, Failure> {
    // Ten thousand rows are no short read, whatever they are narrowed by.
    app.db.read_long(move |conn| lists::count(conn, &filter, sort)).await
}
