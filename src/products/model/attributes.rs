//! Attributes: what can be said of products in a form that can be compared, and what is said of one.

use diesel::{Insertable, Queryable, Selectable};
use serde::{Deserialize, Serialize};

use super::Product;
use crate::{
    kernel::{
        date::Date,
        id::{Entity, Id},
        money::Decimal,
    },
    platform::jobs::JobBody,
    schema::{attribute_choices, attributes, product_attributes, product_kinds},
    text_enum,
};

/// Attributes of a product kind at the most.
pub const MAXIMUM_ATTRIBUTES: usize = 50;
/// Choices of an attribute at the most.
pub const MAXIMUM_CHOICES: usize = 200;
/// Decimals of a number.
pub const DECIMALS: u32 = 6;
/// A number is smaller than this, and larger than its negative.
pub const MAXIMUM_NUMBER: i64 = 1_000_000_000_000;

text_enum! {
    /// What the values of an attribute are. It never changes.
    #[derive(async_graphql::Enum)]
    pub enum AttributeKind {
        /// A text of one line. It is found by search, and cannot be filtered by.
        Text = "TEXT",
        /// A number, perhaps with a unit.
        Number = "NUMBER",
        /// One of a few choices.
        Choice = "CHOICE",
        /// Yes or no.
        Boolean = "BOOLEAN",
        /// A day.
        Date = "DATE",
    }
}

/// What can be said of products of some kind.
#[derive(Debug, Clone, Queryable, Selectable)]
pub struct Attribute {
    pub id: Id<Attribute>,
    pub handle: String,
    pub name: String,
    pub kind: AttributeKind,
    pub unit: Option<String>,
    pub is_filterable: bool,
    pub version: i32,
}

impl Entity for Attribute {
    const PREFIX: &'static str = "attribute";
}

/// What an attribute of the kind [`AttributeKind::Choice`] can be.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = attribute_choices)]
pub struct Choice {
    pub id: Id<Choice>,
    pub attribute_id: Id<Attribute>,
    pub name: String,
}

impl Entity for Choice {
    const PREFIX: &'static str = "choice";
}

/// What products are, as far as that says which attributes they have.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = product_kinds)]
pub struct ProductKind {
    pub id: Id<ProductKind>,
    pub handle: String,
    pub name: String,
    pub version: i32,
}

impl Entity for ProductKind {
    const PREFIX: &'static str = "productkind";
}

/// An attribute as a product kind has it.
#[derive(Debug, Clone)]
pub struct KindAttribute {
    pub attribute: Attribute,
    /// Whether a product for sale has a value for it.
    pub is_required: bool,
}

/// What names an attribute.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum AttributeBy {
    Id(Id<Attribute>),
    Handle(String),
}

/// What names a product kind.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ProductKindBy {
    Id(Id<ProductKind>),
    Handle(String),
}

/// A value of an attribute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum AttributeValue {
    Text(String),
    Number(Decimal),
    Choice(Id<Choice>),
    Boolean(bool),
    Date(Date),
}

impl AttributeValue {
    pub const fn is_of(&self, kind: AttributeKind) -> bool {
        matches!(
            (self, kind),
            (Self::Text(_), AttributeKind::Text)
                | (Self::Number(_), AttributeKind::Number)
                | (Self::Choice(_), AttributeKind::Choice)
                | (Self::Boolean(_), AttributeKind::Boolean)
                | (Self::Date(_), AttributeKind::Date)
        )
    }
}

/// What shall be said of a product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GivenAttribute {
    pub attribute: Id<Attribute>,
    pub value: AttributeValue,
}

/// What is said of a product, as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = product_attributes)]
pub struct StoredValue {
    pub product_id: Id<Product>,
    pub attribute_id: Id<Attribute>,
    pub text_value: Option<String>,
    pub number_value: Option<i64>,
    pub choice_id: Option<Id<Choice>>,
    pub boolean_value: Option<bool>,
    pub date_value: Option<Date>,
}

impl StoredValue {
    /// None if the number is out of range.
    pub fn of(product_id: Id<Product>, attribute_id: Id<Attribute>, value: &AttributeValue) -> Option<Self> {
        let (text_value, number_value, choice_id, boolean_value, date_value) = (None, None, None, None, None);
        let row = Self { product_id, attribute_id, text_value, number_value, choice_id, boolean_value, date_value };
        Some(match value {
            AttributeValue::Text(text) => Self { text_value: Some(text.clone()), ..row },
            AttributeValue::Number(number) => Self { number_value: Some(number.units(DECIMALS)?), ..row },
            AttributeValue::Choice(choice) => Self { choice_id: Some(*choice), ..row },
            AttributeValue::Boolean(is_true) => Self { boolean_value: Some(*is_true), ..row },
            AttributeValue::Date(date) => Self { date_value: Some(*date), ..row },
        })
    }

    /// None if it says nothing, which the table forbids.
    pub fn value(self) -> Option<AttributeValue> {
        let number = |units| AttributeValue::Number(Decimal::shortest(units, DECIMALS));
        self.text_value
            .map(AttributeValue::Text)
            .or(self.number_value.map(number))
            .or(self.choice_id.map(AttributeValue::Choice))
            .or(self.boolean_value.map(AttributeValue::Boolean))
            .or(self.date_value.map(AttributeValue::Date))
    }
}

/// What is said of a product, with the words for it.
#[derive(Debug, Clone)]
pub struct Said {
    pub attribute: Attribute,
    pub value: AttributeValue,
    /// What was chosen, if the value is a choice.
    pub choice: Option<Choice>,
}

impl Said {
    /// The text by which search finds it; empty if there is nothing to look for.
    pub fn text(&self) -> String {
        match (&self.value, &self.choice) {
            (AttributeValue::Text(text), _) => text.clone(),
            (AttributeValue::Number(number), _) => {
                format!("{number} {}", self.attribute.unit.as_deref().unwrap_or_default())
            }
            (AttributeValue::Choice(_), Some(choice)) => choice.name.clone(),
            (AttributeValue::Boolean(true), _) => self.attribute.name.clone(),
            (AttributeValue::Date(date), _) => date.to_string(),
            (AttributeValue::Boolean(false), _) | (AttributeValue::Choice(_), None) => String::new(),
        }
    }
}

/// Which products are to be brought in line with what their attributes are called now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Settled {
    All,
    OfKind(Id<ProductKind>),
    WithAttribute(Id<Attribute>),
}

/// Brings products in line, a batch at a time.
#[derive(Debug, Serialize, Deserialize)]
pub struct SettleProducts {
    pub whose: Settled,
    /// The last one that is in line.
    pub after: Option<Id<Product>>,
}

impl SettleProducts {
    pub const fn all() -> Self {
        Self { whose: Settled::All, after: None }
    }

    pub const fn of_kind(id: Id<ProductKind>) -> Self {
        Self { whose: Settled::OfKind(id), after: None }
    }

    pub const fn with_attribute(id: Id<Attribute>) -> Self {
        Self { whose: Settled::WithAttribute(id), after: None }
    }
}

impl JobBody for SettleProducts {
    const KIND: &'static str = "products.settle";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stored_is_what_was_said() {
        let (product, attribute) = (Id::from_uuid(uuid::Uuid::from_u128(1)), Id::from_uuid(uuid::Uuid::from_u128(2)));
        for value in [
            AttributeValue::Text("Linen".into()),
            AttributeValue::Number("-12.5".parse().unwrap()),
            AttributeValue::Choice(Id::from_uuid(uuid::Uuid::from_u128(3))),
            AttributeValue::Boolean(false),
            AttributeValue::Date("2026-11-21".parse().unwrap()),
        ] {
            let stored = StoredValue::of(product, attribute, &value).unwrap();
            assert_eq!(stored.value(), Some(value));
        }
        let precise = AttributeValue::Number("0.1234567".parse().unwrap());
        assert_eq!(StoredValue::of(product, attribute, &precise), None);
    }
}
