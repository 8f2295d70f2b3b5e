//! What the catalogue says in other languages than its own.

use std::sync::Arc;

use diesel::{
    AsChangeset, Insertable, Queryable, Selectable,
    deserialize::{FromSql, FromSqlRow},
    expression::AsExpression,
    pg::{Pg, PgValue},
    serialize::{IsNull, Output, ToSql},
    sql_types::Jsonb,
};
use serde::{Deserialize, Serialize};

use super::{
    Category, Product,
    attributes::{Attribute, Choice},
};
use crate::{
    kernel::{id::Id, place::Locale},
    schema::{attribute_choice_translations, attribute_translations, category_translations, product_translations},
};

/// Translations of a product, a category or an attribute at the most.
pub const MAXIMUM_TRANSLATIONS: i64 = 50;

/// What something says in another language than the catalogue's own.
pub trait Translation {
    fn locale(&self) -> &Locale;
}

macro_rules! translations {
    ($($row:ident),*) => {$(
        impl Translation for $row {
            fn locale(&self) -> &Locale {
                &self.locale
            }
        }
    )*};
}

translations!(ProductTranslation, CategoryTranslation, AttributeTranslation, ChoiceTranslation);

/// What a product says in another language. The description may be empty.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = product_translations, primary_key(product_id, locale))]
pub struct ProductTranslation {
    pub product_id: Id<Product>,
    pub locale: Locale,
    pub title: String,
    pub description: String,
    pub options: TranslatedOptions,
}

impl ProductTranslation {
    /// What an option is called that the product calls so; empty if nobody has said.
    pub fn option_name(&self, name: &str) -> &str {
        self.option(name).map_or("", |option| &option.translated_name)
    }

    /// What a value of an option is called that the product calls so; empty if nobody has said.
    pub fn option_value(&self, name: &str, value: &str) -> &str {
        let values = self.option(name).map_or(&[][..], |option| &option.values);
        values.iter().find(|known| known.value == value).map_or("", |known| &known.translated_value)
    }

    /// Leaves out options and values that the product calls otherwise by now.
    pub fn retain_current(&mut self, names: &[String], has_value: impl Fn(usize, &str) -> bool) {
        self.options.0.retain_mut(|option| {
            let place = names.iter().position(|name| *name == option.name);
            place.is_some_and(|place| {
                option.values.retain(|value| has_value(place, &value.value));
                true
            })
        });
    }

    /// Whether this is what it says of an option that was called so.
    pub fn has_option(&self, name: &str) -> bool {
        self.option(name).is_some()
    }

    /// All that options and values are called.
    pub fn option_words(&self) -> impl Iterator<Item = &str> {
        self.options.0.iter().flat_map(|option| {
            let values = option.values.iter().map(|value| value.translated_value.as_str());
            std::iter::once(option.translated_name.as_str()).chain(values)
        })
    }

    fn option(&self, name: &str) -> Option<&TranslatedOption> {
        self.options.0.iter().find(|option| option.name == name)
    }
}

/// What an option of a product is called in another language, by what the product calls it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TranslatedOption {
    pub name: String,
    /// May be empty.
    pub translated_name: String,
    pub values: Vec<TranslatedValue>,
}

/// As [`TranslatedOption`], of one of its values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TranslatedValue {
    pub value: String,
    pub translated_value: String,
}

/// What the options of a product are called in another language, as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, AsExpression, FromSqlRow)]
#[diesel(sql_type = Jsonb)]
pub struct TranslatedOptions(pub Vec<TranslatedOption>);

impl FromSql<Jsonb, Pg> for TranslatedOptions {
    fn from_sql(bytes: PgValue<'_>) -> diesel::deserialize::Result<Self> {
        Ok(serde_json::from_value(FromSql::<Jsonb, Pg>::from_sql(bytes)?)?)
    }
}

impl ToSql<Jsonb, Pg> for TranslatedOptions {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> diesel::serialize::Result {
        // The version of the binary format.
        std::io::Write::write_all(out, &[1])?;
        serde_json::to_writer(out, self)?;
        Ok(IsNull::No)
    }
}

/// What a category is called in another language. The description may be empty.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = category_translations, primary_key(category_id, locale))]
pub struct CategoryTranslation {
    pub category_id: Id<Category>,
    pub locale: Locale,
    pub name: String,
    pub description: String,
}

/// What an attribute is called in another language.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = attribute_translations, primary_key(attribute_id, locale))]
pub struct AttributeTranslation {
    pub attribute_id: Id<Attribute>,
    pub locale: Locale,
    pub name: String,
}

/// What a choice of an attribute is called in another language.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = attribute_choice_translations)]
pub struct ChoiceTranslation {
    pub choice_id: Id<Choice>,
    pub locale: Locale,
    pub name: String,
}

/// The locales whose translations serve readers of one, the best first. Whoever reads `own`, which the originals are in, needs none.
pub fn serving(wanted: &Locale, own: &Locale) -> Vec<Locale> {
    wanted.with_wider().into_iter().take_while(|locale| locale != own).collect()
}

/// What there is for readers of a locale: the translations that serve them, the best first, and then the original.
#[derive(Debug, Clone)]
pub struct Reading<T> {
    own: Locale,
    /// Shared by all that read the same, such as the variants of a product.
    translations: Vec<Arc<T>>,
}

impl<T: Translation> Reading<T> {
    /// Out of all translations. `own` is what the original is in.
    pub fn of(wanted: Option<&Locale>, own: Locale, all: &[Arc<T>]) -> Self {
        let wanted = wanted.map(|wanted| serving(wanted, &own)).unwrap_or_default();
        let find = |locale: &Locale| all.iter().find(|translation| translation.locale() == locale).map(Arc::clone);
        let translations = wanted.iter().filter_map(find).collect();
        Self { own, translations }
    }

    /// Of the best translation, or of the original if none serves.
    pub fn locale(&self) -> &Locale {
        self.translations.first().map_or(&self.own, |translation| translation.locale())
    }

    /// A text of the best translation that has it; the original if none has.
    pub fn text<'a>(&'a self, original: &'a str, text: impl Fn(&'a T) -> &'a str) -> &'a str {
        self.translations.iter().map(|translation| text(translation)).find(|text| !text.is_empty()).unwrap_or(original)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn locale(tag: &str) -> Locale {
        tag.parse().unwrap()
    }

    fn said(tag: &str, name: &str, description: &str) -> CategoryTranslation {
        let (name, description) = (name.to_owned(), description.to_owned());
        CategoryTranslation { category_id: Id::from_uuid(uuid::Uuid::nil()), locale: locale(tag), name, description }
    }

    fn read(wanted: Option<&str>, own: &str) -> (String, String, String) {
        let all = [said("de", "Kerzen", "Aus Wachs"), said("de-AT", "Kerzerl", ""), said("en-GB", "Tapers", "")];
        let all = all.map(Arc::new);
        let reading = Reading::of(wanted.map(locale).as_ref(), locale(own), &all);
        let text = |text: &str| text.to_owned();
        let description = text(reading.text("Of wax", |category| &category.description));
        (reading.locale().to_string(), text(reading.text("Candles", |category| &category.name)), description)
    }

    #[test]
    fn what_a_translation_leaves_out_a_wider_one_says_or_the_original() {
        let told = |locale: &str, name: &str, description: &str| (locale.into(), name.into(), description.into());
        assert_eq!(read(Some("de-AT"), "en"), told("de-AT", "Kerzerl", "Aus Wachs"));
        assert_eq!(read(Some("de-CH"), "en"), told("de", "Kerzen", "Aus Wachs"));
        assert_eq!(read(Some("en-GB"), "en"), told("en-GB", "Tapers", "Of wax"));
        for original in [Some("fr"), Some("en"), Some("en-US"), None] {
            assert_eq!(read(original, "en"), told("en", "Candles", "Of wax"));
        }
        // Whoever reads what the catalogue is written in does not want a translation.
        assert_eq!(read(Some("de-AT"), "de-AT"), told("de-AT", "Candles", "Of wax"));
        assert_eq!(read(Some("de-AT-1996"), "de-AT"), told("de-AT", "Candles", "Of wax"));
    }
}
