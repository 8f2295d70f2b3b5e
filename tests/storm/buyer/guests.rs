//! How people order without an account, and who says that it is theirs.

use std::sync::Arc;

use rand::{SeedableRng, rngs::StdRng};
use serde_json::json;

use super::{Buyer, Placed, Wish};
use crate::{
    market::OFTEN,
    model::Deed,
    tally::Kind,
    wire::{Request, Unanswered},
};

/// The access token of who has no account.
pub(super) const NOBODY: &str = "";

impl Buyer {
    /// Orders what lies in a new cart. Should the answer that tells of the cart get lost, it is another one, and nobody ever has the first.
    pub(super) async fn order_as_guest(&mut self) -> Result<Option<Placed>, Unanswered> {
        // Of guests nobody knows how often they have used what each person may use so often.
        let code = self.some_code().filter(|code| *code == OFTEN);
        let wish = Wish { goods: self.some_goods(), code, country: self.some_country() };
        let input = json!({"currency": "GBP", "lines": self.lines_of(&wish.goods)});
        let opened = self.plain(NOBODY, "createCart", input, "cart { id token version }").await?;
        if !opened.is_done() {
            return Ok(None);
        }
        let cart = &opened.payload["cart"];
        let email = format!("guest-{}@example.com", self.key());
        let cart = json!({"token": cart["token"], "expectedVersion": cart["version"]});
        let placed = self.place(&wish, &json!({"cart": cart, "email": email})).await?;
        if placed.is_none() && self.feels_like(30) {
            self.stock(&wish.goods).await?;
        }
        Ok(placed)
    }

    fn claiming(&mut self, number: usize, placed: &Placed) -> Request {
        let input = json!({"token": placed.opener, "idempotencyKey": self.key()});
        Request::new(&self.storm.market.buyers[number], "claimOrder", input, "order { id }")
    }

    /// Makes what was ordered without an account somebody's own. At times two want it at once who both have its token, and one of them has it.
    pub(super) async fn claim_order(&mut self, placed: &mut Placed) -> Result<(), Unanswered> {
        let (storm, own) = (Arc::clone(&self.storm), self.number);
        let other = (own + 1) % storm.market.buyers.len();
        let mine = self.claiming(own, placed);
        let owner = if other != own && self.feels_like(30) {
            let theirs = self.claiming(other, placed);
            let mut rng = StdRng::from_rng(&mut self.rng);
            let (one, two) = tokio::join!(storm.ask(&mut self.rng, &mine), storm.ask(&mut rng, &theirs));
            storm.tally.count(Kind::Repeat, "claimed by two");
            match (one?.is_done(), two?.is_done()) {
                (true, false) => Some(own),
                (false, true) => Some(other),
                _ => None,
            }
        } else {
            storm.ask(&mut self.rng, &mine).await?.is_done().then_some(own)
        };
        let Some(owner) = owner else {
            storm.tally.complain(format!("{} was claimed by nobody, or by two", placed.id));
            return Ok(());
        };
        placed.owner.clone_from(&storm.market.buyers[owner]);
        placed.opener = None;
        // What was done by its token is answered without the order from now on.
        self.answered.retain(|(request, _)| request.token != NOBODY);
        self.note(Deed::Claimed { order: placed.id.clone(), buyer: owner });
        Ok(())
    }
}
