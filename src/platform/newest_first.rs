//! Lists that are read newest first.

/// A [`Page`](crate::kernel::page::Page) of a boxed query whose newest row comes first: the rows beyond the page's cursor, in
/// its direction. The key is a time and what tells rows of the same time apart, as columns, and their types in SQL. They are
/// compared as one row; written out with ORs, no index would find where the page begins.
#[macro_export]
macro_rules! newest_first {
    ($query:expr, $page:expr, ($time:expr, $id:expr): ($($sql:ty),+)) => {{
        use $crate::kernel::page::Direction;
        let (query, page) = ($query, $page);
        let key = diesel::IntoSql::into_sql::<diesel::sql_types::Record<($($sql),+)>>(($time, $id));
        let query = match (page.direction, page.from) {
            (Direction::Forward, Some(last)) => query.filter(key.lt(last)),
            (Direction::Backward, Some(first)) => query.filter(key.gt(first)),
            (_, None) => query,
        };
        match page.direction {
            Direction::Forward => query.order(($time.desc(), $id.desc())),
            Direction::Backward => query.order(($time, $id)),
        }
        .limit(page.fetch_limit())
    }};
}

/// As [`newest_first!`], where the id tells how new a row is.
#[macro_export]
macro_rules! newest_first_by_id {
    ($query:expr, $page:expr, $id:expr) => {{
        use $crate::kernel::page::Direction;
        let (query, page) = ($query, $page);
        let query = match (page.direction, page.from) {
            (Direction::Forward, Some(last)) => query.filter($id.lt(last)),
            (Direction::Backward, Some(first)) => query.filter($id.gt(first)),
            (_, None) => query,
        };
        match page.direction {
            Direction::Forward => query.order($id.desc()),
            Direction::Backward => query.order($id.asc()),
        }
        .limit(page.fetch_limit())
    }};
}
