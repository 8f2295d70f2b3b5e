//! Who works for a shop, and who hears of it.
//!
//! Whoever is added works for the shop at once, but nobody is asked before: so nothing that could be held against them, or that they could not get
//! out of, follows from it until they accept. They are no owner without whom the shop has none, and their own shops do not become fewer.

use super::{lock, lock_permitted, membership, not_found};
use crate::{
    kernel::{error::Failure, id::Id},
    platform::{app::App, caller::Caller, db::Tx},
    shops::{
        error::ShopError,
        model::{MAXIMUM_MEMBERS, MAXIMUM_UNACCEPTED, Member, OwnersMail, Permission, Shop, ShopRole},
        queries::{self, NewMember},
    },
    users::{
        self,
        model::{Addressee, GuessedAt, User, oneself},
    },
};

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
    let news = OwnersNews::new(app, shop, person);
    app.db
        .write(caller, move |tx| {
            manage(tx, user, shop)?;
            if role == ShopRole::Owner {
                users::service::require_recent(tx)?;
            }
            if users::service::lock_person(tx, person)?.is_none() {
                return Err(not_found("userId"));
            }
            let is_full = queries::count_members(tx.conn(), shop)? >= MAXIMUM_MEMBERS
                || queries::count_shops(tx.conn(), person, false)? >= MAXIMUM_UNACCEPTED;
            if is_full && membership(tx.conn(), person, shop)?.is_none() {
                return Err(ShopError::TooMany);
            }
            let member = join(tx, shop, person, (role, false))?;
            news.tell(tx, None, Some(&member))?;
            Ok(member)
        })
        .await
}

/// A step: a person becomes a member of a shop, which they have accepted or not. Whether there is room is for the caller to look at.
///
/// # Errors
/// [`ShopError::AlreadyMember`].
pub fn join(
    tx: &mut Tx<'_>,
    shop: Id<Shop>,
    person: Id<User>,
    (role, is_accepted): (ShopRole, bool),
) -> Result<Member, ShopError> {
    let member = NewMember { shop_id: shop, user_id: person, role, created_at: tx.now(), is_accepted };
    let member = queries::insert_member(tx, &member)?.ok_or(ShopError::AlreadyMember)?;
    users::service::tell_of_access(tx, person)?;
    Ok(member)
}

/// Says that one works for a shop, to which others have added one. Changes nothing if that was said before.
///
/// # Errors
/// [`ShopError::TooMany`] if they have as many shops as a person may.
pub async fn accept_membership(app: &App, caller: &Caller, shop: Id<Shop>) -> Result<Member, ShopError> {
    let user = oneself(caller)?;
    app.db
        .write(caller, move |tx| {
            membership(tx.conn(), user, shop)?.ok_or_else(|| not_found("shopId"))?;
            lock(tx, shop)?;
            accept(tx, user, shop)
        })
        .await
}

/// Asked under the shop's lock.
fn accept(tx: &mut Tx<'_>, user: Id<User>, shop: Id<Shop>) -> Result<Member, ShopError> {
    let member = queries::member(tx.conn(), shop, user)?.ok_or_else(|| not_found("shopId"))?;
    if member.is_accepted {
        return Ok(member);
    }
    users::service::lock_person(tx, user)?;
    if queries::count_shops(tx.conn(), user, true)? >= MAXIMUM_MEMBERS {
        return Err(ShopError::TooMany);
    }
    queries::accept(tx, shop, user)?.ok_or_else(|| not_found("shopId"))
}

/// Lets somebody decide who works for a shop, and nobody else until the transaction ends. Whoever does has accepted that they do.
fn manage(tx: &mut Tx<'_>, user: Id<User>, shop: Id<Shop>) -> Result<(), ShopError> {
    lock_permitted(tx, user, shop, (Permission::ManageMembers, "shopId"))?;
    accept(tx, user, shop)?;
    Ok(())
}

/// Gives a member another role. Who is to own the shop accepts that anew.
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
    let news = OwnersNews::new(app, shop, person);
    app.db
        .write(caller, move |tx| {
            manage(tx, user, shop)?;
            let before = queries::member(tx.conn(), shop, person)?.ok_or_else(|| not_found("userId"))?;
            if before.role == role {
                return Ok(before);
            }
            if [before.role, role].contains(&ShopRole::Owner) {
                users::service::require_recent(tx)?;
            }
            let is_accepted = before.is_accepted && role != ShopRole::Owner;
            let member =
                queries::set_role(tx, shop, person, (role, is_accepted))?.ok_or_else(|| not_found("userId"))?;
            keep_an_owner(tx, shop)?;
            users::service::tell_of_access(tx, person)?;
            news.tell(tx, Some(&before), Some(&member))?;
            Ok(member)
        })
        .await
}

/// Ends a membership: an owner anybody's, everybody their own.
///
/// # Errors
/// `STEP_UP_REQUIRED` besides, if an owner's ends, unless they never accepted that they are one.
pub async fn remove_member(app: &App, caller: &Caller, shop: Id<Shop>, person: Id<User>) -> Result<(), ShopError> {
    let user = oneself(caller)?;
    let news = OwnersNews::new(app, shop, person);
    app.db
        .write(caller, move |tx| {
            let field = if user == person { "shopId" } else { "userId" };
            if user == person {
                membership(tx.conn(), user, shop)?.ok_or_else(|| not_found(field))?;
                lock(tx, shop)?;
            } else {
                manage(tx, user, shop)?;
            }
            let before = queries::member(tx.conn(), shop, person)?.ok_or_else(|| not_found(field))?;
            let is_declined = user == person && !before.is_accepted;
            if before.role == ShopRole::Owner && !is_declined {
                users::service::require_recent(tx)?;
            }
            queries::delete_member(tx, shop, person)?;
            keep_an_owner(tx, shop)?;
            users::service::tell_of_access(tx, person)?;
            news.tell(tx, Some(&before), None)
        })
        .await
}

/// What is told when somebody becomes an owner of a shop, or is one no more.
struct OwnersNews {
    shop: Id<Shop>,
    person: Id<User>,
    /// What is counted by that somebody becomes an owner of the shop. That somebody is one no more is not: else who means harm would keep the
    /// others from removing them. It is bounded by the former.
    changes: (GuessedAt, Vec<u8>),
    /// What mail to who has not accepted is counted by.
    unasked: (GuessedAt, Vec<u8>),
}

impl OwnersNews {
    fn new(app: &App, shop: Id<Shop>, person: Id<User>) -> Self {
        let key = |what: &[u8], of: &[u8]| app.master.mac("owners", &[what, of]).to_vec();
        let changes = (GuessedAt::Owners, key(b"shop", shop.uuid().as_bytes()));
        let unasked = (GuessedAt::Unasked, key(b"person", person.uuid().as_bytes()));
        Self { shop, person, changes, unasked }
    }

    /// Has all who own the shop told that somebody else does, or does not any more, and them, too: if they have not accepted it, as often as is
    /// bearable. Asked after a change, under the shop's lock.
    fn tell(&self, tx: &mut Tx<'_>, before: Option<&Member>, after: Option<&Member>) -> Result<(), ShopError> {
        let owns = |member: Option<&Member>| member.is_some_and(|member| member.role == ShopRole::Owner);
        let (was_owner, is_owner) = (owns(before), owns(after));
        if was_owner == is_owner {
            return Ok(());
        }
        if is_owner && users::service::count_guess(tx, std::slice::from_ref(&self.changes))?.is_some() {
            return Err(ShopError::TooMany);
        }
        let shop = self.shop;
        let owners = queries::owners_of(tx.conn(), shop)?.into_iter().filter(|owner| *owner != self.person);
        let mut mails: Vec<_> = owners.map(|person| OwnersMail { shop, person, is_owner: true }).collect();
        let has_accepted = before.is_some_and(|before| before.is_accepted);
        if has_accepted || users::service::count_guess(tx, std::slice::from_ref(&self.unasked))?.is_none() {
            mails.push(OwnersMail { shop, person: self.person, is_owner });
        }
        Ok(tx.enqueue_all(mails)?)
    }
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
    if queries::owners_of(tx.conn(), shop)?.is_empty() { Err(ShopError::LastOwner) } else { Ok(()) }
}
