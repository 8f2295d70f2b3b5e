//! What is done about orders in the background.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Order, OrderPart, Step};
use crate::{
    kernel::id::Id,
    payments::model::{PaymentIntent, Refund},
    platform::jobs::JobBody,
    users::model::User,
};

/// Asks the provider what became of a payment that waited for its buyer for too long, and calls the order off if nothing did.
#[derive(Debug, Serialize, Deserialize)]
pub struct CallOffUnlessPaid {
    pub payment: Id<PaymentIntent>,
}

impl JobBody for CallOffUnlessPaid {
    const KIND: &'static str = "orders.call_off_unless_paid";
}

/// Has a provider give money back.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct CarryOutRefund {
    pub refund: Id<Refund>,
    pub attempt: i32,
}

impl JobBody for CarryOutRefund {
    const KIND: &'static str = "orders.carry_out_refund";
}

impl CarryOutRefund {
    /// By what it is the only one about this attempt.
    pub fn key(&self) -> String {
        format!("{} {}-{}", Self::KIND, self.refund, self.attempt)
    }
}

/// For what money goes back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RefundedFor {
    /// What the buyer is told.
    Reason(String),
    /// What they are told elsewhere.
    Unsaid,
    /// They have called the order off.
    Cancelled,
    /// It was not owed, or came too late.
    Excess,
}

/// Tells a buyer that money is on its way back.
#[derive(Debug, Serialize, Deserialize)]
pub struct RefundMail {
    pub refund: Id<Refund>,
    /// None of a guest's.
    pub buyer: Option<Id<User>>,
}

impl JobBody for RefundMail {
    const KIND: &'static str = "orders.refund_mail";
}

/// Has those told of an order that can be sent by now who want to be: its buyer, and the members of its shops. It was paid, or is promised, or
/// waits for no money.
#[derive(Debug, Serialize, Deserialize)]
pub struct TellOfPayment {
    pub order: Id<Order>,
}

impl JobBody for TellOfPayment {
    const KIND: &'static str = "orders.tell_of_payment";
}

/// Tells a buyer that an order is paid.
#[derive(Debug, Serialize, Deserialize)]
pub struct OrderPaidMail {
    pub order: Id<Order>,
    /// None of a guest's.
    pub buyer: Option<Id<User>>,
    /// What was added to what was paid before, if it is that which is paid: news of its own.
    #[serde(default)]
    pub addition: Option<Uuid>,
}

impl JobBody for OrderPaidMail {
    const KIND: &'static str = "orders.order_paid_mail";
}

/// Tells a buyer that their bank has promised what an order costs.
#[derive(Debug, Serialize, Deserialize)]
pub struct OrderAuthorizedMail {
    pub order: Id<Order>,
    /// None of a guest's.
    pub buyer: Option<Id<User>>,
}

impl JobBody for OrderAuthorizedMail {
    const KIND: &'static str = "orders.order_authorized_mail";
}

/// Tells a buyer that an order is placed that is not paid here.
#[derive(Debug, Serialize, Deserialize)]
pub struct OrderPlacedMail {
    pub order: Id<Order>,
    /// None of a guest's.
    pub buyer: Option<Id<User>>,
}

impl JobBody for OrderPlacedMail {
    const KIND: &'static str = "orders.order_placed_mail";
}

/// Tells a buyer that an order was called off which nobody paid.
#[derive(Debug, Serialize, Deserialize)]
pub struct OrderUnpaidMail {
    pub order: Id<Order>,
    pub buyer: Id<User>,
}

impl JobBody for OrderUnpaidMail {
    const KIND: &'static str = "orders.order_unpaid_mail";
}

/// Passes on what orders have brought that were paid before there were accounts of shops, from the one after `after` on.
#[derive(Debug, Serialize, Deserialize)]
pub struct PassOnPaid {
    pub after: Option<Id<Order>>,
}

impl JobBody for PassOnPaid {
    const KIND: &'static str = "orders.pass_on_paid";
}

/// Issues the documents that orders lack whose money a process moved that knew of none, from the one after `after` on.
#[derive(Debug, Serialize, Deserialize)]
pub struct IssueDocuments {
    pub after: Option<Id<Order>>,
}

impl JobBody for IssueDocuments {
    const KIND: &'static str = "orders.issue_documents";
}

/// Tells a buyer what happened to their order.
#[derive(Debug, Serialize, Deserialize)]
pub struct BuyerStepMail {
    pub step: Id<Step>,
    /// None of a guest's.
    pub buyer: Option<Id<User>>,
}

impl JobBody for BuyerStepMail {
    const KIND: &'static str = "orders.buyer_step_mail";
}

/// Tells somebody who works for a shop what happened to its part of an order.
#[derive(Debug, Serialize, Deserialize)]
pub struct ShopStepMail {
    pub step: Id<Step>,
    pub member: Id<User>,
}

impl JobBody for ShopStepMail {
    const KIND: &'static str = "orders.shop_step_mail";
}

/// Tells one of the market's staff what happened to an order that they have to decide about.
#[derive(Debug, Serialize, Deserialize)]
pub struct StaffStepMail {
    pub step: Id<Step>,
    pub person: Id<User>,
}

impl JobBody for StaffStepMail {
    const KIND: &'static str = "orders.staff_step_mail";
}

/// Tells somebody who works for a shop that it has sold something.
#[derive(Debug, Serialize, Deserialize)]
pub struct SaleMail {
    pub part: Id<OrderPart>,
    pub member: Id<User>,
}

impl JobBody for SaleMail {
    const KIND: &'static str = "orders.sale_mail";
}
