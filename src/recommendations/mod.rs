//! Recommendations: what goes well with what, by what people ordered together, what they have looked at lately, and what they are shown first.
//!
//! - A **basket** is what was learned of an order: who ordered, if that is known, and the goods in the order in which they were chosen.
//! - A **pair** is two products of one basket. It **weighs** the more the nearer they stand; a product's **mass** is the weight of all of its pairs.
//! - The **backers** of a pair are the people who ordered both. All orders of nobody in particular are one person's.
//! - The **neighbours** of a product are those that go best with it, with the parts of why: at most fifty, and each with five backers or more.
//! - A **view** is when somebody looked at a product last: a person, or a **visitor**, a guest who is told from others by a token and of whom nothing
//!   else is known.
//! - A **signal** is something that somebody did, such as a view; a **section** of the **home** feed is products that are shown together for a reason.
//! - What is **trending** in a **place**, a country or anywhere, are products that many people have ordered lately.
//!
//! **Invariants:** pairs and products are sums over the baskets, and neighbours follow from those sums alone, so what was learned little by little is what would
//! be learned from scratch, in whatever order things happened; one transaction at a time changes them; an order is learned while it holds, that is
//! unless it was called off or waits for its money; nobody who was erased, or wants nothing kept, stands in a basket, but for the moment until that
//! is done. Of each viewer a product stands in one view at the most, under the lock of the person or the visitor; who does not want it to be kept
//! what they look at has no new views, and is shown none; the token of a visitor is stored nowhere. What is
//! trending has five people or more behind it, and says of none of them that they are.

pub mod error;
pub mod graphql;
pub mod jobs;
pub mod loaders;
pub mod model;
mod queries;
pub mod service;
