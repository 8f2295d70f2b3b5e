//! What was reported and what the staff decide, on the wire.

use async_graphql::{ComplexObject, Context, ID, InputObject, Object, SimpleObject};

use super::ModerationAppeal;
use crate::{
    kernel::{id::Id, page::PageArgs},
    moderation::{
        loaders::{CaseById, ReportsOf},
        model::{self, Action, CaseFilter, CaseState, ReportReason, Target, TargetKind, TimeKey},
        service::{self, Decide},
    },
    platform::{
        caller::StaffPermission,
        clock::Time,
        gql::{Ask, List, Listing, StaffOnly, Total, WireResult, list_size},
    },
    products::{graphql::Product, loaders::ProductKey},
    reviews::{graphql::Review, loaders::ReviewById},
    shops::{graphql::Shop, loaders::ShopById},
    user_errors::{UserError, answer},
    users::{self, graphql::User, loaders::UserById},
};

/// What people report about one thing, and what came of it. The staff alone see it.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct ModerationCase {
    /// Begins with `case_`.
    id: Id<model::Case>,
    /// What is reported.
    target_kind: TargetKind,
    /// Its id.
    target_id: ID,
    /// How far you are with it.
    state: CaseState,
    /// How many people have reported it.
    reporter_count: i32,
    /// When it was first reported.
    opened_at: Time,
    /// Since when it has waited for you, or did last: for a decision, or for an answer to the appeal.
    waiting_since: Time,
    /// What was decided; null until it is.
    action: Option<Action>,
    /// Why; null until it is decided.
    reason: Option<String>,
    /// When it was decided; null until it is.
    decided_at: Option<Time>,
    /// Until when somebody is suspended; null if nobody is, or for good.
    suspended_until: Option<Time>,
    /// What whom the decision concerns has against it; null if they have said nothing.
    appeal: Option<ModerationAppeal>,
    #[graphql(skip)]
    target: Target,
    #[graphql(skip)]
    person: Option<Id<users::model::User>>,
    #[graphql(skip)]
    decided: Option<Id<users::model::User>>,
    #[graphql(skip)]
    answered: Option<Id<users::model::User>>,
}

impl From<model::Case> for ModerationCase {
    fn from(case: model::Case) -> Self {
        let (target, appeal) = (case.target(), ModerationAppeal::of(&case));
        let model::Case { id, target_kind, state, reporter_count, opened_at, waiting_since, action, .. } = case;
        let model::Case { reason, decided_at, suspended_until, person_id, decided_by, answered_by, .. } = case;
        Self {
            id,
            target_kind,
            target_id: target.typed().into(),
            state,
            reporter_count,
            opened_at,
            waiting_since,
            action,
            reason,
            decided_at,
            suspended_until,
            appeal,
            target,
            person: person_id,
            decided: decided_by,
            answered: answered_by,
        }
    }
}

async fn user(ctx: &Context<'_>, id: Option<Id<users::model::User>>) -> WireResult<Option<User>> {
    let Some(id) = id else { return Ok(None) };
    Ok(ctx.loader().load_one(UserById(id)).await?.map(Into::into))
}

#[ComplexObject]
impl ModerationCase {
    /// Who wrote it, or the person who is reported; null if it is a shop's.
    async fn person(&self, ctx: &Context<'_>) -> WireResult<Option<User>> {
        user(ctx, self.person).await
    }

    /// The product that is reported; null if it is something else, or not for sale.
    async fn product(&self, ctx: &Context<'_>) -> WireResult<Option<Product>> {
        let Target::Product(id) = self.target else { return Ok(None) };
        Ok(ctx.loader().load_one(ProductKey::id(id)).await?.map(Into::into))
    }

    /// The review that is reported; null if it is something else, or gone.
    async fn review(&self, ctx: &Context<'_>) -> WireResult<Option<Review>> {
        let Target::Review(id) = self.target else { return Ok(None) };
        Ok(ctx.loader().load_one(ReviewById(id)).await?.map(Into::into))
    }

    /// The shop that is reported; null if it is something else.
    async fn shop(&self, ctx: &Context<'_>) -> WireResult<Option<Shop>> {
        let Target::Shop(id) = self.target else { return Ok(None) };
        Ok(ctx.loader().load_one(ShopById(id)).await?.map(Into::into))
    }

    /// What people say of it, the first ones first; at most 100.
    #[graphql(directive = list_size::apply(5))]
    async fn reports(&self, ctx: &Context<'_>) -> WireResult<Vec<ModerationReport>> {
        let reports = ctx.loader().load_one(ReportsOf(self.id)).await?.unwrap_or_default();
        Ok(reports.into_iter().map(Into::into).collect())
    }

    /// Who decided; null until somebody has.
    async fn decided_by(&self, ctx: &Context<'_>) -> WireResult<Option<User>> {
        user(ctx, self.decided).await
    }

    /// Who answered the appeal; null until somebody has.
    async fn answered_by(&self, ctx: &Context<'_>) -> WireResult<Option<User>> {
        user(ctx, self.answered).await
    }
}

/// Why somebody thinks that the staff should look at something, and what it said just then.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct ModerationReport {
    /// Why.
    reason: ReportReason,
    /// What else they say; empty if nothing, or it is forgotten.
    note: String,
    /// What it said: a message what it said before, too, the first words first. At most 100; empty once they are forgotten.
    texts: Vec<String>,
    /// What was sent along with the message: names of files and places, and ids of pictures and products. At most 10.
    attachments: Vec<String>,
    /// When it was reported.
    created_at: Time,
    #[graphql(skip)]
    reporter: Id<users::model::User>,
}

impl From<model::Report> for ModerationReport {
    fn from(row: model::Report) -> Self {
        let model::Report { reason, note, texts, attachments, created_at, reporter_id, .. } = row;
        Self { reason, note, texts, attachments, created_at, reporter: reporter_id }
    }
}

#[ComplexObject]
impl ModerationReport {
    /// Who reported it. Nobody but the staff learns that.
    async fn reporter(&self, ctx: &Context<'_>) -> WireResult<Option<User>> {
        user(ctx, Some(self.reporter)).await
    }
}

/// Which cases a list has. What is absent does not narrow it.
#[derive(InputObject, Default)]
pub struct ModerationCaseFilterInput {
    /// How far you are with them.
    state: Option<CaseState>,
    /// What is reported.
    target_kind: Option<TargetKind>,
}

/// The moderation's part of the staff's side.
#[derive(Default)]
pub struct StaffReports;

#[Object]
impl StaffReports {
    /// What people report, thing by thing, the one last that has waited for the longest time. What concerns yourself, or a shop for which you have
    /// accepted that you work, is not among it: others see to that.
    #[graphql(guard = "StaffOnly(StaffPermission::ModerateContent)")]
    async fn reports(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start, 1 to 100. Gives way to `last`.", default_with = "Some(20)")]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
        #[graphql(desc = "How many from the end instead, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "The cursor before which the page ends.")] before: Option<String>,
        #[graphql(desc = "Which ones.")] filter: Option<ModerationCaseFilterInput>,
    ) -> WireResult<List<ModerationCase>> {
        let ModerationCaseFilterInput { state, target_kind } = filter.unwrap_or_default();
        let filter = CaseFilter { state, target_kind };
        let listing = Listing::<TimeKey>::new(("reports", filter), &PageArgs { first, after, last, before })?;
        let (app, caller) = (ctx.app().clone(), ctx.caller().clone());
        let rows = service::cases(&app, &caller, filter, listing.page.clone()).await?;
        let total = Total::new(move || {
            let (app, caller) = (app.clone(), caller.clone());
            async move { service::count_cases(&app, &caller, filter).await }
        });
        let key = |case: &model::Case| (case.waiting_since, case.id.uuid());
        Ok(listing.connection(rows, key, Into::into, total))
    }
}

/// What to do about a case.
#[derive(InputObject)]
pub struct DecideReportInput {
    /// Which one: it is open.
    case_id: Id<model::Case>,
    /// What to do.
    action: Action,
    /// Why, in 1 to 500 characters. Those read it whom it concerns.
    reason: String,
    /// With `SUSPEND`, until when; left out, for good.
    suspended_until: Option<Time>,
}

/// What `decideReport` answers.
#[derive(SimpleObject)]
pub struct DecideReportPayload {
    /// The case, which is decided.
    moderation_case: Option<ModerationCase>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// A case, for who has just seen to it.
pub(super) async fn case(ctx: &Context<'_>, id: Option<Id<model::Case>>) -> WireResult<Option<ModerationCase>> {
    let Some(id) = id else { return Ok(None) };
    Ok(ctx.loader().load_one(CaseById(id)).await?.map(Into::into))
}

#[derive(Default)]
pub struct DecisionsMutation;

#[Object]
impl DecisionsMutation {
    /// Decides about what was reported, and does it at once. Unless it is dismissed, whom it concerns reads what was done and why in
    /// `viewer.moderationNotices`, in their audit log and by mail: the author, the person, or the owners of the shop. What does not fit what was
    /// reported is `NOT_PERMITTED`, and so is what concerns yourself or a shop of yours, and suspending somebody of the staff. What is not there to be
    /// hidden any more is `ALREADY_DONE`. For the staff.
    ///
    /// Codes: `NOT_FOUND`, `NOT_PERMITTED`, `ALREADY_DONE`, `OUT_OF_RANGE`, `BLANK`, `TOO_LONG`, `INVALID`.
    #[graphql(guard = "StaffOnly(StaffPermission::ModerateContent)")]
    async fn decide_report(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do, and why.")] input: DecideReportInput,
    ) -> WireResult<DecideReportPayload> {
        let DecideReportInput { case_id, action, reason, suspended_until } = input;
        let decide = Decide { action, reason, suspended_until };
        let result = service::decide_report(ctx.app(), ctx.caller(), case_id, decide).await;
        let (id, user_errors) = answer(ctx, result).await?;
        Ok(DecideReportPayload { moderation_case: case(ctx, id).await?, user_errors })
    }
}
