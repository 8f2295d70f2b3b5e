//! What texts and prices of products must be.

use super::prices;
use crate::{
    kernel::{
        id::Id,
        money::{CurrencyCode, Money},
        text::{self, TextError},
    },
    platform::db::Tx,
    products::{
        error::ProductError,
        model::{
            AddVariant, Category, MAXIMUM_GRAMS, MAXIMUM_PRICE, MAXIMUM_TAGS, MAXIMUM_VARIANTS,
            options::{self, MAXIMUM_OPTIONS, Misfit, SelectedOption},
            prices::{AskedPrices, NewPrices},
            taxes::TaxClass,
        },
        queries,
    },
};

pub fn line(given: &str, maximum: usize, field: &str) -> Result<String, ProductError> {
    text::line(given, maximum).map_err(|error| ProductError::Text { field: field.into(), error })
}

pub fn title(given: &str) -> Result<String, ProductError> {
    line(given, 200, "title")
}

/// A brand may be empty.
pub fn brand(given: &str) -> Result<String, ProductError> {
    match text::line(given, 100) {
        Err(TextError::Blank) => Ok(String::new()),
        checked => checked.map_err(|error| ProductError::Text { field: "brand".into(), error }),
    }
}

/// Tags in lower case, each once.
pub fn tags(given: &[String]) -> Result<Vec<String>, ProductError> {
    if given.len() > MAXIMUM_TAGS {
        return Err(ProductError::TooMany { field: "tags".into() });
    }
    let mut tags = Vec::with_capacity(given.len());
    for (place, tag) in given.iter().enumerate() {
        let tag = line(tag, 50, &format!("tags.{place}"))?.to_lowercase();
        if !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    Ok(tags)
}

/// A description may be empty.
pub fn description(given: &str) -> Result<String, ProductError> {
    paragraph(given, 10_000)
}

fn paragraph(given: &str, maximum: usize) -> Result<String, ProductError> {
    match text::paragraph(given, maximum) {
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

/// A text for those who do not see an image may be empty.
pub fn alternative_text(given: &str, field: &str) -> Result<String, ProductError> {
    match text::line(given, 500) {
        Err(TextError::Blank) => Ok(String::new()),
        checked => checked.map_err(|error| ProductError::Text { field: field.into(), error }),
    }
}

/// A category's description may be empty.
pub fn category_description(given: &str) -> Result<String, ProductError> {
    paragraph(given, 2_000)
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
    if !(0..=MAXIMUM_PRICE).contains(&given.minor) {
        return Err(ProductError::PriceOutOfRange { field: field.into() });
    }
    Ok(given.minor)
}

/// There is such a category, and it stays until the transaction ends.
pub fn category(tx: &mut Tx<'_>, id: Id<Category>) -> Result<(), ProductError> {
    if queries::categories::hold(tx, id)? { Ok(()) } else { Err(ProductError::not_found("categoryId")) }
}

/// There is such a tax class, and it stays until the transaction ends.
pub fn tax_class(tx: &mut Tx<'_>, id: Id<TaxClass>) -> Result<(), ProductError> {
    if queries::taxes::hold(tx, id)? { Ok(()) } else { Err(ProductError::not_found("taxClassId")) }
}

/// The names of a product's options.
pub fn option_names(given: &[String]) -> Result<Vec<String>, ProductError> {
    if given.len() > MAXIMUM_OPTIONS {
        return Err(ProductError::TooMany { field: "options".into() });
    }
    let checked = given.iter().enumerate().map(|(place, name)| option(name, &format!("options.{place}")));
    let names = checked.collect::<Result<Vec<_>, _>>()?;
    match options::repeated(names.iter().map(String::as_str)) {
        Some(place) => Err(ProductError::OptionTaken { field: format!("options.{place}") }),
        None => Ok(names),
    }
}

/// The name of an option, or a value.
pub fn option(given: &str, field: &str) -> Result<String, ProductError> {
    line(given, 60, field)
}

/// The values of a variant for its product's options.
pub fn option_values(names: &[String], given: &[SelectedOption], field: &str) -> Result<Vec<String>, ProductError> {
    let selected = |(place, SelectedOption { name, value }): (usize, &SelectedOption)| {
        let value = option(value, &format!("{field}.{place}.value"))?;
        Ok(SelectedOption { name: name.trim().to_owned(), value })
    };
    let given = given.iter().enumerate().map(selected).collect::<Result<Vec<_>, ProductError>>()?;
    options::values(names, &given).map_err(|misfit| misfit_at(misfit, field))
}

pub fn misfit_at(misfit: Misfit, field: &str) -> ProductError {
    match misfit {
        Misfit::Unknown(at) => ProductError::InvalidOptions { field: format!("{field}.{at}") },
        Misfit::Missing => ProductError::InvalidOptions { field: field.into() },
        Misfit::Twice(at) => ProductError::OptionTaken { field: format!("{field}.{at}") },
    }
}

pub fn barcode(given: &str, field: &str) -> Result<String, ProductError> {
    line(given, 64, field)
}

pub fn weight(grams: i32, field: &str) -> Result<i32, ProductError> {
    if (0..=MAXIMUM_GRAMS).contains(&grams) { Ok(grams) } else { Err(ProductError::OutOfRange { field: field.into() }) }
}

/// A variant whose texts and price are in order. Without a SKU of its own it gets one when it is made.
pub struct CheckedVariant {
    pub sku: Option<String>,
    pub title: String,
    pub price: i64,
    pub prices: NewPrices,
    pub option_values: Vec<String>,
    pub barcode: Option<String>,
    pub weight_grams: Option<i32>,
}

impl CheckedVariant {
    /// Spells its values as the product's other variants do, where they are the same but for case and accents.
    pub fn spell_alike<'a>(&mut self, others: impl IntoIterator<Item = &'a [String], IntoIter: Clone>) {
        options::spell_alike(&mut self.option_values, others);
        if !self.option_values.is_empty() {
            self.title = options::title(&self.option_values);
        }
    }
}

/// `path` is where the variant stands in the input, with a dot at its end unless it is empty.
pub fn variant(
    given: &AddVariant,
    currency: CurrencyCode,
    names: &[String],
    path: &str,
) -> Result<CheckedVariant, ProductError> {
    let option_values = option_values(names, &given.options, &format!("{path}options"))?;
    let title = variant_title(given.title.as_deref().unwrap_or_default(), &format!("{path}title"))?;
    let asked = AskedPrices {
        price: Some(given.price),
        compare_at_price: given.compare_at_price.map(Some),
        others: (!given.prices.is_empty()).then(|| given.prices.clone()),
    };
    let (_, prices) = prices::checked(&asked, None, currency, path)?;
    Ok(CheckedVariant {
        sku: given.sku.as_deref().map(|given| sku(given, &format!("{path}sku"))).transpose()?,
        title: called(title, &option_values, &format!("{path}title"))?,
        price: given.price.minor,
        prices,
        option_values,
        barcode: given.barcode.as_deref().map(|given| barcode(given, &format!("{path}barcode"))).transpose()?,
        weight_grams: given.weight_grams.map(|grams| weight(grams, &format!("{path}weightGrams"))).transpose()?,
    })
}

/// What a variant is called: its own title, or that of its options.
fn called(title: String, option_values: &[String], field: &str) -> Result<String, ProductError> {
    match (option_values, title.as_str()) {
        ([], _) => Ok(title),
        (_, "") => Ok(options::title(option_values)),
        _ => Err(ProductError::TitleAndOptions { field: field.into() }),
    }
}

/// Refuses lists that are empty, too long, or in which two have the same SKU or the same options.
pub fn variants(
    given: &[AddVariant],
    currency: CurrencyCode,
    names: &[String],
) -> Result<Vec<CheckedVariant>, ProductError> {
    if given.is_empty() {
        return Err(ProductError::Missing { field: "variants".into() });
    }
    if given.len() > MAXIMUM_VARIANTS {
        return Err(ProductError::TooManyVariants { field: "variants".into() });
    }
    let mut checked: Vec<CheckedVariant> = Vec::with_capacity(given.len());
    for (index, given) in given.iter().enumerate() {
        let mut variant = variant(given, currency, names, &format!("variants.{index}."))?;
        variant.spell_alike(checked.iter().map(|other| other.option_values.as_slice()));
        checked.push(variant);
    }
    let mut seen = std::collections::HashSet::new();
    let twice = checked.iter().position(|variant| variant.sku.as_ref().is_some_and(|sku| !seen.insert(sku)));
    if let Some(index) = twice {
        return Err(ProductError::SkuTaken { field: format!("variants.{index}.sku") });
    }
    match same_options(checked.iter().map(|variant| variant.option_values.as_slice())) {
        Some(index) => Err(ProductError::SameOptions { field: format!("variants.{index}.options") }),
        None => Ok(checked),
    }
}

/// Where the first variant stands whose options an earlier one has too, but for case and accents.
pub fn same_options<'a>(variants: impl IntoIterator<Item = &'a [String]>) -> Option<usize> {
    let folded = |values: &[String]| values.iter().map(|value| text::fold(value)).collect::<Vec<_>>();
    let mut seen = std::collections::HashSet::new();
    variants.into_iter().position(|values| !values.is_empty() && !seen.insert(folded(values)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(sku: Option<&str>, minor: i64) -> AddVariant {
        AddVariant { sku: sku.map(Into::into), ..AddVariant::priced(Money::new(minor, CurrencyCode::GBP)) }
    }

    fn refusal(given: &[AddVariant]) -> String {
        variants(given, CurrencyCode::GBP, &[]).map(|_| ()).unwrap_err().to_string()
    }

    #[test]
    fn a_refusal_names_the_variant() {
        assert_eq!(refusal(&[given(None, 1), given(None, -1)]), "variants.1.price: below zero");
        let same = [given(Some("A"), 1), given(None, 1), given(Some(" A "), 1)];
        assert_eq!(refusal(&same), "variants.2.sku: the shop has this SKU already");
        assert_eq!(refusal(&[given(Some(" "), 1)]), "variants.0.sku: a text is missing");
        assert_eq!(refusal(&[]), "variants: missing");
        assert!(matches!(
            variants(&[given(None, 1)], "EUR".parse().unwrap(), &[]).map(|_| ()),
            Err(ProductError::CurrencyMismatch { field }) if field == "variants.0.price"
        ));
    }

    #[test]
    fn a_product_has_up_to_a_hundred_variants() {
        let given = |count| (0..count).map(|_| given(None, 0)).collect::<Vec<_>>();
        assert_eq!(variants(&given(100), CurrencyCode::GBP, &[]).unwrap().len(), 100);
        assert!(matches!(variants(&given(101), CurrencyCode::GBP, &[]), Err(ProductError::TooManyVariants { .. })));
    }

    #[test]
    fn variants_with_options_are_told_apart_and_called_by_them() {
        let names = ["Size".to_owned(), "Colour".to_owned()];
        let given = |size: &str, colour: &str| {
            let selected = |name: &str, value: &str| SelectedOption { name: name.into(), value: value.into() };
            let options = vec![selected("Size", size), selected("Colour", colour)];
            AddVariant { options, ..AddVariant::priced(Money::new(1, CurrencyCode::GBP)) }
        };
        let checked = variants(&[given("S", "Blue"), given("M", "Blue")], CurrencyCode::GBP, &names).unwrap();
        assert_eq!(checked.iter().map(|variant| variant.title.as_str()).collect::<Vec<_>>(), ["S / Blue", "M / Blue"]);
        let refusal = |given: &[AddVariant]| {
            variants(given, CurrencyCode::GBP, &names).map(|_| ()).map_err(|error| error.to_string())
        };
        let same = "variants.1.options: another variant has the same options";
        assert_eq!(refusal(&[given("S", "Blue"), given("s", "BLUE")]), Err(same.into()));
        let titled = AddVariant { title: Some("Small".into()), ..given("S", "Blue") };
        assert_eq!(
            refusal(&[titled]),
            Err("variants.0.title: a variant with options is called by their values".into())
        );
        let bare = AddVariant { options: Vec::new(), ..given("S", "Blue") };
        assert_eq!(refusal(&[bare]), Err("variants.0.options: no such option, or not each of them once".into()));
        assert_eq!(refusal(&[given("S", " ")]), Err("variants.0.options.1.value: a text is missing".into()));
    }
}
