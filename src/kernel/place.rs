//! Where people are and what they read: countries, languages, the time of day.

use std::{fmt, str::FromStr};

use chrono::{DateTime, MappedLocalTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone as _, Utc};
use diesel::{deserialize::FromSqlRow, expression::AsExpression, sql_types::Text};
use serde::{Deserialize, Serialize};

use super::date::Date;

/// ISO 3166-1 alpha-2, the officially assigned codes of 2026, in alphabetical order.
#[rustfmt::skip]
const COUNTRIES: [[u8; 2]; 249] = [
    *b"AD", *b"AE", *b"AF", *b"AG", *b"AI", *b"AL", *b"AM", *b"AO", *b"AQ", *b"AR", *b"AS", *b"AT", *b"AU", *b"AW",
    *b"AX", *b"AZ", *b"BA", *b"BB", *b"BD", *b"BE", *b"BF", *b"BG", *b"BH", *b"BI", *b"BJ", *b"BL", *b"BM", *b"BN",
    *b"BO", *b"BQ", *b"BR", *b"BS", *b"BT", *b"BV", *b"BW", *b"BY", *b"BZ", *b"CA", *b"CC", *b"CD", *b"CF", *b"CG",
    *b"CH", *b"CI", *b"CK", *b"CL", *b"CM", *b"CN", *b"CO", *b"CR", *b"CU", *b"CV", *b"CW", *b"CX", *b"CY", *b"CZ",
    *b"DE", *b"DJ", *b"DK", *b"DM", *b"DO", *b"DZ", *b"EC", *b"EE", *b"EG", *b"EH", *b"ER", *b"ES", *b"ET", *b"FI",
    *b"FJ", *b"FK", *b"FM", *b"FO", *b"FR", *b"GA", *b"GB", *b"GD", *b"GE", *b"GF", *b"GG", *b"GH", *b"GI", *b"GL",
    *b"GM", *b"GN", *b"GP", *b"GQ", *b"GR", *b"GS", *b"GT", *b"GU", *b"GW", *b"GY", *b"HK", *b"HM", *b"HN", *b"HR",
    *b"HT", *b"HU", *b"ID", *b"IE", *b"IL", *b"IM", *b"IN", *b"IO", *b"IQ", *b"IR", *b"IS", *b"IT", *b"JE", *b"JM",
    *b"JO", *b"JP", *b"KE", *b"KG", *b"KH", *b"KI", *b"KM", *b"KN", *b"KP", *b"KR", *b"KW", *b"KY", *b"KZ", *b"LA",
    *b"LB", *b"LC", *b"LI", *b"LK", *b"LR", *b"LS", *b"LT", *b"LU", *b"LV", *b"LY", *b"MA", *b"MC", *b"MD", *b"ME",
    *b"MF", *b"MG", *b"MH", *b"MK", *b"ML", *b"MM", *b"MN", *b"MO", *b"MP", *b"MQ", *b"MR", *b"MS", *b"MT", *b"MU",
    *b"MV", *b"MW", *b"MX", *b"MY", *b"MZ", *b"NA", *b"NC", *b"NE", *b"NF", *b"NG", *b"NI", *b"NL", *b"NO", *b"NP",
    *b"NR", *b"NU", *b"NZ", *b"OM", *b"PA", *b"PE", *b"PF", *b"PG", *b"PH", *b"PK", *b"PL", *b"PM", *b"PN", *b"PR",
    *b"PS", *b"PT", *b"PW", *b"PY", *b"QA", *b"RE", *b"RO", *b"RS", *b"RU", *b"RW", *b"SA", *b"SB", *b"SC", *b"SD",
    *b"SE", *b"SG", *b"SH", *b"SI", *b"SJ", *b"SK", *b"SL", *b"SM", *b"SN", *b"SO", *b"SR", *b"SS", *b"ST", *b"SV",
    *b"SX", *b"SY", *b"SZ", *b"TC", *b"TD", *b"TF", *b"TG", *b"TH", *b"TJ", *b"TK", *b"TL", *b"TM", *b"TN", *b"TO",
    *b"TR", *b"TT", *b"TV", *b"TW", *b"TZ", *b"UA", *b"UG", *b"UM", *b"US", *b"UY", *b"UZ", *b"VA", *b"VC", *b"VE",
    *b"VG", *b"VI", *b"VN", *b"VU", *b"WF", *b"WS", *b"YE", *b"YT", *b"ZA", *b"ZM", *b"ZW",
];

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
            Ok(code) if COUNTRIES.binary_search(&code).is_ok() => Ok(Self(code)),
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
    /// The language alone, in lower case: `de` of `de-AT`.
    #[must_use]
    pub fn primary_language(&self) -> &str {
        self.0.split('-').next().unwrap_or_default()
    }

    /// Itself, and what serves its readers where there is nothing in it (RFC 4647, lookup): `zh-Hant-TW`, `zh-Hant`, `zh`.
    #[must_use]
    pub fn with_wider(&self) -> Vec<Self> {
        let mut found = vec![self.clone()];
        let mut tag = self.0.as_str();
        while let Some((wider, _)) = tag.rsplit_once('-') {
            tag = wider;
            // A single letter says what follows it, and nothing does any more.
            if tag.rsplit('-').next().is_some_and(|part| part.len() > 1) {
                found.push(Self(tag.into()));
            }
        }
        found
    }

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

/// A time zone by its name in the IANA database, such as `Europe/Vienna`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub struct TimeZone(chrono_tz::Tz);

/// A text that names no time zone.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a time zone of the IANA database, such as `Europe/Vienna`")]
pub struct UnknownTimeZone(String);

impl FromStr for TimeZone {
    type Err = UnknownTimeZone;

    fn from_str(text: &str) -> Result<Self, UnknownTimeZone> {
        text.parse().map(Self).map_err(|_| UnknownTimeZone(text.into()))
    }
}

impl TimeZone {
    /// Coordinated universal time.
    pub const UTC: Self = Self(chrono_tz::UTC);

    /// What the clock on the wall shows.
    #[must_use]
    pub fn time_of_day(self, at: DateTime<Utc>) -> TimeOfDay {
        TimeOfDay(at.with_timezone(&self.0).time())
    }

    /// The first moment of a day. Where clocks are put forward over midnight, that is later than midnight.
    #[must_use]
    pub fn start_of(self, day: Date) -> DateTime<Utc> {
        self.midnight(day.naive())
    }

    /// The first moment that a day does not have any more.
    #[must_use]
    pub fn end_of(self, day: Date) -> DateTime<Utc> {
        self.midnight(day.naive() + TimeDelta::days(1))
    }

    fn midnight(self, day: NaiveDate) -> DateTime<Utc> {
        let midnight = day.and_time(NaiveTime::MIN);
        let mut hours = (0..=24).map(|hours| midnight + TimeDelta::hours(hours));
        let first = hours.find_map(|local| self.0.from_local_datetime(&local).earliest());
        first.map_or_else(|| midnight.and_utc(), |at| at.with_timezone(&Utc))
    }

    /// When the clock on the wall shows a time of day next, after a moment. Where clocks are put forward over it, an hour later.
    #[must_use]
    pub fn next(self, time: TimeOfDay, after: DateTime<Utc>) -> DateTime<Utc> {
        let today = after.with_timezone(&self.0).date_naive();
        let days = today.iter_days().take(3).map(|day| day.and_time(time.0));
        let there = |local: NaiveDateTime| self.0.from_local_datetime(&local);
        let moments = days.flat_map(|local| match there(local) {
            // The hour that comes twice.
            MappedLocalTime::Ambiguous(first, second) => [Some(first), Some(second)],
            MappedLocalTime::Single(one) => [Some(one), None],
            // The hour that is left out.
            MappedLocalTime::None => [there(local + TimeDelta::hours(1)).earliest(), None],
        });
        let moments = moments.flatten().map(|at| at.with_timezone(&Utc));
        moments.into_iter().find(|at| *at > after).unwrap_or(after + TimeDelta::days(1))
    }
}

impl fmt::Display for TimeZone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.name())
    }
}

/// A time of day by the clock on the wall, to the minute: `22:30`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub struct TimeOfDay(chrono::NaiveTime);

/// A text that is no time of day.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a time of day from 00:00 to 23:59")]
pub struct InvalidTimeOfDay(String);

impl FromStr for TimeOfDay {
    type Err = InvalidTimeOfDay;

    fn from_str(text: &str) -> Result<Self, InvalidTimeOfDay> {
        let time = chrono::NaiveTime::parse_from_str(text, "%H:%M").ok().map(Self);
        // The parser also takes what nobody writes, such as a blank for a zero.
        time.filter(|time| time.to_string() == text).ok_or_else(|| InvalidTimeOfDay(text.into()))
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.format("%H:%M").fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_reads_a_dialect_reads_the_language() {
        let wider = |tag: &str| {
            let locale: Locale = tag.parse().unwrap();
            locale.with_wider().iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        assert_eq!(wider("de"), ["de"]);
        assert_eq!(wider("de-at"), ["de-AT", "de"]);
        assert_eq!(wider("zh-Hant-TW"), ["zh-Hant-TW", "zh-Hant", "zh"]);
        assert_eq!(wider("de-AT-u-co-phonebk"), ["de-AT-u-co-phonebk", "de-AT-u-co", "de-AT", "de"]);
    }

    #[test]
    fn countries_are_the_assigned_ones() {
        assert!(COUNTRIES.is_sorted());
        assert_eq!("IE".parse::<CountryCode>().unwrap().to_string(), "IE");
        for text in ["EIRE", "gb", "UK", "", "XX", " A"] {
            assert!(text.parse::<CountryCode>().is_err(), "{text}");
        }
    }

    #[test]
    fn days_begin_and_end_where_they_are() {
        for (zone, day, start, end) in [
            ("UTC", "2026-07-01", "2026-07-01T00:00:00Z", "2026-07-02T00:00:00Z"),
            ("Europe/Vienna", "2026-03-29", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"),
            ("Europe/Vienna", "2026-10-25", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z"),
            // Clocks were put forward at midnight, and put back to it.
            ("America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00Z", "2018-11-05T02:00:00Z"),
            ("America/Sao_Paulo", "2018-02-17", "2018-02-17T02:00:00Z", "2018-02-18T03:00:00Z"),
            // A day that was left out.
            ("Pacific/Apia", "2011-12-30", "2011-12-30T10:00:00Z", "2011-12-30T10:00:00Z"),
        ] {
            let (zone, day): (TimeZone, Date) = (zone.parse().unwrap(), day.parse().unwrap());
            assert_eq!(zone.start_of(day), start.parse::<DateTime<Utc>>().unwrap(), "{zone} {day}");
            assert_eq!(zone.end_of(day), end.parse::<DateTime<Utc>>().unwrap(), "{zone} {day}");
        }
    }

    #[test]
    fn clocks_on_the_wall_differ_and_are_put_forward_and_back() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let (vienna, seven) = ("Europe/Vienna".parse::<TimeZone>().unwrap(), "07:00".parse::<TimeOfDay>().unwrap());
        assert_eq!(vienna.time_of_day(at("2026-07-01T05:00:00Z")), seven);
        for (after, next) in [
            ("2026-07-01T04:59:00Z", "2026-07-01T05:00:00Z"),
            ("2026-07-01T05:00:00Z", "2026-07-02T05:00:00Z"),
            ("2026-12-01T23:30:00Z", "2026-12-02T06:00:00Z"),
        ] {
            assert_eq!(vienna.next(seven, at(after)), at(next), "{after}");
        }
        // In the night of the 29th of March 2026 there is no half past two, in that of the 25th of October there are two.
        let half_past_two = "02:30".parse::<TimeOfDay>().unwrap();
        assert_eq!(vienna.next(half_past_two, at("2026-03-29T00:00:00Z")), at("2026-03-29T01:30:00Z"));
        assert_eq!(vienna.next(half_past_two, at("2026-10-24T23:00:00Z")), at("2026-10-25T00:30:00Z"));
        assert_eq!(vienna.next(half_past_two, at("2026-10-25T01:10:00Z")), at("2026-10-25T01:30:00Z"));
    }

    #[test]
    fn time_zones_have_the_names_of_the_database() {
        assert_eq!("Europe/Vienna".parse::<TimeZone>().unwrap().to_string(), "Europe/Vienna");
        for text in ["", "Vienna", "europe/vienna", "+01:00"] {
            assert!(text.parse::<TimeZone>().is_err(), "{text}");
        }
    }

    #[test]
    fn times_of_day_have_two_digits_each() {
        assert_eq!("07:05".parse::<TimeOfDay>().unwrap().to_string(), "07:05");
        for text in ["", "7:05", "24:00", "23:60", "22:30:00", "+7:05", " 7:05"] {
            assert!(text.parse::<TimeOfDay>().is_err(), "{text}");
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
