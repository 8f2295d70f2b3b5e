//! Commands about keys: those that sign access tokens, and those of machines.

use agora::{
    kernel::{
        id::Id,
        page::{Direction, Page},
    },
    platform::{
        app::App,
        caller::{Caller, Scope},
        clock::Time,
    },
    users::{self, model::ApiKey},
};
use chrono::TimeDelta;
use clap::Subcommand;

use super::{AnyError, block_on};

#[derive(Subcommand)]
pub enum KeysCommand {
    /// Has a new key sign; the one before verifies for eleven minutes more, until its last token has died
    Rotate,
    /// Seals all secrets anew under --master-key, which may be sealed under --master-key-previous
    Rewrap,
}

impl KeysCommand {
    pub fn run(self, app: &App) -> Result<(), AnyError> {
        match self {
            Self::Rotate => {
                let id = block_on(users::service::rotate_signing_key(app))?;
                println!("{id} signs from now on; running processes know within ten seconds");
            }
            Self::Rewrap => {
                let secrets = block_on(users::service::rewrap(app))?;
                println!("{secrets} sealed under the master key as it is now; the one before can go");
            }
        }
        Ok(())
    }
}

#[derive(Subcommand)]
pub enum ApiKeysCommand {
    /// Makes a key and prints it, once
    Add {
        /// What the key is for, to tell it from others
        name: String,
        /// What it may do
        #[arg(long, required = true)]
        scope: Vec<Scope>,
        /// After how many days it ends [default: never]
        #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u16).range(1..))]
        expires: Option<u16>,
    },
    /// Lists the newest 1,000 keys, and when each was last used
    List,
    /// Ends a key, on every process within a second
    Revoke {
        /// The id that `add` and `list` tell, such as `apikey_01…`
        id: Id<ApiKey>,
    },
}

/// Keys that a list tells.
const LISTED: i64 = 1_000;

impl ApiKeysCommand {
    pub fn run(self, app: &App) -> Result<(), AnyError> {
        match self {
            Self::Add { name, scope, expires } => {
                let lifetime = expires.map(|days| TimeDelta::days(days.into()));
                let (key, token) =
                    block_on(users::service::add_api_key(app, &Caller::system(), &name, scope, lifetime))?;
                eprintln!("{} is its id; this is the only time that the key itself is told:", key.id);
                println!("{token}");
            }
            Self::List => {
                let page = Page { limit: LISTED, from: None, direction: Direction::Forward };
                for key in block_on(users::service::api_keys(app, page))?.items {
                    let time = |time: Option<Time>| time.map_or("never".into(), |time| time.to_rfc3339());
                    let (created, ends, used) =
                        (time(Some(key.created_at)), time(key.expires_at), time(key.last_used_at));
                    let (state, scopes) = (key.state(app.now()), key.scopes.join(","));
                    println!("{} {state} {scopes} created {created} ends {ends} used {used} {}", key.id, key.name);
                }
            }
            Self::Revoke { id } => {
                let key = block_on(users::service::revoke_api_key(app, &Caller::system(), id))?;
                println!("{} ({}) is revoked", key.name, key.id);
            }
        }
        Ok(())
    }
}
