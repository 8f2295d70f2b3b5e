//! The format `uci-online-retail`: one row per line of an invoice, as the UCI data set "Online Retail" has them.

use std::borrow::Cow;

use chrono::{NaiveDateTime, TimeZone, Utc};
use chrono_tz::Europe::London;
use csv::ByteRecord;

use crate::{
    kernel::{
        money::{CurrencyCode, Decimal, Money},
        place::CountryCode,
        text,
    },
    platform::{
        clock::Time,
        import::{CsvRows, FileError, Input, text as decoded},
    },
};

pub const COLUMNS: [&str; 8] =
    ["InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country"];
pub const COLUMN_NAMES: &str = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country";
/// What its prices are in, and where the shop is.
pub const CURRENCY: CurrencyCode = CurrencyCode::GBP;
pub const COUNTRY: &str = "GB";

/// Pieces of one line at the most.
const MAXIMUM_QUANTITY: i32 = 1_000_000;
/// Pence of one line at the most.
const MAXIMUM_TOTAL: i64 = 1_000_000_000_000;

/// Codes of lines that are no goods: postage and carriage, discounts, corrections by hand, samples, fees.
const CHARGES: [&str; 10] = ["POST", "DOT", "C2", "D", "M", "S", "B", "BANK CHARGES", "AMAZONFEE", "CRUK"];
/// How the codes of gift vouchers begin. They are money in another form, not something that lies on a shelf.
const VOUCHERS: &str = "GIFT_";

/// What an invoice is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Sale,
    /// A cancellation: its number begins with C, its quantities are negative.
    Return,
}

/// A line of an invoice that can be taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub kind: Kind,
    pub invoice: String,
    /// Where it stands in the invoice, from 1; lines that cannot be taken count too.
    pub ordinal: i32,
    /// In capitals.
    pub code: String,
    pub is_goods: bool,
    /// May be empty.
    pub description: String,
    /// Above zero, of a return too.
    pub quantity: i32,
    /// Minor units, above zero.
    pub unit_price: i64,
    pub total: i64,
    pub at: Time,
    pub customer: Option<String>,
    /// None where the file names none, or one that is not a country by ISO 3166.
    pub country: Option<CountryCode>,
}

/// Why a row cannot be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reject {
    Columns,
    Price,
    NotAPrice,
    Total,
    Invoice,
    Code,
    Description,
    Customer,
    Quantity,
    NegativeSale,
    PositiveReturn,
    Time,
    /// The same invoice and ordinal were imported with something else.
    Changed,
}

impl Reject {
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Columns => "not eight columns",
            Self::Price => "a price of zero or less",
            Self::NotAPrice => "the price is no amount in GBP",
            Self::Total => "an amount above 10000000000.00 GBP",
            Self::Invoice => "the invoice number is missing or longer than 40 characters",
            Self::Code => "the stock code is missing or longer than 64 characters",
            Self::Description => "the description is longer than 200 characters",
            Self::Customer => "the customer id is longer than 40 characters",
            Self::Quantity => "the quantity is no whole number from 1 to 1000000",
            Self::NegativeSale => "a negative quantity outside a cancellation",
            Self::PositiveReturn => "a positive quantity in a cancellation",
            Self::Time => "the time is none such as 01/12/2010 08:26",
            Self::Changed => "another line was imported as this one of the invoice",
        }
    }
}

/// A row as it stands in the file, and what it says.
pub struct Row {
    /// Its line in the file, from 1.
    pub number: u64,
    pub fields: ByteRecord,
    pub line: Result<Line, Reject>,
}

impl Row {
    /// The number of its invoice.
    pub fn invoice(&self) -> Cow<'_, str> {
        decoded(self.fields.get(0).unwrap_or_default())
    }
}

/// The rows of a file. The lines of an invoice stand together.
pub struct Rows<'a> {
    csv: CsvRows<'a>,
    invoice: String,
    ordinal: i32,
}

impl<'a> Rows<'a> {
    /// # Errors
    /// If the file cannot be read, or has other columns.
    pub fn open(input: &'a Input, doing: &'static str) -> Result<Self, FileError> {
        let csv = CsvRows::open(input, doing)?;
        if csv.header() != COLUMNS {
            return Err(FileError::Columns { path: input.path().to_owned(), expected: COLUMN_NAMES });
        }
        Ok(Self { csv, invoice: String::new(), ordinal: 0 })
    }

    /// # Errors
    /// If the file cannot be read to its end.
    pub fn read(&mut self) -> Result<Option<Row>, FileError> {
        let Some((number, fields)) = self.csv.read()? else { return Ok(None) };
        let mut row = Row { number, line: Err(Reject::Columns), fields };
        if row.invoice() != self.invoice {
            self.invoice = row.invoice().into_owned();
            self.ordinal = 0;
        }
        self.ordinal = self.ordinal.saturating_add(1);
        row.line = parse(&row.fields, self.ordinal);
        Ok(Some(row))
    }
}

fn parse(fields: &ByteRecord, ordinal: i32) -> Result<Line, Reject> {
    if fields.len() != COLUMNS.len() {
        return Err(Reject::Columns);
    }
    let mut fields = fields.iter().map(decoded);
    let mut field = || fields.next().unwrap_or_default();
    let (invoice, code, description, quantity, at, price, customer, country) =
        (field(), field(), field(), field(), field(), field(), field(), field());

    let price = price.parse::<Decimal>().map_err(|_| Reject::NotAPrice)?;
    let price = Money::from_decimal(price, CURRENCY).map_err(|_| Reject::NotAPrice)?;
    if price.minor <= 0 {
        return Err(Reject::Price);
    }
    let invoice = text::line(&invoice, 40).map_err(|_| Reject::Invoice)?;
    let kind = if invoice.starts_with(['C', 'c']) { Kind::Return } else { Kind::Sale };
    let code = text::line(&code, 64).map_err(|_| Reject::Code)?.to_uppercase();
    let description = if description.is_empty() {
        String::new()
    } else {
        text::line(&description, 200).map_err(|_| Reject::Description)?
    };
    let quantity = quantity.parse::<i32>().map_err(|_| Reject::Quantity)?;
    let quantity = match (kind, quantity) {
        (Kind::Sale, ..0) => return Err(Reject::NegativeSale),
        (Kind::Return, 1..) => return Err(Reject::PositiveReturn),
        (_, quantity) => quantity.checked_abs().unwrap_or_default(),
    };
    if !(1..=MAXIMUM_QUANTITY).contains(&quantity) {
        return Err(Reject::Quantity);
    }
    let customer =
        if customer.is_empty() { None } else { Some(text::line(&customer, 40).map_err(|_| Reject::Customer)?) };
    let total = price.checked_mul(quantity).map_err(|_| Reject::Total)?.minor;
    if total > MAXIMUM_TOTAL {
        return Err(Reject::Total);
    }
    Ok(Line {
        kind,
        ordinal,
        total,
        is_goods: !CHARGES.contains(&code.as_str()) && !code.starts_with(VOUCHERS),
        unit_price: price.minor,
        at: time(&at).ok_or(Reject::Time)?,
        country: country_of(&country),
        invoice,
        code,
        description,
        quantity,
        customer,
    })
}

/// The clock on the shop's wall: the earlier of two times where an hour comes twice, none where it is left out.
fn time(text: &str) -> Option<Time> {
    let local = NaiveDateTime::parse_from_str(text, "%d/%m/%Y %H:%M").ok()?;
    Some(London.from_local_datetime(&local).earliest()?.with_timezone(&Utc))
}

/// The names that the data set has. The Channel Islands are two, Jersey and Guernsey, so their name is no country either.
fn country_of(name: &str) -> Option<CountryCode> {
    let code = match name {
        "Australia" => "AU",
        "Austria" => "AT",
        "Bahrain" => "BH",
        "Belgium" => "BE",
        "Brazil" => "BR",
        "Canada" => "CA",
        "Cyprus" => "CY",
        "Czech Republic" => "CZ",
        "Denmark" => "DK",
        "EIRE" => "IE",
        "Finland" => "FI",
        "France" => "FR",
        "Germany" => "DE",
        "Greece" => "GR",
        "Hong Kong" => "HK",
        "Iceland" => "IS",
        "Israel" => "IL",
        "Italy" => "IT",
        "Japan" => "JP",
        "Lebanon" => "LB",
        "Lithuania" => "LT",
        "Malta" => "MT",
        "Netherlands" => "NL",
        "Norway" => "NO",
        "Poland" => "PL",
        "Portugal" => "PT",
        "RSA" => "ZA",
        "Saudi Arabia" => "SA",
        "Singapore" => "SG",
        "Spain" => "ES",
        "Sweden" => "SE",
        "Switzerland" => "CH",
        "USA" => "US",
        "United Arab Emirates" => "AE",
        "United Kingdom" => "GB",
        _ => return None,
    };
    code.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(row: &str) -> Result<Line, Reject> {
        parse(&ByteRecord::from(row.split(',').collect::<Vec<_>>()), 1)
    }

    #[test]
    fn a_line_is_read_as_the_shop_meant_it() {
        let line = parsed("536365,85123a, WHITE HANGING HEART ,6,01/06/2011 08:26,2.5,17850,EIRE").unwrap();
        assert_eq!((line.kind, line.code.as_str(), line.is_goods), (Kind::Sale, "85123A", true));
        assert_eq!((line.quantity, line.unit_price, line.total), (6, 250, 1500));
        assert_eq!(line.at.to_string(), "2011-06-01 07:26:00 UTC");
        assert_eq!(line.description, "WHITE HANGING HEART");
        assert_eq!(line.country.unwrap().to_string(), "IE");
        let back = parsed("C536379,D,Discount,-1,01/12/2010 09:41,27.50,,Channel Islands").unwrap();
        assert_eq!((back.kind, back.is_goods, back.quantity, back.total), (Kind::Return, false, 1, 2750));
        assert_eq!((back.customer, back.country), (None, None));
        assert!(!parsed("1,gift_0001_40,Voucher,1,01/12/2010 09:41,34.04,,France").unwrap().is_goods);
    }

    #[test]
    fn what_cannot_be_taken_has_a_reason() {
        for (row, reject) in [
            ("1,A,x,1,01/12/2010 09:41,1", Reject::Columns),
            ("1,A,x,1,01/12/2010 09:41,0,,", Reject::Price),
            ("1,A,x,-1,01/12/2010 09:41,-11062.06,,", Reject::Price),
            ("1,A,x,1,01/12/2010 09:41,0.001,,", Reject::NotAPrice),
            ("1,A,x,2,01/12/2010 09:41,9000000000,,", Reject::Total),
            (",A,x,1,01/12/2010 09:41,1,,", Reject::Invoice),
            ("1,,x,1,01/12/2010 09:41,1,,", Reject::Code),
            ("1,A,x,0,01/12/2010 09:41,1,,", Reject::Quantity),
            ("1,A,x,many,01/12/2010 09:41,1,,", Reject::Quantity),
            ("1,A,x,1000001,01/12/2010 09:41,1,,", Reject::Quantity),
            ("C1,A,x,-2147483648,01/12/2010 09:41,1,,", Reject::Quantity),
            ("1,A,x,-1,01/12/2010 09:41,1,,", Reject::NegativeSale),
            ("C1,A,x,1,01/12/2010 09:41,1,,", Reject::PositiveReturn),
            ("1,A,x,1,12/31/2010 09:41,1,,", Reject::Time),
            ("1,A,x,1,27/03/2011 01:30,1,,", Reject::Time),
        ] {
            assert_eq!(parsed(row), Err(reject), "{row}");
        }
    }
}
