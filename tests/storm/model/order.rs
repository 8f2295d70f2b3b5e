//! One order, as its answers have it.

use std::collections::BTreeMap;

use super::{COMMISSION, Capture, Owner};
use crate::prices::{Price, share};

/// What one shop sends of an order.
#[derive(Debug, Clone, Default)]
pub struct Part {
    pub id: String,
    pub seller: usize,
    pub lines: Vec<Line>,
    /// What it costs to send it.
    pub postage: Price,
    /// The code that took money off it.
    pub code: Option<&'static str>,
    pub(super) refunded: i64,
    /// What fell away before it was paid.
    dropped: Price,
    pub(super) has_arrived: bool,
}

/// Pieces of a variant in an order.
#[derive(Debug, Clone, Default)]
pub struct Line {
    pub id: String,
    pub variant: usize,
    /// What is paid for all of it.
    pub price: Price,
    pub quantity: i64,
    pub(super) cancelled: i64,
    packed: i64,
    returned: i64,
    pub(super) restocked: i64,
}

impl Part {
    pub fn new(id: String, seller: usize, lines: Vec<Line>, postage: Price, code: Option<&'static str>) -> Self {
        Self { id, seller, lines, postage, code, ..Self::default() }
    }

    pub fn total(&self) -> i64 {
        self.lines.iter().map(|line| line.price.total).sum::<i64>() + self.postage.total
    }

    fn tax(&self) -> i64 {
        self.lines.iter().map(|line| line.price.tax).sum::<i64>() + self.postage.tax
    }

    /// What is to come in for it, or to stay.
    fn owed(&self) -> i64 {
        self.total() - self.dropped.total - self.refunded
    }

    /// What its shop is owed once it is paid: without the tax, of which as much stays as of the whole, and without the market's share of
    /// the rest.
    pub(super) fn brings(&self) -> i64 {
        let (kept, whole) = (self.owed(), self.total() - self.dropped.total);
        let net = kept - (self.tax() - self.dropped.tax) * kept / whole.max(1);
        net - share(net, COMMISSION)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.lines.iter().all(|line| line.cancelled == line.quantity)
    }

    /// The lines of which pieces are neither sent nor called off, if none of the part was sent: so many.
    pub fn open(&self) -> Vec<(String, i64)> {
        let left = |line: &Line| (line.id.clone(), line.quantity - line.cancelled);
        let is_whole = self.lines.iter().all(|line| line.packed == 0);
        self.lines.iter().filter(|_| is_whole).map(left).filter(|(_, left)| *left > 0).collect()
    }

    /// What falls on pieces of a line that are called off. With the last of them goes what it costs to send them, unless others come in
    /// their place.
    pub fn worth_of(&self, line: &str, pieces: i64, are_others_added: bool) -> Price {
        let more = |other: &Line| if other.id == line { pieces } else { 0 };
        if !are_others_added && self.lines.iter().all(|other| other.cancelled + more(other) == other.quantity) {
            return Price { total: self.owed(), tax: self.tax() - self.dropped.tax };
        }
        let found = self.lines.iter().find(|found| found.id == line).expect("a line of the part");
        let worth = found.worth(found.cancelled, found.cancelled + pieces);
        Price { total: worth.total.min(self.owed()), ..worth }
    }
}

impl Line {
    pub fn new(id: String, variant: usize, quantity: i64, price: Price) -> Self {
        Self { id, variant, price, quantity, ..Self::default() }
    }

    /// Pieces that are not on the shelf again.
    pub(super) fn left(&self) -> i64 {
        self.quantity - self.cancelled - self.restocked
    }

    /// What falls on the pieces from one to another, counted from the first: on all of them, all of it.
    fn worth(&self, from: i64, to: i64) -> Price {
        let between = |whole: i64| whole * to / self.quantity - whole * from / self.quantity;
        Price { total: between(self.price.total), tax: between(self.price.tax) }
    }
}

#[derive(Debug)]
pub(super) struct Order {
    capture: Capture,
    pub(super) owner: Owner,
    pub(super) parts: Vec<Part>,
    payments: BTreeMap<String, &'static str>,
    pub(super) is_paid: bool,
    pub(super) is_cancelled: bool,
    /// Whether its buyer's bank has what was paid.
    pub(super) is_lost: bool,
}

/// How an order has to stand. Amounts are in minor units.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    pub owner: Owner,
    pub lifecycle: String,
    pub total: i64,
    pub paid: i64,
    pub refunded: i64,
    pub cancelled: i64,
    pub owed: i64,
    /// Statuses of attempts to pay.
    pub payments: BTreeMap<String, String>,
    /// Of each line what was ordered, called off, packed, and sent back.
    pub lines: BTreeMap<String, [i64; 4]>,
}

/// What becomes of an attempt in the end, if money is taken at once.
fn outcome(method: &str) -> &'static str {
    match method {
        "test_declines" | "test_is_lost" => "FAILED",
        "test_requires_action" => WAITS,
        "test_is_unheard" => UNHEARD,
        _ => PAID,
    }
}

/// It has brought money.
pub const PAID: &str = "SUCCEEDED";

/// Its money is promised, and not taken.
pub const PROMISED: &str = "REQUIRES_CAPTURE";

/// Another one took its place.
pub const GIVEN_UP: &str = "CANCELLED";

/// One of these two.
pub const UNKNOWN: &str = "CANCELLED or SUCCEEDED";

const WAITS: &str = "REQUIRES_ACTION";

/// Waits as far as the market knows, and is paid at the provider's.
const UNHEARD: &str = "UNHEARD";

impl Standing {
    /// Whether an order stands as it has to.
    pub fn is_as(&self, wanted: &Self) -> bool {
        let is_one_of = |((id, found), (other, wanted)): ((&String, &String), (&String, &String))| {
            id == other && wanted.split(" or ").any(|status| status == found)
        };
        self.payments.len() == wanted.payments.len()
            && self.payments.iter().zip(&wanted.payments).all(is_one_of)
            && Self { payments: wanted.payments.clone(), ..self.clone() } == *wanted
    }
}

impl Order {
    pub(super) fn new(capture: Capture, owner: Owner, parts: Vec<Part>) -> Self {
        Self { capture, owner, parts, payments: BTreeMap::new(), is_paid: false, is_cancelled: false, is_lost: false }
    }

    pub(super) fn part(&mut self, id: &str) -> &mut Part {
        self.parts.iter_mut().find(|found| found.id == id).expect("a part of the order")
    }

    fn part_with(&mut self, line: &str) -> &mut Part {
        let has_it = |part: &&mut Part| part.lines.iter().any(|found| found.id == line);
        self.parts.iter_mut().find(has_it).expect("a line of the order")
    }

    /// A new attempt takes the place of one that waits for the buyer.
    pub(super) fn try_to_pay(&mut self, payment: &str, method: &str) {
        self.give_up();
        self.settle(payment, outcome(method));
    }

    pub(super) fn settle(&mut self, payment: &str, outcome: &'static str) {
        let is_promise = outcome == PAID && self.capture == Capture::AtShipment;
        let outcome = if is_promise { PROMISED } else { outcome };
        self.payments.insert(payment.to_owned(), outcome);
        self.is_paid |= outcome == PAID;
    }

    fn is_promised(&self) -> bool {
        self.payments.values().any(|status| *status == PROMISED)
    }

    /// What is promised is taken: as much as is owed by now.
    pub(super) fn take(&mut self) {
        self.is_paid |= self.is_promised();
        for status in self.payments.values_mut().filter(|status| **status == PROMISED) {
            *status = PAID;
        }
    }

    /// What waits for its buyer, and what is promised, is let go.
    fn give_up(&mut self) {
        for status in self.payments.values_mut() {
            match *status {
                // The provider is asked about what is unheard: what it took goes back, and what it promised is let go.
                UNHEARD if self.capture == Capture::AtPayment => *status = PAID,
                WAITS | PROMISED | UNHEARD => *status = GIVEN_UP,
                _ => {}
            }
        }
    }

    pub(super) fn call_off(&mut self) {
        self.give_up();
        self.is_cancelled = true;
        if self.is_paid {
            for part in &mut self.parts {
                part.refunded += part.owed();
            }
        }
    }

    /// Calls pieces of a line off.
    pub(super) fn drop_pieces(&mut self, line: &str, pieces: i64) {
        let part = self.part_with(line).id.clone();
        self.edit(&part, Some(&(line.to_owned(), pieces)), &[]);
    }

    /// Calls pieces of a line off, and adds other lines. What that makes of the money falls away, or goes back.
    pub(super) fn edit(&mut self, part: &str, removed: Option<&(String, i64)>, added: &[Line]) {
        let is_paid = self.is_paid;
        let part = self.part(part);
        if let Some((line, pieces)) = removed {
            let worth = part.worth_of(line, *pieces, !added.is_empty());
            part.lines.iter_mut().filter(|found| found.id == *line).for_each(|found| found.cancelled += pieces);
            if is_paid {
                part.refunded += worth.total;
            } else {
                part.dropped.total += worth.total;
                part.dropped.tax += worth.tax;
            }
        }
        part.lines.extend_from_slice(added);
        self.is_cancelled = self.parts.iter().all(Part::is_empty);
        // Of what is promised less is taken; nothing, if nothing is left.
        if !is_paid && (self.is_cancelled || !self.is_promised()) {
            self.give_up();
        }
    }

    /// Everything of a part leaves that was not called off, and with the first of them the money is taken.
    pub(super) fn send(&mut self, part: &str) {
        self.take();
        for line in &mut self.part(part).lines {
            line.packed = line.quantity - line.cancelled;
        }
    }

    /// Pieces of a line come back, which are counted from the last one on.
    pub(super) fn take_back(&mut self, line: &str, pieces: i64, restocked: i64) {
        let part = self.part_with(line);
        let owed = part.owed();
        let found = part.lines.iter_mut().find(|found| found.id == line).expect("a line of the part");
        found.returned += pieces;
        found.restocked += restocked;
        let left = found.quantity - found.returned;
        part.refunded += found.worth(left, left + pieces).total.min(owed);
    }

    pub(super) fn lines(&self) -> impl Iterator<Item = &Line> {
        self.parts.iter().flat_map(|part| &part.lines)
    }

    pub(super) fn standing(&self) -> Standing {
        let sum = |of: fn(&Part) -> i64| self.parts.iter().map(of).sum::<i64>();
        let (total, refunded) = (sum(Part::total), sum(|part| part.refunded));
        let dropped = sum(|part| part.dropped.total);
        let price = total - dropped;
        // Whether everything has arrived, or was called off.
        let is_over = self.parts.iter().all(|part| part.has_arrived || part.is_empty());
        let lifecycle = match (self.is_cancelled, is_over) {
            (true, _) => "CANCELLED",
            (false, true) => "COMPLETED",
            (false, false) => "OPEN",
        };
        Standing {
            owner: self.owner.clone(),
            lifecycle: lifecycle.to_owned(),
            total,
            paid: if self.is_paid { price - refunded } else { 0 },
            refunded,
            // All of what was called off before it was paid, whatever of it was before.
            cancelled: if self.is_cancelled && !self.is_paid { total } else { dropped },
            owed: if self.is_paid || self.is_cancelled { 0 } else { price },
            payments: self.payments.iter().map(|(id, status)| (id.clone(), (*status).to_owned())).collect(),
            lines: self
                .lines()
                .map(|line| (line.id.clone(), [line.quantity, line.cancelled, line.packed, line.returned]))
                .collect(),
        }
    }
}
