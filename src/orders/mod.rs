//! Orders: what was agreed, by whom, and how far it has come.
//!
//! - An **order** is what one buyer agreed to at one moment, perhaps with several shops.
//! - A **part** is what one shop has to do with it; the shop sees its part and nothing else.
//! - A **line** copies title, SKU and price: what is agreed does not change with the catalogue.
//! - An **addition** is what a buyer adds to a part that is paid. Its pieces are held, and its lines stand apart from the order, until it is
//!   paid, too; then they are the order's, and what they bring is booked under the addition's name.
//! - A **guest's** order is nobody's until somebody **claims** it. Till then whoever has the owner's token is as its buyer; the link in mail is
//!   another token, which shows less and does nothing.
//!
//! **Invariants:** an order, its stock movements, its conversations and its event are written in one transaction; every
//! step holds the order's row lock, taken before any other; the payment state is computed from the ledger, never set.

pub mod error;
pub mod graphql;
pub mod jobs;
pub mod loaders;
mod mail;
pub mod model;
mod policy;
mod queries;
pub mod service;
