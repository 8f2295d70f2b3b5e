//! Rows of documents, and what stands on them.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use diesel::{
    Queryable, Selectable,
    deserialize::{self, FromSql, FromSqlRow},
    pg::{Pg, PgValue},
    sql_types::Jsonb,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    kernel::{
        address::{Address, StoredAddress},
        id::{Entity, Id},
        money::{CurrencyCode, Money},
        place::CountryCode,
    },
    payments::model::Refund,
    platform::clock::Time,
    schema::shop_documents,
    shops::model::Shop,
    text_enum,
};

/// Where a document stands in a list by time.
pub type Position = (Time, Uuid);

text_enum! {
    /// What a document is about.
    #[derive(async_graphql::Enum)]
    #[graphql(name = "ShopDocumentKind")]
    pub enum DocumentKind {
        /// What was sold and paid.
        Invoice = "INVOICE",
        /// What of an invoice goes back.
        CreditNote = "CREDIT_NOTE",
    }
}

impl DocumentKind {
    /// A number of the series as it is written.
    pub fn number(self, number: i32) -> String {
        let series = match self {
            Self::Invoice => "INV",
            Self::CreditNote => "CN",
        };
        format!("{series}-{number:06}")
    }
}

/// Names an invoice on the wire.
pub struct Invoice;

impl Entity for Invoice {
    const PREFIX: &'static str = "invoice";
}

/// Names a credit note on the wire.
pub struct CreditNote;

impl Entity for CreditNote {
    const PREFIX: &'static str = "creditnote";
}

/// An invoice or a credit note.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = shop_documents)]
pub struct Document {
    pub id: Id<Document>,
    pub kind: DocumentKind,
    pub shop_id: Id<Shop>,
    pub number: i32,
    pub part_id: Uuid,
    /// Of a credit note, what it is about: the first, if there are several.
    pub invoice_id: Option<Id<Document>>,
    /// Of a credit note, what it was made for.
    pub refund_id: Option<Id<Refund>>,
    pub currency: CurrencyCode,
    pub total: i64,
    /// The tax in the total.
    pub tax: i64,
    pub content: Content,
    /// To whom it was issued, as long as that has to be kept.
    pub recipient: Option<StoredAddress>,
    pub issued_at: Time,
}

impl Entity for Document {
    const PREFIX: &'static str = "document";
}

impl Document {
    /// How long the link to its page is good at the least; twice as long at the most.
    pub const LINK_LIFETIME: TimeDelta = TimeDelta::days(1);

    /// Its number as it is written.
    pub fn label(&self) -> String {
        self.kind.number(self.number)
    }
}

/// What stands on a document besides its number, its sums and its recipient. Amounts are minor units.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, FromSqlRow)]
pub struct Content {
    pub order_number: String,
    /// When it was ordered.
    pub placed_at: Time,
    /// Of a credit note, the number of its invoice as it is written; the numbers, if it is about several.
    pub invoice_number: Option<String>,
    /// Of a credit note, what the buyer is told.
    pub reason: Option<String>,
    pub issuer: Issuer,
    /// What the tax is called where it goes.
    pub tax_name: Option<String>,
    /// Whether prices contain the tax. Else it came on top.
    pub is_tax_included: bool,
    /// Of an invoice, what was sold.
    pub lines: Vec<Line>,
    /// What it comes to, by the rate of the tax.
    pub taxes: Vec<TaxSum>,
}

impl FromSql<Jsonb, Pg> for Content {
    fn from_sql(bytes: PgValue<'_>) -> deserialize::Result<Self> {
        // The first byte is the version of the binary format, and there is one version.
        match bytes.as_bytes() {
            [1, json @ ..] => Ok(serde_json::from_slice(json)?),
            _ => Err("an unknown version of jsonb".into()),
        }
    }
}

/// Who issued a document, as they were then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issuer {
    pub name: String,
    pub country: CountryCode,
    /// None if it has not said where it is.
    pub address: Option<Address>,
}

/// Something that was sold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    pub title: String,
    pub sku: String,
    pub quantity: i32,
    /// What one cost before anything was taken off.
    pub unit_price: i64,
    /// What was taken off all of them together.
    pub discount: i64,
    /// In hundredths of a percent.
    pub tax_rate: i32,
    /// The tax in the total.
    pub tax: i64,
    /// What was paid for all of them.
    pub total: i64,
}

/// What is taxed at one rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaxSum {
    /// In hundredths of a percent.
    pub rate: i32,
    /// Without the tax.
    pub net: i64,
    pub tax: i64,
    /// With the tax.
    pub gross: i64,
}

impl TaxSum {
    const fn new(rate: i32, tax: i64, gross: i64) -> Self {
        Self { rate, net: gross - tax, tax, gross }
    }
}

/// What lines come to, by the rate of their tax, the lowest first.
pub fn tax_sums(lines: &[Line]) -> Vec<TaxSum> {
    let mut sums: BTreeMap<i32, (i64, i64)> = BTreeMap::new();
    for line in lines {
        let (tax, gross) = sums.entry(line.tax_rate).or_default();
        *tax += line.tax;
        *gross += line.total;
    }
    sums.into_iter().map(|(rate, (tax, gross))| TaxSum::new(rate, tax, gross)).collect()
}

/// Sums of several invoices together, the lowest rate first.
pub fn added_up(sums: impl IntoIterator<Item = TaxSum>) -> Vec<TaxSum> {
    let mut together: BTreeMap<i32, (i64, i64)> = BTreeMap::new();
    for sum in sums {
        let (tax, gross) = together.entry(sum.rate).or_default();
        *tax += sum.tax;
        *gross += sum.gross;
    }
    together.into_iter().map(|(rate, (tax, gross))| TaxSum::new(rate, tax, gross)).collect()
}

/// What goes back of an invoice with these sums, if `before` was left of it, and `after` is then. It is spread over the rates as they
/// are on the invoice, and of each rate the tax goes along: whatever goes back in however many steps, none is negative, and in the
/// end nothing is left, at no rate.
pub fn credited(invoice: &[TaxSum], before: i64, after: i64, currency: CurrencyCode) -> Vec<TaxSum> {
    let (before, after) = (left_of(invoice, before, currency), left_of(invoice, after, currency));
    let gone = before
        .iter()
        .zip(&after)
        .map(|(before, after)| TaxSum::new(before.rate, before.tax - after.tax, before.gross - after.gross));
    gone.filter(|gone| gone.gross != 0).collect()
}

/// What is left of sums, rate by rate, if so much is left of all of them. The first rate has its share of it, rounded down, and the
/// others share what the first has not: so each has the more, the more is left.
fn left_of(sums: &[TaxSum], left: i64, currency: CurrencyCode) -> Vec<TaxSum> {
    let mut whole: i64 = sums.iter().map(|sum| sum.gross).sum();
    let mut left = left.clamp(0, whole.max(0));
    let mut shares = Vec::with_capacity(sums.len());
    for sum in sums {
        let gross = Money::new(left, currency).upto(sum.gross, whole).minor;
        let tax = Money::new(sum.tax, currency).upto(gross, sum.gross).minor;
        left -= gross;
        whole -= sum.gross;
        shares.push(TaxSum::new(sum.rate, tax, gross));
    }
    shares
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::kernel::money::tests::any_currency;

    fn line(tax_rate: i32, tax: i64, total: i64) -> Line {
        Line {
            title: String::new(),
            sku: String::new(),
            quantity: 1,
            unit_price: total,
            discount: 0,
            tax_rate,
            tax,
            total,
        }
    }

    #[test]
    fn numbers_sort_as_they_were_given() {
        assert_eq!(DocumentKind::Invoice.number(1), "INV-000001");
        assert_eq!(DocumentKind::CreditNote.number(1_234_567), "CN-1234567");
    }

    #[test]
    fn lines_are_summed_up_by_their_rates() {
        let lines = [line(2_000, 167, 999), line(0, 0, 50), line(2_000, 33, 201)];
        assert_eq!(tax_sums(&lines), [TaxSum::new(0, 0, 50), TaxSum::new(2_000, 200, 1_200)]);
        assert!(tax_sums(&[]).is_empty());
    }

    #[test]
    fn sums_of_several_invoices_are_added_up_by_their_rates() {
        let (low, high) = (TaxSum::new(500, 5, 105), TaxSum::new(2_000, 200, 1_200));
        assert_eq!(added_up([high, low, low]), [TaxSum::new(500, 10, 210), high]);
        assert!(added_up([]).is_empty());
    }

    #[test]
    fn what_goes_back_has_the_tax_that_is_in_it() {
        let sums = [TaxSum::new(500, 5, 105), TaxSum::new(2_000, 200, 1_200)];
        let gone = credited(&sums, 1_305, 1_000, CurrencyCode::GBP);
        // Of 1000 that are left, 80 are of the first rate, with a tax of 3 of 5; 920 of the second, with 153 of 200.
        assert_eq!(gone, [TaxSum::new(500, 2, 25), TaxSum::new(2_000, 47, 280)]);
        assert_eq!(credited(&sums, 1_305, 0, CurrencyCode::GBP), sums);
        assert!(credited(&sums, 7, 7, CurrencyCode::GBP).is_empty());
    }

    proptest! {
        #[test]
        fn an_invoice_of_which_everything_went_back_comes_to_nothing(
            rates in prop::collection::vec((0_i64..1_000_000_000_000, 0_i64..=100), 1..6),
            steps in prop::collection::vec(0_i64..=1_000, 0..30), currency in any_currency(),
        ) {
            let sums: Vec<TaxSum> =
                (0..).zip(&rates).map(|(rate, &(gross, percent))| TaxSum::new(rate, gross / 100 * percent, gross)).collect();
            let total: i64 = sums.iter().map(|sum| sum.gross).sum();
            let mut cuts: Vec<i64> = steps.iter().map(|step| total / 1_000 * step).collect();
            cuts.extend([0, total]);
            cuts.sort_unstable();
            cuts.reverse();
            let mut gone: BTreeMap<i32, (i64, i64)> = BTreeMap::new();
            for cut in cuts.windows(2) {
                let step = credited(&sums, cut[0], cut[1], currency);
                prop_assert_eq!(step.iter().map(|sum| sum.gross).sum::<i64>(), cut[0] - cut[1]);
                for sum in step {
                    prop_assert!(0 <= sum.tax && sum.tax <= sum.gross, "{sum:?}");
                    prop_assert_eq!(sum.net + sum.tax, sum.gross);
                    let (tax, gross) = gone.entry(sum.rate).or_default();
                    *tax += sum.tax;
                    *gross += sum.gross;
                }
            }
            let gone: Vec<TaxSum> = gone.into_iter().map(|(rate, (tax, gross))| TaxSum::new(rate, tax, gross)).collect();
            let wanted: Vec<TaxSum> = sums.into_iter().filter(|sum| sum.gross != 0).collect();
            prop_assert_eq!(gone, wanted);
        }
    }
}
