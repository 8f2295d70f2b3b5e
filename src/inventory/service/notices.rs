//! Waiting for what cannot be ordered now.

use serde_json::json;

use super::{not_found, shelves};
use crate::{
    inventory::{
        error::StockError,
        model::{MAXIMUM_NOTICES, NoticeKey},
        queries,
    },
    kernel::{
        error::Failure,
        id::Id,
        page::{Page, Slice},
    },
    platform::{
        app::App,
        caller::Caller,
        clock::Time,
        db::{Conn, Tx},
        idempotency::{Key, Retention},
    },
    products::{
        self,
        model::{ProductStatus, Variant},
    },
    users::{
        self,
        model::{Bookmark, Chapter, Told, User, signed_in},
    },
};

/// Has the caller told when a variant can be ordered again. Who waits already goes on waiting.
///
/// # Errors
/// [`StockError::AlreadyAvailable`], for then there is nothing to wait for.
pub async fn notify_when_available(
    app: &App,
    caller: &Caller,
    idempotency_key: Option<&str>,
    variant: Id<Variant>,
) -> Result<Id<Variant>, StockError> {
    let user = signed_in(caller)?;
    let key = idempotency_key.map(|key| Key::new(&user, "notifyWhenAvailable", key, &variant, Retention::Day));
    app.once(caller, key.transpose()?, move |tx| {
        let found = products::service::variants_for_sale(tx.conn(), &[variant])?.pop();
        found.filter(|item| item.status == ProductStatus::Active).ok_or_else(|| not_found("variantId"))?;
        users::service::lock_person(tx, user)?.ok_or(Failure::Unauthenticated(None))?;
        let is_new = queries::notices::insert(tx, user, variant)?;
        if is_new && queries::notices::count(tx.conn(), user, MAXIMUM_NOTICES + 1)? > MAXIMUM_NOTICES {
            return Err(StockError::TooManyNotices);
        }
        // Under the locks of its levels, so that whoever brings some in either has done so or finds who waits.
        if shelves::lock_one(tx, variant)?.after().is_available() {
            return Err(StockError::AlreadyAvailable);
        }
        Ok(variant)
    })
    .await
}

/// Has the caller wait for a variant no more, if they did.
pub async fn forget_availability_notice(
    app: &App,
    caller: &Caller,
    variant: Id<Variant>,
) -> Result<Id<Variant>, StockError> {
    let user = signed_in(caller)?;
    app.db
        .write(caller, move |tx| {
            queries::notices::delete(tx, user, variant)?;
            Ok::<_, StockError>(variant)
        })
        .await
}

/// For what the caller waits, the last one first, and since when.
pub async fn availability_notices(
    app: &App,
    caller: &Caller,
    page: Page<NoticeKey>,
) -> Result<Slice<(Variant, Time)>, Failure> {
    let user = signed_in(caller)?;
    app.db.read(move |conn| queries::notices::page(conn, user, &page)).await
}

/// For how many variants the caller waits, counted up to `limit`.
pub async fn count_availability_notices(app: &App, caller: &Caller, limit: i64) -> Result<i64, Failure> {
    let user = signed_in(caller)?;
    app.db.read(move |conn| queries::notices::count_shown(conn, user, limit)).await
}

/// The chapters of this domain.
pub const CHAPTERS: &[Chapter] = &[Chapter { name: "availability-notices", read: awaited }];

fn awaited(conn: &mut Conn, user: Id<User>, from: Option<Bookmark>) -> Result<Told, Failure> {
    let tell = |(variant, at): (Id<Variant>, Time)| json!({"variant": variant, "createdAt": at});
    Told::page(from, |page| queries::notices::all(conn, user, page), |(variant, at)| (*at, *variant), tell)
}

/// A step: a person waits for nothing any more.
pub fn erase(tx: &mut Tx<'_>, user: Id<User>) -> Result<(), Failure> {
    queries::notices::delete_all(tx, user)
}
