//! Where each penny of an order comes from, and where it goes: entries, of which those of one kind add up to what the order says.

use diesel::{
    QueryableByName,
    sql_types::{BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};

use super::{OrderLine, OrderLineKind, OrderPart};
use crate::{
    kernel::id::Id,
    payments::model::{PaymentIntent, PaymentStatus, Refund, RefundStatus, TransferCause},
    platform::clock::Time,
};

/// What an entry of an explanation is about. New ones may appear at any time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, async_graphql::Enum)]
#[graphql(name = "OrderExplanationStep")]
pub enum ExplanationStep {
    /// What the pieces of a line cost. With `SHIPPING`, `DISCOUNT` and `TAX` it adds up to the total.
    Price,
    /// What it costs to send a part.
    Shipping,
    /// What is taken off a line; below zero.
    Discount,
    /// The tax that is added to a line.
    Tax,
    /// The tax that is contained in what is paid for a line: for the reader, for it adds nothing.
    TaxContained,
    /// What of a part fell away before it was paid, be it all of it; below zero.
    Dropped,
    /// What a payment brought. With `PAID_ELSEWHERE` and `REFUND` it adds up to what is paid.
    Payment,
    /// What another system took, from which the order comes; below zero if it has given more back.
    PaidElsewhere,
    /// What has gone back to the buyer; below zero.
    Refund,
    /// What is on its way back to the buyer, or was tried in vain; below zero. It is still among what is paid.
    RefundPending,
    /// What a part brought its shop. With those that follow, to `DISPUTE_RETURNED`, it adds up to what the shop has of it.
    Sale,
    /// The tax in it that the market keeps for the state; below zero.
    TaxWithheld,
    /// The market's share of it; below zero.
    Commission,
    /// What the shop has given back; below zero.
    SaleReturned,
    /// The tax in that.
    TaxReturned,
    /// The market's share of that.
    CommissionReturned,
    /// What the buyer's bank has taken back from the shop, less the tax and the market's share in it; below zero.
    Disputed,
    /// What the bank gave it again of that.
    DisputeReturned,
    /// What of that has left the shop's account for its own, with what has made up for what it owed; below zero. Payouts name no parts: the
    /// oldest money leaves first.
    PaidOut,
    /// What of that did not arrive, and has not left again.
    PayoutReturned,
    /// What is still on the shop's account: for the reader, for it is what the others come to.
    Held,
}

/// An entry of an explanation.
#[derive(Debug, Clone)]
pub struct Explained {
    pub step: ExplanationStep,
    /// In minor units.
    pub amount: i64,
    pub part: Option<Id<OrderPart>>,
    pub line: Option<OrderLine>,
    pub payment: Option<Id<PaymentIntent>>,
    pub refund: Option<Id<Refund>>,
    /// What a promotion or a tax is called.
    pub name: Option<String>,
}

impl Explained {
    pub(super) const fn new(step: ExplanationStep, amount: i64) -> Self {
        Self { step, amount, part: None, line: None, payment: None, refund: None, name: None }
    }
}

/// Money that came to the account of a part's shop for it, or left it.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Moved {
    #[diesel(sql_type = SqlUuid)]
    pub part_id: Id<OrderPart>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub refund_id: Option<Id<Refund>>,
    #[diesel(sql_type = Text)]
    pub cause: TransferCause,
    #[diesel(sql_type = BigInt)]
    pub amount: i64,
    #[diesel(sql_type = Timestamptz)]
    pub created_at: Time,
}

/// What a part costs, line by line, and how much of that fell away.
pub fn explain_costs(
    (part, fallen_away): (&OrderPart, i64),
    lines: &[OrderLine],
    tax_name: Option<&str>,
) -> Vec<Explained> {
    let mut entries = Vec::with_capacity(3 * lines.len() + 1);
    for line in lines {
        let (charge, price) = (line.charge, line.unit_price.saturating_mul(line.quantity.into()));
        let mut tell = |step, amount, name: Option<&str>| {
            let name = name.map(str::to_owned);
            entries.push(Explained { line: Some(line.clone()), name, ..Explained::new(step, amount) });
        };
        match line.kind {
            OrderLineKind::Goods => tell(ExplanationStep::Price, price, None),
            OrderLineKind::Charge => tell(ExplanationStep::Shipping, price, None),
        }
        if charge.discount != 0 {
            tell(ExplanationStep::Discount, -charge.discount, part.promotion.as_deref());
        }
        if charge.tax != 0 {
            let step = if charge.tax_is_added { ExplanationStep::Tax } else { ExplanationStep::TaxContained };
            tell(step, charge.tax, tax_name);
        }
    }
    if fallen_away != 0 {
        entries.push(Explained::new(ExplanationStep::Dropped, -fallen_away));
    }
    entries.into_iter().map(|entry| Explained { part: Some(part.id), ..entry }).collect()
}

/// How it came to what is paid, by the order in which that was decided.
pub fn explain_payments(paid: i64, payments: &[PaymentIntent], refunds: &[Refund]) -> Vec<Explained> {
    let came = payments.iter().filter(|payment| payment.status == PaymentStatus::Succeeded).map(|payment| {
        let entry = Explained::new(ExplanationStep::Payment, payment.brought());
        (payment.created_at, Explained { payment: Some(payment.id), ..entry })
    });
    let went = refunds.iter().map(|refund| {
        let step = match refund.status {
            RefundStatus::Succeeded => ExplanationStep::Refund,
            RefundStatus::Processing | RefundStatus::Failed | RefundStatus::Unanswered => {
                ExplanationStep::RefundPending
            }
        };
        let (entry, part) = (Explained::new(step, -refund.amount), refund.part_id.map(Id::from_uuid));
        let payment = Some(refund.intent_id);
        (refund.created_at, Explained { refund: Some(refund.id), payment, part, ..entry })
    });
    let mut entries: Vec<_> = came.chain(went).collect();
    entries.sort_by_key(|(at, entry)| (*at, entry.step));
    let of_ours = entries.iter().filter(|(_, entry)| entry.step != ExplanationStep::RefundPending);
    let elsewhere = paid - of_ours.map(|(_, entry)| entry.amount).sum::<i64>();
    let elsewhere = (elsewhere != 0).then(|| Explained::new(ExplanationStep::PaidElsewhere, elsewhere));
    elsewhere.into_iter().chain(entries.into_iter().map(|(_, entry)| entry)).collect()
}

/// What became of a part's money on the account of its shop.
pub fn explain_books(moved: &[Moved]) -> Vec<Explained> {
    let entry = |moved: &Moved| {
        let step = match moved.cause {
            TransferCause::Sale => ExplanationStep::Sale,
            TransferCause::Tax => ExplanationStep::TaxWithheld,
            TransferCause::Commission => ExplanationStep::Commission,
            TransferCause::Refund => ExplanationStep::SaleReturned,
            TransferCause::TaxReturned => ExplanationStep::TaxReturned,
            TransferCause::CommissionReturned => ExplanationStep::CommissionReturned,
            TransferCause::Dispute => ExplanationStep::Disputed,
            TransferCause::DisputeReturned => ExplanationStep::DisputeReturned,
            TransferCause::Payment | TransferCause::Payout | TransferCause::PayoutReturned => return None,
        };
        let (part, refund) = (Some(moved.part_id), moved.refund_id);
        let at = (moved.created_at, refund.map(Id::uuid), step);
        Some((at, Explained { part, refund, ..Explained::new(step, moved.amount) }))
    };
    let mut entries: Vec<_> = moved.iter().filter_map(entry).collect();
    entries.sort_by_key(|(at, _)| *at);
    entries.into_iter().map(|(_, entry)| entry).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::{
        kernel::{
            money::{CurrencyCode, Money, tests::any_currency},
            rate::Rate,
        },
        orders::model::{Charge, FulfillmentState, charge},
        taxes::model::{CountryTaxes, Remitter},
    };

    fn id<E: crate::kernel::id::Entity>(number: u128) -> Id<E> {
        Id::from_uuid(Uuid::from_u128(number))
    }

    fn at(second: i64) -> Time {
        Time::from_timestamp(second, 0).unwrap()
    }

    fn part(total: i64) -> OrderPart {
        OrderPart {
            id: id(1),
            order_id: id(2),
            shop_id: id(3),
            conversation_id: None,
            ordinal: 1,
            fulfillment_state: FulfillmentState::Unfulfilled,
            total,
            placed_at: at(0),
            commission_rate: 0,
            refunded: 0,
            dropped: 0,
            tax_withheld: 0,
            tax_dropped: 0,
            shipping_method: None,
            promotion: Some("Spring".into()),
            disputed: 0,
        }
    }

    fn line(kind: OrderLineKind, quantity: i32, unit_price: i64, charge: Charge, total: i64) -> OrderLine {
        OrderLine {
            id: id(4),
            part_id: id(1),
            ordinal: 1,
            kind,
            product_id: None,
            variant_id: None,
            title: "Lamp".into(),
            sku: String::new(),
            quantity,
            unit_price,
            total,
            packed: 0,
            cancelled: 0,
            returned: 0,
            dropped: 0,
            charge,
        }
    }

    fn payment(amount: i64, status: PaymentStatus, second: i64) -> PaymentIntent {
        PaymentIntent {
            id: id(5),
            order_id: Uuid::from_u128(2),
            amount,
            currency: CurrencyCode::GBP,
            status,
            provider: "test".into(),
            method: "card".into(),
            return_url: None,
            reference: None,
            failure: None,
            next_action_url: None,
            version: 1,
            created_at: at(second),
            refunded: 0,
            sealed_secret: None,
            disputed: 0,
            is_captured_later: false,
            captured: None,
            authorized_until: None,
            customer: None,
            is_method_stored: false,
        }
    }

    fn refund(amount: i64, status: RefundStatus, second: i64) -> Refund {
        Refund {
            id: id(6),
            intent_id: id(5),
            order_id: Uuid::from_u128(2),
            part_id: None,
            amount,
            currency: CurrencyCode::GBP,
            status,
            reason: None,
            attempt: 1,
            reference: None,
            created_at: at(second),
            booked_as: None,
        }
    }

    fn told(entries: &[Explained]) -> Vec<(ExplanationStep, i64)> {
        entries.iter().map(|entry| (entry.step, entry.amount)).collect()
    }

    #[test]
    fn a_line_is_told_with_what_is_taken_off_it_and_its_tax() {
        use ExplanationStep::{Discount, Dropped, Price, Shipping, Tax, TaxContained};
        let charge = |tax_is_added| Charge { discount: 10, tax: 18, tax_rate: 2_000, tax_is_added };
        let lines = [
            line(OrderLineKind::Goods, 2, 50, charge(true), 108),
            line(OrderLineKind::Charge, 1, 30, Charge::default(), 30),
            line(OrderLineKind::Goods, 1, 100, charge(false), 90),
        ];
        let entries = explain_costs((&part(228), 30), &lines, Some("VAT"));
        let expected = [
            (Price, 100),
            (Discount, -10),
            (Tax, 18),
            (Shipping, 30),
            (Price, 100),
            (Discount, -10),
            (TaxContained, 18),
            (Dropped, -30),
        ];
        assert_eq!(told(&entries), expected);
        assert_eq!((entries[1].name.as_deref(), entries[2].name.as_deref()), (Some("Spring"), Some("VAT")));
        assert!(entries.iter().all(|entry| entry.part == Some(id(1))));
    }

    #[test]
    fn payments_and_what_went_back_come_to_what_is_paid() {
        use ExplanationStep::{PaidElsewhere, Payment, Refund, RefundPending};
        let payments = [payment(100, PaymentStatus::Failed, 1), payment(100, PaymentStatus::Succeeded, 2)];
        let refunds = [refund(30, RefundStatus::Succeeded, 3), refund(20, RefundStatus::Failed, 4)];
        let entries = explain_payments(70, &payments, &refunds);
        assert_eq!(told(&entries), [(Payment, 100), (Refund, -30), (RefundPending, -20)]);
        assert_eq!(told(&explain_payments(15, &[], &[])), [(PaidElsewhere, 15)]);
        assert!(explain_payments(0, &[], &[]).is_empty());
    }

    #[test]
    fn the_books_of_a_part_are_told_in_their_order() {
        use ExplanationStep::{
            Commission, CommissionReturned, DisputeReturned, Disputed, Sale, SaleReturned, TaxReturned, TaxWithheld,
        };
        let moved = |cause, amount, refund: Option<u128>, second| Moved {
            part_id: id(1),
            refund_id: refund.map(id),
            cause,
            amount,
            created_at: at(second),
        };
        let entries = explain_books(&[
            moved(TransferCause::CommissionReturned, 4, Some(7), 2),
            moved(TransferCause::Refund, -50, Some(7), 2),
            moved(TransferCause::TaxReturned, 8, Some(7), 2),
            moved(TransferCause::Commission, -8, None, 1),
            moved(TransferCause::Sale, 100, None, 1),
            moved(TransferCause::Tax, -17, None, 1),
            moved(TransferCause::DisputeReturned, 38, None, 4),
            moved(TransferCause::Dispute, -38, None, 3),
        ]);
        let expected = [
            (Sale, 100),
            (TaxWithheld, -17),
            (Commission, -8),
            (SaleReturned, -50),
            (TaxReturned, 8),
            (CommissionReturned, 4),
            (Disputed, -38),
            (DisputeReturned, 38),
        ];
        assert_eq!(told(&entries), expected);
    }

    proptest! {
        #[test]
        fn what_is_told_of_the_costs_adds_up_to_the_total(
            wanted in prop::collection::vec((0_i64..1_000_000, 1_i32..100, 0_i32..=10_000), 1..20),
            percent in 0_i64..=100, is_included: bool, is_sent: bool, currency in any_currency(),
        ) {
            let money = |minor| Money::new(minor, currency);
            let taxes = CountryTaxes {
                country: "AT".parse().unwrap(),
                is_included,
                remitted_by: Remitter::Market,
                name: "VAT".into(),
                standard: Rate::default(),
                shipping: None,
                rates: std::collections::BTreeMap::new(),
                version: 1,
            };
            let prices: Vec<_> = wanted.iter().map(|&(price, quantity, rate)| {
                (money(price * i64::from(quantity)), Rate::from_basis_points(rate).unwrap())
            }).collect();
            let whole: i64 = prices.iter().map(|(price, _)| price.minor).sum();
            let charged = charge(&prices, money(whole / 100 * percent), Some(&taxes)).unwrap();
            let last = wanted.len() - 1;
            let lines: Vec<_> = wanted.iter().zip(&charged).enumerate().map(|(place, (&(price, quantity, _), it))| {
                let kind = if is_sent && place == last { OrderLineKind::Charge } else { OrderLineKind::Goods };
                line(kind, quantity, price, it.charge, it.total)
            }).collect();
            let total = lines.iter().map(|line| line.total).sum::<i64>();
            let entries = explain_costs((&part(total), 0), &lines, None);
            let counted = entries.iter().filter(|entry| entry.step != ExplanationStep::TaxContained);
            prop_assert_eq!(counted.map(|entry| entry.amount).sum::<i64>(), total);
        }
    }
}
