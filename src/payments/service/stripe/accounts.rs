//! Accounts of shops, by Connect.

use serde::Deserialize;

use super::{
    api::{Api, Reply},
    objects::{Fault, is_name},
};
use crate::{
    kernel::id::Id,
    payments::{model::AccountStanding, service::provider::NoAnswer},
    platform::app::App,
    shops::model::Shop,
    users::model::User,
};

/// An account of a shop.
#[derive(Deserialize)]
struct Account {
    id: String,
    #[serde(default)]
    details_submitted: bool,
    #[serde(default)]
    charges_enabled: bool,
    #[serde(default)]
    payouts_enabled: bool,
    capabilities: Option<Capabilities>,
    requirements: Option<Requirements>,
}

#[derive(Deserialize)]
struct Capabilities {
    transfers: Option<String>,
}

#[derive(Deserialize)]
struct Requirements {
    currently_due: Option<Vec<String>>,
    disabled_reason: Option<String>,
}

/// A page for the owner of one.
#[derive(Deserialize)]
struct Page {
    url: String,
}

/// Makes an account for a shop: one with Stripe's small dashboard, whose owner tells Stripe alone who they are, and which charges nobody.
/// If they ask twice at the same moment, or after an answer was lost, they are told of the same one; after so many were lost, of another.
pub async fn open(app: &App, shop: Id<Shop>, person: Id<User>, lost: i32) -> Result<String, NoAnswer> {
    let shop = shop.to_string();
    let key = match lost {
        0 => format!("{shop}-{person}-account"),
        lost => format!("{shop}-{person}-account-{lost}"),
    };
    let form = [
        ("controller[stripe_dashboard][type]", "express"),
        ("controller[fees][payer]", "application"),
        ("controller[losses][payments]", "application"),
        ("controller[requirement_collection]", "stripe"),
        // Alone, transfers are for markets that Stripe has approved for it.
        ("capabilities[card_payments][requested]", "true"),
        ("capabilities[transfers][requested]", "true"),
        ("metadata[shop]", shop.as_str()),
    ];
    let api = Api::of(app)?;
    match api.post::<Account>("accounts", &form, Some(&key)).await? {
        Reply::Done(made) if is_name(&made.id) => Ok(made.id),
        Reply::Done(_) => Err(NoAnswer),
        Reply::Refused(fault) => {
            tracing::error!(%shop, code = fault.word(), "Stripe makes no account: is Connect set up in its dashboard?");
            Err(NoAnswer)
        }
    }
}

/// Whether Stripe says by a refusal that an account is not there, or not the market's.
fn is_gone(fault: &Fault) -> bool {
    fault.is_about_an_account() || fault.word() == "resource_missing"
}

/// Whether Stripe leads owners back there.
pub fn leads_back_to(app: &App, url: &str) -> bool {
    app.stripe.as_ref().is_some_and(|settings| is_way_back(url, settings.is_live))
}

/// For trials it may be one without encryption.
fn is_way_back(url: &str, is_live: bool) -> bool {
    url.starts_with("https://") || !is_live && url.starts_with("http://")
}

/// A page on which the owner of an account tells Stripe what it wants to know. It is good once, and for minutes. None if Stripe does not
/// know the account.
pub async fn page(app: &App, account: &str, return_url: &str) -> Result<Option<String>, NoAnswer> {
    let form = [
        ("account", account),
        ("type", "account_onboarding"),
        ("return_url", return_url),
        // Where they are led who open it a second time: there they can ask for another.
        ("refresh_url", return_url),
    ];
    let api = Api::of(app)?;
    match api.post::<Page>("account_links", &form, None).await? {
        // Clients follow it.
        Reply::Done(page) if page.url.starts_with("https://") && page.url.len() <= 8_000 => Ok(Some(page.url)),
        Reply::Done(_) => Err(NoAnswer),
        Reply::Refused(fault) if is_gone(&fault) => Ok(None),
        Reply::Refused(fault) => {
            tracing::error!(code = fault.word(), "Stripe has no page for the owner of a shop's account");
            Err(NoAnswer)
        }
    }
}

/// How an account stands.
pub async fn standing(app: &App, account: &str) -> Result<AccountStanding, NoAnswer> {
    if !is_name(account) {
        return Err(NoAnswer);
    }
    let api = Api::of(app)?;
    match api.get::<Account>(&format!("accounts/{account}")).await? {
        Reply::Done(found) => Ok(found.standing()),
        Reply::Refused(fault) if is_gone(&fault) => Ok(AccountStanding::Unknown),
        Reply::Refused(fault) => {
            tracing::error!(code = fault.word(), "Stripe does not say how the account of a shop stands");
            Err(NoAnswer)
        }
    }
}

impl Account {
    fn takes_money(&self) -> bool {
        let told = self.capabilities.as_ref().and_then(|capabilities| capabilities.transfers.as_deref());
        let takes_transfers = told.map_or(self.charges_enabled, |word| word == "active");
        takes_transfers && self.details_submitted && self.payouts_enabled
    }

    fn standing(&self) -> AccountStanding {
        let requirements = self.requirements.as_ref();
        let is_refused = requirements
            .and_then(|requirements| requirements.disabled_reason.as_deref())
            .is_some_and(|reason| reason.starts_with("rejected."));
        let wants_more = requirements
            .and_then(|requirements| requirements.currently_due.as_ref())
            .is_some_and(|missing| !missing.is_empty());
        if is_refused {
            AccountStanding::Refused
        } else if self.takes_money() {
            AccountStanding::Ready
        } else if !self.details_submitted {
            AccountStanding::Unfinished
        } else if wants_more {
            AccountStanding::Wanting
        } else {
            AccountStanding::InReview
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn owners_are_led_back_to_pages_and_not_in_the_clear() {
        for (url, live, trial) in [
            ("https://shop.example/back", true, true),
            ("http://localhost:3000/back", false, true),
            ("myapp://back", false, false),
        ] {
            assert_eq!((is_way_back(url, true), is_way_back(url, false)), (live, trial), "{url}");
        }
    }

    #[test]
    fn an_account_is_ready_when_it_takes_transfers_and_pays_them_out() {
        for (account, standing) in [
            (r#"{"id": "acct_1"}"#, AccountStanding::Unfinished),
            (
                r#"{"id": "acct_1", "details_submitted": true, "charges_enabled": true, "payouts_enabled": true}"#,
                AccountStanding::Ready,
            ),
            (
                r#"{"id": "acct_1", "details_submitted": true, "charges_enabled": false, "payouts_enabled": true,
                    "capabilities": {"transfers": "active"}, "requirements": {"currently_due": ["person.phone"]}}"#,
                AccountStanding::Ready,
            ),
            (
                r#"{"id": "acct_1", "details_submitted": true, "charges_enabled": true, "payouts_enabled": true,
                    "capabilities": {"transfers": "pending"}, "requirements": {"currently_due": null}}"#,
                AccountStanding::InReview,
            ),
            (
                r#"{"id": "acct_1", "details_submitted": true, "charges_enabled": true, "payouts_enabled": false,
                    "requirements": {"currently_due": ["external_account"], "disabled_reason": "requirements.past_due"}}"#,
                AccountStanding::Wanting,
            ),
            (
                r#"{"id": "acct_1", "details_submitted": true, "charges_enabled": false, "payouts_enabled": false,
                    "requirements": {"currently_due": [], "disabled_reason": "rejected.fraud"}}"#,
                AccountStanding::Refused,
            ),
        ] {
            assert_eq!(serde_json::from_str::<Account>(account).unwrap().standing(), standing, "{account}");
        }
    }
}
