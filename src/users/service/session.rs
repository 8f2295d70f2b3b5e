//! Signing in, tokens, signing out, and who a token speaks for.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use uuid::Uuid;

use super::{
    challenges::{Finished, SecondFactorAsked, finish_sign_in},
    guesses::{Guess, Target, guess},
    security_events::note,
};
use crate::users::{
    error::AccountError,
    model::{
        ProofMethod, Refresh, SecurityEventKind, Session, SessionEnd, SessionReusedMail, User, Verification, oneself,
    },
    queries::{self, NewSession},
};
use crate::{
    kernel::{
        error::{Failure, TokenFault},
        id::Id,
        text,
    },
    platform::{
        app::App,
        caller::{Caller, Cookies, Request, SignedIn, Who},
        clock::Time,
        cookies,
        crypto::{ACCESS_TOKEN_SECONDS, API_KEY_PREFIX, PasswordCheck, UnverifiedToken},
        db::Tx,
        standings::Standing,
    },
};

/// Tokens of a session, as they are told once.
pub struct Tokens {
    pub user: Id<User>,
    pub session: Id<Session>,
    pub access_token: String,
    pub access_token_expires_at: Time,
    pub refresh_token: String,
}

impl Tokens {
    /// The values of `Set-Cookie` headers that hold them.
    pub fn cookies(&self) -> [String; 2] {
        cookies::set(&self.access_token, &self.refresh_token, Session::LIFETIME.num_seconds())
    }
}

/// How far a sign-in came.
pub enum SignInOutcome {
    SignedIn(Tokens),
    SecondFactorRequired(SecondFactorAsked),
    EmailUnverified(Verification),
}

/// Signs in. A wrong password and an unknown address answer the same and take as long.
pub async fn sign_in(
    app: &App,
    caller: &Caller,
    email: String,
    password: String,
) -> Result<SignInOutcome, AccountError> {
    // What is no address is one that nobody has.
    let email_key = text::email_key(&email).unwrap_or_else(|| email.trim().to_lowercase());
    // First, so that a flood of sign-ins writes nothing.
    let mut place = Some(app.passwords.queue()?);
    let guess = guess(app, caller, Target::Address(&email_key)).await?;
    for _ in 0..SIGN_IN_TRIES {
        let checked = match check_sign_in(app, place.take(), email_key.clone(), password.clone()).await {
            Ok(checked) => checked,
            Err(failure) => {
                guess.withdraw(app, caller).await?;
                return Err(failure.into());
            }
        };
        match checked {
            Checked::Account { user, outgrown } => {
                let guess = guess.clone();
                let open = move |tx: &mut Tx<'_>| open_checked(tx, &guess, &user, outgrown.as_deref());
                match app.db.write(caller, open).await {
                    Ok(finished) => return finished.outcome(app),
                    Err(AccountError::InvalidCredentials) => {}
                    Err(error) => return Err(error),
                }
            }
            // It goes on counting as a wrong one: anybody may sign up with an address and a password of their own.
            Checked::Waiting(verification) => return Ok(SignInOutcome::EmailUnverified(verification)),
            Checked::Neither => break,
        }
    }
    Err(AccountError::InvalidCredentials)
}

/// How often a password is looked at that was changed, or hashed anew, meanwhile.
const SIGN_IN_TRIES: u32 = 2;

/// A step: signs in whoever gave the right password.
///
/// # Errors
/// [`AccountError::InvalidCredentials`] if the person has another hash by now: whoever changes a password ends the sessions
/// that there are, and this one must not follow.
fn open_checked(tx: &mut Tx<'_>, guess: &Guess, user: &User, outgrown: Option<&str>) -> Result<Finished, AccountError> {
    guess.accept(tx)?;
    if queries::lock_user(tx, user.id)?.password_hash != user.password_hash {
        return Err(AccountError::InvalidCredentials);
    }
    if let Some(hash) = outgrown {
        queries::set_password(tx, user.id, hash)?;
    }
    Ok(finish_sign_in(tx, user.id, ProofMethod::Password)?)
}

/// What an address and a password belong to.
enum Checked {
    /// An account, and what its hash is to be if it has another cost by now.
    Account {
        user: Box<User>,
        outgrown: Option<String>,
    },
    /// A sign-up that waits for its code.
    Waiting(Verification),
    Neither,
}

/// Looks at a password, from a place in the queue if there is one already.
async fn check_sign_in(
    app: &App,
    place: Option<PasswordCheck>,
    email_key: String,
    password: String,
) -> Result<Checked, Failure> {
    let now = app.now();
    let (user, verification) = app
        .db
        .read(move |conn| {
            let user = queries::by_email(conn, &email_key)?;
            let verification = queries::open_verification(conn, &email_key, now)?;
            Ok::<_, Failure>((user, verification))
        })
        .await?;
    // Always both, so that time does not tell which of them there is.
    let account = user.as_ref().and_then(|user| user.password_hash.clone().map(Into::into));
    let waiting = verification.as_ref().and_then(|verification| verification.password_hash.clone().map(Into::into));
    let place = place.map_or_else(|| app.passwords.queue(), Ok)?;
    let [is_account, is_waiting] = place.verify(&password, [account, waiting]).await?;
    match (user, verification) {
        (Some(user), _) if is_account => {
            let hash = user.password_hash.as_deref();
            let outgrown = if hash.is_some_and(|hash| app.passwords.has_outgrown(hash)) {
                Some(app.passwords.hash(password, app.generator.bytes()).await?)
            } else {
                None
            };
            Ok(Checked::Account { user: Box::new(user), outgrown })
        }
        // Also where the address is taken: else this would tell that it is.
        (_, Some(verification)) if is_waiting => Ok(Checked::Waiting(verification)),
        _ => Ok(Checked::Neither),
    }
}

/// By what somebody proves who they are, and when they did so.
#[derive(Clone, Copy)]
pub(super) struct Proven {
    by: ProofMethod,
    /// None for just now.
    at: Option<Time>,
}

impl From<ProofMethod> for Proven {
    fn from(by: ProofMethod) -> Self {
        Self { by, at: None }
    }
}

impl Proven {
    /// By a provider that asked them then. One that does not say when may have asked them long ago.
    pub(super) fn by_provider(asked_at: Option<Time>, now: Time) -> Self {
        let at = asked_at.map_or(now - Session::RECENT, |asked_at| asked_at.min(now));
        Self { by: ProofMethod::Provider, at: Some(at) }
    }
}

/// A step: opens a session for somebody of whom nothing more is asked. To an account that there was before one signs in by
/// [`finish_sign_in`].
pub(super) fn open_session(tx: &mut Tx<'_>, user: Id<User>, proven: impl Into<Proven>) -> Result<Session, Failure> {
    let (now, Proven { by, at }) = (tx.now(), proven.into());
    let request = tx.caller().request.clone();
    let address = request.address.map(|address| address.to_string());
    let session = NewSession {
        id: tx.new_id(),
        user_id: user,
        device: Session::device_of(&request.user_agent),
        address: address.as_deref(),
        rotated_at: now,
        created_at: now,
        last_seen_at: now,
        expires_at: now + Session::LIFETIME,
        authenticated_at: at.unwrap_or(now),
        authenticated_by: by,
    };
    // Who changes the person's role meanwhile waits, and finds this session.
    queries::share_user(tx, user)?;
    let session = queries::insert_session(tx, &session)?;
    if let (Cookies::HoldTheSession, Some(before)) = (request.cookies, tx.caller().signed_in())
        && before.user == user.uuid()
    {
        // No cookie will hold it any more.
        queries::set_ended(tx, before.session, now, SessionEnd::SignedOut)?;
    }
    queries::set_surplus_revoked(tx, user, now)?;
    Ok(session)
}

/// The caller's sessions that go on, the one seen latest first.
pub async fn sessions(app: &App, caller: &Caller) -> Result<Vec<Session>, Failure> {
    let (user, now) = (oneself(caller)?, app.now());
    app.db.read(move |conn| queries::live_sessions(conn, user, now)).await
}

/// Ends one of the caller's sessions, perhaps the one that they are in.
pub async fn revoke_session(app: &App, caller: &Caller, id: Id<Session>) -> Result<Session, AccountError> {
    let user = oneself(caller)?;
    let revoked = app
        .db
        .write(caller, move |tx| {
            let now = tx.now();
            let revoked = queries::set_session_revoked(tx, user, id, now)?.ok_or(AccountError::NoSuchSession)?;
            note(tx, user, SecurityEventKind::SessionsRevoked)?;
            Ok::<_, AccountError>(revoked)
        })
        .await?;
    app.standings.forget(id.uuid());
    Ok(revoked)
}

/// Ends all of the caller's sessions but the one that they are in. Returns those.
pub async fn revoke_other_sessions(app: &App, caller: &Caller) -> Result<Vec<Session>, AccountError> {
    let SignedIn { user, session } = own_session(caller)?;
    let revoked = app
        .db
        .write(caller, move |tx| {
            let now = tx.now();
            let (user, kept) = (Id::from_uuid(user), Some(Id::from_uuid(session)));
            let revoked = queries::set_others_ended(tx, user, kept, now, SessionEnd::Revoked)?;
            if !revoked.is_empty() {
                note(tx, user, SecurityEventKind::SessionsRevoked)?;
            }
            Ok::<_, AccountError>(revoked)
        })
        .await?;
    for session in &revoked {
        app.standings.forget(session.id.uuid());
    }
    Ok(revoked)
}

/// A refresh token names its session and generation under a keyed hash, so that a session needs no pile of rows.
pub(super) fn tokens(app: &App, session: &Session) -> Result<Tokens, AccountError> {
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
                Refresh::Rotate => {
                    let expires_at = session.end_if_refreshed(now);
                    Ok(Some(queries::set_rotated(tx, session.id, now, expires_at)?))
                }
                Refresh::Repeat => Ok(Some(session)),
                Refresh::Reuse => {
                    queries::set_ended(tx, id, now, SessionEnd::Reused)?;
                    note(tx, session.user_id, SecurityEventKind::SessionReused)?;
                    tx.enqueue(&SessionReusedMail { user: session.user_id })?;
                    Ok(None)
                }
                Refresh::Over => Ok(None),
            }
        })
        .await?;
    if let Some(session) = session {
        tokens(app, &session)
    } else {
        app.standings.forget(id);
        Err(AccountError::InvalidRefreshToken)
    }
}

/// The session that the caller is in themself.
pub(super) fn own_session(caller: &Caller) -> Result<SignedIn, Failure> {
    oneself(caller)?;
    caller.signed_in().ok_or_else(|| caller.not_signed_in())
}

/// Ends the session that the caller is in.
pub async fn sign_out(app: &App, caller: &Caller) -> Result<(), AccountError> {
    let SignedIn { session, .. } = own_session(caller)?;
    app.db
        .write(caller, move |tx| {
            let now = tx.now();
            Ok::<_, AccountError>(queries::set_ended(tx, session, now, SessionEnd::SignedOut)?)
        })
        .await?;
    app.standings.forget(session);
    Ok(())
}

/// Who an access token, or the key of a machine, speaks for. One that is present but no good is never a guest.
pub async fn authenticate(app: &App, request: &Request, token: &str) -> Result<Who, Failure> {
    if token.starts_with(API_KEY_PREFIX) {
        return super::authenticate_key(app, request, token).await;
    }
    let claims = match app.keyring.verify(token, app.now()) {
        // A token can name any key that its maker likes.
        Err(UnverifiedToken::UnknownKey) if app.keyring.may_ask() => {
            super::load_signing_keys(app).await?;
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
        Standing::Over => Err(Failure::Unauthenticated(Some(TokenFault::Revoked))),
        Standing::GoesOn(None) => Ok(Who::Person(person)),
        Standing::GoesOn(Some(role)) => Ok(Who::Staff(person, role)),
    }
}

/// What a person's session is good for: known here, or looked up.
///
/// # Errors
/// [`Failure::Unavailable`] where nothing was heard of changes for a while: then nobody's session can be believed to go on.
pub async fn standing(app: &App, person: SignedIn) -> Result<Standing, Failure> {
    if !app.standings.are_current() {
        return Err(Failure::Unavailable);
    }
    if let Some(standing) = app.standings.get(person.session) {
        app.metrics().standings.hits.inc();
        return Ok(standing);
    }
    app.metrics().standings.misses.inc();
    let (version, now) = (app.standings.version(), app.now());
    let found = app.db.read(move |conn| queries::session_and_role(conn, person.session)).await?;
    let found = found.filter(|(session, _)| session.is_live(now) && session.user_id.uuid() == person.user);
    let standing = found.map_or(Standing::Over, |(_, role)| Standing::GoesOn(role.staff()));
    app.standings.keep(person.session, standing, version);
    Ok(standing)
}

/// Forgets where sessions began that are older than [`Session::ADDRESS_KEPT`], and all of those that ended so long ago.
pub async fn forget_sessions(app: &App, caller: &Caller) -> Result<(), Failure> {
    const BATCH: i64 = 1_000;
    let before = |tx: &Tx<'_>| tx.now() - Session::ADDRESS_KEPT;
    let forget_addresses = move |tx: &mut Tx<'_>| queries::set_addresses_forgotten(tx, before(tx), BATCH);
    app.db.write_in_batches(caller, forget_addresses).await?;
    let forget = move |tx: &mut Tx<'_>| queries::delete_sessions(tx, before(tx), BATCH);
    app.db.write_in_batches(caller, forget).await
}
