//! Time-based codes of authenticators (RFC 6238): HMAC-SHA-1, six digits, a new one every thirty seconds, which is what all
//! authenticators know.

use data_encoding::BASE32_NOPAD;
use hmac::{Hmac, Mac};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use sha1::Sha1;
use sha2::Sha256;

use super::MasterKey;
use crate::{
    kernel::error::Failure,
    platform::clock::{Generator, Time},
};

/// Seconds that a code is shown.
const PERIOD: i64 = 30;
/// Steps before and after the present one of which the code is taken as well (RFC 6238 §5.2): clocks differ, people are slow.
const DRIFT: i64 = 1;
const PURPOSE: &str = "second-factor";

/// What an authenticator and Agora both know: 160 bits (RFC 4226 §4).
pub struct TotpSecret([u8; 20]);

impl std::fmt::Debug for TotpSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TotpSecret(…)")
    }
}

impl TotpSecret {
    pub fn generate(generator: &Generator) -> Self {
        Self(generator.bytes())
    }

    /// Opens what [`Self::seal`] made for the same owner.
    ///
    /// # Errors
    /// As [`MasterKey::open`].
    pub fn open(master: &MasterKey, owner: &str, sealed: &[u8]) -> Result<Self, Failure> {
        let bytes = master.open(PURPOSE, owner, sealed)?;
        let bytes = bytes.try_into().map_err(|_| Failure::internal("a secret of an authenticator has another length"));
        bytes.map(Self)
    }

    /// The secret for storage.
    ///
    /// # Errors
    /// As [`MasterKey::seal`].
    pub fn seal(&self, master: &MasterKey, generator: &Generator, owner: &str) -> Result<Vec<u8>, Failure> {
        master.seal(generator, PURPOSE, owner, &self.0)
    }

    /// The secret as people type it into an authenticator.
    pub fn to_base32(&self) -> String {
        BASE32_NOPAD.encode(&self.0)
    }

    /// The secret as authenticators read it from a picture or follow as a link: for whose account, and at whom.
    pub fn uri(&self, issuer: &str, account: &str) -> String {
        let encoded = |text| utf8_percent_encode(text, NON_ALPHANUMERIC);
        let (issuer, account, secret) = (encoded(issuer), encoded(account), self.to_base32());
        format!("otpauth://totp/{issuer}:{account}?secret={secret}&issuer={issuer}&algorithm=SHA1&digits=6&period=30")
    }

    /// The code of a step (RFC 4226 §5.3).
    pub fn code(&self, step: i64) -> u32 {
        let tag: [u8; 20] = Hmac::<Sha1>::new_from_slice(&self.0)
            .map(|mac| mac.chain_update(step.to_be_bytes()).finalize().into_bytes().into())
            .unwrap_or_default();
        let offset = usize::from(tag.last().map_or(0, |last| last & 0x0f));
        let number = tag.iter().skip(offset).take(4).fold(0_u32, |number, &byte| (number << 8) | u32::from(byte));
        (number & 0x7fff_ffff) % 1_000_000
    }

    /// The step whose code was given, the newest one if it is that of several; none if it is wrong now.
    pub fn step_of(&self, given: &str, now: Time) -> Option<i64> {
        let digits: String = given.chars().filter(|letter| !letter.is_whitespace()).collect();
        let is_code = digits.len() == 6 && digits.bytes().all(|digit| digit.is_ascii_digit());
        let given: u32 = digits.parse().ok().filter(|_| is_code)?;
        let present = Self::step_at(now);
        // All of them are looked at, so that time does not tell which one it was.
        let matching = (present - DRIFT..=present + DRIFT).filter(|step| self.code(*step) == given);
        matching.fold(None, |newest, step| newest.max(Some(step)))
    }

    /// The step of a time.
    pub fn step_at(time: Time) -> i64 {
        time.timestamp().div_euclid(PERIOD)
    }

    /// A hash for storage that tells nothing without the secret.
    pub fn mac(&self, data: &[u8]) -> Vec<u8> {
        Hmac::<Sha256>::new_from_slice(&self.0)
            .map(|mac| mac.chain_update(data).finalize().into_bytes().to_vec())
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(seconds: i64) -> Time {
        Time::from_timestamp(seconds, 0).unwrap()
    }

    /// The last six digits of RFC 6238, Appendix B, for SHA-1.
    #[test]
    fn codes_are_those_of_the_rfc() {
        let secret = TotpSecret(*b"12345678901234567890");
        for (seconds, code) in [
            (59, 287_082),
            (1_111_111_109, 81_804),
            (1_111_111_111, 50_471),
            (1_234_567_890, 5_924),
            (2_000_000_000, 279_037),
            (20_000_000_000, 353_130),
        ] {
            assert_eq!(secret.code(TotpSecret::step_at(time(seconds))), code, "at {seconds}");
        }
        let uri = secret.uri("market.example", "Ada Ö <ada@example.com>");
        let expected = "otpauth://totp/market%2Eexample:Ada%20%C3%96%20%3Cada%40example%2Ecom%3E?secret=\
                        GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=market%2Eexample&algorithm=SHA1&digits=6&period=30";
        assert_eq!(uri, expected);
    }

    #[test]
    fn a_code_is_taken_a_step_early_and_a_step_late_and_in_groups() {
        let secret = TotpSecret(*b"12345678901234567890");
        let step = TotpSecret::step_at(time(1_234_567_890));
        for seconds in [-30, 0, 30] {
            assert_eq!(secret.step_of("005924", time(1_234_567_890 + seconds)), Some(step));
        }
        for seconds in [-60, 60] {
            assert_eq!(secret.step_of("005924", time(1_234_567_890 + seconds)), None);
        }
        assert_eq!(secret.step_of(" 005 924 ", time(1_234_567_890)), Some(step));
        for wrong in ["", "5924", "0005924", "+05924", "００５９２４", "005925"] {
            assert_eq!(secret.step_of(wrong, time(1_234_567_890)), None, "{wrong}");
        }
    }
}
