//! What the catalogue says in other languages, to whoever may see what says it.

use std::{collections::HashMap, hash::Hash, sync::Arc};

use async_graphql::dataloader::Loader;

use crate::{
    kernel::{error::Failure, id::Id, place::Locale},
    platform::{
        db::Conn,
        gql::{Reader, WireError},
    },
    products::{
        model::{
            Category, Product,
            attributes::{Attribute, Choice},
            translations::{
                AttributeTranslation, CategoryTranslation, ChoiceTranslation, ProductTranslation, Reading, Translation,
            },
        },
        queries::{
            translations::{self, Row},
            words,
        },
    },
};

/// What there is to read of something that the caller was shown in the same request, and may see therefore.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ReadingOf<I> {
    pub id: I,
    pub locale: Option<Locale>,
}

/// What is looked up for some keys.
fn wanted<I: Copy>(keys: &[ReadingOf<I>]) -> (Vec<I>, Vec<Locale>) {
    let mut locales: Vec<Locale> = Vec::new();
    for locale in keys.iter().filter_map(|key| key.locale.as_ref()).flat_map(Locale::with_wider) {
        if !locales.contains(&locale) {
            locales.push(locale);
        }
    }
    (keys.iter().map(|key| key.id).collect(), locales)
}

/// Rows with what the catalogue is written in.
type Read<I, T> = (Locale, Vec<Row<I, T>>);

fn with_own<I, T>(conn: &mut Conn, rows: Vec<Row<I, T>>) -> Result<Read<I, T>, Failure> {
    let own = match rows.first() {
        Some((_, own, _)) => own.clone(),
        None => Some(words::locale(conn)?),
    };
    Ok((own.unwrap_or_default(), rows))
}

/// Of each key, also of what is gone since it was shown: that has its original.
fn readings<I: Copy + Eq + Hash, T: Translation>(
    keys: &[ReadingOf<I>],
    (own, rows): Read<I, T>,
) -> HashMap<ReadingOf<I>, Reading<T>> {
    let mut translations = HashMap::<_, Vec<Arc<T>>>::new();
    for (id, _, translation) in rows {
        translations.entry(id).or_default().extend(translation.map(Arc::new));
    }
    let reading = |key: &ReadingOf<I>| {
        let all = translations.get(&key.id).map(Vec::as_slice).unwrap_or_default();
        (key.clone(), Reading::of(key.locale.as_ref(), own.clone(), all))
    };
    keys.iter().map(reading).collect()
}

impl Loader<ReadingOf<Id<Product>>> for Reader {
    type Value = Reading<ProductTranslation>;
    type Error = WireError;

    async fn load(
        &self,
        keys: &[ReadingOf<Id<Product>>],
    ) -> Result<HashMap<ReadingOf<Id<Product>>, Self::Value>, WireError> {
        let (ids, locales) = wanted(keys);
        let read = move |conn: &mut Conn| {
            let rows = translations::of_products::read(conn, &ids, &locales)?;
            with_own(conn, rows)
        };
        Ok(readings(keys, self.app.db.read(read).await?))
    }
}

impl Loader<ReadingOf<Id<Category>>> for Reader {
    type Value = Reading<CategoryTranslation>;
    type Error = WireError;

    async fn load(
        &self,
        keys: &[ReadingOf<Id<Category>>],
    ) -> Result<HashMap<ReadingOf<Id<Category>>, Self::Value>, WireError> {
        let (ids, locales) = wanted(keys);
        let read = move |conn: &mut Conn| {
            let rows = translations::of_categories::read(conn, &ids, &locales)?;
            with_own(conn, rows)
        };
        Ok(readings(keys, self.app.db.read(read).await?))
    }
}

impl Loader<ReadingOf<Id<Attribute>>> for Reader {
    type Value = Reading<AttributeTranslation>;
    type Error = WireError;

    async fn load(
        &self,
        keys: &[ReadingOf<Id<Attribute>>],
    ) -> Result<HashMap<ReadingOf<Id<Attribute>>, Self::Value>, WireError> {
        let (ids, locales) = wanted(keys);
        let read = move |conn: &mut Conn| {
            let rows = translations::of_attributes::read(conn, &ids, &locales)?;
            with_own(conn, rows)
        };
        Ok(readings(keys, self.app.db.read(read).await?))
    }
}

impl Loader<ReadingOf<Id<Choice>>> for Reader {
    type Value = Reading<ChoiceTranslation>;
    type Error = WireError;

    async fn load(
        &self,
        keys: &[ReadingOf<Id<Choice>>],
    ) -> Result<HashMap<ReadingOf<Id<Choice>>, Self::Value>, WireError> {
        let (ids, locales) = wanted(keys);
        let read = move |conn: &mut Conn| {
            let rows = translations::read_choices(conn, &ids, &locales)?;
            with_own(conn, rows)
        };
        Ok(readings(keys, self.app.db.read(read).await?))
    }
}

/// All translations of something that the caller was shown in the same request, by their locales.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TranslationsOf<I>(pub I);

fn by_id<I: Eq + Hash, T>(rows: impl IntoIterator<Item = (I, T)>) -> HashMap<TranslationsOf<I>, Vec<T>> {
    let mut found = HashMap::<_, Vec<T>>::new();
    for (id, row) in rows {
        found.entry(TranslationsOf(id)).or_default().push(row);
    }
    found
}

impl Loader<TranslationsOf<Id<Product>>> for Reader {
    type Value = Vec<ProductTranslation>;
    type Error = WireError;

    async fn load(
        &self,
        keys: &[TranslationsOf<Id<Product>>],
    ) -> Result<HashMap<TranslationsOf<Id<Product>>, Self::Value>, WireError> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let rows = self.app.db.read(move |conn| translations::of_products::all(conn, &ids)).await?;
        Ok(by_id(rows.into_iter().map(|row| (row.product_id, row))))
    }
}

impl Loader<TranslationsOf<Id<Category>>> for Reader {
    type Value = Vec<CategoryTranslation>;
    type Error = WireError;

    async fn load(
        &self,
        keys: &[TranslationsOf<Id<Category>>],
    ) -> Result<HashMap<TranslationsOf<Id<Category>>, Self::Value>, WireError> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let rows = self.app.db.read(move |conn| translations::of_categories::all(conn, &ids)).await?;
        Ok(by_id(rows.into_iter().map(|row| (row.category_id, row))))
    }
}

impl Loader<TranslationsOf<Id<Attribute>>> for Reader {
    type Value = Vec<(AttributeTranslation, Vec<ChoiceTranslation>)>;
    type Error = WireError;

    async fn load(
        &self,
        keys: &[TranslationsOf<Id<Attribute>>],
    ) -> Result<HashMap<TranslationsOf<Id<Attribute>>, Self::Value>, WireError> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let read = move |conn: &mut Conn| {
            let rows = translations::of_attributes::all(conn, &ids)?;
            Ok::<_, Failure>((rows, translations::choices_of(conn, &ids)?))
        };
        let (rows, choices) = self.app.db.read(read).await?;
        let mut called = HashMap::<_, Vec<ChoiceTranslation>>::new();
        for (id, choice) in choices {
            called.entry((id, choice.locale.clone())).or_default().push(choice);
        }
        Ok(by_id(rows.into_iter().map(|row| {
            let choices = called.remove(&(row.attribute_id, row.locale.clone())).unwrap_or_default();
            (row.attribute_id, (row, choices))
        })))
    }
}
