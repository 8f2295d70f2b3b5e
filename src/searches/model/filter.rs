//! The filter of a saved search: the input `ProductFilter` of the API, read without the API.

use std::str::FromStr;

use serde::{Deserialize, Deserializer, de::Error as _};
use serde_json::Value;

use crate::{
    kernel::{
        date::Date,
        id::Id,
        money::{CurrencyCode, Decimal, Money},
        place::Locale,
    },
    products::model::{
        AttributeFilter, Audience, Category, PriceBounds, ProductFilter, Wanted,
        attributes::{Attribute, Choice, DECIMALS},
        rating::MAXIMUM_STARS,
        search::Search,
    },
    shops::model::Shop,
};

/// A text that stands for something else.
struct Text<T>(T);

impl<'de, T: FromStr<Err: std::fmt::Display>> Deserialize<'de> for Text<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map(Self).map_err(D::Error::custom)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Filter {
    query: Option<String>,
    category_id: Option<Id<Category>>,
    shop_id: Option<Id<Shop>>,
    price: Option<Prices>,
    #[serde(default)]
    tags: Vec<String>,
    #[serde(default)]
    attributes: Vec<OfAttribute>,
    is_available: Option<bool>,
    minimum_rating: Option<i32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Prices {
    currency: Option<CurrencyCode>,
    min: Option<Amount>,
    max: Option<Amount>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Amount {
    amount: Text<Decimal>,
    currency: CurrencyCode,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct OfAttribute {
    attribute_id: Id<Attribute>,
    value: Values,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
enum Values {
    ChoiceIds(Vec<Id<Choice>>),
    Number(Bounds<Decimal>),
    IsTrue(bool),
    Date(Bounds<Date>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, bound = "T: FromStr, T::Err: std::fmt::Display")]
struct Bounds<T> {
    min: Option<Text<T>>,
    max: Option<Text<T>>,
}

/// What a stored filter finds for who reads this language; none if it is not understood.
pub fn saved_filter(stored: &Value, locale: Option<Locale>) -> Option<ProductFilter> {
    let filter = Filter::deserialize(stored).ok()?;
    let price = match filter.price {
        Some(prices) => prices.bounds()?,
        None => None,
    };
    Some(ProductFilter {
        audience: Audience::Public,
        search: filter.query.as_deref().and_then(|query| Search::parse(query, locale)),
        category: filter.category_id,
        shop: filter.shop_id,
        price,
        tags: filter.tags.iter().map(|tag| tag.trim().to_lowercase()).collect(),
        attributes: filter.attributes.into_iter().map(OfAttribute::filter).collect::<Option<_>>()?,
        is_available: filter.is_available,
        minimum_rating: match filter.minimum_rating {
            Some(stars) if !(1..=MAXIMUM_STARS).contains(&stars) => return None,
            stars => stars,
        },
    })
}

/// A filter without what is null, which is what is absent.
#[must_use]
pub fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let fields = fields.into_iter().filter(|(_, value)| !value.is_null());
            Value::Object(fields.map(|(name, value)| (name, without_nulls(value))).collect())
        }
        Value::Array(values) => Value::Array(values.into_iter().map(without_nulls).collect()),
        other => other,
    }
}

impl Prices {
    /// Without a currency nothing is narrowed.
    #[allow(clippy::option_option, reason = "the outer one is none where it is not understood")]
    fn bounds(self) -> Option<Option<PriceBounds>> {
        let named =
            self.currency.or_else(|| [&self.min, &self.max].into_iter().flatten().map(|bound| bound.currency).next());
        let Some(currency) = named else { return Some(None) };
        let minor = |bound: Option<Amount>| match bound {
            Some(bound) if bound.currency != currency => None,
            Some(bound) => Money::from_decimal(bound.amount.0, currency).ok().map(|money| Some(money.minor)),
            None => Some(None),
        };
        Some(Some(PriceBounds { currency, min: minor(self.min)?, max: minor(self.max)? }))
    }
}

impl OfAttribute {
    fn filter(self) -> Option<AttributeFilter> {
        let units = |bound: Option<Text<Decimal>>| match bound {
            Some(Text(number)) => number.units(DECIMALS).map(Some),
            None => Some(None),
        };
        let day = |bound: Option<Text<Date>>| bound.map(|Text(day)| day);
        let wanted = match self.value {
            Values::ChoiceIds(choices) => Wanted::Choices(choices),
            Values::IsTrue(is_true) => Wanted::Boolean(is_true),
            Values::Date(Bounds { min, max }) => Wanted::Dates { min: day(min), max: day(max) },
            Values::Number(Bounds { min, max }) => Wanted::Numbers { min: units(min)?, max: units(max)? },
        };
        Some(AttributeFilter { attribute: self.attribute_id, wanted })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_filter_is_read_as_the_api_has_it() {
        let attribute: Id<Attribute> = Id::from_uuid(Uuid::from_u128(1));
        let choice: Id<Choice> = Id::from_uuid(Uuid::from_u128(2));
        let stored = json!({
            "query": "red lamp",
            "price": {"min": {"amount": "1.5", "currency": "GBP"}, "max": {"amount": "20", "currency": "GBP"}},
            "tags": [" Sale "],
            "attributes": [
                {"attributeId": attribute, "value": {"choiceIds": [choice]}},
                {"attributeId": attribute, "value": {"number": {"min": "1.25"}}},
                {"attributeId": attribute, "value": {"isTrue": true}},
                {"attributeId": attribute, "value": {"date": {"max": "2026-11-20"}}},
            ],
            "isAvailable": true,
            "minimumRating": 4,
        });
        let filter = saved_filter(&stored, None).unwrap();
        assert_eq!(filter.search, Search::parse("red lamp", None));
        assert_eq!(filter.price, Some(PriceBounds { currency: CurrencyCode::GBP, min: Some(150), max: Some(2_000) }));
        assert_eq!(
            (filter.tags, filter.is_available, filter.minimum_rating),
            (vec!["sale".to_owned()], Some(true), Some(4))
        );
        let wanted: Vec<_> = filter.attributes.into_iter().map(|one| one.wanted).collect();
        let day = "2026-11-20".parse().unwrap();
        assert_eq!(
            wanted,
            [
                Wanted::Choices(vec![choice]),
                Wanted::Numbers { min: Some(1_250_000), max: None },
                Wanted::Boolean(true),
                Wanted::Dates { min: None, max: Some(day) },
            ]
        );
        assert_eq!(saved_filter(&json!({"price": {}}), None), Some(ProductFilter::all()));
    }

    #[test]
    fn what_is_not_understood_is_no_filter() {
        for stored in [
            json!({"colour": "red"}),
            json!({"categoryId": "shop_00000000000000000000000000"}),
            json!({"price": {"currency": "EUR", "min": {"amount": "1", "currency": "GBP"}}}),
            json!({"price": {"min": {"amount": "1.555", "currency": "GBP"}}}),
            json!({"minimumRating": 6}),
            json!({"attributes": [{"attributeId": "attribute_00000000000000000000000000", "value": {"colour": "red"}}]}),
            json!([]),
        ] {
            assert_eq!(saved_filter(&stored, None), None, "{stored}");
        }
    }

    #[test]
    fn null_is_absent() {
        let value = json!({"query": null, "tags": ["a"], "price": {"min": null, "currency": "GBP"}});
        assert_eq!(without_nulls(value), json!({"tags": ["a"], "price": {"currency": "GBP"}}));
    }
}
