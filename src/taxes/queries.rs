//! Country taxes in Postgres.

use std::collections::BTreeMap;

use diesel::{
    ExpressionMethods, JoinOnDsl, NullableExpressionMethods, OptionalExtension, QueryDsl, Queryable, RunQueryDsl,
    Selectable, SelectableHelper,
};

use super::model::{CountryTaxes, Remitter};
use crate::{
    kernel::{error::Failure, id::Id, place::CountryCode, rate::Rate},
    platform::db::{Conn, Tx},
    products::model::taxes::TaxClass,
    schema::{country_tax_rates, country_taxes},
};

/// A row of a country, without the rates of tax classes.
#[derive(Queryable, Selectable)]
#[diesel(table_name = country_taxes)]
struct Columns {
    country: CountryCode,
    is_included: bool,
    remitted_by: Remitter,
    name: String,
    standard_rate: i32,
    shipping_rate: Option<i32>,
    version: i32,
}

impl TryFrom<Columns> for CountryTaxes {
    type Error = Failure;

    fn try_from(row: Columns) -> Result<Self, Failure> {
        let Columns { country, is_included, remitted_by, name, standard_rate, shipping_rate, version } = row;
        let (standard, shipping) = (rate(standard_rate)?, shipping_rate.map(rate).transpose()?);
        Ok(Self { country, is_included, remitted_by, name, standard, shipping, rates: BTreeMap::new(), version })
    }
}

fn rate(points: i32) -> Result<Rate, Failure> {
    Rate::from_basis_points(points).ok_or_else(|| Failure::internal("a rate of tax that is out of range"))
}

/// What is laid down, of all countries or of one, by country; one statement.
pub fn laid_down(conn: &mut Conn, country: Option<CountryCode>) -> Result<Vec<CountryTaxes>, Failure> {
    let mut query = country_taxes::table
        .left_join(country_tax_rates::table.on(country_tax_rates::country.eq(country_taxes::country)))
        .order((country_taxes::country, country_tax_rates::tax_class_id))
        .select((Columns::as_select(), country_tax_rates::tax_class_id.nullable(), country_tax_rates::rate.nullable()))
        .into_boxed();
    if let Some(country) = country {
        query = query.filter(country_taxes::country.eq(country));
    }
    let rows: Vec<(Columns, Option<Id<TaxClass>>, Option<i32>)> = query.load(conn)?;
    let mut found: Vec<CountryTaxes> = Vec::new();
    for (columns, class, points) in rows {
        if found.last().is_none_or(|last| last.country != columns.country) {
            found.push(columns.try_into()?);
        }
        if let (Some(taxes), Some(class), Some(points)) = (found.last_mut(), class, points) {
            taxes.rates.insert(class, rate(points)?);
        }
    }
    Ok(found)
}

/// The version of what is laid down of a country. Nobody else changes it until the transaction ends.
pub fn lock_version(tx: &mut Tx<'_>, country: CountryCode) -> Result<Option<i32>, Failure> {
    let row = country_taxes::table.find(country).select(country_taxes::version).for_no_key_update();
    Ok(row.first::<i32>(tx.conn()).optional()?)
}

/// Lays something down of a country, without the rates of tax classes. Its version; none if something is laid down of it already.
pub fn insert(tx: &mut Tx<'_>, taxes: &CountryTaxes) -> Result<Option<i32>, Failure> {
    Ok(diesel::insert_into(country_taxes::table)
        .values((
            country_taxes::country.eq(taxes.country),
            country_taxes::is_included.eq(taxes.is_included),
            country_taxes::remitted_by.eq(taxes.remitted_by),
            country_taxes::name.eq(taxes.name.as_str()),
            country_taxes::standard_rate.eq(taxes.standard.basis_points()),
            country_taxes::shipping_rate.eq(taxes.shipping.map(Rate::basis_points)),
        ))
        .on_conflict(country_taxes::country)
        .do_nothing()
        .returning(country_taxes::version)
        .get_result::<i32>(tx.conn())
        .optional()?)
}

/// Changes what is laid down of a country whose row is locked, without the rates of tax classes. Its version.
pub fn set(tx: &mut Tx<'_>, taxes: &CountryTaxes) -> Result<i32, Failure> {
    Ok(diesel::update(country_taxes::table.find(taxes.country))
        .set((
            country_taxes::is_included.eq(taxes.is_included),
            country_taxes::remitted_by.eq(taxes.remitted_by),
            country_taxes::name.eq(taxes.name.as_str()),
            country_taxes::standard_rate.eq(taxes.standard.basis_points()),
            country_taxes::shipping_rate.eq(taxes.shipping.map(Rate::basis_points)),
            country_taxes::version.eq(country_taxes::version + 1),
        ))
        .returning(country_taxes::version)
        .get_result::<i32>(tx.conn())?)
}

/// Sets the rates of tax classes in a country whose row is locked or new: all of them.
pub fn set_rates(tx: &mut Tx<'_>, country: CountryCode, rates: &BTreeMap<Id<TaxClass>, Rate>) -> Result<(), Failure> {
    diesel::delete(country_tax_rates::table.filter(country_tax_rates::country.eq(country))).execute(tx.conn())?;
    if rates.is_empty() {
        return Ok(());
    }
    let row = |(class, rate): (&Id<TaxClass>, &Rate)| {
        (
            country_tax_rates::country.eq(country),
            country_tax_rates::tax_class_id.eq(*class),
            country_tax_rates::rate.eq(rate.basis_points()),
        )
    };
    let rows: Vec<_> = rates.iter().map(row).collect();
    diesel::insert_into(country_tax_rates::table).values(rows).execute(tx.conn())?;
    Ok(())
}

/// Takes away what is laid down of a country. False if nothing was.
pub fn delete(tx: &mut Tx<'_>, country: CountryCode) -> Result<bool, Failure> {
    Ok(diesel::delete(country_taxes::table.find(country)).execute(tx.conn())? == 1)
}
