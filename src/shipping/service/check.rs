//! What shops may say of how they send.

use std::collections::HashSet;

use crate::{
    kernel::{
        money::Money,
        place::CountryCode,
        text::{self, TextError},
    },
    products::model::MAXIMUM_PRICE,
    shipping::{
        error::ShippingError,
        model::{GivenRate, MAXIMUM_COUNTRIES, MAXIMUM_DAYS, MAXIMUM_RATES, MAXIMUM_WEIGHT_GRAMS, Rate},
        queries::methods::MethodColumns,
    },
};

/// The name of a zone or a method.
pub fn name(given: &str) -> Result<String, ShippingError> {
    text::line(given, 80).map_err(|error| ShippingError::Text { field: "name".into(), error })
}

/// A method's description may be empty: then it has none.
pub fn description(given: &str) -> Result<Option<String>, ShippingError> {
    match text::paragraph(given, 300) {
        Err(TextError::Blank) => Ok(None),
        checked => checked.map(Some).map_err(|error| ShippingError::Text { field: "description".into(), error }),
    }
}

/// No more countries than there may be, each once.
pub fn countries(given: &[CountryCode]) -> Result<(), ShippingError> {
    if given.len() > MAXIMUM_COUNTRIES {
        return Err(ShippingError::TooMany { field: "countries".into() });
    }
    let mut seen = HashSet::new();
    match given.iter().position(|country| !seen.insert(country)) {
        Some(place) => Err(ShippingError::Taken { field: format!("countries.{place}") }),
        None => Ok(()),
    }
}

/// The bounds of a method. `given` says whether the maximum of the weight, and that of the days, is what somebody just gave: then it
/// is that which is below its minimum.
pub fn bounds(columns: &MethodColumns<'_>, given: [bool; 2]) -> Result<(), ShippingError> {
    let [is_weight_given, are_days_given] = given;
    let weight = [columns.minimum_weight_grams, columns.maximum_weight_grams];
    bounded(weight, MAXIMUM_WEIGHT_GRAMS, ["minimumWeightGrams", "maximumWeightGrams"], is_weight_given)?;
    let days = [columns.days_from, columns.days_until];
    bounded(days, MAXIMUM_DAYS, ["minimumDeliveryDays", "maximumDeliveryDays"], are_days_given)
}

fn bounded(
    [minimum, maximum]: [Option<i32>; 2],
    most: i32,
    [at_minimum, at_maximum]: [&str; 2],
    is_maximum_given: bool,
) -> Result<(), ShippingError> {
    let is_out = |bound: Option<i32>| bound.is_some_and(|bound| !(0..=most).contains(&bound));
    let is_crossed = minimum.zip(maximum).is_some_and(|(minimum, maximum)| maximum < minimum);
    let field = if is_out(minimum) {
        at_minimum
    } else if is_out(maximum) {
        at_maximum
    } else if is_crossed {
        if is_maximum_given { at_maximum } else { at_minimum }
    } else {
        return Ok(());
    };
    Err(ShippingError::OutOfRange { field: field.into() })
}

/// The rates of a method, one for each currency.
pub fn rates(given: &[GivenRate]) -> Result<Vec<Rate>, ShippingError> {
    if given.len() > MAXIMUM_RATES {
        return Err(ShippingError::TooMany { field: "rates".into() });
    }
    let mut seen = HashSet::new();
    let mut rates = Vec::with_capacity(given.len());
    for (place, given) in given.iter().enumerate() {
        let at = |field: &str| format!("rates.{place}.{field}");
        let currency = given.price.currency;
        if !seen.insert(currency) {
            return Err(ShippingError::Taken { field: at("price.currency") });
        }
        let amount = |given: Money, field: &str| {
            if given.currency != currency {
                return Err(ShippingError::CurrencyMismatch { field: at(field) });
            }
            if !(0..=MAXIMUM_PRICE).contains(&given.minor) {
                return Err(ShippingError::OutOfRange { field: at(field) });
            }
            Ok(given.minor)
        };
        let optional = |given: Option<Money>, field: &str| given.map(|given| amount(given, field)).transpose();
        let minimum_subtotal = optional(given.minimum_subtotal, "minimumSubtotal")?;
        let maximum_subtotal = optional(given.maximum_subtotal, "maximumSubtotal")?;
        // The maximum itself does not count any more.
        if maximum_subtotal.is_some_and(|maximum| maximum <= minimum_subtotal.unwrap_or_default()) {
            return Err(ShippingError::OutOfRange { field: at("maximumSubtotal") });
        }
        let (price, free_from) = (amount(given.price, "price")?, optional(given.free_from, "freeFrom")?);
        rates.push(Rate { currency, price, minimum_subtotal, maximum_subtotal, free_from });
    }
    Ok(rates)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::money::CurrencyCode;

    fn pence(minor: i64) -> Money {
        Money::new(minor, CurrencyCode::GBP)
    }

    fn given(minimum: Option<i64>, maximum: Option<i64>) -> GivenRate {
        let (minimum_subtotal, maximum_subtotal) = (minimum.map(pence), maximum.map(pence));
        GivenRate { price: pence(300), minimum_subtotal, maximum_subtotal, free_from: Some(pence(0)) }
    }

    fn field(result: Result<Vec<Rate>, ShippingError>) -> String {
        match result {
            Err(ShippingError::OutOfRange { field }) => field,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_rate_is_for_at_least_one_subtotal() {
        assert_eq!(rates(&[given(Some(5), Some(6))]).unwrap().len(), 1);
        for (minimum, maximum) in [(Some(5), Some(5)), (Some(5), Some(4)), (None, Some(0))] {
            assert_eq!(field(rates(&[given(minimum, maximum)])), "rates.0.maximumSubtotal");
        }
    }

    #[test]
    fn no_amount_is_below_zero_or_beyond_what_a_price_can_be() {
        for minor in [-1, MAXIMUM_PRICE + 1] {
            assert_eq!(field(rates(&[GivenRate { price: pence(minor), ..given(None, None) }])), "rates.0.price");
            let free_from = Some(pence(minor));
            assert_eq!(field(rates(&[GivenRate { free_from, ..given(None, None) }])), "rates.0.freeFrom");
            assert_eq!(field(rates(&[given(Some(minor), None)])), "rates.0.minimumSubtotal");
        }
    }
}
