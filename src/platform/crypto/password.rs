//! Passwords: slow to hash on purpose, so on threads of their own number.

use std::sync::Arc;

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher as _, PasswordVerifier as _, phc::PasswordHash},
};
use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use unicode_normalization::UnicodeNormalization;

use crate::{
    kernel::error::Failure,
    platform::pool::{Pool, Queued},
};

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
    /// If the cost is out of Argon2's range, or no thread can be started.
    pub fn new(cost: PasswordCost, threads: usize) -> Result<Self, Failure> {
        let params =
            Params::new(cost.memory_kib, cost.passes, 1, None).map_err(|error| Failure::internal(error.to_string()))?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        // A hash that no password has: made up, so that nothing is hashed for it, and as dear to check as a real one.
        let (salt, hash) = (STANDARD_NO_PAD.encode([7; 16]), STANDARD_NO_PAD.encode([7; 32]));
        let decoy = format!("$argon2id$v=19$m={},t={},p=1${salt}${hash}", cost.memory_kib, cost.passes).into();
        let pool = Pool::new("hashing", threads).map_err(Failure::internal)?;
        Ok(Self { argon2, pool, decoy })
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

    /// A place in the queue, to be asked for before anything is done for somebody whose password could not be looked at anyway.
    ///
    /// # Errors
    /// [`Failure::Unavailable`] when too many are waiting.
    pub fn queue(&self) -> Result<PasswordCheck, Failure> {
        let (argon2, decoy) = (self.argon2.clone(), Arc::clone(&self.decoy));
        Ok(PasswordCheck { argon2, decoy, queued: self.pool.queue()? })
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

/// A password's place in the queue.
pub struct PasswordCheck {
    argon2: Argon2<'static>,
    decoy: Arc<str>,
    queued: Queued,
}

impl PasswordCheck {
    /// Of which stored PHC strings it is the password. Where there is none, the answer is no and takes as long.
    ///
    /// # Errors
    /// [`Failure::Unavailable`] if no thread is free in time.
    pub async fn verify<const N: usize>(
        self,
        password: &str,
        stored: [Option<String>; N],
    ) -> Result<[bool; N], Failure> {
        let Self { argon2, decoy, queued } = self;
        let password = normalized(password);
        let is_of = move |stored: Option<String>| {
            let matches = argon2.verify_password(password.as_bytes(), stored.as_deref().unwrap_or(&decoy)).is_ok();
            matches && stored.is_some()
        };
        Ok(queued.take().await?.run(move || stored.map(is_of)).await?.0)
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
        let verify = async |password: &str, stored: Option<String>| {
            let [is_right] = hasher.queue().unwrap().verify(password, [stored]).await.unwrap();
            is_right
        };
        let stored = hasher.hash("correct horse".into(), [7; 16]).await.unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=64,t=1,p=1$"));
        assert!(verify("correct horse", Some(stored.clone())).await);
        assert!(!verify("wrong horse", Some(stored.clone())).await);
        assert!(!verify("no password", None).await);
        let both = hasher.queue().unwrap().verify("correct horse", [None, Some(stored)]).await.unwrap();
        assert_eq!(both, [false, true]);
        let composed = hasher.hash("sch\u{f6}nes pferd".into(), [7; 16]).await.unwrap();
        assert!(verify("scho\u{308}nes pferd", Some(composed.clone())).await);
        let dearer = PasswordHasher::new(PasswordCost { memory_kib: 128, passes: 1 }, 1).unwrap();
        assert!(dearer.has_outgrown(&composed) && !hasher.has_outgrown(&composed));
        assert!(!hasher.has_outgrown(&dearer.hash("correct horse".into(), [7; 16]).await.unwrap()));
    }
}
