//! Reviews: what people say of what they bought, and what shops answer.
//!
//! - A **review** is of one person about one product, with 1 to 5 stars. Only who bought the product here, and paid, writes one;
//!   nobody who works for its shop does.
//! - A **reply** is the shop's, one to a review.
//! - A **report** asks the market's staff to look at a review. One that they **hide** is seen by them and by its author alone, and
//!   its stars count no more.
//!
//! **Invariants:** a product's row is locked before one of its reviews comes, goes, or changes its stars, so that the stars
//! that are told of a product and of a shop are those of the reviews that can be seen; before it, the author's row. Of an erased
//! author the stars stay, and not a word.

pub mod error;
pub mod graphql;
pub mod loaders;
pub mod model;
mod policy;
mod queries;
pub mod service;
