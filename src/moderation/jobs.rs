//! Telling people of decisions, and forgetting what was reported.

use serde::{Deserialize, Serialize};

use super::{mail, model::DecisionMail, service};
use crate::{
    kernel::error::Failure,
    platform::{
        app::App,
        caller::Caller,
        jobs::{Handlers, JobBody, JobError},
    },
    users,
};

/// Forgets what was reported, once it need not be kept any longer.
#[derive(Serialize, Deserialize)]
pub struct ForgetReported;

impl JobBody for ForgetReported {
    const KIND: &'static str = "moderation.forget_reported";
}

/// Adds the handlers of this domain.
pub fn handlers(handlers: Handlers<App>) -> Handlers<App> {
    handlers.with(decision_mail).every(chrono::TimeDelta::hours(1), &ForgetReported, forget_reported)
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

async fn forget_reported(app: App, _: ForgetReported) -> Result<(), Failure> {
    service::forget_reported(&app, &Caller::system()).await
}
