//! What accounts do in the background: mail, and forgetting.

use serde::{Deserialize, Serialize};

use super::{
    mail,
    model::{SessionReusedMail, VerificationMail},
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

/// Forgets sign-ups that nobody confirmed.
#[derive(Serialize, Deserialize)]
pub struct ForgetVerifications;

impl JobBody for ForgetVerifications {
    const KIND: &'static str = "users.forget_verifications";
}

/// Forgets who guessed wrong.
#[derive(Serialize, Deserialize)]
pub struct ForgetGuesses;

impl JobBody for ForgetGuesses {
    const KIND: &'static str = "users.forget_guesses";
}

/// Adds the handlers of this domain.
pub fn handlers(handlers: Handlers<App>) -> Handlers<App> {
    let hour = chrono::TimeDelta::hours(1);
    handlers
        .with(verification_mail)
        .with(session_reused_mail)
        .every(hour, &ForgetVerifications, forget_verifications)
        .every(hour, &ForgetGuesses, forget_guesses)
}

async fn verification_mail(app: App, job: VerificationMail) -> Result<(), JobError> {
    let Some(verification) = service::verification(&app, job.verification).await? else { return Ok(()) };
    let mail = if verification.confirmed_at.is_some() {
        return Ok(());
    } else if verification.is_confirmable && verification.expires_at <= app.now() {
        // After long trouble with the mail server, nobody is sent a code that is good for nothing.
        return Ok(());
    } else if verification.is_confirmable {
        mail::verification(&verification, &service::code(&app, verification.id))
    } else {
        mail::address_taken(&verification)
    };
    Ok(app.send(mail).await?)
}

async fn session_reused_mail(app: App, job: SessionReusedMail) -> Result<(), JobError> {
    if let Some((email, locale)) = service::address_of(&app, job.user).await? {
        app.send(mail::session_reused(&email, locale.language())).await?;
    }
    Ok(())
}

async fn forget_verifications(app: App, _: ForgetVerifications) -> Result<(), Failure> {
    service::forget_verifications(&app, &Caller::system()).await
}

async fn forget_guesses(app: App, _: ForgetGuesses) -> Result<(), Failure> {
    service::forget_guesses(&app, &Caller::system()).await
}
