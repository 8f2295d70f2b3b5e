//! Signing up and in, sessions, profile and preferences.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use uuid::Uuid;

use super::{
    error::AccountError,
    model::{
        NotificationSwitch, Preferences, Refresh, Role, Session, SessionEnd, SessionReusedMail, Theme, User,
        Verification, VerificationMail, signed_in,
    },
    queries::{self, NewSession, NewUser, NewVerification, StoredPreferences},
};
use crate::{
    kernel::{
        error::{Failure, TokenFault},
        id::Id,
        money::CurrencyCode,
        place::{CountryCode, Locale},
        text,
    },
    platform::{
        app::App,
        caller::{Caller, SignedIn, StaffRole, Who},
        clock::Time,
        crypto::{ACCESS_TOKEN_SECONDS, SealedKey, UnverifiedToken},
        db::{Conn, Tx},
    },
};

/// What somebody gives to sign up.
pub struct SignUp {
    pub email: String,
    pub password: String,
    pub display_name: String,
}

/// Tokens of a session, as they are told once.
pub struct Tokens {
    pub user: Id<User>,
    pub session: Id<Session>,
    pub access_token: String,
    pub access_token_expires_at: Time,
    pub refresh_token: String,
}

/// How far a sign-in came.
pub enum SignInOutcome {
    SignedIn(Tokens),
    EmailUnverified(Verification),
}

/// Starts a sign-up. Says and takes the same whether or not the address is taken; its owner learns by mail.
pub async fn sign_up(app: &App, caller: &Caller, input: SignUp) -> Result<Verification, AccountError> {
    let display_name = name("displayName", &input.display_name)?;
    let email_key = text::email_key(&input.email).ok_or(AccountError::InvalidEmail)?;
    check_password(&input.password)?;
    let password_hash = app.passwords.hash(input.password, app.generator.bytes()).await?;
    let email = input.email.trim().to_owned();
    let locale = caller.request.locale.clone().unwrap_or_default();
    app.db
        .write(caller, move |tx| {
            let now = tx.now();
            let is_taken = queries::by_email(tx.conn(), &email_key)?.is_some();
            let recent = queries::count_verifications(tx.conn(), &email_key, now - Verification::LIFETIME)?;
            let verification = queries::insert_verification(
                tx,
                &NewVerification {
                    id: tx.new_id(),
                    email: &email,
                    email_key: &email_key,
                    password_hash: (!is_taken).then_some(&password_hash),
                    display_name: &display_name,
                    locale: &locale,
                    sent_at: now,
                    expires_at: now + Verification::LIFETIME,
                    created_at: now,
                },
            )?;
            if recent < Verification::MAXIMUM_PER_ADDRESS {
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
            let Some(verification) = queries::lock_verification(tx, id)?.filter(|found| found.is_open(now)) else {
                return Ok(());
            };
            if verification.resend_at().is_some_and(|time| time <= now) {
                let verification = queries::set_sent_again(tx, id, now)?;
                tx.enqueue(&VerificationMail { verification: verification.id })?;
            }
            Ok(())
        })
        .await
}

/// The code that confirms a verification: derived, so that it is stored nowhere.
pub fn code(app: &App, id: Id<Verification>) -> String {
    let tag = app.master.mac("verification-code", &[id.uuid().as_bytes()]);
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
    let expected = code(app, id);
    let given = code_given.trim().to_owned();
    // Compared by their keyed hashes, so that time tells nothing about the digits.
    let matches = app.master.verifies("code", &[given.as_bytes()], &app.master.mac("code", &[expected.as_bytes()]));
    let session = app
        .db
        .write(caller, move |tx| {
            let now = tx.now();
            let Some(verification) = queries::lock_verification(tx, id)?.filter(|found| found.is_open(now)) else {
                return Ok::<_, AccountError>(None);
            };
            let Some(password_hash) = verification.password_hash.as_deref().filter(|_| matches) else {
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

/// Signs in. A wrong password and an unknown address answer the same and take as long.
pub async fn sign_in(
    app: &App,
    caller: &Caller,
    email: String,
    password: String,
) -> Result<SignInOutcome, AccountError> {
    let email_key = text::email_key(&email);
    let now = app.now();
    let (user, verification) = app
        .db
        .read(move |conn| {
            let key = email_key.as_deref().unwrap_or_default();
            let user = queries::by_email(conn, key)?;
            let verification = queries::open_verification(conn, key, now)?;
            Ok::<_, Failure>((user, verification))
        })
        .await?;
    let hash = match (&user, &verification) {
        (Some(user), _) => user.password_hash.clone(),
        (None, Some(verification)) => verification.password_hash.clone(),
        (None, None) => None,
    };
    let is_right = app.passwords.verify(password, hash).await?;
    match (user, verification) {
        (Some(user), _) if is_right => {
            let session = app.db.write(caller, move |tx| Ok::<_, AccountError>(open_session(tx, user.id)?)).await?;
            Ok(SignInOutcome::SignedIn(tokens(app, &session)?))
        }
        (None, Some(verification)) if is_right => Ok(SignInOutcome::EmailUnverified(verification)),
        _ => Err(AccountError::InvalidCredentials),
    }
}

fn open_session(tx: &mut Tx<'_>, user: Id<User>) -> Result<Session, Failure> {
    let now = tx.now();
    let request = tx.caller().request.clone();
    let address = request.address.map(|address| address.to_string());
    let device: String = request.user_agent.chars().take(200).collect();
    let session = NewSession {
        id: tx.new_id(),
        user_id: user,
        device: &device,
        address: address.as_deref(),
        rotated_at: now,
        created_at: now,
        last_seen_at: now,
        expires_at: now + Session::LIFETIME,
    };
    queries::insert_session(tx, &session)
}

/// A refresh token names its session and generation under a keyed hash, so that a session needs no pile of rows.
fn tokens(app: &App, session: &Session) -> Result<Tokens, AccountError> {
    let now = app.now();
    let jti = app.generator.uuid(now);
    let access_token = app.keyring.sign(session.user_id.uuid(), session.id.uuid(), jti, now)?;
    let id = session.id.uuid();
    let generation = session.generation.to_be_bytes();
    let tag = app.master.mac("refresh-token", &[id.as_bytes(), &generation]);
    Ok(Tokens {
        user: session.user_id,
        session: session.id,
        access_token,
        access_token_expires_at: now + chrono::TimeDelta::seconds(ACCESS_TOKEN_SECONDS),
        refresh_token: URL_SAFE_NO_PAD.encode([&id.as_bytes()[..], &generation, &tag].concat()),
    })
}

fn parse_refresh_token(app: &App, token: &str) -> Option<(Uuid, i32)> {
    let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
    let (id, rest) = bytes.split_first_chunk::<16>()?;
    let (generation, tag) = rest.split_first_chunk::<4>()?;
    app.master
        .verifies("refresh-token", &[id, generation], tag)
        .then(|| (Uuid::from_bytes(*id), i32::from_be_bytes(*generation)))
}

/// Trades a refresh token for new tokens. One that was used before ends its session.
pub async fn refresh_session(app: &App, caller: &Caller, token: &str) -> Result<Tokens, AccountError> {
    let (id, generation) = parse_refresh_token(app, token).ok_or(AccountError::InvalidRefreshToken)?;
    let session = app
        .db
        .write(caller, move |tx| {
            let now = tx.now();
            let Some(session) = queries::lock_session(tx, id)? else { return Ok::<_, AccountError>(None) };
            match session.refresh(generation, now) {
                Refresh::Rotate => Ok(Some(queries::set_rotated(tx, session.id, now, now + Session::LIFETIME)?)),
                Refresh::Repeat => Ok(Some(session)),
                Refresh::Reuse => {
                    queries::set_ended(tx, id, now, SessionEnd::Reused)?;
                    tx.enqueue(&SessionReusedMail { user: session.user_id })?;
                    Ok(None)
                }
                Refresh::Over => Ok(None),
            }
        })
        .await?;
    match session {
        Some(session) => tokens(app, &session),
        None => {
            app.standings.invalidate(&id);
            Err(AccountError::InvalidRefreshToken)
        }
    }
}

/// Ends the session that the caller is in.
pub async fn sign_out(app: &App, caller: &Caller) -> Result<(), AccountError> {
    let SignedIn { session, .. } = caller.signed_in().ok_or(Failure::Unauthenticated(None))?;
    app.db
        .write(caller, move |tx| {
            let now = tx.now();
            Ok::<_, AccountError>(queries::set_ended(tx, session, now, SessionEnd::SignedOut)?)
        })
        .await?;
    app.standings.invalidate(&session);
    Ok(())
}

/// Who an access token speaks for. A token that is present but no good is never a guest.
pub async fn authenticate(app: &App, token: &str) -> Result<Who, Failure> {
    let claims = match app.keyring.verify(token, app.now()) {
        Err(UnverifiedToken::UnknownKey) => {
            load_signing_keys(app).await?;
            app.keyring.verify(token, app.now())
        }
        verified => verified,
    };
    let claims = claims.map_err(|error| {
        Failure::Unauthenticated(Some(match error {
            UnverifiedToken::Fault(fault) => fault,
            UnverifiedToken::UnknownKey => TokenFault::Invalid,
        }))
    })?;
    let person = SignedIn { user: claims.sub, session: claims.sid };
    match standing(app, person).await? {
        None => Err(Failure::Unauthenticated(Some(TokenFault::Revoked))),
        Some(None) => Ok(Who::Person(person)),
        Some(Some(role)) => Ok(Who::Staff(person, role)),
    }
}

/// The person's role in the staff, if their session goes on; looked up at most once a second per process.
pub async fn standing(app: &App, person: SignedIn) -> Result<Option<Option<StaffRole>>, Failure> {
    if let Some(standing) = app.standings.get(&person.session) {
        return Ok(standing);
    }
    let now = app.now();
    let found = app.db.read(move |conn| queries::session_and_role(conn, person.session)).await?;
    let standing = found
        .filter(|(session, _)| session.is_live(now) && session.user_id.uuid() == person.user)
        .map(|(_, role)| role.staff());
    app.standings.insert(person.session, standing);
    Ok(standing)
}

/// Loads the keys that sign access tokens, and makes the first one.
pub async fn load_signing_keys(app: &App) -> Result<(), Failure> {
    let mut stored = app.db.read(queries::signing_keys).await?;
    if stored.is_empty() {
        let key = SealedKey::generate(&app.master, &app.generator)?;
        stored = app
            .db
            .write(&Caller::system(), move |tx| {
                queries::lock_signing_keys(tx)?;
                if queries::signing_keys(tx.conn())?.is_empty() {
                    queries::insert_signing_key(tx, &key)?;
                }
                queries::signing_keys(tx.conn())
            })
            .await?;
    }
    app.keyring.load(&app.master, &stored)
}

/// A change of one's own profile; what is absent stays.
pub struct ProfileChange {
    pub display_name: Option<String>,
    pub bio: Option<String>,
}

pub async fn update_profile(app: &App, caller: &Caller, change: ProfileChange) -> Result<User, AccountError> {
    let user = signed_in(caller)?;
    let display_name = change.display_name.map(|given| name("displayName", &given)).transpose()?;
    let bio = match change.bio.as_deref().map(str::trim) {
        None => None,
        Some("") => Some(String::new()),
        Some(given) => {
            Some(text::paragraph(given, 1_000).map_err(|error| AccountError::Text { field: "bio".into(), error })?)
        }
    };
    app.db.write(caller, move |tx| Ok(queries::set_profile(tx, user, display_name.as_deref(), bio.as_deref())?)).await
}

/// A change of one's own preferences. The outer `None` leaves a value as it is, the inner one clears it.
#[derive(Default, Clone)]
pub struct PreferencesChange {
    pub locale: Option<Option<Locale>>,
    pub currency: Option<Option<CurrencyCode>>,
    pub country: Option<Option<CountryCode>>,
    pub theme: Option<Theme>,
    pub notifications: Vec<NotificationSwitch>,
}

pub async fn update_preferences(
    app: &App,
    caller: &Caller,
    change: PreferencesChange,
) -> Result<Preferences, AccountError> {
    let user = signed_in(caller)?;
    app.db
        .write(caller, move |tx| {
            queries::lock_user(tx, user)?;
            let old = queries::preferences_of(tx.conn(), user)?;
            let mut switches = old.switches();
            for switch in &mut switches {
                if let Some(chosen) = change.notifications.iter().find(|chosen| chosen.kind == switch.kind) {
                    switch.channels.clone_from(&chosen.channels);
                    switch.channels.sort_unstable();
                    switch.channels.dedup();
                }
            }
            let row = StoredPreferences {
                user_id: user,
                locale: change.locale.clone().unwrap_or(old.locale),
                currency: change.currency.unwrap_or(old.currency),
                country: change.country.unwrap_or(old.country),
                theme: change.theme.unwrap_or(old.theme),
                notifications: serde_json::to_value(switches).map_err(Failure::internal)?,
            };
            queries::set_preferences(tx, &row)?;
            Ok(queries::preferences_of(tx.conn(), user)?)
        })
        .await
}

/// The caller's preferences; defaults for a guest.
pub async fn preferences(app: &App, caller: &Caller) -> Result<Preferences, Failure> {
    match caller.signed_in() {
        Some(person) => app.db.read(move |conn| queries::preferences_of(conn, Id::from_uuid(person.user))).await,
        None => Ok(Preferences::default()),
    }
}

/// In which language, currency and country a request is answered.
#[derive(Debug, Clone)]
pub struct Surroundings {
    pub locale: Locale,
    pub currency: CurrencyCode,
    pub country: CountryCode,
}

/// What the request says, else what the person prefers, else what the market has.
pub async fn surroundings(app: &App, caller: &Caller) -> Result<Surroundings, Failure> {
    let request = &caller.request;
    let preferences = match (&request.locale, request.currency, request.country) {
        (Some(_), Some(_), Some(_)) => Preferences::default(),
        _ => preferences(app, caller).await?,
    };
    Ok(Surroundings {
        locale: request.locale.clone().or(preferences.locale).unwrap_or_default(),
        currency: request.currency.or(preferences.currency).unwrap_or(app.market.currency),
        country: request.country.or(preferences.country).unwrap_or(app.market.country),
    })
}

/// Makes a member part of the market's staff. `None` if nobody has this address.
pub async fn set_role(app: &App, caller: &Caller, email: &str, role: Role) -> Result<Option<User>, Failure> {
    let Some(key) = text::email_key(email) else { return Ok(None) };
    app.db.write(caller, move |tx| queries::set_role(tx, &key, role)).await
}

/// A person who can sign in without having confirmed anything: for the demo market.
pub struct DemoPerson<'a> {
    pub email: &'a str,
    pub password_hash: &'a str,
    pub display_name: &'a str,
    pub role: Role,
}

/// A step: puts a demo person into the market.
pub fn add_demo_person(tx: &mut Tx<'_>, person: &DemoPerson<'_>) -> Result<Id<User>, Failure> {
    let email_key = text::email_key(person.email);
    let new = NewUser {
        id: tx.new_id(),
        email: Some(person.email),
        email_key: email_key.as_deref(),
        password_hash: Some(person.password_hash),
        display_name: person.display_name,
        role: person.role,
        is_demo: true,
        created_at: tx.now(),
    };
    Ok(queries::insert_user(tx, &new)?.id)
}

/// A step: puts people into the market who have no address and cannot sign in, as other systems know them.
pub fn add_imported_people(tx: &mut Tx<'_>, people: &[(Id<User>, String)]) -> Result<(), Failure> {
    let created_at = tx.now();
    let rows: Vec<NewUser<'_>> = people
        .iter()
        .map(|(id, display_name)| NewUser {
            id: *id,
            email: None,
            email_key: None,
            password_hash: None,
            display_name,
            role: Role::Member,
            is_demo: false,
            created_at,
        })
        .collect();
    queries::insert_users(tx, &rows)
}

/// A step: whose account has an address.
pub fn person_by_email(conn: &mut Conn, email: &str) -> Result<Option<Id<User>>, Failure> {
    let Some(key) = text::email_key(email) else { return Ok(None) };
    Ok(queries::by_email(conn, &key)?.map(|person| person.id))
}

/// Whether the database holds demo people, whose passwords everybody knows.
pub async fn has_demo_people(app: &App) -> Result<bool, Failure> {
    app.db.read(queries::has_demo_people).await
}

fn name(field: &str, given: &str) -> Result<String, AccountError> {
    text::line(given, 80).map_err(|error| AccountError::Text { field: field.into(), error })
}

fn check_password(password: &str) -> Result<(), AccountError> {
    let length = password.chars().count();
    if (10..=256).contains(&length) { Ok(()) } else { Err(AccountError::PasswordLength) }
}

/// A sign-up by its id, for the mail about it.
pub async fn verification(app: &App, id: Id<Verification>) -> Result<Option<Verification>, Failure> {
    app.db.read(move |conn| queries::verification(conn, id)).await
}

/// Where somebody's mail goes and in which language.
pub async fn address_of(app: &App, user: Id<User>) -> Result<Option<(String, Locale)>, Failure> {
    app.db
        .read(move |conn| {
            let person = queries::by_ids(conn, &[user])?.pop();
            let locale = queries::preferences_of(conn, user)?.locale.unwrap_or_default();
            Ok(person.and_then(|person| person.email).map(|email| (email, locale)))
        })
        .await
}

/// Forgets sign-ups that ended a day ago.
pub async fn forget_verifications(app: &App, caller: &Caller) -> Result<(), Failure> {
    app.db
        .write(caller, |tx| {
            let before = tx.now() - chrono::TimeDelta::days(1);
            queries::delete_verifications(tx, before).map(drop)
        })
        .await
}
