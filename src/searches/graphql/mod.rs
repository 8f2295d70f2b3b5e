//! Searches on the wire.

mod recent;
mod saved;

pub use self::{
    recent::{RecentSearch, RecentSearchesMutation, SearchesQuery, TrendingSearch},
    saved::{SavedSearch, SavedSearchesMutation},
};

use async_graphql::{Context, Object};

use super::service;
use crate::platform::{
    caller::Caller,
    gql::{Ask, WireResult, list_size},
};

/// The searches' part of the viewer.
pub struct SearchesViewer(pub Caller);

#[Object]
impl SearchesViewer {
    /// What you have looked for lately, as your clients have told by `recordSearches`, the last one first: at most 50, and none for longer than the
    /// market keeps them, 90 days unless it says otherwise. Empty while `Preferences.hasPersonalization` is off.
    #[graphql(directive = list_size::apply(50))]
    async fn recent_searches(&self, ctx: &Context<'_>) -> WireResult<Vec<RecentSearch>> {
        Ok(service::recent_searches(ctx.app(), &self.0).await?.into_iter().map(Into::into).collect())
    }

    /// The searches that you have saved, the last one first; at most 50.
    #[graphql(directive = list_size::apply(50))]
    async fn saved_searches(&self, ctx: &Context<'_>) -> WireResult<Vec<SavedSearch>> {
        Ok(service::saved_searches(ctx.app(), &self.0).await?.into_iter().map(Into::into).collect())
    }
}
