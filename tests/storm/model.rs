//! What the market has to look like after everything that it answered: pure, in memory, and by no word of the program's own.

use std::collections::BTreeMap;

/// Something that the market has said it did.
#[derive(Debug, Clone)]
pub enum Deed {
    /// A shop received pieces of a variant.
    Stocked {
        variant: usize,
        pieces: i64,
    },
    Placed {
        order: String,
        buyer: usize,
        parts: Vec<Part>,
    },
    /// An attempt to pay.
    Tried {
        order: String,
        payment: String,
        method: &'static str,
    },
    /// The buyer did what an attempt waited for.
    Approved {
        order: String,
        payment: String,
    },
    CalledOff {
        order: String,
    },
    /// The shop cannot send some pieces of a line.
    Dropped {
        order: String,
        line: String,
        pieces: i64,
    },
    /// The shop gave some of a part's money back.
    GaveBack {
        order: String,
        part: String,
        amount: i64,
    },
    /// Everything of a part that was neither sent nor called off.
    Sent {
        order: String,
        part: String,
    },
    Arrived {
        order: String,
        part: String,
    },
    /// Pieces came back; what they cost went back to the buyer.
    CameBack {
        order: String,
        line: String,
        pieces: i64,
        restocked: i64,
    },
}

/// What one shop sends of an order.
#[derive(Debug, Clone, Default)]
pub struct Part {
    pub id: String,
    pub seller: usize,
    pub lines: Vec<Line>,
    /// Whether something took money off it.
    pub has_promotion: bool,
    refunded: i64,
    dropped: i64,
    has_arrived: bool,
}

/// Pieces of a variant in an order.
#[derive(Debug, Clone, Default)]
pub struct Line {
    pub id: String,
    pub variant: usize,
    /// What is paid for all of it.
    pub total: i64,
    pub quantity: i64,
    cancelled: i64,
    packed: i64,
    returned: i64,
    restocked: i64,
}

impl Part {
    pub fn new(id: String, seller: usize, lines: Vec<Line>, has_promotion: bool) -> Self {
        Self { id, seller, lines, has_promotion, ..Self::default() }
    }

    pub fn total(&self) -> i64 {
        self.lines.iter().map(|line| line.total).sum()
    }

    /// What is to come in for it, or to stay.
    fn owed(&self) -> i64 {
        self.total() - self.dropped - self.refunded
    }
}

impl Line {
    pub fn new(id: String, variant: usize, total: i64, quantity: i64) -> Self {
        Self { id, variant, total, quantity, ..Self::default() }
    }

    /// What falls on the pieces from one to another, counted from the first: on all of them, all of it.
    fn worth(&self, from: i64, to: i64) -> i64 {
        self.total * to / self.quantity - self.total * from / self.quantity
    }
}

#[derive(Debug)]
struct Order {
    buyer: usize,
    parts: Vec<Part>,
    payments: BTreeMap<String, &'static str>,
    is_paid: bool,
    is_cancelled: bool,
}

/// How an order has to stand. Amounts are in minor units.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    pub buyer: usize,
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

/// The market, as its answers have it.
#[derive(Debug)]
pub struct Model {
    orders: BTreeMap<String, Order>,
    /// Pieces that are left of each variant.
    pub stock: Vec<i64>,
}

/// What becomes of an attempt in the end.
fn outcome(method: &str) -> &'static str {
    match method {
        "test_declines" | "test_is_lost" => "FAILED",
        "test_requires_action" => WAITS,
        "test_is_unheard" => UNHEARD,
        _ => "SUCCEEDED",
    }
}

/// The market's share, in thousandths: one that does not come out even, and is rounded half up.
pub const COMMISSION: i64 = 125;

const WAITS: &str = "REQUIRES_ACTION";

/// Waits as far as the market knows, and is paid at the provider's.
const UNHEARD: &str = "UNHEARD";

impl Model {
    /// The market after some deeds; those of one order are in the order in which they were done.
    pub fn replay(stock: Vec<i64>, deeds: &[Deed]) -> Self {
        let mut model = Self { orders: BTreeMap::new(), stock };
        for deed in deeds {
            model.apply(deed);
        }
        for order in model.orders.values() {
            for line in order.parts.iter().flat_map(|part| &part.lines) {
                let gone = if order.is_cancelled { 0 } else { line.quantity - line.cancelled - line.restocked };
                model.stock[line.variant] -= gone;
            }
        }
        model
    }

    fn apply(&mut self, deed: &Deed) {
        match deed {
            Deed::Stocked { variant, pieces } => self.stock[*variant] += pieces,
            Deed::Placed { order, buyer, parts } => {
                let placed = Order {
                    buyer: *buyer,
                    parts: parts.clone(),
                    payments: BTreeMap::new(),
                    is_paid: false,
                    is_cancelled: false,
                };
                assert!(self.orders.insert(order.clone(), placed).is_none(), "{order} was placed twice");
            }
            Deed::Tried { order, payment, method } => {
                self.order(order).try_to_pay(payment, outcome(method));
            }
            Deed::Approved { order, payment } => {
                let order = self.order(order);
                order.payments.insert(payment.clone(), "SUCCEEDED");
                order.is_paid = true;
            }
            Deed::CalledOff { order } => self.order(order).call_off(),
            Deed::Dropped { order, line, pieces } => self.order(order).drop_pieces(line, *pieces),
            Deed::GaveBack { order, part, amount } => self.part(order, part).refunded += amount,
            Deed::Sent { order, part } => {
                for line in &mut self.part(order, part).lines {
                    line.packed = line.quantity - line.cancelled;
                }
            }
            Deed::Arrived { order, part } => self.part(order, part).has_arrived = true,
            Deed::CameBack { order, line, pieces, restocked } => {
                let (part, line) = self.order(order).line(line);
                part.lines[line].returned += pieces;
                part.lines[line].restocked += restocked;
                // What comes back is counted from the last piece on.
                let left = part.lines[line].quantity - part.lines[line].returned;
                part.refunded += part.lines[line].worth(left, left + pieces).min(part.owed());
            }
        }
    }

    fn order(&mut self, id: &str) -> &mut Order {
        self.orders.get_mut(id).expect("an order that was placed")
    }

    fn part(&mut self, order: &str, part: &str) -> &mut Part {
        self.order(order).parts.iter_mut().find(|found| found.id == part).expect("a part of the order")
    }

    /// What the market owes each of so many shops: what their buyers have paid and not got back, less the market's share of it.
    pub fn balances(&self, sellers: usize) -> Vec<i64> {
        let mut balances = vec![0; sellers];
        for part in self.orders.values().filter(|order| order.is_paid).flat_map(|order| &order.parts) {
            let share = (part.owed() * COMMISSION + 500) / 1_000;
            balances[part.seller] += part.owed() - share;
        }
        balances
    }

    /// How many parts of orders that were not called off have something taken off.
    pub fn promotions(&self) -> i64 {
        let parts = self.orders.values().filter(|order| !order.is_cancelled).flat_map(|order| &order.parts);
        i64::try_from(parts.filter(|part| part.has_promotion).count()).unwrap()
    }

    /// How each order has to stand once nothing is under way any more.
    pub fn standings(&self) -> BTreeMap<String, Standing> {
        self.orders.iter().map(|(id, order)| (id.clone(), order.standing())).collect()
    }
}

impl Order {
    fn line(&mut self, id: &str) -> (&mut Part, usize) {
        let found = self.parts.iter_mut().find_map(|part| {
            let place = part.lines.iter().position(|line| line.id == id)?;
            Some((part, place))
        });
        found.expect("a line of the order")
    }

    /// A new attempt takes the place of one that waits for the buyer.
    fn try_to_pay(&mut self, payment: &str, outcome: &'static str) {
        self.give_up();
        self.payments.insert(payment.to_owned(), outcome);
        self.is_paid |= outcome == "SUCCEEDED";
    }

    fn give_up(&mut self) {
        for status in self.payments.values_mut() {
            match *status {
                WAITS => *status = "CANCELLED",
                // The provider is asked about it, and what it took goes back.
                UNHEARD => *status = "SUCCEEDED",
                _ => {}
            }
        }
    }

    fn call_off(&mut self) {
        self.give_up();
        self.is_cancelled = true;
        if self.is_paid {
            for part in &mut self.parts {
                part.refunded += part.owed();
            }
        }
    }

    fn drop_pieces(&mut self, line: &str, pieces: i64) {
        let is_paid = self.is_paid;
        let (part, place) = self.line(line);
        let gone = part.lines[place].cancelled;
        part.lines[place].cancelled += pieces;
        let is_empty = part.lines.iter().all(|line| line.cancelled == line.quantity);
        let worth = part.lines[place].worth(gone, gone + pieces).min(part.owed());
        let worth = if is_empty { part.owed() } else { worth };
        if is_paid {
            part.refunded += worth;
        } else {
            part.dropped += worth;
            self.give_up();
        }
        let is_empty = self.lines().all(|line| line.cancelled == line.quantity);
        self.is_cancelled = is_empty;
    }

    fn lines(&self) -> impl Iterator<Item = &Line> {
        self.parts.iter().flat_map(|part| &part.lines)
    }

    /// Whether everything has arrived, or was called off.
    fn is_over(&self) -> bool {
        let is_over = |part: &Part| part.has_arrived || part.lines.iter().all(|line| line.cancelled == line.quantity);
        self.parts.iter().all(is_over)
    }

    fn standing(&self) -> Standing {
        let sum = |of: fn(&Part) -> i64| self.parts.iter().map(of).sum::<i64>();
        let (total, refunded, cancelled) = (sum(Part::total), sum(|part| part.refunded), sum(|part| part.dropped));
        let price = total - cancelled;
        let lifecycle = match (self.is_cancelled, self.is_over()) {
            (true, _) => "CANCELLED",
            (false, true) => "COMPLETED",
            (false, false) => "OPEN",
        };
        Standing {
            buyer: self.buyer,
            lifecycle: lifecycle.to_owned(),
            total,
            paid: if self.is_paid { price - refunded } else { 0 },
            refunded,
            cancelled,
            owed: if self.is_paid || self.is_cancelled { 0 } else { price },
            payments: self.payments.iter().map(|(id, status)| (id.clone(), (*status).to_owned())).collect(),
            lines: self
                .lines()
                .map(|line| (line.id.clone(), [line.quantity, line.cancelled, line.packed, line.returned]))
                .collect(),
        }
    }
}
