//! The integration tests, one binary: a file per domain, and one per property of the whole.

#![recursion_limit = "256"]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that meets what it does not expect has failed"
)]

mod access;
mod actions;
mod address_book;
mod admin;
mod architecture;
mod at_once;
mod attachments;
mod blocking;
mod bodies;
mod books;
mod buy_again;
mod cancellation;
mod captures;
mod carts;
mod catalogue;
mod checkout;
mod claims;
mod client_settings;
mod conversations;
mod cookies;
mod costs;
mod crashes;
mod declines;
mod demo;
mod disputes;
mod doctor;
mod documents;
mod events;
mod explain;
mod following;
mod guesses;
mod guest_orders;
#[path = "../harness/mod.rs"]
mod harness;
mod headers;
mod held;
mod history;
mod home;
mod hosts;
mod import;
mod invoices;
mod jobs;
mod keys;
mod lagging;
mod limits;
mod mail;
mod media;
mod members;
mod mentions;
mod merged;
mod message_changes;
mod message_safety;
mod message_search;
mod messages;
mod migrations;
mod moderation;
mod notifications;
mod nulls;
mod order_edits;
mod order_export;
mod order_lists;
mod order_mail;
mod order_notes;
mod order_numbers;
mod orders;
mod overload;
mod owners;
mod parties;
mod passkeys;
mod payment_methods;
mod payments;
mod payouts;
mod pending;
mod privacy;
mod private_postgres;
mod program;
mod promotions;
mod provider_fees;
mod providers;
mod queries;
mod quick_replies;
mod races;
mod reactions;
mod recommendations;
mod recovery;
mod refunds;
mod related;
mod returns;
mod reviews;
mod sales_report;
mod saved_searches;
mod schema;
mod search;
mod searches;
mod second_factor;
mod secrets;
mod security_doc;
mod security_events;
mod sessions;
mod shares;
mod shipping;
mod shipping_zones;
mod sockets;
mod sse;
mod staff;
mod stock;
mod storefronts;
mod stripe;
mod support;
mod taxes;
mod told;
mod unpaid;
mod users;
mod wire;
mod wishlists;

use std::{env, fs, path::Path};

/// Holds a committed file to what the program says it must be. `UPDATE_SCHEMA=1` writes it anew.
fn snapshot(file: &str, wanted: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    if env::var_os("UPDATE_SCHEMA").is_some() {
        fs::write(&path, wanted).unwrap();
    }
    let found = fs::read_to_string(&path).unwrap_or_default();
    if found == wanted {
        return;
    }
    let (mut found_lines, mut wanted_lines) = (found.lines(), wanted.lines());
    for number in 1.. {
        let (found, wanted) = (found_lines.next(), wanted_lines.next());
        assert!(
            found == wanted && found.is_some(),
            "{file} is out of date; `UPDATE_SCHEMA=1 cargo test` writes it anew. The first difference is in line \
             {number}:\n  found:  {found:?}\n  wanted: {wanted:?}"
        );
    }
}
