//! What people wait for, and what the shop's members hear of stock, on the wire.

use async_graphql::{ComplexObject, Context, InputObject, Object, SimpleObject, dataloader::DataLoader};

use crate::{
    inventory::{
        loaders::RuleOf,
        model::{self, NoticeKey},
        service,
    },
    kernel::{id::Id, page::PageArgs},
    platform::{
        caller::Caller,
        events::Cursor,
        gql::{Ask, COUNT_LIMIT, List, Listing, Reader, SignedInOnly, Total, WireResult},
    },
    products::{self, graphql::ProductVariant, loaders::VariantById},
    user_errors::{UserError, answer},
};

/// The stock's part of the viewer.
pub struct NoticesViewer(pub Caller);

#[Object]
impl NoticesViewer {
    /// The variants of which you are told by mail when they can be ordered again, the last one first. Only you see them. Those of
    /// products that are not for sale at the moment are left out.
    async fn availability_notices(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start, 1 to 100. Gives way to `last`.", default_with = "Some(20)")]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
        #[graphql(desc = "How many from the end instead, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "The cursor before which the page ends.")] before: Option<String>,
    ) -> WireResult<List<ProductVariant>> {
        let listing = Listing::<NoticeKey>::new("availability_notices", &PageArgs { first, after, last, before })?;
        let (app, caller) = (ctx.app().clone(), self.0.clone());
        let rows = service::availability_notices(&app, &caller, listing.page.clone()).await?;
        let total = Total::new(move || {
            let (app, caller) = (app.clone(), caller.clone());
            async move { service::count_availability_notices(&app, &caller, COUNT_LIMIT + 1).await }
        });
        Ok(listing.connection(rows, |(variant, at)| (*at, variant.id), |(variant, _)| variant.into(), total))
    }
}

/// Of which variant to be told.
#[derive(InputObject)]
pub struct NotifyWhenAvailableInput {
    /// Which one.
    variant_id: Id<products::model::Variant>,
    /// 1 to 255 characters that name this very intent, so that a repeat changes nothing. Kept for a day.
    idempotency_key: Option<String>,
}

/// What `notifyWhenAvailable` answers.
#[derive(SimpleObject)]
pub struct NotifyWhenAvailablePayload {
    /// The variant that you wait for.
    variant: Option<ProductVariant>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// Of which variant to be told no more.
#[derive(InputObject)]
pub struct ForgetAvailabilityNoticeInput {
    /// Which one.
    variant_id: Id<products::model::Variant>,
}

/// What `forgetAvailabilityNotice` answers.
#[derive(SimpleObject)]
pub struct ForgetAvailabilityNoticePayload {
    /// The variant that you wait for no more; null also if you may not see it.
    variant: Option<ProductVariant>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub struct NoticesMutation;

#[Object]
impl NoticesMutation {
    /// Has you told by mail, once, when a variant that cannot be ordered now can be ordered again; one of at most 500. Once more
    /// changes nothing. Mail of this kind is switched by `AVAILABILITY` in your preferences.
    ///
    /// Codes: `ALREADY_AVAILABLE`, `NOT_FOUND`, `TOO_MANY`, `IDEMPOTENCY_KEY_REUSED`.
    #[graphql(guard = "SignedInOnly")]
    async fn notify_when_available(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of which variant.")] input: NotifyWhenAvailableInput,
    ) -> WireResult<NotifyWhenAvailablePayload> {
        let NotifyWhenAvailableInput { variant_id, idempotency_key } = input;
        let result =
            service::notify_when_available(ctx.app(), ctx.caller(), idempotency_key.as_deref(), variant_id).await;
        let (awaited, user_errors) = answer(ctx, result).await?;
        Ok(NotifyWhenAvailablePayload { variant: variant(ctx, awaited).await?, user_errors })
    }

    /// Has you told of a variant no more. Once more changes nothing.
    ///
    /// Codes: none.
    #[graphql(guard = "SignedInOnly")]
    async fn forget_availability_notice(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of which variant.")] input: ForgetAvailabilityNoticeInput,
    ) -> WireResult<ForgetAvailabilityNoticePayload> {
        let result = service::forget_availability_notice(ctx.app(), ctx.caller(), input.variant_id).await;
        let (forgotten, user_errors) = answer(ctx, result).await?;
        Ok(ForgetAvailabilityNoticePayload { variant: variant(ctx, forgotten).await?, user_errors })
    }
}

async fn variant(ctx: &Context<'_>, id: Option<Id<products::model::Variant>>) -> WireResult<Option<ProductVariant>> {
    match id {
        Some(id) => Ok(ctx.loader().load_one(VariantById(id)).await?.map(Into::into)),
        None => Ok(None),
    }
}

/// There are no more pieces of a variant than its `lowStockThreshold`, and there were more. Told to the shop's members.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct StockLow {
    /// The event's place in your stream.
    cursor: String,
    #[graphql(skip)]
    variant: Id<products::model::Variant>,
}

impl StockLow {
    /// The event as the loader's caller sees it; none if they do not work for the shop (any more).
    pub async fn load(
        loader: &DataLoader<Reader>,
        cursor: Cursor,
        event: &model::StockLow,
    ) -> WireResult<Option<Self>> {
        let variant = Id::from_uuid(event.variant);
        let is_member = loader.load_one(RuleOf(variant)).await?.is_some();
        Ok(is_member.then(|| Self { cursor: cursor.to_string(), variant }))
    }
}

#[ComplexObject]
impl StockLow {
    /// The variant as it is now; null if you work for the shop no longer.
    async fn variant(&self, ctx: &Context<'_>) -> WireResult<Option<ProductVariant>> {
        variant(ctx, Some(self.variant)).await
    }
}
