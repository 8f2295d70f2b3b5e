//! What products, categories and attributes say in other languages.

use std::collections::{HashMap, HashSet};

use super::{attributes::checked_choices, check, lock, settle, tell};
use crate::{
    kernel::{error::Failure, id::Id, place::Locale, text::fold},
    platform::{app::App, caller::Caller, db::Tx},
    products::{
        error::ProductError,
        model::{
            Category, MAXIMUM_VARIANTS, Product, ProductAspect,
            attributes::{Attribute, Choice, MAXIMUM_CHOICES},
            options::{self, MAXIMUM_OPTIONS},
            translations::{
                AttributeTranslation, CategoryTranslation, ChoiceTranslation, MAXIMUM_TRANSLATIONS, ProductTranslation,
                TranslatedOption, TranslatedOptions, TranslatedValue,
            },
        },
        queries::{self, attributes, categories, translations, variants},
    },
    users::model::{User, signed_in},
};

/// What a product shall say in another language.
#[derive(Debug, Clone)]
pub struct ProductWords {
    pub title: String,
    pub description: String,
    pub options: Vec<TranslatedOption>,
}

/// Sets what a product says in another language, whatever it said before. It is no change of its version: whoever edits the original
/// has nothing to read anew.
pub async fn set_product_translation(
    app: &App,
    caller: &Caller,
    id: Id<Product>,
    locale: Locale,
    words: ProductWords,
) -> Result<Product, ProductError> {
    let user = signed_in(caller)?;
    app.db.write(caller, move |tx| translate_product(tx, user, id, &locale, &words)).await
}

/// A step: sets what a product says in another language, by a person who may.
pub fn translate_product(
    tx: &mut Tx<'_>,
    user: Id<User>,
    id: Id<Product>,
    locale: &Locale,
    words: &ProductWords,
) -> Result<Product, ProductError> {
    let title = check::title(&words.title)?;
    let description = check::description(&words.description)?;
    let checked = checked_options(&words.options)?;
    let product = lock(tx, user, id, "productId")?;
    fits(tx, locale, |tx| translations::of_products::count_others(tx.conn(), id, locale))?;
    let options = TranslatedOptions(spelled(tx, &product, locale, checked)?);
    let row = ProductTranslation { product_id: id, locale: locale.clone(), title, description, options };
    translations::of_products::set(tx, &row)?;
    changed(tx, product)
}

/// Takes back what a product says in another language.
pub async fn remove_product_translation(
    app: &App,
    caller: &Caller,
    id: Id<Product>,
    locale: Locale,
) -> Result<Product, ProductError> {
    let user = signed_in(caller)?;
    app.db
        .write(caller, move |tx| {
            let product = lock(tx, user, id, "productId")?;
            if !translations::of_products::remove(tx, id, &locale)? {
                return Err(ProductError::not_found("locale"));
            }
            changed(tx, product)
        })
        .await
}

fn changed(tx: &mut Tx<'_>, mut product: Product) -> Result<Product, ProductError> {
    let now = tx.now();
    settle::settle(tx, &product, now)?;
    tell(tx, &product, product.card.status, &[ProductAspect::Details])?;
    product.details.updated_at = now;
    Ok(product)
}

/// Refuses the catalogue's own language, and one more than there may be of what is locked.
fn fits(
    tx: &mut Tx<'_>,
    locale: &Locale,
    count_others: impl FnOnce(&mut Tx<'_>) -> Result<i64, Failure>,
) -> Result<(), ProductError> {
    let field = || "locale".to_owned();
    if queries::words::locale(tx.conn())? == *locale {
        return Err(ProductError::OwnLocale { field: field() });
    }
    if count_others(tx)? >= MAXIMUM_TRANSLATIONS {
        return Err(ProductError::TooMany { field: field() });
    }
    Ok(())
}

/// Refuses texts that no option could have, and two that would be called the same.
fn checked_options(given: &[TranslatedOption]) -> Result<Vec<TranslatedOption>, ProductError> {
    if given.len() > MAXIMUM_OPTIONS {
        return Err(ProductError::TooMany { field: "options".into() });
    }
    let mut checked = Vec::with_capacity(given.len());
    for (place, TranslatedOption { name, translated_name, values }) in given.iter().enumerate() {
        let at = |rest: &str| format!("options.{place}.{rest}");
        if values.len() > MAXIMUM_VARIANTS {
            return Err(ProductError::TooMany { field: at("values") });
        }
        let translated_name = match translated_name.as_str() {
            "" => String::new(),
            given => check::option(given, &at("translatedName"))?,
        };
        let translated = |(index, TranslatedValue { value, translated_value }): (usize, &TranslatedValue)| {
            let translated_value = check::option(translated_value, &at(&format!("values.{index}.translatedValue")))?;
            Ok(TranslatedValue { value: value.clone(), translated_value })
        };
        let values = values.iter().enumerate().map(translated).collect::<Result<Vec<_>, ProductError>>()?;
        if let Some(index) = options::repeated(values.iter().map(|value| value.translated_value.as_str())) {
            return Err(ProductError::OptionTaken { field: at(&format!("values.{index}.translatedValue")) });
        }
        let is_taken = |known: &TranslatedOption| fold(&known.translated_name) == fold(&translated_name);
        if !translated_name.is_empty() && checked.iter().any(is_taken) {
            return Err(ProductError::OptionTaken { field: at("translatedName") });
        }
        checked.push(TranslatedOption { name: name.clone(), translated_name, values });
    }
    Ok(checked)
}

/// Options and values as a locked product spells them: a translation is found by what they are called. What the translation says of
/// those that are called otherwise by now may be said again.
fn spelled(
    tx: &mut Tx<'_>,
    product: &Product,
    locale: &Locale,
    given: Vec<TranslatedOption>,
) -> Result<Vec<TranslatedOption>, ProductError> {
    if given.is_empty() {
        return Ok(given);
    }
    let before = translations::of_products::all(tx.conn(), &[product.card.id])?;
    let before = before.into_iter().find(|translation| translation.locale == *locale);
    let variants = variants::of_product(tx.conn(), product.card.id)?;
    let known = |option: usize| {
        let values = variants.iter().filter_map(move |variant| variant.option_values.get(option));
        values.map(|value| (fold(value), value)).collect::<HashMap<_, _>>()
    };
    let options = (0..).zip(&product.details.option_names).map(|(place, name)| (fold(name), (name, known(place))));
    let mut options: HashMap<_, _> = options.collect();
    let mut spelled = Vec::with_capacity(given.len());
    for (place, TranslatedOption { name, translated_name, values: given }) in given.into_iter().enumerate() {
        let at = |rest: &str| format!("options.{place}.{rest}");
        let unknown = |field| ProductError::InvalidOptions { field };
        let was = before.as_ref().filter(|before| before.has_option(&name));
        // Taken, so that each is there once.
        let (name, mut known) = match options.remove(&fold(name.trim())) {
            Some((name, known)) => (name.clone(), known),
            None if was.is_some() && spelled.iter().all(|known: &TranslatedOption| known.name != name) => {
                (name, HashMap::new())
            }
            None => return Err(unknown(at("name"))),
        };
        let mut values: Vec<TranslatedValue> = Vec::with_capacity(given.len());
        for (index, TranslatedValue { value, translated_value }) in given.into_iter().enumerate() {
            let is_first = values.iter().all(|known| known.value != value);
            let value = match known.remove(&fold(value.trim())) {
                Some(value) => value.clone(),
                None if is_first && was.is_some_and(|was| !was.option_value(&name, &value).is_empty()) => value,
                None => return Err(unknown(at(&format!("values.{index}.value")))),
            };
            values.push(TranslatedValue { value, translated_value });
        }
        // What keeps its name is called by it.
        let kept = known.values().map(|value| value.as_str());
        let called = values.iter().map(|value| value.translated_value.as_str());
        if let Some(index) = options::repeated(kept.chain(called)) {
            let index = index.saturating_sub(known.len());
            return Err(ProductError::OptionTaken { field: at(&format!("values.{index}.translatedValue")) });
        }
        spelled.push(TranslatedOption { name, translated_name, values });
    }
    Ok(spelled)
}

/// What a category shall be called in another language.
#[derive(Debug, Clone)]
pub struct CategoryWords {
    pub name: String,
    pub description: String,
}

/// Sets what a category is called in another language, whatever it was called before. The face lets staff in alone.
pub async fn set_category_translation(
    app: &App,
    caller: &Caller,
    id: Id<Category>,
    locale: Locale,
    words: CategoryWords,
) -> Result<Category, ProductError> {
    app.db.write(caller, move |tx| translate_category(tx, id, &locale, &words)).await
}

/// A step: sets what a category is called in another language.
pub fn translate_category(
    tx: &mut Tx<'_>,
    id: Id<Category>,
    locale: &Locale,
    words: &CategoryWords,
) -> Result<Category, ProductError> {
    let name = check::line(&words.name, 80, "name")?;
    let description = check::category_description(&words.description)?;
    let category = categories::lock(tx, id)?.ok_or_else(|| ProductError::not_found("categoryId"))?;
    fits(tx, locale, |tx| translations::of_categories::count_others(tx.conn(), id, locale))?;
    let row = CategoryTranslation { category_id: id, locale: locale.clone(), name, description };
    translations::of_categories::set(tx, &row)?;
    Ok(category)
}

/// Takes back what a category is called in another language. The face lets staff in alone.
pub async fn remove_category_translation(
    app: &App,
    caller: &Caller,
    id: Id<Category>,
    locale: Locale,
) -> Result<Category, ProductError> {
    app.db
        .write(caller, move |tx| {
            let category = categories::lock(tx, id)?.ok_or_else(|| ProductError::not_found("categoryId"))?;
            if !translations::of_categories::remove(tx, id, &locale)? {
                return Err(ProductError::not_found("locale"));
            }
            Ok(category)
        })
        .await
}

/// What an attribute and some of its choices shall be called in another language.
#[derive(Debug, Clone)]
pub struct AttributeWords {
    pub name: String,
    pub choices: Vec<(Id<Choice>, String)>,
}

/// Sets what an attribute and its choices are called in another language, whatever they were called before. The face lets staff in
/// alone.
pub async fn set_attribute_translation(
    app: &App,
    caller: &Caller,
    id: Id<Attribute>,
    locale: Locale,
    words: AttributeWords,
) -> Result<Attribute, ProductError> {
    let name = check::line(&words.name, 80, "name")?;
    if words.choices.len() > MAXIMUM_CHOICES {
        return Err(ProductError::TooMany { field: "choices".into() });
    }
    let choices = checked_choices(words.choices, |place| format!("choices.{place}.name"))?;
    app.db
        .write(caller, move |tx| {
            let attribute = attributes::lock(tx, id)?.ok_or_else(|| ProductError::not_found("attributeId"))?;
            fits(tx, &locale, |tx| translations::of_attributes::count_others(tx.conn(), id, &locale))?;
            let known: HashSet<_> = attributes::choices(tx.conn(), &[id])?.into_iter().map(|one| one.id).collect();
            let mut seen = HashSet::new();
            for (place, (choice, _)) in choices.iter().enumerate() {
                let field = || format!("choices.{place}.choiceId");
                if !known.contains(choice) {
                    return Err(ProductError::NotFound { field: field() });
                }
                if !seen.insert(choice) {
                    return Err(ProductError::OptionTaken { field: field() });
                }
            }
            let row = AttributeTranslation { attribute_id: id, locale: locale.clone(), name: name.clone() };
            translations::of_attributes::set(tx, &row)?;
            let row = |(choice, name): &(Id<Choice>, String)| ChoiceTranslation {
                choice_id: *choice,
                locale: locale.clone(),
                name: name.clone(),
            };
            translations::set_choices(tx, id, &locale, &choices.iter().map(row).collect::<Vec<_>>())?;
            Ok(attribute)
        })
        .await
}

/// Takes back what an attribute and its choices are called in another language. The face lets staff in alone.
pub async fn remove_attribute_translation(
    app: &App,
    caller: &Caller,
    id: Id<Attribute>,
    locale: Locale,
) -> Result<Attribute, ProductError> {
    app.db
        .write(caller, move |tx| {
            let attribute = attributes::lock(tx, id)?.ok_or_else(|| ProductError::not_found("attributeId"))?;
            if !translations::of_attributes::remove(tx, id, &locale)? {
                return Err(ProductError::not_found("locale"));
            }
            translations::set_choices(tx, id, &locale, &[])?;
            Ok(attribute)
        })
        .await
}
