//! Notifications on the wire.

mod devices;

use async_graphql::{ComplexObject, Context, InputObject, Object, OneofObject, SimpleObject, Union};

pub use self::devices::{DevicesMutation, PushDevice};
use super::{
    model::{self, Marked, NewestKey, Subject, SubjectKind, Topic},
    service,
};
use crate::{
    kernel::{id::Id, page::PageArgs},
    orders::{
        graphql::{Order, OrderPart},
        loaders::{OrderById, PartById},
    },
    platform::{
        caller::Caller,
        clock::Time,
        gql::{Ask, COUNT_LIMIT, List, Listing, SignedInOnly, Total, WireResult, list_size},
    },
    products::{
        graphql::{Product, ProductVariant},
        loaders::{ProductKey, VariantById},
    },
    searches::{graphql::SavedSearch, loaders::OwnSearch},
    user_errors::{UserError, answer},
    users::model::NotificationKind,
};

/// Something that you were told of. Only you see it. Of messages there are none: `Viewer.conversations` says what of them is unread.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(complex)]
pub struct Notification {
    /// Begins with `notification_`.
    pub id: Id<model::Notification>,
    /// Which of the switches in your preferences it goes by.
    kind: NotificationKind,
    /// What happened.
    topic: Topic,
    /// When; what happens once more to the same thing a day later or more renews it.
    created_at: Time,
    /// When you have read it; null if you have not.
    read_at: Option<Time>,
    #[graphql(skip)]
    subject: Subject,
}

impl From<model::Notification> for Notification {
    fn from(row: model::Notification) -> Self {
        let model::Notification { id, kind, topic, subject_kind, subject_id, created_at, read_at, .. } = row;
        let subject = Subject { kind: subject_kind, id: subject_id };
        Self { id, kind: kind.switch(), topic, created_at, read_at, subject }
    }
}

/// What a notification is about. New types may appear: keep a default branch.
#[derive(Union)]
#[allow(clippy::large_enum_variant, reason = "it lives as long as one answer is written")]
pub enum NotificationSubject {
    Order(Order),
    OrderPart(OrderPart),
    Product(Product),
    ProductVariant(ProductVariant),
    SavedSearch(SavedSearch),
}

#[ComplexObject]
impl Notification {
    /// What it is about; null if you do not see it any more.
    async fn subject(&self, ctx: &Context<'_>) -> WireResult<Option<NotificationSubject>> {
        let (loader, id) = (ctx.loader(), self.subject.id);
        Ok(match self.subject.kind {
            SubjectKind::Order => {
                let row = loader.load_one(OrderById(Id::from_uuid(id))).await?;
                row.map(|row| NotificationSubject::Order(row.into()))
            }
            SubjectKind::OrderPart => {
                let row = loader.load_one(PartById(Id::from_uuid(id))).await?;
                row.map(|row| NotificationSubject::OrderPart(row.into()))
            }
            SubjectKind::Product => {
                let row = loader.load_one(ProductKey::id(Id::from_uuid(id))).await?;
                row.map(|row| NotificationSubject::Product(row.into()))
            }
            SubjectKind::Variant => {
                let row = loader.load_one(VariantById(Id::from_uuid(id))).await?;
                row.map(|row| NotificationSubject::ProductVariant(row.into()))
            }
            SubjectKind::SavedSearch => {
                let row = loader.load_one(OwnSearch(Id::from_uuid(id))).await?;
                row.map(|row| NotificationSubject::SavedSearch(row.into()))
            }
        })
    }
}

/// Which of your notifications a list has. What is absent does not narrow it.
#[derive(Default, InputObject)]
pub struct NotificationFilterInput {
    /// Those that you have not read, or the others.
    is_unread: Option<bool>,
}

/// The notifications' part of the viewer.
pub struct NotificationsViewer(pub Caller);

#[Object]
impl NotificationsViewer {
    /// What you were told of in the application, newest first, for 90 days.
    #[allow(clippy::too_many_arguments, reason = "a connection has four, and a list a filter")]
    async fn notifications(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start, 1 to 100. Gives way to `last`.", default_with = "Some(20)")]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
        #[graphql(desc = "How many from the end instead, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "The cursor before which the page ends.")] before: Option<String>,
        #[graphql(desc = "Which ones.", default)] filter: NotificationFilterInput,
    ) -> WireResult<List<Notification>> {
        let filter = model::NotificationFilter { is_unread: filter.is_unread };
        let args = PageArgs { first, after, last, before };
        let listing = Listing::<NewestKey>::new(("notifications", filter), &args)?;
        let (app, caller) = (ctx.app().clone(), self.0.clone());
        let rows = service::notifications(&app, &caller, filter, listing.page.clone()).await?;
        let total = Total::new(move || {
            let (app, caller) = (app.clone(), caller.clone());
            async move { service::count_notifications(&app, &caller, filter, COUNT_LIMIT + 1).await }
        });
        Ok(listing.connection(rows, |row| (row.created_at, row.id), Into::into, total))
    }

    /// Your devices that are woken, the one that was registered last first; at most 20.
    #[graphql(directive = list_size::apply(20))]
    async fn push_devices(&self, ctx: &Context<'_>) -> WireResult<Vec<PushDevice>> {
        Ok(service::devices(ctx.app(), &self.0).await?.into_iter().map(Into::into).collect())
    }

    /// The key by which a browser knows this market, as `applicationServerKey` of its Push API takes it; null if the market does not push
    /// to browsers.
    async fn web_push_key(&self, ctx: &Context<'_>) -> Option<String> {
        ctx.app().pusher.web_key().map(str::to_owned)
    }
}

/// Which notifications: exactly one of the fields.
#[derive(OneofObject)]
pub enum NotificationsByInput {
    /// These, at most 100. Those that are not yours change nothing.
    Ids(Vec<Id<model::Notification>>),
    /// This one and all that are older.
    UpTo(Id<model::Notification>),
}

/// What you have read.
#[derive(InputObject)]
pub struct MarkNotificationsReadInput {
    /// Which ones.
    notifications: NotificationsByInput,
}

/// What `markNotificationsRead` answers.
#[derive(SimpleObject)]
pub struct MarkNotificationsReadPayload {
    /// Those that you have named, as they are now.
    notifications: Vec<Notification>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub struct NotificationsMutation;

#[Object]
impl NotificationsMutation {
    /// Says which notifications you have read. Once more changes nothing.
    ///
    /// Codes: `NOT_FOUND`, `TOO_MANY`.
    #[graphql(guard = "SignedInOnly")]
    async fn mark_notifications_read(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ones.")] input: MarkNotificationsReadInput,
    ) -> WireResult<MarkNotificationsReadPayload> {
        let marked = match input.notifications {
            NotificationsByInput::Ids(ids) => Marked::Those(ids),
            NotificationsByInput::UpTo(id) => Marked::UpTo(id),
        };
        let result = service::mark_read(ctx.app(), ctx.caller(), marked).await;
        let (read, user_errors) = answer(ctx, result).await?;
        let notifications = read.unwrap_or_default().into_iter().map(Into::into).collect();
        Ok(MarkNotificationsReadPayload { notifications, user_errors })
    }
}
