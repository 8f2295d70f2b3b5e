//! What is sent to the accounts of shops, by transfers.

use serde::Deserialize;

use super::{
    amounts,
    api::{Api, Reply},
    objects::{Fault, List, is_name},
};
use crate::{
    kernel::money::{CurrencyCode, Money},
    payments::{
        model::{Disbursement, DisbursementProgress, PayoutFailureReason, Sending},
        service::provider::NoAnswer,
    },
    platform::app::App,
};

/// Transfers of a group that are looked at: there is one for each attempt at the most.
const PAGE: &str = "100";

/// A transfer.
#[derive(Deserialize)]
struct Transfer {
    id: String,
    amount: i64,
    currency: String,
    destination: Option<String>,
    /// All of it has come back.
    #[serde(default)]
    reversed: bool,
    #[serde(default)]
    amount_reversed: i64,
    metadata: Option<Metadata>,
}

#[derive(Deserialize)]
struct Metadata {
    payout: Option<String>,
}

/// The most of an amount that Stripe can send: the rest is less than it can name.
pub fn sendable(amount: Money) -> Money {
    let rounded = Money::new(amount.minor - amount.minor % amounts::step(amount.currency), amount.currency);
    if amounts::to_stripe(rounded).is_some() { rounded } else { Money::zero(amount.currency) }
}

/// Sends money, or says what became of it.
pub async fn pay_out(app: &App, wanted: &Disbursement) -> Result<DisbursementProgress, NoAnswer> {
    let Some(amount) = amounts::to_stripe(wanted.amount) else {
        return Ok(DisbursementProgress::Failed { reason: PayoutFailureReason::Declined });
    };
    if let Some(progress) = sent(app, wanted).await? {
        return Ok(progress);
    }
    let (amount, currency) = (amount.to_string(), wanted.amount.currency.to_string().to_ascii_lowercase());
    let form = [
        ("amount", amount.as_str()),
        ("currency", currency.as_str()),
        ("destination", wanted.destination.as_str()),
        ("transfer_group", wanted.group.as_str()),
        ("metadata[payout]", wanted.key.as_str()),
    ];
    let api = Api::of(app)?;
    match api.post::<Transfer>("transfers", &form, Some(&wanted.key)).await? {
        Reply::Done(made) => made.progress(wanted),
        Reply::Refused(fault) => {
            tracing::warn!(payout = %wanted.key, code = fault.word(), "Stripe sends a shop nothing");
            refused(&fault)
        }
    }
}

/// What has become of what was sent, however long ago; none if nothing was. What any attempt has sent is sent.
pub async fn sent(app: &App, wanted: &Disbursement) -> Result<Option<DisbursementProgress>, NoAnswer> {
    let transfers = of_group(app, &wanted.group).await?;
    let has_gone = transfers.iter().find(|transfer| !transfer.reversed);
    let found = has_gone.or_else(|| transfers.iter().find(|transfer| transfer.is_for(&wanted.key)));
    found.map(|transfer| transfer.progress(wanted)).transpose()
}

/// All that was sent, whatever the attempt, the amount and the account, and has not come back.
pub async fn sendings(app: &App, wanted: &Disbursement) -> Result<Vec<Sending>, NoAnswer> {
    let transfers = of_group(app, &wanted.group).await?;
    let all: Result<Vec<_>, NoAnswer> = transfers.into_iter().map(Transfer::sending).collect();
    Ok(all?.into_iter().filter(|sending| sending.amount.minor != 0).collect())
}

async fn of_group(app: &App, group: &str) -> Result<Vec<Transfer>, NoAnswer> {
    let path = format!("transfers?transfer_group={group}&limit={PAGE}");
    match Api::of(app)?.get::<List<Transfer>>(&path).await? {
        Reply::Done(page) if !page.has_more => Ok(page.data),
        Reply::Done(_) | Reply::Refused(_) => Err(NoAnswer),
    }
}

impl Transfer {
    /// Whether it is the one that was asked for under this key.
    fn is_for(&self, key: &str) -> bool {
        self.metadata.as_ref().and_then(|metadata| metadata.payout.as_deref()) == Some(key)
    }

    /// What of it has not come back.
    fn sending(self) -> Result<Sending, NoAnswer> {
        let currency: CurrencyCode = self.currency.to_ascii_uppercase().parse().map_err(|_| NoAnswer)?;
        let left = if self.reversed { 0 } else { self.amount - self.amount_reversed };
        let amount = amounts::from_stripe(left, currency).ok_or(NoAnswer)?;
        Ok(Sending { destination: self.destination.unwrap_or_default(), amount })
    }

    fn progress(&self, wanted: &Disbursement) -> Result<DisbursementProgress, NoAnswer> {
        let is_same = amounts::to_stripe(wanted.amount) == Some(self.amount)
            && self.currency.eq_ignore_ascii_case(&wanted.amount.currency.to_string())
            && self.destination.as_deref() == Some(wanted.destination.as_str());
        if !is_same || !is_name(&self.id) {
            tracing::error!(payout = %wanted.key, "Stripe has sent something else than was asked for, or elsewhere");
            return Err(NoAnswer);
        }
        if self.reversed {
            return Ok(DisbursementProgress::CameBack { reason: PayoutFailureReason::Declined });
        }
        if self.amount_reversed > 0 {
            tracing::error!(payout = %wanted.key, "some of a payout was taken back with Stripe: only people can set this right");
        }
        Ok(DisbursementProgress::Paid { reference: self.id.clone() })
    }
}

/// What a refusal to send says. Under its key Stripe says it again for a day, whatever has changed.
fn refused(fault: &Fault) -> Result<DisbursementProgress, NoAnswer> {
    match fault.word() {
        // Whoever said this was not Stripe.
        "" => Err(NoAnswer),
        "balance_insufficient" => Ok(DisbursementProgress::Short),
        "resource_missing" | "account_invalid" | "account_closed" => {
            Ok(DisbursementProgress::Failed { reason: PayoutFailureReason::AccountClosed })
        }
        "insufficient_capabilities_for_transfer" => {
            Ok(DisbursementProgress::Failed { reason: PayoutFailureReason::Declined })
        }
        // It is no fault of the shop's account: every shop would be stopped by it.
        word => {
            tracing::error!(code = word, "Stripe refuses to send what is paid out: it is asked again tomorrow");
            Ok(DisbursementProgress::Short)
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn wanted() -> Disbursement {
        Disbursement {
            id: uuid::Uuid::nil(),
            key: "payout_a-1".into(),
            group: "payout_a".into(),
            attempt: 1,
            destination: "acct_1".into(),
            amount: Money::new(500, "GBP".parse().unwrap()),
            since: "2026-11-20T12:00:00Z".parse().unwrap(),
        }
    }

    #[test]
    fn a_transfer_counts_only_if_it_is_the_one_that_was_wanted() {
        let of = |amount: i64, destination: &str, reversed: bool| {
            let json = format!(
                r#"{{"id": "tr_1", "amount": {amount}, "currency": "gbp", "destination": "{destination}", "reversed": {reversed},
                     "metadata": {{"payout": "payout_a-1"}}}}"#
            );
            serde_json::from_str::<Transfer>(&json).unwrap()
        };
        let paid = DisbursementProgress::Paid { reference: "tr_1".into() };
        let came_back = DisbursementProgress::CameBack { reason: PayoutFailureReason::Declined };
        assert_eq!(of(500, "acct_1", false).progress(&wanted()), Ok(paid));
        assert_eq!(of(500, "acct_1", true).progress(&wanted()), Ok(came_back));
        assert_eq!(of(501, "acct_1", false).progress(&wanted()), Err(NoAnswer));
        assert_eq!(of(500, "acct_2", false).progress(&wanted()), Err(NoAnswer));
        assert!(of(500, "acct_1", false).is_for("payout_a-1") && !of(500, "acct_1", false).is_for("payout_a-2"));
    }

    #[test]
    fn what_has_come_back_of_a_transfer_was_not_sent() {
        let left = |reversed: bool, amount_reversed: i64| {
            let json = format!(
                r#"{{"id": "tr_1", "amount": 500, "currency": "gbp", "destination": "acct_1", "reversed": {reversed},
                     "amount_reversed": {amount_reversed}}}"#
            );
            let sending = serde_json::from_str::<Transfer>(&json).unwrap().sending().unwrap();
            assert_eq!((sending.destination.as_str(), sending.amount.currency), ("acct_1", "GBP".parse().unwrap()));
            sending.amount.minor
        };
        assert_eq!([left(false, 0), left(false, 120), left(true, 500)], [500, 380, 0]);
    }

    #[test]
    fn a_refusal_without_a_word_is_none() {
        assert_eq!(refused(&Fault::default()), Err(NoAnswer));
        let fault = |code: &str| {
            serde_json::from_str::<Fault>(&format!(r#"{{"type": "invalid_request_error", "code": "{code}"}}"#)).unwrap()
        };
        assert_eq!(refused(&fault("balance_insufficient")), Ok(DisbursementProgress::Short));
        let closed = DisbursementProgress::Failed { reason: PayoutFailureReason::AccountClosed };
        assert_eq!(refused(&fault("resource_missing")), Ok(closed));
        let declined = DisbursementProgress::Failed { reason: PayoutFailureReason::Declined };
        assert_eq!(refused(&fault("insufficient_capabilities_for_transfer")), Ok(declined));
    }

    proptest! {
        #[test]
        fn what_can_be_sent_is_nearly_all_and_never_more(
            minor in 0_i64..1_000_000_000,
            code in prop::sample::select(vec!["GBP", "JPY", "KWD", "MGA", "ISK", "HUF"]),
        ) {
            let amount = Money::new(minor, code.parse().unwrap());
            let sent = sendable(amount);
            prop_assert!(sent.minor <= minor && minor - sent.minor < 100 && sent.currency == amount.currency);
            prop_assert!(sent.minor == 0 || amounts::to_stripe(sent).is_some());
        }
    }

    #[test]
    fn what_cannot_be_named_stays() {
        let of = |minor, code: &str| sendable(Money::new(minor, code.parse().unwrap())).minor;
        assert_eq!(
            [of(5_124, "KWD"), of(5_120, "KWD"), of(550, "MGA"), of(5, "UGX"), of(0, "GBP")],
            [5_120, 5_120, 500, 0, 0]
        );
    }
}
