//! People by id, one statement for all that a level of an answer names.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;

use super::{
    model::{Face, SavedAddress, Session, User, oneself, signed_in},
    queries,
};
use crate::{
    kernel::{id::Id, money::CurrencyCode, place::Locale},
    platform::gql::{Reader, WireError},
};

/// A person as everybody may see them. People are public.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct UserById(pub Id<User>);

impl Loader<UserById> for Reader {
    type Value = Face;
    type Error = WireError;

    async fn load(&self, keys: &[UserById]) -> Result<HashMap<UserById, Face>, WireError> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let people = self.app.db.read(move |conn| queries::faces_by_ids(conn, &ids)).await?;
        Ok(people.into_iter().map(|person| (UserById(person.id), person)).collect())
    }
}

/// The currency that the caller prefers, if they have said so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PreferredCurrency;

impl Loader<PreferredCurrency> for Reader {
    type Value = CurrencyCode;
    type Error = WireError;

    async fn load(&self, _: &[PreferredCurrency]) -> Result<HashMap<PreferredCurrency, CurrencyCode>, WireError> {
        let Ok(user) = signed_in(&self.caller) else { return Ok(HashMap::new()) };
        let preferences = self.app.db.read(move |conn| queries::preferences_of(conn, user)).await?;
        Ok(preferences.currency.into_iter().map(|currency| (PreferredCurrency, currency)).collect())
    }
}

/// The language in which the caller wants to read, if they have said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PreferredLocale;

impl Loader<PreferredLocale> for Reader {
    type Value = Locale;
    type Error = WireError;

    async fn load(&self, _: &[PreferredLocale]) -> Result<HashMap<PreferredLocale, Locale>, WireError> {
        let Ok(user) = signed_in(&self.caller) else { return Ok(HashMap::new()) };
        let preferences = self.app.db.read(move |conn| queries::preferences_of(conn, user)).await?;
        Ok(preferences.locale.into_iter().map(|locale| (PreferredLocale, locale)).collect())
    }
}

/// Somebody whom the caller has blocked. Yields nobody else, and nobody to who asks in another's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct BlockedPerson(pub Id<User>);

impl Loader<BlockedPerson> for Reader {
    type Value = ();
    type Error = WireError;

    async fn load(&self, keys: &[BlockedPerson]) -> Result<HashMap<BlockedPerson, ()>, WireError> {
        let Ok(user) = oneself(&self.caller) else { return Ok(HashMap::new()) };
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let blocked = self.app.db.read(move |conn| queries::blocked_of(conn, user, &ids)).await?;
        Ok(blocked.into_iter().map(|id| (BlockedPerson(id), ())).collect())
    }
}

/// A person by a handle in lower case, be it their present one or a former one. People are public.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct UserByHandle(pub String);

impl Loader<UserByHandle> for Reader {
    type Value = Face;
    type Error = WireError;

    async fn load(&self, keys: &[UserByHandle]) -> Result<HashMap<UserByHandle, Face>, WireError> {
        let handles: Vec<_> = keys.iter().map(|key| key.0.clone()).collect();
        let people = self.app.db.read(move |conn| queries::faces_by_handles(conn, &handles)).await?;
        Ok(people.into_iter().map(|(handle, person)| (UserByHandle(handle), person)).collect())
    }
}

/// The caller's own account. Yields nobody else's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct OwnAccount(pub Id<User>);

impl Loader<OwnAccount> for Reader {
    type Value = User;
    type Error = WireError;

    async fn load(&self, keys: &[OwnAccount]) -> Result<HashMap<OwnAccount, User>, WireError> {
        let own = signed_in(&self.caller).ok();
        let ids: Vec<_> = keys.iter().map(|key| key.0).filter(|id| Some(*id) == own).collect();
        let people = self.app.db.read(move |conn| queries::by_ids(conn, &ids)).await?;
        Ok(people.into_iter().map(|person| (OwnAccount(person.id), person)).collect())
    }
}

/// One of the caller's own sessions that goes on. Yields nobody else's, and none to who asks in another's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct OwnSession(pub Id<Session>);

impl Loader<OwnSession> for Reader {
    type Value = Session;
    type Error = WireError;

    async fn load(&self, keys: &[OwnSession]) -> Result<HashMap<OwnSession, Session>, WireError> {
        let Ok(user) = oneself(&self.caller) else { return Ok(HashMap::new()) };
        let (ids, now): (Vec<_>, _) = (keys.iter().map(|key| key.0).collect(), self.app.now());
        let sessions = self.app.db.read(move |conn| queries::live_sessions_by_ids(conn, user, &ids, now)).await?;
        Ok(sessions.into_iter().map(|session| (OwnSession(session.id), session)).collect())
    }
}

/// One of the addresses that the caller keeps. Yields nobody else's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct OwnAddress(pub Id<SavedAddress>);

impl Loader<OwnAddress> for Reader {
    type Value = SavedAddress;
    type Error = WireError;

    async fn load(&self, keys: &[OwnAddress]) -> Result<HashMap<OwnAddress, SavedAddress>, WireError> {
        let Ok(user) = signed_in(&self.caller) else { return Ok(HashMap::new()) };
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let addresses = self.app.db.read(move |conn| queries::saved_addresses_by_ids(conn, user, &ids)).await?;
        Ok(addresses.into_iter().map(|address| (OwnAddress(address.id), address)).collect())
    }
}
