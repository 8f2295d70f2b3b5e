//! What can go wrong with accounts.

use serde::{Deserialize, Serialize};

use super::model::{HandleFault, PasswordFault, ProofMethod};
use crate::{
    kernel::{
        address::AddressError,
        error::{DomainError, Failure, KeyReused, TransactionError, UserErrorCode, Verdict},
        text::TextError,
    },
    platform::clock::Time,
};

#[derive(Debug, thiserror::Error, Serialize, Deserialize)]
pub enum AccountError {
    #[error("{field}: {error}")]
    Text { field: String, error: TextError },
    #[error("not an address")]
    InvalidEmail,
    #[error("{field}: not taken as a password ({fault:?})")]
    Password { field: String, fault: PasswordFault },
    #[error("wrong present password")]
    WrongPassword,
    #[error("wrong password beside a link")]
    WrongLinkPassword,
    #[error("a link that was used, is too old, or was not made here")]
    InvalidToken,
    #[error("no such provider")]
    NoSuchProvider,
    #[error("not a URL that a sign-in may lead back to")]
    ReturnUrl,
    #[error("nobody is expected back by this state, or not by this browser or app")]
    NotExpected,
    #[error("the provider does not answer")]
    ProviderUnavailable,
    #[error("what the provider says is not taken")]
    ProviderRefused,
    #[error("the provider does not say that the address is the person's")]
    EmailNotVerified,
    #[error("the account at the provider is linked elsewhere, or another one of that provider is")]
    IdentityTaken,
    #[error("no such account at a provider is linked")]
    NoSuchIdentity,
    #[error("nothing else would be left to sign in with")]
    LastSignInMethod { field: String },
    #[error("the address is the present one")]
    SameEmail,
    #[error("too many changes of the address")]
    TooManyEmailChanges,
    #[error("too many wrong passwords; the next is looked at from {retry_at} on")]
    TooManyGuesses { retry_at: Time },
    #[error("wrong address or password")]
    InvalidCredentials,
    #[error("not a handle")]
    InvalidHandle,
    #[error("a handle that is somebody's, or nobody's for good")]
    HandleTaken,
    #[error("as many handles as a person can have")]
    TooManyHandles,
    #[error("nobody blocks themself")]
    Oneself,
    #[error("there is nobody of this id")]
    NoSuchPerson,
    #[error("not for this one of the staff, or not about this person")]
    NotPermitted,
    #[error("no such leave to act in somebody's name")]
    NoSuchGrant,
    #[error("as many people as a person can block")]
    TooManyBlocked,
    #[error("quiet hours that begin when they end")]
    QuietHours,
    #[error("address.{0}")]
    Address(#[from] AddressError),
    #[error("as many addresses as a person can have")]
    TooManyAddresses,
    #[error("no such address")]
    NoSuchAddress,
    #[error("not a namespace")]
    InvalidNamespace,
    #[error("more than is kept of a client's settings")]
    SettingsTooLong,
    #[error("as many namespaces as a person can have")]
    TooManySettings,
    #[error("it has version {current} by now")]
    StaleVersion { current: i32 },
    #[error("wrong code")]
    InvalidCode,
    #[error("{by}: does not prove who they are")]
    WrongProof { by: ProofMethod },
    #[error("a password where there is a second factor")]
    PasswordAlone,
    #[error("a sign-in that is over")]
    InvalidChallenge,
    #[error("there is a second factor already")]
    SecondFactorOn,
    #[error("there is no second factor to switch off")]
    SecondFactorOff,
    #[error("there is no second factor")]
    NoSecondFactor,
    #[error("no set-up waits to be confirmed")]
    NoSetup,
    #[error("the market has no domain that passkeys could belong to")]
    PasskeysUnavailable,
    #[error("as many passkeys as a person can have")]
    TooManyPasskeys,
    #[error("not the answer of a passkey that is known")]
    InvalidPasskey,
    #[error("nobody waits for this answer of an authenticator")]
    InvalidCeremony,
    #[error("no such passkey")]
    NoSuchPasskey,
    #[error("a key has a scope")]
    NoScope,
    #[error("a key ends after 1 to 3,650 days")]
    Lifetime,
    #[error("no such key, or it was revoked before")]
    NoSuchKey,
    #[error("no such session")]
    NoSuchSession,
    #[error("the refresh token is no good")]
    InvalidRefreshToken,
    #[error(transparent)]
    KeyReused(#[from] KeyReused),
    #[error(transparent)]
    #[serde(skip)]
    Failed(#[from] Failure),
}

impl From<HandleFault> for AccountError {
    fn from(fault: HandleFault) -> Self {
        match fault {
            HandleFault::Form => Self::InvalidHandle,
            HandleFault::Reserved => Self::HandleTaken,
        }
    }
}

impl TransactionError for AccountError {
    fn failure(&self) -> Option<&Failure> {
        match self {
            Self::Failed(failure) => Some(failure),
            _ => None,
        }
    }
}

impl DomainError for AccountError {
    fn verdict(self) -> Verdict {
        match self {
            Self::Text { field, error } => Verdict::of_text(&field, error),
            Self::InvalidEmail => Verdict::at(UserErrorCode::InvalidEmail, ["email"]),
            Self::Password { field, fault: PasswordFault::Length } => {
                Verdict::at(UserErrorCode::PasswordLength, [field])
            }
            Self::Password { field, fault: PasswordFault::Common } => {
                Verdict::at(UserErrorCode::PasswordCommon, [field])
            }
            Self::WrongPassword => Verdict::at(UserErrorCode::InvalidCredentials, ["currentPassword"]),
            Self::WrongLinkPassword => Verdict::at(UserErrorCode::InvalidCredentials, ["password"]),
            Self::InvalidToken => Verdict::at(UserErrorCode::InvalidToken, ["token"]),
            Self::NoSuchProvider => Verdict::at(UserErrorCode::NotFound, ["provider"]),
            Self::ReturnUrl => Verdict::at(UserErrorCode::ReturnUrlNotAllowed, ["returnTo"]),
            Self::NotExpected => Verdict::at(UserErrorCode::InvalidToken, ["state"]),
            Self::ProviderUnavailable => Verdict::refused(UserErrorCode::ProviderUnavailable),
            Self::ProviderRefused => Verdict::refused(UserErrorCode::ProviderRefused),
            Self::EmailNotVerified => Verdict::refused(UserErrorCode::EmailNotVerified),
            Self::IdentityTaken => Verdict::refused(UserErrorCode::IdentityTaken),
            Self::NoSuchIdentity => Verdict::at(UserErrorCode::NotFound, ["identityId"]),
            Self::LastSignInMethod { field } => Verdict::at(UserErrorCode::LastSignInMethod, [field]),
            Self::SameEmail => Verdict::at(UserErrorCode::AlreadyDone, ["email"]),
            Self::TooManyEmailChanges => Verdict::at(UserErrorCode::TooMany, ["email"]),
            Self::TooManyGuesses { .. } => Verdict::refused(UserErrorCode::TooManyAttempts),
            Self::InvalidCredentials => Verdict::refused(UserErrorCode::InvalidCredentials),
            Self::InvalidHandle => Verdict::at(UserErrorCode::Invalid, ["handle"]),
            Self::HandleTaken => Verdict::at(UserErrorCode::Taken, ["handle"]),
            Self::TooManyHandles => Verdict::at(UserErrorCode::TooMany, ["handle"]),
            Self::Oneself => Verdict::at(UserErrorCode::Invalid, ["userId"]),
            Self::NoSuchPerson => Verdict::at(UserErrorCode::NotFound, ["userId"]),
            Self::NotPermitted => Verdict::at(UserErrorCode::NotPermitted, ["userId"]),
            Self::NoSuchGrant => Verdict::at(UserErrorCode::NotFound, ["grantId"]),
            Self::QuietHours => Verdict::at(UserErrorCode::Invalid, ["quietHours"]),
            Self::Address(error) => Verdict::of_address("address", error),
            Self::TooManyAddresses | Self::TooManyBlocked | Self::TooManySettings => {
                Verdict::refused(UserErrorCode::TooMany)
            }
            Self::NoSuchAddress => Verdict::at(UserErrorCode::NotFound, ["savedAddressId"]),
            Self::InvalidNamespace => Verdict::at(UserErrorCode::Invalid, ["namespace"]),
            Self::SettingsTooLong => Verdict::at(UserErrorCode::TooLong, ["value"]),
            Self::StaleVersion { .. } => Verdict::at(UserErrorCode::StaleVersion, ["expectedVersion"]),
            Self::InvalidCode => Verdict::at(UserErrorCode::InvalidCode, ["code"]),
            Self::WrongProof { by: ProofMethod::Password | ProofMethod::Provider } => {
                Verdict::at(UserErrorCode::InvalidCredentials, ["proof", "password"])
            }
            Self::WrongProof { by: ProofMethod::Totp } => {
                Verdict::at(UserErrorCode::InvalidCode, ["proof", "totpCode"])
            }
            Self::WrongProof { by: ProofMethod::RecoveryCode } => {
                Verdict::at(UserErrorCode::InvalidCode, ["proof", "recoveryCode"])
            }
            Self::WrongProof { by: ProofMethod::Passkey } => {
                Verdict::at(UserErrorCode::InvalidPasskey, ["proof", "passkey"])
            }
            Self::PasskeysUnavailable => Verdict::refused(UserErrorCode::PasskeysUnavailable),
            Self::TooManyPasskeys => Verdict::refused(UserErrorCode::TooMany),
            Self::InvalidPasskey => Verdict::at(UserErrorCode::InvalidPasskey, ["credential"]),
            Self::InvalidCeremony => Verdict::at(UserErrorCode::InvalidChallenge, ["credential"]),
            Self::NoSuchPasskey => Verdict::at(UserErrorCode::NotFound, ["passkeyId"]),
            Self::PasswordAlone => Verdict::at(UserErrorCode::SecondFactorRequired, ["proof", "password"]),
            Self::InvalidChallenge => Verdict::at(UserErrorCode::InvalidChallenge, ["challengeToken"]),
            Self::SecondFactorOn | Self::SecondFactorOff => Verdict::refused(UserErrorCode::AlreadyDone),
            Self::NoSecondFactor | Self::NoSetup => Verdict::refused(UserErrorCode::NotFound),
            Self::NoScope => Verdict::at(UserErrorCode::Blank, ["scopes"]),
            Self::Lifetime => Verdict::at(UserErrorCode::OutOfRange, ["expiresInDays"]),
            Self::NoSuchKey => Verdict::at(UserErrorCode::NotFound, ["apiKeyId"]),
            Self::NoSuchSession => Verdict::at(UserErrorCode::NotFound, ["sessionId"]),
            Self::InvalidRefreshToken => Verdict::at(UserErrorCode::InvalidRefreshToken, ["refreshToken"]),
            Self::KeyReused(_) => Verdict::at(UserErrorCode::IdempotencyKeyReused, ["idempotencyKey"]),
            Self::Failed(failure) => Verdict::Failed(failure),
        }
    }
}
