//! How orders and their parts stand, and what follows from it for somebody.

use super::{
    Arrival, Circumstances, Claim, ClaimKind, ClaimStatus, FullPart, FullShipment, Order, OrderAction, OrderLine,
    OrderLineKind, OrderMoney, OrderPartAction, Return, ReturnStatus, Rights, ShipmentStatus, returnable,
};
use crate::{
    payments::model::{Refund, RefundStatus},
    platform::caller::StaffPermission,
};

/// A refund's status, and how often it was begun.
pub type Begun = (RefundStatus, i32);

/// How an order stands, for somebody.
#[derive(Debug, Clone)]
pub struct OrderStanding {
    pub order: Order,
    pub money: OrderMoney,
    /// Whether anything of it is packed, or was sent.
    pub is_packed: bool,
    /// What goes back at no shop's cost.
    pub refunds: Vec<Begun>,
    pub rights: Rights,
}

impl OrderStanding {
    /// What they may do with it now.
    pub fn allowed(&self, market: &Circumstances) -> Vec<OrderAction> {
        let is_allowed = |action: &OrderAction| self.rights.allow_for_order(*action) && self.permits(*action, market);
        OrderAction::ALL.into_iter().filter(is_allowed).collect()
    }

    fn permits(&self, action: OrderAction, market: &Circumstances) -> bool {
        let money = self.money;
        match action {
            OrderAction::Pay => {
                market.takes_payments && !money.is_in_progress && self.order.payable(money.kept).is_some()
            }
            // Money goes back by nobody's word but their own.
            OrderAction::Cancel if money.is_passed_on => {
                self.rights.is_oneself && self.order.is_cancellable(0, self.is_packed)
            }
            OrderAction::Cancel => !money.is_in_progress && self.order.is_cancellable(money.kept, self.is_packed),
            OrderAction::RetryRefund => self.refunds.iter().any(|(status, _)| status.is_to_be_tried_again()),
        }
    }
}

/// How a part stands, for somebody.
#[derive(Debug, Clone)]
pub struct PartStanding {
    pub full: FullPart,
    pub money: OrderMoney,
    pub shipments: Vec<FullShipment>,
    pub returns: Vec<ReturnStatus>,
    pub claims: Vec<ClaimStatus>,
    /// What goes back at its shop's cost.
    pub refunds: Vec<Begun>,
    pub rights: Rights,
}

impl PartStanding {
    /// What they may do with it now.
    pub fn allowed(&self, market: &Circumstances) -> Vec<OrderPartAction> {
        let is_allowed = |action: &OrderPartAction| self.rights.allow(*action) && self.permits(*action, market);
        OrderPartAction::ALL.into_iter().filter(is_allowed).collect()
    }

    fn permits(&self, action: OrderPartAction, market: &Circumstances) -> bool {
        use OrderPartAction as A;
        let (order, money) = (&self.full.order.order, self.money);
        match action {
            A::Pack => order.is_open() && self.has_open() && (!market.takes_payments || order.is_covered(money.kept)),
            A::Ship => self.has_shipment(ShipmentStatus::Shipped),
            A::Unpack => self.has_shipment(ShipmentStatus::Unpacked),
            A::MarkDelivered | A::ConfirmDelivery => self.has_shipment(ShipmentStatus::Delivered),
            A::CancelPieces => self.can_shrink(),
            A::Edit => self.can_be_edited(),
            A::Refund => money.is_passed_on && self.full.part.owed() > 0,
            // Staff always may: what is owed must never be stuck.
            A::RetryRefund => {
                let is_unbounded = self.rights.is_staff(StaffPermission::RefundOrders);
                let can = |&(status, attempt): &Begun| {
                    status.is_to_be_tried_again() && (is_unbounded || attempt < Refund::MAXIMUM_ATTEMPTS)
                };
                self.refunds.iter().any(can)
            }
            A::ApproveReturn => self.has_return(ReturnStatus::Approved),
            A::DeclineReturn => self.has_return(ReturnStatus::Declined),
            A::ReceiveReturn => self.has_return(ReturnStatus::Received),
            A::WithdrawReturn => self.has_return(ReturnStatus::Withdrawn),
            A::AnswerClaim => self.has_claim(ClaimStatus::Answered),
            A::DecideClaim => self.has_claim(ClaimStatus::Decided),
            A::EscalateClaim => self.has_claim(ClaimStatus::Escalated),
            A::WithdrawClaim => self.has_claim(ClaimStatus::Closed),
            A::RequestReturn => self.has_returnable(market),
            A::OpenClaim => {
                let is_claimable = |kind| self.full.part.is_claimable(order, money.is_passed_on, kind, market.now);
                [ClaimKind::NotReceived, ClaimKind::NotAsDescribed].into_iter().any(is_claimable)
                    && self.claims.iter().all(|status| status.is_over())
                    && self.claims.len() < Claim::MAXIMUM
            }
        }
    }

    fn goods(&self) -> impl Iterator<Item = &OrderLine> {
        self.full.lines.iter().filter(|line| line.kind == OrderLineKind::Goods)
    }

    pub(super) fn has_open(&self) -> bool {
        self.goods().any(|line| line.open() > 0)
    }

    fn has_shipment(&self, next: ShipmentStatus) -> bool {
        self.shipments.iter().any(|found| found.shipment.status.next().contains(&next))
    }

    fn has_return(&self, next: ReturnStatus) -> bool {
        self.returns.iter().any(|status| status.next().contains(&next))
    }

    fn has_claim(&self, next: ClaimStatus) -> bool {
        self.claims.iter().any(|status| status.next().contains(&next))
    }

    fn has_returnable(&self, market: &Circumstances) -> bool {
        let arrived = self.shipments.iter().filter(|found| found.shipment.status == ShipmentStatus::Delivered);
        let lines = arrived.flat_map(|found| found.lines.iter().map(move |line| (line, found.shipment.delivered_at)));
        let arrivals: Vec<Arrival> = lines.map(|(line, at)| (line.line_id, line.quantity, at)).collect();
        let is_left = |line: &OrderLine| returnable(line, &arrivals, market.returnable_for, market.now) > 0;
        self.goods().any(is_left) && i64::try_from(self.returns.len()).is_ok_and(|returns| returns < Return::MAXIMUM)
    }
}

#[cfg(test)]
mod tests {
    use OrderPartAction::{
        AnswerClaim, ApproveReturn, CancelPieces, ConfirmDelivery, DecideClaim, DeclineReturn, Edit, EscalateClaim,
        MarkDelivered, OpenClaim, Pack, ReceiveReturn, RequestReturn, Ship, Unpack, WithdrawClaim, WithdrawReturn,
    };
    use chrono::TimeDelta;
    use uuid::Uuid;

    use super::*;
    use crate::{
        kernel::{id::Id, money::CurrencyCode},
        orders::model::{
            Charge, FulfillmentState, OrderCosts, OrderLifecycle, OrderPart, PaidOrder, Shipment, ShipmentLine,
        },
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
        }
    }

    const PAID: OrderMoney = OrderMoney { paid: 300, kept: 300, is_passed_on: true, is_in_progress: false };

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
        };
        PartStanding {
            full: FullPart { part: row, order: PaidOrder { order, paid: 300 }, lines: vec![line] },
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
        let helped = Rights { is_oneself: false, ..BUYER };
        for (status, money, is_packed, rights, allowed) in [
            (OrderLifecycle::Open, unpaid, false, BUYER, &[Pay, Cancel][..]),
            (OrderLifecycle::Open, unpaid, false, helped, &[Cancel]),
            (OrderLifecycle::Open, unpaid, false, ADMIN, &[]),
            (OrderLifecycle::Open, unpaid, true, BUYER, &[Pay]),
            (OrderLifecycle::Open, in_progress, false, BUYER, &[]),
            (OrderLifecycle::Open, some, false, BUYER, &[Pay]),
            (OrderLifecycle::Open, going_back, false, BUYER, &[Pay, Cancel]),
            (OrderLifecycle::Open, PAID, false, BUYER, &[Cancel]),
            (OrderLifecycle::Open, PAID, false, helped, &[]),
            (OrderLifecycle::Open, PAID, true, BUYER, &[]),
            (OrderLifecycle::Completed, PAID, true, BUYER, &[]),
            (OrderLifecycle::Cancelled, unpaid, false, BUYER, &[]),
        ] {
            let standing = OrderStanding { order: order(status), money, is_packed, refunds: Vec::new(), rights };
            assert_eq!(standing.allowed(&market()), allowed, "{status} {money:?} {is_packed} {rights:?}");
        }
    }

    #[test]
    fn what_goes_back_at_nobodys_cost_is_the_staffs_affair() {
        let refunds = vec![(RefundStatus::Failed, Refund::MAXIMUM_ATTEMPTS)];
        for (rights, allowed) in [(ADMIN, &[OrderAction::RetryRefund][..]), (BUYER, &[])] {
            let order = order(OrderLifecycle::Completed);
            let standing = OrderStanding { order, money: PAID, is_packed: true, refunds: refunds.clone(), rights };
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
        for (days, allowed) in
            [(30, &[RequestReturn, OpenClaim][..]), (31, &[OpenClaim]), (180, &[OpenClaim]), (181, &[])]
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
}
