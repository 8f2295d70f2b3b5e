//! Products: what shops sell.
//!
//! - A **product** has a face (title, description, category) and 1 to 100 **variants**, which are what is bought: each with
//!   a SKU, a price in the shop's currency, and stock (which `inventory` keeps).
//! - **Prices** in other currencies are what the shop sets them to. Every change of a price is kept, and with each price the lowest of
//!   the 30 days before it, by Directive 98/6/EC.
//! - **Options** (up to three, such as size) tell the variants apart; **attributes** say something of the product as a whole, in a
//!   form that can be compared. Its **kind** says which ones it has.
//! - **Translations** stand beside the originals, by locale. Options are translated by what they are called, so that nothing shows the
//!   words of something else after it got another name.
//! - Only an **active** product is public. Drafts and archived ones are seen by the members of their shop.
//! - `search` holds the folded words of all that is said of a product, and their stems; it changes in the same transaction, or,
//!   where an attribute gets another name, soon after. `product_words` are the words of all products for sale.
//!
//! **Invariants:** a product's row is locked before its variants change, so that `price_min` and `price_max` always are the
//! cheapest and the dearest of them, and no price changes without an entry in its history; a SKU is unique in its shop, a slug in the market.

pub mod error;
pub mod graphql;
pub mod jobs;
pub mod loaders;
pub mod model;
mod policy;
mod queries;
pub mod service;
