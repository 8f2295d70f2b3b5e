//! What people save to find it again.

use crate::{
    kernel::{error::Failure, id::Id, text},
    platform::{
        app::App,
        caller::Caller,
        db::Tx,
        idempotency::{Key, Retention},
    },
    products::model::ProductFilter,
    searches::{
        error::SearchError,
        model::{SaveSearch, SavedSearch, SavedSearchChange, saved_filter},
        queries::{self, NewSearch, SavedColumns},
    },
    users::{self, model::oneself},
};

/// Saves a search of the caller's. What is for sale already is no news.
pub async fn save_search(
    app: &App,
    caller: &Caller,
    key: Option<&str>,
    input: SaveSearch,
) -> Result<Id<SavedSearch>, SearchError> {
    let user = oneself(caller)?;
    let key = key.map(|key| Key::new(&user, "saveSearch", key, &input, Retention::Day)).transpose()?;
    let SaveSearch { name, filter, has_notices } = input;
    let (name, locale) = (checked(&name)?, caller.request.locale.clone());
    if filter.to_string().len() > SavedSearch::MAXIMUM_FILTER {
        return Err(SearchError::LongFilter);
    }
    let products = saved_filter(&filter, locale.clone());
    let products = products.ok_or_else(|| Failure::BadUserInput("a filter that cannot be saved".into()))?;
    if products == ProductFilter::all() {
        return Err(SearchError::EmptyFilter);
    }
    app.once(caller, key, move |tx| {
        users::service::lock_person(tx, user)?.ok_or(Failure::Unauthenticated(None))?;
        if queries::count_saved(tx.conn(), user)? >= SavedSearch::MAXIMUM {
            return Err(SearchError::TooMany);
        }
        let (id, now) = (tx.new_id(), tx.now());
        let search = NewSearch {
            id,
            user_id: user,
            name: &name,
            filter: &filter,
            locale: locale.clone(),
            has_notices,
            created_at: now,
            looked_at: now,
            look_at: now + SavedSearch::LOOKED_AT_AGAIN,
        };
        queries::insert_saved(tx, &search)?;
        Ok(id)
    })
    .await
}

/// Changes a saved search of the caller's. Who wants to be told again hears of what comes from then on.
pub async fn update_saved_search(
    app: &App,
    caller: &Caller,
    id: Id<SavedSearch>,
    change: SavedSearchChange,
) -> Result<Id<SavedSearch>, SearchError> {
    let user = oneself(caller)?;
    let name = change.name.as_deref().map(checked).transpose()?;
    app.db
        .write(caller, move |tx| {
            let search = queries::lock_saved(tx, user, id)?.ok_or(SearchError::NotFound)?;
            let (name, has_notices) = (name.as_deref(), change.has_notices);
            let is_begun = has_notices == Some(true) && !search.has_notices;
            let begun = is_begun.then(|| tx.now());
            let columns = SavedColumns {
                name,
                has_notices,
                looked_at: begun,
                look_at: begun.map(|now| now + SavedSearch::LOOKED_AT_AGAIN),
            };
            if name.is_some() || has_notices.is_some() {
                queries::set_saved(tx, id, &columns)?;
            }
            Ok(id)
        })
        .await
}

/// Deletes a saved search of the caller's.
pub async fn delete_saved_search(
    app: &App,
    caller: &Caller,
    id: Id<SavedSearch>,
) -> Result<Id<SavedSearch>, SearchError> {
    let user = oneself(caller)?;
    app.db
        .write(caller, move |tx: &mut Tx<'_>| {
            queries::lock_saved(tx, user, id)?.ok_or(SearchError::NotFound)?;
            queries::delete_saved(tx, id)?;
            Ok(id)
        })
        .await
}

/// The searches that the caller has saved, the last one first.
pub async fn saved_searches(app: &App, caller: &Caller) -> Result<Vec<SavedSearch>, Failure> {
    let user = oneself(caller)?;
    app.db.read(move |conn| queries::saved_of(conn, user)).await
}

fn checked(name: &str) -> Result<String, SearchError> {
    text::line(name, SavedSearch::MAXIMUM_NAME).map_err(SearchError::Name)
}
