//! Postal addresses, as their country writes them.

use std::{
    collections::HashMap,
    sync::{LazyLock, OnceLock},
};

use diesel::{
    deserialize::{FromSql, FromSqlRow},
    pg::{Pg, PgValue},
    sql_types::Jsonb,
};
use regex_lite::Regex;
use serde::{Deserialize, Serialize};

use super::{
    place::CountryCode,
    text::{self, TextError},
};

/// Where something goes. An order keeps a copy, which does not change with anybody's address book.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    pub name: String,
    pub lines: Vec<String>,
    pub postal_code: Option<String>,
    pub city: String,
    pub region: Option<String>,
    pub country: CountryCode,
    pub phone: Option<String>,
}

/// Why an address is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[error("{field}: {fault}")]
pub struct AddressError {
    /// The field as the API names it; of a list, with the place after a dot.
    pub field: String,
    pub fault: AddressFault,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum AddressFault {
    #[error(transparent)]
    Text(#[from] TextError),
    #[error("these are too many")]
    TooMany,
    #[error("the country has no such thing")]
    NotOfTheCountry,
}

impl Address {
    /// The address with its texts in order: trimmed, the postal code in capitals, a region as its country abbreviates it.
    ///
    /// # Errors
    /// The first field that is wrong, and why.
    pub fn checked(self) -> Result<Self, AddressError> {
        match self.lines.len() {
            0 => return Err(wrong("lines", TextError::Blank)),
            1..=4 => {}
            _ => return Err(wrong("lines", AddressFault::TooMany)),
        }
        let checked = |(place, line): (usize, &String)| {
            text::line(line, 100).map_err(|error| wrong(&format!("lines.{place}"), error))
        };
        let lines = self.lines.iter().enumerate().map(checked).collect::<Result<Vec<_>, _>>()?;
        let rules = AddressRules::of(self.country);
        Ok(Self {
            name: text::line(&self.name, 100).map_err(|error| wrong("name", error))?,
            lines,
            postal_code: rules.postal_code(optional("postalCode", self.postal_code.as_deref())?)?,
            city: text::line(&self.city, 100).map_err(|error| wrong("city", error))?,
            region: rules.region(optional("region", self.region.as_deref())?)?,
            country: self.country,
            phone: optional("phone", self.phone.as_deref())?,
        })
    }
}

fn wrong(field: &str, fault: impl Into<AddressFault>) -> AddressError {
    AddressError { field: field.into(), fault: fault.into() }
}

fn optional(field: &str, value: Option<&str>) -> Result<Option<String>, AddressError> {
    match value.map(str::trim) {
        None | Some("") => Ok(None),
        Some(given) => text::line(given, 40).map(Some).map_err(|error| wrong(field, error)),
    }
}

/// How a country writes addresses, as far as countries differ.
#[derive(Debug, Default, Deserialize)]
pub struct AddressRules {
    /// None where there are no postal codes.
    postal_code: Option<PostalCodes>,
    /// None where no region is written; empty where one may be, in any words.
    regions: Option<Vec<Region>>,
}

/// The postal codes of a country.
#[derive(Debug, Deserialize)]
pub struct PostalCodes {
    /// A regular expression that each of them matches as a whole.
    pub pattern: String,
    pub example: String,
    pub is_required: bool,
    #[serde(skip)]
    compiled: OnceLock<Option<Regex>>,
}

/// A state, county or province that is written in addresses.
#[derive(Debug, Clone, Deserialize)]
pub struct Region {
    /// What stands on the envelope: "CA".
    pub value: String,
    /// What people call it: "California".
    pub name: String,
    /// The last part of its ISO 3166-2 code, if that is something else.
    iso: Option<String>,
    /// Its name in Latin letters, where others are used. It may stand on the envelope, too.
    pub latin: Option<String>,
}

/// `assets/addresses/NOTICE` says where they come from. A test reads them all.
static RULES: LazyLock<HashMap<String, AddressRules>> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../assets/addresses/rules.json")).unwrap_or_default());

/// Of countries of which nothing is known: everything may be written, nothing must.
static NO_RULES: LazyLock<AddressRules> =
    LazyLock::new(|| AddressRules { postal_code: None, regions: Some(Vec::new()) });

impl AddressRules {
    /// The rules of a country.
    #[must_use]
    pub fn of(country: CountryCode) -> &'static Self {
        RULES.get(&country.to_string()).unwrap_or(&NO_RULES)
    }

    /// What is known of the country's postal codes; none where it has none.
    #[must_use]
    pub const fn postal_codes(&self) -> Option<&PostalCodes> {
        self.postal_code.as_ref()
    }

    /// The regions of which one must be written; empty where none must.
    #[must_use]
    pub fn regions(&self) -> &[Region] {
        self.regions.as_deref().unwrap_or_default()
    }

    fn postal_code(&self, given: Option<String>) -> Result<Option<String>, AddressError> {
        let Some(rule) = &self.postal_code else { return Ok(given) };
        let Some(given) = given else {
            let is_missing = rule.is_required.then(|| wrong("postalCode", TextError::Blank));
            return is_missing.map_or(Ok(None), Err);
        };
        let code = given.split_whitespace().collect::<Vec<_>>().join(" ").to_uppercase();
        if rule.matches(&code) { Ok(Some(code)) } else { Err(wrong("postalCode", AddressFault::NotOfTheCountry)) }
    }

    fn region(&self, given: Option<String>) -> Result<Option<String>, AddressError> {
        let regions = self.regions();
        if regions.is_empty() {
            return Ok(given);
        }
        let given = given.ok_or_else(|| wrong("region", TextError::Blank))?;
        let folded = text::fold(&given);
        let found = regions.iter().find_map(|region| region.called(&folded));
        found.map(|name| Some(name.to_owned())).ok_or_else(|| wrong("region", AddressFault::NotOfTheCountry))
    }
}

impl PostalCodes {
    fn matches(&self, code: &str) -> bool {
        let compiled = self.compiled.get_or_init(|| Regex::new(&format!("^(?:{})$", self.pattern)).ok());
        compiled.as_ref().is_none_or(|pattern| pattern.is_match(code))
    }
}

impl Region {
    /// What is written for a region that somebody calls so, without case and marks.
    fn called(&self, folded: &str) -> Option<&str> {
        let is = |name: &String| text::fold(name) == folded;
        if is(&self.value) || is(&self.name) || self.iso.as_ref().is_some_and(is) {
            return Some(&self.value);
        }
        self.latin.as_ref().filter(|latin| is(latin)).map(String::as_str)
    }
}

/// An address as it is stored. A list of orders reads many and shows few, so its JSON is parsed when somebody looks.
#[derive(Debug, Clone, FromSqlRow)]
pub struct StoredAddress(Vec<u8>);

impl StoredAddress {
    /// The address; none if what is stored is no address.
    #[must_use]
    pub fn parse(&self) -> Option<Address> {
        serde_json::from_slice(&self.0).ok()
    }

    /// Its country, which is also known of what is less than an address.
    #[must_use]
    pub fn country(&self) -> Option<CountryCode> {
        #[derive(Deserialize)]
        struct Somewhere {
            country: CountryCode,
        }
        serde_json::from_slice::<Somewhere>(&self.0).ok().map(|somewhere| somewhere.country)
    }
}

impl FromSql<Jsonb, Pg> for StoredAddress {
    fn from_sql(bytes: PgValue<'_>) -> diesel::deserialize::Result<Self> {
        // The first byte is the version of the binary format, and there is one version.
        match bytes.as_bytes() {
            [1, json @ ..] => Ok(Self(json.to_vec())),
            _ => Err("an unknown version of jsonb".into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(country: &str) -> Address {
        Address {
            name: " Ada ".into(),
            lines: vec!["1 High Street".into()],
            postal_code: None,
            city: "York".into(),
            region: Some(" ".into()),
            country: country.parse().unwrap(),
            phone: None,
        }
    }

    fn with(country: &str, postal_code: &str, region: &str) -> Result<(Option<String>, Option<String>), AddressError> {
        let given = Address { postal_code: Some(postal_code.into()), region: Some(region.into()), ..address(country) };
        given.checked().map(|address| (address.postal_code, address.region))
    }

    #[test]
    fn addresses_are_tidied_and_bounded() {
        let tidy = address("IE").checked().unwrap();
        assert_eq!((tidy.name.as_str(), tidy.region), ("Ada", None));
        let fault = |address: Address| address.checked().unwrap_err();
        assert_eq!(fault(Address { lines: vec![], ..address("IE") }), wrong("lines", TextError::Blank));
        assert_eq!(
            fault(Address { lines: vec!["x".into(); 5], ..address("IE") }),
            wrong("lines", AddressFault::TooMany)
        );
        let lines = vec!["x".into(), " ".into(), "y".into()];
        assert_eq!(fault(Address { lines, ..address("IE") }), wrong("lines.1", TextError::Blank));
        assert_eq!(fault(Address { city: " ".into(), ..address("IE") }), wrong("city", TextError::Blank));
    }

    #[test]
    fn postal_codes_are_those_of_their_country() {
        assert_eq!(with("GB", " yo1  7hh", "").unwrap().0.as_deref(), Some("YO1 7HH"));
        assert_eq!(address("GB").checked().unwrap_err(), wrong("postalCode", TextError::Blank));
        for (country, code) in [("DE", "1010"), ("AT", "10100"), ("GB", "YO1 7HH 9"), ("US", "9501"), ("DE", "٢٦١٣٣")]
        {
            let error = with(country, code, "CA").unwrap_err();
            assert_eq!(error, wrong("postalCode", AddressFault::NotOfTheCountry), "{country}");
        }
        // Where there are none, and where little is known, people know better.
        for country in ["HK", "AQ", "AO"] {
            assert_eq!(with(country, "x", "Kowloon").unwrap().0.as_deref(), Some("x"), "{country}");
        }
    }

    #[test]
    fn a_region_is_written_as_its_country_abbreviates_it() {
        let region = |country, code, given| with(country, code, given).map(|(_, region)| region.unwrap());
        for given in ["CA", "ca", "California", "CALIFORNIA"] {
            assert_eq!(region("US", "95014", given).unwrap(), "CA");
        }
        assert_eq!(region("ES", "28039", "avila").unwrap(), "AV");
        assert_eq!(region("JP", "154-0023", "13").unwrap(), "東京都");
        assert_eq!(region("JP", "154-0023", "Tokyo").unwrap(), "Tokyo");
        assert_eq!(region("US", "95014", " ").unwrap_err(), wrong("region", TextError::Blank));
        assert_eq!(region("US", "95014", "Bavaria").unwrap_err(), wrong("region", AddressFault::NotOfTheCountry));
        assert_eq!(region("DE", "10115", "Berlin").unwrap(), "Berlin");
    }

    #[test]
    fn the_rules_are_about_countries_and_fit_their_own_examples() {
        assert!(RULES.len() > 150);
        for (country, rules) in RULES.iter() {
            assert!(country.parse::<CountryCode>().is_ok(), "{country}");
            let Some(codes) = &rules.postal_code else { continue };
            assert!(codes.example.is_empty() || codes.matches(&codes.example), "{country}");
            assert!(codes.compiled.get().is_none_or(Option::is_some), "{country}");
            assert!(!codes.matches("no code"), "{country}");
        }
    }
}
