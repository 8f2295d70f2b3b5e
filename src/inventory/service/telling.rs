//! Who is told by mail that a variant is low, or can be ordered again.

use crate::{
    inventory::{
        model::{BackInStockMail, LowStockMail, Shelf, TellOfAvailability, TellOfLowStock},
        queries,
    },
    kernel::{error::Failure, id::Id},
    notifications::{
        self,
        model::{Kind, News, Subject, SubjectKind, Topic},
    },
    platform::{
        app::App,
        caller::Caller,
        db::{Conn, Tx},
    },
    products::{
        self,
        model::{ForSale, ProductStatus, Variant},
    },
    shops::{
        self,
        model::{Permission, Shop},
    },
    users::{
        self,
        model::{Addressee, NotificationKind, User},
    },
};

/// People who are taken off the list in one transaction.
const BATCH: i64 = 100;

/// Has everybody told who keeps the stock of a shop that a variant is low, each by a job of their own.
pub async fn tell_of_low_stock(app: &App, caller: &Caller, job: TellOfLowStock) -> Result<(), Failure> {
    let TellOfLowStock { variant } = job;
    app.db
        .write(caller, move |tx| {
            let Some(item) = products::service::variants_for_sale(tx.conn(), &[variant])?.pop() else { return Ok(()) };
            let told = shops::service::people_who_may(tx.conn(), &[item.shop], Permission::AdjustStock)?;
            tx.enqueue_all(told.into_iter().map(|(_, member)| LowStockMail { variant, member }))
        })
        .await
}

/// Somebody who is told of a variant.
pub struct ToTell {
    pub person: Addressee,
    pub shop: Shop,
    pub item: ForSale,
    /// How many pieces are there.
    pub left: i64,
    pub unsubscribe: String,
}

/// Somebody who works for a shop and is told that a variant is low; nobody once there is more of it.
pub async fn member_to_tell(app: &App, caller: &Caller, job: LowStockMail) -> Result<Option<ToTell>, Failure> {
    let (variant, member) = (job.variant, job.member);
    let read = move |conn: &mut Conn| {
        let Some((item, shop)) = item_of(conn, variant)? else { return Ok(None) };
        let told = shops::service::people_who_may(conn, &[shop.id], Permission::AdjustStock)?;
        let Some((terms, levels, _)) = queries::shelves(conn, &[variant])?.pop() else { return Ok(None) };
        let left = Shelf::new(terms, levels, 0).after().pieces;
        let threshold = terms.rule.low_stock_threshold;
        let is_low = threshold.is_some_and(|threshold| left <= i64::from(threshold));
        let is_told = told.iter().any(|(_, person)| *person == member);
        Ok::<_, Failure>((is_low && is_told).then_some((item, shop, left)))
    };
    let Some((item, shop, left)) = app.db.read(read).await? else { return Ok(None) };
    let person = notifications::service::tell(app, caller, news(member, variant, Topic::StockLow), job).await?;
    let unsubscribe = users::service::unsubscribe_url(app, member, NotificationKind::Shop);
    Ok(person.map(|person| ToTell { person, shop, item, left: left.max(0), unsubscribe }))
}

/// Takes some of those who wait for a variant off the list and has each told by a job of their own, then the next ones. If it cannot
/// be ordered any more, or is not for sale, they go on waiting.
pub async fn tell_of_availability(app: &App, caller: &Caller, job: TellOfAvailability) -> Result<(), Failure> {
    let TellOfAvailability { variant } = job;
    app.db
        .write(caller, move |tx: &mut Tx<'_>| {
            let item = products::service::variants_for_sale(tx.conn(), &[variant])?.pop();
            let now = tx.now();
            let left = queries::left(tx.conn(), &[variant], now)?.remove(&variant).unwrap_or_default();
            if !left.is_available() || item.is_none_or(|item| item.status != ProductStatus::Active) {
                return Ok(());
            }
            let told = queries::notices::take(tx, variant, BATCH)?;
            tx.enqueue_all(told.iter().map(|&user| BackInStockMail { variant, user }))?;
            if told.is_empty() { Ok(()) } else { tx.enqueue(&TellOfAvailability { variant }) }
        })
        .await
}

/// Somebody who waited for a variant; nobody if it is not for sale any more.
pub async fn person_to_tell(app: &App, caller: &Caller, job: BackInStockMail) -> Result<Option<ToTell>, Failure> {
    let (variant, user) = (job.variant, job.user);
    let found = app.db.read(move |conn| item_of(conn, variant)).await?;
    let found = found.filter(|(item, _)| item.status == ProductStatus::Active);
    let Some((item, shop)) = found else { return Ok(None) };
    let person = notifications::service::tell(app, caller, news(user, variant, Topic::BackInStock), job).await?;
    let unsubscribe = users::service::unsubscribe_url(app, user, NotificationKind::Availability);
    Ok(person.map(|person| ToTell { person, shop, item, left: 0, unsubscribe }))
}

fn news(user: Id<User>, variant: Id<Variant>, topic: Topic) -> News {
    let kind = if topic == Topic::StockLow { Kind::Shop } else { Kind::Availability };
    let subject = Subject { kind: SubjectKind::Variant, id: variant.uuid() };
    News { user, kind, topic, subject, source: variant.uuid() }
}

fn item_of(conn: &mut Conn, variant: Id<Variant>) -> Result<Option<(ForSale, Shop)>, Failure> {
    let Some(item) = products::service::variants_for_sale(conn, &[variant])?.pop() else { return Ok(None) };
    Ok(shops::service::shops_by_ids(conn, &[item.shop])?.pop().map(|shop| (item, shop)))
}
