//! What the market pays its shops.
//!
//! - A **payout** is money that leaves a shop's account in the ledger for the shop's own account. One is made a day in each currency at the
//!   most, of what is payable then.
//! - **Payable** is the balance less what is held: what parts of orders have brought that were paid or sent within the last days, of which
//!   something is not sent yet, or about which a claim, a return or a dispute is open. What is below zero is made up for by what is earned next, before
//!   anything leaves: of this currency or another, of this shop or another of whoever named the account.
//! - A **payout account** is where a shop's money goes, by its provider's name of it. Without one that is ready nothing leaves, nor to one
//!   that was named by somebody who does not own the shop any more, nor within three days after it was named.
//!   It is one that the provider makes for the shop, or one that the owner names on the provider's page.
//! - A **statement** is what moved on a shop's account in a month, by the ledger.
//!
//! **Invariants:** a payout is made in one transaction with the transfer by which it leaves, and one that failed for good ends in one with
//! the transfer by which it comes back; one that a provider may have sent never ends without its word; the payouts of a shop are made and settled under the lock of the shop's row; a provider is asked
//! between transactions, under a key by which it sends the money once.

pub mod error;
pub mod graphql;
pub mod jobs;
pub mod loaders;
mod mail;
pub mod model;
mod queries;
pub mod service;
