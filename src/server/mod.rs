//! The HTTP server: actix-web, and nothing else of it elsewhere.
//!
//! **Invariant:** a [`Caller`](crate::platform::caller::Caller) is made here, once per request, from a token and headers.

mod banner;
mod caller;
pub mod graphiql;
mod http;
mod pages;
mod payments;
mod run;
mod websocket;

pub use self::run::{Running, ServeError, build};
