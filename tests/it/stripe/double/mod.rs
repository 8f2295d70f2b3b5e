//! A Stripe that does as it is told, in the shapes of its public API: it keeps answers by their idempotency keys, moves no money, and
//! fails on demand.

mod connect;
mod customers;
mod disputes;
mod intents;
mod refunds;
mod shapes;

use std::{
    collections::{BTreeMap, HashMap},
    future::pending,
};

use actix_web::{HttpRequest, HttpResponse, web};
use agora::platform::{config::StripeSettings, http::Target};
use serde_json::{Value, json};

use self::{connect::Connect, customers::Customers, disputes::Disputed, intents::Made, refunds::Given};
use crate::harness::double::{self, Double, Kept};

pub const SECRET_KEY: &str = "sk_test_of_the_double_alone";
pub const PUBLISHABLE_KEY: &str = "pk_test_of_the_double_alone";
/// The one that signs now, and the one before.
pub const SIGNING: [&str; 2] = ["whsec_the_one_of_today", "whsec_the_one_before"];
/// The version that the market is written for.
const VERSION: &str = "2024-06-20";

/// What happens to the next request of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Nothing is done, and this is the status.
    Refuse(u16),
    /// It is done, and the answer is lost.
    Lose,
    /// Nothing is done, and nothing is answered.
    Hang,
    /// Nothing is done, and that is the answer under its key for a day.
    Break,
    /// Nothing is done, and it is said that it will not be.
    Deny,
    /// It is done, and somebody in between answers in other words.
    Garble,
}

type Form = HashMap<String, String>;

#[derive(Default)]
struct State {
    intents: BTreeMap<String, Made>,
    refunds: BTreeMap<String, Given>,
    disputes: BTreeMap<String, Disputed>,
    /// What was asked for under a key, and what was answered.
    keys: HashMap<String, (String, u16, Value)>,
    faults: HashMap<&'static str, Fault>,
    asked: HashMap<&'static str, u32>,
    /// What becomes of the next refunds.
    gives: Option<&'static str>,
    /// Whether what it keeps of payments is in no balance yet.
    is_unsettled: bool,
    /// What was asked for as it must never be.
    violations: Vec<String>,
    /// Accounts of shops, and what was sent there.
    connect: Connect,
    /// Customers, and what is attached to them.
    customers: Customers,
}

impl State {
    fn expect(&mut self, holds: bool, what: &str) {
        self.violations.extend((!holds).then(|| what.to_owned()));
    }
}

impl Kept for State {
    fn violations(&self) -> &[String] {
        &self.violations
    }
}

pub struct Stripe(Double<State>);

type Shared = double::Shared<State>;

impl Stripe {
    pub fn start() -> Self {
        Self(Double::start(|routes| {
            routes
                .configure(intents::routes)
                .configure(refunds::routes)
                .configure(disputes::routes)
                .configure(connect::routes)
                .configure(customers::routes);
        }))
    }

    /// How the market knows it.
    pub fn settings(&self) -> StripeSettings {
        StripeSettings {
            secret_key: SECRET_KEY.into(),
            publishable_key: PUBLISHABLE_KEY.into(),
            webhook_secrets: SIGNING.map(Into::into).into(),
            url: Target::of_operator(&self.0.url).unwrap(),
            is_live: false,
        }
    }

    /// Has the next request of a kind (`method`, `make`, `confirm`, `capture`, `cancel`, `look`, `charge`, `fee`, `refund`, `list`, `disputes`, `customer`, `detach`, `forget`) fail.
    pub fn fails(&self, kind: &'static str, fault: Fault) {
        self.0.state().faults.insert(kind, fault);
    }

    /// How many requests of a kind came.
    pub fn asked(&self, kind: &str) -> u32 {
        self.0.state().asked.get(kind).copied().unwrap_or_default()
    }

    /// Idempotency keys are kept for a day.
    pub fn a_day_passes(&self) {
        self.0.state().keys.clear();
    }

    /// What becomes of the refunds that are asked for from now on.
    pub fn gives_back(&self, status: &'static str) {
        self.0.state().gives = Some(status);
    }

    /// Whether what it keeps of payments is in no balance yet.
    pub fn settles_late(&self, is_unsettled: bool) {
        self.0.state().is_unsettled = is_unsettled;
    }

    /// How many payments have brought money.
    pub fn charges(&self) -> usize {
        self.0.state().intents.values().filter(|made| made.status == "succeeded").count()
    }

    /// The names of the payments, the oldest first.
    pub fn payments(&self) -> Vec<String> {
        self.0.state().intents.keys().cloned().collect()
    }

    /// The names of the refunds, the oldest first.
    pub fn refunds(&self) -> Vec<String> {
        self.0.state().refunds.keys().cloned().collect()
    }

    pub fn status(&self, payment: &str) -> &'static str {
        self.0.state().intents[payment].status
    }

    /// How much was taken of what was authorised.
    pub fn captured(&self, payment: &str) -> Option<i64> {
        self.0.state().intents[payment].captured
    }

    /// What a payment was made with.
    pub fn form(&self, payment: &str) -> Form {
        self.0.state().intents[payment].form.clone()
    }

    /// What a payment was confirmed with.
    pub fn confirmed(&self, payment: &str) -> Form {
        self.0.state().intents[payment].confirmed.clone()
    }

    /// The buyer, or their bank, has done something.
    pub fn becomes(&self, payment: &str, status: &'static str) {
        let mut state = self.0.state();
        let made = state.intents.get_mut(payment).unwrap();
        made.status = status;
        made.next_action = Value::Null;
        let kept = (status == "succeeded").then(|| made.form.clone());
        if status == "requires_payment_method" {
            made.error = json!({"type": "invalid_request_error", "code": "payment_intent_authentication_failure"});
        }
        if let Some(form) = kept {
            state.customers.keep(&form);
        }
    }

    /// Nothing is said any more of why a payment failed.
    pub fn forgets_why(&self, payment: &str) {
        self.0.state().intents.get_mut(payment).unwrap().error = Value::Null;
    }

    /// Somebody gives back some of a payment in the dashboard.
    pub fn given_by_hand(&self, payment: &str, amount: i64) {
        let form = [("payment_intent", payment.to_owned()), ("amount", amount.to_string())];
        let form = form.map(|(name, value)| (name.to_owned(), value)).into();
        let mut state = self.0.state();
        let id = format!("re_{}", state.refunds.len() + 1);
        state.refunds.insert(id, Given { form, status: "succeeded" });
    }

    pub fn refund_becomes(&self, refund: &str, status: &'static str) {
        self.0.state().refunds.get_mut(refund).unwrap().status = status;
    }

    /// A payment as Stripe tells of it.
    pub fn payment(&self, payment: &str) -> Value {
        intents::intent(&self.0.state(), payment)
    }

    /// A refund as Stripe tells of it.
    pub fn refund(&self, refund: &str) -> Value {
        refunds::refund(&self.0.state(), refund)
    }
}

/// What stands in a form as `metadata[…]`.
fn metadata(form: &Form) -> Value {
    let own = form.iter().filter_map(|(name, value)| Some((name.strip_prefix("metadata[")?.strip_suffix(']')?, value)));
    own.map(|(name, value)| (name.to_owned(), json!(value))).collect::<serde_json::Map<_, _>>().into()
}

/// When everything was made, as far as anybody is told.
const CREATED: i64 = 1_763_640_000;

/// An entry of the market's balance by which so much is kept.
fn entry(id: &str, kind: &str, amount: i64, fee: i64) -> Value {
    json!({
        "id": id, "object": "balance_transaction", "amount": amount, "available_on": CREATED, "created": CREATED, "currency": "gbp",
        "fee": fee, "fee_details": [{"amount": fee, "currency": "gbp", "type": "stripe_fee"}], "net": amount - fee, "status": "available",
        "type": kind,
    })
}

fn amount(form: &Form) -> i64 {
    form["amount"].parse().unwrap()
}

pub fn client_secret(id: &str) -> String {
    format!("{id}_secret_that_only_a_buyer_has")
}

fn error(kind: &str, code: &str) -> Value {
    json!({"error": {"type": kind, "code": code, "message": "A sentence that quotes 4242."}})
}

/// Does what is asked for, once under a key, unless it is to fail.
async fn serve(
    state: &Shared,
    kind: &'static str,
    http: &HttpRequest,
    form: &Form,
    act: impl FnOnce(&mut State) -> (u16, Value),
) -> HttpResponse {
    let header = |name: &str| http.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let is_ours = header("authorization") == format!("Bearer {SECRET_KEY}") && header("stripe-version") == VERSION;
    let key = http.headers().get("idempotency-key").map(|key| key.to_str().unwrap().to_owned());
    let (fault, answer) = {
        let mut state = state.lock().unwrap();
        state.expect(is_ours, "without the key, or in another version");
        let asked = web::Query::<Form>::from_query(http.query_string()).map(web::Query::into_inner).unwrap_or_default();
        let path = http.match_pattern().unwrap_or_default();
        state.violations.extend(shapes::of_request(http.method().as_str(), &path, asked.keys().chain(form.keys())));
        *state.asked.entry(kind).or_default() += 1;
        let fault = state.faults.remove(kind);
        let broken = |_: &mut State| (500_u16, error("api_error", "of_the_double"));
        let answer = match fault {
            None | Some(Fault::Lose | Fault::Garble) => Some(once(&mut state, key, http.path(), form, act)),
            Some(Fault::Break) => Some(once(&mut state, key, http.path(), form, broken)),
            Some(Fault::Deny) => Some((400, error("invalid_request_error", "of_the_double"))),
            Some(Fault::Refuse(status)) => Some((status, error("api_error", "of_the_double"))),
            Some(Fault::Hang) => None,
        };
        (fault, answer)
    };
    if let Some((status, answer)) = &answer {
        state.lock().unwrap().violations.extend(shapes::of_answer(*status, answer));
    }
    match (fault, answer) {
        (Some(Fault::Garble), _) => HttpResponse::NotFound().body("<html>Not Found</html>"),
        (Some(Fault::Lose), _) | (_, None) => pending().await,
        (_, Some((status, answer))) => HttpResponse::build(status.try_into().unwrap()).json(answer),
    }
}

fn once(
    state: &mut State,
    key: Option<String>,
    path: &str,
    form: &Form,
    act: impl FnOnce(&mut State) -> (u16, Value),
) -> (u16, Value) {
    let Some(key) = key else { return act(state) };
    let sorted: BTreeMap<_, _> = form.iter().collect();
    let asked = format!("{path} {sorted:?}");
    if let Some((before, status, answer)) = state.keys.get(&key) {
        let is_same = *before == asked;
        return if is_same {
            (*status, answer.clone())
        } else {
            (400, error("idempotency_error", "idempotency_key_reused"))
        };
    }
    let (status, answer) = act(state);
    state.keys.insert(key, (asked, status, answer.clone()));
    (status, answer)
}
