//! Asking for an account.

use super::name;
use crate::users::{
    error::AccountError,
    model::{Verification, VerificationMail, check_password},
    queries::{self, NewVerification},
};
use crate::{
    kernel::{error::Failure, id::Id, text},
    platform::{app::App, caller::Caller, db::Tx},
};

/// What somebody gives to sign up.
pub struct SignUp {
    pub email: String,
    pub password: String,
    pub display_name: String,
}

/// Starts a sign-up. Says and takes the same whether or not the address is taken; its owner learns by mail.
pub async fn sign_up(app: &App, caller: &Caller, input: SignUp) -> Result<Verification, AccountError> {
    let display_name = name("displayName", &input.display_name)?;
    let email_key = text::email_key(&input.email).ok_or(AccountError::InvalidEmail)?;
    check_password(&input.password, &[&email_key, &display_name])
        .map_err(|fault| AccountError::Password { field: "password".into(), fault })?;
    let password_hash = app.passwords.hash(input.password, app.generator.bytes()).await?;
    let email = input.email.trim().to_owned();
    let locale = caller.request.locale.clone().unwrap_or_default();
    app.db
        .write(caller, move |tx| {
            let now = tx.now();
            queries::lock_address(tx, &email_key)?;
            let is_taken = queries::by_email(tx.conn(), &email_key)?.is_some();
            let (asked, mails) = queries::count_verifications(tx.conn(), &email_key, now - Verification::LIFETIME)?;
            let sends_mail =
                asked < Verification::MAXIMUM_PER_ADDRESS && mails < Verification::MAXIMUM_MAILS_PER_ADDRESS;
            let verification = queries::insert_verification(
                tx,
                &NewVerification {
                    id: tx.new_id(),
                    email: &email,
                    email_key: &email_key,
                    password_hash: &password_hash,
                    is_confirmable: !is_taken && sends_mail,
                    display_name: &display_name,
                    locale: &locale,
                    sent_count: 1,
                    sent_at: now,
                    expires_at: now + Verification::LIFETIME,
                    created_at: now,
                },
            )?;
            if sends_mail {
                tx.enqueue(&VerificationMail { verification: verification.id })?;
            }
            Ok(verification)
        })
        .await
}

/// Sends the code of a sign-up once more. Answers the same for any id.
pub async fn resend_verification(app: &App, caller: &Caller, id: Id<Verification>) -> Result<(), AccountError> {
    app.db
        .write(caller, move |tx| {
            let now = tx.now();
            let Some(known) = queries::verification(tx.conn(), id)? else { return Ok(()) };
            queries::lock_address(tx, &known.email_key)?;
            let Some(verification) = queries::lock_verification(tx, id)?.filter(|found| found.is_open(now)) else {
                return Ok(());
            };
            let since = now - Verification::LIFETIME;
            let (_, mails) = queries::count_verifications(tx.conn(), &verification.email_key, since)?;
            let is_due = verification.resend_at().is_some_and(|time| time <= now);
            if is_due && mails < Verification::MAXIMUM_MAILS_PER_ADDRESS {
                let verification = queries::set_sent_again(tx, id, now)?;
                tx.enqueue(&VerificationMail { verification: verification.id })?;
            }
            Ok(())
        })
        .await
}

/// A sign-up by its id, for the mail about it.
pub async fn verification(app: &App, id: Id<Verification>) -> Result<Option<Verification>, Failure> {
    app.db.read(move |conn| queries::verification(conn, id)).await
}

/// Forgets sign-ups that ended a day ago.
pub async fn forget_verifications(app: &App, caller: &Caller) -> Result<(), Failure> {
    const BATCH: i64 = 1_000;
    let forget = |tx: &mut Tx<'_>| {
        let before = tx.now() - chrono::TimeDelta::days(1);
        queries::delete_verifications(tx, before, BATCH)
    };
    app.db.write_in_batches(caller, forget).await
}
