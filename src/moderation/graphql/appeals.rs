//! Appeals, on the wire.

use async_graphql::{Context, InputObject, Object, SimpleObject};

use super::{
    cases::{ModerationCase, case},
    notices::ModerationNotice,
};
use crate::{
    kernel::id::Id,
    moderation::{
        loaders::OwnDecision,
        model::{AppealOutcome, Case, Decision},
        service,
    },
    platform::{
        caller::StaffPermission,
        gql::{Ask, SignedInOnly, StaffOnly, WireResult, cost},
    },
    user_errors::{UserError, answer},
};

/// What is wrong with which decision.
#[derive(InputObject)]
pub struct AppealDecisionInput {
    /// One of `viewer.moderationNotices`.
    decision_id: Id<Decision>,
    /// Why it is wrong, in 1 to 2,000 characters.
    text: String,
}

/// What `appealDecision` answers.
#[derive(SimpleObject)]
pub struct AppealDecisionPayload {
    /// The decision with your appeal.
    moderation_notice: Option<ModerationNotice>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// What comes of an appeal.
#[derive(InputObject)]
pub struct AnswerAppealInput {
    /// Which case: somebody has appealed.
    case_id: Id<Case>,
    /// Whether the decision stands.
    outcome: AppealOutcome,
    /// Why, in 1 to 500 characters. Those read it whom it concerns.
    reason: String,
}

/// What `answerAppeal` answers.
#[derive(SimpleObject)]
pub struct AnswerAppealPayload {
    /// The case, which is closed.
    moderation_case: Option<ModerationCase>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub struct AppealsMutation;

#[Object]
impl AppealsMutation {
    /// Has the staff look again at what they decided about you or what is yours, within 30 days. There is one appeal of a decision: where it
    /// concerns several, the first of them makes it.
    ///
    /// Codes: `NOT_FOUND`, `NOT_PERMITTED`, `ALREADY_DONE`, `BLANK`, `TOO_LONG`, `INVALID`.
    #[graphql(guard = "SignedInOnly", directive = cost::apply(200))]
    async fn appeal_decision(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wrong with which one.")] input: AppealDecisionInput,
    ) -> WireResult<AppealDecisionPayload> {
        let AppealDecisionInput { decision_id, text } = input;
        let result = service::appeal_decision(ctx.app(), ctx.caller(), decision_id, &text).await;
        let (id, user_errors) = answer(ctx, result).await?;
        let moderation_notice = match id {
            Some(id) => ctx.loader().load_one(OwnDecision(id)).await?.map(Into::into),
            None => None,
        };
        Ok(AppealDecisionPayload { moderation_notice, user_errors })
    }

    /// Answers an appeal. What an overturned decision did is undone, as far as nobody has made something else of it: a message says again what it
    /// said, a review is shown, a product is for sale if it was, and nobody is suspended for it any more. Those whom it concerns read it as they
    /// read the decision. Not about yourself or a shop of yours. For the staff.
    ///
    /// Codes: `NOT_FOUND`, `NOT_PERMITTED`, `ALREADY_DONE`, `BLANK`, `TOO_LONG`, `INVALID`.
    #[graphql(guard = "StaffOnly(StaffPermission::ModerateContent)")]
    async fn answer_appeal(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What comes of which one.")] input: AnswerAppealInput,
    ) -> WireResult<AnswerAppealPayload> {
        let AnswerAppealInput { case_id, outcome, reason } = input;
        let result = service::answer_appeal(ctx.app(), ctx.caller(), case_id, outcome, &reason).await;
        let (id, user_errors) = answer(ctx, result).await?;
        Ok(AnswerAppealPayload { moderation_case: case(ctx, id).await?, user_errors })
    }
}
