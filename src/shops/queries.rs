//! Shops in Postgres.

mod following;
mod profile;

pub use self::{following::*, profile::*};
use diesel::{ExpressionMethods, Insertable, JoinOnDsl, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper};

use super::model::{Desk, MAXIMUM_MEMBERS, Member, Shop, ShopRole, Worker};
use crate::{
    kernel::{error::Failure, id::Id, money::CurrencyCode, place::CountryCode, rate::Rate},
    platform::{
        clock::Time,
        db::{Conn, Tx},
    },
    schema::{shop_members, shops},
    users::model::User,
};

pub fn by_ids(conn: &mut Conn, ids: &[Id<Shop>]) -> Result<Vec<Shop>, Failure> {
    Ok(shops::table.filter(shops::id.eq_any(ids)).select(Shop::as_select()).load(conn)?)
}

pub fn by_handles(conn: &mut Conn, handles: &[String]) -> Result<Vec<Shop>, Failure> {
    Ok(shops::table.filter(shops::handle.eq_any(handles)).select(Shop::as_select()).load(conn)?)
}

/// Locks a shop's row, which stands for its profile and its members. New products and orders do not wait for it.
pub fn lock_shop(tx: &mut Tx<'_>, id: Id<Shop>) -> Result<Option<Shop>, Failure> {
    Ok(shops::table.find(id).select(Shop::as_select()).for_no_key_update().first(tx.conn()).optional()?)
}

#[derive(Insertable)]
#[diesel(table_name = shops)]
pub struct NewShop<'a> {
    pub id: Id<Shop>,
    pub handle: &'a str,
    pub name: &'a str,
    pub description: &'a str,
    pub currency: CurrencyCode,
    pub country: CountryCode,
    pub created_at: Time,
}

/// False if the handle is taken.
pub fn insert_shop(tx: &mut Tx<'_>, shop: &NewShop<'_>) -> Result<bool, Failure> {
    let insert = diesel::insert_into(shops::table).values(shop).on_conflict(shops::handle).do_nothing();
    Ok(insert.execute(tx.conn())? == 1)
}

pub fn set_shop(
    tx: &mut Tx<'_>,
    id: Id<Shop>,
    name: Option<&str>,
    description: Option<&str>,
    country: Option<CountryCode>,
) -> Result<Shop, Failure> {
    let changes = (
        name.map(|name| shops::name.eq(name)),
        description.map(|description| shops::description.eq(description)),
        country.map(|country| shops::country.eq(country)),
    );
    Ok(diesel::update(shops::table.find(id))
        .set((shops::version.eq(shops::version + 1), changes))
        .returning(Shop::as_returning())
        .get_result(tx.conn())?)
}

#[derive(Insertable)]
#[diesel(table_name = shop_members)]
pub struct NewMember {
    pub shop_id: Id<Shop>,
    pub user_id: Id<User>,
    pub role: ShopRole,
    pub created_at: Time,
    pub is_accepted: bool,
}

/// None if they are a member already.
pub fn insert_member(tx: &mut Tx<'_>, member: &NewMember) -> Result<Option<Member>, Failure> {
    Ok(diesel::insert_into(shop_members::table)
        .values(member)
        .on_conflict_do_nothing()
        .returning(Member::as_returning())
        .get_result(tx.conn())
        .optional()?)
}

pub fn set_role(
    tx: &mut Tx<'_>,
    shop: Id<Shop>,
    user: Id<User>,
    (role, is_accepted): (ShopRole, bool),
) -> Result<Option<Member>, Failure> {
    Ok(diesel::update(shop_members::table.find((shop, user)))
        .set((shop_members::role.eq(role), shop_members::is_accepted.eq(is_accepted)))
        .returning(Member::as_returning())
        .get_result(tx.conn())
        .optional()?)
}

pub fn member(conn: &mut Conn, shop: Id<Shop>, user: Id<User>) -> Result<Option<Member>, Failure> {
    Ok(shop_members::table.find((shop, user)).select(Member::as_select()).first(conn).optional()?)
}

/// None if they are no member.
pub fn accept(tx: &mut Tx<'_>, shop: Id<Shop>, user: Id<User>) -> Result<Option<Member>, Failure> {
    Ok(diesel::update(shop_members::table.find((shop, user)))
        .set(shop_members::is_accepted.eq(true))
        .returning(Member::as_returning())
        .get_result(tx.conn())
        .optional()?)
}

/// False if they were no member.
pub fn delete_member(tx: &mut Tx<'_>, shop: Id<Shop>, user: Id<User>) -> Result<bool, Failure> {
    Ok(diesel::delete(shop_members::table.find((shop, user))).execute(tx.conn())? == 1)
}

pub fn count_members(conn: &mut Conn, shop: Id<Shop>) -> Result<i64, Failure> {
    Ok(shop_members::table.filter(shop_members::shop_id.eq(shop)).count().get_result(conn)?)
}

/// Whether somebody is the one owner of a shop who has accepted it.
pub fn is_last_owner(conn: &mut Conn, user: Id<User>) -> Result<bool, Failure> {
    let others = diesel::alias!(shop_members as others);
    let others = others
        .filter(others.field(shop_members::shop_id).eq(shop_members::shop_id))
        .filter(others.field(shop_members::role).eq(ShopRole::Owner))
        .filter(others.field(shop_members::is_accepted).eq(true))
        .filter(others.field(shop_members::user_id).ne(user));
    let alone = shop_members::table
        .filter(shop_members::user_id.eq(user))
        .filter(shop_members::role.eq(ShopRole::Owner))
        .filter(shop_members::is_accepted.eq(true))
        .filter(diesel::dsl::not(diesel::dsl::exists(others)));
    Ok(diesel::select(diesel::dsl::exists(alone)).get_result(conn)?)
}

/// Who owns a shop and has accepted that, longest first.
pub fn owners_of(conn: &mut Conn, shop: Id<Shop>) -> Result<Vec<Id<User>>, Failure> {
    let owners = shop_members::table
        .filter(shop_members::shop_id.eq(shop))
        .filter(shop_members::role.eq(ShopRole::Owner))
        .filter(shop_members::is_accepted.eq(true));
    let owners = owners.order((shop_members::created_at, shop_members::user_id)).limit(MAXIMUM_MEMBERS);
    Ok(owners.select(shop_members::user_id).load(conn)?)
}

/// The market's share of what a shop sells; none if it is the usual one.
pub fn commission(conn: &mut Conn, shop: Id<Shop>) -> Result<Option<Rate>, Failure> {
    let points: Option<Option<i32>> = shops::table.find(shop).select(shops::commission_rate).first(conn).optional()?;
    Ok(points.flatten().and_then(Rate::from_basis_points))
}

/// Says whether there is such a shop.
pub fn set_commission(tx: &mut Tx<'_>, shop: Id<Shop>, rate: Option<Rate>) -> Result<bool, Failure> {
    let row = diesel::update(shops::table.find(shop));
    Ok(row.set(shops::commission_rate.eq(rate.map(Rate::basis_points))).execute(tx.conn())? == 1)
}

/// Shops that a person works for and has accepted, or has not.
pub fn count_shops(conn: &mut Conn, user: Id<User>, is_accepted: bool) -> Result<i64, Failure> {
    let own = shop_members::table.filter(shop_members::user_id.eq(user));
    Ok(own.filter(shop_members::is_accepted.eq(is_accepted)).count().get_result(conn)?)
}

pub fn role_of(conn: &mut Conn, user: Id<User>, shop: Id<Shop>) -> Result<Option<ShopRole>, Failure> {
    Ok(shop_members::table.find((shop, user)).select(shop_members::role).first(conn).optional()?)
}

/// Who works for a shop, longest first.
pub fn people_of(conn: &mut Conn, shop: Id<Shop>) -> Result<Vec<(Id<User>, ShopRole)>, Failure> {
    let members = shop_members::table.filter(shop_members::shop_id.eq(shop));
    let members = members.order((shop_members::created_at, shop_members::user_id)).limit(MAXIMUM_MEMBERS);
    Ok(members.select((shop_members::user_id, shop_members::role)).load(conn)?)
}

/// Who works for some shops in one of these roles and has accepted that, longest first.
pub fn people_as(conn: &mut Conn, shops: &[Id<Shop>], roles: Vec<ShopRole>) -> Result<Vec<Worker>, Failure> {
    Ok(shop_members::table
        .filter(shop_members::shop_id.eq_any(shops))
        .filter(shop_members::role.eq_any(roles))
        .filter(shop_members::is_accepted.eq(true))
        .order((shop_members::created_at, shop_members::user_id))
        .select((shop_members::shop_id, shop_members::user_id))
        .load(conn)?)
}

pub fn roles_of(conn: &mut Conn, user: Id<User>) -> Result<Vec<(Id<Shop>, ShopRole)>, Failure> {
    Ok(shop_members::table
        .filter(shop_members::user_id.eq(user))
        .order((shop_members::created_at, shop_members::shop_id))
        .select((shop_members::shop_id, shop_members::role))
        .load(conn)?)
}

/// The desks of all shops that a person works for, longest first.
pub fn desks_of(conn: &mut Conn, user: Id<User>) -> Result<Vec<Desk>, Failure> {
    Ok(shop_members::table
        .inner_join(shops::table.on(shops::id.eq(shop_members::shop_id)))
        .filter(shop_members::user_id.eq(user))
        .order((shop_members::created_at, shop_members::shop_id))
        .select(Desk::as_select())
        .load(conn)?)
}

/// Those of the shops that the person works for.
pub fn desks_by_shops(conn: &mut Conn, user: Id<User>, ids: &[Id<Shop>]) -> Result<Vec<Desk>, Failure> {
    Ok(shop_members::table
        .inner_join(shops::table.on(shops::id.eq(shop_members::shop_id)))
        .filter(shop_members::user_id.eq(user))
        .filter(shop_members::shop_id.eq_any(ids))
        .select(Desk::as_select())
        .load(conn)?)
}

/// The members of those of the shops that `user` works for, longest first.
pub fn members_by_shops(conn: &mut Conn, user: Id<User>, ids: &[Id<Shop>]) -> Result<Vec<Member>, Failure> {
    let mine = diesel::alias!(shop_members as mine);
    let shops = mine
        .filter(mine.field(shop_members::user_id).eq(user))
        .filter(mine.field(shop_members::shop_id).eq_any(ids))
        .select(mine.field(shop_members::shop_id));
    Ok(shop_members::table
        .filter(shop_members::shop_id.eq_any(shops))
        .order((shop_members::created_at, shop_members::user_id))
        .select(Member::as_select())
        .load(conn)?)
}
