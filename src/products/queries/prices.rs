//! What variants cost, and what they cost before, in Postgres.

use std::collections::HashMap;

use diesel::{
    BoolExpressionMethods, ExpressionMethods, Insertable, JoinOnDsl, NullableExpressionMethods, QueryDsl,
    QueryableByName, RunQueryDsl, SelectableHelper,
    sql_types::{Array, BigInt, Bool, Nullable, Text, Timestamptz, Uuid},
    upsert::excluded,
};

use crate::{
    kernel::{
        error::Failure,
        id::Id,
        money::CurrencyCode,
        page::{Page, Slice},
    },
    newest_first_by_id,
    platform::{
        clock::Time,
        counted::Counted,
        db::{Conn, Tx},
        gql::COUNT_LIMIT,
    },
    products::model::{
        Product, Variant,
        prices::{Past, PriceChange, ProductPrice, VariantPrice},
    },
    schema::{price_changes, product_prices, product_variants, variant_prices},
    shops::model::Shop,
    users::model::User,
};

/// What variants cost in all currencies, by currency.
pub fn of_variants(conn: &mut Conn, ids: &[Id<Variant>]) -> Result<Vec<VariantPrice>, Failure> {
    Ok(variant_prices::table
        .filter(variant_prices::variant_id.eq_any(ids))
        .order((variant_prices::variant_id, variant_prices::currency))
        .select(VariantPrice::as_select())
        .load(conn)?)
}

/// What the prices of variants are compared with in their shops' currencies; those that are compared with nothing are left out.
pub fn compared(conn: &mut Conn, ids: &[Id<Variant>]) -> Result<HashMap<Id<Variant>, i64>, Failure> {
    let own = product_variants::id
        .eq(variant_prices::variant_id)
        .and(product_variants::currency.eq(variant_prices::currency));
    let rows: Vec<(Id<Variant>, i64)> = variant_prices::table
        .inner_join(product_variants::table.on(own))
        .filter(variant_prices::variant_id.eq_any(ids))
        .filter(variant_prices::compare_at_amount.is_not_null())
        .select((variant_prices::variant_id, variant_prices::compare_at_amount.assume_not_null()))
        .load(conn)?;
    Ok(rows.into_iter().collect())
}

/// What products cost in all currencies, in no order.
pub fn of_products(conn: &mut Conn, ids: &[Id<Product>]) -> Result<Vec<ProductPrice>, Failure> {
    let of_products = product_prices::table.filter(product_prices::product_id.eq_any(ids));
    Ok(of_products.select(ProductPrice::as_select()).load(conn)?)
}

#[derive(QueryableByName)]
struct PastRow {
    #[diesel(sql_type = Uuid)]
    variant_id: Id<Variant>,
    #[diesel(sql_type = Text)]
    currency: CurrencyCode,
    #[diesel(sql_type = Nullable<BigInt>)]
    amount: Option<i64>,
    #[diesel(sql_type = Bool)]
    is_for_sale: bool,
    #[diesel(sql_type = Timestamptz)]
    created_at: Time,
}

/// The changes of prices after a time, oldest first, and of each price the last one until then before them.
pub fn past(
    conn: &mut Conn,
    variants: &[Id<Variant>],
    currencies: &[CurrencyCode],
    since: Time,
) -> Result<Vec<(Id<Variant>, CurrencyCode, Past)>, Failure> {
    let rows: Vec<PastRow> = diesel::sql_query(
        "SELECT past.* FROM unnest($1, $2) AS price (variant_id, currency) CROSS JOIN LATERAL ( \
            (SELECT c.* FROM price_changes c \
              WHERE c.variant_id = price.variant_id AND c.currency = price.currency AND c.created_at <= $3 \
              ORDER BY c.created_at DESC, c.id DESC LIMIT 1) \
            UNION ALL \
            (SELECT c.* FROM price_changes c \
              WHERE c.variant_id = price.variant_id AND c.currency = price.currency AND c.created_at > $3) \
         ) AS past ORDER BY past.id",
    )
    .bind::<Array<Uuid>, _>(variants)
    .bind::<Array<Text>, _>(currencies)
    .bind::<Timestamptz, _>(since)
    .load(conn)?;
    let past = |PastRow { variant_id, currency, amount, is_for_sale, created_at }| {
        (variant_id, currency, Past { amount, is_for_sale, created_at })
    };
    Ok(rows.into_iter().map(past).collect())
}

/// Sets what variants of locked products cost.
pub fn set(tx: &mut Tx<'_>, rows: &[VariantPrice]) -> Result<(), Failure> {
    diesel::insert_into(variant_prices::table)
        .values(rows)
        .on_conflict((variant_prices::variant_id, variant_prices::currency))
        .do_update()
        .set((
            variant_prices::amount.eq(excluded(variant_prices::amount)),
            variant_prices::compare_at_amount.eq(excluded(variant_prices::compare_at_amount)),
            variant_prices::lowest_recent_amount.eq(excluded(variant_prices::lowest_recent_amount)),
            variant_prices::is_for_sale.eq(excluded(variant_prices::is_for_sale)),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// Variants of locked products have no price in these currencies any more.
pub fn delete(tx: &mut Tx<'_>, variants: &[Id<Variant>], currencies: &[CurrencyCode]) -> Result<(), Failure> {
    diesel::sql_query(
        "DELETE FROM variant_prices p USING unnest($1, $2) AS gone (variant_id, currency) \
          WHERE p.variant_id = gone.variant_id AND p.currency = gone.currency",
    )
    .bind::<Array<Uuid>, _>(variants)
    .bind::<Array<Text>, _>(currencies)
    .execute(tx.conn())?;
    Ok(())
}

#[derive(Insertable)]
#[diesel(table_name = price_changes)]
pub struct NewPriceChange {
    pub variant_id: Id<Variant>,
    pub currency: CurrencyCode,
    pub amount: Option<i64>,
    pub compare_at_amount: Option<i64>,
    pub lowest_recent_amount: Option<i64>,
    pub is_for_sale: bool,
    pub actor_id: Option<Id<User>>,
    pub created_at: Time,
}

pub fn insert_changes(tx: &mut Tx<'_>, rows: &[NewPriceChange]) -> Result<(), Failure> {
    diesel::insert_into(price_changes::table).values(rows).execute(tx.conn())?;
    Ok(())
}

/// Sets what locked products cost in other currencies than their shops': these rows, and no others.
pub fn set_of_products(tx: &mut Tx<'_>, ids: &[Id<Product>], rows: &[ProductPrice]) -> Result<(), Failure> {
    let kept: (Vec<_>, Vec<_>) = rows.iter().map(|row| (row.product_id, row.currency)).unzip();
    diesel::sql_query(
        "DELETE FROM product_prices old USING products \
          WHERE products.id = old.product_id AND old.product_id = ANY ($1) AND old.currency <> products.currency \
            AND NOT EXISTS (SELECT FROM unnest($2, $3) AS kept (product_id, currency) \
                             WHERE kept.product_id = old.product_id AND kept.currency = old.currency)",
    )
    .bind::<Array<Uuid>, _>(ids)
    .bind::<Array<Uuid>, _>(kept.0)
    .bind::<Array<Text>, _>(kept.1)
    .execute(tx.conn())?;
    diesel::insert_into(product_prices::table)
        .values(rows)
        .on_conflict((product_prices::product_id, product_prices::currency))
        .do_update()
        .set((
            product_prices::price_min.eq(excluded(product_prices::price_min)),
            product_prices::price_max.eq(excluded(product_prices::price_max)),
            product_prices::is_active.eq(excluded(product_prices::is_active)),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// How the prices of a shop's variant changed, newest first.
pub fn changes(
    conn: &mut Conn,
    shop: Id<Shop>,
    variant: Id<Variant>,
    page: &Page<i64>,
) -> Result<Slice<PriceChange>, Failure> {
    let query = price_changes::table
        .inner_join(product_variants::table.on(product_variants::id.eq(price_changes::variant_id)))
        .filter(price_changes::variant_id.eq(variant))
        .filter(product_variants::shop_id.eq(shop))
        .select(PriceChange::as_select())
        .into_boxed();
    let query = newest_first_by_id!(query, page, price_changes::id);
    Ok(page.slice(query.load(conn)?))
}

pub fn count_changes(conn: &mut Conn, shop: Id<Shop>, variant: Id<Variant>) -> Result<i64, Failure> {
    let of_variant = price_changes::table
        .inner_join(product_variants::table.on(product_variants::id.eq(price_changes::variant_id)))
        .filter(price_changes::variant_id.eq(variant))
        .filter(product_variants::shop_id.eq(shop));
    Ok(Counted(of_variant.select(price_changes::id).limit(COUNT_LIMIT + 1)).get_result(conn)?)
}

/// The changes of prices that somebody made, newest first.
pub fn changes_by(conn: &mut Conn, user: Id<User>, page: &Page<i64>) -> Result<Slice<PriceChange>, Failure> {
    let own = price_changes::table.filter(price_changes::actor_id.eq(user));
    let query = newest_first_by_id!(own.select(PriceChange::as_select()).into_boxed(), page, price_changes::id);
    Ok(page.slice(query.load(conn)?))
}
