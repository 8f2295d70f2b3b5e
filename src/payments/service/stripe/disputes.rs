//! Disputes: what banks of buyers take back.

use serde::Deserialize;

use super::{
    amounts,
    api::{Api, Reply},
    fees,
    intents::name_of,
    objects::{BalanceEntry, List, is_name},
};
use crate::{
    kernel::money::{CurrencyCode, Money},
    payments::{
        model::{Dispute as Row, DisputeMoney, DisputeStanding, DisputeStatus, PaymentIntent, ToldDispute},
        service::provider::NoAnswer,
    },
    platform::{app::App, clock::Time},
};

/// Disputes of a payment that are looked at: there is hardly ever more than one.
const PAGE: &str = "100";

/// A dispute.
#[derive(Deserialize)]
struct Dispute {
    id: String,
    amount: i64,
    currency: String,
    reason: Option<String>,
    status: Status,
    /// The entries of the market's balance with Stripe: one by which the money was taken, one by which it came back.
    balance_transactions: Option<Vec<Entry>>,
    evidence_details: Option<EvidenceDetails>,
    created: Option<i64>,
}

#[derive(Deserialize)]
struct Entry {
    amount: i64,
    /// Of old entries nothing more may be told.
    #[serde(flatten)]
    entry: Option<BalanceEntry>,
}

#[derive(Deserialize)]
struct EvidenceDetails {
    due_by: Option<i64>,
}

/// How far a dispute has come. Of those that begin with `warning` the bank has only asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Status {
    WarningNeedsResponse,
    WarningUnderReview,
    WarningClosed,
    NeedsResponse,
    UnderReview,
    Won,
    Lost,
    #[serde(other)]
    Unknown,
}

/// All disputes of a payment.
pub async fn disputes(app: &App, intent: &PaymentIntent) -> Result<Vec<ToldDispute>, NoAnswer> {
    let Some(payment) = name_of(intent) else { return Ok(Vec::new()) };
    let api = Api::of(app)?;
    let path = format!("disputes?payment_intent={payment}&limit={PAGE}");
    let page: List<Dispute> = match api.get(&path).await? {
        Reply::Done(page) => page,
        Reply::Refused(_) => return Err(NoAnswer),
    };
    if page.has_more {
        tracing::error!(payment = %intent.id, "a payment has more disputes than are looked at");
        return Err(NoAnswer);
    }
    page.data.into_iter().map(Dispute::told).collect()
}

impl Dispute {
    fn told(self) -> Result<ToldDispute, NoAnswer> {
        let standing = self.standing().ok_or(NoAnswer)?;
        let amount = self.money().filter(|_| is_name(&self.id));
        let Some(amount) = amount else {
            tracing::error!("Stripe tells of a dispute that nobody can book");
            return Err(NoAnswer);
        };
        let is_word = |reason: &String| {
            (1..=Row::REASON).contains(&reason.len())
                && reason.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
        };
        let entries = self.balance_transactions.iter().flatten().filter_map(|entry| entry.entry.as_ref());
        // What is taken and given back is booked, whatever becomes of what is kept.
        let fees = entries.filter_map(|entry| fees::told(entry).ok()).collect();
        let due_by = self.evidence_details.and_then(|details| details.due_by).filter(|&due_by| due_by > 0);
        Ok(ToldDispute {
            reference: self.id,
            amount,
            reason: self.reason.filter(is_word),
            standing,
            due_by: due_by.and_then(|due_by| Time::from_timestamp(due_by, 0)),
            since: self.created.and_then(|created| Time::from_timestamp(created, 0)),
            fees,
        })
    }

    fn money(&self) -> Option<Money> {
        let currency: CurrencyCode = self.currency.to_ascii_uppercase().parse().ok()?;
        amounts::from_stripe(self.amount, currency)
    }

    /// How it stands; none if nobody knows the word.
    fn standing(&self) -> Option<DisputeStanding> {
        let (status, usual) = match self.status {
            Status::WarningNeedsResponse => (DisputeStatus::NeedsResponse, DisputeMoney::Untouched),
            Status::WarningUnderReview => (DisputeStatus::UnderReview, DisputeMoney::Untouched),
            Status::WarningClosed => (DisputeStatus::Won, DisputeMoney::Untouched),
            Status::NeedsResponse => (DisputeStatus::NeedsResponse, DisputeMoney::Taken),
            Status::UnderReview => (DisputeStatus::UnderReview, DisputeMoney::Taken),
            Status::Won => (DisputeStatus::Won, DisputeMoney::Returned),
            Status::Lost => (DisputeStatus::Lost, DisputeMoney::Taken),
            Status::Unknown => return None,
        };
        // Money comes back some time after it was won; and of some disputes none is ever taken.
        let money = match self.balance_transactions.as_deref() {
            _ if usual == DisputeMoney::Untouched => usual,
            None => usual,
            Some([]) => DisputeMoney::Untouched,
            // In another currency than the payment's less may come back than went.
            Some(entries) if entries.iter().any(|entry| entry.amount > 0) => DisputeMoney::Returned,
            Some(_) => DisputeMoney::Taken,
        };
        Some(DisputeStanding { status, money })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_balance_says_where_the_money_is() {
        use DisputeMoney::{Returned, Taken, Untouched};
        use DisputeStatus::{Lost, NeedsResponse, UnderReview, Won};
        for (status, entries, expected) in [
            ("warning_needs_response", "[]", Some((NeedsResponse, Untouched))),
            ("warning_under_review", "[]", Some((UnderReview, Untouched))),
            ("warning_closed", "[]", Some((Won, Untouched))),
            ("needs_response", r#"[{"amount": -500}]"#, Some((NeedsResponse, Taken))),
            ("needs_response", "[]", Some((NeedsResponse, Untouched))),
            ("under_review", "null", Some((UnderReview, Taken))),
            ("lost", r#"[{"amount": -500, "fee": 1500}]"#, Some((Lost, Taken))),
            ("won", r#"[{"amount": -500}]"#, Some((Won, Taken))),
            ("won", r#"[{"amount": -500}, {"amount": 500}]"#, Some((Won, Returned))),
            ("won", r#"[{"amount": -500}, {"amount": 498}]"#, Some((Won, Returned))),
            ("a_new_one", "[]", None),
        ] {
            let json = format!(
                r#"{{"id": "dp_1", "amount": 500, "currency": "gbp", "reason": "fraudulent", "status": "{status}",
                     "balance_transactions": {entries}, "evidence_details": {{"due_by": 1764000000}}}}"#
            );
            let told = serde_json::from_str::<Dispute>(&json).unwrap().told().ok();
            let found = told.as_ref().map(|told| (told.standing.status, told.standing.money));
            assert_eq!(found, expected, "{json}");
            if let Some(told) = told {
                assert_eq!((told.amount.minor, told.reason.as_deref()), (500, Some("fraudulent")));
                assert_eq!(told.due_by.map(|due_by| due_by.timestamp()), Some(1_764_000_000));
            }
        }
    }
}
