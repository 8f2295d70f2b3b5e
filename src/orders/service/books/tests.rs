//! That what shops, the market and the state have of an order adds up, whatever goes back of it to whom.

use std::collections::HashMap;

use proptest::prelude::*;

use super::*;
use crate::{
    kernel::{id::Entity, money::tests::any_currency},
    orders::model::{FulfillmentState, OrderCosts},
    payments::model::RefundStatus,
    platform::clock::Time,
};

fn id<E: Entity>(number: u128) -> Id<E> {
    Id::from_uuid(Uuid::from_u128(number))
}

fn order(currency: CurrencyCode) -> Order {
    Order {
        id: id(1),
        number: String::new(),
        buyer_id: None,
        status: OrderLifecycle::Open,
        currency,
        total: 0,
        shipping_address: None,
        version: 1,
        placed_at: Time::UNIX_EPOCH,
        cancelled_at: None,
        payment_due_at: None,
        refunded: 0,
        cancellation: None,
        dropped: 0,
        costs: OrderCosts::default(),
        note: None,
        added: 0,
        added_due_at: None,
    }
}

/// What a part costs; in percent, the tax in it and what falls away before it is paid; and the market's share.
type Wanted = (i64, i64, i64, i32);

fn part(number: u128, (total, tax, fallen, commission_rate): Wanted) -> OrderPart {
    let (tax_withheld, dropped) = (total / 100 * tax, total / 100 * fallen);
    OrderPart {
        id: id(number),
        order_id: id(1),
        shop_id: id(number),
        conversation_id: None,
        ordinal: 1,
        fulfillment_state: FulfillmentState::Unfulfilled,
        total,
        placed_at: Time::UNIX_EPOCH,
        commission_rate,
        refunded: 0,
        dropped,
        tax_withheld,
        tax_dropped: Money::new(tax_withheld, CurrencyCode::GBP).upto(dropped, total).minor,
        shipping_method: None,
        promotion: None,
        disputed: 0,
    }
}

fn refund(amount: i64, currency: CurrencyCode) -> Refund {
    Refund {
        id: id(1),
        intent_id: id(1),
        order_id: Uuid::from_u128(1),
        part_id: None,
        amount,
        currency,
        status: RefundStatus::Processing,
        reason: None,
        attempt: 1,
        reference: None,
        created_at: Time::UNIX_EPOCH,
        booked_as: None,
    }
}

/// Balances of accounts by what has moved.
#[derive(Debug, Default)]
struct Ledger(HashMap<(AccountKind, Option<Uuid>), i64>);

impl Ledger {
    fn book(&mut self, movements: impl IntoIterator<Item = Movement>) -> Result<(), TestCaseError> {
        for Movement { debit, credit, amount, .. } in movements {
            prop_assert!(amount.minor > 0, "the ledger knows no movement of nothing");
            *self.0.entry(debit).or_default() -= amount.minor;
            *self.0.entry(credit).or_default() += amount.minor;
        }
        Ok(())
    }

    fn of(&self, kind: AccountKind, owner: Option<Uuid>) -> i64 {
        self.0.get(&(kind, owner)).copied().unwrap_or_default()
    }

    /// Each shop has what is kept of its part, less the tax in that and the market's share of the rest; those have what it has not.
    fn check(&self, parts: &[OrderPart]) -> Result<(), TestCaseError> {
        let (mut taxes, mut fees) = (0, 0);
        for part in parts {
            let (kept, whole) = (part.kept(), part.total - part.dropped);
            let withheld = part.tax_withheld - part.tax_dropped;
            // So much of the tax as is kept of the part, rounded down.
            let tax = i64::try_from(i128::from(withheld) * i128::from(kept) / i128::from(whole.max(1))).unwrap();
            let share = i128::from(kept - tax) * i128::from(part.commission_rate);
            let commission = i64::try_from((share + 5_000) / 10_000).unwrap();
            let has = self.of(AccountKind::Shop, Some(part.shop_id.uuid()));
            prop_assert_eq!(has, kept - tax - commission, "{:?}", part);
            prop_assert!(has >= 0, "{has} of {part:?}");
            taxes += tax;
            fees += commission;
        }
        prop_assert_eq!(self.of(AccountKind::Taxes, None), taxes);
        prop_assert_eq!(self.of(AccountKind::Fees, None), fees);
        let sum = |of: fn(&OrderPart) -> i64| parts.iter().map(of).sum::<i64>();
        let order = Some(Uuid::from_u128(1));
        prop_assert_eq!(self.of(AccountKind::PassedOn, order), -sum(|part| part.total - part.dropped));
        prop_assert_eq!(self.of(AccountKind::Refunds, order), sum(|part| part.refunded));
        prop_assert_eq!(self.of(AccountKind::Provider, None), sum(|part| part.disputed));
        Ok(())
    }
}

/// What becomes of an order.
#[derive(Debug, Clone, Copy)]
enum Deed {
    /// So many thousandths of what is kept of a part go back, by two refunds.
    GiveBack(usize, i64),
    /// A bank takes so many thousandths of what is kept of all parts.
    Take(i64),
    /// It gives again what it took last.
    GiveAgain,
}

fn any_deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        (0_usize..5, 0_i64..=1_000).prop_map(|(part, of)| Deed::GiveBack(part, of)),
        (0_i64..=1_000).prop_map(Deed::Take),
        Just(Deed::GiveAgain),
    ]
}

proptest! {
    #[test]
    fn whatever_goes_back_of_an_order_shops_market_and_state_have_what_the_rest_brings(
        wanted in prop::collection::vec((0_i64..1_000_000_000, 0_i64..=50, 0_i64..=100, 0_i32..=10_000), 1..5),
        deeds in prop::collection::vec(any_deed(), 0..20), currency in any_currency(),
    ) {
        let order = order(currency);
        let mut parts: Vec<OrderPart> = (1..).zip(wanted).map(|(number, wanted)| part(number, wanted)).collect();
        let mut ledger = Ledger::default();
        for part in &parts {
            ledger.book(shares(&order, part))?;
        }
        ledger.check(&parts)?;
        let mut taken: Vec<Vec<i64>> = Vec::new();
        let rest = (0..parts.len()).map(|place| Deed::GiveBack(place, 1_000));
        for deed in deeds.into_iter().chain(rest) {
            match deed {
                Deed::GiveBack(place, of) => {
                    let place = place % parts.len();
                    let part = &mut parts[place];
                    let amount = part.kept() * of / 1_000;
                    let refunds = [amount / 3, amount - amount / 3].map(|amount| refund(amount, currency));
                    let refunds: Vec<_> = refunds.into_iter().filter(|refund| refund.amount > 0).collect();
                    ledger.book(returns(&order, part, &refunds))?;
                    part.refunded += amount;
                }
                Deed::Take(of) => {
                    let kept: Vec<i64> = parts.iter().map(OrderPart::kept).collect();
                    let amount = kept.iter().sum::<i64>() * of / 1_000;
                    if amount == 0 {
                        continue;
                    }
                    let shares = Money::new(amount, currency).allocate(&kept).unwrap();
                    let shares: Vec<i64> = shares.into_iter().map(|share| share.minor).collect();
                    prop_assert_eq!(shares.iter().sum::<i64>(), amount);
                    for (part, &share) in parts.iter_mut().zip(&shares) {
                        prop_assert!((0..=part.kept()).contains(&share), "{share} of {part:?}");
                        ledger.book(of_dispute(&order, part, (part.kept(), part.kept() - share), id(1)))?;
                        part.disputed += share;
                    }
                    taken.push(shares);
                }
                Deed::GiveAgain => {
                    for (part, share) in parts.iter_mut().zip(taken.pop().unwrap_or_default()) {
                        ledger.book(of_dispute(&order, part, (part.kept(), part.kept() + share), id(1)))?;
                        part.disputed -= share;
                    }
                }
            }
            ledger.check(&parts)?;
        }
        // Of what nothing is kept, nobody has anything.
        for part in &parts {
            prop_assert_eq!(ledger.of(AccountKind::Shop, Some(part.shop_id.uuid())), 0);
        }
        let of_market = (ledger.of(AccountKind::Taxes, None), ledger.of(AccountKind::Fees, None));
        prop_assert_eq!(of_market, (0, 0));
    }
}
