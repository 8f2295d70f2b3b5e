//! What there can never have been, in whatever order things were done: more sold than there was, and a code in more orders than it may be.

use std::{collections::BTreeMap, time::Instant};

use super::{Capture, Deed, Model, Owner};
use crate::market::{RARE, RARE_IN_TOTAL, RARE_PER_PERSON};

/// A deed, and the moments between which it was done.
#[derive(Debug)]
pub struct Noted {
    /// Before it was asked for.
    pub asked: Instant,
    /// Once it was answered.
    pub answered: Instant,
    pub deed: Deed,
}

/// Of what there is only so much.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Scarce {
    /// Pieces of a variant.
    Pieces(usize),
    /// Orders with the code of a shop of which there are few.
    Uses(usize),
    /// Those of one buyer.
    UsesOf { seller: usize, buyer: usize },
}

/// What orders have of it.
type Taken = BTreeMap<Scarce, i64>;

impl Deed {
    /// The order that it is about.
    fn order(&self) -> Option<&str> {
        match self {
            Self::Stocked { .. } => None,
            Self::Placed { order, .. }
            | Self::Claimed { order, .. }
            | Self::Tried { order, .. }
            | Self::Approved { order, .. }
            | Self::Declined { order, .. }
            | Self::Overtaken { order, .. }
            | Self::CalledOff { order }
            | Self::Dropped { order, .. }
            | Self::Edited { order, .. }
            | Self::GaveBack { order, .. }
            | Self::Sent { order, .. }
            | Self::Arrived { order, .. }
            | Self::CameBack { order, .. }
            | Self::Disputed { order, .. } => Some(order),
        }
    }
}

impl Model {
    /// What an order has by now.
    fn taken_by(&self, order: &str) -> Taken {
        let mut taken = Taken::new();
        let Some(order) = self.orders.get(order).filter(|order| !order.is_cancelled) else { return taken };
        for line in order.lines() {
            *taken.entry(Scarce::Pieces(line.variant)).or_default() += line.left();
        }
        for part in order.parts.iter().filter(|part| part.code == Some(RARE)) {
            *taken.entry(Scarce::Uses(part.seller)).or_default() += 1;
            if let Owner::Buyer(buyer) = order.owner {
                *taken.entry(Scarce::UsesOf { seller: part.seller, buyer }).or_default() += 1;
            }
        }
        taken
    }
}

/// Where more was taken than there was, of so much stock of each variant at first. What was answered was done by then, and nothing was put
/// back before somebody asked for it: so more was never left than is reckoned here.
pub fn broken(capture: Capture, stock: &[i64], noted: &[Noted]) -> Vec<String> {
    let mut model = Model::new(capture, stock.to_vec());
    let mut changes: Vec<(Instant, i64, Scarce)> = Vec::new();
    for Noted { asked, answered, deed } in noted {
        let mut more = match deed {
            Deed::Stocked { variant, pieces } => Taken::from([(Scarce::Pieces(*variant), -pieces)]),
            _ => Taken::new(),
        };
        let order = deed.order();
        let before = order.map(|order| model.taken_by(order)).unwrap_or_default();
        model.apply(deed);
        for (what, now) in order.map(|order| model.taken_by(order)).unwrap_or_default() {
            *more.entry(what).or_default() += now;
        }
        for (what, then) in before {
            *more.entry(what).or_default() -= then;
        }
        changes.extend(more.into_iter().map(|(what, more)| (if more > 0 { *answered } else { *asked }, more, what)));
    }
    // What is put back comes before what is taken at the same moment.
    changes.sort_unstable_by_key(|(at, more, _)| (*at, *more));
    let mut taken = Taken::new();
    let mut broken: BTreeMap<Scarce, i64> = BTreeMap::new();
    for (_, more, what) in changes {
        let now = taken.entry(what).or_default();
        *now += more;
        let bound = match what {
            Scarce::Pieces(variant) => stock[variant],
            Scarce::Uses(_) => RARE_IN_TOTAL,
            Scarce::UsesOf { .. } => RARE_PER_PERSON,
        };
        if *now > bound {
            let most = broken.entry(what).or_default();
            *most = (*most).max(*now - bound);
        }
    }
    broken.into_iter().map(|(what, over)| format!("{what:?}: {over} too many")).collect()
}
