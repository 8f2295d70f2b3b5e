//! What messages do in the background.

use chrono::TimeDelta;

use super::{
    mail,
    model::news::{DigestMail, PushMessages},
    service,
};
use crate::platform::{
    app::App,
    caller::Caller,
    jobs::{Handlers, JobError},
};

/// Adds the handlers of this domain.
pub fn handlers(handlers: Handlers<App>) -> Handlers<App> {
    let hour = TimeDelta::hours(1);
    handlers
        .every(hour, "messages.forget_deleted", |app: App| async move {
            service::forget_deleted(&app, &Caller::system()).await
        })
        // One run is bounded.
        .every(TimeDelta::minutes(1), "messages.forget_old_texts", |app: App| async move {
            service::forget_old_texts(&app, &Caller::system()).await
        })
        .every(TimeDelta::minutes(1), "messages.write_words", |app: App| async move {
            service::write_words(&app, &Caller::system()).await
        })
        // What is written within these seconds wakes a device once.
        .every(TimeDelta::seconds(3), "messages.push_news", |app: App| async move {
            service::push_news(&app, &Caller::system()).await
        })
        .with(|app: App, job: PushMessages| async move { service::push_messages(&app, &Caller::system(), job).await })
        .every(TimeDelta::minutes(5), "messages.digest_news", |app: App| async move {
            service::digest_news(&app, &Caller::system()).await
        })
        .with(digest_mail)
}

async fn digest_mail(app: App, job: DigestMail) -> Result<(), JobError> {
    let Some(told) = service::digest_to_tell(&app, &Caller::system(), job).await? else { return Ok(()) };
    app.send(mail::digest(&told.person, told.waiting, told.unsubscribe)).await?;
    Ok(service::note_digest(&app, &Caller::system(), job).await?)
}
