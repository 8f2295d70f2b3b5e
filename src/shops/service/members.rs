//! Who works for a shop, and who hears of it.

use super::{lock, membership, not_found, people_of, permit};
use crate::{
    kernel::{error::Failure, id::Id},
    platform::{app::App, caller::Caller, db::Tx},
    shops::{
        error::ShopError,
        model::{MAXIMUM_MEMBERS, Member, OwnersMail, Permission, Shop, ShopRole},
        queries::{self, NewMember},
    },
    users::{
        self,
        model::{Addressee, User, oneself},
    },
};

/// Locks a shop whose members somebody may choose.
fn lock_to_manage(tx: &mut Tx<'_>, user: Id<User>, shop: Id<Shop>) -> Result<(), ShopError> {
    lock(tx, shop)?;
    permit(tx.conn(), user, shop, Permission::ManageMembers, "shopId")
}

/// Makes a person a member of a shop.
///
/// # Errors
/// `STEP_UP_REQUIRED` besides, if they are to own it: whoever finds an open device must not take a shop with it.
pub async fn add_member(
    app: &App,
    caller: &Caller,
    shop: Id<Shop>,
    person: Id<User>,
    role: ShopRole,
) -> Result<Member, ShopError> {
    let user = oneself(caller)?;
    app.db
        .write(caller, move |tx| {
            lock_to_manage(tx, user, shop)?;
            if role == ShopRole::Owner {
                users::service::require_recent(tx)?;
            }
            if users::service::lock_person(tx, person)?.is_none() {
                return Err(not_found("userId"));
            }
            let is_full = queries::count_members(tx.conn(), shop)? >= MAXIMUM_MEMBERS
                || queries::count_shops(tx.conn(), person)? >= MAXIMUM_MEMBERS;
            if is_full && membership(tx.conn(), person, shop)?.is_none() {
                return Err(ShopError::TooMany);
            }
            let member = join(tx, shop, person, role)?;
            tell_of_owners(tx, shop, person, (None, Some(role)))?;
            Ok(member)
        })
        .await
}

/// A step: a person becomes a member of a shop. Whether there is room is for the caller to look at.
///
/// # Errors
/// [`ShopError::AlreadyMember`].
pub fn join(tx: &mut Tx<'_>, shop: Id<Shop>, person: Id<User>, role: ShopRole) -> Result<Member, ShopError> {
    let member = NewMember { shop_id: shop, user_id: person, role, created_at: tx.now() };
    let member = queries::insert_member(tx, &member)?.ok_or(ShopError::AlreadyMember)?;
    users::service::tell_of_access(tx, person)?;
    Ok(member)
}

/// Gives a member another role.
///
/// # Errors
/// `STEP_UP_REQUIRED` besides, if they are to own the shop, or do.
pub async fn set_member_role(
    app: &App,
    caller: &Caller,
    shop: Id<Shop>,
    person: Id<User>,
    role: ShopRole,
) -> Result<Member, ShopError> {
    let user = oneself(caller)?;
    app.db
        .write(caller, move |tx| {
            lock_to_manage(tx, user, shop)?;
            let before = membership(tx.conn(), person, shop)?;
            if [before, Some(role)].contains(&Some(ShopRole::Owner)) {
                users::service::require_recent(tx)?;
            }
            let member = queries::set_role(tx, shop, person, role)?.ok_or_else(|| not_found("userId"))?;
            keep_an_owner(tx, shop)?;
            users::service::tell_of_access(tx, person)?;
            tell_of_owners(tx, shop, person, (before, Some(role)))?;
            Ok(member)
        })
        .await
}

/// Ends a membership: an owner anybody's, everybody their own.
///
/// # Errors
/// `STEP_UP_REQUIRED` besides, if an owner's ends.
pub async fn remove_member(app: &App, caller: &Caller, shop: Id<Shop>, person: Id<User>) -> Result<(), ShopError> {
    let user = oneself(caller)?;
    app.db
        .write(caller, move |tx| {
            if user == person {
                lock(tx, shop)?;
                membership(tx.conn(), user, shop)?.ok_or_else(|| not_found("shopId"))?;
            } else {
                lock_to_manage(tx, user, shop)?;
            }
            let before = membership(tx.conn(), person, shop)?;
            if before == Some(ShopRole::Owner) {
                users::service::require_recent(tx)?;
            }
            if !queries::delete_member(tx, shop, person)? {
                return Err(not_found("userId"));
            }
            keep_an_owner(tx, shop)?;
            users::service::tell_of_access(tx, person)?;
            Ok(tell_of_owners(tx, shop, person, (before, None))?)
        })
        .await
}

/// Has all who own a shop told that somebody else does, or does not any more, and them, too. Asked after a change, under the shop's lock.
fn tell_of_owners(
    tx: &mut Tx<'_>,
    shop: Id<Shop>,
    person: Id<User>,
    (before, after): (Option<ShopRole>, Option<ShopRole>),
) -> Result<(), Failure> {
    let (was_owner, is_owner) = (before == Some(ShopRole::Owner), after == Some(ShopRole::Owner));
    if was_owner == is_owner {
        return Ok(());
    }
    let owners = people_of(tx.conn(), shop)?.into_iter().filter(|(_, role)| *role == ShopRole::Owner);
    let mails = owners.map(|(person, _)| OwnersMail { shop, person, is_owner: true });
    tx.enqueue_all(mails.chain(was_owner.then_some(OwnersMail { shop, person, is_owner: false })))
}

/// Who is to be told about a shop; none if they have no address, or there is no such shop.
///
/// # Errors
/// If the database fails.
pub async fn person_and_shop(
    app: &App,
    person: Id<User>,
    shop: Id<Shop>,
) -> Result<Option<(Addressee, Shop)>, Failure> {
    let Some(shop) = app.db.read(move |conn| queries::by_ids(conn, &[shop])).await?.pop() else { return Ok(None) };
    Ok(users::service::addressee(app, person).await?.map(|person| (person, shop)))
}

/// Asked after a change, under the shop's lock: a refusal rolls the change back.
pub(super) fn keep_an_owner(tx: &mut Tx<'_>, shop: Id<Shop>) -> Result<(), ShopError> {
    if queries::count_owners(tx.conn(), shop)? == 0 { Err(ShopError::LastOwner) } else { Ok(()) }
}
