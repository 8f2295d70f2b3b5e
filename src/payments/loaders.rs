//! Disputes for one caller: staff see them, and nobody else.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;

use super::{
    model::{Dispute, PaymentIntent},
    queries::disputes as queries,
};
use crate::{
    kernel::id::Id,
    platform::{
        caller::StaffPermission,
        gql::{Reader, WireError},
    },
};

/// The disputes of a payment, the newest first: for staff, be it none. Nobody else gets anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DisputesByPayment(pub Id<PaymentIntent>);

impl Loader<DisputesByPayment> for Reader {
    type Value = Vec<Dispute>;
    type Error = WireError;

    async fn load(&self, keys: &[DisputesByPayment]) -> Result<HashMap<DisputesByPayment, Vec<Dispute>>, WireError> {
        if !self.caller.may(StaffPermission::ViewOrders) {
            return Ok(HashMap::new());
        }
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let mut by_payment: HashMap<DisputesByPayment, Vec<Dispute>> =
            keys.iter().map(|key| (*key, Vec::new())).collect();
        for dispute in self.app.db.read(move |conn| queries::of_intents(conn, &ids)).await? {
            by_payment.entry(DisputesByPayment(dispute.intent_id)).or_default().push(dispute);
        }
        Ok(by_payment)
    }
}

/// A dispute, for staff.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DisputeById(pub Id<Dispute>);

impl Loader<DisputeById> for Reader {
    type Value = Dispute;
    type Error = WireError;

    async fn load(&self, keys: &[DisputeById]) -> Result<HashMap<DisputeById, Dispute>, WireError> {
        if !self.caller.may(StaffPermission::ViewOrders) {
            return Ok(HashMap::new());
        }
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let rows = self.app.db.read(move |conn| queries::by_ids(conn, &ids)).await?;
        Ok(rows.into_iter().map(|row| (DisputeById(row.id), row)).collect())
    }
}
