//! How orders and their parts stand, for one caller: by that it is told what they may do.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;

use super::steps::Seen;
use crate::{
    kernel::{error::Failure, id::Id},
    orders::{
        model::{FullPart, Order, OrderPart, OrderStanding, PartStanding, Rights},
        policy,
        queries::{self, shipments, standing},
    },
    platform::{
        caller::Caller,
        clock::Time,
        db::Conn,
        gql::{Reader, WireError},
    },
};

/// How an order stands, for its buyer and for staff.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct StandingOfOrder(pub Id<Order>);

impl Loader<StandingOfOrder> for Reader {
    type Value = OrderStanding;
    type Error = WireError;

    async fn load(&self, keys: &[StandingOfOrder]) -> Result<HashMap<StandingOfOrder, OrderStanding>, WireError> {
        if self.caller.signed_in().is_none() {
            return Ok(HashMap::new());
        }
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let caller = self.caller.clone();
        let read = move |conn: &mut Conn| orders(conn, &caller, &ids);
        let standings = self.app.db.read(read).await?;
        Ok(standings.into_iter().map(|standing| (StandingOfOrder(standing.order.id), standing)).collect())
    }
}

fn orders(conn: &mut Conn, caller: &Caller, ids: &[Id<Order>]) -> Result<Vec<OrderStanding>, Failure> {
    let orders = queries::by_ids(conn, ids)?.into_iter().map(|paid| {
        let rights = policy::rights(caller, &paid.order, None);
        (paid.order, rights)
    });
    let orders: Vec<(Order, Rights)> = orders.filter(|(_, rights)| !rights.are_none()).collect();
    if orders.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<_> = orders.iter().map(|(order, _)| order.id).collect();
    let (moneys, packed) = (standing::moneys(conn, &ids)?, standing::packed(conn, &ids)?);
    // Hardly ever any.
    let added_to: Vec<_> = orders.iter().filter(|(order, _)| order.added > 0).map(|(order, _)| order.id).collect();
    let extended = if added_to.is_empty() { Vec::new() } else { queries::additions::extended(conn, &added_to)? };
    let stands = |(order, rights): (Order, Rights)| OrderStanding {
        money: moneys.of(order.id),
        is_packed: packed.contains(&order.id),
        extended: extended.iter().filter(|part| part.order_id == order.id).cloned().collect(),
        refunds: moneys.refunds_of(order.id, None),
        order,
        rights,
    };
    Ok(orders.into_iter().map(stands).collect())
}

/// How a part stands, for the order's buyer, for members of its shop, and for staff.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct StandingOfPart(pub Id<OrderPart>);

impl Loader<StandingOfPart> for Reader {
    type Value = PartStanding;
    type Error = WireError;

    async fn load(&self, keys: &[StandingOfPart]) -> Result<HashMap<StandingOfPart, PartStanding>, WireError> {
        if self.caller.signed_in().is_none() {
            return Ok(HashMap::new());
        }
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let caller = self.caller.clone();
        let read = move |conn: &mut Conn| parts(conn, &caller, &ids);
        let standings = self.app.db.read(read).await?;
        Ok(standings.into_iter().map(|standing| (StandingOfPart(standing.full.part.id), standing)).collect())
    }
}

fn parts(conn: &mut Conn, caller: &Caller, ids: &[Id<OrderPart>]) -> Result<Vec<PartStanding>, Failure> {
    let roles = match caller.signed_in() {
        Some(person) => queries::shops_of(conn, Id::from_uuid(person.user))?,
        None => Vec::new(),
    };
    let found = queries::parts_by_ids(conn, ids)?.into_iter().map(|full| {
        let role = roles.iter().find(|(shop, _)| *shop == full.part.shop_id).map(|(_, role)| *role);
        let rights = policy::rights(caller, &full.order.order, role);
        (full, rights)
    });
    let found: Vec<(FullPart, Rights)> = found.filter(|(_, rights)| !rights.are_none()).collect();
    if found.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<_> = found.iter().map(|(full, _)| full.part.id).collect();
    let orders: Vec<_> = found.iter().map(|(full, _)| full.part.order_id).collect();
    let moneys = standing::moneys(conn, &orders)?;
    let shipments = shipments::by_parts(conn, &ids)?;
    let (returns, claims) = (standing::returns(conn, &ids)?, standing::claims(conn, &ids)?);
    let stands = |(full, rights): (FullPart, Rights)| {
        let (id, order) = (full.part.id, full.part.order_id);
        let own = shipments.iter().map(|(found, _)| found).filter(|found| found.shipment.part_id == id);
        PartStanding {
            money: moneys.of(order),
            shipments: own.cloned().collect(),
            returns: returns.iter().filter(|(part, _)| *part == id).map(|(_, status)| *status).collect(),
            claims: claims.iter().filter(|(part, _)| *part == id).map(|(_, status)| *status).collect(),
            refunds: moneys.refunds_of(order, Some(id)),
            full,
            rights,
        }
    };
    Ok(found.into_iter().map(stands).collect())
}

/// Until when the money of a part's order is promised, for whoever sees the part. Nothing of one whose money is here, or not promised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PromisedUntil(pub Id<OrderPart>);

impl Loader<PromisedUntil> for Reader {
    type Value = Time;
    type Error = WireError;

    async fn load(&self, keys: &[PromisedUntil]) -> Result<HashMap<PromisedUntil, Time>, WireError> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let caller = self.caller.clone();
        let read = move |conn: &mut Conn| {
            let rows = standing::promised_until(conn, &ids)?;
            let wanted: Vec<_> = rows.iter().map(|row| (row.order, row.buyer)).collect();
            let seen = Seen::of(conn, &caller, &wanted)?;
            let rows = rows.into_iter().filter(|row| seen.shows_part(row.order, row.part));
            Ok::<_, Failure>(rows.map(|row| (PromisedUntil(row.part), row.until)).collect())
        };
        Ok(self.app.db.read(read).await?)
    }
}
