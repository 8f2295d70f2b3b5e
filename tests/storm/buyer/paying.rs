//! How buyers pay, and call off.

use std::sync::Arc;

use rand::{Rng, SeedableRng, rngs::StdRng, seq::IndexedRandom};
use serde_json::json;

use super::{Buyer, Placed, text};
use crate::{
    model::Deed,
    tally::Kind,
    wire::{Outcome, Request, Unanswered},
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

const WAITS: &str = "REQUIRES_ACTION";
const APPROVE: &str = "approve";
const DECLINE: &str = "decline";

/// An attempt to pay, as it was answered.
struct Attempt {
    order: String,
    id: String,
    status: String,
    /// Where the buyer goes on, if it waits for them.
    page: String,
    method: &'static str,
}

/// Pages of the provider's.
#[derive(Default)]
pub(super) struct Pages {
    /// The attempt of the order of now that waits for its buyer.
    waiting: Option<Attempt>,
    /// Attempts that nothing but these pages will ever go on with.
    left: Vec<Attempt>,
    /// Of attempts that are over: nothing comes of them, whatever is decided there.
    over: Vec<String>,
}

impl Buyer {
    /// What has waited for its buyer does not any more.
    pub(super) fn leave_page(&mut self) {
        self.pages.over.extend(self.pages.waiting.take().map(|attempt| attempt.page));
    }

    /// Tries to pay. What waited for the buyer before is given up for it.
    async fn begin(&mut self, placed: &Placed, method: &'static str) -> Result<Option<Attempt>, Unanswered> {
        let input = json!({"orderId": placed.id, "token": placed.opener, "method": {"token": method}});
        let tried = self.keyed(&placed.owner, "payOrder", input, PAYMENT).await?;
        Ok(tried.is_done().then(|| self.note_attempt(&placed.id, method, &tried)))
    }

    fn paying(&mut self, placed: &Placed, method: &'static str) -> Request {
        let key = self.key();
        let input =
            json!({"orderId": placed.id, "token": placed.opener, "method": {"token": method}, "idempotencyKey": key});
        Request::new(&placed.owner, "payOrder", input, PAYMENT)
    }

    fn note_attempt(&mut self, order: &str, method: &'static str, tried: &Outcome) -> Attempt {
        let payment = &tried.payload["payment"];
        let (id, status) = (text(&payment["id"]).to_owned(), text(&payment["status"]).to_owned());
        let page = text(&payment["nextAction"]["url"]).to_owned();
        // Whose first word nobody lived to hear is asked again, and then it has been paid: as if the answer had been late.
        let is_asked_again = method == "test_is_unheard" && status != WAITS;
        let method = if is_asked_again { "test_times_out" } else { method };
        self.leave_page();
        self.note(Deed::Tried { order: order.to_owned(), payment: id.clone(), method });
        Attempt { order: order.to_owned(), id, status, page, method }
    }

    /// Tries to pay. Returns how the attempt stands.
    async fn pay(&mut self, placed: &Placed, method: &'static str) -> Result<Option<String>, Unanswered> {
        let Some(attempt) = self.begin(placed, method).await? else { return Ok(None) };
        let status = attempt.status.clone();
        if status != WAITS {
            return Ok(Some(status));
        }
        if method == "test_requires_action" && self.feels_like(60) {
            return self.decide(attempt).await.map(Some);
        }
        self.pages.waiting = Some(attempt);
        Ok(Some(status))
    }

    /// Decides about an attempt that waits for it, and at times says the same once more, and then something else: what was said first
    /// counts. Returns how the attempt stands.
    async fn decide(&mut self, attempt: Attempt) -> Result<String, Unanswered> {
        let storm = Arc::clone(&self.storm);
        let is_approved = self.feels_like(80);
        let (first, other) = if is_approved { (APPROVE, DECLINE) } else { (DECLINE, APPROVE) };
        let mut told = vec![first];
        if self.feels_like(50) {
            told.push(first);
        }
        if self.feels_like(30) {
            told.push(other);
        }
        for decision in told {
            let said = storm.decide(&mut self.rng, &attempt.page, decision).await?;
            if !said.contains(if is_approved { "has been approved" } else { "has been declined" }) {
                storm.tally.complain(format!("{} was told to {first} first, and is {said}", attempt.id));
            }
        }
        let Attempt { order, id: payment, page, .. } = attempt;
        self.pages.over.push(page);
        self.note(if is_approved { Deed::Approved { order, payment } } else { Deed::Declined { order, payment } });
        Ok(if is_approved { "SUCCEEDED" } else { "FAILED" }.to_owned())
    }

    /// Goes on with what was left long ago, and decides about what is over.
    pub(super) async fn tell_late(&mut self) -> Result<(), Unanswered> {
        // Of what the provider has taken already nobody can say no.
        let waiting = self.pages.waiting.take().filter(|attempt| attempt.method == "test_requires_action");
        self.pages.left.extend(waiting);
        if !self.pages.left.is_empty() && self.feels_like(20) {
            let place = self.rng.random_range(0..self.pages.left.len());
            let attempt = self.pages.left.swap_remove(place);
            self.decide(attempt).await?;
        }
        if self.feels_like(15)
            && let Some(page) = self.pages.over.choose(&mut self.rng).cloned()
        {
            let decision = if self.feels_like(60) { APPROVE } else { DECLINE };
            let storm = Arc::clone(&self.storm);
            storm.decide(&mut self.rng, &page, decision).await?;
            storm.tally.count(Kind::Repeat, "told when it was over");
        }
        Ok(())
    }

    /// Decides twice at once, or approves one attempt while another one is begun elsewhere: whichever comes first, the order is paid, and
    /// paid once.
    pub(super) async fn pay_in_disorder(&mut self, placed: &mut Placed) -> Result<(), Unanswered> {
        let Some(first) = self.begin(placed, "test_requires_action").await? else { return Ok(()) };
        if first.status != WAITS {
            return Ok(());
        }
        let (storm, method) = (Arc::clone(&self.storm), "test_succeeds");
        let paying = self.paying(placed, method);
        let mut other = StdRng::from_rng(&mut self.rng);
        let is_decided_twice = self.feels_like(50);
        let tried = if is_decided_twice {
            let yes = storm.decide(&mut self.rng, &first.page, APPROVE);
            let no = storm.decide(&mut other, &first.page, DECLINE);
            let (yes, no) = tokio::join!(yes, no);
            yes?;
            no?;
            storm.tally.count(Kind::Repeat, "decided twice");
            // By this it is certain how that came out.
            storm.ask(&mut self.rng, &paying).await?
        } else {
            let yes = storm.decide(&mut self.rng, &first.page, APPROVE);
            let (yes, tried) = tokio::join!(yes, storm.ask(&mut other, &paying));
            yes?;
            storm.tally.count(Kind::Repeat, "overtaken");
            tried?
        };
        let (order, payment) = (placed.id.clone(), first.id);
        self.pages.over.push(first.page);
        if !tried.is_done() {
            // It is paid already.
            self.note(Deed::Approved { order, payment });
            return self.go_on(placed).await;
        }
        self.note(if is_decided_twice {
            Deed::Declined { order, payment }
        } else {
            Deed::Overtaken { order, payment }
        });
        let attempt = self.note_attempt(&placed.id, method, &tried);
        if attempt.status == "SUCCEEDED" { self.go_on(placed).await } else { Ok(()) }
    }

    pub(super) async fn pay_and_go_on(&mut self, placed: &mut Placed) -> Result<(), Unanswered> {
        for _ in 0..3 {
            let method = METHODS.choose(&mut self.rng).copied().unwrap_or("test_succeeds");
            match self.pay(placed, method).await?.as_deref() {
                Some("SUCCEEDED") => return self.go_on(placed).await,
                Some("PROCESSING") | None => {
                    return if self.feels_like(30) { self.call_off(placed).await } else { Ok(()) };
                }
                Some("FAILED") => {}
                _ => {
                    if self.feels_like(40) {
                        return Ok(());
                    }
                    if placed.opener.is_none() && self.feels_like(30) {
                        self.edit(placed, false).await?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Buyer and buyer's other device want different things.
    pub(super) async fn pay_and_call_off_at_once(&mut self, placed: &Placed) -> Result<(), Unanswered> {
        let method = "test_succeeds";
        let paying = self.paying(placed, method);
        let input = json!({"orderId": placed.id, "token": placed.opener, "idempotencyKey": self.key()});
        let calling_off = Request::new(&placed.owner, "cancelOrder", input, "order { id }");
        let mut other = StdRng::from_rng(&mut self.rng);
        let storm = Arc::clone(&self.storm);
        let (paid, off) = tokio::join!(storm.ask(&mut self.rng, &paying), storm.ask(&mut other, &calling_off));
        let (paid, off) = (paid?, off?);
        storm.tally.count(Kind::Repeat, "paid and called off");
        // Nothing is paid that was called off before.
        if paid.is_done() {
            self.note_attempt(&placed.id, method, &paid);
        }
        if off.is_done() {
            self.leave_page();
            self.note(Deed::CalledOff { order: placed.id.clone() });
        }
        if !paid.is_done() && !off.is_done() {
            storm.tally.complain(format!("{} could be neither paid nor called off: {paid:?}, {off:?}", placed.id));
        }
        Ok(())
    }

    /// Pays at the provider's page, of which nobody is told, and then wants something else: the money comes to light, and goes back.
    pub(super) async fn pay_unheard(&mut self, placed: &mut Placed) -> Result<(), Unanswered> {
        let tried = self.pay(placed, "test_is_unheard").await?;
        if tried.is_none_or(|status| status != WAITS) {
            return Ok(());
        }
        if self.feels_like(50) {
            return self.call_off(placed).await;
        }
        match self.pay(placed, "test_succeeds").await? {
            Some(status) if status == "SUCCEEDED" => self.go_on(placed).await,
            Some(_) => Ok(()),
            None => self.call_off(placed).await,
        }
    }

    pub(super) async fn call_off(&mut self, placed: &Placed) -> Result<(), Unanswered> {
        let input = json!({"orderId": placed.id, "token": placed.opener});
        let off = self.keyed(&placed.owner, "cancelOrder", input, "order { id }").await?;
        if off.is_done() {
            self.leave_page();
            self.note(Deed::CalledOff { order: placed.id.clone() });
        }
        Ok(())
    }
}
