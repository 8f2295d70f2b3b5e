//! SQL of our own whose plan is kept.

use diesel::{
    QueryResult, RunQueryDsl,
    pg::Pg,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    sql_types::Untyped,
};

use super::db::Conn;

/// A statement that each connection plans once, while [`diesel::sql_query`] has Postgres do so each time. Its rows are read by name. It is kept by its
/// text, which therefore must be one of few, and holds no values.
#[derive(Debug, Clone, Copy)]
pub struct Kept<S, G> {
    /// What follows a first expression of `WITH`: `SELECT …`, or a comma and the next expression.
    pub sql: S,
    /// A tuple of values, in the text `$1`, `$2` and so on.
    pub given: G,
}

/// None: the SQL goes by a value.
impl<S, G> QueryId for Kept<S, G> {
    type QueryId = ();

    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<S, G> Query for Kept<S, G> {
    type SqlType = Untyped;
}

impl<S, G> RunQueryDsl<Conn> for Kept<S, G> {}

impl<S: AsRef<str>, G: QueryFragment<Pg>> QueryFragment<Pg> for Kept<S, G> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        // Diesel writes a value's number where it takes the value, so they are all taken here, once. Nothing reads this, and Postgres leaves it out.
        out.push_sql("WITH given AS (SELECT ");
        self.given.walk_ast(out.reborrow())?;
        out.push_sql(") ");
        out.push_sql(self.sql.as_ref());
        Ok(())
    }
}
