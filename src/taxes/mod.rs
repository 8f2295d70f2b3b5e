//! Taxes: what of a price is the state's, by the country that something is sent to.
//!
//! - **Country taxes** are what the market's administrators lay down for a country: what the tax is called, whether prices contain it
//!   or it comes on top, its rates, and who pays it to the state. Where nothing is laid down, there is no tax.
//! - The **rate** of a product is that of its tax class (which `products` keeps), or the standard one where the class has none of its own in
//!   the country. What sending costs has a rate of its own, or the standard one.
//! - Each line is **rounded** by itself: the amount of all its pieces after discounts, halves up, to the currency's minor unit.
//!
//! **Invariants:** a country's rates change only under the lock of its row, which raises its version; what is reckoned once is copied by whoever
//! needs it later, for what is laid down changes.

pub mod error;
pub mod graphql;
pub mod model;
mod queries;
pub mod service;
