//! What messages do in the background.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::{
    mail,
    model::news::{DigestMail, DigestNews, PushMessages, PushNews},
    service,
};
use crate::{
    kernel::error::Failure,
    platform::{
        app::App,
        caller::Caller,
        jobs::{Handlers, JobBody, JobError},
    },
};

/// Forgets what deleted messages said, once it need not be kept any longer.
#[derive(Serialize, Deserialize)]
pub struct ForgetDeleted;

impl JobBody for ForgetDeleted {
    const KIND: &'static str = "messages.forget_deleted";
}

/// Forgets texts that were kept as long as the operator wants.
#[derive(Serialize, Deserialize)]
pub struct ForgetOldTexts;

impl JobBody for ForgetOldTexts {
    const KIND: &'static str = "messages.forget_old_texts";
}

/// Has messages be found that were written before they could be searched.
#[derive(Serialize, Deserialize)]
pub struct WriteWords;

impl JobBody for WriteWords {
    const KIND: &'static str = "messages.write_words";
}

/// Adds the handlers of this domain.
pub fn handlers(handlers: Handlers<App>) -> Handlers<App> {
    let hour = TimeDelta::hours(1);
    handlers
        .every(hour, &ForgetDeleted, forget_deleted)
        .every(hour, &ForgetOldTexts, forget_old_texts)
        .every(hour, &WriteWords, write_words)
        // What is written within these seconds wakes a device once.
        .every(TimeDelta::seconds(3), &PushNews, |app: App, _| async move {
            service::push_news(&app, &Caller::system()).await
        })
        .with(|app: App, job: PushMessages| async move { service::push_messages(&app, &Caller::system(), job).await })
        .every(TimeDelta::minutes(5), &DigestNews, |app: App, _| async move {
            service::digest_news(&app, &Caller::system()).await
        })
        .with(digest_mail)
}

async fn forget_old_texts(app: App, _: ForgetOldTexts) -> Result<(), Failure> {
    service::forget_old_texts(&app, &Caller::system()).await
}

async fn write_words(app: App, _: WriteWords) -> Result<(), Failure> {
    service::write_words(&app, &Caller::system()).await
}

async fn digest_mail(app: App, job: DigestMail) -> Result<(), JobError> {
    let Some(told) = service::digest_to_tell(&app, &Caller::system(), job).await? else { return Ok(()) };
    app.send(mail::digest(&told.person, told.waiting, told.unsubscribe)).await?;
    Ok(service::note_digest(&app, &Caller::system(), job).await?)
}

async fn forget_deleted(app: App, _: ForgetDeleted) -> Result<(), Failure> {
    service::forget_deleted(&app, &Caller::system()).await
}
