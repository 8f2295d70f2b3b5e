//! What people save to find it again, on the wire.

use async_graphql::{Context, InputObject, InputType, MaybeUndefined, Object, SimpleObject};

use crate::{
    kernel::{error::Failure, id::Id, scalar::Json},
    platform::{
        clock::Time,
        gql::{Ask, SignedInOnly, WireResult, set},
    },
    products::graphql::ProductFilterInput,
    searches::{
        loaders::OwnSearch,
        model::{self, SaveSearch, SavedSearchChange, without_nulls},
        service,
    },
    user_errors::{UserError, answer},
};

/// A filter of products that you have saved. Only you see it.
#[derive(Debug, Clone, SimpleObject)]
pub struct SavedSearch {
    /// Begins with `savedsearch_`.
    pub id: Id<model::SavedSearch>,
    /// What you call it, 1 to 80 characters.
    name: String,
    /// What you have saved, as `products(filter:)` takes it.
    filter: Json,
    /// Whether the market still understands the filter. If not, it finds nothing and tells of nothing, and stays as it is: save another one.
    is_usable: bool,
    /// Whether you are told when something new fits: by the ways that are switched on for `SEARCHES`, once a day at the most.
    has_notices: bool,
    /// When you have saved it.
    created_at: Time,
}

impl From<model::SavedSearch> for SavedSearch {
    fn from(row: model::SavedSearch) -> Self {
        let is_usable = row.products().is_some();
        let model::SavedSearch { id, name, filter, has_notices, created_at, .. } = row;
        Self { id, name, filter: Json(filter), is_usable, has_notices, created_at }
    }
}

async fn load(ctx: &Context<'_>, id: Option<Id<model::SavedSearch>>) -> WireResult<Option<SavedSearch>> {
    let Some(id) = id else { return Ok(None) };
    Ok(ctx.loader().load_one(OwnSearch(id)).await?.map(Into::into))
}

/// What is to be saved.
#[derive(InputObject)]
pub struct SaveSearchInput {
    /// What you call it, 1 to 80 characters.
    name: String,
    /// What `products` was asked for. It is narrowed in some way, and has at most 16,384 bytes.
    filter: ProductFilterInput,
    /// Whether you are told when something new fits.
    #[graphql(default = true)]
    has_notices: bool,
    /// 1 to 255 characters that name this very intent, so that a repeat saves nothing. Kept for a day.
    idempotency_key: Option<String>,
}

/// What `saveSearch` answers.
#[derive(SimpleObject)]
pub struct SaveSearchPayload {
    /// The saved search.
    saved_search: Option<SavedSearch>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// What changes about a saved search. What is absent stays.
#[derive(InputObject)]
pub struct UpdateSavedSearchInput {
    /// One of yours.
    saved_search_id: Id<model::SavedSearch>,
    /// What you call it, 1 to 80 characters.
    name: MaybeUndefined<String>,
    /// Whether you are told when something new fits: of what comes from then on.
    has_notices: MaybeUndefined<bool>,
}

/// What `updateSavedSearch` answers.
#[derive(SimpleObject)]
pub struct UpdateSavedSearchPayload {
    /// The saved search as it is now.
    saved_search: Option<SavedSearch>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// Which saved search to delete.
#[derive(InputObject)]
pub struct DeleteSavedSearchInput {
    /// One of yours.
    saved_search_id: Id<model::SavedSearch>,
}

/// What `deleteSavedSearch` answers.
#[derive(SimpleObject)]
pub struct DeleteSavedSearchPayload {
    /// The id of the search that is no more.
    deleted_saved_search_id: Option<Id<model::SavedSearch>>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// What people do with searches that they save.
#[derive(Default)]
pub struct SavedSearchesMutation;

#[Object]
impl SavedSearchesMutation {
    /// Saves what you look for, one of at most 50, to find it again and to be told of what comes to the market and fits.
    ///
    /// Codes: `BLANK`, `TOO_LONG`, `INVALID`, `TOO_MANY`, `IDEMPOTENCY_KEY_REUSED`.
    #[graphql(guard = "SignedInOnly")]
    async fn save_search(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to save.")] input: SaveSearchInput,
    ) -> WireResult<SaveSearchPayload> {
        let SaveSearchInput { name, filter, has_notices, idempotency_key } = input;
        let stored = without_nulls(filter.to_value().into_json().map_err(Failure::internal)?);
        // As if somebody looked for it now: what cannot be looked for is not saved either.
        filter.filter(None)?;
        let search = SaveSearch { name, filter: stored, has_notices };
        let result = service::save_search(ctx.app(), ctx.caller(), idempotency_key.as_deref(), search).await;
        let (id, user_errors) = answer(ctx, result).await?;
        Ok(SaveSearchPayload { saved_search: load(ctx, id).await?, user_errors })
    }

    /// Changes what a saved search of yours is called, and whether you are told of it.
    ///
    /// Codes: `NOT_FOUND`, `BLANK`, `TOO_LONG`, `INVALID`.
    #[graphql(guard = "SignedInOnly")]
    async fn update_saved_search(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What changes.")] input: UpdateSavedSearchInput,
    ) -> WireResult<UpdateSavedSearchPayload> {
        let change =
            SavedSearchChange { name: set(input.name, "name")?, has_notices: set(input.has_notices, "hasNotices")? };
        let result = service::update_saved_search(ctx.app(), ctx.caller(), input.saved_search_id, change).await;
        let (id, user_errors) = answer(ctx, result).await?;
        Ok(UpdateSavedSearchPayload { saved_search: load(ctx, id).await?, user_errors })
    }

    /// Deletes a saved search of yours.
    ///
    /// Codes: `NOT_FOUND`.
    #[graphql(guard = "SignedInOnly")]
    async fn delete_saved_search(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: DeleteSavedSearchInput,
    ) -> WireResult<DeleteSavedSearchPayload> {
        let result = service::delete_saved_search(ctx.app(), ctx.caller(), input.saved_search_id).await;
        let (deleted_saved_search_id, user_errors) = answer(ctx, result).await?;
        Ok(DeleteSavedSearchPayload { deleted_saved_search_id, user_errors })
    }
}
