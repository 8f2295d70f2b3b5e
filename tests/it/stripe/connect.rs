//! What shops have earned goes to accounts that Stripe has for them: each is made once, and each payout is sent once.

mod accounts;
mod lost;
mod transfers;

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{Market, text, try_to_pay};
use crate::{
    harness::{Answer, Client},
    privacy::sign_in,
};

const BACK: &str = "https://shop.example/back?desk=1";
const ACCOUNT: &str = "acct_1";

async fn link(seller: &Client, shop: &str) -> Answer {
    seller.mutate("createPayoutOnboardingLink", json!({"shopId": shop, "returnUrl": BACK}), "url").await
}

/// What Stripe says of an account to which money can go.
fn ready() -> Value {
    json!({
        "details_submitted": true, "payouts_enabled": true, "capabilities": {"transfers": "active"},
        "requirements": {"currently_due": [], "disabled_reason": null},
    })
}

fn wants(requirement: &str) -> Value {
    json!({"status": "REQUIREMENTS", "requirements": [requirement]})
}

fn enabled() -> Value {
    json!({"status": "ENABLED", "requirements": []})
}

fn told(payouts: &[(&str, &str)]) -> Vec<(String, String)> {
    payouts.iter().map(|(status, amount)| ((*status).to_owned(), (*amount).to_owned())).collect()
}

impl Market {
    /// What the seller's desk shows.
    async fn desk(&self, selection: &str) -> Value {
        let seller = sign_in(&self.app, &self.seller.email).await;
        let desks = seller.query(&format!("{{ viewer {{ shops {{ {selection} }} }} }}")).await.ok();
        desks["viewer"]["shops"][0].clone()
    }

    async fn shop(&self) -> String {
        text(&self.desk("shop { id }").await["shop"]["id"])
    }

    async fn link(&self) -> Answer {
        let (seller, shop) = (sign_in(&self.app, &self.seller.email).await, self.shop().await);
        link(&seller, &shop).await
    }

    async fn account(&self) -> Value {
        self.desk("payoutAccount { status requirements }").await["payoutAccount"].clone()
    }

    /// Status and amount of each payout, newest first.
    async fn payouts(&self) -> Vec<(String, String)> {
        let payouts = self.desk("payouts { nodes { status amount { amount } } }").await["payouts"]["nodes"].clone();
        let payouts = payouts.as_array().unwrap().iter();
        payouts.map(|payout| (text(&payout["status"]), text(&payout["amount"]["amount"]))).collect()
    }

    async fn balance(&self) -> Value {
        self.desk("balances { amount }").await["balances"][0]["amount"].clone()
    }

    async fn later(&self, by: TimeDelta) {
        self.app.advance(by);
        self.app.run_jobs().await;
    }

    /// Has the shop's account be one to which money can go, and some of it be payable.
    async fn earns(&self) {
        self.link().await.ok();
        self.stripe.account_becomes(ACCOUNT, &ready());
        self.later(TimeDelta::minutes(5)).await;
        assert_eq!(self.account().await, enabled());
        let paid = try_to_pay(&self.buyer_again().await, &self.order, "pm_card", None, "pay").await.ok();
        assert_eq!(paid["payment"]["status"], "SUCCEEDED");
        self.app.run_jobs().await;
        let seller = sign_in(&self.app, &self.seller.email).await;
        let sent = json!({"orderPartId": self.part, "isShipped": true, "idempotencyKey": "sent"});
        seller.mutate("createShipment", sent, "shipment { id }").await.ok();
        self.later(TimeDelta::days(7)).await;
    }

    /// Stripe tells of the account.
    async fn tell_of_account(&self, event: &str) {
        assert_eq!(self.tell(event, "account.updated", &self.stripe.account(ACCOUNT)).await, 200);
        self.app.run_jobs().await;
    }
}
