//! Rows of notifications and devices.

use chrono::TimeDelta;
use diesel::{Queryable, Selectable};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    kernel::id::{Entity, Id},
    platform::{
        clock::Time,
        crypto::SubscriptionKeys,
        jobs::JobBody,
        push::{Receiver, Service},
    },
    schema::{notifications, push_devices},
    text_enum,
    users::model::{NotificationKind, User},
};

text_enum! {
    /// Whose service wakes a device. New platforms may appear.
    #[derive(async_graphql::Enum)]
    pub enum PushPlatform {
        /// Apple's, for its own devices.
        Apns = "APNS",
        /// Google's Firebase Cloud Messaging.
        Fcm = "FCM",
        /// That of the browser's maker, by the Push API.
        WebPush = "WEB_PUSH",
    }
}

impl PushPlatform {
    pub const fn service(self) -> Service {
        match self {
            Self::Apns => Service::Apple,
            Self::Fcm => Service::Google,
            Self::WebPush => Service::Browser,
        }
    }
}

/// A device that is woken.
#[derive(Clone, Queryable, Selectable)]
#[diesel(table_name = push_devices)]
pub struct PushDevice {
    pub id: Id<PushDevice>,
    pub user_id: Id<User>,
    pub session_id: Uuid,
    pub platform: PushPlatform,
    /// What the service calls it; of a browser a URL.
    pub token: String,
    pub public_key: Option<Vec<u8>>,
    pub secret: Option<Vec<u8>>,
    pub created_at: Time,
}

impl Entity for PushDevice {
    const PREFIX: &'static str = "pushdevice";
}

impl PushDevice {
    /// Devices of one person at the most: who registers another one loses the one that was registered longest ago.
    pub const MAXIMUM: i64 = 20;
    /// For how long it is kept while its service lets the market push nothing there: so long the operator has for setting a wrong key right.
    pub const REFUSED_FOR: TimeDelta = TimeDelta::days(1);
    /// For how long it is remembered that its service did: it may be registered anew as it was.
    pub const REFUSAL_KEPT: TimeDelta = TimeDelta::days(90);

    /// The device as its service knows it.
    pub fn receiver(self) -> Receiver {
        let keys = self.public_key.zip(self.secret).map(|(public, secret)| SubscriptionKeys { public, secret });
        Receiver { service: self.platform.service(), token: self.token, keys }
    }
}

text_enum! {
    /// The switch by which somebody is told or not, of those that have rows.
    pub enum Kind {
        Orders = "ORDERS",
        Shop = "SHOP",
        Availability = "AVAILABILITY",
        Prices = "PRICES",
        Searches = "SEARCHES",
    }
}

impl Kind {
    /// The switch in somebody's preferences.
    pub const fn switch(self) -> NotificationKind {
        match self {
            Self::Orders => NotificationKind::Orders,
            Self::Shop => NotificationKind::Shop,
            Self::Availability => NotificationKind::Availability,
            Self::Prices => NotificationKind::Prices,
            Self::Searches => NotificationKind::Searches,
        }
    }
}

text_enum! {
    /// What happened. New topics may appear: keep a default branch.
    #[derive(async_graphql::Enum)]
    #[graphql(name = "NotificationTopic")]
    pub enum Topic {
        /// Your order is placed, and its shops see to the money.
        OrderPlaced = "ORDER_PLACED",
        /// Your bank has promised what your order costs.
        OrderAuthorized = "ORDER_AUTHORIZED",
        /// Your order is paid.
        OrderPaid = "ORDER_PAID",
        /// Your order was called off because nobody paid it.
        OrderUnpaid = "ORDER_UNPAID",
        /// A buyer has changed what they ordered of your shop.
        OrderEdited = "ORDER_EDITED",
        /// What you added to an order was not paid in time, and was taken out again.
        AdditionLapsed = "ADDITION_LAPSED",
        /// An order with something of your shop was called off.
        OrderCancelled = "ORDER_CANCELLED",
        /// Your shop has sold something.
        OrderSold = "ORDER_SOLD",
        /// A shop has called pieces of your order off.
        PiecesCancelled = "PIECES_CANCELLED",
        /// The bank's promise came to nothing before the money was taken.
        AuthorizationLost = "AUTHORIZATION_LOST",
        /// Money is on its way back to you.
        Refunded = "REFUNDED",
        /// Something of your order is on its way.
        Shipped = "SHIPPED",
        /// A buyer wants to send something back.
        ReturnRequested = "RETURN_REQUESTED",
        /// A buyer keeps it after all.
        ReturnWithdrawn = "RETURN_WITHDRAWN",
        /// What was to be sent back may come.
        ReturnApproved = "RETURN_APPROVED",
        /// It is not taken back.
        ReturnDeclined = "RETURN_DECLINED",
        /// It has come back.
        ReturnReceived = "RETURN_RECEIVED",
        /// A buyer complains.
        ClaimOpened = "CLAIM_OPENED",
        /// The shop has answered your claim.
        ClaimAnswered = "CLAIM_ANSWERED",
        /// The market's staff are to decide on a claim.
        ClaimEscalated = "CLAIM_ESCALATED",
        /// They have decided.
        ClaimDecided = "CLAIM_DECIDED",
        /// A claim is over.
        ClaimClosed = "CLAIM_CLOSED",
        /// A buyer's bank takes back what they paid, or wants to.
        DisputeOpened = "DISPUTE_OPENED",
        /// It is decided who has that money.
        DisputeClosed = "DISPUTE_CLOSED",
        /// A variant of your shop is low.
        StockLow = "STOCK_LOW",
        /// What you waited for can be ordered again.
        BackInStock = "BACK_IN_STOCK",
        /// What you like costs less.
        PriceDropped = "PRICE_DROPPED",
        /// Something new fits a search that you have saved.
        SearchFound = "SEARCH_FOUND",
    }
}

text_enum! {
    /// What kind of thing a notification is about.
    pub enum SubjectKind {
        Order = "ORDER",
        OrderPart = "ORDER_PART",
        Product = "PRODUCT",
        Variant = "VARIANT",
        SavedSearch = "SAVED_SEARCH",
    }
}

/// What a notification is about, by an id of a later domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Subject {
    pub kind: SubjectKind,
    pub id: Uuid,
}

/// Something of which a person is to be told.
#[derive(Debug, Clone, Copy)]
pub struct News {
    pub user: Id<User>,
    pub kind: Kind,
    pub topic: Topic,
    pub subject: Subject,
    /// The row of what happened: the same thing is told once within a day.
    pub source: Uuid,
}

/// Something of which a person was told.
#[derive(Debug, Clone, Queryable, Selectable)]
pub struct Notification {
    pub id: Id<Notification>,
    pub user_id: Id<User>,
    pub kind: Kind,
    pub topic: Topic,
    pub subject_kind: SubjectKind,
    pub subject_id: Uuid,
    pub created_at: Time,
    pub read_at: Option<Time>,
}

impl Entity for Notification {
    const PREFIX: &'static str = "notification";
}

impl Notification {
    /// For how long it is listed.
    pub const KEPT: TimeDelta = TimeDelta::days(90);
    /// After how long the same thing is news again.
    pub const NEWS_AGAIN: TimeDelta = TimeDelta::days(1);
    /// How many are marked at once.
    pub const MARKED: usize = 100;
    /// After how long it is pushed no more.
    pub const PUSHED_WITHIN: TimeDelta = TimeDelta::hours(4);
    /// After how long a service that has not taken it for an hour is asked once more.
    pub const PUSHED_AGAIN: TimeDelta = TimeDelta::minutes(30);
}

/// Where a page of notifications goes on: newest first.
pub type NewestKey = (Time, Id<Notification>);

/// Which of somebody's notifications a list has. What is absent does not narrow it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct NotificationFilter {
    pub is_unread: Option<bool>,
}

/// Which of their notifications somebody has read.
#[derive(Debug, Clone)]
pub enum Marked {
    Those(Vec<Id<Notification>>),
    /// One, and all that are older.
    UpTo(Id<Notification>),
}

/// What is pushed to one device of a person.
#[derive(Debug, Clone)]
pub struct Push {
    pub device: Id<PushDevice>,
    /// Whom it is for: a device that somebody else has by now hears nothing.
    pub user: Id<User>,
    pub kind: NotificationKind,
    pub title: String,
    /// Empty where nothing is said but that there is something.
    pub body: String,
    pub collapse: Uuid,
    /// The id of what it is about, as clients know it.
    pub about: Option<String>,
    pub until: Time,
}

/// Pushes a notification to one device.
#[derive(Debug, Serialize, Deserialize)]
pub struct PushNotification {
    pub notification: Id<Notification>,
    pub device: Id<PushDevice>,
    pub user: Id<User>,
    pub until: Time,
}

impl JobBody for PushNotification {
    const KIND: &'static str = "notifications.push";
}
