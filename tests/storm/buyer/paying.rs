//! How buyers pay, and call off.

use std::sync::Arc;

use rand::{SeedableRng, rngs::StdRng, seq::IndexedRandom};
use serde_json::json;

use super::{Buyer, Placed, text};
use crate::{
    model::Deed,
    tally::Kind,
    wire::{Request, Unanswered},
};

/// How people pay, as often as it stands here.
const METHODS: [&str; 13] = [
    "test_succeeds",
    "test_succeeds",
    "test_succeeds",
    "test_succeeds",
    "test_succeeds",
    "test_succeeds",
    "test_declines",
    "test_requires_action",
    "test_requires_action",
    "test_times_out",
    "test_is_lost",
    "test_keeps",
    "test_keeps",
];

const PAYMENT: &str = "payment { id status nextAction { ... on RedirectAction { url } } }";

impl Buyer {
    /// Tries to pay. Returns how the attempt stood when it was answered, and the page where the buyer goes on.
    async fn pay(&mut self, order: &str, method: &'static str) -> Result<Option<(String, String)>, Unanswered> {
        let token = self.own_token();
        let input = json!({"orderId": order, "method": {"token": method}});
        let tried = self.keyed(&token, "payOrder", input, PAYMENT).await?;
        if !tried.is_done() {
            return Ok(None);
        }
        let payment = &tried.payload["payment"];
        let (id, status) = (text(&payment["id"]).to_owned(), text(&payment["status"]).to_owned());
        let page = text(&payment["nextAction"]["url"]).to_owned();
        // Whose first word nobody lived to hear is asked again, and then it has been paid: as if the answer had been late.
        let is_asked_again = method == "test_is_unheard" && status != "REQUIRES_ACTION";
        let method = if is_asked_again { "test_times_out" } else { method };
        self.note(Deed::Tried { order: order.to_owned(), payment: id.clone(), method });
        if method != "test_requires_action" || status != "REQUIRES_ACTION" || !self.feels_like(60) {
            return Ok(Some((status, id)));
        }
        let storm = Arc::clone(&self.storm);
        storm.approve(&mut self.rng, &page).await?;
        // Whoever sends the page twice has paid once.
        if self.feels_like(50) {
            storm.approve(&mut self.rng, &page).await?;
        }
        self.note(Deed::Approved { order: order.to_owned(), payment: id.clone() });
        Ok(Some(("SUCCEEDED".to_owned(), id)))
    }

    pub(super) async fn pay_and_go_on(&mut self, placed: &Placed) -> Result<(), Unanswered> {
        for _ in 0..3 {
            let method = METHODS.choose(&mut self.rng).copied().unwrap_or("test_succeeds");
            match self.pay(&placed.id, method).await?.as_ref().map(|(status, _)| status.as_str()) {
                Some("SUCCEEDED") => return self.go_on(placed).await,
                Some("PROCESSING") | None => {
                    return if self.feels_like(30) { self.call_off(placed).await } else { Ok(()) };
                }
                Some("FAILED") => {}
                _ => {
                    if self.feels_like(40) {
                        return Ok(());
                    }
                }
            }
        }
        Ok(())
    }

    /// Buyer and buyer's other device want different things.
    pub(super) async fn pay_and_call_off_at_once(&mut self, placed: &Placed) -> Result<(), Unanswered> {
        let token = self.own_token();
        let (pay, cancel) = (self.key(), self.key());
        let method = "test_succeeds";
        let input = json!({"orderId": placed.id, "method": {"token": method}, "idempotencyKey": pay});
        let paying = Request::new(&token, "payOrder", input, PAYMENT);
        let input = json!({"orderId": placed.id, "idempotencyKey": cancel});
        let calling_off = Request::new(&token, "cancelOrder", input, "order { id }");
        let mut other = StdRng::from_rng(&mut self.rng);
        let storm = Arc::clone(&self.storm);
        let (paid, off) = tokio::join!(storm.ask(&mut self.rng, &paying), storm.ask(&mut other, &calling_off));
        let (paid, off) = (paid?, off?);
        storm.tally.count(Kind::Repeat, "paid and called off");
        // Nothing is paid that was called off before.
        if paid.is_done() {
            let payment = &paid.payload["payment"];
            let payment = text(&payment["id"]).to_owned();
            self.note(Deed::Tried { order: placed.id.clone(), payment, method });
        }
        if off.is_done() {
            self.note(Deed::CalledOff { order: placed.id.clone() });
        }
        if !paid.is_done() && !off.is_done() {
            storm.tally.complain(format!("{} could be neither paid nor called off: {paid:?}, {off:?}", placed.id));
        }
        Ok(())
    }

    /// Pays at the provider's page, of which nobody is told, and then wants something else: the money comes to light, and goes back.
    pub(super) async fn pay_unheard(&mut self, placed: &Placed) -> Result<(), Unanswered> {
        let tried = self.pay(&placed.id, "test_is_unheard").await?;
        if tried.is_none_or(|(status, _)| status != "REQUIRES_ACTION") {
            return Ok(());
        }
        if self.feels_like(50) {
            return self.call_off(placed).await;
        }
        match self.pay(&placed.id, "test_succeeds").await? {
            Some(_) => self.go_on(placed).await,
            None => self.call_off(placed).await,
        }
    }

    pub(super) async fn call_off(&mut self, placed: &Placed) -> Result<(), Unanswered> {
        let token = self.own_token();
        let off = self.keyed(&token, "cancelOrder", json!({"orderId": placed.id}), "order { id }").await?;
        if off.is_done() {
            self.note(Deed::CalledOff { order: placed.id.clone() });
        }
        Ok(())
    }
}
