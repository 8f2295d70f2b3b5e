//! What a promotion may be made of.

use chrono::Datelike;
use serde::Serialize;

use crate::{
    kernel::{
        money::{Decimal, Money},
        rate::Rate,
        text,
    },
    platform::clock::{Time, stored},
    promotions::{
        error::PromotionError,
        model::{self, Promotion, PromotionKind},
        queries::PromotionColumns,
    },
};

/// What a promotion shall be, as somebody gives it.
#[derive(Debug, Clone, Serialize)]
pub struct Terms {
    pub name: String,
    /// It applies by itself if absent.
    pub code: Option<String>,
    pub kind: PromotionKind,
    /// In percent.
    pub percentage: Option<Decimal>,
    pub amount: Option<Money>,
    pub minimum_subtotal: Option<Money>,
    /// At once if absent.
    pub starts_at: Option<Time>,
    pub ends_at: Option<Time>,
    pub limit_total: Option<i32>,
    pub limit_per_person: Option<i32>,
    pub is_active: bool,
}

/// A change of a promotion; what is absent stays.
#[derive(Debug, Clone, Default)]
pub struct PromotionChange {
    pub name: Option<String>,
    pub code: Option<Option<String>>,
    pub percentage: Option<Decimal>,
    pub amount: Option<Money>,
    pub minimum_subtotal: Option<Option<Money>>,
    pub starts_at: Option<Time>,
    pub ends_at: Option<Option<Time>>,
    pub limit_total: Option<Option<i32>>,
    pub limit_per_person: Option<Option<i32>>,
    pub is_active: Option<bool>,
}

impl PromotionChange {
    /// What a promotion shall be after the change.
    pub(super) fn of(&self, present: &Promotion) -> Terms {
        Terms {
            name: self.name.clone().unwrap_or_else(|| present.name.clone()),
            code: self.code.clone().unwrap_or_else(|| present.code.clone()),
            kind: present.kind,
            percentage: self.percentage.or(present.percentage().map(Rate::percent)),
            amount: self.amount.or(present.amount_off()),
            minimum_subtotal: self.minimum_subtotal.unwrap_or(present.minimum()),
            starts_at: self.starts_at.or(Some(present.starts_at)),
            ends_at: self.ends_at.unwrap_or(present.ends_at),
            limit_total: self.limit_total.unwrap_or(present.limit_total),
            limit_per_person: self.limit_per_person.unwrap_or(present.limit_per_person),
            is_active: self.is_active.unwrap_or(present.is_active),
        }
    }
}

impl Terms {
    /// What is stored of them.
    ///
    /// # Errors
    /// The first field that is not taken.
    pub(super) fn checked(&self, now: Time) -> Result<PromotionColumns, PromotionError> {
        let name = text::line(&self.name, 80).map_err(|error| PromotionError::Text { field: "name".into(), error })?;
        let code = self.code.as_deref().map(|given| model::code(given).ok_or(PromotionError::Code)).transpose()?;
        let percentage = of_kind(self.percentage, self.kind == PromotionKind::Percentage, "percentage")?;
        let rate = percentage.map(|percent| rate(percent).ok_or_else(|| out_of_range("percentage"))).transpose()?;
        let amount = of_kind(self.amount, self.kind == PromotionKind::Amount, "amount")?;
        let minimum = self.minimum_subtotal;
        for (money, field) in [(amount, "amount"), (minimum, "minimumSubtotal")] {
            if money.is_some_and(|money| money.minor <= 0) {
                return Err(out_of_range(field));
            }
        }
        let currency = amount.or(minimum).map(|money| money.currency);
        if minimum.is_some_and(|minimum| Some(minimum.currency) != currency) {
            return Err(PromotionError::Currency);
        }
        for (limit, field) in [(self.limit_total, "limitTotal"), (self.limit_per_person, "limitPerPerson")] {
            if limit.is_some_and(|limit| limit < 1) {
                return Err(out_of_range(field));
            }
        }
        let (starts_at, ends_at) = (self.starts_at.map_or(now, stored), self.ends_at.map(stored));
        if !(1970..=9_999).contains(&starts_at.year()) {
            return Err(out_of_range("startsAt"));
        }
        if ends_at.is_some_and(|end| end <= starts_at || end.year() > 9_999) {
            return Err(out_of_range("endsAt"));
        }
        Ok(PromotionColumns {
            name,
            code,
            kind: self.kind,
            rate: rate.map(Rate::basis_points),
            amount: amount.map(|amount| amount.minor),
            minimum_subtotal: minimum.map(|minimum| minimum.minor),
            currency,
            starts_at,
            ends_at,
            limit_total: self.limit_total,
            limit_per_person: self.limit_per_person,
            is_active: self.is_active,
        })
    }
}

fn out_of_range(field: &str) -> PromotionError {
    PromotionError::OutOfRange { field: field.into() }
}

/// What is there for this kind, and for no other.
fn of_kind<T>(given: Option<T>, belongs: bool, field: &str) -> Result<Option<T>, PromotionError> {
    if given.is_some() == belongs { Ok(given) } else { Err(PromotionError::NotOfKind { field: field.into() }) }
}

/// A share that is more than nothing.
fn rate(percent: Decimal) -> Option<Rate> {
    Rate::try_from(percent).ok().filter(|rate| rate.basis_points() > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::money::CurrencyCode;

    fn now() -> Time {
        "2026-11-23T12:00:00Z".parse().unwrap()
    }

    fn tenth() -> Terms {
        Terms {
            name: " Spring ".into(),
            code: Some("spring-10".into()),
            kind: PromotionKind::Percentage,
            percentage: "10".parse().ok(),
            amount: None,
            minimum_subtotal: None,
            starts_at: None,
            ends_at: None,
            limit_total: None,
            limit_per_person: None,
            is_active: true,
        }
    }

    fn pounds(pounds: i64) -> Money {
        Money::new(pounds * 100, CurrencyCode::GBP)
    }

    fn refused(change: impl FnOnce(&mut Terms)) -> String {
        let mut terms = tenth();
        change(&mut terms);
        terms.checked(now()).unwrap_err().to_string()
    }

    #[test]
    fn what_is_given_is_brought_into_form() {
        let columns = tenth().checked(now()).unwrap();
        assert_eq!((columns.name.as_str(), columns.code.as_deref()), ("Spring", Some("SPRING-10")));
        assert_eq!((columns.rate, columns.currency, columns.starts_at), (Some(1_000), None, now()));
        let terms = Terms { minimum_subtotal: Some(pounds(5)), ..tenth() };
        let columns = terms.checked(now()).unwrap();
        assert_eq!((columns.minimum_subtotal, columns.currency), (Some(500), Some(CurrencyCode::GBP)));
    }

    #[test]
    fn each_kind_has_what_it_takes_off_and_nothing_else() {
        assert_eq!(refused(|terms| terms.percentage = None), "percentage: not of this kind");
        assert_eq!(refused(|terms| terms.amount = Some(pounds(1))), "amount: not of this kind");
        assert_eq!(refused(|terms| terms.kind = PromotionKind::FreeShipping), "percentage: not of this kind");
        let free = Terms { kind: PromotionKind::FreeShipping, percentage: None, ..tenth() };
        assert!(free.checked(now()).is_ok());
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for percent in ["0", "-1", "100.01", "1.234"] {
            assert_eq!(refused(|terms| terms.percentage = percent.parse().ok()), "percentage: out of range");
        }
        assert_eq!(refused(|terms| terms.minimum_subtotal = Some(pounds(0))), "minimumSubtotal: out of range");
        assert_eq!(refused(|terms| terms.limit_total = Some(0)), "limitTotal: out of range");
        assert_eq!(refused(|terms| terms.limit_per_person = Some(-1)), "limitPerPerson: out of range");
        assert_eq!(refused(|terms| terms.ends_at = Some(now())), "endsAt: out of range");
        let amount = |minor, minimum: Money| Terms {
            kind: PromotionKind::Amount,
            percentage: None,
            amount: Some(Money::new(minor, CurrencyCode::GBP)),
            minimum_subtotal: Some(minimum),
            ..tenth()
        };
        let euros = Money::new(100, "EUR".parse().unwrap());
        let sound = Money::new(100, CurrencyCode::GBP);
        assert_eq!(amount(0, sound).checked(now()).unwrap_err().to_string(), "amount: out of range");
        assert!(matches!(amount(1, euros).checked(now()), Err(PromotionError::Currency)));
        assert!(amount(1, sound).checked(now()).is_ok());
    }
}
