//! Shops by id, one statement for all that a level of an answer names.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;

use super::{
    model::{Desk, Member, Policy, Shop, ShownProfile},
    queries,
};
use crate::{
    kernel::id::Id,
    platform::gql::{Reader, WireError},
    users::model::signed_in,
};

/// A shop as everybody sees it. Shops are public.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ShopById(pub Id<Shop>);

impl Loader<ShopById> for Reader {
    type Value = Shop;
    type Error = WireError;

    async fn load(&self, keys: &[ShopById]) -> Result<HashMap<ShopById, Shop>, WireError> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let shops = self.app.db.read(move |conn| queries::by_ids(conn, &ids)).await?;
        Ok(shops.into_iter().map(|shop| (ShopById(shop.id), shop)).collect())
    }
}

/// A shop that the caller follows. Yields no other one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FollowedShop(pub Id<Shop>);

impl Loader<FollowedShop> for Reader {
    type Value = ();
    type Error = WireError;

    async fn load(&self, keys: &[FollowedShop]) -> Result<HashMap<FollowedShop, ()>, WireError> {
        let Ok(user) = signed_in(&self.caller) else { return Ok(HashMap::new()) };
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let followed = self.app.db.read(move |conn| queries::followed_of(conn, user, &ids)).await?;
        Ok(followed.into_iter().map(|id| (FollowedShop(id), ())).collect())
    }
}

/// What a shop shows of itself. Everybody may see all of it but the address that it sends from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ProfileOf(pub Id<Shop>);

impl Loader<ProfileOf> for Reader {
    type Value = ShownProfile;
    type Error = WireError;

    async fn load(&self, keys: &[ProfileOf]) -> Result<HashMap<ProfileOf, ShownProfile>, WireError> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let profiles = self.app.db.read(move |conn| queries::profiles(conn, &ids)).await?;
        Ok(profiles.into_iter().map(|shown| (ProfileOf(shown.profile.shop_id), shown)).collect())
    }
}

/// The policies of a shop, by kind. They are public.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PoliciesOf(pub Id<Shop>);

impl Loader<PoliciesOf> for Reader {
    type Value = Vec<Policy>;
    type Error = WireError;

    async fn load(&self, keys: &[PoliciesOf]) -> Result<HashMap<PoliciesOf, Vec<Policy>>, WireError> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let policies = self.app.db.read(move |conn| queries::policies(conn, &ids)).await?;
        let mut by_shop = HashMap::<_, Vec<_>>::new();
        for policy in policies {
            by_shop.entry(PoliciesOf(policy.shop_id)).or_default().push(policy);
        }
        Ok(by_shop)
    }
}

/// A shop by the name in its URL.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ShopByHandle(pub String);

impl Loader<ShopByHandle> for Reader {
    type Value = Shop;
    type Error = WireError;

    async fn load(&self, keys: &[ShopByHandle]) -> Result<HashMap<ShopByHandle, Shop>, WireError> {
        let handles: Vec<_> = keys.iter().map(|key| key.0.clone()).collect();
        let shops = self.app.db.read(move |conn| queries::by_handles(conn, &handles)).await?;
        Ok(shops.into_iter().map(|shop| (ShopByHandle(shop.handle.clone()), shop)).collect())
    }
}

/// A shop's desk, if the caller works there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DeskByShop(pub Id<Shop>);

impl Loader<DeskByShop> for Reader {
    type Value = Desk;
    type Error = WireError;

    async fn load(&self, keys: &[DeskByShop]) -> Result<HashMap<DeskByShop, Desk>, WireError> {
        let Ok(user) = signed_in(&self.caller) else { return Ok(HashMap::new()) };
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let desks = self.app.db.read(move |conn| queries::desks_by_shops(conn, user, &ids)).await?;
        Ok(desks.into_iter().map(|desk| (DeskByShop(desk.shop.id), desk)).collect())
    }
}

/// The members of a shop, longest first, if the caller works there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct MembersByShop(pub Id<Shop>);

impl Loader<MembersByShop> for Reader {
    type Value = Vec<Member>;
    type Error = WireError;

    async fn load(&self, keys: &[MembersByShop]) -> Result<HashMap<MembersByShop, Vec<Member>>, WireError> {
        let Ok(user) = signed_in(&self.caller) else { return Ok(HashMap::new()) };
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let members = self.app.db.read(move |conn| queries::members_by_shops(conn, user, &ids)).await?;
        let mut by_shop = HashMap::<_, Vec<_>>::new();
        for member in members {
            by_shop.entry(MembersByShop(member.shop_id)).or_default().push(member);
        }
        Ok(by_shop)
    }
}
