//! What people do: each buyer by a script of their own, made up as they go from the seed.

mod paying;
mod sending;

use std::sync::Arc;

use rand::{Rng, SeedableRng, rngs::StdRng, seq::IndexedRandom};
use serde_json::{Value, json};

use crate::{
    Storm,
    market::{OFF, OFTEN, RARE, SELLERS, decimal, minor},
    model::{Deed, Line, Part},
    wire::{Outcome, Request, Unanswered},
};

const CART: &str = "cart { id version lines { variantId quantity } }";
const ORDER: &str =
    "order { id total { amount } parts { id promotion lines { id quantity total { amount } variant { id } } } }";

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
}

/// An order that was answered.
struct Placed {
    id: String,
    parts: Vec<Part>,
}

impl Buyer {
    pub fn new(storm: Arc<Storm>, number: usize) -> Self {
        let seed = storm.seed.wrapping_mul(1_000_003).wrapping_add(number as u64 + 1);
        let rng = StdRng::seed_from_u64(seed);
        Self { storm, number, rng, keys: 0, answered: Vec::new(), cart: Vec::new() }
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

    fn note(&self, deed: Deed) {
        self.storm.deeds.lock().unwrap().push(deed);
    }

    fn key(&mut self) -> String {
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
        let placed = if self.feels_like(50) { self.order_lines().await? } else { self.order_cart().await? };
        let Some(placed) = placed else { return Ok(()) };
        self.look_at(&placed).await?;
        match self.rng.random_range(0..100) {
            0..10 => Ok(()),
            10..20 => self.call_off(&placed).await,
            20..30 => {
                self.drop_pieces(&placed).await?;
                self.pay_and_go_on(&placed).await
            }
            30..36 => self.pay_and_call_off_at_once(&placed).await,
            36..42 => self.pay_unheard(&placed).await,
            _ => self.pay_and_go_on(&placed).await,
        }
    }

    /// What was answered is there at once, whichever program is asked.
    async fn look_at(&mut self, placed: &Placed) -> Result<(), Unanswered> {
        let (storm, token) = (Arc::clone(&self.storm), self.own_token());
        let (document, variables) = ("query($id: ID!) { node(id: $id) { id } }", json!({"id": placed.id}));
        let seen = storm.until_answered(&mut self.rng, &token, document, variables).await?;
        if seen.data["node"]["id"] != placed.id.as_str() {
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

    fn placing(&self, goods: &[(usize, i64)], code: Option<&'static str>) -> Value {
        let mut by_seller = [0_i64; SELLERS];
        for &(goods, pieces) in goods {
            let goods = &self.storm.market.goods[goods];
            by_seller[goods.seller] += goods.price * pieces;
        }
        let off = |subtotal: i64| match code {
            // An eighth, halves up.
            Some(OFTEN) => (subtotal * 125 + 500) / 1_000,
            Some(_) => OFF.min(subtotal),
            None => 0,
        };
        let total = by_seller.iter().map(|&subtotal| subtotal - off(subtotal)).sum();
        json!({
            "shippingAddress": {"name": "Ada", "lines": ["1 Street"], "postalCode": "N1 9AG", "city": "London", "country": "GB"},
            "expectedTotal": {"amount": decimal(total), "currency": "GBP"},
            "code": code,
        })
    }

    fn some_code(&mut self) -> Option<&'static str> {
        match self.rng.random_range(0..100) {
            0..25 => Some(OFTEN),
            25..40 => Some(RARE),
            _ => None,
        }
    }

    async fn order_lines(&mut self) -> Result<Option<Placed>, Unanswered> {
        let goods = self.some_goods();
        let code = self.some_code();
        let mut input = self.placing(&goods, code);
        let variant = |goods: usize| &self.storm.market.goods[goods].variant;
        let lines = goods.iter().map(|&(goods, pieces)| json!({"variantId": variant(goods), "quantity": pieces}));
        input["lines"] = lines.collect();
        let placed = self.place(input, &goods).await?;
        if placed.is_none() && self.feels_like(30) {
            self.stock(&goods).await?;
        }
        Ok(placed)
    }

    /// Puts things into the cart, and orders what is in it. What cannot be had stays there, and the shops get more of it.
    async fn order_cart(&mut self) -> Result<Option<Placed>, Unanswered> {
        let token = self.own_token();
        let mut version = Value::Null;
        for (goods, pieces) in self.some_goods() {
            let input = json!({"variantId": self.storm.market.goods[goods].variant, "quantity": pieces});
            let added = self.keyed(&token, "addToCart", input, CART).await?;
            if !added.is_done() {
                continue;
            }
            match self.cart.iter_mut().find(|(found, _)| *found == goods) {
                Some((_, there)) => *there += pieces,
                None => self.cart.push((goods, pieces)),
            }
            version = added.payload["cart"]["version"].clone();
            self.compare_cart(&added.payload["cart"]);
        }
        if version.is_null() {
            return Ok(None);
        }
        let cart = self.cart.clone();
        let code = self.some_code();
        let mut input = self.placing(&cart, code);
        input["cart"] = json!({"expectedVersion": version});
        let placed = self.place(input, &cart).await?;
        if placed.is_some() {
            self.cart.clear();
        } else {
            self.stock(&cart).await?;
        }
        Ok(placed)
    }

    /// What was put into the cart is there, and no more.
    fn compare_cart(&self, told: &Value) {
        let goods = &self.storm.market.goods;
        let mut there: Vec<_> = told["lines"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|line| (line["variantId"].as_str().unwrap_or_default(), line["quantity"].as_i64().unwrap_or_default()))
            .collect();
        let mut put: Vec<_> =
            self.cart.iter().map(|(place, pieces)| (goods[*place].variant.as_str(), *pieces)).collect();
        there.sort_unstable();
        put.sort_unstable();
        if there != put {
            self.storm.tally.complain(format!("the cart of buyer {} holds {there:?}, not {put:?}", self.number));
        }
    }

    async fn place(&mut self, mut input: Value, goods: &[(usize, i64)]) -> Result<Option<Placed>, Unanswered> {
        let token = self.own_token();
        let mut placed = self.keyed(&token, "placeOrder", input.clone(), ORDER).await?;
        if matches!(placed.refusal.as_deref(), Some("CODE_NOT_APPLICABLE" | "PRICE_CHANGED")) {
            // None is left of it, at one of the shops at least.
            if input["code"] != RARE {
                self.storm.tally.complain(format!("{input} was refused: {placed:?}"));
            }
            let plain = self.placing(goods, None);
            input["code"] = Value::Null;
            input["expectedTotal"] = plain["expectedTotal"].clone();
            placed = self.keyed(&token, "placeOrder", input, ORDER).await?;
        }
        if !placed.is_done() {
            return Ok(None);
        }
        let order = &placed.payload["order"];
        let market = &self.storm.market;
        let line = |told: &Value| {
            let variant = market.goods_of(text(&told["variant"]["id"]));
            let quantity = told["quantity"].as_i64().unwrap_or_default();
            Line::new(text(&told["id"]).to_owned(), variant, minor(text(&told["total"]["amount"])), quantity)
        };
        let part = |told: &Value| {
            let lines: Vec<_> = told["lines"].as_array().into_iter().flatten().map(line).collect();
            let seller = lines.first().map_or(0, |line| market.goods[line.variant].seller);
            Part::new(text(&told["id"]).to_owned(), seller, lines, told["promotion"].is_string())
        };
        let parts: Vec<_> = order["parts"].as_array().into_iter().flatten().map(part).collect();
        let mut got: Vec<_> =
            parts.iter().flat_map(|part| &part.lines).map(|line| (line.variant, line.quantity)).collect();
        let mut wanted = goods.to_vec();
        got.sort_unstable();
        wanted.sort_unstable();
        let total: i64 = parts.iter().map(Part::total).sum();
        if got != wanted || total != minor(text(&order["total"]["amount"])) {
            self.storm.tally.complain(format!("an order of {wanted:?} became {order}"));
        }
        let id = text(&order["id"]).to_owned();
        self.note(Deed::Placed { order: id.clone(), buyer: self.number, parts: parts.clone() });
        Ok(Some(Placed { id, parts }))
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

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
