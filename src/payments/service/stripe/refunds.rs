//! Refunds.

use chrono::TimeDelta;

use super::{
    amounts,
    api::{Api, Reply},
    intents::name_of,
    objects::{List, Refund, RefundStatus, is_name},
};
use crate::{
    kernel::money::Money,
    payments::{
        model::{self, PaymentIntent, RefundProgress},
        service::provider::NoAnswer,
    },
    platform::{app::App, clock::Time},
};

/// Refunds of a payment on a page of the list, and pages of it at the most.
const PAGE: &str = "100";
const PAGES: usize = 5;

/// Gives money back, or says what became of it.
pub async fn refund(app: &App, intent: &PaymentIntent, refund: &model::Refund) -> Result<RefundProgress, NoAnswer> {
    let (Some(payment), Some(amount)) = (name_of(intent), amounts::to_stripe(refund.money())) else {
        return Ok(RefundProgress::Failed);
    };
    let api = Api::of(app)?;
    if let Some(name) = &refund.reference {
        return match api.get(&format!("refunds/{name}")).await? {
            Reply::Done(found) => progress(found),
            Reply::Refused(_) => Err(NoAnswer),
        };
    }
    let key = refund.key();
    if let Some(found) = asked_for_before(&api, payment, refund).await? {
        return progress(found);
    }
    let (amount, id) = (amount.to_string(), intent.id.to_string());
    let form = [
        ("payment_intent", payment),
        ("amount", amount.as_str()),
        ("metadata[intent]", id.as_str()),
        ("metadata[refund]", key.as_str()),
    ];
    match api.post("refunds", &form, Some(&key)).await? {
        Reply::Done(found) => progress(found),
        Reply::Refused(fault) => {
            tracing::warn!(refund = %refund.id, code = fault.word(), "Stripe gives nothing back");
            Ok(RefundProgress::Failed)
        }
    }
}

/// By how much Stripe's clock may be behind ours.
const SKEW: TimeDelta = TimeDelta::days(1);

/// What was asked for before, however long ago: what came of any attempt, or else this attempt, though nothing came of it.
async fn asked_for_before(api: &Api<'_>, payment: &str, refund: &model::Refund) -> Result<Option<Refund>, NoAnswer> {
    let (key, of_any_attempt) = (refund.key(), format!("{}-", refund.id));
    let first = first_page(payment, refund.created_at);
    let (mut after, mut void): (Option<String>, _) = (None, None);
    for _ in 0..PAGES {
        let (refunds, last) = page(api, &first, after.as_deref()).await?;
        for found in refunds {
            let is_this = found.key() == Some(key.as_str());
            // A refusal of the attempt before may have been somebody else's, who stands in between.
            if !found.is_void() && found.key().is_some_and(|key| key.starts_with(&of_any_attempt)) {
                return Ok(Some(found));
            }
            if is_this {
                void = Some(found);
            }
        }
        match last {
            Some(last) => after = Some(last),
            None => return Ok(void),
        }
    }
    Err(NoAnswer)
}

/// The list of a payment's refunds since a moment.
fn first_page(payment: &str, since: Time) -> String {
    let since = (since - SKEW).timestamp();
    format!("refunds?payment_intent={payment}&created%5Bgte%5D={since}&limit={PAGE}")
}

/// A page of a list, and after which refund the next one begins, if there is one.
async fn page(api: &Api<'_>, first: &str, after: Option<&str>) -> Result<(Vec<Refund>, Option<String>), NoAnswer> {
    let path = after.map_or_else(|| first.to_owned(), |last| format!("{first}&starting_after={last}"));
    match api.get::<List<Refund>>(&path).await? {
        Reply::Done(List { data, has_more }) => {
            let last = data.last().filter(|_| has_more).map(|refund| refund.id.clone());
            Ok((data, last.filter(|name| is_name(name))))
        }
        Reply::Refused(_) => Err(NoAnswer),
    }
}

/// How much has gone back, or is about to, of a payment of which so much of what was authorised was let go.
pub async fn given_back(app: &App, intent: &PaymentIntent, name: &str, let_go: Money) -> Result<Money, NoAnswer> {
    let api = Api::of(app)?;
    let first = first_page(name, intent.created_at);
    let (mut after, mut all): (Option<String>, Vec<Refund>) = (None, Vec::new());
    for _ in 0..PAGES {
        let (refunds, last) = page(&api, &first, after.as_deref()).await?;
        all.extend(refunds);
        if last.is_none() {
            let units = sum(&all, amounts::to_stripe(let_go));
            return amounts::from_stripe(units, intent.currency).ok_or(NoAnswer);
        }
        after = last;
    }
    Err(NoAnswer)
}

/// What refunds come to. Stripe may list what was let go among them: that one bears no name of ours.
fn sum(all: &[Refund], mut let_go: Option<i64>) -> i64 {
    let goes_back = |refund: &&Refund| {
        let is_let_go = refund.key().is_none() && let_go == Some(refund.amount);
        if is_let_go {
            let_go = None;
        }
        !is_let_go
    };
    all.iter().filter(|refund| !refund.is_void()).filter(goes_back).map(|refund| refund.amount).sum()
}

fn progress(found: Refund) -> Result<RefundProgress, NoAnswer> {
    match found.status {
        Some(RefundStatus::Succeeded) => Ok(RefundProgress::Succeeded { reference: found.id }),
        Some(RefundStatus::Pending | RefundStatus::RequiresAction) if is_name(&found.id) => {
            Ok(RefundProgress::Pending { reference: found.id })
        }
        Some(RefundStatus::Failed | RefundStatus::Canceled) => Ok(RefundProgress::Failed),
        _ => Err(NoAnswer),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_let_go_is_no_refund_and_everything_else_is() {
        let refund = |amount: i64, status: &str, key: &str| {
            let json = format!(r#"{{"id": "re_1", "amount": {amount}, "status": "{status}", "metadata": {{{key}}}}}"#);
            serde_json::from_str::<Refund>(&json).unwrap()
        };
        let ours = r#""refund": "refund_a-1""#;
        let all = [
            refund(400, "succeeded", ""),
            refund(400, "succeeded", ours),
            refund(100, "failed", ours),
            refund(30, "pending", ""),
        ];
        assert_eq!(sum(&all, Some(400)), 430);
        assert_eq!(sum(&all, Some(500)), 830);
        assert_eq!(sum(&all, None), 830);
        // Twice the same is once more than was let go.
        assert_eq!(sum(&[refund(400, "succeeded", ""), refund(400, "succeeded", "")], Some(400)), 400);
    }
}
