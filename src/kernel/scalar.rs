//! How the small words of the kernel stand in SQL and in GraphQL: as text, checked on the way in.

use std::str::FromStr;

use async_graphql::{InputType, InputValueError, InputValueResult, Scalar, ScalarType, Value};

use super::{
    date::Date,
    money::{CurrencyCode, Decimal},
    place::{CountryCode, Locale, TimeOfDay, TimeZone},
};

/// Lets a type with `Display` and `FromStr` be a `text` column and a field of a JSON document.
///
/// A value in the database that does not parse is a fault, never a default.
#[macro_export]
macro_rules! text_column {
    ($($type:ty),+) => { $(
        impl diesel::deserialize::FromSql<diesel::sql_types::Text, diesel::pg::Pg> for $type {
            fn from_sql(bytes: diesel::pg::PgValue<'_>) -> diesel::deserialize::Result<Self> {
                Ok(std::str::from_utf8(bytes.as_bytes())?.parse()?)
            }
        }
        impl diesel::serialize::ToSql<diesel::sql_types::Text, diesel::pg::Pg> for $type {
            fn to_sql<'b>(&'b self, out: &mut diesel::serialize::Output<'b, '_, diesel::pg::Pg>) -> diesel::serialize::Result {
                use std::io::Write as _;
                write!(out, "{self}")?;
                Ok(diesel::serialize::IsNull::No)
            }
        }
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <String as serde::Deserialize>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    )+ };
}

/// An enum whose words are written the same in SQL, JSON and code: `SCREAMING_SNAKE`.
///
/// ```
/// agora::text_enum! {
///     /// How a lamp shines.
///     pub enum Light { On = "ON", Off = "OFF" }
/// }
/// assert_eq!(Light::On.to_string(), "ON");
/// assert_eq!("OFF".parse::<Light>().unwrap(), Light::Off);
/// assert!("off".parse::<Light>().is_err());
/// ```
#[macro_export]
macro_rules! text_enum {
    ($(#[$meta:meta])* $visibility:vis enum $name:ident { $($(#[$variant_meta:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, diesel::expression::AsExpression, diesel::deserialize::FromSqlRow)]
        #[diesel(sql_type = diesel::sql_types::Text)]
        $visibility enum $name { $($(#[$variant_meta])* $variant),+ }

        impl $name {
            /// The word as the database and the wire have it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
        impl std::str::FromStr for $name {
            type Err = $crate::kernel::scalar::UnknownWord;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text {
                    $($text => Ok(Self::$variant),)+
                    _ => Err($crate::kernel::scalar::UnknownWord(stringify!($name), text.into())),
                }
            }
        }
        $crate::text_column!($name);
    };
}

/// A word that is none of an enum's.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{1}` is no {0}")]
pub struct UnknownWord(pub &'static str, pub String);

fn from_text<T: InputType + FromStr<Err: std::fmt::Display>>(value: Value) -> InputValueResult<T> {
    match value {
        Value::String(text) => text.parse().map_err(InputValueError::custom),
        other => Err(InputValueError::expected_type(other)),
    }
}

/// A currency by its ISO 4217 code, such as `EUR`.
#[Scalar(specified_by_url = "https://www.iso.org/iso-4217-currency-codes.html")]
impl ScalarType for CurrencyCode {
    fn parse(value: Value) -> InputValueResult<Self> {
        from_text(value)
    }
    fn to_value(&self) -> Value {
        Value::String(self.to_string())
    }
}

/// A decimal number as a string, such as `"10.00"`: exact, never a binary fraction.
#[Scalar(specified_by_url = "https://www.rfc-editor.org/rfc/rfc8259#section-6")]
impl ScalarType for Decimal {
    fn parse(value: Value) -> InputValueResult<Self> {
        from_text(value)
    }
    fn to_value(&self) -> Value {
        Value::String(self.to_string())
    }
}

/// A country by its ISO 3166-1 alpha-2 code, such as `DE`.
#[Scalar(specified_by_url = "https://www.iso.org/iso-3166-country-codes.html")]
impl ScalarType for CountryCode {
    fn parse(value: Value) -> InputValueResult<Self> {
        from_text(value)
    }
    fn to_value(&self) -> Value {
        Value::String(self.to_string())
    }
}

/// A language tag by BCP 47, such as `de-AT`.
#[Scalar(specified_by_url = "https://www.rfc-editor.org/info/bcp47")]
impl ScalarType for Locale {
    fn parse(value: Value) -> InputValueResult<Self> {
        from_text(value)
    }
    fn to_value(&self) -> Value {
        Value::String(self.to_string())
    }
}

/// A time zone by its name in the IANA database, such as `Europe/Vienna`.
#[Scalar(specified_by_url = "https://www.iana.org/time-zones")]
impl ScalarType for TimeZone {
    fn parse(value: Value) -> InputValueResult<Self> {
        from_text(value)
    }
    fn to_value(&self) -> Value {
        Value::String(self.to_string())
    }
}

/// A day of the calendar, without a time, such as `2026-11-21`.
#[Scalar(specified_by_url = "https://www.rfc-editor.org/rfc/rfc3339#section-5.6")]
impl ScalarType for Date {
    fn parse(value: Value) -> InputValueResult<Self> {
        from_text(value)
    }
    fn to_value(&self) -> Value {
        Value::String(self.to_string())
    }
}

/// A time of day by the clock on the wall, from `00:00` to `23:59`.
#[Scalar(specified_by_url = "https://www.rfc-editor.org/rfc/rfc3339#section-5.6")]
impl ScalarType for TimeOfDay {
    fn parse(value: Value) -> InputValueResult<Self> {
        from_text(value)
    }
    fn to_value(&self) -> Value {
        Value::String(self.to_string())
    }
}

/// Any JSON value, as it is: an object, a list, a text, a number, true, false or null.
#[derive(Debug, Clone, PartialEq)]
pub struct Json(pub serde_json::Value);

/// Any JSON value, as it is: an object, a list, a text, a number, true, false or null.
#[Scalar(name = "JSON", specified_by_url = "https://www.rfc-editor.org/rfc/rfc8259")]
impl ScalarType for Json {
    fn parse(value: Value) -> InputValueResult<Self> {
        Ok(Self(value.into_json()?))
    }
    fn to_value(&self) -> Value {
        Value::from_json(self.0.clone()).unwrap_or_default()
    }
}

text_column!(CurrencyCode, CountryCode, Locale, TimeOfDay, TimeZone);
