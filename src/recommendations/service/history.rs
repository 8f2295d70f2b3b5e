//! What people have looked at, and do not want to be recommended: kept for them, shown to them, and forgotten when they want it or its
//! time is over.

use std::collections::BTreeSet;

use uuid::Uuid;

use crate::{
    kernel::{
        error::Failure,
        id::Id,
        page::{Page, Slice},
    },
    platform::{
        app::App,
        caller::{Caller, Origin},
        clock::Time,
        db::{Conn, Tx},
    },
    products::model::{Card, Product},
    recommendations::{
        error::HistoryError,
        model::{HistoryKind, LATELY, LastViews, MAXIMUM_BATCH, View, ViewKey, Visitor, Week, last_views, note_view},
        queries,
    },
    searches,
    users::{
        self,
        model::{GuessedAt, User, oneself},
    },
};

/// What the tokens of visitors are for.
const VISIT: &str = "visit";
/// Views that are deleted by one transaction.
const BATCH: i64 = 5_000;

/// What a client tells of views.
#[derive(Clone)]
pub struct RecordViews {
    pub views: Vec<View>,
    pub visitor_token: Option<String>,
}

/// What is to be forgotten.
#[derive(Clone)]
pub struct ClearHistory {
    pub kinds: Vec<HistoryKind>,
    /// From when on; all of it if absent.
    pub since: Option<Time>,
    pub visitor_token: Option<String>,
}

/// Who asks, unless they are a guest. Nobody looks at things, or back, in another's name.
fn person(caller: &Caller) -> Result<Option<Id<User>>, Failure> {
    caller.signed_in().map(|_| oneself(caller)).transpose()
}

pub(super) fn named(app: &App, token: &str) -> Result<Id<Visitor>, HistoryError> {
    app.master.row_of(VISIT, token).ok_or_else(|| HistoryError::not_found("visitorToken"))
}

/// Keeps what somebody has looked at. A guest is a visitor, whose token is returned: a new one, if they show none. What a visitor has
/// looked at is theirs from then on who is signed in and shows the visitor's token.
pub async fn record_views(app: &App, caller: &Caller, input: RecordViews) -> Result<Option<String>, HistoryError> {
    if input.views.len() > MAXIMUM_BATCH {
        return Err(HistoryError::TooManyViews);
    }
    let visitor = input.visitor_token.map(|token| named(app, &token)).transpose()?;
    let views = last_views(app.now(), input.views);
    if let Some(user) = person(caller)? {
        app.db.write(caller, move |tx: &mut Tx<'_>| record_of_person(tx, user, visitor, views.clone())).await?;
        return Ok(None);
    }
    let newcomer = [newcomer(app, caller)];
    let keep = move |tx: &mut Tx<'_>| {
        let is_named = visitor.is_some();
        let visitor = visitor.unwrap_or_else(|| tx.new_id());
        lock_visitor(tx, visitor)?;
        // Tokens cost nothing, so a bound for each visitor bounds nothing. Whoever is beyond this one is not told.
        let is_kept = !views.is_empty()
            && ((is_named && queries::has_views(tx.conn(), visitor.uuid())?)
                || users::service::count_guess(tx, &newcomer)?.is_none());
        if is_kept {
            record(tx, visitor.uuid(), views.len(), views.clone())?;
        }
        Ok::<_, Failure>(visitor)
    };
    let visitor = app.db.write(caller, keep).await?;
    Ok(Some(app.master.row_token(VISIT, visitor)))
}

/// By what visitors are counted of whom nothing is kept yet.
fn newcomer(app: &App, caller: &Caller) -> (GuessedAt, Vec<u8>) {
    let origin = caller.origin();
    let at = if matches!(origin, Origin::Line(_)) { GuessedAt::VisitorsLine } else { GuessedAt::VisitorsCrowd };
    (at, app.master.mac("visitors of an hour", &[origin.to_string().as_bytes()]).to_vec())
}

fn lock_visitor(tx: &mut Tx<'_>, visitor: Id<Visitor>) -> Result<(), Failure> {
    tx.lock_name(&format!("visitor {}", visitor.uuid()))
}

fn record_of_person(
    tx: &mut Tx<'_>,
    user: Id<User>,
    visitor: Option<Id<Visitor>>,
    mut views: LastViews,
) -> Result<(), Failure> {
    let told = views.len();
    // So it is known whether they want this, and as long as it is being written it does not change.
    users::service::lock_person(tx, user)?.ok_or(Failure::Unauthenticated(None))?;
    if let Some(visitor) = visitor {
        lock_visitor(tx, visitor)?;
        for (product, at) in queries::views(tx.conn(), visitor.uuid())? {
            note_view(&mut views, product, at);
        }
        queries::delete_views(tx, visitor.uuid(), Time::UNIX_EPOCH)?;
    }
    if users::service::preferences_of(tx.conn(), user)?.has_personalization {
        record(tx, user.uuid(), told, views)?;
    }
    Ok(())
}

/// Takes views of a viewer in who is locked, and who tells of so many of them just now. What is not for sale is left out without a word, as what
/// does not exist.
fn record(tx: &mut Tx<'_>, viewer: Uuid, told: usize, mut views: LastViews) -> Result<(), Failure> {
    let told = i64::try_from(told).map_err(Failure::internal)?;
    let ids: Vec<Id<Product>> = views.keys().copied().collect();
    if ids.is_empty() || queries::tells_too_much(tx, viewer, told)? {
        return Ok(());
    }
    let for_sale: BTreeSet<Id<Product>> = queries::for_sale(tx.conn(), &ids)?.into_iter().collect();
    views.retain(|product, _| for_sale.contains(product));
    for (product, at) in queries::take_views(tx, viewer, &ids)? {
        note_view(&mut views, product, at);
    }
    if views.is_empty() {
        return Ok(());
    }
    queries::insert_views(tx, viewer, &views)?;
    queries::trim_views(tx, viewer)
}

/// From when on views are kept, and shown.
pub(super) fn kept_since(app: &App) -> Time {
    app.now() - app.market.privacy.views_kept
}

/// A page of what the caller has looked at, the last one first. Empty for who does not want that to be kept.
pub async fn recently_viewed(app: &App, caller: &Caller, page: Page<ViewKey>) -> Result<Slice<(Time, Card)>, Failure> {
    let (user, since) = (oneself(caller)?, kept_since(app));
    let read = move |conn: &mut Conn| {
        if users::service::preferences_of(conn, user)?.has_personalization {
            queries::shown_views(conn, user.uuid(), since, &page)
        } else {
            Ok(Slice { items: Vec::new(), has_next: false, has_previous: false })
        }
    };
    app.db.read(read).await
}

/// How much that is.
pub async fn count_recently_viewed(app: &App, caller: &Caller) -> Result<i64, Failure> {
    let (user, since) = (oneself(caller)?, kept_since(app));
    let count = move |conn: &mut Conn| {
        let is_wanted = users::service::preferences_of(conn, user)?.has_personalization;
        if is_wanted { queries::count_shown_views(conn, user.uuid(), since) } else { Ok(0) }
    };
    app.db.read(count).await
}

/// Forgets what is kept of what the caller did, and of what the visitor did whose token they show.
pub async fn clear_history(app: &App, caller: &Caller, input: ClearHistory) -> Result<(), HistoryError> {
    let visitor = input.visitor_token.map(|token| named(app, &token)).transpose()?;
    let (user, since) = (person(caller)?, input.since.unwrap_or(Time::UNIX_EPOCH));
    let clear = move |tx: &mut Tx<'_>| {
        if let Some(user) = user {
            users::service::lock_person(tx, user)?.ok_or(Failure::Unauthenticated(None))?;
        }
        if let Some(visitor) = visitor {
            lock_visitor(tx, visitor)?;
        }
        for kind in &input.kinds {
            match kind {
                HistoryKind::Views => {
                    for viewer in user.map(Id::uuid).into_iter().chain(visitor.map(Id::uuid)) {
                        queries::delete_views(tx, viewer, since)?;
                    }
                }
                HistoryKind::Searches => {
                    if let Some(user) = user {
                        searches::service::forget_recent(tx, user, since)?;
                    }
                }
                HistoryKind::Dismissals => {
                    if let Some(user) = user {
                        queries::delete_dismissals(tx, user, since)?;
                    }
                }
            }
        }
        Ok::<_, Failure>(())
    };
    Ok(app.db.write(caller, clear).await?)
}

/// Notes that the caller does not want a product to be recommended.
pub async fn dismiss_recommendation(
    app: &App,
    caller: &Caller,
    product: Id<Product>,
) -> Result<Id<Product>, HistoryError> {
    let user = oneself(caller)?;
    app.db
        .write(caller, move |tx| {
            users::service::lock_person(tx, user)?.ok_or(Failure::Unauthenticated(None))?;
            if queries::for_sale(tx.conn(), &[product])?.is_empty() {
                return Err(HistoryError::not_found("productId"));
            }
            queries::insert_dismissal(tx, user, product)?;
            queries::trim_dismissals(tx, user)?;
            Ok(product)
        })
        .await
}

/// Prepares the weeks to come, and forgets the views whose time is over: whole weeks at once.
///
/// # Errors
/// If the database fails; what was done before stays done.
pub async fn sweep_views(app: &App, caller: &Caller) -> Result<(), Failure> {
    let kept = app.market.privacy.views_kept;
    let turn_over = move |tx: &mut Tx<'_>| {
        let now = tx.now();
        let known = queries::weeks(tx.conn())?;
        for week in Week::to_come(now).filter(|week| !known.contains(week)) {
            queries::add_week(tx, week)?;
        }
        for week in known.into_iter().filter(|week| week.end() <= now - kept) {
            queries::drop_week(tx, week)?;
        }
        Ok::<_, Failure>(())
    };
    app.db.write(caller, turn_over).await?;
    let forget = move |tx: &mut Tx<'_>| {
        let before = tx.now() - kept;
        queries::delete_old_views(tx, before, BATCH)
    };
    app.db.write_in_batches(caller, forget).await
}

/// Forgets of how many views people and visitors told more than an hour ago.
///
/// # Errors
/// If the database fails; what was done before stays done.
pub async fn forget_tallies(app: &App, caller: &Caller) -> Result<(), Failure> {
    let forget = |tx: &mut Tx<'_>| {
        let before = tx.now() - LATELY;
        queries::delete_old_tallies(tx, before, BATCH)
    };
    app.db.write_in_batches(caller, forget).await
}
