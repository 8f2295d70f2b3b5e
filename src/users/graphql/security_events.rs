//! What happened to the safety of an account, on the wire.

use async_graphql::{Context, Object, SimpleObject};

use crate::{
    kernel::{id::Id, page::PageArgs},
    platform::{
        caller::Caller,
        clock::Time,
        gql::{Ask, COUNT_LIMIT, List, Listing, Total, WireResult},
    },
    users::{
        model::{self, SecurityEventKind, device_name},
        service,
    },
};

/// Something that happened to the safety of your account. Only you see it.
#[derive(SimpleObject)]
pub struct SecurityEvent {
    /// What happened.
    kind: SecurityEventKind,
    /// What the device calls itself, in words: "Firefox on Linux". Empty if it says nothing, or if no device did it.
    device: String,
    /// The address from which it was done; null if that is not known (any more).
    address: Option<String>,
    /// When.
    created_at: Time,
}

impl From<model::SecurityEvent> for SecurityEvent {
    fn from(row: model::SecurityEvent) -> Self {
        let model::SecurityEvent { kind, device, address, created_at, .. } = row;
        Self { kind, device: device_name(&device), address, created_at }
    }
}

/// The security events' part of the viewer.
pub struct SecurityEventsViewer(pub Caller);

#[Object]
impl SecurityEventsViewer {
    /// What happened to the safety of your account, newest first, for 400 days; the addresses for 90.
    async fn security_events(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start, 1 to 100. Gives way to `last`.", default_with = "Some(20)")]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
        #[graphql(desc = "How many from the end instead, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "The cursor before which the page ends.")] before: Option<String>,
    ) -> WireResult<List<SecurityEvent>> {
        let args = PageArgs { first, after, last, before };
        let listing = Listing::<Id<model::SecurityEvent>>::new("security_events", &args)?;
        let (app, caller) = (ctx.app().clone(), self.0.clone());
        let rows = service::security_events(&app, &caller, listing.page.clone()).await?;
        let total = Total::new(move || {
            let (app, caller) = (app.clone(), caller.clone());
            async move { service::count_security_events(&app, &caller, COUNT_LIMIT + 1).await }
        });
        Ok(listing.connection(rows, |event| event.id, Into::into, total))
    }
}
