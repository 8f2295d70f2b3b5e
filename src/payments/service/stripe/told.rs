//! What Stripe tells of the accounts of shops, and of what was sent there.

use serde::Deserialize;

use super::webhooks::Written;
use crate::payments::model::ShopNews;

#[derive(Deserialize)]
struct Object {
    id: Option<String>,
    metadata: Option<Metadata>,
}

#[derive(Deserialize)]
struct Metadata {
    shop: Option<String>,
    payout: Option<String>,
}

/// What an event that Stripe has signed is about, if it is about the money of shops; none if it is about something else.
pub fn shop_news(body: &[u8]) -> Option<ShopNews> {
    let Written { kind, data }: Written<Object> = serde_json::from_slice(body).ok()?;
    let named = data.object.metadata?;
    match kind.as_str() {
        "account.updated" => Some(ShopNews::Account { shop: named.shop?.parse().ok()?, account: data.object.id? }),
        "transfer.reversed" | "transfer.updated" => Some(ShopNews::Sent { key: named.payout? }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_bears_a_name_of_ours_is_about_shops() {
        let of = |kind: &str, object: &str| {
            shop_news(format!(r#"{{"id": "evt_1", "type": "{kind}", "data": {{"object": {object}}}}}"#).as_bytes())
        };
        let shop = "shop_01jd3k0000000000000000000a";
        let account = format!(r#"{{"id": "acct_1", "metadata": {{"shop": "{shop}"}}}}"#);
        let found = ShopNews::Account { shop: shop.parse().unwrap(), account: "acct_1".into() };
        assert_eq!(of("account.updated", &account), Some(found));
        let transfer = r#"{"id": "tr_1", "metadata": {"payout": "payout_a-1"}}"#;
        assert_eq!(of("transfer.reversed", transfer), Some(ShopNews::Sent { key: "payout_a-1".into() }));
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
