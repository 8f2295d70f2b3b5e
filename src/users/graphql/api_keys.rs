//! Keys of machines on the wire: for admins.

use async_graphql::{Context, InputObject, Object, SimpleObject};
use chrono::TimeDelta;

use crate::{
    kernel::{id::Id, page::PageArgs},
    platform::{
        caller::{Scope, StaffPermission},
        clock::Time,
        gql::{Ask, COUNT_LIMIT, List, Listing, StaffOnly, Total, WireResult},
    },
    user_errors::{UserError, answer},
    users::{
        model::{self, KeyState},
        service,
    },
};

/// What a key of a machine may do. New scopes may appear.
#[derive(Debug, Clone, Copy, PartialEq, Eq, async_graphql::Enum)]
pub enum ApiKeyScope {
    /// What a guest may do, and name the address of the buyer for whom it asks.
    Storefront,
}

impl From<Scope> for ApiKeyScope {
    fn from(scope: Scope) -> Self {
        match scope {
            Scope::Storefront => Self::Storefront,
        }
    }
}

impl From<ApiKeyScope> for Scope {
    fn from(scope: ApiKeyScope) -> Self {
        match scope {
            ApiKeyScope::Storefront => Self::Storefront,
        }
    }
}

/// Whether a key of a machine is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, async_graphql::Enum)]
pub enum ApiKeyState {
    /// It opens what its scopes say.
    Good,
    /// Its time is over.
    Expired,
    /// Somebody has ended it.
    Revoked,
}

impl From<KeyState> for ApiKeyState {
    fn from(state: KeyState) -> Self {
        match state {
            KeyState::Good => Self::Good,
            KeyState::Expired => Self::Expired,
            KeyState::Revoked => Self::Revoked,
        }
    }
}

/// A key that lets a machine in, such as a storefront's rendering server. What it is known by was told once.
#[derive(Debug, SimpleObject)]
pub struct ApiKey {
    /// Begins with `apikey_`.
    id: Id<model::ApiKey>,
    /// What it is for.
    name: String,
    /// What it may do.
    scopes: Vec<ApiKeyScope>,
    /// Whether it is good.
    state: ApiKeyState,
    /// When it was made.
    created_at: Time,
    /// When it ends; null if never.
    expires_at: Option<Time>,
    /// When somebody ended it; null if nobody has.
    revoked_at: Option<Time>,
    /// When it was last used, to the minute; null if never.
    last_used_at: Option<Time>,
}

impl ApiKey {
    fn of(row: model::ApiKey, now: Time) -> Self {
        let state = row.state(now).into();
        let model::ApiKey { id, name, scopes, created_at, expires_at, revoked_at, last_used_at } = row;
        // Those of a later version are unknown to this one.
        let scopes = scopes.iter().filter_map(|scope| scope.parse::<Scope>().ok()).map(Into::into).collect();
        Self { id, name, scopes, state, created_at, expires_at, revoked_at, last_used_at }
    }
}

/// The keys' part of what the market's staff see.
#[derive(Default)]
pub struct StaffApiKeys;

#[Object]
impl StaffApiKeys {
    /// Keys of machines, newest first, also those that are no good any more.
    #[graphql(guard = "StaffOnly(StaffPermission::ViewOperations)")]
    async fn api_keys(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start, 1 to 100. Gives way to `last`.", default_with = "Some(20)")]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
        #[graphql(desc = "How many from the end instead, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "The cursor before which the page ends.")] before: Option<String>,
    ) -> WireResult<List<ApiKey>> {
        let listing = Listing::<Id<model::ApiKey>>::new("api_keys", &PageArgs { first, after, last, before })?;
        let (app, now) = (ctx.app().clone(), ctx.app().now());
        let rows = service::api_keys(&app, listing.page.clone()).await?;
        let total = Total::new(move || {
            let app = app.clone();
            async move { service::count_api_keys(&app, COUNT_LIMIT + 1).await }
        });
        Ok(listing.connection(rows, |key| key.id, |key| ApiKey::of(key, now), total))
    }
}

/// What a key of a machine is to be.
#[derive(InputObject)]
pub struct CreateApiKeyInput {
    /// What it is for, to tell it from others: 1 to 80 characters.
    name: String,
    /// What it may do: at least one.
    scopes: Vec<ApiKeyScope>,
    /// After how many days it ends, 1 to 3,650; never if absent.
    expires_in_days: Option<i32>,
}

/// What `createApiKey` answers.
#[derive(SimpleObject)]
pub struct CreateApiKeyPayload {
    /// The key.
    api_key: Option<ApiKey>,
    /// What goes into the `Authorization` header as `Bearer …`. It is told this once, and stored nowhere.
    secret: Option<String>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// Which key to end.
#[derive(InputObject)]
pub struct RevokeApiKeyInput {
    /// A key that is good.
    api_key_id: Id<model::ApiKey>,
}

/// What `revokeApiKey` answers.
#[derive(SimpleObject)]
pub struct RevokeApiKeyPayload {
    /// The key as it is now.
    api_key: Option<ApiKey>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub struct ApiKeysMutation;

#[Object]
impl ApiKeysMutation {
    /// Makes a key for a machine. For admins. Needs a proof of who you are within the last 15 minutes, else it is
    /// `STEP_UP_REQUIRED`.
    ///
    /// Codes: `BLANK`, `TOO_LONG`, `INVALID`, `OUT_OF_RANGE`.
    #[graphql(guard = "StaffOnly(StaffPermission::ManageApiKeys)")]
    async fn create_api_key(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What it is to be.")] input: CreateApiKeyInput,
    ) -> WireResult<CreateApiKeyPayload> {
        let CreateApiKeyInput { name, scopes, expires_in_days } = input;
        let scopes = scopes.into_iter().map(Into::into).collect();
        let lifetime = expires_in_days.map(|days| TimeDelta::days(days.into()));
        let made = service::add_api_key(ctx.app(), ctx.caller(), &name, scopes, lifetime).await;
        let (made, user_errors) = answer(ctx, made).await?;
        let (key, secret) = made.unzip();
        Ok(CreateApiKeyPayload { api_key: key.map(|key| ApiKey::of(key, ctx.app().now())), secret, user_errors })
    }

    /// Ends a key, on every process within a second. For admins.
    ///
    /// Codes: `NOT_FOUND`.
    #[graphql(guard = "StaffOnly(StaffPermission::ManageApiKeys)")]
    async fn revoke_api_key(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: RevokeApiKeyInput,
    ) -> WireResult<RevokeApiKeyPayload> {
        let revoked = service::revoke_api_key(ctx.app(), ctx.caller(), input.api_key_id).await;
        let (key, user_errors) = answer(ctx, revoked).await?;
        Ok(RevokeApiKeyPayload { api_key: key.map(|key| ApiKey::of(key, ctx.app().now())), user_errors })
    }
}
