//! Notifications by id, for whom they are.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;

use super::{model::Notification, queries};
use crate::{
    kernel::id::Id,
    platform::gql::{Reader, WireError},
    users::model::oneself,
};

/// One of the caller's own notifications. Yields nobody else's, and none to who asks in another's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct OwnNotification(pub Id<Notification>);

impl Loader<OwnNotification> for Reader {
    type Value = Notification;
    type Error = WireError;

    async fn load(&self, keys: &[OwnNotification]) -> Result<HashMap<OwnNotification, Notification>, WireError> {
        let Ok(user) = oneself(&self.caller) else { return Ok(HashMap::new()) };
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let found = self.app.db.read(move |conn| queries::by_ids(conn, user, &ids)).await?;
        Ok(found.into_iter().map(|row| (OwnNotification(row.id), row)).collect())
    }
}
