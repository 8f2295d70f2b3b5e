//! Days of the calendar.

use std::{fmt, str::FromStr};

use chrono::{DateTime, Datelike, Months, NaiveDate, Utc};
use diesel::{
    deserialize::{self, FromSql, FromSqlRow},
    expression::AsExpression,
    pg::{Pg, PgValue},
    serialize::{self, Output, ToSql},
    sql_types,
};

/// A day of the calendar, without a time: `2026-11-21`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = sql_types::Date)]
pub struct Date(NaiveDate);

/// The first day of the year 2000, counted from that of the year 1, which is the first.
const FIRST_OF_2000: i32 = 730_120;

/// A text that is no day.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a date such as 2026-11-21")]
pub struct InvalidDate(String);

impl Date {
    /// The days from this one to another, both of them among them; none if that one is earlier.
    pub fn upto(self, last: Self) -> impl Iterator<Item = Self> {
        self.0.iter_days().take_while(move |day| *day <= last.0).map(Self)
    }

    /// The day that it is at a moment in UTC.
    #[must_use]
    pub fn in_utc(at: DateTime<Utc>) -> Self {
        Self(at.date_naive())
    }

    /// The first and the last day of its month.
    #[must_use]
    pub fn month(self) -> (Self, Self) {
        let first = self.0.with_day(1).unwrap_or(self.0);
        let last = first.checked_add_months(Months::new(1)).and_then(|next| next.pred_opt());
        (Self(first), Self(last.unwrap_or(self.0)))
    }

    /// The day after it.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.succ_opt().unwrap_or(self.0))
    }

    /// The days from the first one of the year 2000 to it, as Postgres counts them: below zero before.
    #[must_use]
    pub fn days(self) -> i32 {
        self.0.num_days_from_ce().saturating_sub(FIRST_OF_2000)
    }

    /// The day so many days after the first one of the year 2000; none if the calendar does not have it.
    ///
    /// ```
    /// # use agora::kernel::date::Date;
    /// assert_eq!(Date::from_days(-1), "1999-12-31".parse().ok());
    /// assert_eq!(Date::from_days(59).map(Date::days), Some(59));
    /// ```
    #[must_use]
    pub fn from_days(days: i32) -> Option<Self> {
        NaiveDate::from_num_days_from_ce_opt(days.checked_add(FIRST_OF_2000)?).map(Self)
    }

    pub(super) const fn naive(self) -> NaiveDate {
        self.0
    }
}

impl FromStr for Date {
    type Err = InvalidDate;

    /// Only as RFC 3339 writes a full-date, of the years 1 to 9999.
    fn from_str(text: &str) -> Result<Self, InvalidDate> {
        let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().filter(|date| (1..=9_999).contains(&date.year()));
        // The parser also takes what nobody writes, such as a sign before the year.
        let date = date.map(Self).filter(|date| date.to_string() == text);
        date.ok_or_else(|| InvalidDate(text.chars().take(40).collect()))
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.format("%Y-%m-%d").fmt(f)
    }
}

impl serde::Serialize for Date {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl FromSql<sql_types::Date, Pg> for Date {
    fn from_sql(bytes: PgValue<'_>) -> deserialize::Result<Self> {
        NaiveDate::from_sql(bytes).map(Self)
    }
}

impl ToSql<sql_types::Date, Pg> for Date {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        ToSql::<sql_types::Date, Pg>::to_sql(&self.0, out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_written_in_one_way() {
        for text in ["2026-11-21", "0001-01-01", "9999-12-31", "2024-02-29"] {
            assert_eq!(text.parse::<Date>().map(|date| date.to_string()), Ok(text.into()));
        }
        for text in
            ["2026-02-29", "2026-1-1", " 2026-01-01", "0000-01-01", "10000-01-01", "+2026-01-01", "21.11.2026", ""]
        {
            assert!(text.parse::<Date>().is_err(), "{text}");
        }
        assert!("2026-01-02".parse::<Date>().unwrap() < "2026-01-10".parse().unwrap());
    }

    #[test]
    fn a_month_has_its_days() {
        let month = |day: &str| {
            let (first, last) = day.parse::<Date>().unwrap().month();
            (first.to_string(), last.to_string())
        };
        for (day, first, last) in [
            ("2024-02-29", "2024-02-01", "2024-02-29"),
            ("2026-11-20", "2026-11-01", "2026-11-30"),
            ("2026-12-31", "2026-12-01", "2026-12-31"),
            ("9999-12-01", "9999-12-01", "9999-12-31"),
        ] {
            assert_eq!(month(day), (first.to_owned(), last.to_owned()));
        }
        assert_eq!("2026-12-31".parse::<Date>().unwrap().next().to_string(), "2027-01-01");
    }

    #[test]
    fn days_follow_each_other() {
        let days = |from: &str, last: &str| {
            let (from, last): (Date, Date) = (from.parse().unwrap(), last.parse().unwrap());
            from.upto(last).map(|day| day.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(days("2024-02-28", "2024-03-01"), ["2024-02-28", "2024-02-29", "2024-03-01"]);
        assert_eq!(days("2024-02-28", "2024-02-28"), ["2024-02-28"]);
        assert!(days("2024-02-28", "2024-02-27").is_empty());
    }
}
