//! Signing in with an account at another place: the way there, and back.
//!
//! Whoever goes there gets a secret of their own, in a cookie or in the answer, and must show it when they come back. So
//! nobody can have somebody else finish a sign-in, and be signed in as the one who began it.

mod complete;
mod identities;

use chrono::TimeDelta;
use url::Url;

use super::{
    links::{link_token, linked},
    passwords::{confirm_password, still_has},
    step_up::{require_recent_factor, require_recent_proof},
};
use crate::users::{
    error::AccountError,
    model::{ProviderFlow, Session, User, oneself},
    queries::{self, NewProviderFlow},
};
use crate::{
    kernel::{error::Failure, id::Id},
    platform::{
        app::App,
        caller::Caller,
        crypto::{hash_token, new_token},
        db::Tx,
        links::CALLBACK_PAGE,
        oidc::{CodeVerifier, Provider, ProviderError},
    },
};

pub use self::{complete::*, identities::*};

/// Where somebody wants to sign in, and where they come back to.
pub struct Departure {
    /// The key of the provider.
    pub provider: String,
    /// A URL of the market's pages or apps.
    pub return_to: String,
    /// The secret that this browser has from before, if any.
    pub binding: Option<String>,
}

/// Somebody can go.
pub struct Departed {
    /// The provider's page.
    pub url: Url,
    /// What must be shown when they come back.
    pub binding: String,
    pub expires_at: crate::platform::clock::Time,
}

/// Sends somebody to a provider to sign in. Whoever is signed in already proves anew who they are, so the provider is to ask
/// them, though it may know them.
pub async fn begin_provider_sign_in(
    app: &App,
    caller: &Caller,
    departure: Departure,
) -> Result<Departed, AccountError> {
    let max_age = if caller.signed_in().is_some() { TimeDelta::zero() } else { Session::LIFETIME };
    depart(app, caller, departure, None, max_age).await
}

/// Sends somebody who is signed in to a provider, to link their account there. Those who have a password give it, others a
/// recent proof: a stranger at an open device must not make themselves a door.
///
/// # Errors
/// `STEP_UP_REQUIRED`; [`AccountError::WrongPassword`].
pub async fn begin_provider_link(
    app: &App,
    caller: &Caller,
    departure: Departure,
    password: Option<String>,
) -> Result<Departed, AccountError> {
    let id = oneself(caller)?;
    let user = app.db.read(move |conn| queries::by_ids(conn, &[id])).await?.pop();
    if user.is_some_and(|user| user.password_hash.is_some()) {
        require_recent_factor(app, caller).await?;
        let password = password.ok_or(AccountError::WrongPassword)?;
        let (user, guess) = confirm_password(app, caller, password, |_| Ok(())).await?;
        let accept = move |tx: &mut Tx<'_>| {
            guess.accept(tx)?;
            still_has(&queries::lock_user(tx, user.id)?, &user)
        };
        app.db.write(caller, accept).await?;
    } else {
        require_recent_proof(app, caller).await?;
    }
    depart(app, caller, departure, Some(id), Session::LIFETIME).await
}

async fn depart(
    app: &App,
    caller: &Caller,
    departure: Departure,
    user: Option<Id<User>>,
    max_age: TimeDelta,
) -> Result<Departed, AccountError> {
    let Departure { provider, return_to, binding } = departure;
    let provider = app.providers.by_key(&provider).ok_or(AccountError::NoSuchProvider)?;
    if !app.market.may_lead_back_to(&return_to) {
        return Err(AccountError::ReturnUrl);
    }
    let now = app.now();
    let id: Id<ProviderFlow> = app.generator.id(now);
    let (state, bytes) = (link_token(app, id), app.generator.bytes::<32>());
    let (redirect_uri, verifier) = (redirect_uri(app, provider), CodeVerifier::of(&bytes));
    let url = provider.authorization_url(&app.http, now, &redirect_uri, &state, &verifier, max_age).await;
    let url = url.map_err(|error| told(provider, &error))?;
    let sealed_verifier = app.master.seal(&app.generator, VERIFIER, &id.to_string(), &bytes)?;
    let binding = binding.filter(|binding| is_binding(binding)).unwrap_or_else(|| new_token(&app.generator));
    let (binding_hash, line_key) = (hash_token(&binding), line_key(app, caller));
    let (key, expires_at) = (provider.key().to_owned(), now + ProviderFlow::LIFETIME);
    let begin = move |tx: &mut Tx<'_>| {
        if let Some(line_key) = &line_key {
            has_room(tx, line_key)?;
        }
        let flow = NewProviderFlow {
            id,
            provider: &key,
            user_id: user,
            return_to: &return_to,
            binding_hash: &binding_hash,
            sealed_verifier: &sealed_verifier,
            line_key: line_key.as_deref().unwrap_or_default(),
            expires_at,
        };
        Ok::<_, AccountError>(queries::insert_provider_flow(tx, &flow)?)
    };
    app.db.write(caller, begin).await?;
    Ok(Departed { url, binding, expires_at })
}

/// By what a code verifier is sealed.
const VERIFIER: &str = "provider-flow";

/// Where a provider sends people back to: each to a place of its own, so that none can answer for another.
fn redirect_uri(app: &App, provider: &Provider) -> String {
    format!("{}{CALLBACK_PAGE}/{}", app.market.public_url, provider.key())
}

/// Whether a text has the form of what we make: 32 bytes in base64url.
fn is_binding(text: &str) -> bool {
    text.len() == 43 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

fn line_key(app: &App, caller: &Caller) -> Option<Vec<u8>> {
    caller.line().map(|line| app.master.mac("provider-flows", &[line.to_string().as_bytes()]).to_vec())
}

/// A step: whether one more can be on the way from a line.
///
/// # Errors
/// [`AccountError::TooManyGuesses`] if not, with the time when the next one can.
fn has_room(tx: &mut Tx<'_>, line_key: &[u8]) -> Result<(), AccountError> {
    queries::lock_flows_of_line(tx, line_key)?;
    let (now, most) = (tx.now(), ProviderFlow::MAXIMUM_PER_LINE);
    let open = queries::open_provider_flows(tx.conn(), line_key, now, most)?;
    match open.first() {
        Some(retry_at) if i64::try_from(open.len()).is_ok_and(|open| open >= most) => {
            Err(AccountError::TooManyGuesses { retry_at: *retry_at })
        }
        _ => Ok(()),
    }
}

/// What a provider's failure is to whoever signs in. Why stands in the log, for the operator.
fn told(provider: &Provider, error: &ProviderError) -> AccountError {
    tracing::warn!(provider = provider.key(), %error, "a sign-in with a provider failed");
    match error {
        ProviderError::Unavailable(_) => AccountError::ProviderUnavailable,
        ProviderError::Refused(_) => AccountError::ProviderRefused,
    }
}

/// Where somebody goes on who came back from a provider. What they came back with was not looked at.
///
/// # Errors
/// [`AccountError::InvalidToken`] if nobody is expected by this state, or from another provider.
pub async fn returned_to(app: &App, provider: &str, state: &str) -> Result<String, AccountError> {
    let id = linked(app, state).ok_or(AccountError::InvalidToken)?;
    let now = app.now();
    let flow = app.db.read(move |conn| queries::provider_flow(conn, id)).await?;
    let flow = flow.filter(|flow: &ProviderFlow| flow.is_open(now) && flow.provider == provider);
    Ok(flow.ok_or(AccountError::InvalidToken)?.return_to)
}

/// Forgets flows that ended an hour ago.
pub async fn forget_provider_flows(app: &App, caller: &Caller) -> Result<(), Failure> {
    const BATCH: i64 = 1_000;
    let forget = |tx: &mut Tx<'_>| {
        let before = tx.now() - chrono::TimeDelta::hours(1);
        queries::delete_provider_flows(tx, before, BATCH)
    };
    app.db.write_in_batches(caller, forget).await
}
