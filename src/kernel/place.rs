//! Where people are and what they read: countries and languages.

use std::{fmt, str::FromStr};

use diesel::{deserialize::FromSqlRow, expression::AsExpression, sql_types::Text};
use serde::{Deserialize, Serialize};

/// ISO 3166-1 alpha-2, the officially assigned codes of 2026.
const COUNTRIES: &str = "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ \
CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG \
GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ \
LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR \
NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ \
TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW";

/// A country by its ISO 3166-1 alpha-2 code, such as `GB`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub struct CountryCode([u8; 2]);

/// A text that is no officially assigned country code.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an ISO 3166-1 alpha-2 country code")]
pub struct UnknownCountry(String);

impl FromStr for CountryCode {
    type Err = UnknownCountry;

    fn from_str(text: &str) -> Result<Self, UnknownCountry> {
        match <[u8; 2]>::try_from(text.as_bytes()) {
            Ok(code) if COUNTRIES.split(' ').any(|known| known == text) => Ok(Self(code)),
            _ => Err(UnknownCountry(text.into())),
        }
    }
}

impl fmt::Display for CountryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", char::from(self.0[0]), char::from(self.0[1]))
    }
}

/// A language that Agora speaks to people itself: messages of errors, mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum Language {
    #[default]
    English,
    German,
}

impl Language {
    /// The language that serves a BCP 47 tag, or none that we speak.
    #[must_use]
    pub fn of_tag(tag: &str) -> Option<Self> {
        match tag.split('-').next().unwrap_or_default().to_ascii_lowercase().as_str() {
            "en" => Some(Self::English),
            "de" => Some(Self::German),
            _ => None,
        }
    }
}

/// A BCP 47 language tag, such as `de-AT`, in its canonical letter case.
#[derive(Debug, Clone, PartialEq, Eq, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub struct Locale(String);

/// A text that is no BCP 47 language tag.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a BCP 47 language tag")]
pub struct InvalidLocale(String);

impl Locale {
    /// The language in which Agora speaks to somebody of this locale.
    #[must_use]
    pub fn language(&self) -> Language {
        Language::of_tag(&self.0).unwrap_or_default()
    }
}

impl Default for Locale {
    fn default() -> Self {
        Self("en".into())
    }
}

impl FromStr for Locale {
    type Err = InvalidLocale;

    fn from_str(text: &str) -> Result<Self, InvalidLocale> {
        language_tags::LanguageTag::parse(text)
            .ok()
            .filter(|tag| tag.as_str().len() <= 35 && !tag.primary_language().is_empty())
            .map(|tag| Self(tag.into_string()))
            .ok_or_else(|| InvalidLocale(text.into()))
    }
}

impl fmt::Display for Locale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn countries_are_the_249_assigned_ones() {
        assert_eq!(COUNTRIES.split_whitespace().count(), 249);
        assert_eq!("IE".parse::<CountryCode>().unwrap().to_string(), "IE");
        for text in ["EIRE", "gb", "UK", "", "XX", " A"] {
            assert!(text.parse::<CountryCode>().is_err(), "{text}");
        }
    }

    #[test]
    fn locales_are_written_canonically() {
        assert_eq!("de-at".parse::<Locale>().unwrap().to_string(), "de-AT");
        assert_eq!("de-AT".parse::<Locale>().unwrap().language(), Language::German);
        assert_eq!("fr".parse::<Locale>().unwrap().language(), Language::English);
        for text in ["", "deutsch!", "x", "en_US"] {
            assert!(text.parse::<Locale>().is_err(), "{text}");
        }
    }
}
