//! Making archives, erasing who wants it, and telling people.

use chrono::TimeDelta;

use super::{
    mail,
    model::{MakeExport, NoticeMail},
    service,
};
use crate::{
    kernel::error::Failure,
    platform::{
        app::App,
        caller::Caller,
        jobs::{Handlers, JobError},
    },
    users,
};

/// Adds the handlers of this domain.
pub fn handlers(handlers: Handlers<App>) -> Handlers<App> {
    handlers
        .with(
            |app: App, job: MakeExport| async move { service::make_export(&app, &Caller::system(), job.export).await },
        )
        .with(notice_mail)
        .every(TimeDelta::hours(1), "privacy.sweep", sweep)
}

async fn notice_mail(app: App, job: NoticeMail) -> Result<(), JobError> {
    let Some(person) = users::service::addressee(&app, job.user).await? else { return Ok(()) };
    app.send(mail::notice(&person, job.notice, job.day)).await
}

/// Erases whose time of grace is over, and forgets what was kept for a while.
async fn sweep(app: App) -> Result<(), Failure> {
    let caller = Caller::system();
    let erased = service::erase_due(&app, &caller).await;
    let forgotten = service::forget_erased(&app, &caller).await;
    service::delete_exports(&app, &caller).await?;
    erased.and(forgotten)
}
