//! What the demo market says in German.

use std::collections::BTreeMap;

use super::{Shelf, known};
use crate::{
    demo::{
        error::DemoError,
        model::{GERMAN, GERMAN_CATEGORIES, GERMAN_PRODUCTS, GermanOption, GermanProduct, PEOPLE},
    },
    kernel::{error::Failure, id::Id, place::Locale},
    platform::db::Tx,
    products::{
        self,
        model::translations::{TranslatedOption, TranslatedValue},
        service::{CategoryWords, Missing, ProductWords},
    },
    shops::model::ShopRole,
    users::model::User,
};

/// Translates the categories and some products, each by the owner of its shop.
pub(super) fn add(
    tx: &mut Tx<'_>,
    people: &BTreeMap<&'static str, Id<User>>,
    shelf: &Shelf<'_>,
) -> Result<(), DemoError> {
    let german: Locale = GERMAN.parse().map_err(Failure::internal)?;
    for (original, name) in GERMAN_CATEGORIES {
        let category = products::service::category_at(tx, &[original.to_owned()], Missing::LeftOut)?;
        let category = category.ok_or_else(|| DemoError::Goods(format!("nothing is called {original}")))?;
        let words = CategoryWords { name: name.into(), description: String::new() };
        products::service::translate_category(tx, category, &german, &words)?;
    }
    for GermanProduct { shop, sku, title, description, option } in &GERMAN_PRODUCTS {
        let (product, ..) = known(shelf, sku)?;
        let owns = |works: &(&str, ShopRole)| *works == (*shop, ShopRole::Owner);
        let owner = PEOPLE.iter().find(|person| person.works_for.iter().any(owns));
        let owner = known(people, owner.map(|person| person.name).unwrap_or_default())?;
        let options = option.iter().map(option_words).collect();
        let words = ProductWords { title: (*title).into(), description: (*description).into(), options };
        products::service::translate_product(tx, owner, product, &german, &words)?;
    }
    Ok(())
}

fn option_words(GermanOption { name: (name, translated), values }: &GermanOption) -> TranslatedOption {
    let value = |(value, translated): &(&str, &str)| TranslatedValue {
        value: (*value).into(),
        translated_value: (*translated).into(),
    };
    TranslatedOption {
        name: (*name).into(),
        translated_name: (*translated).into(),
        values: values.iter().map(value).collect(),
    }
}
