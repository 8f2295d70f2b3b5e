//! What people are shown who begin, and what many people have ordered lately.

use uuid::Uuid;

use super::history::{kept_since, named};
use crate::{
    kernel::{
        error::Failure,
        id::Id,
        page::{Page, Slice},
        place::CountryCode,
    },
    platform::{
        app::App,
        caller::Caller,
        clock::Time,
        db::{Conn, Tx},
    },
    products::model::Card,
    recommendations::{
        model::{
            ANYWHERE, Guest, HomeSection, HomeSectionKind, NEW, Reason, ReasonKind, Recommended, ViewKey, arranged,
            known, mixed, seeds,
        },
        queries::{self, Looked},
    },
    users::model::{User, oneself, signed_in},
};

/// The sections for the caller. Of who wants nothing kept they are those of whom nothing is known.
pub async fn home(app: &App, caller: &Caller) -> Result<Vec<HomeSection>, Failure> {
    let user = oneself(caller)?;
    sections(app, caller, Some(user.uuid()), Some(user)).await
}

/// The sections for a guest, by what they have looked at.
pub async fn home_of_guest(app: &App, caller: &Caller, Guest(visitor): Guest) -> Result<Vec<HomeSection>, Failure> {
    sections(app, caller, visitor.map(Id::uuid), None).await
}

async fn sections(
    app: &App,
    caller: &Caller,
    viewer: Option<Uuid>,
    person: Option<Id<User>>,
) -> Result<Vec<HomeSection>, Failure> {
    let (now, since) = (app.now(), kept_since(app));
    let asked = caller.request.country.map(|country| country.to_string());
    let usual = app.market.country.to_string();
    let read = move |conn: &mut Conn| {
        let signals = queries::signals(conn, viewer, person, since)?;
        let kinds: Vec<_> = HomeSectionKind::ALL.into_iter().filter(|kind| kind.is_possible(&signals)).collect();
        let looked = Looked {
            person,
            kinds: &kinds,
            seeds: &seeds(now, &signals),
            known: &known(&signals),
            countries: (asked.clone(), usual.as_str()),
            new_since: now - NEW,
        };
        let found = queries::sections(conn, looked)?;
        Ok::<_, Failure>(arranged(&signals, found))
    };
    app.db.read(read).await
}

/// The caller as a guest, by the token that they show. None if it is another one than ours, or if they are signed in.
pub fn guest(app: &App, caller: &Caller, token: Option<&str>) -> Option<Guest> {
    let visitor = token.map(|token| named(app, token)).transpose().ok()?;
    caller.signed_in().is_none().then_some(Guest(visitor))
}

/// A page of what a guest has looked at, the last one first.
pub async fn viewed_by_guest(
    app: &App,
    Guest(visitor): Guest,
    page: Page<ViewKey>,
) -> Result<Slice<(Time, Card)>, Failure> {
    let since = kept_since(app);
    match visitor {
        Some(visitor) => app.db.read(move |conn| queries::shown_views(conn, visitor.uuid(), since, &page)).await,
        None => Ok(Slice { items: Vec::new(), has_next: false, has_previous: false }),
    }
}

/// How much that is.
pub async fn count_viewed_by_guest(app: &App, Guest(visitor): Guest) -> Result<i64, Failure> {
    let since = kept_since(app);
    match visitor {
        Some(visitor) => app.db.read(move |conn| queries::count_shown_views(conn, visitor.uuid(), since)).await,
        None => Ok(0),
    }
}

/// What many people have ordered lately, in a country or anywhere, as far as the caller is shown it, the best first.
pub async fn trending(app: &App, caller: &Caller, country: Option<CountryCode>) -> Result<Vec<Recommended>, Failure> {
    let viewer = signed_in(caller).ok();
    let place = country.map_or_else(|| ANYWHERE.to_owned(), |country| country.to_string());
    let cards = app.db.read(move |conn| queries::trending(conn, &place, viewer)).await?;
    let recommended = |card| Recommended { card, reason: Reason::plain(ReasonKind::Trending) };
    Ok(mixed(cards, |card| card.shop_id).into_iter().map(recommended).collect())
}

/// Makes the lists of what many people have ordered lately anew.
///
/// # Errors
/// If the database fails; the lists stay as they were then.
pub async fn refresh_trends(app: &App, caller: &Caller) -> Result<(), Failure> {
    let now = app.now();
    let trends = app.db.read_long(move |conn| queries::trends(conn, now)).await?;
    let put = move |tx: &mut Tx<'_>| {
        tx.lock_name("trends")?;
        queries::set_trends(tx, &trends)
    };
    app.db.write(caller, put).await
}
