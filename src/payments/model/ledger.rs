//! Accounts, and what moves between them.

use uuid::Uuid;

use crate::{kernel::money::Money, platform::clock::Time, text_enum};

text_enum! {
    /// What an account is for.
    pub enum AccountKind {
        /// Money that a provider holds for the market.
        Provider = "PROVIDER",
        /// What has been paid for an order; below zero, what has been given back for an imported return.
        Order = "ORDER",
        /// Money of orders that another system took.
        Imported = "IMPORTED",
        /// Below zero: what of an order's money was passed on. With the order's own account, what is in flight.
        PassedOn = "PASSED_ON",
        /// What the market owes a shop; below zero, what the shop owes.
        Shop = "SHOP",
        /// What the market has earned.
        Fees = "FEES",
        /// Below zero: what the provider has kept for its work, which is the market's cost.
        ProviderFees = "PROVIDER_FEES",
        /// What goes back, or has gone back, to the buyer of an order at the cost of its shops.
        Refunds = "REFUNDS",
        /// What the market keeps of sales for the state.
        Taxes = "TAXES",
        /// What has left for a shop.
        Payouts = "PAYOUTS",
    }
}

text_enum! {
    /// Why money moved. New reasons may appear at any time.
    #[derive(async_graphql::Enum)]
    #[graphql(name = "LedgerEntryReason")]
    pub enum TransferCause {
        /// A buyer paid for an order.
        Payment = "PAYMENT",
        /// A buyer gets money back.
        Refund = "REFUND",
        /// What a part of an order brought its shop.
        Sale = "SALE",
        /// The market's share of it.
        Commission = "COMMISSION",
        /// The market's share of what a buyer gets back.
        CommissionReturned = "COMMISSION_RETURNED",
        /// The tax in it, which the market pays to the state.
        Tax = "TAX",
        /// The tax in what a buyer gets back.
        TaxReturned = "TAX_RETURNED",
        /// What leaves for the shop's own account.
        Payout = "PAYOUT",
        /// What has left, and did not arrive.
        PayoutReturned = "PAYOUT_RETURNED",
        /// The buyer's bank took back what they had paid; the tax in it, and the market's share of it, came back.
        Dispute = "DISPUTE",
        /// The bank gave it again, and with it the tax and the market's share left.
        DisputeReturned = "DISPUTE_RETURNED",
        /// What the provider keeps of a payment, or for a dispute. It is the market's cost: no shop has such an entry.
        ProviderFee = "PROVIDER_FEE",
    }
}

/// Where a transfer stands in a list by time.
pub type TransferKey = (Time, Uuid);

/// A transfer as one of its two accounts sees it.
#[derive(Debug, Clone)]
pub struct Entry {
    pub id: Uuid,
    /// More, or less if it is below zero.
    pub amount: Money,
    pub cause: TransferCause,
    pub cause_id: Uuid,
    pub created_at: Time,
}

text_enum! {
    /// How much of an order is paid, by the ledger.
    #[derive(async_graphql::Enum)]
    pub enum PaymentState {
        /// Nothing has been paid.
        Unpaid = "UNPAID",
        /// Something has been paid, but not all.
        PartiallyPaid = "PARTIALLY_PAID",
        /// All that is owed has been paid.
        Paid = "PAID",
        /// More has been paid than is owed: it goes back.
        Overpaid = "OVERPAID",
    }
}

impl PaymentState {
    /// The state of something for which `owed` has to come in, and `paid` has.
    pub const fn of(paid: i64, owed: i64) -> Self {
        if paid > owed {
            Self::Overpaid
        } else if paid == owed {
            Self::Paid
        } else if paid > 0 {
            Self::PartiallyPaid
        } else {
            Self::Unpaid
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_state_is_computed_from_what_came_in() {
        assert_eq!(PaymentState::of(0, 10), PaymentState::Unpaid);
        assert_eq!(PaymentState::of(3, 10), PaymentState::PartiallyPaid);
        assert_eq!(PaymentState::of(10, 10), PaymentState::Paid);
        assert_eq!(PaymentState::of(11, 10), PaymentState::Overpaid);
        assert_eq!(PaymentState::of(0, 0), PaymentState::Paid);
    }
}
