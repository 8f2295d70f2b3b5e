//! What happened to orders and what of their money goes back, for one caller.

use std::collections::{HashMap, HashSet};

use async_graphql::dataloader::Loader;

use crate::{
    kernel::{error::Failure, id::Id},
    messages::model::OrderStep,
    orders::{
        model::{Order, OrderPart, Step},
        policy,
        queries::{self, steps, steps::Bought},
    },
    payments::model::Refund,
    platform::{
        caller::Caller,
        db::Conn,
        gql::{Reader, WireError},
    },
    shops::model::{Permission, Shop},
    users::model::User,
};

/// What of some orders a caller sees: all of their own, and parts of shops that they work for.
pub(super) struct Seen {
    orders: HashSet<Id<Order>>,
    parts: HashSet<Id<OrderPart>>,
    /// Orders of which they see a part.
    in_part: HashSet<Id<Order>>,
    /// Whether they see all orders, whoever placed them.
    is_staff: bool,
}

impl Seen {
    pub(super) fn of(
        conn: &mut Conn,
        caller: &Caller,
        wanted: &[(Id<Order>, Option<Id<User>>)],
    ) -> Result<Self, Failure> {
        let is_own = |(_, buyer): &&(Id<Order>, Option<Id<User>>)| policy::sees(caller, *buyer);
        let orders: HashSet<_> = wanted.iter().filter(is_own).map(|(order, _)| *order).collect();
        let others: Vec<_> = wanted.iter().map(|(order, _)| *order).filter(|order| !orders.contains(order)).collect();
        let shops: Vec<Id<Shop>> = match caller.signed_in() {
            Some(person) if !others.is_empty() => {
                let roles = queries::shops_of(conn, Id::from_uuid(person.user))?.into_iter();
                roles.filter(|(_, role)| role.may(Permission::SeeOrders)).map(|(shop, _)| shop).collect()
            }
            _ => Vec::new(),
        };
        let parts = if shops.is_empty() { Vec::new() } else { steps::parts_in_shops(conn, &others, &shops)? };
        let (in_part, parts) = parts.into_iter().unzip();
        Ok(Self { orders, parts, in_part, is_staff: policy::sees(caller, None) })
    }

    /// What happened to all parts is seen by whoever sees one of them; of money that went back at nobody's cost, shops see nothing, and of
    /// what is theirs and the market's alone, buyers.
    fn shows(&self, step: &Step) -> bool {
        let is_own = self.orders.contains(&step.order_id) && !step.step.is_hidden_from_buyers();
        self.is_staff
            || is_own
            || match step.part_id {
                Some(part) => self.parts.contains(&part),
                None => {
                    !matches!(step.step, OrderStep::Refunded | OrderStep::RefundFailed)
                        && self.in_part.contains(&step.order_id)
                }
            }
    }

    pub(super) fn shows_part(&self, order: Id<Order>, part: Id<OrderPart>) -> bool {
        self.orders.contains(&order) || self.parts.contains(&part)
    }

    /// Of money that went back at nobody's cost, shops see nothing.
    fn shows_refund(&self, refund: &Refund) -> bool {
        self.orders.contains(&Id::from_uuid(refund.order_id))
            || refund.part_id.is_some_and(|part| self.parts.contains(&Id::from_uuid(part)))
    }
}

fn seen_steps(conn: &mut Conn, caller: &Caller, rows: Vec<Bought<Step>>) -> Result<Vec<Step>, Failure> {
    let wanted: Vec<_> = rows.iter().map(|(step, buyer)| (step.order_id, *buyer)).collect();
    let seen = Seen::of(conn, caller, &wanted)?;
    Ok(rows.into_iter().map(|(step, _)| step).filter(|step| seen.shows(step)).collect())
}

fn seen_refunds(conn: &mut Conn, caller: &Caller, rows: Vec<Bought<Refund>>) -> Result<Vec<Refund>, Failure> {
    let wanted: Vec<_> = rows.iter().map(|(refund, buyer)| (Id::from_uuid(refund.order_id), *buyer)).collect();
    let seen = Seen::of(conn, caller, &wanted)?;
    Ok(rows.into_iter().map(|(refund, _)| refund).filter(|refund| seen.shows_refund(refund)).collect())
}

/// What happened to an order, oldest first, as far as a caller sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct StepsByOrder(pub Id<Order>);

impl Loader<StepsByOrder> for Reader {
    type Value = Vec<Step>;
    type Error = WireError;

    async fn load(&self, keys: &[StepsByOrder]) -> Result<HashMap<StepsByOrder, Vec<Step>>, WireError> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let caller = self.caller.clone();
        let read = move |conn: &mut Conn| {
            let rows = steps::by_orders(conn, &ids)?;
            seen_steps(conn, &caller, rows)
        };
        let mut by_order: HashMap<StepsByOrder, Vec<Step>> = HashMap::new();
        for step in self.app.db.read(read).await? {
            by_order.entry(StepsByOrder(step.order_id)).or_default().push(step);
        }
        Ok(by_order)
    }
}

/// Something that happened, for whoever sees the order or its part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct StepById(pub Id<Step>);

impl Loader<StepById> for Reader {
    type Value = Step;
    type Error = WireError;

    async fn load(&self, keys: &[StepById]) -> Result<HashMap<StepById, Step>, WireError> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let caller = self.caller.clone();
        let read = move |conn: &mut Conn| {
            let rows = steps::by_ids(conn, &ids)?;
            seen_steps(conn, &caller, rows)
        };
        let steps = self.app.db.read(read).await?;
        Ok(steps.into_iter().map(|step| (StepById(step.id), step)).collect())
    }
}

/// What of an order's money goes back, oldest first, as far as a caller sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RefundsByOrder(pub Id<Order>);

impl Loader<RefundsByOrder> for Reader {
    type Value = Vec<Refund>;
    type Error = WireError;

    async fn load(&self, keys: &[RefundsByOrder]) -> Result<HashMap<RefundsByOrder, Vec<Refund>>, WireError> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let caller = self.caller.clone();
        let read = move |conn: &mut Conn| {
            let rows = steps::refunds_by_orders(conn, &ids)?;
            seen_refunds(conn, &caller, rows)
        };
        let mut by_order: HashMap<RefundsByOrder, Vec<Refund>> = HashMap::new();
        for refund in self.app.db.read(read).await? {
            by_order.entry(RefundsByOrder(Id::from_uuid(refund.order_id))).or_default().push(refund);
        }
        Ok(by_order)
    }
}

/// A refund, for whoever sees the order or the part at whose cost it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RefundById(pub Id<Refund>);

impl Loader<RefundById> for Reader {
    type Value = Refund;
    type Error = WireError;

    async fn load(&self, keys: &[RefundById]) -> Result<HashMap<RefundById, Refund>, WireError> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let caller = self.caller.clone();
        let read = move |conn: &mut Conn| {
            let rows = steps::refunds_by_ids(conn, &ids)?;
            seen_refunds(conn, &caller, rows)
        };
        let refunds = self.app.db.read(read).await?;
        Ok(refunds.into_iter().map(|refund| (RefundById(refund.id), refund)).collect())
    }
}
