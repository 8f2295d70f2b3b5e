//! Lists on the wire: Relay connections of which a page is read.

use std::{borrow::Cow, future::Future, pin::Pin};

use async_graphql::{
    ContainerType, Object, OutputType,
    connection::{Connection, CursorType, Edge, EmptyFields},
};
use serde::{Serialize, de::DeserializeOwned};
use tokio::sync::OnceCell;

use super::{AtHand, AtOnce, Plain, WireResult};
use crate::kernel::{
    error::Failure,
    page::{ListTag, Page, PageArgs, PageError, Slice},
};

/// A Relay connection whose size can be asked for.
pub type List<N> = Connection<Cursor, N, Total, EmptyFields>;

/// The place of a row in its list, put into words when it is asked for.
pub struct Cursor {
    tag: ListTag,
    key: Box<dyn Key>,
}

trait Key: Send + Sync {
    fn cursor(&self, tag: ListTag) -> String;
}

impl<K: Serialize + Send + Sync> Key for K {
    fn cursor(&self, tag: ListTag) -> String {
        tag.cursor(self)
    }
}

impl CursorType for Cursor {
    type Error = PageError;

    /// Never asked for: cursors come in as arguments, and [`Listing`] reads them.
    fn decode_cursor(_: &str) -> Result<Self, PageError> {
        Err(PageError::Cursor)
    }

    fn encode_cursor(&self) -> String {
        self.key.cursor(self.tag)
    }
}

type Row<N> = Edge<Cursor, AtOnce<N>, EmptyFields>;

impl<N: OutputType + ContainerType + Plain> Plain for List<AtOnce<N>> {
    fn concrete_type(&self) -> Cow<'static, str> {
        <Self as OutputType>::type_name()
    }

    fn field(&self, name: &str) -> AtHand<'_> {
        match name {
            "nodes" => AtHand::Objects(Box::new(self.edges.iter().map(|edge| &edge.node.0 as &dyn Plain))),
            "edges" => AtHand::Objects(Box::new(self.edges.iter().map(|edge| edge as &dyn Plain))),
            "pageInfo" => AtHand::Made(Box::new(Ends {
                has_previous: self.has_previous_page,
                has_next: self.has_next_page,
                first: self.edges.first().map(|edge| &edge.cursor),
                last: self.edges.last().map(|edge| &edge.cursor),
            })),
            _ => AtHand::NotYet,
        }
    }
}

impl<N: OutputType + ContainerType + Plain> Plain for Row<N> {
    fn concrete_type(&self) -> Cow<'static, str> {
        <Self as OutputType>::type_name()
    }

    fn field(&self, name: &str) -> AtHand<'_> {
        match name {
            "cursor" => AtHand::value(&self.cursor.encode_cursor()),
            "node" => AtHand::Object(&self.node.0),
            _ => AtHand::NotYet,
        }
    }
}

/// What a page says of itself.
struct Ends<'a> {
    has_previous: bool,
    has_next: bool,
    first: Option<&'a Cursor>,
    last: Option<&'a Cursor>,
}

impl Plain for Ends<'_> {
    fn concrete_type(&self) -> Cow<'static, str> {
        "PageInfo".into()
    }

    fn field(&self, name: &str) -> AtHand<'_> {
        match name {
            "hasPreviousPage" => AtHand::value(&self.has_previous),
            "hasNextPage" => AtHand::value(&self.has_next),
            "startCursor" => AtHand::value(&self.first.map(Cursor::encode_cursor)),
            "endCursor" => AtHand::value(&self.last.map(Cursor::encode_cursor)),
            _ => AtHand::NotYet,
        }
    }
}

/// Counts are exact up to this.
pub const COUNT_LIMIT: i64 = 10_000;

type Counting = Pin<Box<dyn Future<Output = Result<i64, Failure>> + Send>>;

/// The size of a list, counted when it is asked for.
pub struct Total {
    count: Box<dyn Fn() -> Counting + Send + Sync>,
    counted: OnceCell<i64>,
}

impl Total {
    /// `count` counts to one more than [`COUNT_LIMIT`] at the most.
    pub fn new<F>(count: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<i64, Failure>> + Send + 'static,
    {
        Self { count: Box::new(move || Box::pin(count())), counted: OnceCell::new() }
    }

    async fn get(&self) -> Result<i64, Failure> {
        self.counted.get_or_try_init(|| (self.count)()).await.copied()
    }
}

#[Object]
impl Total {
    /// How many items the list has over all pages, exact up to 10,000; more than that are told as 10,000.
    async fn total_count(&self) -> WireResult<i32> {
        Ok(i32::try_from(self.get().await?.min(COUNT_LIMIT)).unwrap_or(i32::MAX))
    }

    /// False when the list has more items than `totalCount` tells.
    async fn is_total_count_exact(&self) -> WireResult<bool> {
        Ok(self.get().await? <= COUNT_LIMIT)
    }
}

/// A list with its sort and filter, of which a page is asked for.
pub struct Listing<K> {
    tag: ListTag,
    pub page: Page<K>,
}

impl<K: Serialize + DeserializeOwned + Send + Sync + 'static> Listing<K> {
    /// `list` is everything that decides which rows the list has, and in which order.
    ///
    /// # Errors
    /// `BAD_USER_INPUT` if the arguments or the cursor do not fit.
    pub fn new(list: impl std::hash::Hash, args: &PageArgs) -> WireResult<Self> {
        let tag = ListTag::of(list);
        Ok(Self { tag, page: args.page(tag)? })
    }

    /// The connection of the rows that were read.
    pub fn connection<R, N: OutputType>(
        &self,
        rows: Slice<R>,
        key: impl Fn(&R) -> K,
        node: impl Fn(R) -> N,
        total: Total,
    ) -> List<N> {
        let mut connection = Connection::with_additional_fields(rows.has_previous, rows.has_next, total);
        connection.edges.extend(rows.items.into_iter().map(|row| {
            let cursor = Cursor { tag: self.tag, key: Box::new(key(&row)) };
            Edge::new(cursor, node(row))
        }));
        connection
    }

    /// The connection of rows that are answered at once.
    pub fn at_once<R, N: OutputType + From<R>>(
        &self,
        rows: Slice<R>,
        key: impl Fn(&R) -> K,
        total: Total,
    ) -> AtOnce<List<AtOnce<N>>>
    where
        AtOnce<N>: OutputType,
    {
        AtOnce(self.connection(rows, key, AtOnce::of, total))
    }
}
