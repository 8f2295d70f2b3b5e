//! Which passwords are taken (NIST SP 800-63B, 3.1.1.2): by length, and not those that are tried first. Nothing is asked of
//! the characters that they are made of.

use std::{fmt, ops::Deref};

use diesel::{
    deserialize::{self, FromSql, FromSqlRow},
    pg::{Pg, PgValue},
    sql_types::Text,
};
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

/// Passwords that many people have, in lower case, one a line (assets/passwords/NOTICE).
static COMMON: &str = include_str!("../../../assets/passwords/common.txt");

/// Why a password is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum PasswordFault {
    /// It has less than 10 or more than 256 characters.
    Length,
    /// It is one of those that are tried first.
    Common,
}

/// What is stored of a password, a PHC string. It is not shown, for guesses at it need nothing more.
#[derive(Clone, PartialEq, Eq, FromSqlRow)]
pub struct PasswordHash(String);

impl Deref for PasswordHash {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl From<PasswordHash> for String {
    fn from(hash: PasswordHash) -> Self {
        hash.0
    }
}

impl FromSql<Text, Pg> for PasswordHash {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        FromSql::<Text, Pg>::from_sql(value).map(Self)
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

/// Whether a password is taken for somebody of whom others know these words, such as their address and name.
///
/// # Errors
/// Why not.
pub fn check_password(password: &str, known: &[&str]) -> Result<(), PasswordFault> {
    let password: String = password.nfc().collect();
    if !(10..=256).contains(&password.chars().count()) {
        return Err(PasswordFault::Length);
    }
    let lower = password.to_lowercase();
    let is_known = |word: &&str| {
        let word = word.trim().to_lowercase();
        word == lower || word.split('@').next().is_some_and(|name| name == lower)
    };
    let is_common = COMMON.lines().any(|common| common == lower) || known.iter().any(is_known);
    if is_common { Err(PasswordFault::Common) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_long_enough_and_none_that_is_tried_first() {
        let known = ["Augusta.Ada.King@example.com", "Augusta Ada"];
        for (password, wanted) in [
            ("123456789", Err(PasswordFault::Length)),
            ("äöüäöüäöü", Err(PasswordFault::Length)),
            ("äöüäöüäöü1", Ok(())),
            ("1234567890", Err(PasswordFault::Common)),
            ("QwertyUiop", Err(PasswordFault::Common)),
            ("augusta.ada.king@example.com", Err(PasswordFault::Common)),
            ("Augusta.Ada.King", Err(PasswordFault::Common)),
            ("augusta ada", Err(PasswordFault::Common)),
            ("augusta and others", Ok(())),
            (&"a".repeat(256), Ok(())),
            (&"a".repeat(257), Err(PasswordFault::Length)),
        ] {
            assert_eq!(check_password(password, &known), wanted, "{password}");
        }
    }

    #[test]
    fn the_list_holds_what_could_be_a_password() {
        assert!(COMMON.lines().count() > 1_000);
        assert!(COMMON.lines().all(|line| line.chars().count() >= 10 && line == line.to_lowercase()));
    }
}
