//! Laying down how what is sent to a country is taxed, and looking it up.

use std::collections::BTreeMap;

use super::{
    error::TaxError,
    model::{CountryTaxes, MAXIMUM_RATES, Remitter},
    queries,
};
use crate::{
    kernel::{error::Failure, id::Id, money::Decimal, place::CountryCode, rate::Rate, text},
    platform::{
        app::App,
        caller::Caller,
        db::{Conn, Tx},
    },
    products::{self, model::taxes::TaxClass},
};

/// What shall be laid down of a country. Rates are in percent.
#[derive(Debug, Clone)]
pub struct WantedTaxes {
    pub country: CountryCode,
    pub is_included: bool,
    pub remitted_by: Remitter,
    pub name: String,
    pub standard: Decimal,
    pub shipping: Option<Decimal>,
    /// Of tax classes, each once.
    pub rates: Vec<(Id<TaxClass>, Decimal)>,
}

/// Lays down how what is sent to a country is taxed: for the first time, or in the place of what nobody else has changed since
/// `expected_version`. The face lets staff in alone.
pub async fn set_country_taxes(
    app: &App,
    caller: &Caller,
    expected_version: Option<i32>,
    wanted: WantedTaxes,
) -> Result<CountryTaxes, TaxError> {
    app.db.write(caller, move |tx| lay_down(tx, expected_version, &wanted)).await
}

/// A step: as [`set_country_taxes`].
pub fn lay_down(
    tx: &mut Tx<'_>,
    expected_version: Option<i32>,
    wanted: &WantedTaxes,
) -> Result<CountryTaxes, TaxError> {
    let taxes = checked(wanted)?;
    let classes: Vec<_> = taxes.rates.keys().copied().collect();
    let known = products::service::tax_classes_by_ids(tx.conn(), &classes)?;
    let is_unknown = |(class, _): &(Id<TaxClass>, Decimal)| known.iter().all(|known| known.id != *class);
    if let Some(place) = wanted.rates.iter().position(is_unknown) {
        return Err(TaxError::NotFound { field: format!("rates.{place}.taxClassId") });
    }
    let inserted = if expected_version.is_none() { queries::insert(tx, &taxes)? } else { None };
    let version = match inserted {
        Some(version) => version,
        None => match (queries::lock_version(tx, taxes.country)?, expected_version) {
            (Some(current), Some(expected)) if current == expected => queries::set(tx, &taxes)?,
            (Some(current), _) => return Err(TaxError::StaleVersion { current }),
            (None, Some(_)) => return Err(TaxError::NotFound { field: "country".into() }),
            // It stood in the way a moment ago: to be done anew.
            (None, None) => return Err(Failure::Contention("taken away meanwhile".into()).into()),
        },
    };
    queries::set_rates(tx, taxes.country, &taxes.rates)?;
    Ok(CountryTaxes { version, ..taxes })
}

/// What is wanted, if it can be laid down; the version is not known yet.
fn checked(wanted: &WantedTaxes) -> Result<CountryTaxes, TaxError> {
    let name = text::line(&wanted.name, 40).map_err(|error| TaxError::Text { field: "name".into(), error })?;
    let rate =
        |percent: Decimal, field: &str| Rate::try_from(percent).map_err(|_| TaxError::Rate { field: field.into() });
    let standard = rate(wanted.standard, "standardRate")?;
    let shipping = wanted.shipping.map(|percent| rate(percent, "shippingRate")).transpose()?;
    if wanted.rates.len() > MAXIMUM_RATES {
        return Err(TaxError::TooMany);
    }
    let mut rates = BTreeMap::new();
    for (place, &(class, percent)) in wanted.rates.iter().enumerate() {
        if rates.insert(class, rate(percent, &format!("rates.{place}.rate"))?).is_some() {
            return Err(TaxError::Twice { field: format!("rates.{place}.taxClassId") });
        }
    }
    let WantedTaxes { country, is_included, remitted_by, .. } = *wanted;
    Ok(CountryTaxes { country, is_included, remitted_by, name, standard, shipping, rates, version: 0 })
}

/// Takes away what is laid down of a country and nobody else has changed since `expected_version`: nothing is taxed there any more. What
/// was laid down. The face lets staff in alone.
pub async fn remove_country_taxes(
    app: &App,
    caller: &Caller,
    country: CountryCode,
    expected_version: i32,
) -> Result<CountryTaxes, TaxError> {
    app.db
        .write(caller, move |tx| {
            let not_found = || TaxError::NotFound { field: "country".into() };
            let current = queries::lock_version(tx, country)?.ok_or_else(not_found)?;
            if current != expected_version {
                return Err(TaxError::StaleVersion { current });
            }
            let taxes = of_country(tx.conn(), country)?.ok_or_else(not_found)?;
            if queries::delete(tx, country)? { Ok(taxes) } else { Err(not_found()) }
        })
        .await
}

/// A step: how what is sent to a country is taxed; none if it is not. One statement.
pub fn of_country(conn: &mut Conn, country: CountryCode) -> Result<Option<CountryTaxes>, Failure> {
    Ok(queries::laid_down(conn, Some(country))?.pop())
}

/// What is laid down, of all countries or of one, by country.
pub async fn country_taxes(app: &App, country: Option<CountryCode>) -> Result<Vec<CountryTaxes>, Failure> {
    app.db.read(move |conn| queries::laid_down(conn, country)).await
}
