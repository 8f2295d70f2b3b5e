//! Refunds.

use chrono::TimeDelta;

use super::{
    amounts,
    api::{Api, Reply},
    intents::name_of,
    objects::{List, Refund, RefundStatus, is_name},
};
use crate::{
    payments::{
        model::{self, PaymentIntent, RefundProgress},
        service::provider::NoAnswer,
    },
    platform::app::App,
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
    let since = (refund.created_at - SKEW).timestamp();
    let first = format!("refunds?payment_intent={payment}&created%5Bgte%5D={since}&limit={PAGE}");
    let (mut path, mut void) = (first.clone(), None);
    for _ in 0..PAGES {
        let page: List<Refund> = match api.get(&path).await? {
            Reply::Done(page) => page,
            Reply::Refused(_) => return Err(NoAnswer),
        };
        let last = page.data.last().map(|refund| refund.id.clone()).filter(|name| is_name(name));
        for found in page.data {
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
            Some(last) if page.has_more => path = format!("{first}&starting_after={last}"),
            _ => return Ok(void),
        }
    }
    Err(NoAnswer)
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
