//! What people put into their carts, before they sign in and after, and have held for them while they make up their minds.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{Buyer, Placed, Wish, guests::NOBODY};
use crate::wire::Unanswered;

const CART: &str = "cart { id version lines { variantId quantity } }";

impl Buyer {
    /// Puts things into the cart, has them held at times, and orders what is in it. What cannot be had stays there, and the shops get more
    /// of it.
    pub(super) async fn order_cart(&mut self) -> Result<Option<Placed>, Unanswered> {
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
        if self.feels_like(25)
            && let Some(merged) = self.merge_cart().await?
        {
            version = merged;
        }
        if version.is_null() {
            return Ok(None);
        }
        let is_held = self.feels_like(40);
        if is_held {
            let Some(held) = self.hold_cart(&version).await? else {
                let goods = self.cart.clone();
                self.stock(&goods).await?;
                return Ok(None);
            };
            version = held;
        }
        let wish = Wish { goods: self.cart.clone(), code: self.some_code(), country: self.some_country() };
        let placed = self.place(&wish, &json!({"cart": {"expectedVersion": version}})).await?;
        if placed.is_some() {
            self.cart.clear();
            return Ok(placed);
        }
        if is_held {
            self.storm
                .tally
                .complain(format!("what buyer {} has held cannot be ordered: {:?}", self.number, wish.goods));
        }
        self.stock(&wish.goods).await?;
        Ok(None)
    }

    /// Fills a cart before signing in: of what is in both then, the larger quantity counts. Returns the version of the one cart that there is.
    async fn merge_cart(&mut self) -> Result<Option<Value>, Unanswered> {
        let filled = self.some_goods();
        let input = json!({"currency": "GBP", "lines": self.lines_of(&filled)});
        let opened = self.plain(NOBODY, "createCart", input, "cart { id token }").await?;
        if !opened.is_done() {
            return Ok(None);
        }
        let (own, input) = (self.own_token(), json!({"token": opened.payload["cart"]["token"]}));
        let merged = self.plain(&own, "mergeCart", input, CART).await?;
        if !merged.is_done() {
            return Ok(None);
        }
        for (goods, pieces) in filled {
            match self.cart.iter_mut().find(|(found, _)| *found == goods) {
                Some((_, there)) => *there = pieces.max(*there),
                None => self.cart.push((goods, pieces)),
            }
        }
        self.compare_cart(&merged.payload["cart"]);
        Ok(Some(merged.payload["cart"]["version"].clone()))
    }

    /// Has all that is in the cart held, so that nobody else can order it. Returns the version of the cart then; none if something is short.
    async fn hold_cart(&mut self, version: &Value) -> Result<Option<Value>, Unanswered> {
        let own = self.own_token();
        let held = self.plain(&own, "reserveCart", json!({"expectedVersion": version}), CART).await?;
        if held.is_done() {
            self.compare_cart(&held.payload["cart"]);
            return Ok(Some(held.payload["cart"]["version"].clone()));
        }
        if held.refusal.as_deref() != Some("STALE_VERSION") {
            return Ok(None);
        }
        // It was held when it was asked for before, of which no answer came: nobody else changes this cart.
        let storm = Arc::clone(&self.storm);
        let document = "{ viewer { cart { version } } }";
        let seen = storm.until_answered(&mut self.rng, &own, document, json!({})).await?;
        let now = seen.data["viewer"]["cart"]["version"].clone();
        if now.as_i64() <= version.as_i64() {
            storm.tally.complain(format!("the cart of buyer {} is at {now}, and {version} is stale", self.number));
        }
        Ok(Some(now))
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
}
