//! Payments that Stripe carries out, and what it tells of its own accord.

mod captures;
mod connect;
mod declines;
mod dinars;
mod disputes;
mod double;
mod fees;
mod keeping;
mod over;
mod paying;
mod refunds;
mod webhooks;

use std::time::Duration;

use agora::platform::{app::PaymentSetup, config::CaptureTime, http::Timeouts};
use data_encoding::HEXLOWER;
use hmac::{Hmac, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use self::double::{SECRET_KEY, SIGNING, Stripe};
use crate::{
    harness::{Answer, Client, TestApp, app::Person, market::Goods},
    privacy::sign_in,
};

/// A market that Stripe carries payments out for, with somebody who has ordered something for 5.00.
struct Market {
    app: TestApp,
    stripe: Stripe,
    seller: Person,
    buyer: Person,
    goods: Goods,
    order: String,
    part: String,
}

async fn market() -> Market {
    market_taking(CaptureTime::AtPayment).await
}

async fn market_taking(capture: CaptureTime) -> Market {
    let stripe = Stripe::start();
    let account = stripe.settings();
    let app = TestApp::start_with(|settings| {
        settings.payments = PaymentSetup::Stripe;
        settings.checkout.capture = capture;
        settings.stripe = Some(account);
        settings.http = Timeouts { connect: Duration::from_secs(5), total: Duration::from_secs(2) };
    })
    .await;
    for secret in [SECRET_KEY, SIGNING[0], SIGNING[1]] {
        app.secrets().add(secret);
    }
    let (seller, buyer) = (app.sign_up("Seller").await, app.sign_up("Buyer").await);
    let goods = seller.sell(&seller.open_shop("Corner").await, "Lamp", "5.00", 10).await;
    let placed = buyer.order_one(&goods, "order").await.ok()["order"].clone();
    let id = |value: &Value| value["id"].as_str().unwrap().to_owned();
    let (order, part) = (id(&placed), id(&placed["parts"][0]));
    Market { app, stripe, seller, buyer, goods, order, part }
}

const PAYMENT: &str = "payment { id status failureReason nextAction { __typename ... on RedirectAction { url } \
                       ... on ProviderAction { provider publishableKey clientSecret } } } order { paymentState }";

/// Tries to pay the order.
async fn try_to_pay(buyer: &Client, order: &str, method: &str, return_url: Option<&str>, key: &str) -> Answer {
    let input = json!({"orderId": order, "method": {"token": method}, "returnUrl": return_url, "idempotencyKey": key});
    buyer.mutate("payOrder", input, PAYMENT).await
}

impl Market {
    /// Pays the order. Returns the payment.
    async fn pay(&self, method: &str, key: &str) -> Value {
        try_to_pay(&self.buyer, &self.order, method, None, key).await.ok()["payment"].clone()
    }

    /// The buyer, whose token has grown old.
    async fn buyer_again(&self) -> Client {
        sign_in(&self.app, &self.buyer.email).await
    }

    /// How the order and its payments and refunds stand.
    async fn look(&self) -> Value {
        let document = "query($id: ID!) { node(id: $id) { ... on Order { lifecycle paymentState \
                        payments { status failureReason nextAction { __typename } } refunds { id status } timeline { step } } } }";
        self.buyer_again().await.send(document, json!({"id": self.order})).await.ok()["node"].clone()
    }

    /// Whether the order is paid, and how far its payments have come, the oldest first.
    async fn states(&self) -> (String, Vec<String>) {
        let seen = self.look().await;
        let statuses = seen["payments"].as_array().unwrap().iter().map(|payment| text(&payment["status"]));
        (text(&seen["paymentState"]), statuses.collect())
    }

    /// Stripe tells that something has happened.
    async fn tell(&self, event: &str, kind: &str, object: &Value) -> u16 {
        let body = event_json(event, kind, object);
        let signature = sign(SIGNING[0], self.app.app().now().timestamp(), &body);
        self.tell_signed(body, &signature).await
    }

    async fn tell_signed(&self, body: String, signature: &str) -> u16 {
        let request = reqwest::Client::new().post(self.app.url("/webhooks/stripe"));
        let request = request.header("stripe-signature", signature).header("content-type", "application/json");
        request.body(body).send().await.unwrap().status().as_u16()
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value}")).to_owned()
}

fn states(order: &str, payments: &[&str]) -> (String, Vec<String>) {
    (order.to_owned(), payments.iter().map(ToString::to_string).collect())
}

fn event_json(id: &str, kind: &str, object: &Value) -> String {
    let event = json!({
        "id": id, "object": "event", "api_version": "2020-08-27", "type": kind, "created": 1, "livemode": false,
        "pending_webhooks": 1, "data": {"object": object},
    });
    event.to_string()
}

/// A signature as Stripe makes it.
fn sign(secret: &str, at: i64, body: &str) -> String {
    let mac = <Hmac<Sha256> as Mac>::new_from_slice(secret.as_bytes()).unwrap();
    let tag = mac.chain_update(format!("{at}.{body}")).finalize().into_bytes();
    format!("t={at},v1={}", HEXLOWER.encode(&tag))
}
