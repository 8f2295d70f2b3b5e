//! How many products of a list say what.

use std::iter;

use uuid::Uuid;

use super::{
    Category, Wanted,
    attributes::{Attribute, Choice, ProductKind, StoredValue},
};
use crate::{
    kernel::{date::Date, id::Id, money::CurrencyCode},
    shops::model::Shop,
};

/// What can be counted of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FacetKind {
    Categories,
    Shops,
    Tags,
    Prices,
    Availability,
    Ratings,
    Attributes,
}

/// Products of a list that are looked at, at the most.
pub const MAXIMUM_COUNTED: usize = 10_000;

/// How many products of a list say what, the frequent first, as far as it was asked for. What the list is narrowed by in one way does not narrow the counts
/// of that way, as long as one of several is wanted there: so they say what else could be chosen.
#[derive(Debug, Clone, Default)]
pub struct Facets {
    pub total: i64,
    /// Whether all products were looked at for what was asked.
    pub is_exact: bool,
    /// The top of the tree, and what is right below the chosen category and each one above it; each with all below it.
    pub categories: Vec<(Id<Category>, i64)>,
    pub shops: Vec<(Id<Shop>, i64)>,
    pub tags: Vec<(String, i64)>,
    pub prices: Vec<PriceFacet>,
    /// Of how many a variant can be ordered, and of how many none.
    pub availability: Vec<(bool, i64)>,
    /// How many have so many stars at the least, from four down to one.
    pub ratings: Vec<(i32, i64)>,
    pub attributes: Vec<AttributeFacet>,
}

/// The lowest prices of products in one currency, in minor units.
#[derive(Debug, Clone, Copy)]
pub struct PriceFacet {
    pub currency: CurrencyCode,
    pub min: i64,
    pub max: i64,
    pub count: i64,
}

/// What products say by an attribute.
#[derive(Debug, Clone)]
pub struct AttributeFacet {
    pub attribute: Id<Attribute>,
    pub count: i64,
    pub choices: Vec<(Id<Choice>, i64)>,
    pub booleans: Vec<(bool, i64)>,
    /// In millionths.
    pub numbers: Option<(i64, i64)>,
    pub dates: Option<(Date, Date)>,
}

/// What is counted of a product.
#[derive(Debug, Clone, diesel::Queryable)]
pub struct Counted {
    pub category: Option<Id<Category>>,
    pub shop: Id<Shop>,
    pub kind: Option<Id<ProductKind>>,
    /// The average in tenths of a star; 0 if nobody has rated it.
    pub rating: i32,
    pub tags: Vec<String>,
    pub is_available: bool,
    /// Of its shop.
    pub currency: CurrencyCode,
    /// The lowest, in minor units of that currency.
    pub price: i64,
    other_prices: Vec<u8>,
    said: Vec<u8>,
}

/// Bytes of a price in another currency: its code, and the amount.
const CODE: usize = 3;
const PRICE: usize = CODE + 8;

impl Counted {
    /// Its lowest price in each currency in which it has prices, in minor units.
    pub fn prices(&self) -> impl Iterator<Item = (CurrencyCode, i64)> {
        let (others, _) = self.other_prices.as_chunks::<PRICE>();
        let other = |price: &[u8; PRICE]| {
            let (code, amount) = price.split_first_chunk::<CODE>()?;
            let currency = str::from_utf8(code).ok()?.parse::<CurrencyCode>().ok()?;
            Some((currency, i64::from_be_bytes(amount.try_into().ok()?)))
        };
        iter::once((self.currency, self.price)).chain(others.iter().filter_map(other))
    }

    /// What it says by attributes, be it that its kind has them or not; of texts nothing.
    pub fn said(&self) -> impl Iterator<Item = (Id<Attribute>, Value)> {
        let mut rest = self.said.as_slice();
        iter::from_fn(move || {
            let (attribute, value) = rest.split_first_chunk()?;
            let (value, next) = Value::unpacked(value)?;
            rest = next;
            Some((Id::from_uuid(Uuid::from_bytes(*attribute)), value))
        })
    }
}

/// What a product says by an attribute that lists can be filtered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Value {
    Choice(Id<Choice>),
    Boolean(bool),
    /// In millionths.
    Number(i64),
    Date(Date),
}

/// The byte before a value in a product's row.
const CHOICE: u8 = 1;
const BOOLEAN: u8 = 2;
const NUMBER: u8 = 3;
const DATE: u8 = 4;

impl Value {
    /// Whether it is one of those that are wanted.
    pub fn is_wanted(self, wanted: &Wanted) -> bool {
        match (self, wanted) {
            (Self::Choice(choice), Wanted::Choices(choices)) => choices.contains(&choice),
            (Self::Boolean(is_true), Wanted::Boolean(wanted)) => is_true == *wanted,
            (Self::Number(number), Wanted::Numbers { min, max }) => is_between(number, *min, *max),
            (Self::Date(date), Wanted::Dates { min, max }) => is_between(date, *min, *max),
            _ => false,
        }
    }

    /// What stands at the beginning, and what comes after it; none if it is not of a kind that is known here.
    fn unpacked(bytes: &[u8]) -> Option<(Self, &[u8])> {
        let (kind, bytes) = bytes.split_first()?;
        Some(match *kind {
            CHOICE => {
                let (id, rest) = bytes.split_first_chunk()?;
                (Self::Choice(Id::from_uuid(Uuid::from_bytes(*id))), rest)
            }
            BOOLEAN => {
                let (is_true, rest) = bytes.split_first()?;
                (Self::Boolean(*is_true != 0), rest)
            }
            NUMBER => {
                let (number, rest) = bytes.split_first_chunk()?;
                (Self::Number(i64::from_be_bytes(*number)), rest)
            }
            DATE => {
                let (days, rest) = bytes.split_first_chunk()?;
                (Self::Date(Date::from_days(i32::from_be_bytes(*days))?), rest)
            }
            _ => return None,
        })
    }
}

/// Whether a value lies in bounds, both inclusive.
pub fn is_between<T: PartialOrd + Copy>(value: T, min: Option<T>, max: Option<T>) -> bool {
    min.is_none_or(|min| value >= min) && max.is_none_or(|max| value <= max)
}

/// What a product says, as its row has it: byte for byte what `product_said` makes of it in the database, so that it is not written twice.
pub fn packed<'a>(values: impl IntoIterator<Item = &'a StoredValue>) -> Vec<u8> {
    let mut values: Vec<_> = values.into_iter().collect();
    values.sort_unstable_by_key(|value| value.attribute_id);
    let mut bytes = Vec::new();
    for StoredValue { attribute_id, choice_id, boolean_value, number_value, date_value, .. } in values {
        let value = choice_id
            .map(|choice| (CHOICE, choice.uuid().as_bytes().to_vec()))
            .or(boolean_value.map(|is_true| (BOOLEAN, vec![u8::from(is_true)])))
            .or(number_value.map(|number| (NUMBER, number.to_be_bytes().to_vec())))
            .or(date_value.map(|date| (DATE, date.days().to_be_bytes().to_vec())));
        if let Some((kind, value)) = value {
            bytes.extend(attribute_id.uuid().as_bytes());
            bytes.push(kind);
            bytes.extend(value);
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::products::model::attributes::AttributeValue;

    #[test]
    fn what_is_packed_is_what_is_said() {
        let id = |number| Uuid::from_u128(number);
        let choice = Id::from_uuid(id(9));
        let said = [
            (4, AttributeValue::Date("1999-12-31".parse().unwrap())),
            (1, AttributeValue::Choice(choice)),
            (5, AttributeValue::Text("Linen".into())),
            (2, AttributeValue::Boolean(true)),
            (3, AttributeValue::Number("-12.5".parse().unwrap())),
        ];
        let stored = said.map(|(attribute, value)| {
            StoredValue::of(Id::from_uuid(id(7)), Id::from_uuid(id(attribute)), &value).unwrap()
        });
        let mut counted = Counted {
            category: None,
            shop: Id::from_uuid(id(6)),
            kind: None,
            rating: 0,
            tags: Vec::new(),
            is_available: true,
            currency: CurrencyCode::GBP,
            price: 100,
            other_prices: [&b"EUR"[..], &120_i64.to_be_bytes()[..], &b"??"[..]].concat(),
            said: packed(&stored),
        };
        let expected = [
            (1, Value::Choice(choice)),
            (2, Value::Boolean(true)),
            (3, Value::Number(-12_500_000)),
            (4, Value::Date("1999-12-31".parse().unwrap())),
        ];
        let expected: Vec<(Id<Attribute>, Value)> =
            expected.map(|(number, value)| (Id::from_uuid(id(number)), value)).into();
        assert_eq!(counted.said().collect::<Vec<_>>(), expected);
        let prices: Vec<_> = counted.prices().collect();
        assert_eq!(prices, [(CurrencyCode::GBP, 100), ("EUR".parse::<CurrencyCode>().unwrap(), 120)]);
        counted.said.truncate(40);
        assert_eq!(counted.said().collect::<Vec<_>>(), expected.get(..1).unwrap_or_default());
    }
}
