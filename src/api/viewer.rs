//! The signed-in person's own side: one part per domain.

use async_graphql::{Context, MergedObject, Object};

use crate::{
    carts, inventory,
    kernel::id::{Entity, Id},
    messages, moderation, notifications, orders, payments,
    platform::{
        caller::Caller,
        gql::{Ask, WireResult},
    },
    privacy, recommendations, reviews, searches, shops, users, wishlists,
};

/// Names the viewer as a node of their own: no two types share an id.
pub struct ViewerEntity;

impl Entity for ViewerEntity {
    const PREFIX: &'static str = "viewer";
}

/// You: what only you may see.
#[derive(MergedObject)]
pub struct Viewer(
    ViewerCore,
    users::graphql::UsersViewer,
    users::graphql::SecurityEventsViewer,
    users::graphql::AddressViewer,
    users::graphql::ClientSettingsViewer,
    users::graphql::BlocksViewer,
    users::graphql::AuditViewer,
    users::graphql::IdentitiesViewer,
    notifications::graphql::NotificationsViewer,
    shops::graphql::ShopsViewer,
    shops::graphql::FollowingViewer,
    inventory::graphql::NoticesViewer,
    messages::graphql::MessagesViewer,
    messages::graphql::GroupsViewer,
    messages::graphql::MessageSearchViewer,
    payments::graphql::PaymentMethodsViewer,
    carts::graphql::CartsViewer,
    orders::graphql::OrdersViewer,
    orders::graphql::BuyAgainViewer,
    reviews::graphql::ReviewsViewer,
    moderation::graphql::ModerationViewer,
    wishlists::graphql::FavoritesViewer,
    wishlists::graphql::WishListsViewer,
    searches::graphql::SearchesViewer,
    recommendations::graphql::HistoryViewer,
    recommendations::graphql::PersonalDataViewer,
    recommendations::graphql::HomeViewer,
    privacy::graphql::PrivacyViewer,
    super::events::EventsViewer,
);

impl Viewer {
    /// The viewer that this caller is; none for a guest.
    pub fn of(caller: &Caller) -> Option<Self> {
        let person = caller.signed_in()?;
        Some(Self(
            ViewerCore(Id::from_uuid(person.user)),
            users::graphql::UsersViewer(caller.clone()),
            users::graphql::SecurityEventsViewer(caller.clone()),
            users::graphql::AddressViewer(caller.clone()),
            users::graphql::ClientSettingsViewer(caller.clone()),
            users::graphql::BlocksViewer(caller.clone()),
            users::graphql::AuditViewer(caller.clone()),
            users::graphql::IdentitiesViewer(caller.clone()),
            notifications::graphql::NotificationsViewer(caller.clone()),
            shops::graphql::ShopsViewer,
            shops::graphql::FollowingViewer(caller.clone()),
            inventory::graphql::NoticesViewer(caller.clone()),
            messages::graphql::MessagesViewer(caller.clone()),
            messages::graphql::GroupsViewer(caller.clone()),
            messages::graphql::MessageSearchViewer(caller.clone()),
            payments::graphql::PaymentMethodsViewer(caller.clone()),
            carts::graphql::CartsViewer(caller.clone()),
            orders::graphql::OrdersViewer(caller.clone()),
            orders::graphql::BuyAgainViewer(caller.clone()),
            reviews::graphql::ReviewsViewer(caller.clone()),
            moderation::graphql::ModerationViewer(caller.clone()),
            wishlists::graphql::FavoritesViewer(caller.clone()),
            wishlists::graphql::WishListsViewer(caller.clone()),
            searches::graphql::SearchesViewer(caller.clone()),
            recommendations::graphql::HistoryViewer(caller.clone()),
            recommendations::graphql::PersonalDataViewer(caller.clone()),
            recommendations::graphql::HomeViewer(caller.clone()),
            privacy::graphql::PrivacyViewer(caller.clone()),
            super::events::EventsViewer(caller.clone()),
        ))
    }

    /// For the `Node` interface.
    pub async fn id(&self, _: &Context<'_>) -> WireResult<Id<ViewerEntity>> {
        Ok(self.0.0)
    }
}

/// What is nobody else's part of the viewer.
pub struct ViewerCore(Id<ViewerEntity>);

#[Object]
impl ViewerCore {
    /// Begins with `viewer_`.
    async fn id(&self) -> Id<ViewerEntity> {
        self.0
    }
}

#[derive(Default)]
pub struct ViewerQuery;

#[Object]
impl ViewerQuery {
    /// You; null for a guest.
    async fn viewer(&self, ctx: &Context<'_>) -> Option<Viewer> {
        Viewer::of(ctx.caller())
    }
}
