//! What the market has to look like after everything that it answered: pure, in memory, and by no word of the program's own.

mod bounds;
mod order;

pub use self::{
    bounds::{Noted, broken},
    order::{GIVEN_UP, Line, PAID, PROMISED, Part, Standing, UNKNOWN},
};

use std::collections::BTreeMap;

use clap::ValueEnum;

use self::order::Order;

/// When the market takes money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Capture {
    /// When it is paid.
    AtPayment,
    /// When the first of an order is sent. Until then it is promised, and in the end all that still is promised is taken.
    AtShipment,
}

impl Capture {
    /// As the programs are told it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AtPayment => "at-payment",
            Self::AtShipment => "at-shipment",
        }
    }
}

/// Who has an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Owner {
    Buyer(usize),
    /// Whoever has this token.
    Guest(String),
}

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
        owner: Owner,
        parts: Vec<Part>,
    },
    /// A guest's order became somebody's own.
    Claimed {
        order: String,
        buyer: usize,
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
    /// The buyer did not want to, or the bank.
    Declined {
        order: String,
        payment: String,
    },
    /// The buyer approved an attempt while another one took its place: it came to nothing, or what it brought went back.
    Overtaken {
        order: String,
        payment: String,
        status: &'static str,
    },
    /// The buyer's bank took back what the one attempt brought that there was, and gave it again if the market was right.
    Disputed {
        order: String,
        is_won: bool,
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
    /// The buyer added lines to a part, and called pieces of one off.
    Edited {
        order: String,
        part: String,
        removed: Option<(String, i64)>,
        added: Vec<Line>,
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

/// The market, as its answers have it.
#[derive(Debug)]
pub struct Model {
    capture: Capture,
    orders: BTreeMap<String, Order>,
    /// Pieces that are left of each variant.
    pub stock: Vec<i64>,
}

/// The market's share, in thousandths: one that does not come out even, and is rounded half up.
pub const COMMISSION: i64 = 125;

impl Model {
    /// The market after some deeds; those of one order are in the order in which they were done.
    pub fn replay<'a>(capture: Capture, stock: Vec<i64>, deeds: impl IntoIterator<Item = &'a Deed>) -> Self {
        let mut model = Self::new(capture, stock);
        for deed in deeds {
            model.apply(deed);
        }
        // Before a promise ends it is taken, though nothing was sent.
        model.orders.values_mut().for_each(Order::take);
        for line in model.orders.values().filter(|order| !order.is_cancelled).flat_map(Order::lines) {
            model.stock[line.variant] -= line.left();
        }
        model
    }

    fn new(capture: Capture, stock: Vec<i64>) -> Self {
        Self { capture, orders: BTreeMap::new(), stock }
    }

    fn apply(&mut self, deed: &Deed) {
        match deed {
            Deed::Stocked { variant, pieces } => self.stock[*variant] += pieces,
            Deed::Placed { order, owner, parts } => {
                let placed = Order::new(self.capture, owner.clone(), parts.clone());
                assert!(self.orders.insert(order.clone(), placed).is_none(), "{order} was placed twice");
            }
            Deed::Claimed { order, buyer } => self.order(order).owner = Owner::Buyer(*buyer),
            Deed::Tried { order, payment, method } => self.order(order).try_to_pay(payment, method),
            Deed::Approved { order, payment } => self.order(order).settle(payment, PAID),
            Deed::Declined { order, payment } => self.order(order).settle(payment, "FAILED"),
            Deed::Overtaken { order, payment, status } => self.order(order).settle(payment, status),
            Deed::Disputed { order, is_won } => self.order(order).is_lost = !is_won,
            Deed::CalledOff { order } => self.order(order).call_off(),
            Deed::Dropped { order, line, pieces } => self.order(order).drop_pieces(line, *pieces),
            Deed::Edited { order, part, removed, added } => self.order(order).edit(part, removed.as_ref(), added),
            Deed::GaveBack { order, part, amount } => self.order(order).part(part).refunded += amount,
            Deed::Sent { order, part } => self.order(order).send(part),
            Deed::Arrived { order, part } => self.order(order).part(part).has_arrived = true,
            Deed::CameBack { order, line, pieces, restocked } => {
                self.order(order).take_back(line, *pieces, *restocked);
            }
        }
    }

    fn order(&mut self, id: &str) -> &mut Order {
        self.orders.get_mut(id).expect("an order that was placed")
    }

    pub fn parts_of(&self, order: &str) -> Vec<Part> {
        self.orders.get(order).map(|order| order.parts.clone()).unwrap_or_default()
    }

    /// What each of so many shops has earned: what their buyers have paid and neither they nor their banks have got back, less the tax and
    /// the market's share of it.
    pub fn earned(&self, sellers: usize) -> Vec<i64> {
        let mut balances = vec![0; sellers];
        let paid = self.orders.values().filter(|order| order.is_paid && !order.is_lost);
        for part in paid.flat_map(|order| &order.parts) {
            balances[part.seller] += part.brings();
        }
        balances
    }

    /// How many parts of orders that were not called off have something taken off.
    pub fn promotions(&self) -> i64 {
        let parts = self.orders.values().filter(|order| !order.is_cancelled).flat_map(|order| &order.parts);
        i64::try_from(parts.filter(|part| part.code.is_some()).count()).unwrap()
    }

    /// How each order has to stand once nothing is under way any more.
    pub fn standings(&self) -> BTreeMap<String, Standing> {
        self.orders.iter().map(|(id, order)| (id.clone(), order.standing())).collect()
    }
}
