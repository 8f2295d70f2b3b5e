//! What is asked for beside a password, and sign-ins that wait for it.

use chrono::TimeDelta;
use diesel::{Queryable, Selectable};
use serde::{Deserialize, Serialize};

use super::User;
use crate::{
    kernel::id::{Entity, Id},
    platform::{
        clock::{Generator, Time},
        jobs::JobBody,
    },
    schema::{second_factors, sign_in_challenges},
    text_enum,
};

text_enum! {
    /// By what somebody proves who they are.
    pub enum ProofMethod {
        Password = "PASSWORD",
        /// An account at another place.
        Provider = "PROVIDER",
        Totp = "TOTP",
        RecoveryCode = "RECOVERY_CODE",
        Passkey = "PASSKEY",
    }
}

impl ProofMethod {
    /// Whether it proves more than a password, or a mailbox, does.
    pub const fn is_second_factor(self) -> bool {
        match self {
            Self::Password | Self::Provider => false,
            Self::Totp | Self::RecoveryCode | Self::Passkey => true,
        }
    }
}

/// The second factor of a person: an authenticator, and recovery codes for when it is lost.
#[derive(Clone, Queryable, Selectable)]
pub struct SecondFactor {
    pub user_id: Id<User>,
    pub sealed_secret: Vec<u8>,
    /// Keyed hashes of the codes that were not used.
    pub recovery_codes: Vec<Vec<u8>>,
    pub created_at: Time,
    /// None until a code has shown that the authenticator has the secret: before, it counts for nothing.
    pub confirmed_at: Option<Time>,
    pub last_used_at: Option<Time>,
    /// Wrong codes since the last right one.
    pub wrong: i32,
}

impl SecondFactor {
    /// How long a set-up can be confirmed.
    pub const SETUP_LIFETIME: TimeDelta = TimeDelta::hours(1);
    /// Recovery codes that are made at once.
    pub const RECOVERY_CODES: usize = 10;
    /// Wrong codes in a row of which the person is told, and again at each further doubling.
    const TOLD: i32 = 5;
    /// Wrong codes in a row after which those of the authenticator, which have six digits, are taken no more (NIST SP 800-63B,
    /// section 3.2.2). Recovery codes and passkeys cannot be guessed.
    pub const MAXIMUM_WRONG: i32 = 100;

    pub fn is_on(&self) -> bool {
        self.confirmed_at.is_some()
    }

    /// Whether a code can still confirm it.
    pub fn can_be_confirmed(&self, now: Time) -> bool {
        !self.is_on() && now < self.created_at + Self::SETUP_LIFETIME
    }

    /// The ways in which its person gives it, but for passkeys.
    pub fn methods(&self) -> Vec<ProofMethod> {
        let totp = self.takes_totp().then_some(ProofMethod::Totp);
        let recovery = (!self.recovery_codes.is_empty()).then_some(ProofMethod::RecoveryCode);
        totp.into_iter().chain(recovery).collect()
    }

    /// Whether codes of the authenticator are taken.
    pub const fn takes_totp(&self) -> bool {
        self.wrong < Self::MAXIMUM_WRONG
    }

    /// Whether the person has to be told of the last wrong code.
    pub const fn is_told(&self) -> bool {
        let is_doubled = self.wrong % Self::TOLD == 0 && (self.wrong / Self::TOLD).count_ones() == 1;
        is_doubled || self.wrong == Self::MAXIMUM_WRONG
    }
}

/// A code that stands in for a lost authenticator, once: 60 random bits as people write them down, `ABCD-EFGH-IJKL`.
#[derive(Clone, PartialEq, Eq)]
pub struct RecoveryCode(String);

impl RecoveryCode {
    const LETTERS: usize = 12;

    pub fn generate(generator: &Generator) -> Self {
        let letters = data_encoding::BASE32_NOPAD.encode(&generator.bytes::<8>());
        Self(letters.chars().take(Self::LETTERS).collect())
    }

    /// What somebody typed: dashes, blanks and case do not count, and digits that are no part of a code are the letters that
    /// look like them.
    pub fn read(given: &str) -> Option<Self> {
        let letters =
            given.chars().filter(|letter| !letter.is_whitespace() && *letter != '-').map(|letter| match letter {
                '0' => 'O',
                '1' => 'I',
                '8' => 'B',
                other => other.to_ascii_uppercase(),
            });
        let letters: String = letters.take(Self::LETTERS + 1).collect();
        let is_code = letters.len() == Self::LETTERS && letters.bytes().all(|letter| letter.is_ascii_alphanumeric());
        is_code.then_some(Self(letters))
    }

    /// The letters, without dashes.
    pub fn letters(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for RecoveryCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (place, letter) in self.0.chars().enumerate() {
            let dash = if place > 0 && place % 4 == 0 { "-" } else { "" };
            write!(f, "{dash}{letter}")?;
        }
        Ok(())
    }
}

/// A sign-in that waits for the second factor.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = sign_in_challenges)]
pub struct Challenge {
    pub id: Id<Challenge>,
    pub user_id: Id<User>,
    pub attempts: i32,
    pub expires_at: Time,
}

impl Entity for Challenge {
    const PREFIX: &'static str = "challenge";
}

impl Challenge {
    pub const LIFETIME: TimeDelta = TimeDelta::minutes(10);
    /// Attempts after which it is over.
    pub const MAXIMUM_ATTEMPTS: i32 = 5;

    pub fn is_open(&self, now: Time) -> bool {
        self.attempts < Self::MAXIMUM_ATTEMPTS && now < self.expires_at
    }
}

/// What somebody is told about the safety of their account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum SafetyNotice {
    SecondFactorAdded,
    SecondFactorRemoved,
    SecondFactorRefused,
    RecoveryCodeUsed,
    RecoveryCodesRenewed,
    PasskeyAdded,
    PasskeyRemoved,
    PasskeyCopied,
}

impl SafetyNotice {
    pub const ALL: [Self; 8] = [
        Self::SecondFactorAdded,
        Self::SecondFactorRemoved,
        Self::SecondFactorRefused,
        Self::RecoveryCodeUsed,
        Self::RecoveryCodesRenewed,
        Self::PasskeyAdded,
        Self::PasskeyRemoved,
        Self::PasskeyCopied,
    ];

    /// The name of its words.
    pub const fn text_id(self) -> &'static str {
        match self {
            Self::SecondFactorAdded => "second-factor-added",
            Self::SecondFactorRemoved => "second-factor-removed",
            Self::SecondFactorRefused => "second-factor-refused",
            Self::RecoveryCodeUsed => "recovery-code-used",
            Self::RecoveryCodesRenewed => "recovery-codes-renewed",
            Self::PasskeyAdded => "passkey-added",
            Self::PasskeyRemoved => "passkey-removed",
            Self::PasskeyCopied => "passkey-copied",
        }
    }
}

/// Tells somebody what happened to the safety of their account.
#[derive(Serialize, Deserialize)]
pub struct SafetyMail {
    pub user: Id<User>,
    pub notice: SafetyNotice,
}

impl JobBody for SafetyMail {
    const KIND: &'static str = "users.safety_mail";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_owner_is_told_of_many_wrong_codes_and_after_a_hundred_six_digits_prove_nothing() {
        let factor = |wrong| SecondFactor {
            user_id: Id::from_uuid(uuid::Uuid::nil()),
            sealed_secret: Vec::new(),
            recovery_codes: vec![Vec::new()],
            created_at: Time::UNIX_EPOCH,
            confirmed_at: None,
            last_used_at: None,
            wrong,
        };
        let told: Vec<i32> = (0..=200).filter(|wrong| factor(*wrong).is_told()).collect();
        assert_eq!(told, [5, 10, 20, 40, 80, 100, 160]);
        assert_eq!(factor(99).methods(), [ProofMethod::Totp, ProofMethod::RecoveryCode]);
        assert_eq!(factor(100).methods(), [ProofMethod::RecoveryCode]);
    }

    #[test]
    fn a_recovery_code_is_read_as_people_write_it() {
        let code = RecoveryCode::generate(&Generator::from_seed(1));
        let shown = code.to_string();
        let read = |given: &str| RecoveryCode::read(given).map(|code| code.to_string());
        assert_eq!((shown.len(), shown.matches('-').count()), (14, 2));
        for written in [shown.clone(), shown.to_lowercase(), format!(" {} ", shown.replace('-', " "))] {
            assert_eq!(read(&written), Some(shown.clone()), "{written}");
        }
        assert_eq!(read("0123-8567-ABCD"), read("oi23-b567-abcd"));
        for wrong in ["", "ABCD-EFGH-IJK", "ABCD-EFGH-IJKLM", "ABCD-EFGH-IJK!", "ÄBCD-EFGH-IJKL"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
