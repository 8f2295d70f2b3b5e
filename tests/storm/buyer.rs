//! What people do: each buyer by a script of their own, made up as they go from the seed.

mod carts;
mod editing;
mod guests;
mod paying;
mod sending;

use std::{sync::Arc, time::Instant};

use rand::{Rng, SeedableRng, rngs::StdRng, seq::IndexedRandom};
use serde_json::{Value, json};

use self::{guests::NOBODY, paying::Pages};
use crate::{
    Storm,
    market::{Market, OFTEN, RARE, minor, pounds},
    model::{Deed, Line, Noted, Owner, Part},
    prices::{Cost, Price, TAXED, UNTAXED, costs},
    wire::{Outcome, Request, Unanswered},
};

const ORDER: &str = "order { id total { amount } parts { id promotion lines { id kind quantity total { amount } \
                     tax { amount } variant { id } } } }";
const GUEST_ORDER: &str = "token order { id total { amount } parts { id promotion lines { id kind quantity \
                           total { amount } tax { amount } variant { id } } } }";

pub struct Buyer {
    storm: Arc<Storm>,
    number: usize,
    rng: StdRng,
    /// How many keys have been used.
    keys: u32,
    /// What was answered, to be sent again at any time.
    answered: Vec<(Request, Outcome)>,
    /// Pieces of goods that lie in the cart.
    cart: Vec<(usize, i64)>,
    /// What their attempts to pay have left open at the provider's.
    pages: Pages,
    /// What has become of the order of now.
    deeds: Vec<Deed>,
    /// Before the last operation was asked for that has a key.
    asked: Instant,
}

/// What somebody wants to order.
struct Wish {
    /// Which goods, and how many.
    goods: Vec<(usize, i64)>,
    code: Option<&'static str>,
    country: &'static str,
}

/// An order that was answered.
struct Placed {
    id: String,
    parts: Vec<Part>,
    country: &'static str,
    /// The access token of whose it is.
    owner: String,
    /// What opens it, as long as it is a guest's.
    opener: Option<String>,
}

impl Buyer {
    pub fn new(storm: Arc<Storm>, number: usize) -> Self {
        let seed = storm.seed.wrapping_mul(1_000_003).wrapping_add(number as u64 + 1);
        let rng = StdRng::seed_from_u64(seed);
        Self {
            storm,
            number,
            rng,
            keys: 0,
            answered: Vec::new(),
            cart: Vec::new(),
            pages: Pages::default(),
            deeds: Vec::new(),
            asked: Instant::now(),
        }
    }

    /// Trades until the storm is over.
    pub async fn live(mut self) {
        while self.storm.goes_on() {
            if self.trade().await.is_err() {
                return;
            }
        }
    }

    /// Whether to do what is done in so many of a hundred cases.
    fn feels_like(&mut self, percent: u32) -> bool {
        self.rng.random_ratio(percent, 100)
    }

    fn note(&mut self, deed: Deed) {
        self.deeds.push(deed.clone());
        let noted = Noted { asked: self.asked, answered: Instant::now(), deed };
        self.storm.deeds.lock().unwrap().push(noted);
    }

    /// A new one, for what is asked for now.
    fn key(&mut self) -> String {
        self.asked = Instant::now();
        self.keys += 1;
        format!("{}-{}", self.number, self.keys)
    }

    /// Has an operation done under a new key, and now and then an earlier one again.
    async fn keyed(
        &mut self,
        token: &str,
        field: &'static str,
        mut input: Value,
        selection: &'static str,
    ) -> Result<Outcome, Unanswered> {
        input["idempotencyKey"] = json!(self.key());
        let request = Request::new(token, field, input, selection);
        let storm = Arc::clone(&self.storm);
        let outcome = storm.ask(&mut self.rng, &request).await?;
        self.answered.push((request, outcome.clone()));
        if self.feels_like(8) {
            let (request, first) = self.answered.choose(&mut self.rng).expect("something was answered").clone();
            storm.ask_again(&mut self.rng, &request, &first).await?;
        }
        Ok(outcome)
    }

    /// Has an operation done that needs no key.
    async fn plain(
        &mut self,
        token: &str,
        field: &'static str,
        input: Value,
        selection: &'static str,
    ) -> Result<Outcome, Unanswered> {
        let request = Request::new(token, field, input, selection);
        let storm = Arc::clone(&self.storm);
        storm.ask(&mut self.rng, &request).await
    }

    fn own_token(&self) -> String {
        self.storm.market.buyers[self.number].clone()
    }

    fn seller_token(&self, seller: usize) -> String {
        self.storm.market.sellers[seller].clone()
    }

    /// One order, from the choice of goods to whatever becomes of it.
    async fn trade(&mut self) -> Result<(), Unanswered> {
        self.tell_late().await?;
        self.deeds.clear();
        let placed = match self.rng.random_range(0..100) {
            0..15 => self.order_as_guest().await?,
            15..55 => self.order_lines().await?,
            _ => self.order_cart().await?,
        };
        let Some(mut placed) = placed else { return Ok(()) };
        self.look_at(&placed).await?;
        if placed.opener.is_some() && self.feels_like(30) {
            self.claim_order(&mut placed).await?;
        }
        // Who has no account cannot.
        if placed.opener.is_none() && self.feels_like(20) {
            self.edit(&mut placed, false).await?;
        }
        if placed.parts.iter().all(|part| part.open().is_empty()) {
            return Ok(());
        }
        match self.rng.random_range(0..100) {
            0..10 => {}
            10..20 => self.call_off(&placed).await?,
            20..30 => {
                self.drop_pieces(&placed).await?;
                self.pay_and_go_on(&mut placed).await?;
            }
            30..36 => self.pay_and_call_off_at_once(&placed).await?,
            36..42 => self.pay_unheard(&mut placed).await?,
            42..52 => self.pay_in_disorder(&mut placed).await?,
            _ => self.pay_and_go_on(&mut placed).await?,
        }
        if placed.opener.is_some() && self.feels_like(30) {
            self.claim_order(&mut placed).await?;
        }
        Ok(())
    }

    /// What was answered is there at once, whichever program is asked.
    async fn look_at(&mut self, placed: &Placed) -> Result<(), Unanswered> {
        let storm = Arc::clone(&self.storm);
        let (document, variables) = match &placed.opener {
            None => ("query($id: ID!) { found: node(id: $id) { id } }", json!({"id": placed.id})),
            Some(token) => ("query($token: String!) { found: order(token: $token) { id } }", json!({"token": token})),
        };
        let seen = storm.until_answered(&mut self.rng, &placed.owner, document, variables).await?;
        if seen.data["found"]["id"] != placed.id.as_str() {
            storm.tally.complain(format!("{} was answered and is not there: {seen:?}", placed.id));
        }
        Ok(())
    }

    fn some_goods(&mut self) -> Vec<(usize, i64)> {
        let goods: Vec<usize> = (0..self.storm.market.goods.len()).collect();
        let count = self.rng.random_range(1..=3);
        let chosen: Vec<usize> = goods.choose_multiple(&mut self.rng, count).copied().collect();
        chosen.into_iter().map(|goods| (goods, self.rng.random_range(1..=3))).collect()
    }

    /// What these things are to cost, and where they go.
    fn placing(&self, wish: &Wish, code: Option<&str>, source: &Value) -> Value {
        let costs = costs(&self.storm.market.goods, &wish.goods, code, wish.country);
        let mut input = source.clone();
        input["shippingAddress"] =
            json!({"name": "Ada", "lines": ["1 Street"], "city": "London", "country": wish.country});
        if wish.country == TAXED {
            input["shippingAddress"]["postalCode"] = json!("N1 9AG");
        }
        input["expectedTotal"] = pounds(costs.iter().map(Cost::total).sum());
        input["code"] = json!(code);
        input
    }

    fn some_country(&mut self) -> &'static str {
        if self.feels_like(70) { TAXED } else { UNTAXED }
    }

    fn some_code(&mut self) -> Option<&'static str> {
        match self.rng.random_range(0..100) {
            0..25 => Some(OFTEN),
            25..40 => Some(RARE),
            _ => None,
        }
    }

    fn lines_of(&self, goods: &[(usize, i64)]) -> Vec<Value> {
        let variant = |goods: usize| &self.storm.market.goods[goods].variant;
        goods.iter().map(|&(goods, pieces)| json!({"variantId": variant(goods), "quantity": pieces})).collect()
    }

    async fn order_lines(&mut self) -> Result<Option<Placed>, Unanswered> {
        let wish = Wish { goods: self.some_goods(), code: self.some_code(), country: self.some_country() };
        let source = json!({"lines": self.lines_of(&wish.goods)});
        let placed = self.place(&wish, &source).await?;
        if placed.is_none() && self.feels_like(30) {
            self.stock(&wish.goods).await?;
        }
        Ok(placed)
    }

    /// Orders what is named, or lies in the cart: without an account, if only a mail address is known.
    async fn place(&mut self, wish: &Wish, source: &Value) -> Result<Option<Placed>, Unanswered> {
        let is_guest = source["email"].is_string();
        let (owner, field, selection) = if is_guest {
            (NOBODY.to_owned(), "placeGuestOrder", GUEST_ORDER)
        } else {
            (self.own_token(), "placeOrder", ORDER)
        };
        let mut code = wish.code;
        let input = self.placing(wish, code, source);
        let mut placed = self.keyed(&owner, field, input, selection).await?;
        if matches!(placed.refusal.as_deref(), Some("CODE_NOT_APPLICABLE" | "PRICE_CHANGED")) {
            // None is left of it, at one of the shops at least.
            if code != Some(RARE) {
                self.storm.tally.complain(format!("{:?} with {code:?} was refused: {placed:?}", wish.goods));
            }
            code = None;
            let input = self.placing(wish, code, source);
            placed = self.keyed(&owner, field, input, selection).await?;
        }
        if !placed.is_done() {
            return Ok(None);
        }
        let (order, market) = (&placed.payload["order"], &self.storm.market);
        let costs = costs(&market.goods, &wish.goods, code, wish.country);
        let told = order["parts"].as_array().into_iter().flatten();
        let parts: Vec<_> = told.filter_map(|told| agreed(market, told, &costs, code)).collect();
        let total: i64 = costs.iter().map(Cost::total).sum();
        if parts.len() != costs.len() || total != minor(text(&order["total"]["amount"])) {
            self.storm.tally.complain(format!("{:?} with {code:?} to {} became {order}", wish.goods, wish.country));
        }
        let id = text(&order["id"]).to_owned();
        let opener = placed.payload["token"].as_str().map(str::to_owned);
        let noted = opener.clone().map_or(Owner::Buyer(self.number), Owner::Guest);
        self.note(Deed::Placed { order: id.clone(), owner: noted, parts: parts.clone() });
        Ok(Some(Placed { id, parts, country: wish.country, owner, opener }))
    }

    /// The shops receive more of some goods.
    async fn stock(&mut self, goods: &[(usize, i64)]) -> Result<(), Unanswered> {
        for &(variant, pieces) in goods {
            let goods = &self.storm.market.goods[variant];
            let (token, input) =
                (self.seller_token(goods.seller), json!({"variantId": goods.variant, "change": {"by": 2 * pieces}}));
            let stocked = self.keyed(&token, "adjustStock", input, "stockLevel { onHand }").await?;
            if stocked.is_done() {
                self.note(Deed::Stocked { variant, pieces: 2 * pieces });
            }
        }
        Ok(())
    }
}

/// A part as it was answered; none if it is not what it has to be.
fn agreed(market: &Market, told: &Value, costs: &[Cost], code: Option<&'static str>) -> Option<Part> {
    let (goods, charges): (Vec<&Value>, Vec<&Value>) =
        told["lines"].as_array()?.iter().partition(|line| line["kind"] == "GOODS");
    let seller = market.goods[market.goods_of(text(&goods.first()?["variant"]["id"]))].seller;
    let cost = costs.iter().find(|cost| cost.seller == seller)?;
    let line = |&(variant, pieces, price): &(usize, i64, Price)| {
        let told = goods.iter().find(|told| told["variant"]["id"] == market.goods[variant].variant.as_str())?;
        let is_agreed = told["quantity"] == pieces && price_of(told) == price;
        is_agreed.then(|| Line::new(text(&told["id"]).to_owned(), variant, pieces, price))
    };
    let lines: Vec<Line> = cost.lines.iter().map(line).collect::<Option<_>>()?;
    let postage = charges.first().map(|charge| price_of(charge)).unwrap_or_default();
    let is_agreed = lines.len() == goods.len()
        && charges.len() <= 1
        && postage == cost.postage
        && told["promotion"].is_string() == code.is_some();
    is_agreed.then(|| Part::new(text(&told["id"]).to_owned(), seller, lines, postage, code))
}

/// What a line costs, as it was answered.
fn price_of(line: &Value) -> Price {
    Price { total: minor(text(&line["total"]["amount"])), tax: minor(text(&line["tax"]["amount"])) }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
