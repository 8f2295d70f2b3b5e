//! Signing up and in, getting back in, sessions, profile and preferences.

mod address_book;
mod addresses;
mod api_keys;
mod blocks;
mod client_settings;
mod guesses;
mod links;
mod passwords;
mod people;
mod profile;
mod providers;
mod security_events;
mod session;
mod sign_up;
mod signing_keys;
mod staff;

pub use self::{
    address_book::*,
    addresses::*,
    api_keys::*,
    blocks::*,
    client_settings::*,
    guesses::forget_guesses,
    links::Afterwards,
    passwords::*,
    people::*,
    profile::*,
    providers::*,
    security_events::{count_security_events, forget_security_events, security_events},
    session::*,
    sign_up::*,
    signing_keys::*,
    staff::*,
};
use super::error::AccountError;
use crate::kernel::text;

fn name(field: &str, given: &str) -> Result<String, AccountError> {
    text::line(given, 80).map_err(|error| AccountError::Text { field: field.into(), error })
}
