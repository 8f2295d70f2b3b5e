//! Signing up and in, getting back in, sessions, profile and preferences.

mod access;
mod address_book;
mod addresses;
mod api_keys;
mod blocks;
mod challenges;
mod client_settings;
mod erasure;
mod export;
mod guesses;
mod links;
mod notices;
mod passkeys;
mod passwords;
mod people;
mod profile;
mod proofs;
mod providers;
mod second_factor;
mod security_events;
mod session;
mod sign_up;
mod signing_keys;
mod staff;
mod standings;
mod step_up;
mod suspensions;

pub use self::{
    access::tell_of_access,
    address_book::*,
    addresses::*,
    api_keys::*,
    blocks::*,
    challenges::*,
    client_settings::*,
    erasure::*,
    export::CHAPTERS,
    guesses::{count_guess, forget_guesses, give_back_guess, waits_until},
    links::Afterwards,
    notices::*,
    passkeys::*,
    passwords::*,
    people::*,
    profile::*,
    proofs::FactorProof,
    providers::*,
    second_factor::*,
    security_events::{count_security_events, forget_security_events, note, security_events},
    session::*,
    sign_up::*,
    signing_keys::*,
    staff::*,
    standings::*,
    step_up::*,
    suspensions::*,
};
use super::error::AccountError;
use crate::kernel::text;

fn name(field: &str, given: &str) -> Result<String, AccountError> {
    text::line(given, 80).map_err(|error| AccountError::Text { field: field.into(), error })
}
