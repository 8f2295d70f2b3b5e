//! Shops: who sells, and the people who work for them.
//!
//! - A **shop** owns products, stock, its parts of orders and its payouts. It trades in one currency.
//! - A **member** is a person who works for a shop in a [role](model::ShopRole), which decides what they may do.
//! - A **desk** is a shop as its members see it. Strangers learn nothing of it, not even that they may not.
//! - Whoever was added to a shop by others has **accepted** that, or not yet: they do its work all the same.
//!
//! **Invariants:** a shop keeps at least one owner who has accepted that; it has at most 100 members, and a person has accepted at most 100 shops.
//! All three are decided under the lock of the shop's row, the last one under that of the person's row too. Nobody becomes an owner, or is one no
//! more, without a recent proof of who says so, nor without all of them hearing of it; but nobody is bound by what others have made them.

pub mod error;
pub mod graphql;
pub mod jobs;
pub mod loaders;
mod mail;
pub mod model;
mod policy;
mod queries;
pub mod service;
