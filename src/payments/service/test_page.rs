//! The test provider's pages: what a person decides about a payment there, and where the money of a shop goes.

use chrono::TimeDelta;
use serde::Deserialize;
use url::form_urlencoded::byte_serialize;

use super::{provider::NoAnswer, test_fees, test_memory, test_provider};
use crate::{
    kernel::{id::Id, money::Money},
    payments::model::{
        Act, DisputeMoney, DisputeStanding, DisputeStatus, Fee, Onboarding, PaymentIntent, Progress, ToldDispute,
    },
    platform::{app::App, clock::Time},
    shops::model::Shop,
    users::model::User,
};

/// The path of the page on which a test payment is approved or declined.
pub const TEST_PAGE: &str = "/dev/payments";

/// The method of payments that can be disputed on the page.
pub const DISPUTED: &str = "test_is_disputed";

/// The buttons of the page: the first two of a payment that waits for its buyer, the others of one that can be disputed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Decision {
    Approve,
    Decline,
    /// The bank asks about the payment, and takes nothing.
    Inquire,
    Dispute,
    Lose,
    Win,
}

/// What the test provider calls a payment.
pub fn reference(intent: &PaymentIntent) -> String {
    format!("test_{}", intent.id.uuid().simple())
}

/// Carries a decision about a payment out, and says what it makes of it: what was decided first counts. None if it is about a dispute.
///
/// # Errors
/// [`NoAnswer`]: it may have been carried out.
pub async fn decide(app: &App, intent: &PaymentIntent, decision: Decision) -> Result<Option<Progress>, NoAnswer> {
    match decision {
        Decision::Approve => test_provider::take(app, intent).await.map(Some),
        Decision::Decline => test_provider::refuse(app, intent).await.map(Some),
        Decision::Inquire | Decision::Dispute | Decision::Lose | Decision::Win => Ok(None),
    }
}

/// How the dispute of a payment stands, of which it has one at the most.
///
/// # Errors
/// [`NoAnswer`]: ask again.
pub async fn standing(app: &App, intent: &PaymentIntent) -> Result<Option<DisputeStanding>, NoAnswer> {
    Ok(test_memory::disputes(app, intent).await?.pop().map(|(_, standing)| standing))
}

/// Carries a decision about the dispute of a payment out, about all of it, and says how it stands then; none if it is about the payment
/// itself, or the bank has not asked about that yet.
///
/// # Errors
/// [`NoAnswer`]: it may have been carried out.
pub async fn dispute(app: &App, intent: &PaymentIntent, decision: Decision) -> Result<Option<ToldDispute>, NoAnswer> {
    let (status, money) = match decision {
        Decision::Approve | Decision::Decline => return Ok(None),
        Decision::Inquire => (DisputeStatus::NeedsResponse, DisputeMoney::Untouched),
        Decision::Dispute => (DisputeStatus::NeedsResponse, DisputeMoney::Taken),
        Decision::Lose => (DisputeStatus::Lost, DisputeMoney::Taken),
        Decision::Win => (DisputeStatus::Won, DisputeMoney::Returned),
    };
    if !status.is_open() && standing(app, intent).await?.is_none() {
        return Ok(None);
    }
    let all = Money::new(intent.brought(), intent.currency);
    let standing = DisputeStanding { status, money };
    let charged = test_fees::of_dispute(standing, all.currency).map(|minor| Money::new(minor, all.currency));
    let fee = charged.map(|amount| Fee { reference: test_memory::dispute_key(&reference(intent)), amount });
    let told = told(intent, (all, standing), app.now(), fee);
    test_memory::note_dispute(app, intent, &told).await?;
    Ok(Some(told))
}

/// The disputes of a payment: what a person decided on the page.
pub(super) async fn disputes(app: &App, intent: &PaymentIntent) -> Result<Vec<ToldDispute>, NoAnswer> {
    let found = test_memory::disputes(app, intent).await?;
    let tell = |(act, standing): (Act, DisputeStanding)| {
        told(intent, (Money::new(act.amount, act.currency), standing), act.created_at, act.fee())
    };
    Ok(found.into_iter().map(tell).collect())
}

fn told(
    intent: &PaymentIntent,
    (amount, standing): (Money, DisputeStanding),
    since: Time,
    fee: Option<Fee>,
) -> ToldDispute {
    ToldDispute {
        reference: reference(intent),
        amount,
        reason: Some("general".into()),
        standing,
        due_by: None,
        since: Some(since),
        fees: fee.into_iter().collect(),
    }
}

const PURPOSE: &str = "test-payment";

/// The test provider's page of an intent; nobody can guess it from the intent's id.
pub fn page_url(app: &App, id: Id<PaymentIntent>) -> String {
    format!("{}{TEST_PAGE}/{id}-{}", app.market.public_url, page_tag(app, id))
}

fn page_tag(app: &App, id: Id<PaymentIntent>) -> String {
    written(app.master.mac(PURPOSE, &[id.uuid().as_bytes()]))
}

fn written(tag: [u8; 32]) -> String {
    let half = tag.first_chunk().map_or(0, |bytes| u128::from_be_bytes(*bytes));
    format!("{half:032x}")
}

/// The intent that a token of the test provider's page names.
pub fn page_intent(app: &App, token: &str) -> Option<Id<PaymentIntent>> {
    let (id, tag) = token.split_once('-')?;
    let id: Id<PaymentIntent> = id.parse().ok()?;
    // Compared by their keyed hashes, so that time tells nothing about the tag.
    let given = app.master.mac("compare", &[tag.as_bytes()]);
    let matches = |expected| app.master.verifies("compare", &[written(expected).as_bytes()], &given);
    app.master.macs(PURPOSE, &[id.uuid().as_bytes()]).any(matches).then_some(id)
}

/// The path of the page on which the owner of a shop names an account of the test provider.
pub const TEST_PAYOUT_PAGE: &str = "/dev/payouts";

/// For how long it is good.
const PAGE_LIFETIME: TimeDelta = TimeDelta::hours(1);

fn onboarding(person: Id<User>) -> String {
    format!("test-payout-account of {person}")
}

/// The accounts to which the test provider sends money, and what becomes of it there: it arrives; it never does; it does with the second
/// attempt; nothing is heard of it for a minute.
pub const TEST_DESTINATIONS: [&str; 4] =
    ["test_payout_succeeds", "test_payout_fails", "test_payout_fails_once", "test_payout_silent"];

/// The page on which the owner of a shop says where its money goes, and from which they are led back.
pub(super) fn payout_page_url(app: &App, wanted: &Onboarding) -> String {
    let (person, until) = (wanted.person, (app.now() + PAGE_LIFETIME).timestamp());
    let token = app.master.lasting_token(&onboarding(person), wanted.shop, until);
    let back: String = byte_serialize(wanted.return_url.as_bytes()).collect();
    format!("{}{TEST_PAYOUT_PAGE}/{person}-{until}-{token}?returnUrl={back}", app.market.public_url)
}

/// The shop that a token of the test provider's page names, and who was led there; none if its time is over.
pub fn page_shop(app: &App, token: &str) -> Option<(Id<Shop>, Id<User>)> {
    let (person, rest) = token.split_once('-')?;
    let (until, token) = rest.split_once('-')?;
    let (person, until): (Id<User>, i64) = (person.parse().ok()?, until.parse().ok()?);
    let shop = app.master.row_of_lasting(&onboarding(person), (until, token), app.now())?;
    Some((shop, person))
}
