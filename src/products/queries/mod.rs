//! Categories and products in Postgres.

/// Loads rows of a query with what `with` names: a list of [`Listed`], or of pairs with one more column.
macro_rules! load_listed {
    ($query:expr, $conn:expr, $with:expr $(, $column:expr => $name:ident)?) => {{
        use $crate::{products::model::{Card, Details}, shops::model::Face};
        let listed = |card, details, shop| Listed { card, details, shop, mark: 0, price: None };
        match ($with.details, $with.shop) {
            (false, false) => {
                let rows = $query.select((Card::as_select() $(, $column)?)).load($conn)?.into_iter();
                rows.map(|(card $(, $name)?)| (listed(card, None, None) $(, $name)?)).collect::<Vec<_>>()
            }
            (false, true) => {
                let columns = (Card::as_select(), Option::<Face>::as_select() $(, $column)?);
                let rows = $query.select(columns).load($conn)?.into_iter();
                rows.map(|(card, shop $(, $name)?)| (listed(card, None, shop) $(, $name)?)).collect()
            }
            (true, false) => {
                let columns = (Card::as_select(), Details::as_select() $(, $column)?);
                let rows = $query.select(columns).load($conn)?.into_iter();
                rows.map(|(card, details $(, $name)?)| (listed(card, Some(details), None) $(, $name)?)).collect()
            }
            (true, true) => {
                let columns = (Card::as_select(), Details::as_select(), Option::<Face>::as_select() $(, $column)?);
                let rows = $query.select(columns).load($conn)?.into_iter();
                rows.map(|(card, details, shop $(, $name)?)| (listed(card, Some(details), shop) $(, $name)?)).collect()
            }
        }
    }};
}

/// A page of a boxed query over a table, by its names.
macro_rules! page_by_name {
    ($conn:expr, $page:expr, $table:ident, $query:expr) => {{
        use diesel::sql_types::Record;
        use $crate::kernel::page::Direction;
        let query = $query.limit($page.fetch_limit());
        let key = diesel::IntoSql::into_sql::<Record<(diesel::sql_types::Text, diesel::sql_types::Uuid)>>((
            $table::name,
            $table::id,
        ));
        let query = match (&$page.from, $page.direction) {
            (Some((name, id)), Direction::Forward) => query.filter(key.gt((name, *id))),
            (Some((name, id)), Direction::Backward) => query.filter(key.lt((name, *id))),
            (None, _) => query,
        };
        let query = match $page.direction {
            Direction::Forward => query.order(($table::name.asc(), $table::id.asc())),
            Direction::Backward => query.order(($table::name.desc(), $table::id.desc())),
        };
        Ok($page.slice(query.load($conn)?))
    }};
}

pub mod attributes;
pub mod categories;
pub mod checks;
pub mod facets;
mod fits;
pub mod found;
pub mod holds;
pub mod lists;
pub mod media;
mod part;
pub mod prices;
pub mod ratings;
pub mod taxes;
pub mod translations;
pub mod variants;
pub mod words;

use diesel::{
    AsChangeset, BoolExpressionMethods, CombineDsl, ExpressionMethods, Insertable, JoinOnDsl,
    NullableExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper,
};

use super::model::{
    Category, Details, Listed, MAXIMUM_FORMER_SLUGS, Product, ProductBy, ProductStatus, With,
    attributes::{ProductKind, Settled},
    taxes::TaxClass,
};
use crate::{
    kernel::{error::Failure, id::Id, money::CurrencyCode, tsvector::Document},
    platform::{
        clock::Time,
        db::{Conn, Tx},
    },
    schema::{product_attributes, product_slugs, products, shop_members, shops},
    shops::model::{Shop, ShopRole},
    users::model::User,
};

/// A product with what the viewer does for its shop.
pub type Seen = (Listed, Option<ShopRole>);

/// Products in no order.
pub fn by_names(
    conn: &mut Conn,
    viewer: Option<Id<User>>,
    names: &[ProductBy],
    with: With,
) -> Result<Vec<Seen>, Failure> {
    let (mut ids, mut slugs) = (Vec::new(), Vec::new());
    for name in names {
        match name {
            ProductBy::Id(id) => ids.push(*id),
            ProductBy::Slug(slug) => slugs.push(slug),
        }
    }
    let membership = shop_members::shop_id.eq(products::shop_id).and(shop_members::user_id.nullable().eq(viewer));
    // A join of which nothing is selected costs nothing: Postgres leaves it out.
    let query = products::table
        .left_join(shops::table.on(shops::id.eq(products::shop_id)))
        .left_join(shop_members::table.on(membership));
    let role = shop_members::role.nullable();
    // One by its id is asked for most: Diesel writes the SQL of a query that is not boxed only once.
    if let ([id], true) = (ids.as_slice(), slugs.is_empty()) {
        return Ok(load_listed!(query.filter(products::id.eq(id)), conn, with, role => role));
    }
    let query = query.into_boxed();
    let query = match (ids.is_empty(), slugs.is_empty()) {
        (_, true) => query.filter(products::id.eq_any(ids)),
        (true, false) => query.filter(products::slug.eq_any(slugs)),
        (false, false) => query.filter(products::id.eq_any(ids).or(products::slug.eq_any(slugs))),
    };
    Ok(load_listed!(query, conn, with, role => role))
}

/// Products by slugs that they had, each with the one that it was asked for by.
pub fn by_former_names(
    conn: &mut Conn,
    viewer: Option<Id<User>>,
    slugs: &[String],
    with: With,
) -> Result<Vec<(String, Seen)>, Failure> {
    let membership = shop_members::shop_id.eq(products::shop_id).and(shop_members::user_id.nullable().eq(viewer));
    let query = product_slugs::table
        .inner_join(products::table.on(products::id.eq(product_slugs::product_id)))
        .left_join(shops::table.on(shops::id.eq(products::shop_id)))
        .left_join(shop_members::table.on(membership))
        .filter(product_slugs::slug.eq_any(slugs));
    let columns = (product_slugs::slug, shop_members::role.nullable());
    let rows = load_listed!(query, conn, with, columns => columns);
    Ok(rows.into_iter().map(|(listed, (slug, role))| (slug, (listed, role))).collect())
}

/// What lists do not show of products that somebody has seen, in no order.
pub fn details_by_ids(conn: &mut Conn, ids: &[Id<Product>]) -> Result<Vec<(Id<Product>, Details)>, Failure> {
    Ok(products::table.filter(products::id.eq_any(ids)).select((products::id, Details::as_select())).load(conn)?)
}

/// Products by their ids, in no order.
pub fn by_ids(conn: &mut Conn, ids: &[Id<Product>]) -> Result<Vec<Product>, Failure> {
    Ok(products::table.filter(products::id.eq_any(ids)).select(Product::as_select()).load(conn)?)
}

/// Those products of a shop that have one of these slugs.
pub fn ids_by_slugs(conn: &mut Conn, shop: Id<Shop>, slugs: &[&str]) -> Result<Vec<(String, Id<Product>)>, Failure> {
    let rows = products::table.filter(products::slug.eq_any(slugs)).filter(products::shop_id.eq(shop));
    Ok(rows.select((products::slug, products::id)).load(conn)?)
}

/// Products of a shop from the oldest on, those after another one if it is given.
pub fn oldest_first(
    conn: &mut Conn,
    shop: Id<Shop>,
    after: Option<(Time, Id<Product>)>,
    limit: i64,
) -> Result<Vec<Product>, Failure> {
    use diesel::{
        IntoSql,
        sql_types::{Record, Timestamptz, Uuid},
    };
    let rows = products::table.filter(products::shop_id.eq(shop)).select(Product::as_select()).into_boxed();
    let key = (products::created_at, products::id).into_sql::<Record<(Timestamptz, Uuid)>>();
    let rows = match after {
        Some((time, id)) => rows.filter(key.gt((time, id))),
        None => rows,
    };
    Ok(rows.order((products::created_at, products::id)).limit(limit).load(conn)?)
}

/// Locks a product's row, which stands for its variants too.
pub fn lock_product(tx: &mut Tx<'_>, id: Id<Product>) -> Result<Option<Product>, Failure> {
    Ok(products::table.find(id).select(Product::as_select()).for_no_key_update().first(tx.conn()).optional()?)
}

/// As [`lock_product`], of many, in the order of their ids.
pub fn lock_products(tx: &mut Tx<'_>, ids: &[Id<Product>]) -> Result<Vec<Product>, Failure> {
    let rows = products::table.filter(products::id.eq_any(ids)).order(products::id).select(Product::as_select());
    Ok(rows.for_no_key_update().load(tx.conn())?)
}

/// Products that shall be for sale by now, or no longer, in the order of their ids.
pub fn due(conn: &mut Conn, now: Time, limit: i64) -> Result<Vec<Id<Product>>, Failure> {
    let is_due = products::publish_at.le(now).or(products::unpublish_at.le(now));
    let is_due = is_due.assume_not_null();
    Ok(products::table.filter(is_due).order(products::id).select(products::id).limit(limit).load(conn)?)
}

/// Products that are to be settled in the order of their ids, from the one after `after` on.
pub fn to_settle(
    conn: &mut Conn,
    whose: Settled,
    after: Option<Id<Product>>,
    limit: i64,
) -> Result<Vec<Id<Product>>, Failure> {
    let after = after.unwrap_or(Id::from_uuid(uuid::Uuid::nil()));
    let next = products::table.filter(products::id.gt(after)).select(products::id).order(products::id).limit(limit);
    Ok(match whose {
        Settled::All => next.load(conn)?,
        Settled::OfKind(id) => next.filter(products::product_kind_id.eq(id)).load(conn)?,
        Settled::WithAttribute(id) => product_attributes::table
            .filter(product_attributes::attribute_id.eq(id))
            .filter(product_attributes::product_id.gt(after))
            .select(product_attributes::product_id)
            .order(product_attributes::product_id)
            .limit(limit)
            .load(conn)?,
    })
}

#[derive(Insertable)]
#[diesel(table_name = products)]
pub struct NewProduct<'a> {
    pub id: Id<Product>,
    pub shop_id: Id<Shop>,
    pub category_id: Option<Id<Category>>,
    pub slug: &'a str,
    pub title: &'a str,
    pub description: &'a str,
    pub status: ProductStatus,
    pub currency: CurrencyCode,
    pub price_min: i64,
    pub price_max: i64,
    pub sold_count: i64,
    pub brand: &'a str,
    pub tags: &'a [String],
    pub option_names: &'a [String],
    pub product_kind_id: Option<Id<ProductKind>>,
    pub tax_class_id: Option<Id<TaxClass>>,
    pub search: &'a Document,
    /// What it says, packed: known by the time that it is said, it is not written once more.
    pub said: &'a [u8],
    pub created_at: Time,
    pub updated_at: Time,
}

/// False if the slug is taken.
pub fn insert_product(tx: &mut Tx<'_>, product: &NewProduct<'_>) -> Result<bool, Failure> {
    let insert = diesel::insert_into(products::table).values(product).on_conflict(products::slug).do_nothing();
    Ok(insert.execute(tx.conn())? == 1)
}

/// Inserts many products at once.
pub fn insert_products(tx: &mut Tx<'_>, rows: &[NewProduct<'_>]) -> Result<(), Failure> {
    diesel::insert_into(products::table).values(rows).execute(tx.conn())?;
    Ok(())
}

/// Those of the slugs that products have, or had.
pub fn taken_slugs(conn: &mut Conn, slugs: &[&str]) -> Result<Vec<String>, Failure> {
    let present = products::table.filter(products::slug.eq_any(slugs)).select(products::slug);
    let former = product_slugs::table.filter(product_slugs::slug.eq_any(slugs)).select(product_slugs::slug);
    Ok(present.union_all(former).load(conn)?)
}

/// Which products had these slugs. Who has one now is not looked at.
pub fn by_former_slugs(conn: &mut Conn, slugs: &[String]) -> Result<Vec<(String, Id<Product>)>, Failure> {
    let former = product_slugs::table.filter(product_slugs::slug.eq_any(slugs));
    Ok(former.select((product_slugs::slug, product_slugs::product_id)).load(conn)?)
}

/// Remembers what a locked product was called in URLs, and forgets what that was long ago.
pub fn remember_slug(tx: &mut Tx<'_>, product: Id<Product>, former: &str, now: Time) -> Result<(), Failure> {
    use diesel::upsert::excluded;
    let row =
        (product_slugs::slug.eq(former), product_slugs::product_id.eq(product), product_slugs::created_at.eq(now));
    diesel::insert_into(product_slugs::table)
        .values(row)
        .on_conflict(product_slugs::slug)
        .do_update()
        .set((
            product_slugs::product_id.eq(excluded(product_slugs::product_id)),
            product_slugs::created_at.eq(excluded(product_slugs::created_at)),
        ))
        .execute(tx.conn())?;
    let kept = product_slugs::table
        .filter(product_slugs::product_id.eq(product))
        .order((product_slugs::created_at.desc(), product_slugs::slug))
        .select(product_slugs::slug)
        .limit(MAXIMUM_FORMER_SLUGS)
        .load::<String>(tx.conn())?;
    let long_ago = product_slugs::product_id.eq(product).and(product_slugs::slug.ne_all(kept));
    diesel::delete(product_slugs::table.filter(long_ago)).execute(tx.conn())?;
    Ok(())
}

/// Forgets that a product had the slug that it has again.
pub fn forget_slug(tx: &mut Tx<'_>, product: Id<Product>, slug: &str) -> Result<(), Failure> {
    let own = product_slugs::slug.eq(slug).and(product_slugs::product_id.eq(product));
    diesel::delete(product_slugs::table.filter(own)).execute(tx.conn())?;
    Ok(())
}

/// What changes about a product's own columns. The inner `None` clears.
#[derive(Default, AsChangeset)]
#[diesel(table_name = products)]
#[allow(clippy::option_option, reason = "this is how Diesel tells what stays from what becomes NULL")]
pub struct ProductColumns<'a> {
    pub title: Option<&'a str>,
    pub description: Option<&'a str>,
    pub category_id: Option<Option<Id<Category>>>,
    pub slug: Option<&'a str>,
    pub status: Option<ProductStatus>,
    pub brand: Option<&'a str>,
    pub tags: Option<&'a [String]>,
    pub option_names: Option<&'a [String]>,
    pub product_kind_id: Option<Option<Id<ProductKind>>>,
    pub tax_class_id: Option<Option<Id<TaxClass>>>,
    pub publish_at: Option<Option<Time>>,
    pub unpublish_at: Option<Option<Time>>,
}

pub fn set_product(
    tx: &mut Tx<'_>,
    id: Id<Product>,
    columns: &ProductColumns<'_>,
    now: Time,
) -> Result<Product, Failure> {
    Ok(diesel::update(products::table.find(id))
        .set((products::version.eq(products::version + 1), products::updated_at.eq(now), columns))
        .returning(Product::as_returning())
        .get_result(tx.conn())?)
}

/// Sets what follows from what a product has and says, where it is not so already.
pub fn set_settled(
    tx: &mut Tx<'_>,
    id: Id<Product>,
    (price_min, price_max): (i64, i64),
    search: &Document,
    updated_at: Time,
) -> Result<(), Failure> {
    let is_otherwise = products::price_min
        .ne(price_min)
        .or(products::price_max.ne(price_max))
        .or(products::search.ne(search))
        .or(products::updated_at.ne(updated_at));
    diesel::update(products::table.find(id).filter(is_otherwise))
        .set((
            products::price_min.eq(price_min),
            products::price_max.eq(price_max),
            products::search.eq(search),
            products::updated_at.eq(updated_at),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// Says of products, which are locked, whether one of their variants can be ordered, and since when.
pub fn set_available(tx: &mut Tx<'_>, ids: &[Id<Product>], is_available: bool) -> Result<(), Failure> {
    let since = is_available.then(|| tx.now());
    let others = products::table.filter(products::id.eq_any(ids)).filter(products::is_available.ne(is_available));
    diesel::update(others)
        .set((products::is_available.eq(is_available), products::available_since.eq(since)))
        .execute(tx.conn())?;
    Ok(())
}

/// Those of the ids that are products', whoever may see these.
pub fn which_exist(conn: &mut Conn, ids: &[Id<Product>]) -> Result<Vec<Id<Product>>, Failure> {
    Ok(products::table.filter(products::id.eq_any(ids)).select(products::id).load(conn)?)
}

/// Locks products in the order of their ids.
pub fn hold(tx: &mut Tx<'_>, ids: &[Id<Product>]) -> Result<(), Failure> {
    let rows = products::table.filter(products::id.eq_any(ids)).order(products::id).select(products::id);
    rows.for_no_key_update().load::<Id<Product>>(tx.conn())?;
    Ok(())
}

/// Counts pieces as sold, products locked in the order of their ids.
pub fn add_sold(tx: &mut Tx<'_>, ids: &[Id<Product>], quantities: &[i64]) -> Result<usize, Failure> {
    use diesel::sql_types::{Array, BigInt, Uuid};
    if ids.len() > 1 {
        hold(tx, ids)?;
    }
    Ok(diesel::sql_query(
        "UPDATE products SET sold_count = sold_count + sold.quantity \
         FROM unnest($1, $2) AS sold (id, quantity) WHERE products.id = sold.id",
    )
    .bind::<Array<Uuid>, _>(ids)
    .bind::<Array<BigInt>, _>(quantities)
    .execute(tx.conn())?)
}
