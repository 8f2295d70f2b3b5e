//! Disputes for one caller, and what the provider keeps: staff see them, and nobody else. What is under way of a payment is for whoever sees that; what somebody keeps, for
//! them alone.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;

use super::{
    model::{Dispute, PaymentIntent, ProviderFee, StoredMethod, UnderWay},
    queries::{captures, disputes as queries, fees, methods, refunds},
};
use crate::{
    kernel::{error::Failure, id::Id},
    platform::{
        caller::StaffPermission,
        db::Conn,
        gql::{Reader, WireError},
    },
    users::model::oneself,
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

/// What the provider keeps of a payment itself, for staff: none as long as that is not known. Nobody else gets anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FeeOfPayment(pub Id<PaymentIntent>);

impl Loader<FeeOfPayment> for Reader {
    type Value = ProviderFee;
    type Error = WireError;

    async fn load(&self, keys: &[FeeOfPayment]) -> Result<HashMap<FeeOfPayment, ProviderFee>, WireError> {
        if !self.caller.may(StaffPermission::ViewOrders) {
            return Ok(HashMap::new());
        }
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let fees = self.app.db.read(move |conn| fees::of_payments(conn, &ids)).await?;
        Ok(fees.into_iter().map(|fee| (FeeOfPayment(fee.intent_id), fee)).collect())
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

/// What of a payment is being taken, or goes back. Whether the caller may see the payment is not asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct UnderWayOf(pub Id<PaymentIntent>);

impl Loader<UnderWayOf> for Reader {
    type Value = UnderWay;
    type Error = WireError;

    async fn load(&self, keys: &[UnderWayOf]) -> Result<HashMap<UnderWayOf, UnderWay>, WireError> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let read = move |conn: &mut Conn| {
            let (taken, back) = (captures::being_taken(conn, &ids)?, refunds::not_gone(conn, &ids)?);
            Ok::<_, Failure>((taken, back))
        };
        let (taken, back) = self.app.db.read(read).await?;
        let mut under_way: HashMap<UnderWayOf, UnderWay> = HashMap::new();
        for (payment, amount) in taken {
            under_way.entry(UnderWayOf(payment)).or_default().captured += amount;
        }
        for (payment, amount) in back {
            under_way.entry(UnderWayOf(payment)).or_default().refunded += amount;
        }
        Ok(under_way)
    }
}

/// One of the ways to pay that the caller keeps. Yields nobody else's, nor anybody's to who acts in their name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct OwnMethod(pub Id<StoredMethod>);

impl Loader<OwnMethod> for Reader {
    type Value = StoredMethod;
    type Error = WireError;

    async fn load(&self, keys: &[OwnMethod]) -> Result<HashMap<OwnMethod, StoredMethod>, WireError> {
        let Ok(person) = oneself(&self.caller) else { return Ok(HashMap::new()) };
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let found = self.app.db.read(move |conn| methods::by_ids(conn, person, &ids)).await?;
        Ok(found.into_iter().map(|row| (OwnMethod(row.id), row)).collect())
    }
}
