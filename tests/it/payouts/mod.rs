//! What shops are paid, when, and what becomes of it if it does not arrive.

mod carrying;
mod compared;
mod explained;
mod giving_back;
mod making;
mod onboarding;
mod statements;

use agora::{
    kernel::id::Id,
    payouts::service,
    platform::caller::Caller,
    shops::{self, model::Shop},
};
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::{
    harness::{TestApp, app::Person, market::Goods},
    privacy::sign_in,
};

/// A payout of each shop that there is, by which nothing moved: for what is only to be seen.
pub fn given(app: &TestApp) {
    app.given_sql(
        "INSERT INTO payouts (id, shop_id, amount, currency, status, provider, destination, created_at, updated_at) \
         SELECT gen_random_uuid(), id, 100, currency, 'PAID', 'test', 'test_payout_succeeds', now(), now() FROM shops",
    );
}

/// Has the money of a shop go to an account of the test provider, by the word of its first owner, as if they had said so long ago.
pub async fn ready(app: &TestApp, shop: &str, destination: &str) {
    named(app, shop, destination).await;
    rested(app);
}

/// As if all accounts had been named three days earlier.
pub fn rested(app: &TestApp) {
    app.given_sql("UPDATE payout_accounts SET named_at = named_at - interval '3 days'");
}

/// As [`ready`], and just now.
async fn named(app: &TestApp, shop: &str, destination: &str) {
    let shop: Id<Shop> = shop.parse().unwrap();
    let owner = app.app().db.read(move |conn| shops::service::first_owner(conn, shop)).await.unwrap().unwrap();
    let (market, caller) = (app.app(), Caller::system());
    assert!(service::set_account(market, &caller, (shop, owner), destination.to_owned()).await.unwrap());
}

/// Pays out what is payable, at once and not in the course of an hour.
pub async fn paid_out(app: &TestApp) {
    service::make_payouts(app.app(), &Caller::system()).await.unwrap();
    app.given_sql("UPDATE jobs SET run_at = created_at WHERE kind = 'payouts.make_payout'");
    app.run_jobs().await;
}

/// A market with a share of 10 % and a shop with lamps for 10.00, and somebody who buys them.
struct Market {
    app: TestApp,
    ada: Person,
    buyer: Person,
    shop: String,
    lamp: Goods,
}

async fn market(days: i64) -> Market {
    let app = TestApp::start_with(|settings| {
        settings.checkout.commission = "10".parse().unwrap();
        settings.checkout.payout_delay = TimeDelta::days(days);
    })
    .await;
    let (ada, buyer) = (app.sign_up("Ada").await, app.sign_up("Buyer").await);
    let shop = ada.open_shop("Lamps").await;
    let lamp = ada.sell(&shop, "Lamp", "10.00", 100).await;
    Market { app, ada, buyer, shop, lamp }
}

impl Market {
    /// Orders one lamp, pays it, and gets it sent. The part of the order.
    async fn buy(&self, key: &str) -> Value {
        let part = self.buy_unsent(key).await;
        self.send(&part, key).await;
        part
    }

    /// As [`Market::buy`], and the shop does nothing.
    async fn buy_unsent(&self, key: &str) -> Value {
        let buyer = sign_in(&self.app, &self.buyer.email).await;
        let order = buyer.order_one(&self.lamp, key).await.ok()["order"].clone();
        buyer.pay(order["id"].as_str().unwrap(), "test_succeeds", key).await.ok();
        order["parts"][0]["id"].clone()
    }

    async fn send(&self, part: &Value, key: &str) {
        let ada = sign_in(&self.app, &self.ada.email).await;
        let sent = json!({"orderPartId": part, "isShipped": true, "idempotencyKey": key});
        ada.mutate("createShipment", sent, "shipment { id }").await.ok();
    }

    /// The market's staff give so much of a part back, or all of it, whatever the shop has.
    async fn give_back(&self, part: &Value, amount: Option<&str>) {
        let amount = amount.map(|amount| json!({"amount": amount, "currency": "GBP"}));
        let back = json!({"orderPartId": part, "amount": amount, "reason": "R", "idempotencyKey": "back"});
        self.staff().await.mutate("refundOrderPart", back, "refunds { id }").await.ok();
    }

    /// One of the market's staff, who has just come.
    async fn staff(&self) -> Person {
        let clerk = self.app.sign_up("Clerk").await;
        self.app.given_role(&clerk, "ADMIN");
        clerk
    }

    /// What Ada's desk shows.
    async fn desk(&self, selection: &str) -> Value {
        let ada = sign_in(&self.app, &self.ada.email).await;
        let desks = ada.query(&format!("{{ viewer {{ shops {{ {selection} }} }} }}")).await.ok();
        desks["viewer"]["shops"][0].clone()
    }

    /// What is paid out next: how much, what is held, what is carried over, and when.
    async fn next(&self) -> (String, String, String, Value) {
        let next = "nextPayout { amount { amount } held { amount } carriedOver { amount } date }";
        let next = self.desk(next).await["nextPayout"].clone();
        let sum = |name: &str| next[name]["amount"].as_str().unwrap().to_owned();
        (sum("amount"), sum("held"), sum("carriedOver"), next["date"].clone())
    }

    /// Status and amount of each payout, newest first.
    async fn payouts(&self) -> Vec<(String, String)> {
        let payouts = self.desk("payouts { nodes { status amount { amount } } }").await["payouts"]["nodes"].clone();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
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

    async fn next_day(&self) {
        self.app.advance(TimeDelta::days(1));
        paid_out(&self.app).await;
    }
}

fn told(payouts: &[(&str, &str)]) -> Vec<(String, String)> {
    payouts.iter().map(|(status, amount)| ((*status).to_owned(), (*amount).to_owned())).collect()
}

fn standing(amount: &str, held: &str, carried_over: &str, date: Value) -> (String, String, String, Value) {
    (amount.to_owned(), held.to_owned(), carried_over.to_owned(), date)
}
