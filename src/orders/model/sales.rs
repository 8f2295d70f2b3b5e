//! What shops have sold, and what came of it, by the ledger.

use diesel::{QueryableByName, sql_types::BigInt};

use crate::{
    kernel::{date::Date, id::Id, money::CurrencyCode, place::TimeZone},
    platform::clock::Time,
    products::model::Product,
    shops::model::Shop,
};

/// Some days in a row, as they begin and end somewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    pub days: Vec<Date>,
    /// When each of them begins.
    pub starts: Vec<Time>,
    /// When the last one is over.
    pub end: Time,
}

impl Span {
    pub const MAXIMUM_DAYS: usize = 366;

    /// From a day to another, both of them in it; none if there are no days, or too many.
    pub fn new(from: Date, until: Date, zone: TimeZone) -> Option<Self> {
        let days: Vec<Date> = from.upto(until).take(Self::MAXIMUM_DAYS + 1).collect();
        let starts = days.iter().map(|day| zone.start_of(*day)).collect();
        let is_fine = !days.is_empty() && days.len() <= Self::MAXIMUM_DAYS;
        is_fine.then(|| Self { days, starts, end: zone.end_of(until) })
    }
}

/// Each row of a report is about one of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SalesBy {
    Day,
    Product,
    Shop,
}

/// What sales are asked about.
#[derive(Debug, Clone)]
pub struct AskedSales {
    pub span: Span,
    pub by: SalesBy,
    pub currency: CurrencyCode,
}

/// What was sold, in pieces and in minor units. What is left is what was sold, less tax, commission and what went back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, QueryableByName)]
pub struct SalesSums {
    /// How many parts of orders were sold.
    #[diesel(sql_type = BigInt)]
    pub orders: i64,
    #[diesel(sql_type = BigInt)]
    pub pieces: i64,
    /// What buyers paid for them.
    #[diesel(sql_type = BigInt)]
    pub gross: i64,
    /// What was taken off before they paid; it is not in the gross sum.
    #[diesel(sql_type = BigInt)]
    pub discount: i64,
    /// What the market kept for the state.
    #[diesel(sql_type = BigInt)]
    pub tax: i64,
    #[diesel(sql_type = BigInt)]
    pub commission: i64,
    #[diesel(sql_type = BigInt)]
    pub refunded: i64,
    #[diesel(sql_type = BigInt)]
    pub net: i64,
}

/// What a row is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    Day(Date),
    /// None of what is no goods.
    Product(Option<Id<Product>>, String),
    Shop(Id<Shop>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SalesRow {
    pub about: Subject,
    pub sums: SalesSums,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SalesReport {
    pub currency: CurrencyCode,
    pub rows: Vec<SalesRow>,
    /// Of all that was sold, be it in no row.
    pub totals: SalesSums,
}

impl SalesReport {
    /// Products, or shops, of one report.
    pub const MAXIMUM_ROWS: usize = 500;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_has_at_least_a_day_and_at_most_a_year() {
        let span = |from: &str, until: &str| Span::new(from.parse().unwrap(), until.parse().unwrap(), TimeZone::UTC);
        let days = |from: &str, until: &str| span(from, until).map(|span| span.days.len());
        assert_eq!(days("2024-01-01", "2024-12-31"), Some(366));
        assert_eq!(days("2024-01-01", "2025-01-01"), None);
        assert_eq!(days("0001-01-01", "9999-12-31"), None);
        assert_eq!(days("2024-01-01", "2024-01-01"), Some(1));
        assert_eq!(days("2024-01-02", "2024-01-01"), None);
        let last = span("9999-12-31", "9999-12-31").unwrap();
        assert!(last.starts[0] < last.end);
    }
}
