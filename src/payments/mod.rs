//! Money that moves: intents to pay, providers that carry them out, and the ledger.
//!
//! - An **intent** is one attempt to pay one order, by Stripe's states.
//! - A **capture** takes what a buyer's bank has promised for an intent, or some of it; of nothing, it lets the promise go.
//! - A **refund** gives back what an intent has brought, or some of it.
//! - A **dispute** is what the buyer's bank takes back of a payment, or wants to.
//! - A **disbursement** is money that a provider sends to the account of a shop.
//! - An **event** is what a provider tells of its own accord. It is believed in nothing but that something has happened.
//! - A **decline** is the card's no. Attempts are counted as guesses at cards until it is known that they were none.
//! - A **stored method** is a way to pay that somebody keeps: the provider keeps it, we its name there, and never a number. A **customer** is
//!   who keeps it, as the provider knows them.
//! - A **transfer** debits one account and credits another by the same amount, so the books balance by construction.
//!
//! **Invariants:** transfers are never changed; an account's balance is the sum of its transfers, moved in the same
//! transaction; never more of a payment goes back than it brought; what is only promised is in no account, and is taken
//! once; no provider is called inside a transaction. This domain does not know what an order is.

pub mod error;
pub mod graphql;
pub mod jobs;
pub mod loaders;
pub mod model;
mod queries;
pub mod service;
