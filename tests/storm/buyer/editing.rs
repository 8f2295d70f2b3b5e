//! How buyers change what they have ordered, before anything of it is packed.

use std::sync::Arc;

use rand::{Rng, seq::IndexedRandom};
use serde_json::{Value, json};

use super::{Buyer, Placed, price_of, text};
use crate::{
    market::pounds,
    model::{Deed, Line, Model, Part},
    prices::Price,
    wire::Unanswered,
};

const EDITED: &str = "orderPart { id lines { id kind quantity total { amount } tax { amount } variant { id } } }";

/// Goods that are added, how many, and what is paid for them.
type Added = (usize, i64, Price);

impl Buyer {
    /// The parts of the order of now, if all that was answered is true.
    fn parts_now(&self, order: &str) -> Vec<Part> {
        Model::replay(self.storm.capture, vec![0; self.storm.market.goods.len()], &self.deeds).parts_of(order)
    }

    /// Wants more of something, or less, or something else. To what is paid nothing is added.
    pub(super) async fn edit(&mut self, placed: &mut Placed, is_paid: bool) -> Result<(), Unanswered> {
        let parts = self.parts_now(&placed.id);
        let open: Vec<&Part> = parts.iter().filter(|part| !part.open().is_empty()).collect();
        let Some(&part) = open.choose(&mut self.rng) else { return Ok(()) };
        let added =
            if !is_paid && self.feels_like(60) { Some(self.some_more(part.seller, placed.country)) } else { None };
        let removed = if added.is_none() || self.feels_like(50) { self.some_less(part) } else { None };
        let worth = removed.as_ref().map_or(0, |(line, pieces)| part.worth_of(line, *pieces, added.is_some()).total);
        let dearer = added.map_or(0, |(_, _, price)| price.total);
        let (storm, token) = (Arc::clone(&self.storm), placed.owner.clone());
        let more =
            |(goods, pieces, _): Added| json!({"variantId": storm.market.goods[goods].variant, "quantity": pieces});
        let less = |(line, pieces): &(String, i64)| json!({"orderLineId": line, "quantity": pieces});
        let document = "query($id: ID!) { node(id: $id) { ... on Order { version } } }";
        let seen = storm.until_answered(&mut self.rng, &token, document, json!({"id": placed.id})).await?;
        let input = json!({
            "orderPartId": part.id,
            "expectedVersion": seen.data["node"]["version"],
            "add": added.map(more).into_iter().collect::<Vec<_>>(),
            "remove": removed.iter().map(less).collect::<Vec<_>>(),
            "expectedDifference": pounds(dearer - worth),
        });
        let edited = self.keyed(&token, "editOrderPart", input, EDITED).await?;
        if !edited.is_done() {
            return Ok(());
        }
        if !is_paid {
            // An attempt to pay was about what was owed before.
            self.leave_page();
        }
        let told = &edited.payload["orderPart"]["lines"];
        let Some(added) = self.new_lines(told, part, added) else {
            storm.tally.complain(format!("{} with {added:?} added became {told}", part.id));
            return Ok(());
        };
        self.note(Deed::Edited { order: placed.id.clone(), part: part.id.clone(), removed, added });
        placed.parts = self.parts_now(&placed.id);
        Ok(())
    }

    fn some_more(&mut self, seller: usize, country: &str) -> Added {
        let goods = &self.storm.market.goods;
        let own: Vec<usize> = (0..goods.len()).filter(|&place| goods[place].seller == seller).collect();
        let chosen = own.choose(&mut self.rng).copied().expect("each shop sells something");
        let pieces = self.rng.random_range(1..=3);
        (chosen, pieces, Price::of(goods[chosen].price * pieces, country))
    }

    /// Pieces of a line of which some are left.
    fn some_less(&mut self, part: &Part) -> Option<(String, i64)> {
        let (line, left) = part.open().choose(&mut self.rng).cloned()?;
        Some((line, self.rng.random_range(1..=left)))
    }

    /// The lines of a part that were not there before; none if they are not what was added.
    fn new_lines(&self, told: &Value, before: &Part, added: Option<Added>) -> Option<Vec<Line>> {
        let is_new =
            |line: &&Value| line["kind"] == "GOODS" && before.lines.iter().all(|known| line["id"] != known.id.as_str());
        let mut lines = told.as_array()?.iter().filter(is_new);
        let found = match (lines.next(), added) {
            (None, None) => Vec::new(),
            (Some(line), Some((goods, pieces, price))) => {
                let is_it = line["variant"]["id"] == self.storm.market.goods[goods].variant.as_str()
                    && line["quantity"] == pieces
                    && price_of(line) == price;
                vec![is_it.then(|| Line::new(text(&line["id"]).to_owned(), goods, pieces, price))?]
            }
            _ => return None,
        };
        lines.next().is_none().then_some(found)
    }
}
