//! How shops send what they sell, and what that costs.
//!
//! - A **zone** of a shop is a part of the world: some countries, or all that lie in no other zone of the shop.
//! - A **method** is a way in which things are sent to a zone, for parcels of some weights.
//! - A **rate** is what a method costs in one currency, for some subtotals. In a currency without a rate it is not offered.
//! - An **offer** is a method that can be chosen for a parcel, with what it costs then.
//!
//! A shop without a zone says nothing of how it sends: anywhere, for nothing. One with zones sends where one of them lies,
//! and nowhere else.
//!
//! **Invariants:** a country lies in one zone of a shop at the most, and one zone of a shop at the most is the rest of the world: the
//! database sees to both. What a shop sets up is decided under the lock of the shop's row. Orders keep names and prices of their own:
//! zones and methods go whenever their shop likes.

pub mod error;
pub mod graphql;
pub mod loaders;
pub mod model;
mod queries;
pub mod service;
