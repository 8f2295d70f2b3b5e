//! Agora: a marketplace backend, one program over one Postgres, spoken to in GraphQL.
//!
//! In reading order:
//!
//! - [`kernel`]: the words that every domain shares. Pure.
//! - [`platform`]: machinery (database, jobs, events, mail, keys). Knows no domain.
//! - the domains, each a folder of the same layers, each naming only earlier ones: [`users`], [`media`], [`notifications`],
//!   [`shops`], [`products`], [`inventory`], [`porting`], [`wishlists`], [`searches`], [`messages`], [`payments`], [`taxes`],
//!   [`shipping`], [`promotions`], [`carts`], [`invoices`], [`orders`], [`payouts`], [`reviews`], [`moderation`],
//!   [`recommendations`], [`privacy`], [`checkup`], [`documents`].
//! - [`demo`]: a market to try things out on, made with the steps of all domains.
//! - [`user_errors`]: the face of every refusal.
//! - [`api`]: the schema as a whole.
//! - [`server`]: HTTP, WebSocket, pages. Nothing but transport.
//!
//! `tests/it/architecture.rs` holds the code to this map.

// Each part of a merged object is a future around those before it.
#![recursion_limit = "512"]

pub mod api;
pub mod carts;
pub mod checkup;
pub mod demo;
pub mod documents;
pub mod inventory;
pub mod invoices;
pub mod kernel;
pub mod media;
pub mod messages;
pub mod moderation;
pub mod notifications;
pub mod orders;
pub mod payments;
pub mod payouts;
pub mod platform;
pub mod porting;
pub mod privacy;
pub mod products;
pub mod promotions;
pub mod recommendations;
pub mod reviews;
pub mod schema;
pub mod searches;
pub mod server;
pub mod shipping;
pub mod shops;
pub mod taxes;
pub mod user_errors;
pub mod users;
pub mod wishlists;
