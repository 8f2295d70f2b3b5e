//! What people look for, lately and these days, on the wire.

use async_graphql::{Context, InputObject, Object, SimpleObject};

use crate::{
    platform::{
        clock::Time,
        gql::{Ask, SignedInOnly, WireResult, cost, list_size},
    },
    searches::{
        model::{Searched, Told},
        service,
    },
    user_errors::{UserError, answer},
};

/// Something that you have looked for.
#[derive(SimpleObject)]
pub struct RecentSearch {
    /// As you typed it last, to be the `query` of a filter.
    query: String,
    /// When you did so last.
    searched_at: Time,
}

impl From<Searched> for RecentSearch {
    fn from(Searched { query, at }: Searched) -> Self {
        Self { query, searched_at: at }
    }
}

/// Something that many people look for.
#[derive(SimpleObject)]
pub struct TrendingSearch {
    /// The words, to be the `query` of a filter.
    query: String,
}

/// What can be asked about what people look for.
#[derive(Default)]
pub struct SearchesQuery;

#[Object]
impl SearchesQuery {
    /// What many people look for these days, that first which most of them do: at most 20, what they did a day ago counts half, and after a week
    /// nothing. Behind each there are five people or more, and products for sale that have all of its words.
    #[graphql(directive = list_size::apply(20))]
    async fn trending_searches(&self, ctx: &Context<'_>) -> WireResult<Vec<TrendingSearch>> {
        let words = service::trending_searches(ctx.app()).await?;
        Ok(words.into_iter().map(|query| TrendingSearch { query }).collect())
    }
}

/// Something that was looked for.
#[derive(InputObject)]
pub struct SearchInput {
    /// As it was typed. What holds no words, or more than 200 characters, is left out without a word.
    query: String,
    /// When: just now if absent. What was more than a day ago is left out.
    searched_at: Option<Time>,
}

/// What was looked for.
#[derive(InputObject)]
pub struct RecordSearchesInput {
    /// What was looked for, at most 20 at once.
    searches: Vec<SearchInput>,
}

/// What `recordSearches` answers.
#[derive(SimpleObject)]
pub struct RecordSearchesPayload {
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// What people let be kept of what they look for.
#[derive(Default)]
pub struct RecentSearchesMutation;

#[Object]
impl RecentSearchesMutation {
    /// Keeps what you have looked for, for `viewer.recentSearches` and, together with what others look for, `trendingSearches`: the same words once.
    /// Tell of what somebody meant: what they sent off, or of which they opened a product, not each letter that they typed. Nothing is kept while
    /// `Preferences.hasPersonalization` is off.
    ///
    /// Codes: `TOO_MANY`.
    #[graphql(guard = "SignedInOnly", directive = cost::apply(50))]
    async fn record_searches(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What you have looked for.")] input: RecordSearchesInput,
    ) -> WireResult<RecordSearchesPayload> {
        let told = |SearchInput { query, searched_at }| Told { query, searched_at };
        let told = input.searches.into_iter().map(told).collect();
        let (_, user_errors) = answer(ctx, service::record_searches(ctx.app(), ctx.caller(), told).await).await?;
        Ok(RecordSearchesPayload { user_errors })
    }
}
