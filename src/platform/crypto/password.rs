//! Passwords: slow to hash on purpose, so on threads of their own number.

use std::sync::Arc;

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher as _, PasswordVerifier as _, phc::PasswordHash},
};
use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use unicode_normalization::UnicodeNormalization;

use crate::{kernel::error::Failure, platform::pool::Pool};

/// What a password costs to hash.
#[derive(Debug, Clone, Copy)]
pub struct PasswordCost {
    pub memory_kib: u32,
    pub passes: u32,
}

impl PasswordCost {
    /// OWASP's recommendation for Argon2id: 19 MiB, 2 passes.
    pub const PRODUCTION: Self = Self { memory_kib: 19 * 1024, passes: 2 };
    /// For tests, where the cost proves nothing.
    pub const CHEAP: Self = Self { memory_kib: 64, passes: 1 };
}

/// Hashes passwords (Argon2id, RFC 9106) on a bounded number of threads, so that a flood of sign-ins starves nobody else.
#[derive(Debug, Clone)]
pub struct PasswordHasher {
    argon2: Argon2<'static>,
    pool: Pool,
    decoy: Arc<str>,
}

impl PasswordHasher {
    /// # Errors
    /// If the cost is out of Argon2's range.
    pub fn new(cost: PasswordCost, threads: usize) -> Result<Self, Failure> {
        let params =
            Params::new(cost.memory_kib, cost.passes, 1, None).map_err(|error| Failure::internal(error.to_string()))?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        // A hash that no password has: made up, so that nothing is hashed for it, and as dear to check as a real one.
        let (salt, hash) = (STANDARD_NO_PAD.encode([7; 16]), STANDARD_NO_PAD.encode([7; 32]));
        let decoy = format!("$argon2id$v=19$m={},t={},p=1${salt}${hash}", cost.memory_kib, cost.passes).into();
        Ok(Self { argon2, pool: Pool::new(threads), decoy })
    }

    /// The PHC string to store for a password.
    ///
    /// # Errors
    /// [`Failure::Unavailable`] when too many are waiting.
    pub async fn hash(&self, password: String, salt: [u8; 16]) -> Result<String, Failure> {
        let password = normalized(&password);
        self.run(move |argon2| {
            let hash = argon2.hash_password_with_salt(password.as_bytes(), &salt);
            hash.map(|hash: PasswordHash| hash.to_string()).map_err(|error| Failure::internal(error.to_string()))
        })
        .await?
    }

    /// Whether the password is the one of a stored PHC string. Without one, the answer is no and takes as long.
    ///
    /// # Errors
    /// [`Failure::Unavailable`] when too many are waiting.
    pub async fn verify(&self, password: String, stored: Option<String>) -> Result<bool, Failure> {
        let (decoy, password) = (Arc::clone(&self.decoy), normalized(&password));
        self.run(move |argon2| {
            let matches = argon2.verify_password(password.as_bytes(), stored.as_deref().unwrap_or(&decoy)).is_ok();
            matches && stored.is_some()
        })
        .await
    }

    /// Whether a stored PHC string cost less than one does now. Never one that cost more: while processes of two versions run,
    /// they would hash against each other.
    pub fn has_outgrown(&self, stored: &str) -> bool {
        let Ok(hash) = PasswordHash::new(stored) else { return false };
        let (now, then) = (self.argon2.params(), Params::try_from(&hash));
        then.is_ok_and(|then| then.m_cost() < now.m_cost() || then.t_cost() < now.t_cost())
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Argon2<'static>) -> T + Send + 'static,
    ) -> Result<T, Failure> {
        let argon2 = self.argon2.clone();
        self.pool.run(move || work(&argon2)).await
    }
}

/// One of the ways in which keyboards write the same characters (NIST SP 800-63B, 3.1.1.2).
fn normalized(password: &str) -> String {
    password.nfc().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn passwords_are_recognised_and_a_missing_hash_never_matches() {
        let hasher = PasswordHasher::new(PasswordCost::CHEAP, 1).unwrap();
        let stored = hasher.hash("correct horse".into(), [7; 16]).await.unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=64,t=1,p=1$"));
        assert!(hasher.verify("correct horse".into(), Some(stored.clone())).await.unwrap());
        assert!(!hasher.verify("wrong horse".into(), Some(stored)).await.unwrap());
        assert!(!hasher.verify("no password".into(), None).await.unwrap());
        let composed = hasher.hash("sch\u{f6}nes pferd".into(), [7; 16]).await.unwrap();
        assert!(hasher.verify("scho\u{308}nes pferd".into(), Some(composed.clone())).await.unwrap());
        let dearer = PasswordHasher::new(PasswordCost { memory_kib: 128, passes: 1 }, 1).unwrap();
        assert!(dearer.has_outgrown(&composed) && !hasher.has_outgrown(&composed));
        assert!(!hasher.has_outgrown(&dearer.hash("correct horse".into(), [7; 16]).await.unwrap()));
    }
}
