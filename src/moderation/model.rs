//! Rows of cases and reports.

use chrono::TimeDelta;
use diesel::{Queryable, QueryableByName, Selectable};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    kernel::id::{Entity, Id},
    messages::model::Message,
    platform::{clock::Time, jobs::JobBody},
    products::model::Product,
    reviews::model::Review,
    schema::{moderation_cases, moderation_reports},
    shops::model::Shop,
    text_enum,
    users::model::User,
};

/// Reports of a case that are shown at the most.
pub const MAXIMUM_REPORTS: i64 = 100;
/// Texts that are copied with a report at the most: the last ones.
pub const MAXIMUM_TEXTS: usize = 100;

text_enum! {
    /// What is reported. New kinds may appear.
    #[derive(async_graphql::Enum)]
    #[graphql(name = "ReportTargetKind")]
    pub enum TargetKind {
        /// A message.
        Message = "MESSAGE",
        /// A person.
        User = "USER",
        /// A product.
        Product = "PRODUCT",
        /// A review.
        Review = "REVIEW",
        /// A shop.
        Shop = "SHOP",
    }
}

text_enum! {
    /// Why somebody thinks that the staff should look at something. New reasons may appear.
    #[derive(async_graphql::Enum)]
    pub enum ReportReason {
        /// It advertises what nobody asked for.
        Spam = "SPAM",
        /// It is to part people from their money, or leads them away from the market to do so.
        Scam = "SCAM",
        /// It insults, threatens or stalks somebody.
        Harassment = "HARASSMENT",
        /// It incites against people for what they are.
        Hate = "HATE",
        /// It is indecent.
        Sexual = "SEXUAL",
        /// What is offered is forbidden, or a forgery.
        Illegal = "ILLEGAL",
        /// It tells what is private.
        Private = "PRIVATE",
        /// Somebody pretends to be somebody else.
        Impersonation = "IMPERSONATION",
        /// Something else: see the note.
        Other = "OTHER",
    }
}

text_enum! {
    /// How far the staff are with a case. New states may appear.
    #[derive(async_graphql::Enum)]
    #[graphql(name = "ModerationCaseState")]
    pub enum CaseState {
        /// It waits for a decision.
        Open = "OPEN",
        /// It is decided.
        Decided = "DECIDED",
        /// Whom the decision concerns has something against it: it waits for an answer.
        Appealed = "APPEALED",
        /// The appeal is answered.
        Closed = "CLOSED",
    }
}

text_enum! {
    /// What the staff do about something that was reported. New actions may appear.
    #[derive(async_graphql::Enum)]
    #[graphql(name = "ModerationAction")]
    pub enum Action {
        /// Nobody sees it any more: a message is a tombstone, a review is hidden, a product is taken from the market and cannot be published. Of
        /// people and shops nothing is hidden.
        Hide = "HIDE",
        /// Who is behind it is told that this is not wanted here.
        Warn = "WARN",
        /// Its author, or the person, writes no messages and no reviews and begins no conversations and groups, until a time or for good. About
        /// their orders they go on talking. It is for messages, people and reviews.
        Suspend = "SUSPEND",
        /// Nothing: it can be there. Nobody is told.
        Dismiss = "DISMISS",
    }
}

text_enum! {
    /// What the staff answer to an appeal.
    #[derive(async_graphql::Enum)]
    pub enum AppealOutcome {
        /// The decision stands.
        Upheld = "UPHELD",
        /// It was wrong: what it did is undone.
        Overturned = "OVERTURNED",
    }
}

text_enum! {
    /// What the staff decide about a message that nobody but its author sees yet.
    #[derive(async_graphql::Enum)]
    pub enum HeldMessageDecision {
        /// It is sent, with the next number.
        Release = "RELEASE",
        /// It is hidden, and never sent.
        Remove = "REMOVE",
    }
}

/// What is reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Target {
    Message(Id<Message>),
    User(Id<User>),
    Product(Id<Product>),
    Review(Id<Review>),
    Shop(Id<Shop>),
}

impl Target {
    pub const fn new(kind: TargetKind, id: Uuid) -> Self {
        match kind {
            TargetKind::Message => Self::Message(Id::from_uuid(id)),
            TargetKind::User => Self::User(Id::from_uuid(id)),
            TargetKind::Product => Self::Product(Id::from_uuid(id)),
            TargetKind::Review => Self::Review(Id::from_uuid(id)),
            TargetKind::Shop => Self::Shop(Id::from_uuid(id)),
        }
    }

    pub const fn kind(self) -> TargetKind {
        match self {
            Self::Message(_) => TargetKind::Message,
            Self::User(_) => TargetKind::User,
            Self::Product(_) => TargetKind::Product,
            Self::Review(_) => TargetKind::Review,
            Self::Shop(_) => TargetKind::Shop,
        }
    }

    pub const fn uuid(self) -> Uuid {
        match self {
            Self::Message(id) => id.uuid(),
            Self::User(id) => id.uuid(),
            Self::Product(id) => id.uuid(),
            Self::Review(id) => id.uuid(),
            Self::Shop(id) => id.uuid(),
        }
    }

    /// Its id, as clients know it.
    pub fn typed(self) -> String {
        match self {
            Self::Message(id) => id.to_string(),
            Self::User(id) => id.to_string(),
            Self::Product(id) => id.to_string(),
            Self::Review(id) => id.to_string(),
            Self::Shop(id) => id.to_string(),
        }
    }
}

/// What somebody reports.
#[derive(Debug, Clone, Serialize)]
pub struct NewReport {
    pub target: Target,
    pub reason: &'static str,
    pub note: String,
}

/// What is reported about one thing, and what came of it.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = moderation_cases)]
pub struct Case {
    pub id: Id<Case>,
    pub target_kind: TargetKind,
    pub target_id: Uuid,
    /// Who wrote it, or is it; none for what is a shop's.
    pub person_id: Option<Id<User>>,
    pub state: CaseState,
    /// 0 of a message that was held before anybody saw it.
    pub reporter_count: i32,
    pub opened_at: Time,
    pub waiting_since: Time,
    pub action: Option<Action>,
    pub reason: Option<String>,
    pub decided_by: Option<Id<User>>,
    pub decided_at: Option<Time>,
    /// None if it is for good, or nobody is suspended.
    pub suspended_until: Option<Time>,
    pub appeal_text: Option<String>,
    pub appealed_by: Option<Id<User>>,
    pub appealed_at: Option<Time>,
    pub appeal_outcome: Option<AppealOutcome>,
    pub appeal_reason: Option<String>,
    pub answered_by: Option<Id<User>>,
    pub answered_at: Option<Time>,
}

impl Entity for Case {
    const PREFIX: &'static str = "case";
}

impl Case {
    /// For how long after a decision it can be appealed.
    pub const APPEALABLE: TimeDelta = TimeDelta::days(30);
    /// For how long after it what was reported is kept.
    pub const KEPT: TimeDelta = TimeDelta::days(180);

    pub const fn target(&self) -> Target {
        Target::new(self.target_kind, self.target_id)
    }

    /// Its id for those whom the decision concerns.
    pub const fn decision(&self) -> Id<Decision> {
        Id::from_uuid(self.id.uuid())
    }
}

/// What was decided, for those whom it concerns. Its id is the case's under another prefix.
#[derive(Debug)]
pub struct Decision;

impl Entity for Decision {
    const PREFIX: &'static str = "decision";
}

/// What somebody reported, and what it said just then.
#[derive(Debug, Clone, Queryable, QueryableByName, Selectable)]
#[diesel(table_name = moderation_reports)]
pub struct Report {
    pub target_kind: TargetKind,
    pub target_id: Uuid,
    pub reporter_id: Id<User>,
    pub case_id: Id<Case>,
    pub reason: ReportReason,
    pub note: String,
    pub texts: Vec<String>,
    pub attachments: Vec<String>,
    pub created_at: Time,
}

/// Which cases a list has. What is absent does not narrow it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct CaseFilter {
    pub state: Option<CaseState>,
    pub target_kind: Option<TargetKind>,
}

/// Where a case, or a report, stands in a list by time.
pub type TimeKey = (Time, Uuid);

/// Tells somebody what was decided, or what their appeal came to.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DecisionMail {
    pub case: Id<Case>,
    pub user: Id<User>,
    /// Whether it is about the appeal.
    pub is_answer: bool,
}

impl JobBody for DecisionMail {
    const KIND: &'static str = "moderation.decision_mail";
}
