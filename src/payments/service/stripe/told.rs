//! What an event of Stripe's is about.

use serde_json::Value;

use super::objects::is_name;
use crate::{
    kernel::id::Id,
    payments::model::{PaymentIntent, ShopNews},
};

/// A payment as an event names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    pub intent: Id<PaymentIntent>,
    /// Stripe's name for it.
    pub payment: String,
}

/// What an event is about that this market deals with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum About {
    Payment(Named),
    /// Money that goes back by a payment, and Stripe's name for the refund that it says has failed.
    Refund {
        of: Named,
        failed: Option<String>,
    },
    /// A dispute of a payment, by Stripe's name for that: it bears no name of ours.
    Dispute {
        payment: String,
    },
    /// The money of shops.
    Shops(ShopNews),
}

/// What an event is about, in whatever version of Stripe's API it is written; none if it is nothing that this market deals with.
pub fn about(body: &[u8]) -> Option<About> {
    let written: Value = serde_json::from_slice(body).ok()?;
    let object = written.get("data")?.get("object")?;
    let text = |name: &str| object.get(name).and_then(Value::as_str).map(str::to_owned);
    let named = |name: &str| object.get("metadata")?.get(name)?.as_str().map(str::to_owned);
    Some(match written.get("type")?.as_str()? {
        "payment_intent.succeeded"
        | "payment_intent.amount_capturable_updated"
        | "payment_intent.processing"
        | "payment_intent.payment_failed"
        | "payment_intent.canceled"
        | "payment_intent.requires_action" => {
            About::Payment(Named { intent: named("intent")?.parse().ok()?, payment: text("id")? })
        }
        kind @ ("charge.refunded" | "charge.refund.updated" | "refund.updated" | "refund.failed") => {
            let of = Named { intent: named("intent")?.parse().ok()?, payment: text("payment_intent")? };
            let has_failed = text("status").as_deref() == Some("failed") && kind != "charge.refunded";
            About::Refund { of, failed: text("id").filter(|_| has_failed) }
        }
        "charge.dispute.created"
        | "charge.dispute.updated"
        | "charge.dispute.closed"
        | "charge.dispute.funds_withdrawn"
        | "charge.dispute.funds_reinstated" => {
            About::Dispute { payment: text("payment_intent").filter(|name| is_name(name))? }
        }
        "account.updated" => {
            About::Shops(ShopNews::Account { shop: named("shop")?.parse().ok()?, account: text("id")? })
        }
        "transfer.reversed" | "transfer.updated" => About::Shops(ShopNews::Sent { key: named("payout")? }),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(kind: &str, object: &str) -> Option<About> {
        about(format!(r#"{{"id": "evt_1", "type": "{kind}", "data": {{"object": {object}}}}}"#).as_bytes())
    }

    #[test]
    fn what_an_event_is_about_is_read_in_every_version() {
        let intent = "payment_01jd3k0000000000000000000a";
        let named = Named { intent: intent.parse().unwrap(), payment: "pi_1".into() };
        let own = format!(r#"{{"id": "pi_1", "metadata": {{"intent": "{intent}", "x": "y"}}}}"#);
        assert_eq!(of("payment_intent.succeeded", &own), Some(About::Payment(named.clone())));
        let refund = format!(
            r#"{{"id": "re_1", "status": "failed", "payment_intent": "pi_1", "metadata": {{"intent": "{intent}"}}}}"#
        );
        let failed = About::Refund { of: named.clone(), failed: Some("re_1".into()) };
        assert_eq!(of("refund.failed", &refund), Some(failed));
        assert_eq!(of("charge.refunded", &refund), Some(About::Refund { of: named, failed: None }));
        for (kind, object) in [
            ("payment_intent.created", own.as_str()),
            ("payment_intent.succeeded", r#"{"id": "pi_1", "metadata": {}}"#),
            ("payment_intent.succeeded", r#"{"id": "pi_1", "metadata": {"intent": "of another shop"}}"#),
            ("payment_intent.succeeded", r#"{"id": 5, "metadata": []}"#),
            ("balance.available", r#"{"object": "balance"}"#),
            ("refund.updated", own.as_str()),
        ] {
            assert_eq!(of(kind, object), None, "{kind} {object}");
        }
        for body in ["", "[]", "{}", r#"{"type": "account.updated"}"#, r#"{"type": "account.updated", "data": []}"#] {
            assert_eq!(about(body.as_bytes()), None, "{body}");
        }
    }

    #[test]
    fn only_what_names_a_payment_is_about_a_dispute_of_one() {
        let own = r#"{"id": "dp_1", "charge": "ch_1", "payment_intent": "pi_1", "metadata": {}}"#;
        let disputed = About::Dispute { payment: "pi_1".into() };
        assert_eq!(of("charge.dispute.funds_withdrawn", own), Some(disputed));
        for (kind, object) in [
            ("charge.dispute.created", r#"{"id": "dp_1", "charge": "ch_1", "payment_intent": null}"#),
            ("charge.dispute.created", r#"{"id": "dp_1", "payment_intent": "pi_1/../x"}"#),
            ("charge.dispute.of_a_new_kind", own),
            ("charge.refunded", own),
        ] {
            assert_eq!(of(kind, object), None, "{kind} {object}");
        }
    }

    #[test]
    fn only_what_bears_a_name_of_ours_is_about_shops() {
        let shop = "shop_01jd3k0000000000000000000a";
        let account = format!(r#"{{"id": "acct_1", "metadata": {{"shop": "{shop}"}}}}"#);
        let found = ShopNews::Account { shop: shop.parse().unwrap(), account: "acct_1".into() };
        assert_eq!(of("account.updated", &account), Some(About::Shops(found)));
        let transfer = r#"{"id": "tr_1", "metadata": {"payout": "payout_a-1"}}"#;
        let sent = About::Shops(ShopNews::Sent { key: "payout_a-1".into() });
        assert_eq!(of("transfer.reversed", transfer), Some(sent));
        for (kind, object) in [
            ("account.updated", r#"{"id": "acct_1", "metadata": {}}"#),
            ("account.updated", r#"{"id": "acct_1", "metadata": {"shop": "of another market"}}"#),
            ("account.updated", transfer),
            ("transfer.created", transfer),
            ("payment_intent.succeeded", account.as_str()),
        ] {
            assert_eq!(of(kind, object), None, "{kind} {object}");
        }
    }
}
