//! Recommendations: what goes well with what, by what people ordered together.
//!
//! - A **basket** is what was learned of an order: who ordered, if that is known, and the goods in the order in which they were chosen.
//! - A **pair** is two products of one basket. It **weighs** the more the nearer they stand; a product's **mass** is the weight of all of its pairs.
//! - The **backers** of a pair are the people who ordered both. All orders of nobody in particular are one person's.
//! - The **neighbours** of a product are those that go best with it, with the parts of why: at most fifty, and each with five backers or more.
//!
//! **Invariants:** pairs and products are sums over the baskets, and neighbours follow from those sums alone, so what was learned little by little is what would
//! be learned from scratch, in whatever order things happened; one transaction at a time changes them; an order is learned while it holds, that is
//! unless it was called off or waits for its money; nobody who was erased stands in a basket.

pub mod error;
pub mod jobs;
pub mod model;
mod queries;
pub mod service;
