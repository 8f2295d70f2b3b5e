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
