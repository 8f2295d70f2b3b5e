//! What has to be known of orders and their parts to say what can be done with them: of as many as there are, each in one statement.

use std::collections::{HashMap, HashSet};

use diesel::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, NullableExpressionMethods, QueryDsl, Queryable, RunQueryDsl,
};
use uuid::Uuid;

use crate::{
    kernel::{error::Failure, id::Id},
    orders::model::{Begun, ClaimStatus, Order, OrderMoney, OrderPart, ReturnStatus},
    payments::model::{AccountKind, CaptureStatus, DisputeMoney, DisputeStatus, PaymentStatus, RefundStatus},
    platform::{clock::Time, db::Conn},
    schema::{
        accounts, captures, claims, order_lines, order_parts, orders, payment_disputes, payment_intents, refunds,
        returns,
    },
    users::model::User,
};

/// The money of some orders, and what of it goes back: at a part's cost, or at nobody's.
#[derive(Debug, Default)]
pub struct Moneys {
    by_order: HashMap<Uuid, OrderMoney>,
    refunds: HashMap<(Uuid, Option<Uuid>), Vec<Begun>>,
}

impl Moneys {
    pub fn of(&self, order: Id<Order>) -> OrderMoney {
        self.by_order.get(&order.uuid()).copied().unwrap_or_default()
    }

    pub fn refunds_of(&self, order: Id<Order>, part: Option<Id<OrderPart>>) -> Vec<Begun> {
        self.refunds.get(&(order.uuid(), part.map(Id::uuid))).cloned().unwrap_or_default()
    }
}

/// A refund's order and part, how far it has come, how often it was begun, and how much it is.
type RefundRow = (Uuid, Option<Uuid>, RefundStatus, i32, i64);

/// A payment and its order, how far it has come and how much it is, with a dispute that is not over and what is being taken of a promise.
type Told = ((Uuid, Uuid), (PaymentStatus, i64), Option<DisputeMoney>, Option<CaptureStatus>);

/// What has become of the money of some orders: three statements.
pub fn moneys(conn: &mut Conn, orders: &[Id<Order>]) -> Result<Moneys, Failure> {
    let ids: Vec<Uuid> = orders.iter().map(|order| order.uuid()).collect();
    let mut moneys = Moneys::default();
    let balances: Vec<(Option<Uuid>, AccountKind, i64)> = accounts::table
        .filter(accounts::kind.eq_any([AccountKind::Order, AccountKind::PassedOn]))
        .filter(accounts::owner_id.eq_any(&ids))
        .select((accounts::owner_id, accounts::kind, accounts::balance))
        .load(conn)?;
    for (order, kind, balance) in balances {
        let Some(order) = order else { continue };
        let money = moneys.by_order.entry(order).or_default();
        match kind {
            AccountKind::PassedOn => money.is_passed_on |= balance != 0,
            _ => money.paid += balance,
        }
    }
    for money in moneys.by_order.values_mut() {
        money.kept = money.paid;
    }
    let begun: Vec<RefundRow> = refunds::table
        .filter(refunds::order_id.eq_any(&ids))
        .select((refunds::order_id, refunds::part_id, refunds::status, refunds::attempt, refunds::amount))
        .load(conn)?;
    for (order, part, status, attempt, amount) in begun {
        // Nothing is on its way back of what did not come in.
        if let Some(money) = moneys.by_order.get_mut(&order).filter(|money| money.paid > 0)
            && status != RefundStatus::Succeeded
        {
            money.kept -= amount;
        }
        moneys.refunds.entry((order, part)).or_default().push((status, attempt));
    }
    let is_won = payment_disputes::status.eq(DisputeStatus::Won).and(payment_disputes::money.eq(DisputeMoney::Taken));
    let is_undecided = payment_disputes::status.eq_any(DisputeStatus::OPEN).or(is_won);
    let of_intent = payment_disputes::intent_id.eq(payment_intents::id);
    let being_taken = captures::intent_id.eq(payment_intents::id).and(captures::status.eq(CaptureStatus::Processing));
    let under_way = payment_intents::status.eq_any([PaymentStatus::Processing, PaymentStatus::RequiresCapture]);
    let told: Vec<Told> = payment_intents::table
        .left_join(payment_disputes::table.on(of_intent.and(is_undecided)))
        .left_join(captures::table.on(being_taken))
        .filter(payment_intents::order_id.eq_any(&ids))
        .filter(under_way.or(payment_disputes::id.is_not_null()))
        .select((
            (payment_intents::id, payment_intents::order_id),
            (payment_intents::status, payment_intents::amount),
            payment_disputes::money.nullable(),
            captures::status.nullable(),
        ))
        .load(conn)?;
    let mut promised = HashSet::new();
    for ((intent, order), (status, amount), dispute, capture) in told {
        let money = moneys.by_order.entry(order).or_default();
        // What was given up is being let go, and nobody waits for that.
        money.is_in_progress |=
            status == PaymentStatus::Processing || status == PaymentStatus::RequiresCapture && capture.is_some();
        // Once, though there may be a row for each dispute.
        if status == PaymentStatus::RequiresCapture && promised.insert(intent) {
            money.authorized += amount;
        }
        if !money.is_withheld() {
            money.disputed = dispute.or(money.disputed);
        }
    }
    Ok(moneys)
}

/// A part, and until when the money of its order is promised.
#[derive(Debug, Clone, Copy, Queryable)]
pub struct Promised {
    pub part: Id<OrderPart>,
    pub order: Id<Order>,
    pub buyer: Option<Id<User>>,
    pub until: Time,
}

/// Until when the money of the orders of some parts is promised: of several promises of one, that which ends first comes last.
pub fn promised_until(conn: &mut Conn, parts: &[Id<OrderPart>]) -> Result<Vec<Promised>, Failure> {
    Ok(order_parts::table
        .inner_join(orders::table.on(orders::id.eq(order_parts::order_id)))
        .inner_join(payment_intents::table.on(payment_intents::order_id.eq(orders::id)))
        .filter(order_parts::id.eq_any(parts))
        .filter(payment_intents::status.eq(PaymentStatus::RequiresCapture))
        .filter(payment_intents::authorized_until.is_not_null())
        .order(payment_intents::authorized_until.desc())
        .select((order_parts::id, orders::id, orders::buyer_id, payment_intents::authorized_until.assume_not_null()))
        .load(conn)?)
}

/// Those of some orders of which anything is packed, or was sent.
pub fn packed(conn: &mut Conn, orders: &[Id<Order>]) -> Result<HashSet<Id<Order>>, Failure> {
    let packed: Vec<Id<Order>> = order_lines::table
        .inner_join(order_parts::table.on(order_parts::id.eq(order_lines::part_id)))
        .filter(order_parts::order_id.eq_any(orders))
        .filter(order_lines::packed.gt(0))
        .select(order_parts::order_id)
        .distinct()
        .load(conn)?;
    Ok(packed.into_iter().collect())
}

/// How far the returns of some parts have come.
pub fn returns(conn: &mut Conn, parts: &[Id<OrderPart>]) -> Result<Vec<(Id<OrderPart>, ReturnStatus)>, Failure> {
    let rows = returns::table.filter(returns::part_id.eq_any(parts));
    Ok(rows.select((returns::part_id, returns::status)).load(conn)?)
}

/// How far the claims about some parts have come.
pub fn claims(conn: &mut Conn, parts: &[Id<OrderPart>]) -> Result<Vec<(Id<OrderPart>, ClaimStatus)>, Failure> {
    let rows = claims::table.filter(claims::part_id.eq_any(parts));
    Ok(rows.select((claims::part_id, claims::status)).load(conn)?)
}
