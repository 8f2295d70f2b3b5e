//! Shops on the wire.

mod commission;
mod desk;
mod following;
mod members;
mod profile;

pub use self::{commission::CommissionMutation, desk::ShopDesk, following::*, members::*, profile::*};
use std::borrow::Cow;

use async_graphql::{ComplexObject, Context, InputObject, MaybeUndefined, Object, OneofObject, SimpleObject};

use crate::shops::{
    loaders::{DeskByShop, FollowedShop, MembersByShop, PoliciesOf, ProfileOf, ShopByHandle, ShopById},
    model::{self, Desk, ShopRole},
    service::{self, OpenShop, ProfileChange, ShopChange},
};
use crate::{
    kernel::{address, error::Failure, id::Id, money::CurrencyCode, place::CountryCode},
    platform::{
        clock::Time,
        gql::{Ask, AtHand, Plain, SignedInOnly, WireResult, change, list_size, set},
    },
    products::{graphql::Rating, loaders::RatingsOfShop},
    shipping::loaders::ShipsTo,
    user_errors::{UserError, answer},
    users::graphql::{Address, AddressInput},
};

/// A shop as everybody sees it.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(complex)]
pub struct Shop {
    /// Begins with `shop_`.
    pub id: Id<model::Shop>,
    /// The shop's name in URLs: lower-case letters, digits and hyphens, at most 80. No two shops have the same.
    pub handle: String,
    /// The shop's name, 1 to 80 characters.
    pub name: String,
    /// None where only the shop's face was read.
    #[graphql(skip)]
    whole: Option<model::Shop>,
}

#[ComplexObject]
impl Shop {
    /// What the shop says about itself, up to 2,000 characters; empty if nothing.
    async fn description(&self, ctx: &Context<'_>) -> WireResult<String> {
        Ok(self.whole(ctx).await?.into_owned().description)
    }

    /// What all prices of the shop are in. It never changes.
    async fn currency(&self, ctx: &Context<'_>) -> WireResult<CurrencyCode> {
        Ok(self.whole(ctx).await?.currency)
    }

    /// Where the shop is.
    async fn country(&self, ctx: &Context<'_>) -> WireResult<CountryCode> {
        Ok(self.whole(ctx).await?.country)
    }

    /// Rises with every change of the shop; goes into `updateShop` as `expectedVersion`.
    async fn version(&self, ctx: &Context<'_>) -> WireResult<i32> {
        Ok(self.whole(ctx).await?.version)
    }

    /// When the shop was opened.
    async fn created_at(&self, ctx: &Context<'_>) -> WireResult<Time> {
        Ok(self.whole(ctx).await?.created_at)
    }

    /// The picture across its top; null if it has none.
    async fn banner(&self, ctx: &Context<'_>) -> WireResult<Option<ShopBanner>> {
        Ok(ctx.loader().load_one(ProfileOf(self.id)).await?.and_then(ShopBanner::of))
    }

    /// Where it sends from; null if it has not said.
    async fn ships_from(&self, ctx: &Context<'_>) -> WireResult<Option<ShippingOrigin>> {
        Ok(sends_from(ctx, self.id).await?.map(Into::into))
    }

    /// Whether it sends anything to a country. A shop that has not said how it sends does so everywhere.
    async fn can_ship_to(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Where to.")] country: CountryCode,
    ) -> WireResult<bool> {
        Ok(ctx.loader().load_one(ShipsTo { shop: self.id, country }).await?.is_some())
    }

    /// The time in which it takes no orders, or will take none; null if none is announced, or it is over.
    async fn holiday(&self, ctx: &Context<'_>) -> WireResult<Option<ShopHoliday>> {
        let shown = ctx.loader().load_one(ProfileOf(self.id)).await?;
        Ok(shown.and_then(|shown| ShopHoliday::of(&shown.profile, ctx.app().now())))
    }

    /// What it tells buyers to know beforehand, one of each kind at the most.
    #[graphql(directive = list_size::apply(5))]
    async fn policies(&self, ctx: &Context<'_>) -> WireResult<Vec<ShopPolicy>> {
        let policies = ctx.loader().load_one(PoliciesOf(self.id)).await?;
        Ok(policies.unwrap_or_default().into_iter().map(Into::into).collect())
    }

    /// How people rate what it sells.
    async fn rating(&self, ctx: &Context<'_>) -> WireResult<Rating> {
        Ok(ctx.loader().load_one(RatingsOfShop(self.id)).await?.unwrap_or_default().into())
    }

    /// Whether you follow it.
    async fn is_followed(&self, ctx: &Context<'_>) -> WireResult<bool> {
        Ok(ctx.loader().load_one(FollowedShop(self.id)).await?.is_some())
    }
}

impl Shop {
    async fn whole(&self, ctx: &Context<'_>) -> WireResult<Cow<'_, model::Shop>> {
        if let Some(whole) = &self.whole {
            return Ok(Cow::Borrowed(whole));
        }
        let whole = ctx.loader().load_one(ShopById(self.id)).await?;
        Ok(Cow::Owned(whole.ok_or_else(|| Failure::internal("a shop that is gone"))?))
    }
}

impl Plain for Shop {
    fn concrete_type(&self) -> Cow<'static, str> {
        "Shop".into()
    }

    fn field(&self, name: &str) -> AtHand<'_> {
        match (name, &self.whole) {
            ("id", _) => AtHand::Word(&self.id),
            ("handle", _) => AtHand::Text(&self.handle),
            ("name", _) => AtHand::Text(&self.name),
            ("description", Some(whole)) => AtHand::Text(&whole.description),
            ("currency", Some(whole)) => AtHand::Word(&whole.currency),
            ("country", Some(whole)) => AtHand::value(&whole.country),
            ("version", Some(whole)) => AtHand::value(&whole.version),
            ("createdAt", Some(whole)) => AtHand::value(&whole.created_at),
            _ => AtHand::NotYet,
        }
    }
}

impl From<model::Face> for Shop {
    fn from(model::Face { id, handle, name }: model::Face) -> Self {
        Self { id, handle, name, whole: None }
    }
}

impl From<model::Shop> for Shop {
    fn from(row: model::Shop) -> Self {
        Self { id: row.id, handle: row.handle.clone(), name: row.name.clone(), whole: Some(row) }
    }
}

async fn sends_from(ctx: &Context<'_>, shop: Id<model::Shop>) -> WireResult<Option<address::Address>> {
    let shown = ctx.loader().load_one(ProfileOf(shop)).await?;
    Ok(shown.and_then(|shown| shown.profile.ships_from?.parse()))
}

/// The shops' own part of a desk.
pub struct ShopsDesk(Desk);

#[Object]
impl ShopsDesk {
    /// Begins with `desk_`.
    async fn id(&self) -> Id<Desk> {
        self.0.id()
    }

    /// The shop as everybody sees it.
    async fn shop(&self) -> Shop {
        self.0.shop.clone().into()
    }

    /// What you do for this shop, which decides what you may do.
    async fn role(&self) -> ShopRole {
        self.0.role
    }

    /// Whether you have accepted that you are a member, by `acceptShopMembership` or by deciding about members; who is made an owner accepts that
    /// anew. Until then you are no owner without whom the shop has none, and the shop is none of the 100 that you may have.
    async fn is_accepted(&self) -> bool {
        self.0.is_accepted
    }

    /// The whole address that the shop sends from; null if none was given.
    async fn ships_from(&self, ctx: &Context<'_>) -> WireResult<Option<Address>> {
        Ok(sends_from(ctx, self.0.shop.id).await?.map(Into::into))
    }

    /// Everybody who works for the shop, longest first; at most 100.
    async fn members(&self, ctx: &Context<'_>) -> WireResult<Vec<ShopMember>> {
        let members = ctx.loader().load_one(MembersByShop(self.0.shop.id)).await?;
        Ok(members.unwrap_or_default().into_iter().map(Into::into).collect())
    }
}

/// Which shop: exactly one of the fields.
#[derive(OneofObject)]
pub enum ShopByInput {
    /// By id.
    Id(Id<model::Shop>),
    /// By the name in its URL.
    Handle(String),
}

#[derive(Default)]
pub struct ShopsQuery;

#[Object]
impl ShopsQuery {
    /// A shop; null if there is none.
    async fn shop(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] by: ShopByInput,
    ) -> WireResult<Option<Shop>> {
        let shop = match by {
            ShopByInput::Id(id) => ctx.loader().load_one(ShopById(id)).await?,
            ShopByInput::Handle(handle) => ctx.loader().load_one(ShopByHandle(handle)).await?,
        };
        Ok(shop.map(Into::into))
    }
}

/// The shops' part of the viewer.
#[derive(Default)]
pub struct ShopsViewer;

#[Object]
impl ShopsViewer {
    /// The desks of the shops that you work for, longest first; at most 100, and 20 to which others have added you and that you have not accepted.
    async fn shops(&self, ctx: &Context<'_>) -> WireResult<Vec<ShopDesk>> {
        let desks = service::desks(ctx.app(), ctx.caller()).await?;
        Ok(desks.into_iter().map(Into::into).collect())
    }
}

/// What a new shop shall be.
#[derive(InputObject)]
pub struct OpenShopInput {
    /// The shop's name, 1 to 80 characters.
    name: String,
    /// The shop's name in URLs: lower-case letters, digits and single inner hyphens, at most 80. Made from the name if absent.
    handle: Option<String>,
    /// What the shop says about itself, up to 2,000 characters.
    #[graphql(default)]
    description: String,
    /// What all prices of the shop will be in. It never changes.
    currency: CurrencyCode,
    /// Where the shop is.
    country: CountryCode,
    /// 1 to 255 characters that name this very intent, so that a repeat opens no second shop. Kept for a day.
    idempotency_key: Option<String>,
}

/// What `openShop` answers.
#[derive(SimpleObject)]
pub struct OpenShopPayload {
    /// The desk of the new shop.
    desk: Option<ShopDesk>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// What changes about a shop. What is absent stays.
#[derive(InputObject)]
pub struct UpdateShopInput {
    /// Which shop.
    shop_id: Id<model::Shop>,
    /// The `version` of the shop as it was read.
    expected_version: i32,
    /// The shop's name, 1 to 80 characters.
    name: MaybeUndefined<String>,
    /// What the shop says about itself, up to 2,000 characters. Null clears it.
    description: MaybeUndefined<String>,
    /// Where the shop is.
    country: MaybeUndefined<CountryCode>,
    /// The picture across its top. Null takes it away.
    banner: MaybeUndefined<ShopBannerInput>,
    /// Where it sends from; everybody sees the town, the region and the country of it. Null clears it.
    ships_from: MaybeUndefined<AddressInput>,
    /// When it takes no orders: `placeOrder` answers `SHOP_ON_HOLIDAY` meanwhile. Null ends it.
    holiday: MaybeUndefined<ShopHolidayInput>,
    /// What it tells buyers to know beforehand. A kind that is not among them stays as it is.
    policies: Option<Vec<ShopPolicyInput>>,
}

/// What `updateShop` answers.
#[derive(SimpleObject)]
pub struct UpdateShopPayload {
    /// The shop as it is now.
    shop: Option<Shop>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub struct ShopsMutation;

#[Object]
impl ShopsMutation {
    /// Opens a shop, of which you are the owner. You can belong to at most 100 shops.
    ///
    /// Codes: `BLANK`, `TOO_LONG`, `INVALID`, `TAKEN`, `TOO_MANY`, `IDEMPOTENCY_KEY_REUSED`.
    #[graphql(guard = "SignedInOnly")]
    async fn open_shop(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What the shop shall be.")] input: OpenShopInput,
    ) -> WireResult<OpenShopPayload> {
        let OpenShopInput { name, handle, description, currency, country, idempotency_key } = input;
        let shop = OpenShop { name, handle, description, currency, country };
        let result = service::open_shop(ctx.app(), ctx.caller(), idempotency_key.as_deref(), shop).await;
        let (id, user_errors) = answer(ctx, result).await?;
        let desk = match id {
            Some(id) => ctx.loader().load_one(DeskByShop(id)).await?,
            None => None,
        };
        Ok(OpenShopPayload { desk: desk.map(Into::into), user_errors })
    }

    /// Changes what everybody sees of a shop. Owners and managers may.
    ///
    /// Codes: `BLANK`, `TOO_LONG`, `INVALID`, `TAKEN`, `TOO_MANY`, `OUT_OF_RANGE`, `UPLOAD_INCOMPLETE`, `NOT_FOUND`,
    /// `NOT_PERMITTED`, `STALE_VERSION`.
    #[graphql(guard = "SignedInOnly")]
    async fn update_shop(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What changes.")] input: UpdateShopInput,
    ) -> WireResult<UpdateShopPayload> {
        let policies = input.policies.unwrap_or_default();
        let change = ShopChange {
            name: set(input.name, "name")?,
            description: change(input.description).map(Option::unwrap_or_default),
            country: set(input.country, "country")?,
            profile: ProfileChange {
                banner: change(input.banner).map(|banner| banner.map(Into::into)),
                ships_from: change(input.ships_from).map(|address| address.map(Into::into)),
                holiday: change(input.holiday).map(|holiday| holiday.map(Into::into)),
                policies: policies.into_iter().map(|policy| (policy.kind, policy.body)).collect(),
            },
        };
        let result = service::update_shop(ctx.app(), ctx.caller(), input.shop_id, input.expected_version, change).await;
        let (shop, user_errors) = answer(ctx, result).await?;
        Ok(UpdateShopPayload { shop: shop.map(Into::into), user_errors })
    }
}
