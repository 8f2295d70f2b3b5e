//! Keys of machines: `agora_sk_`, 43 random letters and digits (256 bits), and six of a checksum.

use flate2::Crc;

use super::hash_token;
use crate::platform::clock::Generator;

/// How every key begins, so that scanners find leaked ones.
pub const API_KEY_PREFIX: &str = "agora_sk_";

const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// 62^43 is just above 2^256.
const RANDOM_DIGITS: usize = 43;
const CHECKSUM_DIGITS: u32 = 6;

/// A new key. It is told once, and stored as [`hash_api_key`] says.
pub fn new_api_key(generator: &Generator) -> String {
    let mut random = String::new();
    while random.len() < RANDOM_DIGITS {
        let [byte] = generator.bytes();
        // Four times 62: what is above would make the first digits likelier.
        if byte < 248 {
            random.push(digit(u32::from(byte)));
        }
    }
    format!("{API_KEY_PREFIX}{random}{}", checksum(&random))
}

/// The hash under which a key is stored; none of a text that is no key, such as one with a typing error.
pub fn hash_api_key(key: &str) -> Option<[u8; 32]> {
    let (random, sum) = key.strip_prefix(API_KEY_PREFIX)?.split_at_checked(RANDOM_DIGITS)?;
    let is_key = random.bytes().all(|byte| DIGITS.contains(&byte)) && checksum(random) == sum;
    is_key.then(|| hash_token(key))
}

/// CRC-32 in base 62, as GitHub's tokens have it: it finds typing errors, and proves nothing.
fn checksum(random: &str) -> String {
    let mut crc = Crc::new();
    crc.update(random.as_bytes());
    (0..CHECKSUM_DIGITS).rev().map(|place| digit(crc.sum() / 62_u32.pow(place))).collect()
}

fn digit(number: u32) -> char {
    let place = usize::try_from(number % 62).unwrap_or(0);
    char::from(DIGITS.get(place).copied().unwrap_or(b'0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_known_by_its_form_and_its_checksum() {
        let generator = Generator::from_seed(1);
        let key = new_api_key(&generator);
        assert_eq!(key.len(), 9 + 43 + 6);
        assert_eq!(hash_api_key(&key), Some(hash_token(&key)));
        assert_ne!(key, new_api_key(&generator));
        for (place, _) in key.char_indices() {
            let mut typo = key.clone();
            let wrong = if &key[place..=place] == "a" { "b" } else { "a" };
            typo.replace_range(place..=place, wrong);
            assert_eq!(hash_api_key(&typo), None, "{typo}");
        }
        for broken in ["", "agora_sk_", &key[..57], &format!("{key}0"), &key.replace("agora", "acorn")] {
            assert_eq!(hash_api_key(broken), None, "{broken}");
        }
        assert_eq!(hash_api_key(&format!("agora_sk_{}", "ä".repeat(30))), None);
    }

    #[test]
    fn the_checksum_is_the_one_that_scanners_reckon() {
        // CRC-32 of "123456789" is 0xCBF43926 = 3421780262.
        assert_eq!(checksum("123456789"), "3jZRME");
    }
}
