//! Typed ids: a readable prefix and a `UUIDv7`, written as a [TypeID](https://github.com/jetify-com/typeid) (v0.3.0).

use std::{array, borrow::Cow, fmt, hash::Hash, marker::PhantomData, str::FromStr};

use async_graphql::{
    ContextSelectionSet, ID, InputType, InputValueError, InputValueResult, OutputType, Positioned, ServerResult, Value,
    parser::types::Field, registry::Registry,
};
use diesel::{
    deserialize::{self, FromSql, FromSqlRow},
    expression::AsExpression,
    pg::{Pg, PgValue},
    serialize::{self, Output, ToSql},
    sql_types,
};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use uuid::Uuid;

/// Something that has ids of its own. No two entities share a prefix.
pub trait Entity: 'static {
    /// Lower-case letters and `_`, as the id begins.
    const PREFIX: &'static str;
}

/// The id of an `E`: `product_01jd3k…` on the wire, a UUID in the database.
///
/// An id is never a permission.
#[derive(AsExpression, FromSqlRow)]
#[diesel(sql_type = sql_types::Uuid)]
pub struct Id<E: Entity> {
    uuid: Uuid,
    entity: PhantomData<fn() -> E>,
}

/// Why a text is not an id of the wanted entity.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// The prefix is missing or another entity's.
    #[error("expected an id that begins with `{expected}_`")]
    Prefix { expected: &'static str },
    /// What follows the prefix is not 26 digits of base32, or is above 128 bits.
    #[error("an id ends in 26 characters of base32, not in `{0}`")]
    Suffix(String),
}

impl<E: Entity> Id<E> {
    /// The id around a raw UUID that is known to name an `E`.
    #[must_use]
    pub const fn from_uuid(uuid: Uuid) -> Self {
        Self { uuid, entity: PhantomData }
    }

    /// The UUID as the database has it.
    #[must_use]
    pub const fn uuid(self) -> Uuid {
        self.uuid
    }
}

impl<E: Entity> fmt::Display for Id<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(E::PREFIX)?;
        f.write_str("_")?;
        f.write_str(str::from_utf8(&base32(self.uuid)).map_err(|_| fmt::Error)?)
    }
}

impl<E: Entity> FromStr for Id<E> {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        match split(text) {
            Some((prefix, suffix)) if prefix == E::PREFIX => {
                parse_base32(suffix).map(Self::from_uuid).ok_or_else(|| IdError::Suffix(suffix.into()))
            }
            _ => Err(IdError::Prefix { expected: E::PREFIX }),
        }
    }
}

/// The prefix and the suffix of a `TypeID`, unchecked.
#[must_use]
pub fn split(text: &str) -> Option<(&str, &str)> {
    text.rsplit_once('_')
}

/// A text with the ids in it as clients know them: a word that is a prefix and a plain UUID, as SQL has it, becomes a `TypeID`.
#[must_use]
pub fn typed(text: &str) -> String {
    let word = |word: &str| match split(word).map(|(prefix, suffix)| (prefix, Uuid::parse_str(suffix))) {
        Some((prefix, Ok(uuid))) => format!("{prefix}_{}", base32(uuid).map(char::from).iter().collect::<String>()),
        _ => word.to_owned(),
    };
    text.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

const DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

fn base32(uuid: Uuid) -> [u8; 26] {
    let bits = uuid.as_u128();
    array::from_fn(|place| {
        let digit = usize::try_from((bits >> ((25 - place) * 5)) & 31).ok().and_then(|digit| DIGITS.get(digit));
        digit.copied().unwrap_or_default()
    })
}

fn parse_base32(text: &str) -> Option<Uuid> {
    // 26 digits hold 130 bits: the first one may only be 0 to 7.
    if text.len() != 26 || !text.starts_with(|first: char| ('0'..='7').contains(&first)) {
        return None;
    }
    text.bytes()
        .try_fold(0_u128, |bits, byte| {
            let digit = DIGITS.iter().position(|&known| known == byte)?;
            Some((bits << 5) | u128::try_from(digit).ok()?)
        })
        .map(Uuid::from_u128)
}

impl<E: Entity> Clone for Id<E> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<E: Entity> Copy for Id<E> {}
impl<E: Entity> PartialEq for Id<E> {
    fn eq(&self, other: &Self) -> bool {
        self.uuid == other.uuid
    }
}
impl<E: Entity> Eq for Id<E> {}
impl<E: Entity> PartialOrd for Id<E> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<E: Entity> Ord for Id<E> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.uuid.cmp(&other.uuid)
    }
}
impl<E: Entity> Hash for Id<E> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.uuid.hash(state);
    }
}
impl<E: Entity> fmt::Debug for Id<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<E: Entity> Serialize for Id<E> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de, E: Entity> Deserialize<'de> for Id<E> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Cow::<str>::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

impl<E: Entity> FromSql<sql_types::Uuid, Pg> for Id<E> {
    fn from_sql(bytes: PgValue<'_>) -> deserialize::Result<Self> {
        FromSql::<sql_types::Uuid, Pg>::from_sql(bytes).map(Self::from_uuid)
    }
}

impl<E: Entity> ToSql<sql_types::Uuid, Pg> for Id<E> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        ToSql::<sql_types::Uuid, Pg>::to_sql(&self.uuid, out)
    }
}

impl<E: Entity> InputType for Id<E> {
    type RawValueType = Self;

    fn type_name() -> Cow<'static, str> {
        <ID as InputType>::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        <ID as InputType>::create_type_info(registry)
    }

    fn parse(value: Option<Value>) -> InputValueResult<Self> {
        match value {
            Some(Value::String(text)) => text.parse().map_err(InputValueError::custom),
            other => Err(InputValueError::expected_type(other.unwrap_or_default())),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.to_string())
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }
}

impl<E: Entity> OutputType for Id<E> {
    fn type_name() -> Cow<'static, str> {
        <ID as OutputType>::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        <ID as OutputType>::create_type_info(registry)
    }

    async fn resolve(&self, _: &ContextSelectionSet<'_>, _: &Positioned<Field>) -> ServerResult<Value> {
        Ok(Value::String(self.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    struct Thing;
    impl Entity for Thing {
        const PREFIX: &'static str = "prefix";
    }

    #[test]
    fn plain_ids_in_a_text_become_typed_ones() {
        let plain =
            "prefix_01890a5d-ac96-774b-bcce-b302099a8057 at no_uuid or other_00000000-0000-0000-0000-000000000000";
        let expected = "prefix_01h455vb4pex5vsknk084sn02q at no_uuid or other_00000000000000000000000000";
        assert_eq!((typed(plain).as_str(), typed(expected).as_str()), (expected, expected));
    }

    /// Vectors of the `TypeID` specification, `spec/valid.yml`.
    #[test]
    fn writes_what_the_specification_writes() {
        for (suffix, uuid) in [
            ("00000000000000000000000000", "00000000-0000-0000-0000-000000000000"),
            ("0123456789abcdefghjkmnpqrs", "0110c853-1d09-52d8-d73e-1194e95b5f19"),
            ("01h455vb4pex5vsknk084sn02q", "01890a5d-ac96-774b-bcce-b302099a8057"),
            ("7zzzzzzzzzzzzzzzzzzzzzzzzz", "ffffffff-ffff-ffff-ffff-ffffffffffff"),
        ] {
            let id = Id::<Thing>::from_uuid(uuid.parse().unwrap());
            assert_eq!(id.to_string(), format!("prefix_{suffix}"));
            assert_eq!(id.to_string().parse(), Ok(id));
        }
    }

    #[test]
    fn refuses_what_the_specification_refuses() {
        for text in ["", "prefix", "other_01h455vb4pex5vsknk084sn02q", "PREFIX_01h455vb4pex5vsknk084sn02q"] {
            assert_eq!(text.parse::<Id<Thing>>(), Err(IdError::Prefix { expected: "prefix" }), "{text}");
        }
        for suffix in [
            "8zzzzzzzzzzzzzzzzzzzzzzzzz",
            "01H455VB4PEX5VSKNK084SN02Q",
            "0123456789abcdefghjkmnpqru",
            "",
            "ü1h455vb4pex5vsknk084sn02q",
        ] {
            assert_eq!(format!("prefix_{suffix}").parse::<Id<Thing>>(), Err(IdError::Suffix(suffix.into())));
        }
    }

    proptest! {
        #[test]
        fn every_id_survives_the_wire(bits: u128) {
            let id = Id::<Thing>::from_uuid(Uuid::from_u128(bits));
            prop_assert_eq!(id.to_string().parse(), Ok(id));
        }
    }
}
