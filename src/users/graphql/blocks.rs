//! Whom you have blocked, on the wire.

use async_graphql::{Context, Object};

use super::User;
use crate::{
    kernel::page::PageArgs,
    platform::{
        caller::Caller,
        gql::{Ask, COUNT_LIMIT, List, Listing, Total, WireResult},
    },
    users::{model::BlockKey, service},
};

/// The blocked people's part of the viewer.
pub struct BlocksViewer(pub Caller);

#[Object]
impl BlocksViewer {
    /// Whom you have blocked, the last one first.
    async fn blocked_users(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start, 1 to 100. Gives way to `last`.", default_with = "Some(20)")]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
        #[graphql(desc = "How many from the end instead, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "The cursor before which the page ends.")] before: Option<String>,
    ) -> WireResult<List<User>> {
        let listing = Listing::<BlockKey>::new("blocked_users", &PageArgs { first, after, last, before })?;
        let (app, caller) = (ctx.app().clone(), self.0.clone());
        let rows = service::blocked(&app, &caller, listing.page.clone()).await?;
        let total = Total::new(move || {
            let (app, caller) = (app.clone(), caller.clone());
            async move { service::count_blocked(&app, &caller, COUNT_LIMIT + 1).await }
        });
        Ok(listing.connection(rows, |(person, at)| (*at, person.id), |(person, _)| person.into(), total))
    }
}
