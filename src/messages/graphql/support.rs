//! Support in the threads of orders, on the wire.

use async_graphql::{ComplexObject, Context, InputObject, Object, SimpleObject};

use super::{Conversation, conversation, message::Author};
use crate::{
    kernel::{id::Id, page::PageArgs},
    messages::{
        loaders::SupportCallById,
        model::{
            self,
            support::{self, SupportStep},
        },
        service,
    },
    orders::{graphql::OrderPart, loaders::PartByConversation},
    platform::{
        caller::StaffPermission,
        clock::Time,
        gql::{Ask, AtHand, List, Listing, SignedInOnly, StaffOnly, Total, WireResult, cost},
    },
    user_errors::{UserError, answer},
    users::{self, graphql::User, loaders::UserById},
};

/// Support was called into the thread of an order, or has come or left.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(complex)]
pub struct SupportStepContent {
    /// What happened.
    step: SupportStep,
    #[graphql(skip)]
    actor: Option<Author>,
}

impl SupportStepContent {
    pub(super) fn new(step: SupportStep, actor: Option<Author>) -> Self {
        Self { step, actor }
    }

    pub(super) fn at_hand(&self, name: &str) -> AtHand<'_> {
        match name {
            "step" => AtHand::value(&self.step),
            "actor" => Author::at_hand(self.actor.as_ref()),
            _ => AtHand::NotYet,
        }
    }
}

#[ComplexObject]
impl SupportStepContent {
    /// Who called, or who of the market's staff has come or left.
    async fn actor(&self, ctx: &Context<'_>) -> WireResult<Option<User>> {
        Author::load(self.actor.as_ref(), ctx).await
    }
}

/// The market's staff are wanted in the thread of an order. Those of them who may answer see it.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct SupportCall {
    /// Begins with `call_`.
    id: Id<support::SupportCall>,
    /// Since when.
    called_at: Time,
    /// When somebody of the staff came; null while nobody has.
    answered_at: Option<Time>,
    #[graphql(skip)]
    called_by: Id<users::model::User>,
    #[graphql(skip)]
    staff: Option<Id<users::model::User>>,
    #[graphql(skip)]
    conversation_id: Id<model::Conversation>,
}

impl From<support::SupportCall> for SupportCall {
    fn from(row: support::SupportCall) -> Self {
        let support::SupportCall { id, conversation_id, called_by, called_at, staff_id, answered_at, .. } = row;
        Self { id, called_at, answered_at, called_by, staff: staff_id, conversation_id }
    }
}

#[ComplexObject]
impl SupportCall {
    /// Who called.
    async fn called_by(&self, ctx: &Context<'_>) -> WireResult<Option<User>> {
        Ok(ctx.loader().load_one(UserById(self.called_by)).await?.map(Into::into))
    }

    /// Who of the staff is there; null while nobody is.
    async fn staff(&self, ctx: &Context<'_>) -> WireResult<Option<User>> {
        let Some(id) = self.staff else { return Ok(None) };
        Ok(ctx.loader().load_one(UserById(id)).await?.map(Into::into))
    }

    /// The shop's part of an order that it is about; null if you do not see it.
    async fn order_part(&self, ctx: &Context<'_>) -> WireResult<Option<OrderPart>> {
        Ok(ctx.loader().load_one(PartByConversation(self.conversation_id)).await?.map(Into::into))
    }

    /// The thread; null unless it is you who is there.
    async fn conversation(&self, ctx: &Context<'_>) -> WireResult<Option<Conversation>> {
        conversation(ctx, self.conversation_id).await
    }
}

/// The calls' part of the staff's side.
#[derive(Default)]
pub struct StaffSupportCalls;

#[Object]
impl StaffSupportCalls {
    /// The threads of orders into which support was called, the newest call first. What is written there is for whoever answers alone.
    #[graphql(guard = "StaffOnly(StaffPermission::AnswerSupport)")]
    async fn support_calls(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start, 1 to 100. Gives way to `last`.", default_with = "Some(20)")]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
        #[graphql(desc = "How many from the end instead, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "The cursor before which the page ends.")] before: Option<String>,
    ) -> WireResult<List<SupportCall>> {
        let args = PageArgs { first, after, last, before };
        let listing = Listing::<(Time, Id<support::SupportCall>)>::new("support_calls", &args)?;
        let app = ctx.app().clone();
        let rows = service::support_calls(&app, listing.page.clone()).await?;
        let total = Total::new(move || {
            let app = app.clone();
            async move { service::count_support_calls(&app).await }
        });
        Ok(listing.connection(rows, |call: &support::SupportCall| (call.called_at, call.id), Into::into, total))
    }
}

/// Where support is wanted.
#[derive(InputObject)]
pub struct CallSupportInput {
    /// The thread of an order.
    conversation_id: Id<model::Conversation>,
}

/// What `callSupport` answers.
#[derive(SimpleObject)]
pub struct CallSupportPayload {
    /// The thread.
    conversation: Option<Conversation>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// Which call to answer.
#[derive(InputObject)]
pub struct AnswerSupportCallInput {
    /// One of `staff.supportCalls`.
    support_call_id: Id<support::SupportCall>,
}

/// What `answerSupportCall` answers.
#[derive(SimpleObject)]
pub struct AnswerSupportCallPayload {
    /// The call.
    support_call: Option<SupportCall>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// Which call is over.
#[derive(InputObject)]
pub struct CloseSupportCallInput {
    /// One of `staff.supportCalls`.
    support_call_id: Id<support::SupportCall>,
}

/// What `closeSupportCall` answers.
#[derive(SimpleObject)]
pub struct CloseSupportCallPayload {
    /// The id of the call that is over.
    closed_support_call_id: Option<Id<support::SupportCall>>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub struct SupportMutation;

#[Object]
impl SupportMutation {
    /// Calls the market's staff into the thread of an order in which you take part, as its buyer or for its shop. Whoever of them answers reads it from
    /// its beginning and writes in it, with `Message.isBySupport`, until they leave; the thread tells each of that. While a call is open, once more
    /// changes nothing. A thread has 5 calls a day at the most.
    ///
    /// Codes: `NOT_FOUND`, `TOO_MANY`, `TOO_MANY_ATTEMPTS`.
    #[graphql(guard = "SignedInOnly", directive = cost::apply(200))]
    async fn call_support(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Where.")] input: CallSupportInput,
    ) -> WireResult<CallSupportPayload> {
        let result = service::call_support(ctx.app(), ctx.caller(), input.conversation_id).await;
        let (seen, user_errors) = answer(ctx, result).await?;
        Ok(CallSupportPayload { conversation: seen.map(Into::into), user_errors })
    }

    /// Answers a call: from now on you read and write in its thread, in the place of a colleague who has answered before. The people who take part
    /// read so in their audit log. Of what is your own, or of a shop for which you have accepted that you work, it is `NOT_PERMITTED`. Once more changes
    /// nothing. For the staff.
    ///
    /// Codes: `NOT_FOUND`, `NOT_PERMITTED`.
    #[graphql(guard = "StaffOnly(StaffPermission::AnswerSupport)")]
    async fn answer_support_call(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: AnswerSupportCallInput,
    ) -> WireResult<AnswerSupportCallPayload> {
        let result = service::answer_support_call(ctx.app(), ctx.caller(), input.support_call_id).await;
        let (id, user_errors) = answer(ctx, result).await?;
        let support_call = match id {
            Some(id) => ctx.loader().load_one(SupportCallById(id)).await?.map(Into::into),
            None => None,
        };
        Ok(AnswerSupportCallPayload { support_call, user_errors })
    }

    /// Leaves the thread of a call that you have answered, or of one that nobody has: it is over, and you do not see its thread any more. One that a
    /// colleague has answered is `NOT_PERMITTED`, and so is one that nobody has of what you may not answer. For the staff.
    ///
    /// Codes: `NOT_FOUND`, `NOT_PERMITTED`.
    #[graphql(guard = "StaffOnly(StaffPermission::AnswerSupport)")]
    async fn close_support_call(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: CloseSupportCallInput,
    ) -> WireResult<CloseSupportCallPayload> {
        let result = service::close_support_call(ctx.app(), ctx.caller(), input.support_call_id).await;
        let (closed_support_call_id, user_errors) = answer(ctx, result).await?;
        Ok(CloseSupportCallPayload { closed_support_call_id, user_errors })
    }
}
