//! Holding what comes to the market against saved searches, and telling people of what fits.

use std::time::{Duration, Instant};

use chrono::TimeDelta;

use crate::{
    kernel::{error::Failure, id::Id},
    notifications::{
        self,
        model::{Kind, News, Subject, SubjectKind, Topic},
    },
    platform::{
        app::App,
        caller::Caller,
        clock::Time,
        db::{Conn, Tx},
    },
    products::{self, model::Card},
    searches::{
        model::{SavedSearch, SearchNews},
        queries,
    },
    users::{
        self,
        model::{Addressee, NotificationKind},
    },
};

/// Searches that are looked at at once, and how many times in a row.
const BATCH: i64 = 50;
const MAXIMUM_BATCHES: usize = 20;
/// For how long a run begins to look at another one: a job that takes a minute is given up, and slow searches of one person would keep all others waiting.
const LONGEST: Duration = Duration::from_secs(20);
/// New products of one search that are looked at, the last ones, and of which somebody is told.
const MAXIMUM_NEW: i64 = 20;
const MAXIMUM_TOLD: usize = 5;
/// What came to the market later may not be there yet: longer than a transaction takes.
const COMING: TimeDelta = TimeDelta::minutes(10);

/// What came of looking at a search.
enum Outcome {
    Nothing,
    News(SearchNews),
    /// It could not be looked at, and is so again later, from where it was.
    Unseen,
}

/// Looks at saved searches for which it is time, and has those told who are to hear of something new.
///
/// # Errors
/// If the database fails; what was done before stays done.
pub async fn look_at_searches(app: &App, caller: &Caller) -> Result<(), Failure> {
    let begun = Instant::now();
    for _ in 0..MAXIMUM_BATCHES {
        let now = app.now();
        let until = now - COMING;
        let due = app.db.read(move |conn| queries::due(conn, now, BATCH)).await?;
        if due.is_empty() {
            break;
        }
        // In a market to which nothing comes nothing is looked for.
        let last = products::service::last_offered(app).await?;
        let mut looked = Vec::new();
        for search in due {
            if begun.elapsed() > LONGEST {
                break;
            }
            let has_new = last.is_some_and(|last| last > search.looked_at) && search.looked_at < until;
            let outcome = if has_new { look(app, &search, until).await } else { Ok(Outcome::Nothing) };
            let outcome = outcome.unwrap_or_else(|error| {
                tracing::warn!(%error, search = %search.id, "a saved search could not be looked at");
                Outcome::Unseen
            });
            looked.push((search.id, outcome));
        }
        app.db.write(caller, move |tx: &mut Tx<'_>| note_looked(tx, &looked, until)).await?;
        if begun.elapsed() > LONGEST {
            break;
        }
    }
    Ok(())
}

async fn look(app: &App, search: &SavedSearch, until: Time) -> Result<Outcome, Failure> {
    // What is not understood waits for a release that does.
    let Some(filter) = search.products() else { return Ok(Outcome::Unseen) };
    let cards = products::service::offered(app, filter, (search.looked_at, until), MAXIMUM_NEW).await?;
    if cards.is_empty() {
        return Ok(Outcome::Nothing);
    }
    let (user, shops) = (search.user_id, cards.iter().map(|card| card.shop_id).collect::<Vec<_>>());
    let hidden = app.db.read(move |conn| queries::no_news_of(conn, user, &shops)).await?;
    let new = cards.into_iter().filter(|card| !hidden.contains(&card.shop_id));
    let products: Vec<_> = new.map(|card| card.id).take(MAXIMUM_TOLD).collect();
    if products.is_empty() {
        return Ok(Outcome::Nothing);
    }
    Ok(Outcome::News(SearchNews { search: search.id, user, products }))
}

/// Only what is noted here is told, in the same transaction: so of nothing is anybody told twice, whoever else looks, and whenever this ends.
fn note_looked(tx: &mut Tx<'_>, looked: &[(Id<SavedSearch>, Outcome)], until: Time) -> Result<(), Failure> {
    let now = tx.now();
    let of = |is_wanted: fn(&Outcome) -> bool| -> Vec<Id<SavedSearch>> {
        looked.iter().filter(|(_, outcome)| is_wanted(outcome)).map(|(id, _)| *id).collect()
    };
    let soon = now + SavedSearch::LOOKED_AT_AGAIN;
    queries::set_looked_at(tx, &of(|outcome| matches!(outcome, Outcome::Nothing)), Some(until), soon)?;
    queries::set_looked_at(tx, &of(|outcome| matches!(outcome, Outcome::Unseen)), None, soon)?;
    let told = of(|outcome| matches!(outcome, Outcome::News(_)));
    let told = queries::set_looked_at(tx, &told, Some(until), now + SavedSearch::TOLD_AGAIN)?;
    let news = looked.iter().filter_map(|(id, outcome)| match outcome {
        Outcome::News(news) if told.contains(id) => Some(news.clone()),
        _ => None,
    });
    tx.enqueue_all(news)
}

/// Somebody who is told what fits a search of theirs.
pub struct ToTell {
    pub person: Addressee,
    /// What they call the search.
    pub name: String,
    /// What the products are called.
    pub titles: Vec<String>,
    pub unsubscribe: String,
}

/// Who has saved a search and is told what fits it; nobody if they do not want that any more, or nothing of it is for sale any more.
pub async fn seeker_to_tell(app: &App, caller: &Caller, job: SearchNews) -> Result<Option<ToTell>, Failure> {
    let (user, id, kind) = (job.user, job.search, NotificationKind::Searches);
    let products = job.products.clone();
    let read = move |conn: &mut Conn| {
        let search = queries::saved_by_ids(conn, user, &[id])?.pop().filter(|search| search.has_notices);
        let Some(search) = search else { return Ok(None) };
        Ok::<_, Failure>(Some((search, queries::for_sale(conn, &products)?)))
    };
    let Some((search, cards)) = app.db.read(read).await? else { return Ok(None) };
    if cards.is_empty() {
        return Ok(None);
    }
    let titles = titles(cards, &job.products);
    let subject = Subject { kind: SubjectKind::SavedSearch, id: id.uuid() };
    let news = News { user, kind: Kind::Searches, topic: Topic::SearchFound, subject, source: id.uuid() };
    let person = notifications::service::tell(app, caller, news, job).await?;
    let unsubscribe = users::service::unsubscribe_url(app, user, kind);
    Ok(person.map(|person| ToTell { person, name: search.name, titles, unsubscribe }))
}

/// In the order of the ids.
fn titles(mut cards: Vec<Card>, order: &[Id<products::model::Product>]) -> Vec<String> {
    cards.sort_by_key(|card| order.iter().position(|id| *id == card.id));
    cards.into_iter().map(|card| card.title).collect()
}
