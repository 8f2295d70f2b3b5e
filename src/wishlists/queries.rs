//! Favourites and wish lists in Postgres.

use diesel::{
    BoolExpressionMethods, ExpressionMethods, Insertable, JoinOnDsl, NullableExpressionMethods, OptionalExtension,
    PgExpressionMethods, QueryDsl, RunQueryDsl, SelectableHelper,
    dsl::{IntoBoxed, sql},
    pg::Pg,
    sql_types::{Array, BigInt, Bool, Timestamptz, Uuid as SqlUuid},
};

use super::model::{Audience, Item, MAXIMUM_ITEMS, MAXIMUM_LISTS, TimeKey, Visibility, WishList, WishListLink};
use crate::{
    kernel::{
        error::Failure,
        id::Id,
        page::{Page, Slice},
    },
    newest_first,
    platform::{
        clock::Time,
        counted::Counted,
        db::{Conn, Tx},
    },
    products::model::{Card, Product, ProductStatus, Variant},
    schema::{blocks, favorites, product_variants, products, shop_members, wish_list_items, wish_lists},
    users::model::User,
};

/// What a product costs at the least; none if somebody does not see it.
pub fn price_seen_by(conn: &mut Conn, user: Id<User>, id: Id<Product>) -> Result<Option<i64>, Failure> {
    let membership = shop_members::shop_id.eq(products::shop_id).and(shop_members::user_id.eq(user));
    let seen = products::table
        .left_join(shop_members::table.on(membership))
        .filter(products::id.eq(id))
        .filter(sql::<Bool>("products.status = 'ACTIVE'").or(shop_members::role.is_not_null()))
        .select(products::price_min);
    Ok(seen.first(conn).optional()?)
}

/// Whether a product has a variant.
pub fn has_variant(conn: &mut Conn, product: Id<Product>, variant: Id<Variant>) -> Result<bool, Failure> {
    let own = product_variants::table.find(variant).filter(product_variants::product_id.eq(product));
    Ok(diesel::select(diesel::dsl::exists(own)).get_result(conn)?)
}

/// Makes a product a favourite that costs so much. False if it was one already.
pub fn insert_favorite(tx: &mut Tx<'_>, user: Id<User>, product: Id<Product>, price: i64) -> Result<bool, Failure> {
    let row = (
        favorites::user_id.eq(user),
        favorites::product_id.eq(product),
        favorites::created_at.eq(tx.now()),
        favorites::noted_price.eq(price),
        favorites::liked_price.eq(price),
    );
    Ok(diesel::insert_into(favorites::table).values(row).on_conflict_do_nothing().execute(tx.conn())? == 1)
}

pub fn delete_favorite(tx: &mut Tx<'_>, user: Id<User>, product: Id<Product>) -> Result<(), Failure> {
    diesel::delete(favorites::table.find((user, product))).execute(tx.conn())?;
    Ok(())
}

/// Those of the products that are favourites of somebody.
pub fn favorites_of(conn: &mut Conn, user: Id<User>, ids: &[Id<Product>]) -> Result<Vec<Id<Product>>, Failure> {
    let own = favorites::table.filter(favorites::user_id.eq(user)).filter(favorites::product_id.eq_any(ids));
    Ok(own.select(favorites::product_id).load(conn)?)
}

/// The favourites of somebody, the last one first, and since when.
pub fn favorites(conn: &mut Conn, user: Id<User>, page: &Page<TimeKey>) -> Result<Slice<(Id<Product>, Time)>, Failure> {
    let own = favorites::table.filter(favorites::user_id.eq(user));
    let query = own.select((favorites::product_id, favorites::created_at)).into_boxed();
    let query = newest_first!(query, page, (favorites::created_at, favorites::product_id): (Timestamptz, SqlUuid));
    Ok(page.slice(query.load(conn)?))
}

pub fn count_favorites(conn: &mut Conn, user: Id<User>, limit: i64) -> Result<i64, Failure> {
    let own = favorites::table.filter(favorites::user_id.eq(user));
    Ok(Counted(own.select(favorites::product_id).limit(limit)).get_result(conn)?)
}

/// A product, if it is for sale and can be ordered.
pub fn on_offer(conn: &mut Conn, id: Id<Product>) -> Result<Option<Card>, Failure> {
    let on_offer = products::is_available.and(products::status.eq(ProductStatus::Active));
    Ok(products::table.find(id).filter(on_offer).select(Card::as_select()).first(conn).optional()?)
}

/// Some of those who like a product and know it to cost `from` or more, after one of them.
pub fn who_knows(
    conn: &mut Conn,
    product: Id<Product>,
    from: i64,
    after: Option<Id<User>>,
    limit: i64,
) -> Result<Vec<Id<User>>, Failure> {
    let mut query = favorites::table
        .filter(favorites::product_id.eq(product).and(favorites::noted_price.ge(from)))
        .select(favorites::user_id)
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(favorites::user_id.gt(after));
    }
    Ok(query.order(favorites::user_id).limit(limit).load(conn)?)
}

/// What somebody who likes a product knows it to cost.
pub fn known_price(conn: &mut Conn, user: Id<User>, product: Id<Product>) -> Result<Option<i64>, Failure> {
    Ok(favorites::table.find((user, product)).select(favorites::noted_price).first(conn).optional()?)
}

/// Notes what somebody who likes a product knows it to cost, if it is less than what they knew.
pub fn note_price(tx: &mut Tx<'_>, user: Id<User>, product: Id<Product>, price: i64) -> Result<(), Failure> {
    let dearer = favorites::table.find((user, product)).filter(favorites::noted_price.gt(price));
    diesel::update(dearer).set(favorites::noted_price.eq(price)).execute(tx.conn())?;
    Ok(())
}

#[derive(Insertable)]
#[diesel(table_name = wish_lists, treat_none_as_default_value = false)]
pub struct NewWishList<'a> {
    pub id: Id<WishList>,
    pub owner_id: Id<User>,
    pub name: &'a str,
    pub visibility: Visibility,
    pub link_id: Option<Id<WishListLink>>,
    pub created_at: Time,
    pub updated_at: Time,
}

pub fn insert_list(tx: &mut Tx<'_>, list: &NewWishList<'_>) -> Result<(), Failure> {
    diesel::insert_into(wish_lists::table).values(list).execute(tx.conn())?;
    Ok(())
}

/// The wish lists of somebody, the newest first.
pub fn lists_of(conn: &mut Conn, owner: Id<User>) -> Result<Vec<WishList>, Failure> {
    let own = wish_lists::table.filter(wish_lists::owner_id.eq(owner)).select(WishList::as_select());
    Ok(own.order((wish_lists::created_at.desc(), wish_lists::id.desc())).limit(MAXIMUM_LISTS).load(conn)?)
}

/// A list, and whether its owner has blocked who looks at it.
pub type Looked = (WishList, bool);

macro_rules! looked_at {
    ($conn:expr, $viewer:expr, $lists:expr) => {{
        let block = blocks::blocker_id.eq(wish_lists::owner_id).and(blocks::blocked_id.nullable().eq($viewer));
        let rows: Vec<(WishList, Option<Id<User>>)> = wish_lists::table
            .left_join(blocks::table.on(block))
            .filter($lists)
            .order((wish_lists::created_at.desc(), wish_lists::id.desc()))
            .select((WishList::as_select(), blocks::blocker_id.nullable()))
            .load($conn)?;
        Ok(rows.into_iter().map(|(list, blocker)| (list, blocker.is_some())).collect())
    }};
}

pub fn by_ids(conn: &mut Conn, viewer: Option<Id<User>>, ids: &[Id<WishList>]) -> Result<Vec<Looked>, Failure> {
    looked_at!(conn, viewer, wish_lists::id.eq_any(ids))
}

pub fn by_link(conn: &mut Conn, viewer: Option<Id<User>>, link: Id<WishListLink>) -> Result<Vec<Looked>, Failure> {
    looked_at!(conn, viewer, wish_lists::link_id.eq(link))
}

/// The public lists of people, each one's newest first.
pub fn public_of(conn: &mut Conn, viewer: Option<Id<User>>, owners: &[Id<User>]) -> Result<Vec<Looked>, Failure> {
    // A literal, as an index has it.
    let public = sql::<Bool>("visibility = 'PUBLIC'");
    looked_at!(conn, viewer, wish_lists::owner_id.eq_any(owners).and(public))
}

/// Locks a list of somebody's.
pub fn lock_list(tx: &mut Tx<'_>, owner: Id<User>, id: Id<WishList>) -> Result<Option<WishList>, Failure> {
    let own = wish_lists::table.find(id).filter(wish_lists::owner_id.eq(owner)).select(WishList::as_select());
    Ok(own.for_no_key_update().first(tx.conn()).optional()?)
}

/// Changes what a locked list is called, who sees it and by which link.
pub fn set_list(
    tx: &mut Tx<'_>,
    id: Id<WishList>,
    name: &str,
    visibility: Visibility,
    link: Option<Id<WishListLink>>,
) -> Result<(), Failure> {
    let now = tx.now();
    diesel::update(wish_lists::table.find(id))
        .set((
            wish_lists::name.eq(name),
            wish_lists::visibility.eq(visibility),
            wish_lists::link_id.eq(link),
            wish_lists::version.eq(wish_lists::version + 1),
            wish_lists::updated_at.eq(now),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// Notes that the items of a locked list have changed.
pub fn set_touched(tx: &mut Tx<'_>, id: Id<WishList>) -> Result<(), Failure> {
    let now = tx.now();
    diesel::update(wish_lists::table.find(id)).set(wish_lists::updated_at.eq(now)).execute(tx.conn())?;
    Ok(())
}

/// Deletes a locked list with its items.
pub fn delete_list(tx: &mut Tx<'_>, id: Id<WishList>) -> Result<(), Failure> {
    diesel::delete(wish_list_items::table.filter(wish_list_items::wish_list_id.eq(id))).execute(tx.conn())?;
    diesel::delete(wish_lists::table.find(id)).execute(tx.conn())?;
    Ok(())
}

/// Whether a locked list has as many items as it may.
pub fn is_full(conn: &mut Conn, id: Id<WishList>) -> Result<bool, Failure> {
    let items = wish_list_items::table.filter(wish_list_items::wish_list_id.eq(id));
    let count: i64 = items.count().get_result(conn)?;
    Ok(count >= i64::from(MAXIMUM_ITEMS))
}

/// The item of a list that is about this, if there is one.
pub fn item_about(
    conn: &mut Conn,
    list: Id<WishList>,
    product: Id<Product>,
    variant: Option<Id<Variant>>,
) -> Result<Option<Id<Item>>, Failure> {
    let items = wish_list_items::table
        .filter(wish_list_items::wish_list_id.eq(list))
        .filter(wish_list_items::product_id.eq(product))
        .filter(wish_list_items::variant_id.is_not_distinct_from(variant));
    Ok(items.select(wish_list_items::id).first(conn).optional()?)
}

#[derive(Insertable)]
#[diesel(table_name = wish_list_items)]
pub struct NewItem<'a> {
    pub id: Id<Item>,
    pub wish_list_id: Id<WishList>,
    pub product_id: Id<Product>,
    pub variant_id: Option<Id<Variant>>,
    pub quantity: i32,
    pub note: &'a str,
    pub created_at: Time,
}

pub fn insert_item(tx: &mut Tx<'_>, item: &NewItem<'_>) -> Result<(), Failure> {
    diesel::insert_into(wish_list_items::table).values(item).execute(tx.conn())?;
    Ok(())
}

pub fn set_item(tx: &mut Tx<'_>, id: Id<Item>, quantity: i32, note: &str) -> Result<(), Failure> {
    let columns = (wish_list_items::quantity.eq(quantity), wish_list_items::note.eq(note));
    diesel::update(wish_list_items::table.find(id)).set(columns).execute(tx.conn())?;
    Ok(())
}

/// The list of an item, if it is somebody's.
pub fn list_of_item(conn: &mut Conn, owner: Id<User>, id: Id<Item>) -> Result<Option<Id<WishList>>, Failure> {
    let item = wish_list_items::table
        .inner_join(wish_lists::table.on(wish_lists::id.eq(wish_list_items::wish_list_id)))
        .filter(wish_list_items::id.eq(id))
        .filter(wish_lists::owner_id.eq(owner));
    Ok(item.select(wish_lists::id).first(conn).optional()?)
}

pub fn delete_item(tx: &mut Tx<'_>, id: Id<Item>) -> Result<(), Failure> {
    diesel::delete(wish_list_items::table.find(id)).execute(tx.conn())?;
    Ok(())
}

fn items_of<'a>(list: Id<WishList>, audience: Audience) -> IntoBoxed<'a, wish_list_items::table, Pg> {
    let items = wish_list_items::table.into_boxed().filter(wish_list_items::wish_list_id.eq(list));
    match audience {
        Audience::Owner => items,
        Audience::Others => items.filter(sql::<Bool>(
            "EXISTS (SELECT FROM products WHERE products.id = product_id AND products.status = 'ACTIVE')",
        )),
    }
}

/// A page of the items of a list, the last one first.
pub fn items(
    conn: &mut Conn,
    list: Id<WishList>,
    audience: Audience,
    page: &Page<TimeKey>,
) -> Result<Slice<Item>, Failure> {
    let key = (wish_list_items::created_at, wish_list_items::id);
    let query = newest_first!(items_of(list, audience), page, (key.0, key.1): (Timestamptz, SqlUuid));
    Ok(page.slice(query.select(Item::as_select()).load(conn)?))
}

/// The first items of each list, the last one first: at most `limit` of each.
pub fn first_items(
    conn: &mut Conn,
    lists: &[Id<WishList>],
    audience: Audience,
    limit: i64,
) -> Result<Vec<Item>, Failure> {
    let seen = match audience {
        Audience::Owner => "",
        Audience::Others => {
            "AND EXISTS (SELECT FROM products WHERE products.id = product_id AND products.status = 'ACTIVE')"
        }
    };
    let first = format!(
        "SELECT items.* FROM unnest($1::uuid[]) AS wanted (id) CROSS JOIN LATERAL \
            (SELECT * FROM wish_list_items WHERE wish_list_id = wanted.id {seen} \
              ORDER BY created_at DESC, wish_list_items.id DESC LIMIT $2) items \
          ORDER BY items.created_at DESC, items.id DESC",
    );
    let first = diesel::sql_query(first).bind::<Array<SqlUuid>, _>(lists).bind::<BigInt, _>(limit);
    Ok(first.load(conn)?)
}

pub fn count_items(conn: &mut Conn, list: Id<WishList>, audience: Audience) -> Result<i64, Failure> {
    Ok(Counted(items_of(list, audience).select(wish_list_items::id).limit(i64::from(MAXIMUM_ITEMS)))
        .get_result(conn)?)
}

/// The items of all lists of somebody, the last one first.
pub fn items_by(conn: &mut Conn, owner: Id<User>, page: &Page<TimeKey>) -> Result<Slice<(Item, String)>, Failure> {
    let query = wish_list_items::table
        .inner_join(wish_lists::table.on(wish_lists::id.eq(wish_list_items::wish_list_id)))
        .filter(wish_lists::owner_id.eq(owner))
        .select((Item::as_select(), wish_lists::name))
        .into_boxed();
    let key = (wish_list_items::created_at, wish_list_items::id);
    let query = newest_first!(query, page, (key.0, key.1): (Timestamptz, SqlUuid));
    Ok(page.slice(query.load(conn)?))
}

/// Deletes what somebody likes and wishes for.
pub fn delete_all(tx: &mut Tx<'_>, user: Id<User>) -> Result<(), Failure> {
    diesel::delete(favorites::table.filter(favorites::user_id.eq(user))).execute(tx.conn())?;
    // Locked first: what is put on them just now goes, too.
    let own = wish_lists::table.filter(wish_lists::owner_id.eq(user)).order(wish_lists::id).select(wish_lists::id);
    let own: Vec<Id<WishList>> = own.for_update().load(tx.conn())?;
    diesel::delete(wish_list_items::table.filter(wish_list_items::wish_list_id.eq_any(own))).execute(tx.conn())?;
    diesel::delete(wish_lists::table.filter(wish_lists::owner_id.eq(user))).execute(tx.conn())?;
    Ok(())
}
