//! What the catalogue says in other languages, in Postgres.

use diesel::{BoolExpressionMethods, ExpressionMethods, JoinOnDsl, QueryDsl, RunQueryDsl, SelectableHelper};

use crate::{
    kernel::{error::Failure, id::Id, place::Locale},
    platform::db::{Conn, Tx},
    products::model::{
        Product,
        attributes::{Attribute, Choice},
        translations::ChoiceTranslation,
    },
    schema::{attribute_choice_translations, attribute_choices, catalogue, product_translations},
};

/// Something with a translation that may serve, if there is any, and what the catalogue is written in.
pub type Row<I, T> = (I, Option<Locale>, Option<T>);

/// Things with their translations to some locales: a row for each translation, one without for what has none.
macro_rules! read {
    ($conn:expr, $ids:expr, $locales:expr, $table:ident, $translations:ident, $key:ident, $row:ty) => {{
        let served = $translations::$key.eq($table::id).and($translations::locale.eq_any($locales));
        let own = catalogue::table.select(catalogue::locale).single_value();
        Ok($table::table
            .left_join($translations::table.on(served))
            .filter($table::id.eq_any($ids))
            .select(($table::id, own, Option::<$row>::as_select()))
            .load($conn)?)
    }};
}

/// Translations of one kind of things, which are locked while they change.
macro_rules! of {
    ($name:ident, $thing:ident, $table:ident, $translations:ident, $key:ident, $row:ident, $($path:ident)::*) => {
        pub mod $name {
            use super::*;
            use crate::{
                products::model::{$($path::)*$thing, translations::$row},
                schema::{$table, $translations},
            };

            /// Those that may serve readers of some locales.
            pub fn read(
                conn: &mut Conn,
                ids: &[Id<$thing>],
                locales: &[Locale],
            ) -> Result<Vec<Row<Id<$thing>, $row>>, Failure> {
                read!(conn, ids, locales, $table, $translations, $key, $row)
            }

            /// All of them, by their locales.
            pub fn all(conn: &mut Conn, ids: &[Id<$thing>]) -> Result<Vec<$row>, Failure> {
                Ok($translations::table
                    .filter($translations::$key.eq_any(ids))
                    .order(($translations::locale, $translations::$key))
                    .select($row::as_select())
                    .load(conn)?)
            }

            /// How many there are to other locales.
            pub fn count_others(conn: &mut Conn, id: Id<$thing>, locale: &Locale) -> Result<i64, Failure> {
                let others = $translations::$key.eq(id).and($translations::locale.ne(locale));
                Ok($translations::table.filter(others).count().get_result(conn)?)
            }

            /// Sets one, whatever there was before.
            pub fn set(tx: &mut Tx<'_>, row: &$row) -> Result<(), Failure> {
                diesel::insert_into($translations::table)
                    .values(row)
                    .on_conflict(($translations::$key, $translations::locale))
                    .do_update()
                    .set(row)
                    .execute(tx.conn())?;
                Ok(())
            }

            /// False if there is none.
            pub fn remove(tx: &mut Tx<'_>, id: Id<$thing>, locale: &Locale) -> Result<bool, Failure> {
                Ok(diesel::delete($translations::table.find((id, locale))).execute(tx.conn())? == 1)
            }
        }
    };
}

of!(of_products, Product, products, product_translations, product_id, ProductTranslation,);
of!(of_categories, Category, categories, category_translations, category_id, CategoryTranslation,);
of!(of_attributes, Attribute, attributes, attribute_translations, attribute_id, AttributeTranslation, attributes);

/// The titles of products in some languages.
pub fn titles(conn: &mut Conn, ids: &[Id<Product>], locales: &[Locale]) -> Result<Vec<(Id<Product>, String)>, Failure> {
    Ok(product_translations::table
        .filter(product_translations::product_id.eq_any(ids))
        .filter(product_translations::locale.eq_any(locales))
        .select((product_translations::product_id, product_translations::title))
        .load(conn)?)
}

/// Choices with what they are called for readers of some locales.
pub fn read_choices(
    conn: &mut Conn,
    ids: &[Id<Choice>],
    locales: &[Locale],
) -> Result<Vec<Row<Id<Choice>, ChoiceTranslation>>, Failure> {
    read!(conn, ids, locales, attribute_choices, attribute_choice_translations, choice_id, ChoiceTranslation)
}

/// What all choices of attributes are called in all locales, in the attributes' own order.
pub fn choices_of(conn: &mut Conn, ids: &[Id<Attribute>]) -> Result<Vec<(Id<Attribute>, ChoiceTranslation)>, Failure> {
    Ok(attribute_choice_translations::table
        .inner_join(attribute_choices::table.on(attribute_choices::id.eq(attribute_choice_translations::choice_id)))
        .filter(attribute_choices::attribute_id.eq_any(ids))
        .order((attribute_choices::ordinal, attribute_choices::id))
        .select((attribute_choices::attribute_id, ChoiceTranslation::as_select()))
        .load(conn)?)
}

/// Sets what the choices of a locked attribute are called in a locale: those that are left out are called nothing.
pub fn set_choices(
    tx: &mut Tx<'_>,
    id: Id<Attribute>,
    locale: &Locale,
    rows: &[ChoiceTranslation],
) -> Result<(), Failure> {
    let choices = attribute_choices::table.filter(attribute_choices::attribute_id.eq(id)).select(attribute_choices::id);
    let before =
        attribute_choice_translations::choice_id.eq_any(choices).and(attribute_choice_translations::locale.eq(locale));
    diesel::delete(attribute_choice_translations::table.filter(before)).execute(tx.conn())?;
    diesel::insert_into(attribute_choice_translations::table).values(rows).execute(tx.conn())?;
    Ok(())
}
