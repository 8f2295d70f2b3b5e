//! In which of the ways that narrow a list products fit in it.

use std::collections::HashSet;

use diesel::{
    QueryResult, RunQueryDsl,
    pg::Pg,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    sql_types::{Array, BigInt, Bool, Text, Uuid},
};

use super::{
    attributes::{self, Saying},
    lists::Narrowed,
};
use crate::{
    kernel::id::Id,
    platform::db::Conn,
    products::model::{AttributeFilter, Category, PriceBounds, ProductFilter, Way, facets::Counted},
};

/// What a list is narrowed by, held against products one by one.
pub(super) struct Fit<'a> {
    filter: &'a ProductFilter,
    /// The filter's category and everything below it.
    categories: HashSet<Id<Category>>,
    pub apart: Vec<Apart<'a>>,
}

impl<'a> Fit<'a> {
    pub fn of(narrowed: &Narrowed<'a>, ways: &[Way]) -> Self {
        let filter = narrowed.filter;
        let price = filter.price.filter(|_| ways.contains(&Way::Price)).map(Apart::Priced);
        let wanted = filter.attributes.iter().filter(|wanted| ways.contains(&Way::Attribute(wanted.attribute)));
        let apart = price.into_iter().chain(wanted.map(|wanted| Apart::Said(wanted, attributes::saying(wanted))));
        let categories = narrowed.categories.iter().flatten().copied().collect();
        Self { filter, categories, apart: apart.collect() }
    }

    /// Whether the list has a product, for all that it is narrowed by in one way.
    pub fn has(&self, way: Way, (row, met): &(Counted, Vec<bool>)) -> bool {
        let filter = self.filter;
        match way {
            Way::Category => row.category.is_some_and(|category| self.categories.contains(&category)),
            Way::Shop => filter.shop.is_none_or(|shop| row.shop == shop),
            Way::Availability => filter.is_available.is_none_or(|wanted| row.is_available == wanted),
            Way::Rating => filter.minimum_rating.is_none_or(|stars| row.rating >= stars.saturating_mul(10)),
            Way::Price | Way::Attribute(_) => {
                self.apart.iter().zip(met).all(|(condition, is_met)| condition.way() != way || *is_met)
            }
        }
    }
}

/// A condition that products meet by what stands in other tables.
pub(super) enum Apart<'a> {
    Priced(PriceBounds),
    Said(&'a AttributeFilter, Saying<'a>),
}

impl Apart<'_> {
    const fn way(&self) -> Way {
        match self {
            Self::Priced(_) => Way::Price,
            Self::Said(wanted, _) => Way::Attribute(wanted.attribute),
        }
    }
}

impl QueryFragment<Pg> for Apart<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        match self {
            Self::Priced(PriceBounds { currency, min, max }) => {
                out.push_sql(
                    "EXISTS (SELECT FROM product_prices WHERE product_id = met.id AND is_active AND currency = ",
                );
                out.push_bind_param::<Text, _>(currency)?;
                for (bound, bounds) in [(min, " AND price_min >= "), (max, " AND price_min <= ")] {
                    if let Some(bound) = bound {
                        out.push_sql(bounds);
                        out.push_bind_param::<BigInt, _>(bound)?;
                    }
                }
                out.push_sql(")");
            }
            Self::Said(wanted, query) => {
                out.push_sql("EXISTS (SELECT FROM (");
                QueryFragment::<Pg>::walk_ast(query, out.reborrow())?;
                out.push_sql(") said WHERE said.product_id = met.id) AND coalesce(met.product_kind_id = ANY (ARRAY(");
                out.push_sql("SELECT product_kind_id FROM product_kind_attributes WHERE attribute_id = ");
                out.push_bind_param::<Uuid, _>(&wanted.attribute)?;
                out.push_sql(")), false)");
            }
        }
        Ok(())
    }
}

/// The rows of a query of products, each with which conditions it meets.
pub(super) struct Meeting<'a, 'b, Q> {
    pub query: Q,
    pub apart: &'a [Apart<'b>],
}

/// None: the SQL goes by the conditions.
impl<Q> QueryId for Meeting<'_, '_, Q> {
    type QueryId = ();

    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Q: Query> Query for Meeting<'_, '_, Q> {
    type SqlType = (Q::SqlType, Array<Bool>);
}

impl<Q> RunQueryDsl<Conn> for Meeting<'_, '_, Q> {}

impl<Q: QueryFragment<Pg>> QueryFragment<Pg> for Meeting<'_, '_, Q> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        // Readers ask for conditions in ways without number: statements for all of them would fill the memory.
        if !self.apart.is_empty() {
            out.unsafe_to_cache_prepared();
        }
        out.push_sql("SELECT met.*, ARRAY[");
        for (number, condition) in self.apart.iter().enumerate() {
            if number > 0 {
                out.push_sql(", ");
            }
            condition.walk_ast(out.reborrow())?;
        }
        out.push_sql("]::boolean[] FROM (");
        self.query.walk_ast(out.reborrow())?;
        out.push_sql(") met");
        Ok(())
    }
}
