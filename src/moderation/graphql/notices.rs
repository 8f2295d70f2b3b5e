//! Decisions, for those whom they concern, on the wire.

use async_graphql::{Context, ID, Object, SimpleObject};

use super::ModerationAppeal;
use crate::{
    kernel::{id::Id, page::PageArgs},
    moderation::{
        model::{self, Action, Case, Decision, TargetKind},
        service,
    },
    platform::{
        caller::Caller,
        clock::Time,
        gql::{Ask, List, Listing, Total, WireResult},
    },
};

/// What the market's staff decided about you, or about something of yours. Only those see it whom it concerns.
#[derive(SimpleObject)]
pub struct ModerationNotice {
    /// Begins with `decision_`.
    id: Id<Decision>,
    /// What it is about.
    target_kind: TargetKind,
    /// The id of that.
    target_id: ID,
    /// What they did. Nobody is told of what was dismissed.
    action: Action,
    /// Why.
    reason: String,
    /// When.
    decided_at: Time,
    /// Until when you are suspended; null if you are not, or for good.
    suspended_until: Option<Time>,
    /// Until when you can appeal, once.
    appealable_until: Time,
    /// What you have said against it, or another one whom it concerns; null if nobody has.
    appeal: Option<ModerationAppeal>,
}

impl From<Case> for ModerationNotice {
    fn from(case: Case) -> Self {
        let (id, target, appeal) = (case.decision(), case.target(), ModerationAppeal::of(&case));
        let model::Case { target_kind, action, reason, decided_at, suspended_until, waiting_since, .. } = case;
        let decided_at = decided_at.unwrap_or(waiting_since);
        Self {
            id,
            target_kind,
            target_id: target.typed().into(),
            // It is decided, or nobody reads it.
            action: action.unwrap_or(Action::Dismiss),
            reason: reason.unwrap_or_default(),
            decided_at,
            suspended_until,
            appealable_until: decided_at + Case::APPEALABLE,
            appeal,
        }
    }
}

/// The moderation's part of the viewer.
pub struct ModerationViewer(pub Caller);

#[Object]
impl ModerationViewer {
    /// What the market's staff decided about you and what is yours, the newest first.
    async fn moderation_notices(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start, 1 to 100. Gives way to `last`.", default_with = "Some(20)")]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
        #[graphql(desc = "How many from the end instead, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "The cursor before which the page ends.")] before: Option<String>,
    ) -> WireResult<List<ModerationNotice>> {
        let listing = Listing::<Id<Decision>>::new("moderation_notices", &PageArgs { first, after, last, before })?;
        let (app, caller) = (ctx.app().clone(), self.0.clone());
        let rows = service::notices(&app, &caller, listing.page.clone()).await?;
        let total = Total::new(move || {
            let (app, caller) = (app.clone(), caller.clone());
            async move { service::count_notices(&app, &caller).await }
        });
        Ok(listing.connection(rows, Case::decision, Into::into, total))
    }
}
