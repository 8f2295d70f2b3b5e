//! How buyers pay, and call off.

use std::sync::Arc;

use agora::payments::service::test_webhooks::{About, Event};
use rand::{Rng, SeedableRng, rngs::StdRng, seq::IndexedRandom};
use serde_json::json;

use super::{Buyer, Placed, text};
use crate::{
    floors,
    market::page_of,
    model::{Capture, Deed, GIVEN_UP, PAID, PROMISED, UNKNOWN},
    tally::Kind,
    wire::{Outcome, Request, Said, Unanswered},
};

/// How people pay, as often as it stands here.
const METHODS: [&str; 18] = [
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
    DISPUTED,
    DISPUTED,
    "test_is_told_late",
    "test_is_told_twice",
    "test_is_told_in_reverse",
];

/// Succeeds, and the bank may take it back.
const DISPUTED: &str = "test_is_disputed";

const PAYMENT: &str = "payment { id status nextAction { ... on RedirectAction { url } } }";

const WAITS: &str = "REQUIRES_ACTION";
const APPROVE: &str = "approve";
const DECLINE: &str = "decline";

/// What the provider's page says of a payment.
const IS_APPROVED: &str = "has been approved";
const IS_DECLINED: &str = "has been declined";
const IS_GIVEN_UP: &str = "has been given up";

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
    /// Attempts of which events may tell: all but those that nobody is to hear of.
    tellable: Vec<String>,
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
        if has_paid(&status) {
            self.storm.tally.count(Kind::Outcome, floors::PAID);
        }
        if method != "test_is_unheard" {
            self.pages.tellable.push(id.clone());
        }
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
            if !said.text.contains(if is_approved { IS_APPROVED } else { IS_DECLINED }) {
                storm.tally.complain(format!("{} was told to {first} first, and is {}", attempt.id, said.text));
            }
        }
        let Attempt { order, id: payment, page, .. } = attempt;
        self.pages.over.push(page);
        self.note(if is_approved { Deed::Approved { order, payment } } else { Deed::Declined { order, payment } });
        Ok(if is_approved { PAID } else { "FAILED" }.to_owned())
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
        if self.feels_like(40)
            && let Some(payment) = self.pages.tellable.choose(&mut self.rng).cloned()
        {
            self.tell_by_events(&payment).await?;
        }
        Ok(())
    }

    /// The provider tells of an attempt: late, the second event before the first, and that twice. Whatever it is asked then, it is booked once.
    async fn tell_by_events(&mut self, payment: &str) -> Result<(), Unanswered> {
        let storm = Arc::clone(&self.storm);
        for number in [2, 1, 1] {
            let id = format!("storm_{payment}_{number}");
            let event = Event { id, about: About::Payment, payment: payment.parse().unwrap() };
            storm.tell(&mut self.rng, &event.text().unwrap()).await?;
            storm.tally.count(Kind::Repeat, "told by events");
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
        let (said, tried) = if is_decided_twice {
            let yes = storm.decide(&mut self.rng, &first.page, APPROVE);
            let no = storm.decide(&mut other, &first.page, DECLINE);
            let (yes, no) = tokio::join!(yes, no);
            yes?;
            no?;
            storm.tally.count(Kind::Repeat, "decided twice");
            // By this it is certain how that came out.
            (None, storm.ask(&mut self.rng, &paying).await?)
        } else {
            let yes = storm.decide(&mut self.rng, &first.page, APPROVE);
            let (yes, tried) = tokio::join!(yes, storm.ask(&mut other, &paying));
            storm.tally.count(Kind::Repeat, "overtaken");
            (Some(yes?), tried?)
        };
        let (order, payment) = (placed.id.clone(), first.id);
        self.pages.over.push(first.page);
        if !tried.is_done() {
            // It is paid already.
            if let Some(Said { text, .. }) = said.filter(|said| !said.text.contains(IS_APPROVED)) {
                storm.tally.complain(format!("{payment} keeps others from paying, and is {text}"));
            }
            self.note(Deed::Approved { order, payment });
            return self.go_on(placed).await;
        }
        self.note(match said {
            None => Deed::Declined { order, payment },
            Some(said) => {
                let status = overtaken(storm.capture, &said);
                storm.tally.count(Kind::Outcome, &format!("overtaken, {status}"));
                Deed::Overtaken { order, payment, status }
            }
        });
        let attempt = self.note_attempt(&placed.id, method, &tried);
        if has_paid(&attempt.status) { self.go_on(placed).await } else { Ok(()) }
    }

    pub(super) async fn pay_and_go_on(&mut self, placed: &mut Placed) -> Result<(), Unanswered> {
        for _ in 0..3 {
            let method = METHODS.choose(&mut self.rng).copied().unwrap_or("test_succeeds");
            match self.pay(placed, method).await?.as_deref() {
                Some(PAID | PROMISED) => {
                    self.go_on(placed).await?;
                    return self.dispute(placed).await;
                }
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

    /// The buyer's bank takes back what was paid, and may decide at once who is right: of an order that one attempt alone was to pay, once
    /// nothing else happens to it.
    async fn dispute(&mut self, placed: &Placed) -> Result<(), Unanswered> {
        let attempts = self.deeds.iter().filter_map(|deed| match deed {
            Deed::Tried { payment, method, .. } => Some((payment.clone(), *method)),
            _ => None,
        });
        let attempts: Vec<_> = attempts.collect();
        let [(payment, DISPUTED)] = attempts.as_slice() else { return Ok(()) };
        if !self.feels_like(80) || !self.is_taken(placed).await? {
            return Ok(());
        }
        let page = page_of(payment);
        let decisions: &[&'static str] = match self.rng.random_range(0..100) {
            0..40 => &["dispute", "win"],
            40..70 => &["dispute", "lose"],
            70..90 => &["dispute"],
            // It takes nothing before it has decided.
            _ => &["inquire", "win"],
        };
        let storm = Arc::clone(&self.storm);
        for &decision in decisions {
            let said = storm.decide(&mut self.rng, &page, decision).await?;
            if !said.text.contains("the buyer's bank") {
                storm.tally.complain(format!("{payment} is disputed, and is {}", said.text));
            }
        }
        self.note(Deed::Disputed { order: placed.id.clone(), is_won: decisions.last() == Some(&"win") });
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
            Some(status) if has_paid(&status) => self.go_on(placed).await,
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

/// Whether an attempt has brought money, or a promise of it.
fn has_paid(status: &str) -> bool {
    matches!(status, PAID | PROMISED)
}

/// How an attempt stands that was approved while another one took its place, by what its page said. Who was asked before, and was not heard
/// of, may have gone on since. A promise does not come back to what was given up.
fn overtaken(capture: Capture, said: &Said) -> &'static str {
    if capture == Capture::AtShipment {
        GIVEN_UP
    } else if said.text.contains(IS_APPROVED) {
        PAID
    } else if said.is_at_once && said.text.contains(IS_GIVEN_UP) {
        GIVEN_UP
    } else {
        UNKNOWN
    }
}
