//! The tree of categories.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{check, names};
use crate::{
    kernel::{
        error::Failure,
        id::Id,
        page::{Page, Slice},
        text::{self, slug},
    },
    platform::{
        app::App,
        caller::Caller,
        db::{Conn, Tx},
        idempotency::{Key, Retention},
    },
    products::{
        error::ProductError,
        model::{Category, CategoryBy, CategoryFilter, MAXIMUM_CHILDREN, MAXIMUM_LEVELS},
        queries::categories::{self, CategoryColumns, NewCategory},
    },
    users::model::signed_in,
};

/// What a category is made of.
#[derive(Debug, Serialize)]
pub struct CreateCategory {
    pub name: String,
    pub description: String,
    /// Made from the name if absent.
    pub slug: Option<String>,
    pub parent: Option<Id<Category>>,
}

/// Makes a category. The face lets staff in alone.
pub async fn create_category(
    app: &App,
    caller: &Caller,
    idempotency_key: Option<&str>,
    input: CreateCategory,
) -> Result<Id<Category>, ProductError> {
    let user = signed_in(caller)?;
    let key = idempotency_key.map(|key| Key::new(&user, "createCategory", key, &input, Retention::Day)).transpose()?;
    let name = check::line(&input.name, 80, "name")?;
    let description = check::category_description(&input.description)?;
    check_slug(input.slug.as_deref())?;
    app.once(caller, key, move |tx| {
        if let Some(parent) = input.parent {
            categories::lock_tree(tx)?;
            fits_below(tx, parent, 1)?;
        }
        Ok(insert(tx, &name, &description, input.slug.as_deref(), input.parent)?.id)
    })
    .await
}

/// A change of a category; what is absent stays.
#[derive(Debug, Default)]
pub struct CategoryChange {
    pub name: Option<String>,
    pub description: Option<String>,
    pub slug: Option<String>,
}

/// Changes a category that nobody else has changed since `expected_version`. The face lets staff in alone.
pub async fn update_category(
    app: &App,
    caller: &Caller,
    id: Id<Category>,
    expected_version: i32,
    change: CategoryChange,
) -> Result<Category, ProductError> {
    let name = change.name.as_deref().map(|name| check::line(name, 80, "name")).transpose()?;
    let description = change.description.as_deref().map(check::category_description).transpose()?;
    check_slug(change.slug.as_deref())?;
    app.db
        .write(caller, move |tx| {
            lock_version(tx, id, expected_version)?;
            let (name, slug) = (name.as_deref(), change.slug.as_deref());
            let columns = CategoryColumns { name, slug, description: description.as_deref() };
            categories::set(tx, id, &columns).map_err(|failure| match failure {
                failure if failure.violates("categories_slug_key") => ProductError::SlugTaken,
                failure => failure.into(),
            })
        })
        .await
}

/// Puts a category that nobody else has changed since `expected_version`, with everything below it, below another one, or to
/// the top. The face lets staff in alone.
pub async fn move_category(
    app: &App,
    caller: &Caller,
    id: Id<Category>,
    expected_version: i32,
    parent: Option<Id<Category>>,
) -> Result<Category, ProductError> {
    app.db
        .write(caller, move |tx| {
            let current = lock_version(tx, id, expected_version)?;
            if current.parent_id == parent {
                return Ok(current);
            }
            if let Some(parent) = parent {
                let moved = categories::subtree(tx.conn(), id)?;
                if moved.iter().any(|below| below.id == parent) {
                    return Err(ProductError::Cycle { field: "parentId".into() });
                }
                let levels = moved.iter().map(|below| below.level).max().unwrap_or(1);
                fits_below(tx, parent, levels)?;
            }
            Ok(categories::set_parent(tx, id, parent)?)
        })
        .await
}

/// Deletes a category that nobody else has changed since `expected_version`, if it is empty. The face lets staff in alone.
pub async fn delete_category(
    app: &App,
    caller: &Caller,
    id: Id<Category>,
    expected_version: i32,
) -> Result<Category, ProductError> {
    app.db
        .write(caller, move |tx| {
            let current = lock_version(tx, id, expected_version)?;
            categories::delete(tx, id).map_err(|failure| {
                let is_in_use =
                    failure.violates("products_category_id_fkey") || failure.violates("categories_parent_id_fkey");
                if is_in_use { ProductError::InUse { field: "categoryId".into() } } else { failure.into() }
            })?;
            Ok(current)
        })
        .await
}

fn check_slug(slug: Option<&str>) -> Result<(), ProductError> {
    if slug.is_some_and(|slug| !text::is_slug(slug)) { Err(ProductError::InvalidSlug) } else { Ok(()) }
}

/// A category of the tree, which is locked from now on.
fn lock_version(tx: &mut Tx<'_>, id: Id<Category>, expected_version: i32) -> Result<Category, ProductError> {
    categories::lock_tree(tx)?;
    let current = categories::by_id(tx.conn(), id)?.ok_or_else(|| ProductError::not_found("categoryId"))?;
    match current.version {
        version if version == expected_version => Ok(current),
        current => Err(ProductError::StaleVersion { current }),
    }
}

/// Refuses a place in the locked tree where it would become too deep or too wide.
fn fits_below(tx: &mut Tx<'_>, parent: Id<Category>, levels: i32) -> Result<(), ProductError> {
    categories::by_id(tx.conn(), parent)?.ok_or_else(|| ProductError::not_found("parentId"))?;
    let above = categories::ancestors(tx.conn(), &[parent])?.len();
    let is_too_deep = i32::try_from(above).is_ok_and(|above| above + 1 + levels > MAXIMUM_LEVELS);
    if is_too_deep || categories::count_children(tx.conn(), parent)? >= MAXIMUM_CHILDREN {
        return Err(ProductError::TooMany { field: "parentId".into() });
    }
    Ok(())
}

fn insert(
    tx: &mut Tx<'_>,
    name: &str,
    description: &str,
    given_slug: Option<&str>,
    parent_id: Option<Id<Category>>,
) -> Result<Category, ProductError> {
    let (id, created_at) = (tx.new_id(), tx.now());
    let candidates = names::candidates(tx, given_slug, name);
    let inserted = names::under_first(&candidates, |slug| {
        categories::insert(tx, &NewCategory { id, parent_id, slug, name, description, created_at })
    });
    inserted?.ok_or(ProductError::SlugTaken)
}

/// A step: a category in a tree that nobody else changes. Its slug is made from the name; the name is taken as it is.
pub fn add_category(tx: &mut Tx<'_>, name: &str, parent: Option<Id<Category>>) -> Result<Category, ProductError> {
    insert(tx, name, "", None, parent)
}

/// What becomes of a path of categories that does not go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    Made,
    LeftOut,
}

/// A step: the category at the end of a path of names from the top. A single name is also that of the category, wherever it
/// is, whose slug is the name's. None if it is missing and not made, or if the tree has no room for it.
pub fn category_at(tx: &mut Tx<'_>, path: &[String], missing: Missing) -> Result<Option<Id<Category>>, ProductError> {
    let mut here = None;
    for (level, name) in path.iter().enumerate() {
        let mut found = called(tx, here, name, path)?;
        if found.is_none() && missing == Missing::Made {
            categories::lock_tree(tx)?;
            // Somebody may have made it meanwhile.
            found = called(tx, here, name, path)?;
            let levels = i32::try_from(path.len() - level).unwrap_or(i32::MAX);
            let has_room = match here.map_or(Ok(()), |parent| fits_below(tx, parent, levels)) {
                Ok(()) => levels <= MAXIMUM_LEVELS,
                Err(ProductError::TooMany { .. }) => false,
                Err(error) => return Err(error),
            };
            if found.is_none() && has_room {
                found = Some(insert(tx, name, "", None, here)?);
            }
        }
        let Some(category) = found else { return Ok(None) };
        here = Some(category.id);
    }
    Ok(here)
}

fn called(
    tx: &mut Tx<'_>,
    parent: Option<Id<Category>>,
    name: &str,
    path: &[String],
) -> Result<Option<Category>, Failure> {
    match (categories::named_below(tx.conn(), parent, name)?, path) {
        (None, [only]) => Ok(categories::by_names(tx.conn(), &[CategoryBy::Slug(slug(only))])?.pop()),
        (found, _) => Ok(found),
    }
}

/// A step: the names of categories from the top, in no order of the categories.
pub fn category_paths(conn: &mut Conn, ids: &[Id<Category>]) -> Result<BTreeMap<Id<Category>, Vec<String>>, Failure> {
    let mut paths = BTreeMap::<_, Vec<String>>::new();
    for (origin, above) in categories::ancestors(conn, ids)? {
        paths.entry(origin).or_default().push(above.name);
    }
    for category in categories::by_names(conn, &ids.iter().copied().map(CategoryBy::Id).collect::<Vec<_>>())? {
        paths.entry(category.id).or_default().push(category.name);
    }
    Ok(paths)
}

/// A page of categories by name.
pub async fn categories(
    app: &App,
    filter: CategoryFilter,
    page: Page<(String, Id<Category>)>,
) -> Result<Slice<Category>, Failure> {
    app.db.read(move |conn| categories::page(conn, filter, &page)).await
}

/// How many categories there are, counted to a little more than is told.
pub async fn count_categories(app: &App, filter: CategoryFilter) -> Result<i64, Failure> {
    app.db.read(move |conn| categories::count(conn, filter)).await
}
