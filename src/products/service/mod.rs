//! Making, changing and listing products; what inventory and orders need of them.

mod bulk;
pub mod check;
mod revise;
mod steps;
mod variants;

pub use self::{
    bulk::{BulkProduct, BulkVariant, add_products},
    revise::{Face, Revision, VariantFace, category_named, revise_product},
    steps::{Added, add_category, add_product, add_variant, count_sold, variant, variants_by_skus, variants_for_sale},
    variants::{VariantChange, reorder_variants, update_options, update_variant},
};

use super::{
    error::ProductError,
    model::{Category, Listed, Position, Product, ProductFilter, ProductSort, ProductStatus, With, search_words},
    queries::{self, ProductColumns, lists},
};
use crate::{
    kernel::{
        error::Failure,
        id::Id,
        page::{Page, Slice},
        text,
    },
    platform::{app::App, caller::Caller, db::Tx},
    shops::{self, model::Permission},
    users::model::{User, signed_in},
};

/// A change of a product; what is absent stays. The inner `None` of the category clears it.
#[derive(Default)]
#[allow(clippy::option_option, reason = "absent stays, an explicit null clears")]
pub struct ProductChange {
    pub title: Option<String>,
    pub description: Option<String>,
    pub category: Option<Option<Id<Category>>>,
    pub slug: Option<String>,
    pub status: Option<ProductStatus>,
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
    if change.slug.as_deref().is_some_and(|slug| !text::is_slug(slug)) {
        return Err(ProductError::InvalidSlug);
    }
    app.db
        .write(caller, move |tx| {
            lock_version(tx, user, id, expected_version)?;
            if let Some(Some(category)) = change.category {
                check::category(tx.conn(), category)?;
            }
            let columns = ProductColumns {
                title: title.as_deref(),
                description: description.as_deref(),
                category_id: change.category,
                slug: change.slug.as_deref(),
                status: change.status,
                ..ProductColumns::default()
            };
            let now = tx.now();
            let product = queries::set_product(tx, id, &columns, now).map_err(|failure| match failure {
                failure if failure.violates("products_slug_key") => ProductError::SlugTaken,
                failure => failure.into(),
            })?;
            if title.is_some() || description.is_some() {
                settle(tx, &product)?;
            }
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

/// Brings what a locked product's row says of its variants and its words in line.
fn settle(tx: &mut Tx<'_>, Product { card, details }: &Product) -> Result<(), Failure> {
    let variants = queries::variants::of_product(tx.conn(), card.id)?;
    let prices = variants.iter().map(|variant| variant.price);
    let (Some(min), Some(max)) = (prices.clone().min(), prices.max()) else {
        return Err(Failure::internal("a product without variants"));
    };
    let face = [card.title.as_str(), &details.description].into_iter();
    let words =
        search_words(face.chain(variants.iter().flat_map(|variant| {
            [variant.sku.as_str(), &variant.title, variant.barcode.as_deref().unwrap_or_default()]
        })));
    let now = tx.now();
    queries::set_settled(tx, card.id, (min, max), &words, now)
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
    if filter.search.is_some() {
        app.db.read_long(move |conn| lists::search(conn, &filter, sort, &page, with)).await
    } else {
        app.db.read(move |conn| Ok((lists::page(conn, &filter, sort, &page, with)?, None))).await
    }
}

/// How many products a list has, counted to a little more than is told.
pub async fn count_products(app: &App, filter: ProductFilter) -> Result<i64, Failure> {
    if filter.search.is_some() {
        app.db.read_long(move |conn| lists::count(conn, &filter)).await
    } else {
        app.db.read(move |conn| lists::count(conn, &filter)).await
    }
}

/// A page of all categories by name.
pub async fn categories(app: &App, page: Page<(String, Id<Category>)>) -> Result<Slice<Category>, Failure> {
    app.db.read(move |conn| lists::categories(conn, &page)).await
}

/// How many categories there are, counted to a little more than is told.
pub async fn count_categories(app: &App) -> Result<i64, Failure> {
    app.db.read(lists::count_categories).await
}

/// Makes a category. The face lets staff in alone.
pub async fn create_category(
    app: &App,
    caller: &Caller,
    name: String,
    slug: Option<String>,
    parent: Option<Id<Category>>,
) -> Result<Category, ProductError> {
    let name = check::line(&name, 80, "name")?;
    if slug.as_deref().is_some_and(|slug| !text::is_slug(slug)) {
        return Err(ProductError::InvalidSlug);
    }
    app.db.write(caller, move |tx| add_category(tx, &name, slug.as_deref(), parent)).await
}
