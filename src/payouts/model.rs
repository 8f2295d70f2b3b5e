//! Payouts, the accounts to which they go, and what may leave.

mod jobs;
mod statement;

pub use self::{jobs::*, statement::*};

use chrono::TimeDelta;
use diesel::{Queryable, QueryableByName, Selectable, sql_types::BigInt};

use crate::{
    kernel::{
        date::Date,
        id::{Entity, Id},
        money::{CurrencyCode, Money},
    },
    payments::model::{AccountStanding, Disbursement, PayoutFailureReason},
    platform::clock::Time,
    schema::{payout_accounts, payouts},
    shops::model::Shop,
    text_enum,
    users::model::User,
};

/// Where a page of payouts goes on.
pub type PayoutKey = (Time, Id<Payout>);

text_enum! {
    /// How far a payout has come. New states may appear at any time.
    #[derive(async_graphql::Enum)]
    pub enum PayoutStatus {
        /// It is on its way, or is tried again.
        Pending = "PENDING",
        /// The provider has sent it.
        Paid = "PAID",
        /// It could not be sent, and is in the shop's balance again: see `failureReason`.
        Failed = "FAILED",
    }
}

/// Money that leaves for a shop.
#[derive(Debug, Clone, Queryable, Selectable)]
pub struct Payout {
    pub id: Id<Payout>,
    pub shop_id: Id<Shop>,
    pub amount: i64,
    pub currency: CurrencyCode,
    pub status: PayoutStatus,
    pub failure: Option<PayoutFailureReason>,
    /// How often it was begun, but for those times at which nobody knew what had become of the one before.
    pub attempt: i32,
    /// How many of its attempts the account did not take.
    pub failures: i32,
    /// When a provider was first asked for this attempt; none if nothing can have been sent by it.
    pub asked_at: Option<Time>,
    pub provider: String,
    pub destination: String,
    pub created_at: Time,
}

impl Entity for Payout {
    const PREFIX: &'static str = "payout";
}

impl Payout {
    /// How often the account does not take one until it has failed for good.
    pub const MAXIMUM_FAILURES: i32 = 3;
    /// How long after a failure the next attempt begins.
    pub const AGAIN_AFTER: TimeDelta = TimeDelta::hours(1);
    /// When a provider is asked again that had not got enough of the market's money.
    pub const SHORT_AGAIN_AFTER: TimeDelta = TimeDelta::days(1);
    /// After how much silence a provider is asked anew, beside the job that does so. By then that job has failed for the last time.
    pub const SILENCE: TimeDelta = TimeDelta::hours(2);

    pub const fn money(&self) -> Money {
        Money::new(self.amount, self.currency)
    }

    /// What the provider is asked for. Each attempt has a key of its own: under one that failed, it would say so again.
    pub fn disbursement(&self) -> Disbursement {
        Disbursement {
            id: self.id.uuid(),
            key: format!("{}-{}", self.id, self.attempt),
            group: self.id.to_string(),
            attempt: self.attempt,
            destination: self.destination.clone(),
            amount: self.money(),
            since: self.created_at,
        }
    }

    /// As [`disbursement`](Self::disbursement), by the last attempt for which a provider may have been asked.
    pub fn last_asked(&self) -> Disbursement {
        let is_asked = self.asked_at.is_some() || self.status == PayoutStatus::Paid;
        Self { attempt: self.attempt - i32::from(!is_asked), ..self.clone() }.disbursement()
    }

    /// The least and the most that can have been sent of it, as it stands.
    pub fn bounds(&self) -> (i64, i64) {
        match self.status {
            PayoutStatus::Paid => (self.amount, self.amount),
            PayoutStatus::Pending if self.asked_at.is_some() => (0, self.amount),
            PayoutStatus::Pending | PayoutStatus::Failed => (0, 0),
        }
    }

    /// The payout that a key names.
    pub fn of_key(key: &str) -> Option<Id<Self>> {
        key.rsplit_once('-').and_then(|(id, _)| id.parse().ok())
    }

    /// Whether a provider's word about this attempt is still to come.
    pub fn awaits(&self, attempt: i32) -> bool {
        self.status == PayoutStatus::Pending && self.attempt == attempt
    }

    /// Whether its provider has not answered for so long that it is only looked at now and then.
    pub fn is_unanswered(&self, now: Time) -> bool {
        self.asked_at.is_some_and(|asked| asked + Self::SILENCE <= now)
    }
}

text_enum! {
    /// Whether money can go to a shop. New states may appear at any time.
    #[derive(async_graphql::Enum)]
    pub enum PayoutAccountStatus {
        /// Something is missing: see `requirements`. Nothing is paid out.
        Requirements = "REQUIREMENTS",
        /// What is payable is paid out.
        Enabled = "ENABLED",
    }
}

text_enum! {
    /// What is missing before money can go to a shop. New ones may appear at any time.
    #[derive(async_graphql::Enum)]
    pub enum PayoutRequirement {
        /// The shop's owner has not said where the money goes: see `createPayoutOnboardingLink`.
        Onboarding = "ONBOARDING",
        /// The provider wants to know more of the owner: they tell it on the page of `createPayoutOnboardingLink`.
        Details = "DETAILS",
        /// The provider looks into what it was told. Nothing is to be done.
        Verification = "VERIFICATION",
        /// The provider does not deal with the shop. Its owner may ask the provider why.
        Refused = "REFUSED",
        /// The account did not take a payout, or whoever named it does not own the shop any more, or the provider does not know it any more:
        /// an owner names another one, or the same again, by `createPayoutOnboardingLink`.
        AnotherAccount = "ANOTHER_ACCOUNT",
    }
}

/// Where the money of a shop goes.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = payout_accounts)]
pub struct PayoutAccount {
    pub shop_id: Id<Shop>,
    pub provider: String,
    pub destination: String,
    pub status: PayoutAccountStatus,
    /// What is missing, unless it is enabled.
    pub requirement: Option<PayoutRequirement>,
    /// Who named it, or had it made; none if they were erased.
    pub set_by: Option<Id<User>>,
    /// How many the shop had before that their provider knows no longer.
    pub lost: i32,
    /// When whoever named it did so first, and had said all that its provider asks everybody; none if that is long ago.
    pub named_at: Option<Time>,
}

/// What an account's standing with its provider makes of it here.
pub const fn told_by(standing: AccountStanding) -> (PayoutAccountStatus, Option<PayoutRequirement>) {
    let requirement = match standing {
        AccountStanding::Ready => return (PayoutAccountStatus::Enabled, None),
        AccountStanding::Unfinished => PayoutRequirement::Onboarding,
        AccountStanding::Wanting => PayoutRequirement::Details,
        AccountStanding::InReview => PayoutRequirement::Verification,
        AccountStanding::Refused => PayoutRequirement::Refused,
        AccountStanding::Unknown => PayoutRequirement::AnotherAccount,
    };
    (PayoutAccountStatus::Requirements, Some(requirement))
}

impl PayoutAccount {
    /// How long after its owner was led to the provider's page the provider is asked how it stands.
    pub const LOOKED_AT_AFTER: TimeDelta = TimeDelta::minutes(5);
    /// For how long after its last change an account that is not ready is asked about every hour.
    pub const WATCHED: TimeDelta = TimeDelta::days(30);
    /// For how long nothing goes to an account that was named just now, be it the first one: whoever owns the shop hears of it by mail, and can
    /// name another before a stranger has anything.
    pub const REST: TimeDelta = TimeDelta::days(3);

    /// Whether a provider can send money there.
    pub fn is_ready_for(&self, provider: &str) -> bool {
        self.status == PayoutAccountStatus::Enabled && self.provider == provider
    }

    /// From when on something may go there.
    pub fn rests_until(&self) -> Option<Time> {
        self.named_at.map(|named| named + Self::REST)
    }

    /// Whether it was named so lately that nothing goes there yet.
    pub fn is_resting(&self, now: Time) -> bool {
        self.rests_until().is_some_and(|until| now < until)
    }
}

/// How a shop stands with the market in a currency, in minor units.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, QueryableByName)]
pub struct Standing {
    /// What the market owes it; below zero, what it owes the market.
    #[diesel(sql_type = BigInt)]
    pub balance: i64,
    /// What of that must not leave yet. Never below zero.
    #[diesel(sql_type = BigInt)]
    pub held: i64,
}

impl Standing {
    /// What may leave.
    pub fn payable(self) -> i64 {
        self.balance.saturating_sub(self.held).max(0)
    }

    /// Zero or less: what the shop owes the market.
    pub fn carried_over(self) -> i64 {
        self.balance.min(0)
    }

    /// Whether there is less than must not leave: some of it has left already.
    pub const fn is_short(self) -> bool {
        self.balance < self.held
    }
}

/// What would be paid out to a shop next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NextPayout {
    pub currency: CurrencyCode,
    pub standing: Standing,
    /// The earliest day on which it is made; none if nothing is.
    pub day: Option<Date>,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_more_leaves_than_there_is_and_is_not_held(balance in -1_000_000_i64..1_000_000, held in 0_i64..1_000_000) {
            let standing = Standing { balance, held };
            let (payable, carried) = (standing.payable(), standing.carried_over());
            prop_assert!(payable >= 0 && payable <= balance.max(0) && carried <= 0);
            prop_assert!(payable == 0 || carried == 0);
            prop_assert_eq!(carried < 0, balance < 0);
            prop_assert_eq!(payable == 0, standing.is_short() || balance == held);
        }
    }

    #[test]
    fn an_attempt_has_a_key_of_its_own() {
        let payout = |attempt| Payout {
            id: Id::from_uuid(uuid::Uuid::nil()),
            shop_id: Id::from_uuid(uuid::Uuid::nil()),
            amount: 1_250,
            currency: CurrencyCode::GBP,
            status: PayoutStatus::Pending,
            failure: None,
            attempt,
            failures: attempt - 1,
            asked_at: None,
            provider: "test".into(),
            destination: "test_payout_succeeds".into(),
            created_at: "2026-11-20T12:00:00Z".parse().unwrap(),
        };
        let key = |attempt| payout(attempt).disbursement().key;
        assert_eq!(key(1), key(1));
        assert_ne!(key(1), key(2));
        assert_eq!(payout(1).disbursement().group, payout(2).disbursement().group);
        assert_eq!([key(1), key(2)].map(|key| Payout::of_key(&key)), [Some(payout(1).id); 2]);
        assert_eq!(Payout::of_key("payout-1"), None);
        assert!(payout(2).awaits(2) && !payout(2).awaits(1));
        assert_eq!([payout(1), payout(2)].map(|payout| payout.last_asked().attempt), [0, 1]);
        let asked = Payout { asked_at: Some(payout(2).created_at), ..payout(2) };
        assert_eq!((asked.last_asked().attempt, asked.bounds(), payout(2).bounds()), (2, (0, 1_250), (0, 0)));
        let failed = Payout { status: PayoutStatus::Failed, ..asked };
        assert_eq!((failed.last_asked().attempt, failed.bounds()), (2, (0, 0)));
        let paid = Payout { status: PayoutStatus::Paid, ..payout(1) };
        assert!(!paid.awaits(1));
        assert_eq!((paid.last_asked().attempt, paid.bounds()), (1, (1_250, 1_250)));
        let now = paid.created_at + Payout::SILENCE;
        let asked = Payout { asked_at: Some(paid.created_at), ..paid.clone() };
        assert!(asked.is_unanswered(now) && !asked.is_unanswered(asked.created_at) && !paid.is_unanswered(now));
    }
}
