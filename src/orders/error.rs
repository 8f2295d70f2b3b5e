//! What can go wrong with orders.

use serde::{Deserialize, Serialize};

use crate::{
    carts::error::CartError,
    kernel::{
        address::AddressError,
        error::{DomainError, Failure, KeyReused, TransactionError, UserErrorCode, Verdict},
        money::{Money, MoneyError},
        text::TextError,
    },
    payments::error::PaymentError,
    platform::clock::Time,
    promotions::model::CodeFault,
    shops::error::ShopError,
};

/// A line of which there is not enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShortLine {
    /// Its place in the input.
    pub line: usize,
    /// How many pieces there are.
    pub available: i32,
}

#[derive(Debug, thiserror::Error, Serialize, Deserialize)]
pub enum OrderError {
    #[error("an order has 1 to 200 lines")]
    Lines { is_empty: bool },
    #[error("line {line}: the quantity is out of range")]
    Quantity { line: usize },
    #[error("line {line}: not for sale")]
    NotForSale { line: usize },
    #[error("line {line}: its shop is on holiday")]
    OnHoliday { line: usize },
    #[error("line {line}: not in the currency of the others")]
    CurrencyMismatch { line: usize },
    /// Every line that is short.
    #[error("out of stock: {0:?}")]
    OutOfStock(Vec<ShortLine>),
    #[error("line {line:?}: the price is {new}, not {old}")]
    PriceChanged { line: Option<usize>, old: Money, new: Money },
    #[error("shippingAddress.{0}")]
    Address(AddressError),
    #[error("line {line}: its shop does not send it there")]
    CannotShip { line: usize },
    #[error("shipping {place}: not offered")]
    ShippingMethod { place: usize },
    #[error("the code does nothing: {0:?}")]
    Code(CodeFault),
    #[error("the expected total is in another currency")]
    TotalCurrency,
    #[error("no such order")]
    NotFound,
    #[error("the token opens no order that can be claimed")]
    Token,
    #[error("no address that mail can be sent to")]
    Email,
    #[error("cannot be cancelled")]
    NotCancellable,
    #[error("as many of the buyer's orders wait for their money as may")]
    TooManyUnpaid,
    #[error("more pieces than a guest may order at once")]
    TooManyPieces,
    #[error("guests ordered as much in a day as may; the next order is placed from {retry_at} on")]
    TooManyOfDay { retry_at: Time },
    #[error("cannot be paid")]
    NotPayable,
    #[error("nothing of it can be given back")]
    NotRefundable,
    #[error("more than is left of the part, or nothing")]
    RefundAmount,
    #[error("the shop's balance does not cover it")]
    NotCovered,
    #[error("not in the currency of the order")]
    RefundCurrency,
    #[error("not a multiple of {step}")]
    RefundStep { step: Money },
    #[error("something of the part was given back too often")]
    TooManyRefunds,
    #[error("the refund was begun too often")]
    TooManyAttempts,
    #[error("the part has as many shipments as one may have")]
    TooManyShipments,
    #[error("pieces of the part were called off too often")]
    TooManyCancellations,
    #[error("the part was edited too often")]
    TooManyEdits,
    #[error("the order is at version {current}")]
    StaleVersion { current: i32 },
    #[error("the part cannot be edited")]
    NotEditable,
    #[error("nothing can be added to it")]
    NotExtendable,
    #[error("with what is left the part would not be as it was agreed")]
    NotReducible,
    #[error("the expected difference is in another currency")]
    DifferenceCurrency,
    #[error("the difference is {new}, not {old}")]
    DifferenceChanged { old: Money, new: Money },
    #[error("no such refund")]
    RefundNotFound,
    #[error("the refund has not failed")]
    RefundNotFailed,
    #[error("no such part")]
    PartNotFound,
    #[error("no such shipment")]
    ShipmentNotFound,
    #[error("line {line}: none of the part's, or named twice")]
    LineNotFound { line: usize },
    #[error("there is nothing to send")]
    NotShippable,
    #[error("a bank asks for the money, or has it")]
    Disputed,
    #[error("not paid")]
    NotPaid,
    #[error("not from this status")]
    Transition,
    #[error("nothing of the part can come back")]
    NotReturnable,
    #[error("the part has as many returns as one may have")]
    TooManyReturns,
    #[error("no such return")]
    ReturnNotFound,
    #[error("line {line}: more go back into stock than came")]
    Restocked { line: usize },
    #[error("nothing about the part can be claimed")]
    NotClaimable,
    #[error("there is an open claim about the part")]
    ClaimOpen,
    #[error("the part has as many claims as one may have")]
    TooManyClaims,
    #[error("no such claim")]
    ClaimNotFound,
    #[error("the part has as many notes as one may have")]
    TooManyNotes,
    #[error("no such note")]
    NoteNotFound,
    #[error("it cannot come to this from where it is")]
    NotFromHere,
    #[error("they are the buyer, or work for the shop")]
    NotImpartial,
    #[error("trackingUrl: no link")]
    TrackingUrl,
    #[error("{field}: {error}")]
    Text { field: String, error: TextError },
    #[error(transparent)]
    Shop(ShopError),
    #[error("an amount is out of range")]
    Amount,
    #[error(transparent)]
    Payment(PaymentError),
    #[error("cart: {0}")]
    Cart(CartError),
    /// The lines come from a cart, and this is wrong with one of them.
    #[error("cart: {0}")]
    OfCart(Box<OrderError>),
    /// The lines are what is to be added, and this is wrong with one of them.
    #[error("add: {0}")]
    OfAdded(Box<OrderError>),
    /// The lines are what is to be removed, and this is wrong with one of them.
    #[error("remove: {0}")]
    OfRemoved(Box<OrderError>),
    #[error(transparent)]
    KeyReused(#[from] KeyReused),
    #[error(transparent)]
    #[serde(skip)]
    Failed(#[from] Failure),
}

impl From<MoneyError> for OrderError {
    fn from(_: MoneyError) -> Self {
        Self::Amount
    }
}

impl From<PaymentError> for OrderError {
    fn from(error: PaymentError) -> Self {
        match error {
            PaymentError::Failed(failure) => Self::Failed(failure),
            other => Self::Payment(other),
        }
    }
}

impl From<CartError> for OrderError {
    fn from(error: CartError) -> Self {
        match error {
            CartError::Failed(failure) => Self::Failed(failure),
            other => Self::Cart(other),
        }
    }
}

impl From<ShopError> for OrderError {
    fn from(error: ShopError) -> Self {
        match error {
            ShopError::Failed(failure) => Self::Failed(failure),
            other => Self::Shop(other),
        }
    }
}

impl OrderError {
    /// What is wrong with something of a part, of which nobody learns whose it is.
    #[must_use]
    pub fn hidden(self, not_found: Self) -> Self {
        match self {
            Self::PartNotFound | Self::Shop(ShopError::NotFound { .. }) => not_found,
            other => other,
        }
    }

    fn verdict_within(self, list: &str) -> Verdict {
        match self.verdict() {
            Verdict::Refused { code, field } => Verdict::at(code, within(list, &field)),
            failed @ Verdict::Failed(_) => failed,
        }
    }
}

/// Where in an order's cart something is that would stand at `lines` without one.
pub fn within_cart(field: &[String]) -> Vec<String> {
    match field {
        [lines, line, ..] if lines == "lines" => vec!["cart".into(), lines.clone(), line.clone()],
        [lines] if lines == "lines" => vec!["cart".into()],
        other => other.to_vec(),
    }
}

/// Where something is in the input of an edit that would stand at `lines` of an order.
pub fn within(list: &str, field: &[String]) -> Vec<String> {
    match field {
        [lines, rest @ ..] if lines == "lines" => [&[list.to_owned()][..], rest].concat(),
        other => other.to_vec(),
    }
}

impl TransactionError for OrderError {
    fn failure(&self) -> Option<&Failure> {
        match self {
            Self::Failed(failure) => Some(failure),
            Self::Payment(error) => error.failure(),
            Self::Cart(error) => error.failure(),
            Self::OfCart(error) | Self::OfAdded(error) | Self::OfRemoved(error) => error.failure(),
            Self::Shop(error) => error.failure(),
            _ => None,
        }
    }
}

impl DomainError for OrderError {
    fn verdict(self) -> Verdict {
        let at = |code, line: usize, field: &str| Verdict::at(code, ["lines", &line.to_string(), field]);
        match self {
            Self::Lines { is_empty: true } => Verdict::at(UserErrorCode::Blank, ["lines"]),
            Self::Lines { is_empty: false } | Self::TooManyPieces => Verdict::at(UserErrorCode::TooMany, ["lines"]),
            Self::Quantity { line } => at(UserErrorCode::OutOfRange, line, "quantity"),
            Self::NotForSale { line } => at(UserErrorCode::NotFound, line, "variantId"),
            Self::OnHoliday { line } => at(UserErrorCode::ShopOnHoliday, line, "variantId"),
            Self::CurrencyMismatch { line } => at(UserErrorCode::CurrencyMismatch, line, "variantId"),
            Self::OutOfStock(lines) => {
                at(UserErrorCode::OutOfStock, lines.first().map_or(0, |line| line.line), "quantity")
            }
            Self::PriceChanged { line: Some(line), .. } => at(UserErrorCode::PriceChanged, line, "expectedUnitPrice"),
            Self::PriceChanged { line: None, .. } => Verdict::at(UserErrorCode::PriceChanged, ["expectedTotal"]),
            Self::CannotShip { line } => at(UserErrorCode::CannotShip, line, "variantId"),
            Self::ShippingMethod { place } => {
                Verdict::at(UserErrorCode::NotFound, ["shipping", &place.to_string(), "shippingMethodId"])
            }
            Self::Code(_) => Verdict::at(UserErrorCode::CodeNotApplicable, ["code"]),
            Self::Address(error) => Verdict::of_address("shippingAddress", error),
            Self::TotalCurrency => Verdict::at(UserErrorCode::CurrencyMismatch, ["expectedTotal"]),
            Self::NotFound => Verdict::at(UserErrorCode::NotFound, ["orderId"]),
            Self::Token => Verdict::at(UserErrorCode::NotFound, ["token"]),
            Self::Email => Verdict::at(UserErrorCode::InvalidEmail, ["email"]),
            Self::NotCancellable => Verdict::refused(UserErrorCode::OrderNotCancellable),
            Self::TooManyOfDay { .. } => Verdict::refused(UserErrorCode::TooManyAttempts),
            Self::TooManyUnpaid => Verdict::refused(UserErrorCode::TooManyUnpaidOrders),
            Self::NotPayable => Verdict::refused(UserErrorCode::OrderNotPayable),
            Self::NotRefundable => Verdict::refused(UserErrorCode::OrderNotRefundable),
            Self::RefundAmount => Verdict::at(UserErrorCode::OutOfRange, ["amount"]),
            Self::NotCovered => Verdict::refused(UserErrorCode::BalanceTooLow),
            Self::RefundStep { .. } => Verdict::refused(UserErrorCode::RefundStep),
            Self::RefundCurrency => Verdict::at(UserErrorCode::CurrencyMismatch, ["amount"]),
            Self::TooManyEdits
            | Self::TooManyRefunds
            | Self::TooManyShipments
            | Self::TooManyCancellations
            | Self::TooManyReturns
            | Self::TooManyClaims
            | Self::TooManyNotes => Verdict::at(UserErrorCode::TooMany, ["orderPartId"]),
            Self::StaleVersion { .. } => Verdict::at(UserErrorCode::StaleVersion, ["expectedVersion"]),
            Self::NotEditable => Verdict::refused(UserErrorCode::OrderNotEditable),
            Self::NotExtendable => Verdict::at(UserErrorCode::OrderNotEditable, ["add"]),
            Self::NotReducible => Verdict::at(UserErrorCode::OrderNotEditable, ["remove"]),
            Self::DifferenceCurrency => Verdict::at(UserErrorCode::CurrencyMismatch, ["expectedDifference"]),
            Self::DifferenceChanged { .. } => Verdict::at(UserErrorCode::PriceChanged, ["expectedDifference"]),
            Self::NotReturnable => Verdict::refused(UserErrorCode::OrderNotReturnable),
            Self::ReturnNotFound => Verdict::at(UserErrorCode::NotFound, ["returnId"]),
            Self::Restocked { line } => at(UserErrorCode::OutOfRange, line, "quantityRestocked"),
            Self::NotClaimable => Verdict::refused(UserErrorCode::OrderNotClaimable),
            Self::ClaimOpen => Verdict::refused(UserErrorCode::ClaimOpen),
            Self::ClaimNotFound => Verdict::at(UserErrorCode::NotFound, ["claimId"]),
            Self::NoteNotFound => Verdict::at(UserErrorCode::NotFound, ["noteId"]),
            Self::NotImpartial => Verdict::refused(UserErrorCode::NotPermitted),
            Self::NotFromHere => Verdict::refused(UserErrorCode::TransitionNotAllowed),
            Self::TooManyAttempts => Verdict::at(UserErrorCode::TooMany, ["refundId"]),
            Self::RefundNotFound => Verdict::at(UserErrorCode::NotFound, ["refundId"]),
            Self::RefundNotFailed => Verdict::at(UserErrorCode::RefundNotFailed, ["refundId"]),
            Self::PartNotFound => Verdict::at(UserErrorCode::NotFound, ["orderPartId"]),
            Self::ShipmentNotFound => Verdict::at(UserErrorCode::NotFound, ["shipmentId"]),
            Self::LineNotFound { line } => at(UserErrorCode::NotFound, line, "orderLineId"),
            Self::NotShippable => Verdict::refused(UserErrorCode::OrderNotShippable),
            Self::Disputed => Verdict::refused(UserErrorCode::OrderDisputed),
            Self::NotPaid => Verdict::refused(UserErrorCode::OrderNotPaid),
            Self::Transition => Verdict::at(UserErrorCode::TransitionNotAllowed, ["status"]),
            Self::TrackingUrl => Verdict::at(UserErrorCode::Invalid, ["trackingUrl"]),
            Self::Text { field, error } => Verdict::of_text(&field, error),
            Self::Shop(error) => error.verdict(),
            Self::Amount => Verdict::at(UserErrorCode::OutOfRange, ["lines"]),
            Self::Payment(error) => error.verdict(),
            Self::Cart(error) => match error.verdict() {
                Verdict::Refused { code, field } => Verdict::at(code, std::iter::once("cart".to_owned()).chain(field)),
                failed @ Verdict::Failed(_) => failed,
            },
            Self::OfCart(error) => match error.verdict() {
                Verdict::Refused { code, field } => Verdict::at(code, within_cart(&field)),
                failed @ Verdict::Failed(_) => failed,
            },
            Self::OfAdded(error) => error.verdict_within("add"),
            Self::OfRemoved(error) => error.verdict_within("remove"),
            Self::KeyReused(_) => Verdict::at(UserErrorCode::IdempotencyKeyReused, ["idempotencyKey"]),
            Self::Failed(failure) => Verdict::Failed(failure),
        }
    }
}
