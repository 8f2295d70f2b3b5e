//! Who works for a shop, on the wire.

use async_graphql::{ComplexObject, Context, InputObject, Object, SimpleObject};

use super::ShopDesk;
use crate::shops::{
    loaders::DeskByShop,
    model::{self, ShopRole},
    service,
};
use crate::{
    kernel::id::Id,
    platform::{
        clock::Time,
        gql::{Ask, SignedInOnly, WireResult, cost},
    },
    user_errors::{UserError, answer},
    users::{self, graphql::User, loaders::UserById},
};

/// A person who works for a shop. Only the shop's members see it.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(complex)]
pub struct ShopMember {
    /// What they do for the shop, which decides what they may do.
    role: ShopRole,
    /// Since when they are a member.
    created_at: Time,
    /// Whether they have said themself that they are, by `acceptShopMembership` or by deciding about members. Nobody is asked before they are
    /// added; who is made an owner accepts that anew. A shop counts no owner who has not.
    is_accepted: bool,
    #[graphql(skip)]
    user_id: Id<users::model::User>,
}

#[ComplexObject]
impl ShopMember {
    /// Who it is; null if the account is gone.
    async fn user(&self, ctx: &Context<'_>) -> WireResult<Option<User>> {
        Ok(ctx.loader().load_one(UserById(self.user_id)).await?.map(Into::into))
    }
}

impl From<model::Member> for ShopMember {
    fn from(row: model::Member) -> Self {
        Self { role: row.role, created_at: row.created_at, is_accepted: row.is_accepted, user_id: row.user_id }
    }
}

/// Who joins which shop.
#[derive(InputObject)]
pub struct AddShopMemberInput {
    /// Which shop.
    shop_id: Id<model::Shop>,
    /// Who joins.
    user_id: Id<users::model::User>,
    /// What they do for the shop.
    role: ShopRole,
}

/// What `addShopMember` answers.
#[derive(SimpleObject)]
pub struct AddShopMemberPayload {
    /// The new member.
    member: Option<ShopMember>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// Which shop you work for.
#[derive(InputObject)]
pub struct AcceptShopMembershipInput {
    /// Which shop: you were added to it.
    shop_id: Id<model::Shop>,
}

/// What `acceptShopMembership` answers.
#[derive(SimpleObject)]
pub struct AcceptShopMembershipPayload {
    /// You as the shop's member.
    member: Option<ShopMember>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// Which member gets which role.
#[derive(InputObject)]
pub struct SetShopMemberRoleInput {
    /// Which shop.
    shop_id: Id<model::Shop>,
    /// Which member.
    user_id: Id<users::model::User>,
    /// What they do for the shop from now on.
    role: ShopRole,
}

/// What `setShopMemberRole` answers.
#[derive(SimpleObject)]
pub struct SetShopMemberRolePayload {
    /// The member as they are now.
    member: Option<ShopMember>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// Who leaves which shop.
#[derive(InputObject)]
pub struct RemoveShopMemberInput {
    /// Which shop.
    shop_id: Id<model::Shop>,
    /// Who leaves.
    user_id: Id<users::model::User>,
}

/// What `removeShopMember` answers.
#[derive(SimpleObject)]
pub struct RemoveShopMemberPayload {
    /// The desk without the member; null if you are the one who left.
    desk: Option<ShopDesk>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub struct MembersMutation;

#[Object]
impl MembersMutation {
    /// Makes a person a member of a shop, at once; they can leave at once, and accept it by `acceptShopMembership`. Owners may. A shop has at most
    /// 100 members; a person has accepted at most 100 shops, and waits with 20 more. Who gives the role `OWNER` proves who they are within the 15
    /// minutes before (`STEP_UP_REQUIRED`), and all owners get a mail. Somebody may become an owner 10 times a day.
    ///
    /// Codes: `NOT_FOUND`, `NOT_PERMITTED`, `ALREADY_DONE`, `TOO_MANY`.
    #[graphql(guard = "SignedInOnly", directive = cost::apply(200))]
    async fn add_shop_member(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who joins.")] input: AddShopMemberInput,
    ) -> WireResult<AddShopMemberPayload> {
        let AddShopMemberInput { shop_id, user_id, role } = input;
        let result = service::add_member(ctx.app(), ctx.caller(), shop_id, user_id, role).await;
        let (member, user_errors) = answer(ctx, result).await?;
        Ok(AddShopMemberPayload { member: member.map(Into::into), user_errors })
    }

    /// Accepts that you are a member of a shop, to which others have added you, or its owner. From then on you are one of the owners of whom a shop
    /// keeps at least one. Changes nothing if you did so before; without it you work for the shop as well, and may leave at any time.
    ///
    /// Codes: `NOT_FOUND`, `TOO_MANY`.
    #[graphql(guard = "SignedInOnly", directive = cost::apply(50))]
    async fn accept_shop_membership(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of which shop.")] input: AcceptShopMembershipInput,
    ) -> WireResult<AcceptShopMembershipPayload> {
        let result = service::accept_membership(ctx.app(), ctx.caller(), input.shop_id).await;
        let (member, user_errors) = answer(ctx, result).await?;
        Ok(AcceptShopMembershipPayload { member: member.map(Into::into), user_errors })
    }

    /// Gives a member another role; nothing happens if they have it. Owners may. A shop keeps at least one owner who has accepted it. Who gives the
    /// role `OWNER`, or takes it, proves who they are within the 15 minutes before (`STEP_UP_REQUIRED`), and all owners get a mail, as does who was
    /// one. Somebody may become an owner 10 times a day.
    ///
    /// Codes: `NOT_FOUND`, `NOT_PERMITTED`, `LAST_OWNER`, `TOO_MANY`.
    #[graphql(guard = "SignedInOnly", directive = cost::apply(200))]
    async fn set_shop_member_role(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which role.")] input: SetShopMemberRoleInput,
    ) -> WireResult<SetShopMemberRolePayload> {
        let SetShopMemberRoleInput { shop_id, user_id, role } = input;
        let result = service::set_member_role(ctx.app(), ctx.caller(), shop_id, user_id, role).await;
        let (member, user_errors) = answer(ctx, result).await?;
        Ok(SetShopMemberRolePayload { member: member.map(Into::into), user_errors })
    }

    /// Ends a membership. Owners may, and everybody their own. A shop keeps at least one owner who has accepted it. Where an owner's ends, whoever
    /// ends it proves who they are within the 15 minutes before (`STEP_UP_REQUIRED`), unless it is their own and they never accepted it, and all
    /// owners get a mail, as does who was one.
    ///
    /// Codes: `NOT_FOUND`, `NOT_PERMITTED`, `LAST_OWNER`, `TOO_MANY`.
    #[graphql(guard = "SignedInOnly", directive = cost::apply(200))]
    async fn remove_shop_member(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who leaves.")] input: RemoveShopMemberInput,
    ) -> WireResult<RemoveShopMemberPayload> {
        let RemoveShopMemberInput { shop_id, user_id } = input;
        let result = service::remove_member(ctx.app(), ctx.caller(), shop_id, user_id).await;
        let (removed, user_errors) = answer(ctx, result).await?;
        let desk = match removed {
            Some(()) => ctx.loader().load_one(DeskByShop(shop_id)).await?,
            None => None,
        };
        Ok(RemoveShopMemberPayload { desk: desk.map(Into::into), user_errors })
    }
}
