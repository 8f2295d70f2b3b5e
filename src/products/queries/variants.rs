//! Variants in Postgres.

use diesel::{
    AsChangeset, BoolExpressionMethods, ExpressionMethods, Insertable, JoinOnDsl, NullableExpressionMethods,
    OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper,
    sql_types::{Array, BigInt, Integer, Nullable, Text, Uuid},
};

use crate::{
    kernel::{error::Failure, id::Id, money::CurrencyCode},
    platform::{
        clock::Time,
        db::{Conn, Tx},
    },
    products::model::{Product, ProductStatus, Variant, taxes::TaxClass},
    schema::{product_variants, products, shop_members, shop_profiles, shops},
    shops::model::{HolidayColumns, Shop, ShopRole},
    users::model::User,
};

/// A variant with what decides who sees it: its product's status, and what the viewer does for its shop.
pub type Seen = (Variant, ProductStatus, Option<ShopRole>);

pub fn by_ids(conn: &mut Conn, viewer: Option<Id<User>>, ids: &[Id<Variant>]) -> Result<Vec<Seen>, Failure> {
    let membership =
        shop_members::shop_id.eq(product_variants::shop_id).and(shop_members::user_id.nullable().eq(viewer));
    Ok(product_variants::table
        .inner_join(products::table.on(products::id.eq(product_variants::product_id)))
        .left_join(shop_members::table.on(membership))
        .filter(product_variants::id.eq_any(ids))
        .select((Variant::as_select(), products::status, shop_members::role.nullable()))
        .load(conn)?)
}

/// The variants of products in the products' own order.
pub fn by_products(conn: &mut Conn, viewer: Option<Id<User>>, ids: &[Id<Product>]) -> Result<Vec<Seen>, Failure> {
    let membership =
        shop_members::shop_id.eq(product_variants::shop_id).and(shop_members::user_id.nullable().eq(viewer));
    Ok(product_variants::table
        .inner_join(products::table.on(products::id.eq(product_variants::product_id)))
        .left_join(shop_members::table.on(membership))
        .filter(product_variants::product_id.eq_any(ids))
        .order((product_variants::ordinal, product_variants::id))
        .select((Variant::as_select(), products::status, shop_members::role.nullable()))
        .load(conn)?)
}

/// All variants of one product in its order; whoever changes them holds the product's lock.
pub fn of_product(conn: &mut Conn, id: Id<Product>) -> Result<Vec<Variant>, Failure> {
    of_products(conn, &[id])
}

/// As [`of_product`], of many.
pub fn of_products(conn: &mut Conn, ids: &[Id<Product>]) -> Result<Vec<Variant>, Failure> {
    Ok(product_variants::table
        .filter(product_variants::product_id.eq_any(ids))
        .order((product_variants::ordinal, product_variants::id))
        .select(Variant::as_select())
        .load(conn)?)
}

pub fn by_id(conn: &mut Conn, id: Id<Variant>) -> Result<Option<Variant>, Failure> {
    Ok(product_variants::table.find(id).select(Variant::as_select()).first(conn).optional()?)
}

/// A variant with the title, the status and the tax class of its product; of its shop, when it is on holiday, and the market's
/// share of what it sells.
pub type WithProduct = (Variant, String, ProductStatus, Option<Id<TaxClass>>, Option<HolidayColumns>, Option<i32>);

/// Variants with what an order looks at, in no order.
pub fn with_products(conn: &mut Conn, ids: &[Id<Variant>]) -> Result<Vec<WithProduct>, Failure> {
    Ok(product_variants::table
        .inner_join(products::table.on(products::id.eq(product_variants::product_id)))
        .inner_join(shops::table.on(shops::id.eq(product_variants::shop_id)))
        .left_join(shop_profiles::table.on(shop_profiles::shop_id.eq(product_variants::shop_id)))
        .filter(product_variants::id.eq_any(ids))
        .select((
            Variant::as_select(),
            products::title,
            products::status,
            products::tax_class_id,
            Option::<HolidayColumns>::as_select(),
            shops::commission_rate,
        ))
        .load(conn)?)
}

/// Those of the SKUs that variants of the shop have.
pub fn by_skus(conn: &mut Conn, shop: Id<Shop>, skus: &[&str]) -> Result<Vec<Variant>, Failure> {
    Ok(product_variants::table
        .filter(product_variants::shop_id.eq(shop))
        .filter(product_variants::sku.eq_any(skus))
        .select(Variant::as_select())
        .load(conn)?)
}

#[derive(Insertable)]
#[diesel(table_name = product_variants)]
pub struct NewVariant<'a> {
    pub id: Id<Variant>,
    pub product_id: Id<Product>,
    pub shop_id: Id<Shop>,
    pub sku: &'a str,
    pub title: &'a str,
    pub ordinal: i32,
    pub currency: CurrencyCode,
    pub price: i64,
    pub option_values: &'a [String],
    pub barcode: Option<&'a str>,
    pub weight_grams: Option<i32>,
    pub created_at: Time,
}

/// Inserts many variants at once.
pub fn insert_all(tx: &mut Tx<'_>, rows: &[NewVariant<'_>]) -> Result<(), Failure> {
    diesel::insert_into(product_variants::table).values(rows).execute(tx.conn())?;
    Ok(())
}

/// What changes about a variant. The inner `None` clears.
#[derive(Default, AsChangeset)]
#[diesel(table_name = product_variants)]
#[allow(clippy::option_option, reason = "this is how Diesel tells what stays from what becomes NULL")]
pub struct VariantColumns<'a> {
    pub sku: Option<&'a str>,
    pub title: Option<&'a str>,
    pub price: Option<i64>,
    pub option_values: Option<&'a [String]>,
    pub barcode: Option<Option<String>>,
    pub weight_grams: Option<Option<i32>>,
}

pub fn set(tx: &mut Tx<'_>, id: Id<Variant>, columns: &VariantColumns<'_>) -> Result<Variant, Failure> {
    Ok(diesel::update(product_variants::table.find(id))
        .set((product_variants::version.eq(product_variants::version + 1), columns))
        .returning(Variant::as_returning())
        .get_result(tx.conn())?)
}

/// Sets what variants of a locked product cost in their shop's currency.
pub fn set_prices(tx: &mut Tx<'_>, ids: &[Id<Variant>], prices: &[i64]) -> Result<usize, Failure> {
    Ok(diesel::sql_query(
        "UPDATE product_variants SET price = new.price, version = version + 1 \
           FROM unnest($1, $2) AS new (id, price) WHERE product_variants.id = new.id",
    )
    .bind::<Array<Uuid>, _>(ids)
    .bind::<Array<BigInt>, _>(prices)
    .execute(tx.conn())?)
}

/// What a variant of a locked product shall be, apart from its options.
#[derive(Debug)]
pub struct Revised {
    pub id: Id<Variant>,
    pub title: String,
    pub price: i64,
    pub barcode: Option<String>,
    pub weight_grams: Option<i32>,
}

/// Brings variants of locked products in line.
pub fn revise(tx: &mut Tx<'_>, rows: &[Revised]) -> Result<(), Failure> {
    diesel::sql_query(
        "UPDATE product_variants SET title = new.title, price = new.price, barcode = new.barcode, \
                weight_grams = new.weight_grams, version = version + 1 \
           FROM unnest($1, $2, $3, $4, $5) AS new (id, title, price, barcode, weight_grams) \
          WHERE product_variants.id = new.id",
    )
    .bind::<Array<Uuid>, _>(rows.iter().map(|row| row.id).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(rows.iter().map(|row| row.title.as_str()).collect::<Vec<_>>())
    .bind::<Array<BigInt>, _>(rows.iter().map(|row| row.price).collect::<Vec<_>>())
    .bind::<Array<Nullable<Text>>, _>(rows.iter().map(|row| row.barcode.as_deref()).collect::<Vec<_>>())
    .bind::<Array<Nullable<Integer>>, _>(rows.iter().map(|row| row.weight_grams).collect::<Vec<_>>())
    .execute(tx.conn())?;
    Ok(())
}

/// Gives variants of a locked product other values, at the place of each option, and so other titles.
pub fn set_options(
    tx: &mut Tx<'_>,
    product: Id<Product>,
    ids: &[Id<Variant>],
    values: &[Vec<String>],
    titles: &[String],
) -> Result<(), Failure> {
    // Cleared first: two variants that exchange their values are the same in between.
    diesel::update(product_variants::table.filter(product_variants::product_id.eq(product)))
        .set(product_variants::option_values.eq(Vec::<String>::new()))
        .execute(tx.conn())?;
    let at = |place: usize| values.iter().map(move |values| values.get(place)).collect::<Vec<_>>();
    diesel::sql_query(
        "UPDATE product_variants SET option_values = array_remove(ARRAY[new.first, new.second, new.third], NULL), \
                title = new.title, version = version + 1 \
           FROM unnest($1, $2, $3, $4, $5) AS new (id, title, first, second, third) WHERE product_variants.id = new.id",
    )
    .bind::<Array<Uuid>, _>(ids)
    .bind::<Array<Text>, _>(titles)
    .bind::<Array<Nullable<Text>>, _>(at(0))
    .bind::<Array<Nullable<Text>>, _>(at(1))
    .bind::<Array<Nullable<Text>>, _>(at(2))
    .execute(tx.conn())?;
    Ok(())
}

/// Puts variants of a locked product into this order.
pub fn set_order(tx: &mut Tx<'_>, ids: &[Id<Variant>]) -> Result<usize, Failure> {
    Ok(diesel::sql_query(
        "UPDATE product_variants SET ordinal = new.place - 1 \
           FROM unnest($1) WITH ORDINALITY AS new (id, place) WHERE product_variants.id = new.id",
    )
    .bind::<Array<Uuid>, _>(ids)
    .execute(tx.conn())?)
}
