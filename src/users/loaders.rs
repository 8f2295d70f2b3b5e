//! People by id, one statement for all that a level of an answer names.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;

use super::{model::User, queries};
use crate::{
    kernel::id::Id,
    platform::gql::{Reader, WireError},
};

/// A person as everybody may see them. People are public.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct UserById(pub Id<User>);

impl Loader<UserById> for Reader {
    type Value = User;
    type Error = WireError;

    async fn load(&self, keys: &[UserById]) -> Result<HashMap<UserById, User>, WireError> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let people = self.app.db.read(move |conn| queries::by_ids(conn, &ids)).await?;
        Ok(people.into_iter().map(|person| (UserById(person.id), person)).collect())
    }
}
