//! What texts and prices of products must be.

use crate::{
    kernel::{
        id::Id,
        money::{CurrencyCode, Money},
        text::{self, TextError},
    },
    platform::db::Conn,
    products::{
        error::ProductError,
        model::{AddVariant, Category, MAXIMUM_VARIANTS},
        queries,
    },
};

pub fn line(given: &str, maximum: usize, field: &str) -> Result<String, ProductError> {
    text::line(given, maximum).map_err(|error| ProductError::Text { field: field.into(), error })
}

pub fn title(given: &str) -> Result<String, ProductError> {
    line(given, 200, "title")
}

/// A description may be empty.
pub fn description(given: &str) -> Result<String, ProductError> {
    match text::paragraph(given, 10_000) {
        Err(TextError::Blank) => Ok(String::new()),
        checked => checked.map_err(|error| ProductError::Text { field: "description".into(), error }),
    }
}

pub fn sku(given: &str, field: &str) -> Result<String, ProductError> {
    line(given, 64, field)
}

/// A variant's title may be empty.
pub fn variant_title(given: &str, field: &str) -> Result<String, ProductError> {
    match text::line(given, 100) {
        Err(TextError::Blank) => Ok(String::new()),
        checked => checked.map_err(|error| ProductError::Text { field: field.into(), error }),
    }
}

/// A category's name.
pub fn category_name(given: &str) -> Result<String, ProductError> {
    line(given, 100, "category")
}

/// The minor units of a price in its shop's currency.
pub fn price(given: Money, currency: CurrencyCode, field: &str) -> Result<i64, ProductError> {
    if given.currency != currency {
        return Err(ProductError::CurrencyMismatch { field: field.into() });
    }
    if given.minor < 0 {
        return Err(ProductError::PriceOutOfRange { field: field.into() });
    }
    Ok(given.minor)
}

pub fn category(conn: &mut Conn, id: Id<Category>) -> Result<(), ProductError> {
    if queries::category_exists(conn, id)? { Ok(()) } else { Err(ProductError::not_found("categoryId")) }
}

/// A variant whose texts and price are in order. Without a SKU of its own it gets one when it is made.
pub struct CheckedVariant {
    pub sku: Option<String>,
    pub title: String,
    pub price: i64,
}

/// `path` is where the variant stands in the input, with a dot at its end unless it is empty.
pub fn variant(given: &AddVariant, currency: CurrencyCode, path: &str) -> Result<CheckedVariant, ProductError> {
    Ok(CheckedVariant {
        sku: given.sku.as_deref().map(|given| sku(given, &format!("{path}sku"))).transpose()?,
        title: variant_title(given.title.as_deref().unwrap_or_default(), &format!("{path}title"))?,
        price: price(given.price, currency, &format!("{path}price"))?,
    })
}

/// Refuses lists that are empty, too long, or that name a SKU twice.
pub fn variants(given: &[AddVariant], currency: CurrencyCode) -> Result<Vec<CheckedVariant>, ProductError> {
    if given.is_empty() {
        return Err(ProductError::Missing { field: "variants".into() });
    }
    if given.len() > MAXIMUM_VARIANTS {
        return Err(ProductError::TooManyVariants { field: "variants".into() });
    }
    let checked = given
        .iter()
        .enumerate()
        .map(|(index, given)| variant(given, currency, &format!("variants.{index}.")))
        .collect::<Result<Vec<_>, _>>()?;
    let mut seen = std::collections::HashSet::new();
    let twice = checked.iter().position(|variant| variant.sku.as_ref().is_some_and(|sku| !seen.insert(sku)));
    match twice {
        Some(index) => Err(ProductError::SkuTaken { field: format!("variants.{index}.sku") }),
        None => Ok(checked),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(sku: Option<&str>, minor: i64) -> AddVariant {
        let price = Money::new(minor, CurrencyCode::GBP);
        AddVariant { sku: sku.map(Into::into), title: None, price }
    }

    fn refusal(given: &[AddVariant]) -> String {
        variants(given, CurrencyCode::GBP).map(|_| ()).unwrap_err().to_string()
    }

    #[test]
    fn a_refusal_names_the_variant() {
        assert_eq!(refusal(&[given(None, 1), given(None, -1)]), "variants.1.price: below zero");
        let same = [given(Some("A"), 1), given(None, 1), given(Some(" A "), 1)];
        assert_eq!(refusal(&same), "variants.2.sku: the shop has this SKU already");
        assert_eq!(refusal(&[given(Some(" "), 1)]), "variants.0.sku: a text is missing");
        assert_eq!(refusal(&[]), "variants: missing");
        assert!(matches!(
            variants(&[given(None, 1)], "EUR".parse().unwrap()).map(|_| ()),
            Err(ProductError::CurrencyMismatch { field }) if field == "variants.0.price"
        ));
    }

    #[test]
    fn a_product_has_up_to_a_hundred_variants() {
        let given = |count| (0..count).map(|_| given(None, 0)).collect::<Vec<_>>();
        assert_eq!(variants(&given(100), CurrencyCode::GBP).unwrap().len(), 100);
        assert!(matches!(variants(&given(101), CurrencyCode::GBP), Err(ProductError::TooManyVariants { .. })));
    }
}
