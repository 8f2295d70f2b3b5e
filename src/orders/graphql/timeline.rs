//! What happened to an order, on the wire.

use std::sync::Arc;

use async_graphql::{ComplexObject, Context, SimpleObject};
use uuid::Uuid;

use super::{Claim, OrderPart, OrderReturn, Refund, Shipment, guests::part_of};
use crate::{
    kernel::id::Id,
    messages::model::OrderStep,
    orders::{
        loaders::{ClaimById, PartById, RefundById, ReturnById, ShipmentById},
        model::{self, Opened, Step},
    },
    platform::{
        clock::Time,
        gql::{Ask, WireResult},
    },
    users::{graphql::User, loaders::UserById},
};

/// Something that happened to an order, or to one of its parts. Whoever sees the order or the part sees it.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct OrderEvent {
    /// Begins with `step_`.
    pub id: Id<Step>,
    /// What happened.
    step: OrderStep,
    /// When.
    created_at: Time,
    /// What is said about it by who did it; null if nothing is.
    reason: Option<String>,
    #[graphql(skip)]
    part: Option<Id<model::OrderPart>>,
    #[graphql(skip)]
    actor: Option<Id<crate::users::model::User>>,
    #[graphql(skip)]
    about: Option<Uuid>,
    /// Of a guest's order that is shown by its owner's token.
    #[graphql(skip)]
    opened: Option<Arc<Opened>>,
}

impl From<Step> for OrderEvent {
    fn from(row: Step) -> Self {
        let Step { id, part_id: part, step, actor_id: actor, about_id: about, created_at, reason, .. } = row;
        Self { id, step, created_at, reason, part, actor, about, opened: None }
    }
}

impl OrderEvent {
    /// One of a guest's order, for who has the owner's token.
    pub(super) fn opened(row: Step, opened: &Arc<Opened>) -> Self {
        Self { opened: Some(Arc::clone(opened)), ..row.into() }
    }
}

#[ComplexObject]
impl OrderEvent {
    /// The part that it happened to; null if it happened to all of them.
    async fn order_part(&self, ctx: &Context<'_>) -> WireResult<Option<OrderPart>> {
        let Some(part) = self.part else { return Ok(None) };
        if let Some(opened) = &self.opened {
            return Ok(part_of(opened, part));
        }
        Ok(ctx.loader().load_one(PartById(part)).await?.map(Into::into))
    }

    /// Who did it; null if it was a guest, the market itself, or its staff.
    async fn actor(&self, ctx: &Context<'_>) -> WireResult<Option<User>> {
        let Some(actor) = self.actor else { return Ok(None) };
        Ok(ctx.loader().load_one(UserById(actor)).await?.map(Into::into))
    }

    /// The refund that it is about; null if it is about none.
    async fn refund(&self, ctx: &Context<'_>) -> WireResult<Option<Refund>> {
        let (OrderStep::Refunded | OrderStep::RefundFailed, Some(refund)) = (self.step, self.about) else {
            return Ok(None);
        };
        if let Some(opened) = &self.opened {
            let found = opened.refunds.iter().find(|found| found.id.uuid() == refund);
            return Ok(found.map(|found| Refund::opened(found.clone(), opened)));
        }
        Ok(ctx.loader().load_one(RefundById(Id::from_uuid(refund))).await?.map(Into::into))
    }

    /// The return that it is about; null if it is about none.
    async fn order_return(&self, ctx: &Context<'_>) -> WireResult<Option<OrderReturn>> {
        match (self.step, self.about) {
            (
                OrderStep::ReturnRequested
                | OrderStep::ReturnApproved
                | OrderStep::ReturnDeclined
                | OrderStep::ReturnWithdrawn
                | OrderStep::ReturnReceived,
                Some(found),
            ) => Ok(ctx.loader().load_one(ReturnById(Id::from_uuid(found))).await?.map(Into::into)),
            _ => Ok(None),
        }
    }

    /// The claim that it is about; null if it is about none.
    async fn claim(&self, ctx: &Context<'_>) -> WireResult<Option<Claim>> {
        match (self.step, self.about) {
            (
                OrderStep::ClaimOpened
                | OrderStep::ClaimAnswered
                | OrderStep::ClaimEscalated
                | OrderStep::ClaimDecided
                | OrderStep::ClaimClosed,
                Some(claim),
            ) => Ok(ctx.loader().load_one(ClaimById(Id::from_uuid(claim))).await?.map(Into::into)),
            _ => Ok(None),
        }
    }

    /// The shipment that it is about; null if it is about none.
    async fn shipment(&self, ctx: &Context<'_>) -> WireResult<Option<Shipment>> {
        let (OrderStep::Packed | OrderStep::Unpacked | OrderStep::Shipped | OrderStep::Delivered, Some(shipment)) =
            (self.step, self.about)
        else {
            return Ok(None);
        };
        if let Some(opened) = &self.opened {
            let found = opened.shipments.iter().find(|found| found.shipment.id.uuid() == shipment);
            return Ok(found.map(|found| Shipment::opened(found.clone(), opened)));
        }
        Ok(ctx.loader().load_one(ShipmentById(Id::from_uuid(shipment))).await?.map(Into::into))
    }
}
