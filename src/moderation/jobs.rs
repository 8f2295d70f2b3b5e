//! Telling people of decisions, and forgetting what was reported.

use chrono::TimeDelta;

use super::{mail, model::DecisionMail, service};
use crate::{
    platform::{
        app::App,
        caller::Caller,
        jobs::{Handlers, JobError},
    },
    users,
};

/// Adds the handlers of this domain.
pub fn handlers(handlers: Handlers<App>) -> Handlers<App> {
    handlers.with(decision_mail).every(TimeDelta::hours(1), "moderation.forget_reported", |app: App| async move {
        service::forget_reported(&app, &Caller::system()).await
    })
}

async fn decision_mail(app: App, job: DecisionMail) -> Result<(), JobError> {
    let Some(case) = service::case(&app, job.case).await? else { return Ok(()) };
    let Some(person) = users::service::addressee(&app, job.user).await? else { return Ok(()) };
    let mail = if job.is_answer { mail::answered(&person, &case) } else { mail::decided(&person, &case) };
    match mail {
        Some(mail) => app.send(mail).await,
        None => Ok(()),
    }
}
