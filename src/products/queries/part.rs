//! Parts of what a query of products finds: however many that are, so many are looked at and no more.

use diesel::{
    QueryResult, RunQueryDsl,
    pg::Pg,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    sql_types::BigInt,
};

use crate::platform::db::Conn;

/// Those rows of a query that come to hand first, which are the same each time as long as nothing changes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part<Q> {
    pub query: Q,
    pub limit: i64,
    pub planned: Planned,
}

/// What Postgres plans for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Planned {
    /// As if all rows were wanted. Told how few are, it would walk through some index in the hope of meeting them early, and for words
    /// that it takes for more frequent than they are through the whole market.
    All,
    Part,
}

/// None: the SQL goes by a value.
impl<Q> QueryId for Part<Q> {
    type QueryId = ();

    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Q: Query> Query for Part<Q> {
    type SqlType = Q::SqlType;
}

impl<Q> RunQueryDsl<Conn> for Part<Q> {}

impl<Q: QueryFragment<Pg>> QueryFragment<Pg> for Part<Q> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        if matches!(self.planned, Planned::All) {
            out.push_sql("WITH found AS MATERIALIZED (");
            self.query.walk_ast(out.reborrow())?;
            out.push_sql(") SELECT * FROM found");
        } else {
            self.query.walk_ast(out.reborrow())?;
        }
        out.push_sql(" LIMIT ");
        out.push_bind_param::<BigInt, _>(&self.limit)
    }
}

/// A query of products that knows only those of all for sale that were sold most often.
#[derive(Debug, Clone, Copy, QueryId)]
pub(super) struct OfBestSold<Q>(pub Q);

impl<Q: Query> Query for OfBestSold<Q> {
    type SqlType = Q::SqlType;
}

impl<Q> RunQueryDsl<Conn> for OfBestSold<Q> {}

impl<Q: QueryFragment<Pg>> QueryFragment<Pg> for OfBestSold<Q> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        // The name hides the table from what follows. Not materialized, so that only the columns are read that are asked for, and
        // no more rows than it takes.
        out.push_sql(
            "WITH products AS (SELECT * FROM products WHERE status = 'ACTIVE' \
                                ORDER BY sold_count DESC, id DESC LIMIT 10000) ",
        );
        self.0.walk_ast(out)
    }
}
