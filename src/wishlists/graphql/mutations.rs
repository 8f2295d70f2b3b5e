//! Keeping wish lists.

use async_graphql::{Context, InputObject, MaybeUndefined, Object, SimpleObject};

use super::{WishList, load};
use crate::{
    kernel::id::Id,
    platform::gql::{Ask, SignedInOnly, WireResult, set},
    products,
    user_errors::{UserError, answer},
    wishlists::{
        model::{self, CreateWishList, Visibility, Wish},
        service::{self, WishListChange},
    },
};

/// What a new wish list shall be.
#[derive(InputObject)]
pub struct CreateWishListInput {
    /// What it is called, 1 to 80 characters.
    name: String,
    /// Who sees it.
    #[graphql(default_with = "Visibility::Private")]
    visibility: Visibility,
    /// 1 to 255 characters that name this very intent, so that a repeat begins no second list. Kept for a day.
    idempotency_key: Option<String>,
}

/// What `createWishList` answers.
#[derive(SimpleObject)]
pub struct CreateWishListPayload {
    /// The new list.
    wish_list: Option<WishList>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// What changes about a wish list. What is absent stays.
#[derive(InputObject)]
pub struct UpdateWishListInput {
    /// One of yours.
    wish_list_id: Id<model::WishList>,
    /// The `version` of the list as it was read.
    expected_version: i32,
    /// What it is called, 1 to 80 characters.
    name: MaybeUndefined<String>,
    /// Who sees it. `PRIVATE` ends its link for good.
    visibility: MaybeUndefined<Visibility>,
}

/// What `updateWishList` answers.
#[derive(SimpleObject)]
pub struct UpdateWishListPayload {
    /// The list as it is now.
    wish_list: Option<WishList>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// Which wish list gets another link.
#[derive(InputObject)]
pub struct RenewWishListLinkInput {
    /// One of yours that is not `PRIVATE`.
    wish_list_id: Id<model::WishList>,
}

/// What `renewWishListLink` answers.
#[derive(SimpleObject)]
pub struct RenewWishListLinkPayload {
    /// The list, with another `linkToken`.
    wish_list: Option<WishList>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// Which wish list to delete.
#[derive(InputObject)]
pub struct DeleteWishListInput {
    /// One of yours.
    wish_list_id: Id<model::WishList>,
}

/// What `deleteWishList` answers.
#[derive(SimpleObject)]
pub struct DeleteWishListPayload {
    /// The id of the list that is no more.
    deleted_wish_list_id: Option<Id<model::WishList>>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// What to put on which wish list.
#[derive(InputObject)]
pub struct AddToWishListInput {
    /// One of yours.
    wish_list_id: Id<model::WishList>,
    /// Which product.
    product_id: Id<products::model::Product>,
    /// Which variant of it; any if absent.
    variant_id: Option<Id<products::model::Variant>>,
    /// How many, 1 to 10,000.
    #[graphql(default = 1)]
    quantity: i32,
    /// What you say about it, up to 500 characters.
    #[graphql(default)]
    note: String,
}

/// What `addToWishList` answers.
#[derive(SimpleObject)]
pub struct AddToWishListPayload {
    /// The list with what was put on it.
    wish_list: Option<WishList>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// What to take from a wish list.
#[derive(InputObject)]
pub struct RemoveFromWishListInput {
    /// The id of an item of one of your lists.
    item_id: Id<model::Item>,
}

/// What `removeFromWishList` answers.
#[derive(SimpleObject)]
pub struct RemoveFromWishListPayload {
    /// The list without it.
    wish_list: Option<WishList>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// What people change about their wish lists.
#[derive(Default)]
pub struct WishListsMutation;

#[Object]
impl WishListsMutation {
    /// Begins a wish list, one of at most 100.
    ///
    /// Codes: `BLANK`, `TOO_LONG`, `INVALID`, `TOO_MANY`, `IDEMPOTENCY_KEY_REUSED`.
    #[graphql(guard = "SignedInOnly")]
    async fn create_wish_list(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What it shall be.")] input: CreateWishListInput,
    ) -> WireResult<CreateWishListPayload> {
        let CreateWishListInput { name, visibility, idempotency_key } = input;
        let list = CreateWishList { name, visibility };
        let result = service::create_wish_list(ctx.app(), ctx.caller(), idempotency_key.as_deref(), list).await;
        let (id, user_errors) = answer(ctx, result).await?;
        Ok(CreateWishListPayload { wish_list: load(ctx, id).await?, user_errors })
    }

    /// Changes what a list of yours is called, and who sees it.
    ///
    /// Codes: `NOT_FOUND`, `BLANK`, `TOO_LONG`, `INVALID`, `STALE_VERSION`.
    #[graphql(guard = "SignedInOnly")]
    async fn update_wish_list(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What changes.")] input: UpdateWishListInput,
    ) -> WireResult<UpdateWishListPayload> {
        let change =
            WishListChange { name: set(input.name, "name")?, visibility: set(input.visibility, "visibility")? };
        let (id, version) = (input.wish_list_id, input.expected_version);
        let result = service::update_wish_list(ctx.app(), ctx.caller(), id, version, change).await;
        let (id, user_errors) = answer(ctx, result).await?;
        Ok(UpdateWishListPayload { wish_list: load(ctx, id).await?, user_errors })
    }

    /// Gives a list of yours another link: the one before leads nowhere from then on. A list that is `PRIVATE` has none, and is
    /// `NOT_PERMITTED`.
    ///
    /// Codes: `NOT_FOUND`, `NOT_PERMITTED`.
    #[graphql(guard = "SignedInOnly")]
    async fn renew_wish_list_link(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: RenewWishListLinkInput,
    ) -> WireResult<RenewWishListLinkPayload> {
        let result = service::renew_link(ctx.app(), ctx.caller(), input.wish_list_id).await;
        let (id, user_errors) = answer(ctx, result).await?;
        Ok(RenewWishListLinkPayload { wish_list: load(ctx, id).await?, user_errors })
    }

    /// Deletes a list of yours with all that is on it.
    ///
    /// Codes: `NOT_FOUND`.
    #[graphql(guard = "SignedInOnly")]
    async fn delete_wish_list(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: DeleteWishListInput,
    ) -> WireResult<DeleteWishListPayload> {
        let result = service::delete_wish_list(ctx.app(), ctx.caller(), input.wish_list_id).await;
        let (deleted_wish_list_id, user_errors) = answer(ctx, result).await?;
        Ok(DeleteWishListPayload { deleted_wish_list_id, user_errors })
    }

    /// Puts a product, or a variant of it, on a list of yours, which has at most 1,000 items. What is on it already gets the quantity
    /// and the note.
    ///
    /// Codes: `NOT_FOUND`, `INVALID`, `OUT_OF_RANGE`, `TOO_LONG`, `TOO_MANY`.
    #[graphql(guard = "SignedInOnly")]
    async fn add_to_wish_list(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What on which.")] input: AddToWishListInput,
    ) -> WireResult<AddToWishListPayload> {
        let AddToWishListInput { wish_list_id, product_id, variant_id, quantity, note } = input;
        let wish = Wish { product: product_id, variant: variant_id, quantity, note };
        let result = service::add_to_wish_list(ctx.app(), ctx.caller(), wish_list_id, wish).await;
        let (id, user_errors) = answer(ctx, result).await?;
        Ok(AddToWishListPayload { wish_list: load(ctx, id).await?, user_errors })
    }

    /// Takes something from a list of yours.
    ///
    /// Codes: `NOT_FOUND`.
    #[graphql(guard = "SignedInOnly")]
    async fn remove_from_wish_list(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What.")] input: RemoveFromWishListInput,
    ) -> WireResult<RemoveFromWishListPayload> {
        let result = service::remove_from_wish_list(ctx.app(), ctx.caller(), input.item_id).await;
        let (id, user_errors) = answer(ctx, result).await?;
        Ok(RemoveFromWishListPayload { wish_list: load(ctx, id).await?, user_errors })
    }
}
