//! What searches do in the background.

use chrono::TimeDelta;

use super::{mail, model::SearchNews, service};
use crate::platform::{
    app::App,
    caller::Caller,
    jobs::{Handlers, JobError},
};

/// Adds the handlers of this domain.
pub fn handlers(handlers: Handlers<App>) -> Handlers<App> {
    handlers
        .every(TimeDelta::minutes(1), "searches.look", |app: App| async move {
            service::look_at_searches(&app, &Caller::system()).await
        })
        .every(TimeDelta::minutes(10), "searches.find_trending", |app: App| async move {
            service::find_trending(&app, &Caller::system()).await
        })
        .every(TimeDelta::days(1), "searches.sweep_recent", |app: App| async move {
            service::sweep_recent(&app, &Caller::system()).await
        })
        .with(tell_of_found)
}

async fn tell_of_found(app: App, job: SearchNews) -> Result<(), JobError> {
    let Some(told) = service::seeker_to_tell(&app, &Caller::system(), job).await? else { return Ok(()) };
    app.send(mail::search_found(&told.person, &told.name, &told.titles, told.unsubscribe)).await
}
