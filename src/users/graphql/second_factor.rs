//! The second factor, and proving anew who one is, on the wire.

use async_graphql::{ComplexObject, Context, InputObject, Object, OneofObject, SimpleObject};

use super::{
    Session,
    account::{SignedIn, SignedInWithCookies, TokenDelivery},
};
use crate::{
    platform::{
        clock::Time,
        gql::{Ask, SignedInOnly, WireResult, cost},
    },
    user_errors::{UserError, answer},
    users::{
        model::{self, ProofMethod},
        service::{self, FactorProof, Proof, SecondFactorAsked},
    },
};

/// The password was right, and a second factor is asked for: `completeSignIn` takes it.
#[derive(SimpleObject)]
pub struct SecondFactorRequired {
    /// Names this sign-in when the second factor is given.
    challenge_token: String,
    /// The second factors that the person has set up.
    methods: Vec<SecondFactorMethod>,
    /// Until when the second factor can be given.
    expires_at: Time,
}

/// A kind of second factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, async_graphql::Enum)]
pub enum SecondFactorMethod {
    /// A time-based code from an authenticator.
    Totp,
    /// One of the codes that were written down.
    RecoveryCode,
    /// A passkey.
    Passkey,
}

impl SecondFactorMethod {
    /// None for what is no second factor.
    pub(super) const fn of(method: ProofMethod) -> Option<Self> {
        match method {
            ProofMethod::Password | ProofMethod::Provider => None,
            ProofMethod::Totp => Some(Self::Totp),
            ProofMethod::RecoveryCode => Some(Self::RecoveryCode),
            ProofMethod::Passkey => Some(Self::Passkey),
        }
    }
}

impl From<SecondFactorAsked> for SecondFactorRequired {
    fn from(asked: SecondFactorAsked) -> Self {
        let SecondFactorAsked { challenge_token, methods, expires_at } = asked;
        let methods = methods.into_iter().filter_map(SecondFactorMethod::of).collect();
        Self { challenge_token, methods, expires_at }
    }
}

/// What is asked for beside your password when you sign in. Only you see it.
#[derive(SimpleObject)]
pub struct SecondFactor {
    /// When the authenticator was set up.
    created_at: Time,
    /// When a code was last taken, of the authenticator or a recovery code.
    last_used_at: Option<Time>,
    /// How many recovery codes were not used.
    recovery_codes_left: i32,
}

impl From<model::SecondFactor> for SecondFactor {
    fn from(row: model::SecondFactor) -> Self {
        Self {
            created_at: row.confirmed_at.unwrap_or(row.created_at),
            last_used_at: row.last_used_at,
            recovery_codes_left: i32::try_from(row.recovery_codes.len()).unwrap_or(i32::MAX),
        }
    }
}

/// What an authenticator has to be told. It is told this once; `confirmTotpSetup` switches it on.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct TotpSetup {
    /// For those who type it: base32 (RFC 4648).
    secret: String,
    /// For a phone on which the authenticator is: opening this link fills it in.
    uri: String,
    /// Until when it can be confirmed.
    expires_at: Time,
    #[graphql(skip)]
    setup: service::TotpSetup,
}

#[ComplexObject]
impl TotpSetup {
    /// The link as a QR code: an SVG element, to be shown dark on light.
    async fn qr_svg(&self) -> WireResult<String> {
        Ok(self.setup.qr_svg()?)
    }
}

impl From<service::TotpSetup> for TotpSetup {
    fn from(setup: service::TotpSetup) -> Self {
        let (secret, uri, expires_at) = (setup.secret.clone(), setup.uri.clone(), setup.expires_at);
        Self { secret, uri, expires_at, setup }
    }
}

/// What `beginTotpSetup` answers.
#[derive(SimpleObject)]
pub struct BeginTotpSetupPayload {
    /// What the authenticator has to be told.
    setup: Option<TotpSetup>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// A code from the authenticator that is being set up.
#[derive(InputObject)]
pub struct ConfirmTotpSetupInput {
    /// The six digits that it shows.
    #[graphql(secret)]
    code: String,
}

/// What `confirmTotpSetup` answers.
#[derive(SimpleObject)]
pub struct ConfirmTotpSetupPayload {
    /// Ten codes, each of which stands in for the authenticator once. They are told this once: have the person keep them.
    recovery_codes: Vec<String>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// What `disableTotp` answers.
#[derive(SimpleObject)]
pub struct DisableTotpPayload {
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// What `regenerateRecoveryCodes` answers.
#[derive(SimpleObject)]
pub struct RegenerateRecoveryCodesPayload {
    /// Ten codes, told this once. Those before are no good any more.
    recovery_codes: Vec<String>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// The second factor: exactly one of the fields.
#[derive(OneofObject)]
pub enum SecondFactorInput {
    /// The six digits that the authenticator shows. Each code is taken once.
    #[graphql(secret)]
    TotpCode(String),
    /// One of the recovery codes, with or without its dashes. It is used up.
    #[graphql(secret)]
    RecoveryCode(String),
    /// What the authenticator answered to the options of `beginPasskeyAuthentication`, in JSON.
    #[graphql(secret)]
    Passkey(String),
}

impl From<SecondFactorInput> for FactorProof {
    fn from(input: SecondFactorInput) -> Self {
        match input {
            SecondFactorInput::TotpCode(code) => Self::Totp(code),
            SecondFactorInput::RecoveryCode(code) => Self::Recovery(code),
            SecondFactorInput::Passkey(credential) => Self::Passkey(credential),
        }
    }
}

/// The second factor of a sign-in that was begun.
#[derive(InputObject)]
pub struct CompleteSignInInput {
    /// From `SecondFactorRequired`.
    #[graphql(secret)]
    challenge_token: String,
    /// The second factor.
    proof: SecondFactorInput,
    /// How the tokens of the session come.
    #[graphql(default_with = "Some(TokenDelivery::Body)")]
    delivery: Option<TokenDelivery>,
}

/// What `completeSignIn` answers.
#[derive(SimpleObject)]
pub struct CompleteSignInPayload {
    /// The new session, if its tokens were to come in the answer.
    signed_in: Option<SignedIn>,
    /// The new session, if its tokens were to come in cookies.
    signed_in_with_cookies: Option<SignedInWithCookies>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// What proves who you are: exactly one of the fields. `STEP_UP_REQUIRED` says in `extensions.methods` which ones will do.
#[derive(OneofObject)]
pub enum ProofInput {
    /// Your password, if you have no second factor.
    #[graphql(secret)]
    Password(String),
    /// The six digits that your authenticator shows. Each code is taken once.
    #[graphql(secret)]
    TotpCode(String),
    /// One of your recovery codes, with or without its dashes. It is used up.
    #[graphql(secret)]
    RecoveryCode(String),
    /// What the authenticator answered to the options of `beginPasskeyAuthentication`, in JSON.
    #[graphql(secret)]
    Passkey(String),
}

impl From<ProofInput> for Proof {
    fn from(input: ProofInput) -> Self {
        match input {
            ProofInput::Password(password) => Self::Password(password),
            ProofInput::TotpCode(code) => Self::Factor(FactorProof::Totp(code)),
            ProofInput::RecoveryCode(code) => Self::Factor(FactorProof::Recovery(code)),
            ProofInput::Passkey(credential) => Self::Factor(FactorProof::Passkey(credential)),
        }
    }
}

/// Who you are, once more.
#[derive(InputObject)]
pub struct StepUpInput {
    /// What proves it.
    proof: ProofInput,
}

/// What `stepUp` answers.
#[derive(SimpleObject)]
pub struct StepUpPayload {
    /// The session that you are in, in which you can do for 15 minutes what needs a proof.
    session: Option<Session>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub struct SecondFactorMutation;

#[Object]
impl SecondFactorMutation {
    /// Makes a secret for an authenticator (TOTP, RFC 6238). It counts for nothing until `confirmTotpSetup`; beginning anew
    /// forgets the one before. Needs a proof of who you are within the last 15 minutes, else it is `STEP_UP_REQUIRED`.
    ///
    /// Codes: `ALREADY_DONE`.
    #[graphql(guard = "SignedInOnly", directive = cost::apply(500))]
    async fn begin_totp_setup(&self, ctx: &Context<'_>) -> WireResult<BeginTotpSetupPayload> {
        let result = service::begin_totp_setup(ctx.app(), ctx.caller()).await;
        let (setup, user_errors) = answer(ctx, result).await?;
        Ok(BeginTotpSetupPayload { setup: setup.map(Into::into), user_errors })
    }

    /// Switches the second factor on: from then on signing in takes a code beside the password, and so does `stepUp`. Devices
    /// that are signed in stay so. A mail tells of it. Wrong codes have to wait as wrong passwords do.
    ///
    /// Codes: `INVALID_CODE`, `NOT_FOUND`, `TOO_MANY_ATTEMPTS`.
    #[graphql(guard = "SignedInOnly", directive = cost::apply(500))]
    async fn confirm_totp_setup(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What the authenticator shows.")] input: ConfirmTotpSetupInput,
    ) -> WireResult<ConfirmTotpSetupPayload> {
        let result = service::confirm_totp_setup(ctx.app(), ctx.caller(), &input.code).await;
        let (codes, user_errors) = answer(ctx, result).await?;
        Ok(ConfirmTotpSetupPayload { recovery_codes: texts(codes), user_errors })
    }

    /// Switches the second factor off, and forgets its recovery codes. A mail tells of it. Needs a proof of who you are within
    /// the last 15 minutes, else it is `STEP_UP_REQUIRED`.
    ///
    /// Codes: `ALREADY_DONE`.
    #[graphql(guard = "SignedInOnly", directive = cost::apply(500))]
    async fn disable_totp(&self, ctx: &Context<'_>) -> WireResult<DisableTotpPayload> {
        let result = service::disable_totp(ctx.app(), ctx.caller()).await;
        let (_, user_errors) = answer(ctx, result).await?;
        Ok(DisableTotpPayload { user_errors })
    }

    /// Makes ten new recovery codes in place of those that there are. A mail tells of it. Needs a proof of who you are within
    /// the last 15 minutes, else it is `STEP_UP_REQUIRED`. `NOT_FOUND` without a second factor.
    ///
    /// Codes: `NOT_FOUND`.
    #[graphql(guard = "SignedInOnly", directive = cost::apply(500))]
    async fn regenerate_recovery_codes(&self, ctx: &Context<'_>) -> WireResult<RegenerateRecoveryCodesPayload> {
        let result = service::regenerate_recovery_codes(ctx.app(), ctx.caller()).await;
        let (codes, user_errors) = answer(ctx, result).await?;
        Ok(RegenerateRecoveryCodesPayload { recovery_codes: texts(codes), user_errors })
    }

    /// Completes a sign-in that was answered with `SecondFactorRequired`. After five wrong codes it is over. From the fifth on
    /// each wrong one at an account makes the next wait twice as long, whoever gives it; see `TooManyAttemptsError`.
    ///
    /// Codes: `INVALID_CHALLENGE`, `INVALID_CODE`, `INVALID_PASSKEY`, `PASSKEYS_UNAVAILABLE`, `TOO_MANY_ATTEMPTS`.
    #[graphql(directive = cost::apply(1_000))]
    async fn complete_sign_in(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The second factor.")] input: CompleteSignInInput,
    ) -> WireResult<CompleteSignInPayload> {
        let delivery = TokenDelivery::of(ctx, input.delivery)?;
        let CompleteSignInInput { challenge_token, proof, .. } = input;
        let result = service::complete_sign_in(ctx.app(), &delivery.caller(ctx), &challenge_token, &proof.into()).await;
        let (tokens, user_errors) = answer(ctx, result).await?;
        let (signed_in, signed_in_with_cookies) = delivery.hand_over(ctx, tokens);
        Ok(CompleteSignInPayload { signed_in, signed_in_with_cookies, user_errors })
    }

    /// Proves anew who you are, after an answer with `STEP_UP_REQUIRED`: then ask again for what needed it. Signing in is such
    /// a proof as well. Beside a second factor the password is none. Wrong ones have to wait as in `signIn`.
    ///
    /// Codes: `INVALID_CODE`, `INVALID_CREDENTIALS`, `INVALID_PASSKEY`, `PASSKEYS_UNAVAILABLE`, `SECOND_FACTOR_REQUIRED`,
    /// `TOO_MANY_ATTEMPTS`.
    #[graphql(guard = "SignedInOnly", directive = cost::apply(2_000))]
    async fn step_up(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who you are, once more.")] input: StepUpInput,
    ) -> WireResult<StepUpPayload> {
        let result = service::step_up(ctx.app(), ctx.caller(), input.proof.into()).await;
        let (session, user_errors) = answer(ctx, result).await?;
        Ok(StepUpPayload { session: session.map(Into::into), user_errors })
    }
}

fn texts(codes: Option<Vec<model::RecoveryCode>>) -> Vec<String> {
    codes.unwrap_or_default().iter().map(ToString::to_string).collect()
}
