//! Where each penny of an order comes from, and where it goes: entries, of which those of one kind add up to what the order says.

use diesel::{
    QueryableByName,
    sql_types::{BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};

use super::{OrderLine, OrderLineKind, OrderPart};
use crate::{
    kernel::{id::Id, money::CurrencyCode},
    payments::model::{PaymentIntent, PaymentStatus, ProviderFee, Refund, RefundStatus, TransferCause},
    platform::clock::Time,
};

/// What an entry of an explanation is about. New ones may appear at any time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, async_graphql::Enum)]
#[graphql(name = "OrderExplanationStep")]
pub enum ExplanationStep {
    /// What the pieces of a line cost. With `SHIPPING`, `DISCOUNT` and `TAX` it adds up to the total.
    Price,
    /// What it costs to send a part.
    Shipping,
    /// What is taken off a line; below zero.
    Discount,
    /// The tax that is added to a line.
    Tax,
    /// The tax that is contained in what is paid for a line: for the reader, for it adds nothing.
    TaxContained,
    /// What of a part fell away before it was paid, be it all of it; below zero.
    Dropped,
    /// What a payment brought. With `PAID_ELSEWHERE` and `REFUND` it adds up to what is paid.
    Payment,
    /// What another system took, from which the order comes; below zero if it has given more back.
    PaidElsewhere,
    /// What has gone back to the buyer; below zero.
    Refund,
    /// What is on its way back to the buyer, or was tried in vain; below zero. It is still among what is paid.
    RefundPending,
    /// What the payment provider keeps of a payment, whatever goes back of it; below zero. It is the market's cost, in the currency in which the
    /// provider settles, and only the market's staff see it.
    ProviderFee,
    /// What the provider charges for a dispute; below zero, or above if it gives that again. Else as `PROVIDER_FEE`.
    DisputeFee,
    /// What a part brought its shop. With those that follow, to `DISPUTE_RETURNED`, it adds up to what the shop has of it.
    Sale,
    /// The tax in it that the market keeps for the state; below zero.
    TaxWithheld,
    /// The market's share of it; below zero.
    Commission,
    /// What the shop has given back; below zero.
    SaleReturned,
    /// The tax in that.
    TaxReturned,
    /// The market's share of that.
    CommissionReturned,
    /// What the buyer's bank has taken back from the shop, less the tax and the market's share in it; below zero.
    Disputed,
    /// What the bank gave it again of that.
    DisputeReturned,
    /// What of that has left the shop's account for its own, with what has made up for what it owed; below zero. Payouts name no parts: the
    /// oldest money leaves first.
    PaidOut,
    /// What of that did not arrive, and has not left again.
    PayoutReturned,
    /// What is still on the shop's account: for the reader, for it is what the others come to.
    Held,
}

/// An entry of an explanation.
#[derive(Debug, Clone)]
pub struct Explained {
    pub step: ExplanationStep,
    /// In minor units.
    pub amount: i64,
    /// In which currency, if it need not be the order's.
    pub currency: Option<CurrencyCode>,
    pub part: Option<Id<OrderPart>>,
    pub line: Option<OrderLine>,
    pub payment: Option<Id<PaymentIntent>>,
    pub refund: Option<Id<Refund>>,
    /// What a promotion or a tax is called.
    pub name: Option<String>,
}

impl Explained {
    pub(super) const fn new(step: ExplanationStep, amount: i64) -> Self {
        Self { step, amount, currency: None, part: None, line: None, payment: None, refund: None, name: None }
    }
}

/// Money that came to the account of a part's shop for it, or left it.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Moved {
    #[diesel(sql_type = SqlUuid)]
    pub part_id: Id<OrderPart>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub refund_id: Option<Id<Refund>>,
    #[diesel(sql_type = Text)]
    pub cause: TransferCause,
    #[diesel(sql_type = BigInt)]
    pub amount: i64,
    #[diesel(sql_type = Timestamptz)]
    pub created_at: Time,
}

/// What a part costs, line by line, and how much of that fell away.
pub fn explain_costs(
    (part, fallen_away): (&OrderPart, i64),
    lines: &[OrderLine],
    tax_name: Option<&str>,
) -> Vec<Explained> {
    let mut entries = Vec::with_capacity(3 * lines.len() + 1);
    for line in lines {
        let (charge, price) = (line.charge, line.unit_price.saturating_mul(line.quantity.into()));
        let mut tell = |step, amount, name: Option<&str>| {
            let name = name.map(str::to_owned);
            entries.push(Explained { line: Some(line.clone()), name, ..Explained::new(step, amount) });
        };
        match line.kind {
            OrderLineKind::Goods => tell(ExplanationStep::Price, price, None),
            OrderLineKind::Charge => tell(ExplanationStep::Shipping, price, None),
        }
        if charge.discount != 0 {
            tell(ExplanationStep::Discount, -charge.discount, part.promotion.as_deref());
        }
        if charge.tax != 0 {
            let step = if charge.tax_is_added { ExplanationStep::Tax } else { ExplanationStep::TaxContained };
            tell(step, charge.tax, tax_name);
        }
    }
    if fallen_away != 0 {
        entries.push(Explained::new(ExplanationStep::Dropped, -fallen_away));
    }
    entries.into_iter().map(|entry| Explained { part: Some(part.id), ..entry }).collect()
}

/// How it came to what is paid, by the order in which that was decided.
pub fn explain_payments(paid: i64, payments: &[PaymentIntent], refunds: &[Refund]) -> Vec<Explained> {
    let came = payments.iter().filter(|payment| payment.status == PaymentStatus::Succeeded).map(|payment| {
        let entry = Explained::new(ExplanationStep::Payment, payment.brought());
        (payment.created_at, Explained { payment: Some(payment.id), ..entry })
    });
    let went = refunds.iter().map(|refund| {
        let step = match refund.status {
            RefundStatus::Succeeded => ExplanationStep::Refund,
            RefundStatus::Processing | RefundStatus::Failed | RefundStatus::Unanswered => {
                ExplanationStep::RefundPending
            }
        };
        let (entry, part) = (Explained::new(step, -refund.amount), refund.part_id.map(Id::from_uuid));
        let payment = Some(refund.intent_id);
        (refund.created_at, Explained { refund: Some(refund.id), payment, part, ..entry })
    });
    let mut entries: Vec<_> = came.chain(went).collect();
    entries.sort_by_key(|(at, entry)| (*at, entry.step));
    let of_ours = entries.iter().filter(|(_, entry)| entry.step != ExplanationStep::RefundPending);
    let elsewhere = paid - of_ours.map(|(_, entry)| entry.amount).sum::<i64>();
    let elsewhere = (elsewhere != 0).then(|| Explained::new(ExplanationStep::PaidElsewhere, elsewhere));
    elsewhere.into_iter().chain(entries.into_iter().map(|(_, entry)| entry)).collect()
}

/// What the provider has kept for payments and their disputes.
pub fn explain_fees(fees: &[ProviderFee]) -> Vec<Explained> {
    let kept = fees.iter().filter(|fee| fee.amount != 0).map(|fee| {
        let step = if fee.dispute_id.is_some() { ExplanationStep::DisputeFee } else { ExplanationStep::ProviderFee };
        let (payment, currency) = (Some(fee.intent_id), Some(fee.currency));
        Explained { currency, payment, ..Explained::new(step, -fee.amount) }
    });
    kept.collect()
}

/// What became of a part's money on the account of its shop.
pub fn explain_books(moved: &[Moved]) -> Vec<Explained> {
    let entry = |moved: &Moved| {
        let step = match moved.cause {
            TransferCause::Sale => ExplanationStep::Sale,
            TransferCause::Tax => ExplanationStep::TaxWithheld,
            TransferCause::Commission => ExplanationStep::Commission,
            TransferCause::Refund => ExplanationStep::SaleReturned,
            TransferCause::TaxReturned => ExplanationStep::TaxReturned,
            TransferCause::CommissionReturned => ExplanationStep::CommissionReturned,
            TransferCause::Dispute => ExplanationStep::Disputed,
            TransferCause::DisputeReturned => ExplanationStep::DisputeReturned,
            TransferCause::Payment
            | TransferCause::Payout
            | TransferCause::PayoutReturned
            | TransferCause::ProviderFee => return None,
        };
        let (part, refund) = (Some(moved.part_id), moved.refund_id);
        let at = (moved.created_at, refund.map(Id::uuid), step);
        Some((at, Explained { part, refund, ..Explained::new(step, moved.amount) }))
    };
    let mut entries: Vec<_> = moved.iter().filter_map(entry).collect();
    entries.sort_by_key(|(at, _)| *at);
    entries.into_iter().map(|(_, entry)| entry).collect()
}

#[cfg(test)]
mod tests;
