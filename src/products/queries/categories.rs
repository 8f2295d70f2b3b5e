//! The tree of categories in Postgres.

use diesel::{
    AsChangeset, BoolExpressionMethods, ExpressionMethods, Insertable, IntoSql, OptionalExtension, QueryDsl,
    QueryableByName, RunQueryDsl, SelectableHelper,
    sql_types::{Array, Integer, Nullable, Uuid},
};

use crate::{
    kernel::{
        error::Failure,
        id::Id,
        page::{Page, Slice},
    },
    platform::{
        clock::Time,
        counted::Counted,
        db::{Conn, Tx},
        gql::COUNT_LIMIT,
    },
    products::model::{Category, CategoryBy, CategoryFilter, MAXIMUM_LEVELS},
    schema::categories,
};

pub fn by_names(conn: &mut Conn, names: &[CategoryBy]) -> Result<Vec<Category>, Failure> {
    let (mut ids, mut slugs) = (Vec::new(), Vec::new());
    for name in names {
        match name {
            CategoryBy::Id(id) => ids.push(*id),
            CategoryBy::Slug(slug) => slugs.push(slug),
        }
    }
    let rows = categories::table.select(Category::as_select()).into_boxed();
    let rows = match (ids.is_empty(), slugs.is_empty()) {
        (_, true) => rows.filter(categories::id.eq_any(ids)),
        (true, false) => rows.filter(categories::slug.eq_any(slugs)),
        (false, false) => rows.filter(categories::id.eq_any(ids).or(categories::slug.eq_any(slugs))),
    };
    Ok(rows.load(conn)?)
}

/// A page of categories by name.
pub fn page(
    conn: &mut Conn,
    filter: CategoryFilter,
    page: &Page<(String, Id<Category>)>,
) -> Result<Slice<Category>, Failure> {
    let query = categories::table.select(Category::as_select()).into_boxed();
    let query = match filter {
        CategoryFilter::All => query,
        CategoryFilter::Top => query.filter(categories::parent_id.is_null()),
    };
    page_by_name!(conn, page, categories, query)
}

pub fn count(conn: &mut Conn, filter: CategoryFilter) -> Result<i64, Failure> {
    let query = categories::table.select(categories::id).limit(COUNT_LIMIT + 1);
    Ok(match filter {
        CategoryFilter::All => Counted(query).get_result(conn)?,
        CategoryFilter::Top => Counted(query.filter(categories::parent_id.is_null())).get_result(conn)?,
    })
}

/// The first category of a name that is right below another one, or at the top.
pub fn named_below(conn: &mut Conn, parent: Option<Id<Category>>, name: &str) -> Result<Option<Category>, Failure> {
    let named = categories::table.filter(categories::name.eq(name)).select(Category::as_select()).into_boxed();
    let named = match parent {
        Some(parent) => named.filter(categories::parent_id.eq(parent)),
        None => named.filter(categories::parent_id.is_null()),
    };
    Ok(named.order(categories::id).first(conn).optional()?)
}

/// What is right below categories, by name.
pub fn children(conn: &mut Conn, ids: &[Id<Category>]) -> Result<Vec<Category>, Failure> {
    Ok(categories::table
        .filter(categories::parent_id.eq_any(ids))
        .order((categories::name, categories::id))
        .select(Category::as_select())
        .load(conn)?)
}

#[derive(QueryableByName)]
struct Ancestor {
    #[diesel(sql_type = Uuid)]
    origin: Id<Category>,
    #[diesel(embed)]
    category: Category,
}

/// What is above categories, each with the one that it is above of, from the top down.
pub fn ancestors(conn: &mut Conn, ids: &[Id<Category>]) -> Result<Vec<(Id<Category>, Category)>, Failure> {
    let rows: Vec<Ancestor> = diesel::sql_query(
        "WITH RECURSIVE above (origin, id, level) AS ( \
            SELECT id, parent_id, 1 FROM categories WHERE id = ANY ($1) \
            UNION ALL \
            SELECT above.origin, c.parent_id, above.level + 1 FROM above JOIN categories c ON c.id = above.id \
             WHERE above.level < $2 \
         ) SELECT above.origin, c.* FROM above JOIN categories c ON c.id = above.id ORDER BY above.level DESC",
    )
    .bind::<Array<Uuid>, _>(ids)
    .bind::<Integer, _>(MAXIMUM_LEVELS)
    .load(conn)?;
    Ok(rows.into_iter().map(|row| (row.origin, row.category)).collect())
}

/// A category of a tree, with its level: that of the tree's root is 1.
#[derive(QueryableByName)]
pub struct Below {
    #[diesel(sql_type = Uuid)]
    pub id: Id<Category>,
    #[diesel(sql_type = Integer)]
    pub level: i32,
}

/// A category and everything below it; nothing if there is none.
pub fn subtree(conn: &mut Conn, id: Id<Category>) -> Result<Vec<Below>, Failure> {
    Ok(diesel::sql_query(
        "WITH RECURSIVE tree (id, level) AS ( \
            SELECT id, 1 FROM categories WHERE id = $1 \
            UNION ALL \
            SELECT c.id, tree.level + 1 FROM tree JOIN categories c ON c.parent_id = tree.id WHERE tree.level < $2 \
         ) SELECT id, level FROM tree",
    )
    .bind::<Uuid, _>(id)
    .bind::<Integer, _>(MAXIMUM_LEVELS)
    .load(conn)?)
}

/// Keeps the tree as it is until the transaction ends: nobody else makes, changes or moves categories. Products do not wait.
pub fn lock_tree(tx: &mut Tx<'_>) -> Result<(), Failure> {
    diesel::sql_query("LOCK TABLE categories IN SHARE ROW EXCLUSIVE MODE").execute(tx.conn())?;
    Ok(())
}

pub fn by_id(conn: &mut Conn, id: Id<Category>) -> Result<Option<Category>, Failure> {
    Ok(categories::table.find(id).select(Category::as_select()).first(conn).optional()?)
}

/// Locks a category's row, which stands for its translations too.
pub fn lock(tx: &mut Tx<'_>, id: Id<Category>) -> Result<Option<Category>, Failure> {
    Ok(categories::table.find(id).select(Category::as_select()).for_no_key_update().first(tx.conn()).optional()?)
}

/// Keeps a category from going until the transaction ends. False if there is none.
pub fn hold(tx: &mut Tx<'_>, id: Id<Category>) -> Result<bool, Failure> {
    let row = categories::table.find(id).select(categories::id).for_key_share();
    Ok(row.first::<Id<Category>>(tx.conn()).optional()?.is_some())
}

/// How many are right below a category.
pub fn count_children(conn: &mut Conn, id: Id<Category>) -> Result<i64, Failure> {
    Ok(categories::table.filter(categories::parent_id.eq(id)).count().get_result(conn)?)
}

#[derive(Insertable)]
#[diesel(table_name = categories)]
pub struct NewCategory<'a> {
    pub id: Id<Category>,
    pub parent_id: Option<Id<Category>>,
    pub slug: &'a str,
    pub name: &'a str,
    pub description: &'a str,
    pub created_at: Time,
}

/// None if the slug is taken.
pub fn insert(tx: &mut Tx<'_>, category: &NewCategory<'_>) -> Result<Option<Category>, Failure> {
    Ok(diesel::insert_into(categories::table)
        .values(category)
        .on_conflict(categories::slug)
        .do_nothing()
        .returning(Category::as_returning())
        .get_result(tx.conn())
        .optional()?)
}

/// What changes about a category.
#[derive(Default, AsChangeset)]
#[diesel(table_name = categories)]
pub struct CategoryColumns<'a> {
    pub name: Option<&'a str>,
    pub slug: Option<&'a str>,
    pub description: Option<&'a str>,
}

pub fn set(tx: &mut Tx<'_>, id: Id<Category>, columns: &CategoryColumns<'_>) -> Result<Category, Failure> {
    Ok(diesel::update(categories::table.find(id))
        .set((categories::version.eq(categories::version + 1), columns))
        .returning(Category::as_returning())
        .get_result(tx.conn())?)
}

/// Puts a category, with everything below it, below another one of the locked tree, or to the top.
pub fn set_parent(tx: &mut Tx<'_>, id: Id<Category>, parent: Option<Id<Category>>) -> Result<Category, Failure> {
    let parent = parent.into_sql::<Nullable<Uuid>>();
    Ok(diesel::update(categories::table.find(id))
        .set((categories::version.eq(categories::version + 1), categories::parent_id.eq(parent)))
        .returning(Category::as_returning())
        .get_result(tx.conn())?)
}

/// # Errors
/// A violated foreign key if anything is below it, or a product is in it.
pub fn delete(tx: &mut Tx<'_>, id: Id<Category>) -> Result<(), Failure> {
    diesel::delete(categories::table.find(id)).execute(tx.conn())?;
    Ok(())
}
