//! Promotions: what shops take off, by a code or by itself.
//!
//! - A **promotion** of a shop takes a share or an amount off its goods, or makes its shipping free. The shop bears it. With a code it
//!   is for those who know the code, without one for everybody.
//! - A **basket** is what an order has of one shop; a promotion takes off its own shop's basket alone.
//! - A **use** is an order that has a promotion; an order that is called off lets go of it.
//!
//! **Invariants:** of a shop's basket one promotion counts, the one that takes off most, and nothing falls below zero; limits hold
//! however many order at once: the one in total by a counter that moves by one conditional UPDATE, the one per person under the lock
//! of the buyer's row; the counter is the number of uses where there is a limit in total, else it is 0; a code is known to nobody but
//! the shop's members.

pub mod error;
pub mod graphql;
pub mod loaders;
pub mod model;
mod queries;
pub mod service;
