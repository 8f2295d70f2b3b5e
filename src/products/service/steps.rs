//! Steps of use cases that live in later domains.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{check, lock, names, settle, tell, values};
use crate::{
    kernel::{
        error::Failure,
        id::Id,
        money::{CurrencyCode, Money},
        rate::Rate,
        text,
        tsvector::Document,
    },
    platform::{
        clock::Time,
        db::{Conn, Tx},
    },
    products::{
        error::ProductError,
        model::{
            AddProduct, AddVariant, ForSale, MAXIMUM_VARIANTS, Product, ProductAspect, ProductStatus, Variant,
            attributes::{ProductKindBy, Said},
            facets::packed,
            full_title,
        },
        queries::{
            self, NewProduct, attributes, prices,
            variants::{self, NewVariant},
        },
    },
    shops::{
        self,
        model::{Permission, Shop},
    },
    users::model::User,
};

/// What was made, variants in the order of the input.
pub struct Added {
    pub product: Id<Product>,
    pub variants: Vec<Id<Variant>>,
}

/// A step: a product with its variants, made by a person who may.
pub fn add_product(tx: &mut Tx<'_>, user: Id<User>, input: &AddProduct) -> Result<Added, ProductError> {
    shops::service::permit(tx.conn(), user, input.shop, Permission::EditProducts, "shopId")?;
    let shop = shops::service::shops_by_ids(tx.conn(), &[input.shop])?.pop();
    let currency = shop.ok_or_else(|| ProductError::not_found("shopId"))?.currency;
    let title = check::title(&input.title)?;
    let description = check::description(&input.description)?;
    let names = check::option_names(&input.options)?;
    let mut given = match (&input.variants, input.price) {
        (Some(_), Some(_)) => return Err(ProductError::PriceAndVariants),
        (Some(given), None) => check::variants(given, currency, &names)?,
        (None, Some(price)) => vec![check::variant(&AddVariant::priced(price), currency, &names, "")?],
        (None, None) => return Err(ProductError::Missing { field: "price".into() }),
    };
    if let Some(category) = input.category {
        check::category(tx, category)?;
    }
    if let Some(tax_class) = input.tax_class {
        check::tax_class(tx, tax_class)?;
    }
    if input.slug.as_deref().is_some_and(|slug| !text::is_slug(slug)) {
        return Err(ProductError::InvalidSlug);
    }
    let candidates = names::candidates(tx, input.slug.as_deref(), &title);
    let wanted: Vec<&str> = given.iter().filter_map(|variant| variant.sku.as_deref()).collect();
    let taken = variants::by_skus(tx.conn(), input.shop, &wanted)?;
    let clash = given.iter().position(|variant| taken.iter().any(|taken| Some(&taken.sku) == variant.sku.as_ref()));
    if let Some(index) = clash {
        return Err(ProductError::SkuTaken { field: format!("variants.{index}.sku") });
    }

    let (id, now): (Id<Product>, _) = (tx.new_id(), tx.now());
    let ids: Vec<Id<Variant>> = given.iter().map(|_| tx.new_id()).collect();
    for (variant, id) in given.iter_mut().zip(&ids) {
        variant.sku.get_or_insert_with(|| default_sku(*id));
    }
    let prices = || given.iter().map(|variant| variant.price);
    let brand = check::brand(input.brand.as_deref().unwrap_or_default())?;
    let tags = check::tags(&input.tags)?;
    let of_kind = values::attributes_of(tx, input.product_kind)?;
    let said = values::checked(tx, id, &of_kind, &input.attributes)?;
    if input.status == ProductStatus::Active {
        values::complete(&of_kind, &said)?;
    }
    let mut row = NewProduct {
        id,
        shop_id: input.shop,
        category_id: input.category,
        slug: "",
        title: &title,
        description: &description,
        status: input.status,
        currency,
        price_min: prices().min().unwrap_or_default(),
        price_max: prices().max().unwrap_or_default(),
        sold_count: 0,
        brand: &brand,
        tags: &tags,
        option_names: &names,
        product_kind_id: input.product_kind,
        tax_class_id: input.tax_class,
        search: &Document::default(),
        said: &packed(&said),
        created_at: now,
        updated_at: now,
    };
    let all: Vec<&str> = candidates.iter().map(String::as_str).collect();
    let taken = queries::taken_slugs(tx.conn(), &all)?;
    let inserted = names::under_first(candidates.iter().filter(|slug| !taken.contains(slug)), |slug| {
        row.slug = slug;
        Ok(queries::insert_product(tx, &row)?.then_some(()))
    });
    inserted?.ok_or(ProductError::SlugTaken)?;
    let rows: Vec<NewVariant<'_>> = (0..)
        .zip(given.iter().zip(&ids))
        .map(|(ordinal, (variant, id))| NewVariant {
            id: *id,
            product_id: row.id,
            shop_id: input.shop,
            sku: variant.sku.as_deref().unwrap_or_default(),
            title: &variant.title,
            ordinal,
            currency,
            price: variant.price,
            option_values: &variant.option_values,
            barcode: variant.barcode.as_deref(),
            weight_grams: variant.weight_grams,
            created_at: now,
        })
        .collect();
    variants::insert_all(tx, &rows).map_err(|failure| sku_taken(failure, "variants"))?;
    if !said.is_empty() {
        attributes::set_values(tx, id, &said)?;
    }
    let product = queries::lock_product(tx, id)?.ok_or_else(|| Failure::internal("a product that was just made"))?;
    let prices = ids.iter().copied().zip(given.into_iter().map(|variant| variant.prices)).collect();
    settle::settle_prices(tx, &product, &prices, now)?;
    Ok(Added { product: id, variants: ids })
}

/// A step: one more variant of a product, made by a person who may.
pub fn add_variant(
    tx: &mut Tx<'_>,
    user: Id<User>,
    product: Id<Product>,
    input: &AddVariant,
) -> Result<Variant, ProductError> {
    let product = lock(tx, user, product, "productId")?;
    let mut given = check::variant(input, product.card.currency, &product.details.option_names, "")?;
    let siblings = variants::of_product(tx.conn(), product.card.id)?;
    given.spell_alike(siblings.iter().map(|variant| variant.option_values.as_slice()));
    if siblings.len() >= MAXIMUM_VARIANTS {
        return Err(ProductError::TooManyVariants { field: "productId".into() });
    }
    let values =
        siblings.iter().map(|variant| variant.option_values.as_slice()).chain([given.option_values.as_slice()]);
    if check::same_options(values).is_some() {
        return Err(ProductError::SameOptions { field: "options".into() });
    }
    let id = tx.new_id();
    let sku = given.sku.unwrap_or_else(|| default_sku(id));
    let row = NewVariant {
        id,
        product_id: product.card.id,
        shop_id: product.card.shop_id,
        sku: &sku,
        title: &given.title,
        ordinal: siblings.last().map_or(0, |last| last.ordinal.saturating_add(1)),
        currency: product.card.currency,
        price: given.price,
        option_values: &given.option_values,
        barcode: given.barcode.as_deref(),
        weight_grams: given.weight_grams,
        created_at: tx.now(),
    };
    variants::insert_all(tx, &[row]).map_err(|failure| sku_taken(failure, "sku"))?;
    let now = tx.now();
    settle::settle_prices(tx, &product, &HashMap::from([(id, given.prices)]), now)?;
    tell(tx, &product, product.card.status, &[ProductAspect::Details])?;
    variants::by_id(tx.conn(), id)?.ok_or_else(|| ProductError::not_found("productId"))
}

/// The last ten digits of the id, which are random.
fn default_sku(id: Id<Variant>) -> String {
    let id = id.to_string();
    id.chars().skip(id.len().saturating_sub(10)).collect::<String>().to_uppercase()
}

pub(super) fn sku_taken(failure: Failure, field: &str) -> ProductError {
    if failure.violates("product_variants_sku_key") {
        ProductError::SkuTaken { field: field.into() }
    } else {
        failure.into()
    }
}

/// A step: a variant by its id, whoever may see it.
pub fn variant(conn: &mut Conn, id: Id<Variant>) -> Result<Option<Variant>, Failure> {
    variants::by_id(conn, id)
}

/// A step: those of the SKUs that a shop has, in no order.
pub fn variants_by_skus(conn: &mut Conn, shop: Id<Shop>, skus: &[&str]) -> Result<Vec<Variant>, Failure> {
    variants::by_skus(conn, shop, skus)
}

/// A step: whose a product is.
pub fn shop_of(conn: &mut Conn, product: Id<Product>) -> Result<Option<Id<Shop>>, Failure> {
    Ok(queries::by_ids(conn, &[product])?.pop().map(|product| product.card.shop_id))
}

/// A step: those products of a shop that have one of these slugs, in no order.
pub fn products_by_slugs(
    conn: &mut Conn,
    shop: Id<Shop>,
    slugs: &[&str],
) -> Result<Vec<(String, Id<Product>)>, Failure> {
    queries::ids_by_slugs(conn, shop, slugs)
}

/// A product with all that is said of it.
pub struct Whole {
    pub product: Product,
    /// In the product's order, and at least one.
    pub variants: Vec<Variant>,
    /// In its kind's order.
    pub said: Vec<Said>,
    /// The handle of its kind.
    pub kind: Option<String>,
}

/// A step: products of a shop from the oldest on, those after another one if it is given.
pub fn whole_products(
    conn: &mut Conn,
    shop: Id<Shop>,
    after: Option<(Time, Id<Product>)>,
    limit: i64,
) -> Result<Vec<Whole>, Failure> {
    let products = queries::oldest_first(conn, shop, after, limit)?;
    let ids: Vec<_> = products.iter().map(|product| product.card.id).collect();
    let mut of_products = HashMap::<_, Vec<Variant>>::new();
    for variant in variants::of_products(conn, &ids)? {
        of_products.entry(variant.product_id).or_default().push(variant);
    }
    let mut said = HashMap::<_, Vec<Said>>::new();
    for (id, one) in attributes::said(conn, &ids)? {
        said.entry(id).or_default().push(one);
    }
    let kinds: BTreeSet<_> = products.iter().filter_map(|product| product.details.product_kind_id).collect();
    let kinds: Vec<_> = kinds.into_iter().map(ProductKindBy::Id).collect();
    let kinds = if kinds.is_empty() { Vec::new() } else { attributes::kinds_by_names(conn, &kinds)? };
    let kinds: HashMap<_, _> = kinds.into_iter().map(|kind| (kind.id, kind.handle)).collect();
    let whole = |product: Product| Whole {
        variants: of_products.remove(&product.card.id).unwrap_or_default(),
        said: said.remove(&product.card.id).unwrap_or_default(),
        kind: product.details.product_kind_id.and_then(|kind| kinds.get(&kind).cloned()),
        product,
    };
    Ok(products.into_iter().map(whole).collect())
}

/// A step: what the prices of variants are compared with, each in its shop's currency; those that are compared with nothing are left
/// out.
pub fn compared(conn: &mut Conn, ids: &[Id<Variant>]) -> Result<HashMap<Id<Variant>, i64>, Failure> {
    prices::compared(conn, ids)
}

/// A step: what an order copies into its lines, in no order; unknown ids are left out. Whether the product is active is
/// for the caller to look at.
pub fn variants_for_sale(conn: &mut Conn, ids: &[Id<Variant>]) -> Result<Vec<ForSale>, Failure> {
    let rows = variants::with_products(conn, ids)?;
    let row = |(variant, title, status, tax_class, holiday, commission): variants::WithProduct| ForSale {
        variant: variant.id,
        product: variant.product_id,
        shop: variant.shop_id,
        status,
        holiday,
        commission: commission.and_then(Rate::from_basis_points),
        title: full_title(&title, &variant.title),
        price: variant.price(),
        tax_class,
        weight_grams: variant.weight_grams,
        sku: variant.sku,
    };
    Ok(rows.into_iter().map(row).collect())
}

/// A step: as [`variants_for_sale`], at their prices in one currency. Those that have none in it keep their shop's own.
pub fn variants_for_sale_in(
    conn: &mut Conn,
    ids: &[Id<Variant>],
    currency: CurrencyCode,
) -> Result<Vec<ForSale>, Failure> {
    let mut items = variants_for_sale(conn, ids)?;
    if items.iter().any(|item| item.price.currency != currency) {
        let recorded = prices::of_variants(conn, ids)?;
        let amounts: HashMap<_, _> = recorded
            .iter()
            .filter(|price| price.currency == currency)
            .map(|price| (price.variant_id, price.amount))
            .collect();
        for item in items.iter_mut().filter(|item| item.price.currency != currency) {
            if let Some(&amount) = amounts.get(&item.variant) {
                item.price = Money::new(amount, currency);
            }
        }
    }
    Ok(items)
}

/// A step: counts pieces as sold (negative: as given back). Products are locked in the order of their ids.
pub fn count_sold(tx: &mut Tx<'_>, sold: &[(Id<Product>, i64)]) -> Result<(), Failure> {
    let mut by_product = BTreeMap::<_, i64>::new();
    for (product, quantity) in sold {
        *by_product.entry(*product).or_default() += quantity;
    }
    let (ids, quantities): (Vec<_>, Vec<_>) = by_product.into_iter().unzip();
    if ids.is_empty() || queries::add_sold(tx, &ids, &quantities)? == ids.len() {
        Ok(())
    } else {
        Err(Failure::internal("a product that was sold does not exist"))
    }
}

/// A step: locks products in the order of their ids. Whoever moves stock, too, has locked its levels before.
pub fn hold(tx: &mut Tx<'_>, ids: &[Id<Product>]) -> Result<(), Failure> {
    queries::hold(tx, ids)
}

/// A step: says of products, which are locked or new, whether one of their variants can be ordered.
pub fn set_available(tx: &mut Tx<'_>, products: &[(Id<Product>, bool)]) -> Result<(), Failure> {
    for is_available in [true, false] {
        let same = products.iter().filter(|(_, available)| *available == is_available);
        let ids: Vec<_> = same.map(|(id, _)| *id).collect();
        if !ids.is_empty() {
            queries::set_available(tx, &ids, is_available)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sku_is_made_of_the_random_end_of_the_id() {
        let id: Id<Variant> = "variant_01h455vb4pex5vsknk084sn02q".parse().unwrap();
        assert_eq!(default_sku(id), "NK084SN02Q");
    }
}
