//! The HTTP server: actix-web, and nothing else of it elsewhere.
//!
//! **Invariant:** a [`Caller`](crate::platform::caller::Caller) is made here, once per request, from a token and headers.

mod account;
mod admin;
mod admission;
mod answer;
mod attachments;
mod banner;
mod batch;
mod body;
mod bundles;
mod caching;
mod callback;
mod caller;
mod connection;
mod demo_page;
mod exports;
pub mod graphiql;
mod headers;
mod hosts;
mod http;
mod images;
mod invoices;
mod live;
mod naming;
mod order_files;
mod origins;
mod packing;
mod pages;
mod payments;
mod payouts;
mod routes;
mod run;
mod session;
mod shares;
mod sse;
mod upgrade;
mod uploads;
mod webhooks;
mod websocket;

pub use self::run::{Running, ServeError, build};
