//! What an edit is about, and whether things can be added at all.

use std::slice;

use super::super::shipping::{chosen, open};
use crate::orders::{
    error::OrderError,
    model::{AddedLine, EditPart, Order, OrderLine, OrderMoney, OrderPart, Pieces},
};

/// What an edit is about, and which pieces its buyer does not want any more.
pub(super) struct Wanted {
    pub(super) goods: Vec<OrderLine>,
    /// The goods, and what was added to them and waits for its money.
    pub(super) all: Vec<OrderLine>,
    /// Pieces of all.
    pub(super) removed: Vec<Pieces>,
    /// Those of the goods.
    pub(super) called_off: Vec<Pieces>,
    /// The others.
    pub(super) taken_out: Vec<Pieces>,
}

impl Wanted {
    pub(super) fn of(
        goods: Vec<OrderLine>,
        waiting: &[AddedLine],
        part: &OrderPart,
        wanted: &[Pieces],
    ) -> Result<Self, OrderError> {
        let own = waiting.iter().filter(|line| line.part_id == part.id).map(AddedLine::line);
        let all: Vec<OrderLine> = goods.iter().cloned().chain(own).collect();
        let removed = removed(&all, wanted).map_err(|error| OrderError::OfRemoved(Box::new(error)))?;
        let is_of_goods = |pieces: &Pieces| goods.iter().any(|line| line.id == pieces.line);
        let (called_off, taken_out) = removed.iter().copied().partition(is_of_goods);
        Ok(Self { goods, all, removed, called_off, taken_out })
    }

    /// Whether something is left of the goods, and of what waits for its money.
    pub(super) fn leaves(&self) -> (bool, bool) {
        let is_left = |line: &OrderLine| {
            let gone = self.removed.iter().find(|pieces| pieces.line == line.id).map_or(0, |it| it.quantity);
            line.cancelled + gone < line.quantity
        };
        let of_goods = |line: &OrderLine| self.goods.iter().any(|own| own.id == line.id);
        let (goods, waiting): (Vec<&OrderLine>, Vec<&OrderLine>) = self.all.iter().partition(|line| of_goods(line));
        (goods.into_iter().any(is_left), waiting.into_iter().any(is_left))
    }
}

/// Whether things can be added to a part at all, and stay with the rest of it.
pub(super) fn check_extension(
    (order, part): (&Order, &OrderPart),
    wanted: &Wanted,
    input: &EditPart,
    (money, are_taken): (&OrderMoney, bool),
) -> Result<(), OrderError> {
    let is_extended = !input.add.is_empty();
    if !money.is_passed_on {
        // What waits for no money would wait without end for what is added.
        let is_refused = is_extended && are_taken && order.payment_due_at.is_none();
        return if is_refused { Err(OrderError::NotExtendable) } else { Ok(()) };
    }
    let (is_left, is_waiting) = wanted.leaves();
    // It is sent with what is paid, for what that was to be sent for.
    if is_extended && !(is_left && are_taken && !money.bars_more(slice::from_ref(part))) {
        return Err(OrderError::NotExtendable);
    }
    if !is_left && is_waiting { Err(OrderError::NotEditable) } else { Ok(()) }
}

/// Which pieces are called off.
fn removed(goods: &[OrderLine], wanted: &[Pieces]) -> Result<Vec<Pieces>, OrderError> {
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    Ok(chosen(&open(goods), Some(wanted))?.unwrap_or_default())
}
