//! Signing up and in on the wire.

use std::sync::Arc;

use async_graphql::{ComplexObject, Context, InputObject, Object, SimpleObject, Union};

use super::{SecondFactorRequired, User};
use crate::users::{
    loaders::UserById,
    model::{self, Verification},
    service::{self, SignInOutcome, SignUp, Tokens},
};
use crate::{
    kernel::{error::Failure, id::Id},
    platform::{
        caller::{Caller, Cookies},
        clock::Time,
        cookies,
        gql::{Ask, SignedInOnly, WireResult, cost},
    },
    user_errors::{UserError, answer},
};

/// A sign-up that waits for the code that was mailed.
#[derive(Debug, SimpleObject)]
pub struct EmailVerification {
    /// Goes into `confirmEmail` together with the code. It is no permission by itself.
    pub id: Id<Verification>,
    /// Until when the code is good.
    pub expires_at: Time,
    /// From when on `resendVerification` sends the code again; null when it has been sent as often as it can be.
    pub resend_at: Option<Time>,
}

impl From<Verification> for EmailVerification {
    fn from(row: Verification) -> Self {
        Self { id: row.id, expires_at: row.expires_at, resend_at: row.resend_at() }
    }
}

/// A session has begun, or goes on.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct SignedIn {
    /// Goes into the `Authorization` header as `Bearer …`. Good for 10 minutes.
    access_token: String,
    /// When the access token ends; call `refreshSession` before.
    access_token_expires_at: Time,
    /// Gets the next tokens from `refreshSession`, once. Keep it where only your application can read it.
    refresh_token: String,
    #[graphql(skip)]
    user: Id<model::User>,
}

#[ComplexObject]
impl SignedIn {
    /// Who is signed in.
    async fn user(&self, ctx: &Context<'_>) -> WireResult<Option<User>> {
        Ok(ctx.loader().load_one(UserById(self.user)).await?.map(Into::into))
    }
}

impl From<Tokens> for SignedIn {
    fn from(tokens: Tokens) -> Self {
        Self {
            access_token: tokens.access_token,
            access_token_expires_at: tokens.access_token_expires_at,
            refresh_token: tokens.refresh_token,
            user: tokens.user,
        }
    }
}

/// How the tokens of a session reach the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, async_graphql::Enum)]
pub enum TokenDelivery {
    /// In the answer: for applications that keep them where only they can read them.
    Body,
    /// In cookies that no script can read: for browsers, over HTTP alone. `POST /session/refresh` gets the next ones. A session of
    /// the same person that was in them before ends.
    Cookies,
}

impl TokenDelivery {
    /// How a request wants them. Asked before anything is done.
    pub(super) fn of(ctx: &Context<'_>, wanted: Option<Self>) -> Result<Self, Failure> {
        match (wanted.unwrap_or(Self::Body), ctx.caller().request.cookies) {
            (Self::Cookies, Cookies::CannotBeSet) => {
                Err(Failure::BadUserInput("`COOKIES` are set in answers to plain requests over HTTP".into()))
            }
            (delivery, _) => Ok(delivery),
        }
    }

    /// Who signs in. Tokens in the answer take no cookie's place.
    pub(super) fn caller(self, ctx: &Context<'_>) -> Caller {
        let caller = ctx.caller().clone();
        match self {
            Self::Cookies => caller,
            Self::Body => Caller { request: Arc::new(caller.request.without_cookies()), ..caller },
        }
    }

    /// The tokens, if there are any, in one way or the other.
    pub(super) fn hand_over(
        self,
        ctx: &Context<'_>,
        tokens: Option<Tokens>,
    ) -> (Option<SignedIn>, Option<SignedInWithCookies>) {
        match (tokens, self) {
            (Some(tokens), Self::Body) => (Some(tokens.into()), None),
            (Some(tokens), Self::Cookies) => (None, Some(SignedInWithCookies::of(ctx, &tokens))),
            (None, _) => (None, None),
        }
    }
}

/// A session has begun, and its tokens are in cookies.
#[derive(Debug, SimpleObject)]
#[graphql(complex)]
pub struct SignedInWithCookies {
    /// When the access token ends; call `POST /session/refresh` before, or when an answer is `UNAUTHENTICATED`.
    access_token_expires_at: Time,
    #[graphql(skip)]
    user: Id<model::User>,
}

#[ComplexObject]
impl SignedInWithCookies {
    /// Who is signed in.
    async fn user(&self, ctx: &Context<'_>) -> WireResult<Option<User>> {
        Ok(ctx.loader().load_one(UserById(self.user)).await?.map(Into::into))
    }
}

impl SignedInWithCookies {
    /// Puts the tokens into cookies.
    fn of(ctx: &Context<'_>, tokens: &Tokens) -> Self {
        for cookie in tokens.cookies() {
            ctx.append_http_header("set-cookie", cookie);
        }
        Self { access_token_expires_at: tokens.access_token_expires_at, user: tokens.user }
    }
}

/// The password was right, but the address was never confirmed. Ask for the code, or send it again.
#[derive(Debug, SimpleObject)]
pub struct EmailUnverified {
    /// The sign-up that waits for its code.
    verification: EmailVerification,
}

/// How far a sign-in came.
#[derive(Union)]
pub enum SignInResult {
    SignedIn(SignedIn),
    SignedInWithCookies(SignedInWithCookies),
    SecondFactorRequired(SecondFactorRequired),
    EmailUnverified(EmailUnverified),
}

impl SignInResult {
    pub(super) fn of(ctx: &Context<'_>, outcome: SignInOutcome, delivery: TokenDelivery) -> Self {
        match outcome {
            SignInOutcome::SignedIn(tokens) if delivery == TokenDelivery::Cookies => {
                Self::SignedInWithCookies(SignedInWithCookies::of(ctx, &tokens))
            }
            SignInOutcome::SignedIn(tokens) => Self::SignedIn(tokens.into()),
            SignInOutcome::SecondFactorRequired(asked) => Self::SecondFactorRequired(asked.into()),
            SignInOutcome::EmailUnverified(verification) => {
                Self::EmailUnverified(EmailUnverified { verification: verification.into() })
            }
        }
    }
}

/// Who wants an account.
#[derive(InputObject)]
pub struct SignUpInput {
    /// Where the code is mailed to.
    email: String,
    /// 10 to 256 characters of any kind, and none of the passwords that are tried first.
    #[graphql(secret)]
    password: String,
    /// The name to go by, 1 to 80 characters.
    display_name: String,
}

/// What `signUp` answers.
#[derive(SimpleObject)]
pub struct SignUpPayload {
    /// What the code belongs to. The same for every address, known or not.
    verification: Option<EmailVerification>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// A code and the sign-up that it confirms.
#[derive(InputObject)]
pub struct ConfirmEmailInput {
    /// From `signUp`, or from `signIn`.
    verification_id: Id<Verification>,
    /// The six digits from the mail.
    #[graphql(secret)]
    code: String,
    /// How the tokens of the session come.
    #[graphql(default_with = "Some(TokenDelivery::Body)")]
    delivery: Option<TokenDelivery>,
}

/// What `confirmEmail` answers.
#[derive(SimpleObject)]
pub struct ConfirmEmailPayload {
    /// The new session, if its tokens were to come in the answer.
    signed_in: Option<SignedIn>,
    /// The new session, if its tokens were to come in cookies.
    signed_in_with_cookies: Option<SignedInWithCookies>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// Which sign-up's code to send again.
#[derive(InputObject)]
pub struct ResendVerificationInput {
    /// From `signUp`, or from `signIn`.
    verification_id: Id<Verification>,
}

/// What `resendVerification` answers.
#[derive(SimpleObject)]
pub struct ResendVerificationPayload {
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// Who signs in.
#[derive(InputObject)]
pub struct SignInInput {
    /// The address of the account.
    email: String,
    /// Its password.
    #[graphql(secret)]
    password: String,
    /// How the tokens of the session come.
    #[graphql(default_with = "Some(TokenDelivery::Body)")]
    delivery: Option<TokenDelivery>,
}

/// What `signIn` answers.
#[derive(SimpleObject)]
pub struct SignInPayload {
    /// How far the sign-in came.
    result: Option<SignInResult>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// Which session goes on.
#[derive(InputObject)]
pub struct RefreshSessionInput {
    /// The newest refresh token of the session.
    #[graphql(secret)]
    refresh_token: String,
}

/// What `refreshSession` answers.
#[derive(SimpleObject)]
pub struct RefreshSessionPayload {
    /// The session with its next tokens.
    signed_in: Option<SignedIn>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// What `signOut` answers.
#[derive(SimpleObject)]
pub struct SignOutPayload {
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub struct AccountMutation;

#[Object]
impl AccountMutation {
    /// Asks for an account. A code and a link are mailed; `confirmEmail` or `confirmEmailByLink` makes the account. The answer is the same for every address;
    /// the owner of a taken one learns of it by mail.
    ///
    /// Codes: `BLANK`, `TOO_LONG`, `INVALID`, `INVALID_EMAIL`, `PASSWORD_COMMON`, `PASSWORD_LENGTH`.
    #[graphql(directive = cost::apply(2_000))]
    async fn sign_up(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who wants an account.")] input: SignUpInput,
    ) -> WireResult<SignUpPayload> {
        let SignUpInput { email, password, display_name } = input;
        let result = service::sign_up(ctx.app(), ctx.caller(), SignUp { email, password, display_name }).await;
        let (verification, user_errors) = answer(ctx, result).await?;
        Ok(SignUpPayload { verification: verification.map(Into::into), user_errors })
    }

    /// Sends the code of a sign-up again, at most three times in all. The answer is the same for every id.
    ///
    /// Codes: none.
    #[graphql(directive = cost::apply(2_000))]
    async fn resend_verification(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which sign-up.")] input: ResendVerificationInput,
    ) -> WireResult<ResendVerificationPayload> {
        let result = service::resend_verification(ctx.app(), ctx.caller(), input.verification_id).await;
        let (_, user_errors) = answer(ctx, result).await?;
        Ok(ResendVerificationPayload { user_errors })
    }

    /// Makes the account of a sign-up and signs in. After five wrong codes none is right any more. They count as wrong passwords
    /// do, against where they come from.
    ///
    /// Codes: `INVALID_CODE`, `TOO_MANY_ATTEMPTS`.
    #[graphql(directive = cost::apply(1_000))]
    async fn confirm_email(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The code and what it confirms.")] input: ConfirmEmailInput,
    ) -> WireResult<ConfirmEmailPayload> {
        let delivery = TokenDelivery::of(ctx, input.delivery)?;
        let result = service::confirm_email(ctx.app(), &delivery.caller(ctx), input.verification_id, input.code).await;
        let (tokens, user_errors) = answer(ctx, result).await?;
        let (signed_in, signed_in_with_cookies) = delivery.hand_over(ctx, tokens);
        Ok(ConfirmEmailPayload { signed_in, signed_in_with_cookies, user_errors })
    }

    /// Signs in with address and password. After five wrong ones each makes the next wait twice as long, up to 15 minutes,
    /// until one is right; see `TooManyAttemptsError`.
    ///
    /// Codes: `INVALID_CREDENTIALS`, `TOO_MANY_ATTEMPTS`.
    #[graphql(directive = cost::apply(2_000))]
    async fn sign_in(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who signs in.")] input: SignInInput,
    ) -> WireResult<SignInPayload> {
        let delivery = TokenDelivery::of(ctx, input.delivery)?;
        let result = service::sign_in(ctx.app(), &delivery.caller(ctx), input.email, input.password).await;
        let (outcome, user_errors) = answer(ctx, result).await?;
        let result = outcome.map(|outcome| SignInResult::of(ctx, outcome, delivery));
        Ok(SignInPayload { result, user_errors })
    }

    /// Trades a refresh token for new tokens. A lost answer may be asked for again within 30 seconds; a token that comes
    /// back later ends its session, for somebody else may have it.
    ///
    /// Codes: `INVALID_REFRESH_TOKEN`.
    #[graphql(directive = cost::apply(100))]
    async fn refresh_session(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which session.")] input: RefreshSessionInput,
    ) -> WireResult<RefreshSessionPayload> {
        let result = service::refresh_session(ctx.app(), ctx.caller(), &input.refresh_token).await;
        let (session, user_errors) = answer(ctx, result).await?;
        Ok(RefreshSessionPayload { signed_in: session.map(Into::into), user_errors })
    }

    /// Ends the session that you are in, with all its tokens.
    ///
    /// Codes: none.
    #[graphql(guard = "SignedInOnly")]
    async fn sign_out(&self, ctx: &Context<'_>) -> WireResult<SignOutPayload> {
        let result = service::sign_out(ctx.app(), ctx.caller()).await;
        let (_, user_errors) = answer(ctx, result).await?;
        if ctx.caller().request.cookies == Cookies::HoldTheSession {
            for cookie in cookies::cleared() {
                ctx.append_http_header("set-cookie", cookie);
            }
        }
        Ok(SignOutPayload { user_errors })
    }
}
