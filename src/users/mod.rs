//! People: how they sign up and in, their sessions, their profile and preferences.
//!
//! - A **verification** is a sign-up that waits for its code. The account comes into being when the code is confirmed, so
//!   an address belongs to whoever can read its mail, and nobody else's sign-up stands in the way.
//! - A **session** is a signed-in device. Its access tokens live 10 minutes; its refresh token changes with every use.
//! - An **identity** is somebody's account at another place, known by issuer and subject, by which they sign in here. A
//!   **flow** is the way there and back: it belongs to the browser or app that began it, and ends once.
//! - A **second factor** is an authenticator, with recovery codes for when it is lost. Where there is one, every way of
//!   signing in ends in a **challenge** (`service::finish_sign_in`), which a code completes: neither a password, a mailbox nor
//!   an account at another place is enough. Wrong codes are counted until the next right one, without an end in time.
//! - A **passkey** is two factors by itself. Its **ceremony** waits for one answer, whatever comes of it. It switches no second
//!   factor on.
//! - A **proof** that is not older than 15 minutes is needed for what a stranger at an open device must not do
//!   (`service::require_recent`); beside a second factor a password proves nothing.
//! - A **grant** lets one of the staff act in somebody's name for a while; the **audit log** tells that person of it.
//!
//! **Invariants:** sign-up, sign-in and resend answer the same, at the same cost, for known and unknown addresses; a
//! password or a code is in no log and no row of events, jobs or idempotency keys; no code is taken twice; an identity comes
//! to an account by its owner, signed in, or by an address that the provider has verified where there is no second factor, and
//! never otherwise; something to sign in with is always left; a session that has ended changes nothing, though its request
//! came before. Guesses, addresses, people, and what is theirs are locked in this order; rows that only name a person wait for
//! nobody.

pub mod error;
pub mod graphql;
pub mod jobs;
pub mod loaders;
mod mail;
pub mod model;
mod queries;
pub mod service;
