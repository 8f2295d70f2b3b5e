//! From an address to an account.

use super::{
    name,
    session::{Tokens, open_session, tokens},
};
use crate::users::{
    error::AccountError,
    model::{Role, Verification, VerificationMail, check_password},
    queries::{self, NewUser, NewVerification},
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
    check_password(&input.password, &[&email_key, &display_name])?;
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

/// The code that confirms a verification: derived, so that it is stored nowhere.
pub fn code(app: &App, id: Id<Verification>) -> String {
    digits(app.master.mac(CODE, &[id.uuid().as_bytes()]))
}

const CODE: &str = "verification-code";

fn digits(tag: [u8; 32]) -> String {
    let number = tag.iter().take(8).fold(0_u64, |number, &byte| (number << 8) | u64::from(byte));
    format!("{:06}", number % 1_000_000)
}

/// Makes the account of a sign-up and signs in.
pub async fn confirm_email(
    app: &App,
    caller: &Caller,
    id: Id<Verification>,
    code_given: String,
) -> Result<Tokens, AccountError> {
    let given = app.master.mac("code", &[code_given.trim().as_bytes()]);
    // Compared by their keyed hashes, so that time tells nothing about the digits.
    let matches = |expected: [u8; 32]| app.master.verifies("code", &[digits(expected).as_bytes()], &given);
    let matches = app.master.macs(CODE, &[id.uuid().as_bytes()]).any(matches);
    let session = app
        .db
        .write(caller, move |tx| {
            let now = tx.now();
            let Some(verification) = queries::lock_verification(tx, id)?.filter(|found| found.is_open(now)) else {
                return Ok::<_, AccountError>(None);
            };
            let is_right = matches && verification.is_confirmable;
            let Some(password_hash) = verification.password_hash.as_deref().filter(|_| is_right) else {
                // A wrong guess counts, so this transaction commits.
                queries::set_attempted(tx, id)?;
                return Ok(None);
            };
            let new = NewUser {
                id: tx.new_id(),
                email: Some(&verification.email),
                email_key: Some(&verification.email_key),
                password_hash: Some(password_hash),
                display_name: &verification.display_name,
                role: Role::Member,
                is_demo: false,
                created_at: now,
            };
            let user = match tx.savepoint(|tx| queries::insert_user(tx, &new)) {
                Ok(user) => user,
                // Another sign-up of the same address was confirmed first.
                Err(failure) if failure.violates("users_email_key") => return Ok(None),
                Err(failure) => return Err(failure.into()),
            };
            queries::set_confirmed(tx, id, now)?;
            Ok(Some(open_session(tx, user.id)?))
        })
        .await?;
    tokens(app, &session.ok_or(AccountError::InvalidCode)?)
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
