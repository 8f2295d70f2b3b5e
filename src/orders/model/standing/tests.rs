use OrderPartAction::{
    AnswerClaim, ApproveReturn, CancelPieces, ConfirmDelivery, DecideClaim, DeclineReturn, Edit, EscalateClaim,
    MarkDelivered, OpenClaim, Pack, ReceiveReturn, RequestReturn, Ship, Unpack, WithdrawClaim, WithdrawReturn,
};
use chrono::TimeDelta;
use uuid::Uuid;

use super::*;
use crate::{
    kernel::{id::Id, money::CurrencyCode},
    orders::model::{Charge, FulfillmentState, OrderCosts, OrderLifecycle, PaidOrder, Shipment, ShipmentLine},
    payments::model::DisputeMoney,
    platform::{caller::StaffRole, clock::Time},
    shops::model::ShopRole,
};

const BUYER: Rights = Rights { is_buyer: true, is_oneself: true, role: None, staff: None };
const OWNER: Rights = member(ShopRole::Owner);
const PACKER: Rights = member(ShopRole::Fulfillment);
const ADMIN: Rights = Rights { is_buyer: false, is_oneself: true, role: None, staff: Some(StaffRole::Admin) };

const fn member(role: ShopRole) -> Rights {
    Rights { is_buyer: false, is_oneself: true, role: Some(role), staff: None }
}

fn now() -> Time {
    "2026-11-20T12:00:00Z".parse().unwrap()
}

fn market() -> Circumstances {
    Circumstances { now: now(), takes_payments: true, returnable_for: TimeDelta::days(30) }
}

fn order(status: OrderLifecycle) -> Order {
    Order {
        id: Id::from_uuid(Uuid::nil()),
        number: String::new(),
        buyer_id: None,
        status,
        currency: CurrencyCode::GBP,
        total: 300,
        shipping_address: None,
        version: 1,
        placed_at: now(),
        cancelled_at: None,
        payment_due_at: None,
        refunded: 0,
        cancellation: None,
        dropped: 0,
        note: None,
        costs: OrderCosts::default(),
        added: 0,
        added_due_at: None,
    }
}

const PAID: OrderMoney = OrderMoney::all(300);

/// An order of which nothing is packed, waits to be paid besides, or goes back.
fn whole(order: Order, money: OrderMoney, rights: Rights) -> OrderStanding {
    OrderStanding { order, money, is_packed: false, extended: Vec::new(), refunds: Vec::new(), rights }
}

/// A part of three pieces, with a shipment of all of them if it has come so far.
fn part(shipped: Option<ShipmentStatus>, rights: Rights) -> PartStanding {
    let (part_id, line_id) = (Id::from_uuid(Uuid::from_u128(1)), Id::from_uuid(Uuid::from_u128(2)));
    let packed = if shipped.is_none_or(|status| status == ShipmentStatus::Unpacked) { 0 } else { 3 };
    let line = OrderLine {
        id: line_id,
        part_id,
        ordinal: 1,
        kind: OrderLineKind::Goods,
        product_id: None,
        variant_id: None,
        title: String::new(),
        sku: String::new(),
        quantity: 3,
        unit_price: 100,
        total: 300,
        packed,
        cancelled: 0,
        returned: 0,
        dropped: 0,
        charge: Charge::default(),
    };
    let is_complete = shipped == Some(ShipmentStatus::Delivered);
    let status = if is_complete { OrderLifecycle::Completed } else { OrderLifecycle::Open };
    let order = order(status);
    let shipment = |status| {
        let id = Id::from_uuid(Uuid::from_u128(3));
        let shipment = Shipment {
            id,
            part_id,
            status,
            carrier: None,
            tracking_number: None,
            tracking_url: None,
            created_at: now(),
            shipped_at: None,
            delivered_at: is_complete.then(now),
        };
        let lines = vec![ShipmentLine { shipment_id: id, line_id, quantity: 3 }];
        FullShipment { shipment, order: order.id, lines }
    };
    let shipments: Vec<_> = shipped.into_iter().map(shipment).collect();
    let statuses: Vec<_> = shipped.into_iter().collect();
    let row = OrderPart {
        id: part_id,
        order_id: order.id,
        shop_id: Id::from_uuid(Uuid::nil()),
        conversation_id: None,
        ordinal: 1,
        fulfillment_state: FulfillmentState::of(3 - packed, &statuses),
        total: 300,
        placed_at: now(),
        commission_rate: 0,
        refunded: 0,
        dropped: 0,
        tax_withheld: 0,
        tax_dropped: 0,
        shipping_method: None,
        promotion: None,
        disputed: 0,
    };
    PartStanding {
        full: FullPart { part: row, order: PaidOrder { order, paid: 300 }, lines: vec![line], added: Vec::new() },
        money: PAID,
        shipments,
        returns: Vec::new(),
        claims: Vec::new(),
        refunds: Vec::new(),
        rights,
    }
}

#[test]
fn an_order_is_paid_and_called_off_by_its_buyer_as_long_as_it_can_be() {
    use OrderAction::{Cancel, Pay};
    let unpaid = OrderMoney::default();
    let in_progress = OrderMoney { is_in_progress: true, ..unpaid };
    let some = OrderMoney { paid: 100, kept: 100, ..unpaid };
    let going_back = OrderMoney { paid: 300, kept: 0, ..unpaid };
    let promised = OrderMoney { authorized: 300, ..unpaid };
    let being_taken = OrderMoney { is_in_progress: true, ..promised };
    let helped = Rights { is_oneself: false, ..BUYER };
    for (status, money, is_packed, rights, allowed) in [
        (OrderLifecycle::Open, unpaid, false, BUYER, &[Pay, Cancel][..]),
        (OrderLifecycle::Open, unpaid, false, helped, &[Cancel]),
        (OrderLifecycle::Open, unpaid, false, ADMIN, &[]),
        (OrderLifecycle::Open, unpaid, true, BUYER, &[Pay]),
        (OrderLifecycle::Open, in_progress, false, BUYER, &[]),
        (OrderLifecycle::Open, some, false, BUYER, &[Pay]),
        (OrderLifecycle::Open, going_back, false, BUYER, &[Cancel]),
        (OrderLifecycle::Open, promised, false, BUYER, &[Cancel]),
        (OrderLifecycle::Open, promised, true, BUYER, &[]),
        (OrderLifecycle::Open, being_taken, false, BUYER, &[]),
        (OrderLifecycle::Open, PAID, false, BUYER, &[Cancel]),
        (OrderLifecycle::Open, PAID, false, helped, &[]),
        (OrderLifecycle::Open, PAID, true, BUYER, &[]),
        (OrderLifecycle::Completed, PAID, true, BUYER, &[]),
        (OrderLifecycle::Cancelled, unpaid, false, BUYER, &[]),
    ] {
        let standing = OrderStanding { is_packed, ..whole(order(status), money, rights) };
        assert_eq!(standing.allowed(&market()), allowed, "{status} {money:?} {is_packed} {rights:?}");
    }
}

#[test]
fn what_goes_back_at_nobodys_cost_is_the_staffs_affair() {
    let refunds = vec![(RefundStatus::Failed, Refund::MAXIMUM_ATTEMPTS)];
    for (rights, allowed) in [(ADMIN, &[OrderAction::RetryRefund][..]), (BUYER, &[])] {
        let order = order(OrderLifecycle::Completed);
        let standing = OrderStanding { is_packed: true, refunds: refunds.clone(), ..whole(order, PAID, rights) };
        assert_eq!(standing.allowed(&market()), allowed, "{rights:?}");
    }
}

#[test]
fn a_part_goes_from_hand_to_hand() {
    use ShipmentStatus::{Delivered, Packed, Shipped, Unpacked};
    for (shipped, rights, allowed) in [
        (None, OWNER, &[Pack, CancelPieces, OrderPartAction::Refund][..]),
        (None, PACKER, &[Pack]),
        (None, member(ShopRole::Support), &[]),
        (None, ADMIN, &[Pack, CancelPieces, OrderPartAction::Refund]),
        (None, BUYER, &[Edit]),
        (None, Rights { is_oneself: false, ..BUYER }, &[]),
        (Some(Unpacked), PACKER, &[Pack]),
        (Some(Packed), PACKER, &[Ship, Unpack]),
        (Some(Shipped), PACKER, &[MarkDelivered]),
        (Some(Shipped), BUYER, &[ConfirmDelivery, OpenClaim]),
        (Some(Delivered), OWNER, &[OrderPartAction::Refund]),
        (Some(Delivered), BUYER, &[RequestReturn, OpenClaim]),
        (Some(Delivered), Rights { is_oneself: false, ..BUYER }, &[RequestReturn]),
    ] {
        assert_eq!(part(shipped, rights).allowed(&market()), allowed, "{shipped:?} {rights:?}");
    }
}

#[test]
fn what_is_not_paid_is_called_off_and_not_sent() {
    let unpaid = PartStanding { money: OrderMoney::default(), ..part(None, OWNER) };
    assert_eq!(unpaid.allowed(&market()), [CancelPieces]);
    let elsewhere = Circumstances { takes_payments: false, ..market() };
    assert_eq!(unpaid.allowed(&elsewhere), [Pack, CancelPieces]);
    let is_in_progress = OrderMoney { is_in_progress: true, ..OrderMoney::default() };
    assert!(PartStanding { money: is_in_progress, ..unpaid }.allowed(&market()).is_empty());
    let helped = part(None, Rights { is_oneself: false, ..BUYER });
    assert_eq!(PartStanding { money: OrderMoney::default(), ..helped }.allowed(&market()), [Edit]);
}

#[test]
fn what_is_packed_leaves_only_if_it_is_paid_and_no_bank_asks() {
    let asked = OrderMoney { disputed: Some(DisputeMoney::Untouched), ..PAID };
    let promised = OrderMoney { authorized: 300, ..OrderMoney::default() };
    let lost = OrderMoney::default();
    // How much of 300 is taken by banks.
    for (money, taken, takes_payments, allowed) in [
        (PAID, 0, true, &[Ship, Unpack][..]),
        (promised, 0, true, &[Ship, Unpack]),
        (lost, 0, true, &[Unpack]),
        (lost, 0, false, &[Ship, Unpack]),
        (asked, 0, true, &[Unpack]),
        (PAID, 300, true, &[Unpack]),
    ] {
        let mut part = part(Some(ShipmentStatus::Packed), PACKER);
        (part.money, part.full.part.disputed) = (money, taken);
        let market = Circumstances { takes_payments, ..market() };
        assert_eq!(part.allowed(&market), allowed, "{money:?} {taken} {takes_payments}");
    }
}

#[test]
fn what_a_bank_asks_about_is_not_sent_and_what_it_may_give_again_is_not_given_back() {
    use DisputeMoney::{Taken, Untouched};
    let refund = OrderPartAction::Refund;
    // Where the money of an open dispute is, and how much of 300 is taken by any.
    for (dispute, taken, of_shop, of_buyer) in [
        (Some(Untouched), 0, &[CancelPieces, refund][..], &[Edit][..]),
        (Some(Taken), 300, &[], &[]),
        (Some(Taken), 100, &[refund], &[]),
        // Lost.
        (None, 300, &[CancelPieces], &[Edit]),
        (None, 100, &[Pack, CancelPieces, refund], &[Edit]),
        // What went back before no bank takes from the shop.
        (Some(Taken), 0, &[CancelPieces, refund], &[Edit]),
    ] {
        let allowed = |rights| {
            let mut part = part(None, rights);
            (part.money.disputed, part.full.part.disputed) = (dispute, taken);
            part.allowed(&market())
        };
        assert_eq!((allowed(OWNER).as_slice(), allowed(BUYER).as_slice()), (of_shop, of_buyer), "{dispute:?} {taken}");
        let money = OrderMoney { disputed: dispute, ..PAID };
        let can_cancel =
            whole(order(OrderLifecycle::Open), money, BUYER).allowed(&market()).contains(&OrderAction::Cancel);
        assert_eq!(can_cancel, dispute != Some(Taken), "{dispute:?}");
    }
}

#[test]
fn what_was_added_is_not_paid_while_a_bank_asks_for_the_rest() {
    use DisputeMoney::{Taken, Untouched};
    // Where the money of an open dispute is, and how much of 300 is taken by any of what was added to.
    for (disputed, taken, is_payable) in [
        (None, 0, true),
        (None, 100, true),
        (Some(Untouched), 0, false),
        (Some(Taken), 300, false),
        // Lost, until what was added lapses.
        (None, 300, false),
    ] {
        let order = Order { added: 100, ..order(OrderLifecycle::Open) };
        let extended = vec![OrderPart { disputed: taken, ..part(None, BUYER).full.part }];
        let standing = OrderStanding { extended, ..whole(order, OrderMoney { disputed, ..PAID }, BUYER) };
        let can_pay = standing.allowed(&market()).contains(&OrderAction::Pay);
        assert_eq!(can_pay, is_payable, "{disputed:?} {taken}");
    }
}

#[test]
fn a_shipment_goes_on_only_where_its_part_is_not_held_back() {
    use ShipmentStatus::{Delivered, Packed, Shipped, Unpacked};
    let next = |status: ShipmentStatus, held_back| status.next_now(held_back).collect::<Vec<_>>();
    for held_back in [HeldBack::Disputed, HeldBack::Unpaid] {
        assert_eq!((next(Packed, None), next(Packed, Some(held_back))), (vec![Shipped, Unpacked], vec![Unpacked]));
        assert_eq!(next(Shipped, Some(held_back)), [Delivered], "what is on its way arrives");
    }
}

#[test]
fn returns_and_claims_wait_for_whoever_can_move_them() {
    use ClaimStatus as C;
    use ReturnStatus as R;
    let delivered = |rights, returns: &[ReturnStatus], claims: &[ClaimStatus]| {
        let mut part = part(Some(ShipmentStatus::Delivered), rights);
        (part.returns, part.claims) = (returns.to_vec(), claims.to_vec());
        // All of it is coming back, or has come.
        if let (Some(line), false) = (part.full.lines.first_mut(), returns.is_empty()) {
            line.returned = 3;
        }
        part.allowed(&market())
    };
    let refund = OrderPartAction::Refund;
    for (rights, returns, claims, allowed) in [
        (BUYER, &[R::Requested][..], &[][..], &[WithdrawReturn, OpenClaim][..]),
        (OWNER, &[R::Requested], &[], &[refund, ApproveReturn, DeclineReturn]),
        (OWNER, &[R::Approved], &[], &[refund, DeclineReturn, ReceiveReturn]),
        (PACKER, &[R::Approved], &[], &[]),
        (BUYER, &[R::Received], &[], &[OpenClaim]),
        (BUYER, &[], &[C::Open], &[RequestReturn, WithdrawClaim]),
        (OWNER, &[], &[C::Open], &[refund, AnswerClaim]),
        (BUYER, &[], &[C::Answered], &[RequestReturn, EscalateClaim, WithdrawClaim]),
        (ADMIN, &[], &[C::Escalated], &[refund, DecideClaim]),
        (Rights { role: Some(ShopRole::Support), ..ADMIN }, &[], &[C::Escalated], &[refund]),
        (BUYER, &[], &[C::Decided, C::Closed], &[RequestReturn, OpenClaim]),
    ] {
        assert_eq!(delivered(rights, returns, claims), allowed, "{rights:?} {returns:?} {claims:?}");
    }
    assert_eq!(delivered(BUYER, &[], &[C::Closed; Claim::MAXIMUM]), [RequestReturn]);
}

#[test]
fn the_days_of_a_return_and_of_a_claim_end() {
    let delivered = part(Some(ShipmentStatus::Delivered), BUYER);
    for (days, allowed) in [(30, &[RequestReturn, OpenClaim][..]), (31, &[OpenClaim]), (180, &[OpenClaim]), (181, &[])]
    {
        let then = Circumstances { now: now() + TimeDelta::days(days), ..market() };
        assert_eq!(delivered.allowed(&then), allowed, "{days}");
    }
    let waits = part(None, BUYER);
    let then = Circumstances { now: now() + Claim::PATIENCE, ..market() };
    assert_eq!(waits.allowed(&then), [Edit, OpenClaim], "nothing has come for a week");
}

#[test]
fn a_shop_has_a_refund_tried_again_a_bounded_number_of_times() {
    for (status, attempt, rights, is_allowed) in [
        (RefundStatus::Failed, 1, OWNER, true),
        (RefundStatus::Unanswered, 1, OWNER, true),
        (RefundStatus::Processing, 1, OWNER, false),
        (RefundStatus::Succeeded, 1, OWNER, false),
        (RefundStatus::Failed, Refund::MAXIMUM_ATTEMPTS, OWNER, false),
        (RefundStatus::Failed, Refund::MAXIMUM_ATTEMPTS, ADMIN, true),
        (RefundStatus::Failed, 1, PACKER, false),
    ] {
        let standing = PartStanding { refunds: vec![(status, attempt)], ..part(None, rights) };
        let allowed = standing.allowed(&market());
        assert_eq!(allowed.contains(&OrderPartAction::RetryRefund), is_allowed, "{status} {attempt} {rights:?}");
    }
}
