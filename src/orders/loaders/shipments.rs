//! Shipments for one caller.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;

use super::steps::Seen;
use crate::{
    kernel::{error::Failure, id::Id},
    orders::{
        model::{FullShipment, OrderPart, Shipment},
        queries::{shipments, steps::Bought},
    },
    platform::{
        caller::Caller,
        db::Conn,
        gql::{Reader, WireError},
    },
};

fn seen(conn: &mut Conn, caller: &Caller, rows: Vec<Bought<FullShipment>>) -> Result<Vec<FullShipment>, Failure> {
    let wanted: Vec<_> = rows.iter().map(|(shipment, buyer)| (shipment.order, *buyer)).collect();
    let seen = Seen::of(conn, caller, &wanted)?;
    let shows = |found: &FullShipment| seen.shows_part(found.order, found.shipment.part_id);
    Ok(rows.into_iter().map(|(shipment, _)| shipment).filter(shows).collect())
}

/// The shipments of a part, oldest first, for whoever sees the part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ShipmentsByPart(pub Id<OrderPart>);

impl Loader<ShipmentsByPart> for Reader {
    type Value = Vec<FullShipment>;
    type Error = WireError;

    async fn load(&self, keys: &[ShipmentsByPart]) -> Result<HashMap<ShipmentsByPart, Vec<FullShipment>>, WireError> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let caller = self.caller.clone();
        let read = move |conn: &mut Conn| {
            let rows = shipments::by_parts(conn, &ids)?;
            seen(conn, &caller, rows)
        };
        let mut by_part: HashMap<ShipmentsByPart, Vec<FullShipment>> = HashMap::new();
        for shipment in self.app.db.read(read).await? {
            by_part.entry(ShipmentsByPart(shipment.shipment.part_id)).or_default().push(shipment);
        }
        Ok(by_part)
    }
}

/// A shipment, for whoever sees its part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ShipmentById(pub Id<Shipment>);

impl Loader<ShipmentById> for Reader {
    type Value = FullShipment;
    type Error = WireError;

    async fn load(&self, keys: &[ShipmentById]) -> Result<HashMap<ShipmentById, FullShipment>, WireError> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let caller = self.caller.clone();
        let read = move |conn: &mut Conn| {
            let rows = shipments::by_ids(conn, &ids)?;
            seen(conn, &caller, rows)
        };
        let shipments = self.app.db.read(read).await?;
        Ok(shipments.into_iter().map(|found| (ShipmentById(found.shipment.id), found)).collect())
    }
}
