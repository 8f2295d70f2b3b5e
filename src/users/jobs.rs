//! What accounts do in the background: mail, and forgetting.

use chrono::TimeDelta;

use super::{
    mail,
    model::{
        EmailChangeMail, EmailChangedMail, IdentityChange, IdentityMail, PasswordChangedMail, PasswordResetMail,
        SafetyMail, SessionReusedMail, VerificationMail, WhichAddress,
    },
    service,
};
use crate::{
    kernel::error::Failure,
    platform::{
        app::App,
        caller::Caller,
        jobs::{Handlers, JobError},
    },
};

/// Adds the handlers of this domain.
pub fn handlers(handlers: Handlers<App>) -> Handlers<App> {
    let hour = TimeDelta::hours(1);
    handlers
        .with(verification_mail)
        .with(session_reused_mail)
        .with(password_reset_mail)
        .with(password_changed_mail)
        .with(email_change_mail)
        .with(email_changed_mail)
        .with(identity_mail)
        .every(hour, "users.forget_provider_flows", |app: App| async move {
            service::forget_provider_flows(&app, &Caller::system()).await
        })
        .with(safety_mail)
        .every(hour, "users.forget_recoveries", forget_recoveries)
        .every(hour, "users.forget_sessions", forget_sessions)
        .every(hour, "users.forget_verifications", |app: App| async move {
            service::forget_verifications(&app, &Caller::system()).await
        })
        .every(hour, "users.forget_guesses", |app: App| async move {
            service::forget_guesses(&app, &Caller::system()).await
        })
}

async fn verification_mail(app: App, job: VerificationMail) -> Result<(), JobError> {
    let Some(verification) = service::verification(&app, job.verification).await? else { return Ok(()) };
    let mail = if verification.is_confirmable {
        // After long trouble with the mail server, nobody is sent a code that is good for nothing.
        if verification.confirmed_at.is_some() || verification.expires_at <= app.now() {
            return Ok(());
        }
        let (code, link) = (service::code(&app, verification.id), service::verify_link(&app, verification.id));
        mail::verification(&verification, &code, &link)
    } else {
        let Some(owner) = service::owner_of(&app, &verification.email_key).await? else { return Ok(()) };
        mail::address_taken(&owner)
    };
    app.send(mail).await
}

async fn session_reused_mail(app: App, job: SessionReusedMail) -> Result<(), JobError> {
    let Some(person) = service::addressee(&app, job.user).await? else { return Ok(()) };
    app.send(mail::session_reused(&person)).await
}

async fn password_reset_mail(app: App, job: PasswordResetMail) -> Result<(), JobError> {
    let Some((user, link)) = service::password_reset_link(&app, job.reset).await? else { return Ok(()) };
    let Some(person) = service::addressee(&app, user).await? else { return Ok(()) };
    app.send(mail::password_reset(&person, &link)).await
}

async fn password_changed_mail(app: App, job: PasswordChangedMail) -> Result<(), JobError> {
    let Some(person) = service::addressee(&app, job.user).await? else { return Ok(()) };
    app.send(mail::password_changed(&person)).await
}

async fn safety_mail(app: App, job: SafetyMail) -> Result<(), JobError> {
    let Some(person) = service::addressee(&app, job.user).await? else { return Ok(()) };
    app.send(mail::safety(&person, job.notice)).await
}

async fn email_change_mail(app: App, job: EmailChangeMail) -> Result<(), JobError> {
    let Some(change) = service::email_change(&app, job.change).await? else { return Ok(()) };
    let Some(person) = service::addressee(&app, change.user_id).await? else { return Ok(()) };
    let mail = match job.to {
        WhichAddress::Old => mail::email_change_asked(&person, &change),
        WhichAddress::New if change.is_confirmable && change.is_open(app.now()) => {
            let (code, link) = (service::code(&app, change.id), service::verify_link(&app, change.id));
            mail::email_change(&person, &change, &code, &link)
        }
        WhichAddress::New if change.is_confirmable => return Ok(()),
        WhichAddress::New => match service::owner_of(&app, &change.email_key).await? {
            Some(owner) => mail::address_taken(&owner),
            None => return Ok(()),
        },
    };
    app.send(mail).await
}

async fn email_changed_mail(app: App, job: EmailChangedMail) -> Result<(), JobError> {
    let Some(change) = service::email_change(&app, job.change).await? else { return Ok(()) };
    let Some(person) = service::addressee(&app, change.user_id).await? else { return Ok(()) };
    let to = match job.to {
        WhichAddress::Old => &change.old_email,
        WhichAddress::New => &change.email,
    };
    app.send(mail::email_changed(&person, &change, to)).await
}

async fn identity_mail(app: App, job: IdentityMail) -> Result<(), JobError> {
    let Some(person) = service::addressee(&app, job.user).await? else { return Ok(()) };
    let provider = app.providers.by_issuer(&job.issuer).map_or(job.issuer.as_str(), |provider| provider.display_name());
    app.send(match job.change {
        IdentityChange::Linked => mail::identity_linked(&person, provider),
        IdentityChange::Unlinked => mail::identity_unlinked(&person, provider),
    })
    .await
}

/// Forgets resets, changes of addresses and sign-ins that are over.
async fn forget_recoveries(app: App) -> Result<(), Failure> {
    service::forget_password_resets(&app, &Caller::system()).await?;
    service::forget_email_changes(&app, &Caller::system()).await?;
    service::forget_challenges(&app, &Caller::system()).await?;
    service::forget_ceremonies(&app, &Caller::system()).await
}

/// Forgets where sessions and security events came from and, later, that there were any; what the staff did; which addresses
/// erased people had; and which bounced.
async fn forget_sessions(app: App) -> Result<(), Failure> {
    service::forget_sessions(&app, &Caller::system()).await?;
    service::forget_security_events(&app, &Caller::system()).await?;
    service::forget_audit_log(&app, &Caller::system()).await?;
    service::forget_former_addresses(&app, &Caller::system()).await?;
    service::forget_undeliverable(&app, &Caller::system()).await
}
