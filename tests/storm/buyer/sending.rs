//! What shops do about an order: call off, give back, send, and take back.

use std::{sync::Arc, time::Duration};

use rand::{Rng, seq::IndexedRandom};
use serde_json::json;
use tokio::time::sleep;

use super::{Buyer, Placed};
use crate::{
    floors::TAKEN,
    market::pounds,
    model::{Capture, Deed, PAID, Part},
    tally::Kind,
    wire::{Outcome, Unanswered},
};

/// How often, and how far apart, it is looked whether what was promised is taken.
const LOOKS: usize = 20;
const BETWEEN_LOOKS: Duration = Duration::from_millis(150);

impl Buyer {
    /// The shop calls some pieces of one line off.
    pub(super) async fn drop_pieces(&mut self, placed: &Placed) -> Result<(), Unanswered> {
        let part = placed.parts.choose(&mut self.rng).expect("an order has a part");
        let line = part.lines.choose(&mut self.rng).expect("a part has a line");
        let pieces = self.rng.random_range(1..=line.quantity);
        let input = json!({"orderPartId": part.id, "lines": [{"orderLineId": line.id, "quantity": pieces}], "reason": "Broken."});
        let token = self.seller_token(part.seller);
        let dropped = self.keyed(&token, "cancelOrderPart", input, "orderPart { id }").await?;
        if dropped.is_done() {
            self.note(Deed::Dropped { order: placed.id.clone(), line: line.id.clone(), pieces });
        }
        Ok(())
    }

    /// What becomes of an order that is paid.
    pub(super) async fn go_on(&mut self, placed: &mut Placed) -> Result<(), Unanswered> {
        match self.rng.random_range(0..100) {
            0..15 => self.call_off(placed).await,
            15..30 => self.drop_pieces(placed).await,
            30..42 => {
                // What is only promised does not go back.
                if self.storm.capture == Capture::AtShipment {
                    self.send_all(placed).await?;
                }
                self.give_back(placed).await
            }
            // Who has no account cannot.
            42..50 if placed.opener.is_none() => self.edit(placed, true).await,
            50..92 => self.send_all(placed).await,
            _ => Ok(()),
        }
    }

    async fn send_all(&mut self, placed: &Placed) -> Result<(), Unanswered> {
        for part in &placed.parts {
            self.send(placed, part).await?;
        }
        Ok(())
    }

    /// Whether the money of the order of now is taken, and not only promised: that is done soon after the first of it was sent. If it is not,
    /// because programs were killed, nothing more is done with the order.
    pub(super) async fn is_taken(&mut self, placed: &Placed) -> Result<bool, Unanswered> {
        if self.storm.capture == Capture::AtPayment {
            return Ok(true);
        }
        if !self.deeds.iter().any(|deed| matches!(deed, Deed::Sent { .. })) {
            return Ok(false);
        }
        let storm = Arc::clone(&self.storm);
        let (document, variables) = match &placed.opener {
            None => {
                let document = "query($id: ID!) { found: node(id: $id) { ... on Order { payments { status } } } }";
                (document, json!({"id": placed.id}))
            }
            Some(token) => (
                "query($token: String!) { found: order(token: $token) { payments { status } } }",
                json!({"token": token}),
            ),
        };
        for _ in 0..LOOKS {
            let seen = storm.until_answered(&mut self.rng, &placed.owner, document, variables.clone()).await?;
            let mut payments = seen.data["found"]["payments"].as_array().into_iter().flatten();
            if payments.any(|payment| payment["status"] == PAID) {
                storm.tally.count(Kind::Outcome, TAKEN);
                return Ok(true);
            }
            sleep(BETWEEN_LOOKS).await;
        }
        Ok(false)
    }

    /// The shop gives some of a part's money back, twice at times.
    async fn give_back(&mut self, placed: &Placed) -> Result<(), Unanswered> {
        if !self.is_taken(placed).await? {
            return Ok(());
        }
        let part = placed.parts.choose(&mut self.rng).expect("an order has a part");
        let mut left = part.total();
        while left > 0 && self.feels_like(70) {
            let amount = self.rng.random_range(1..=left);
            left -= amount;
            let input = json!({"orderPartId": part.id, "amount": pounds(amount), "reason": "Chipped."});
            let token = self.seller_token(part.seller);
            let given = self.keyed(&token, "refundOrderPart", input, "refunds { id }").await?;
            if given.is_done() {
                self.note(Deed::GaveBack { order: placed.id.clone(), part: part.id.clone(), amount });
            }
        }
        Ok(())
    }

    /// The shop sends a part, it arrives, and some of it comes back.
    async fn send(&mut self, placed: &Placed, part: &Part) -> Result<(), Unanswered> {
        let shop = self.seller_token(part.seller);
        let input = json!({"orderPartId": part.id, "isShipped": true, "carrier": "Post", "trackingNumber": "AB 1"});
        let sent = self.keyed(&shop, "createShipment", input, "shipment { id }").await?;
        // Everything may have been called off before it was paid.
        if !sent.is_done() {
            return Ok(());
        }
        let (order, id) = (placed.id.clone(), part.id.clone());
        self.note(Deed::Sent { order: order.clone(), part: id.clone() });
        let shipment = &sent.payload["shipment"]["id"];
        if self.feels_like(20) {
            return Ok(());
        }
        let has_account = placed.opener.is_none();
        let arrived = if has_account && self.feels_like(50) {
            self.plain(&placed.owner, "confirmDelivery", json!({"shipmentId": shipment}), "shipment { id }").await?
        } else {
            let input = json!({"shipmentId": shipment, "status": "DELIVERED"});
            self.plain(&shop, "updateShipment", input, "shipment { id }").await?
        };
        if !arrived.is_done() {
            self.storm.tally.complain(format!("{shipment} does not arrive: {arrived:?}"));
            return Ok(());
        }
        self.note(Deed::Arrived { order, part: id });
        if !self.is_taken(placed).await? {
            return Ok(());
        }
        match self.rng.random_range(0..100) {
            0..50 if has_account => self.send_back(placed, part).await,
            50..70 if has_account => self.claim(placed, part).await,
            _ => Ok(()),
        }
    }

    /// Something is wrong with what arrived: the buyer wants some money back, and the shop gives all of that, or less.
    async fn claim(&mut self, placed: &Placed, part: &Part) -> Result<(), Unanswered> {
        let (own, shop) = (&placed.owner, self.seller_token(part.seller));
        let wanted = self.rng.random_range(1..=part.total());
        let input =
            json!({"orderPartId": part.id, "kind": "NOT_AS_DESCRIBED", "amount": pounds(wanted), "message": "Broken."});
        let opened = self.keyed(own, "openClaim", input, "claim { id }").await?;
        // Less may be left of it than they want.
        if !opened.is_done() {
            return Ok(());
        }
        let id = &opened.payload["claim"]["id"];
        let given = self.rng.random_range(1..=wanted);
        let input = json!({"claimId": id, "amount": pounds(given), "message": "Sorry."});
        let answered = self.keyed(&shop, "answerClaim", input, "claim { id }").await?;
        if answered.is_done() {
            self.note(Deed::GaveBack { order: placed.id.clone(), part: part.id.clone(), amount: given });
        } else if !is_too_poor(&answered) {
            self.storm.tally.complain(format!("{id} is not answered: {answered:?}"));
        }
        if given < wanted || !answered.is_done() {
            self.plain(own, "withdrawClaim", json!({"claimId": id}), "claim { id }").await?;
        }
        Ok(())
    }

    /// Pieces of one line go back to the shop, some of them fit to be sold again.
    async fn send_back(&mut self, placed: &Placed, part: &Part) -> Result<(), Unanswered> {
        let (own, shop) = (&placed.owner, self.seller_token(part.seller));
        let line = part.lines.choose(&mut self.rng).expect("a part has a line");
        let pieces = self.rng.random_range(1..=line.quantity);
        let input = json!({"orderPartId": part.id, "lines": [{"orderLineId": line.id, "quantity": pieces}], "reason": "DAMAGED"});
        let asked = self.keyed(own, "requestReturn", input, "orderReturn { id }").await?;
        // Some of it may have been called off before.
        if !asked.is_done() {
            return Ok(());
        }
        let id = &asked.payload["orderReturn"]["id"];
        let input = json!({"returnId": id, "message": "To 1 High Street."});
        let approved = self.plain(&shop, "approveReturn", input, "orderReturn { id }").await?;
        let restocked = self.rng.random_range(0..=pieces);
        let lines = json!([{"orderLineId": line.id, "quantity": pieces, "quantityRestocked": restocked}]);
        let input = json!({"returnId": id, "lines": lines, "message": "It is here."});
        let mut came = self.keyed(&shop, "receiveReturn", input.clone(), "orderReturn { id }").await?;
        if is_too_poor(&came) {
            // What the shop has not got any more, the market gives back.
            let admin = self.storm.market.admin.clone();
            came = self.keyed(&admin, "receiveReturn", input, "orderReturn { id }").await?;
        }
        if approved.is_done() && came.is_done() {
            self.note(Deed::CameBack { order: placed.id.clone(), line: line.id.clone(), pieces, restocked });
        } else {
            self.storm.tally.complain(format!("{id} does not come back: {approved:?}, {came:?}"));
        }
        Ok(())
    }
}

/// Whether a shop cannot give back what it was paid out before.
fn is_too_poor(outcome: &Outcome) -> bool {
    outcome.refusal.as_deref() == Some("BALANCE_TOO_LOW")
}
