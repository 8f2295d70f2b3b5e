//! Searching in what was written to somebody, and by them. One search of each person's runs after the other, so that nobody has all threads
//! that read for long.

use std::time::Duration;

use tokio::sync::OwnedMutexGuard;

use crate::{
    kernel::{
        error::Failure,
        id::Id,
        page::{Page, Slice},
    },
    messages::{
        model::{
            Message,
            search::{Hit, MessageSearch, Sought, Terms},
        },
        policy,
        queries::{self, search},
    },
    platform::{app::App, caller::Caller, db::Conn},
    users::model::{User, oneself},
};

/// Messages that get their words at once.
const BATCH: i64 = 500;

/// How long a search waits for others of the same person.
const TURN_PATIENCE: Duration = Duration::from_secs(10);

/// A page of the messages that a search finds, newest first, and by which terms they are counted. Whatever is typed is a search; one without a
/// word finds nothing.
pub async fn search_messages(
    app: &App,
    caller: &Caller,
    search: MessageSearch,
    page: Page<Id<Message>>,
) -> Result<(Slice<Hit>, Option<Terms>), Failure> {
    let reader = oneself(caller)?;
    let _turn = turn(app, reader).await?;
    app.db
        .read_long(move |conn| {
            let Some((sought, terms)) = sought(conn, reader, &search)? else {
                return Ok((page.slice(Vec::new()), None));
            };
            let side = (reader, search.side);
            let found = search::found(conn, side, terms.clone(), search.filter, &page)?;
            let Slice { items: ids, has_next, has_previous } = found;
            let mut found: Vec<_> = policy::visible(reader, queries::messages_by_ids(conn, reader, &ids)?).collect();
            found.sort_by_key(|message| std::cmp::Reverse(message.id));
            let hit = |message: Message| {
                let places = message.text.as_deref().map(|text| sought.hits(text)).unwrap_or_default();
                Hit { message, places }
            };
            Ok((Slice { items: found.into_iter().map(hit).collect(), has_next, has_previous }, Some(terms)))
        })
        .await
}

/// How many messages a search finds by the terms of its page, counted to one more than 10,000.
pub async fn count_found_messages(
    app: &App,
    caller: &Caller,
    search: MessageSearch,
    terms: Option<Terms>,
) -> Result<i64, Failure> {
    let reader = oneself(caller)?;
    let Some(terms) = terms else { return Ok(0) };
    let _turn = turn(app, reader).await?;
    app.db.read_long(move |conn| search::count_found(conn, (reader, search.side), terms.clone(), search.filter)).await
}

async fn turn(app: &App, reader: Id<User>) -> Result<OwnedMutexGuard<()>, Failure> {
    app.in_making.take(format!("search {reader}"), TURN_PATIENCE).await.ok_or(Failure::Unavailable)
}

/// What is looked for, and where; none if that is nothing, or nowhere.
fn sought(conn: &mut Conn, reader: Id<User>, search: &MessageSearch) -> Result<Option<(Sought, Terms)>, Failure> {
    let Some(sought) = Sought::of(&search.query) else { return Ok(None) };
    let conversations = search::searched_on(conn, reader, search.side, search.filter.conversation)?;
    Ok(sought.terms(&conversations).map(|terms| (sought, terms)))
}

/// Has the messages be found that were written before they could be searched.
///
/// # Errors
/// If the database fails.
pub async fn write_words(app: &App, caller: &Caller) -> Result<(), Failure> {
    app.db.write_in_batches(caller, move |tx| search::write_words(tx, BATCH)).await
}
