//! In which of the ways that narrow a list products fit in it.

use std::collections::HashSet;

use super::lists::Narrowed;
use crate::{
    kernel::id::Id,
    products::model::{
        Category, ProductFilter, Way,
        attributes::{Attribute, ProductKind},
        facets::{Counted, is_between},
    },
};

/// Which kinds of products have which attributes that lists can be filtered by.
pub(super) type Filterable = HashSet<(Id<ProductKind>, Id<Attribute>)>;

/// What a list is narrowed by, held against products one by one.
pub(super) struct Fit<'a> {
    filter: &'a ProductFilter,
    /// The filter's category and everything below it.
    categories: HashSet<Id<Category>>,
    filterable: &'a Filterable,
}

impl<'a> Fit<'a> {
    pub fn of(narrowed: &Narrowed<'a>, filterable: &'a Filterable) -> Self {
        let categories = narrowed.categories.iter().flatten().copied().collect();
        Self { filter: narrowed.filter, categories, filterable }
    }

    /// Whether the list has a product, for all that it is narrowed by in one way.
    pub fn has(&self, way: Way, row: &Counted) -> bool {
        let filter = self.filter;
        match way {
            Way::Category => row.category.is_some_and(|category| self.categories.contains(&category)),
            Way::Shop => filter.shop.is_none_or(|shop| row.shop == shop),
            Way::Availability => filter.is_available.is_none_or(|wanted| row.is_available == wanted),
            Way::Rating => filter.minimum_rating.is_none_or(|stars| row.rating >= stars.saturating_mul(10)),
            Way::Price => filter.price.is_none_or(|wanted| {
                row.prices()
                    .any(|(currency, price)| currency == wanted.currency && is_between(price, wanted.min, wanted.max))
            }),
            Way::Attribute(attribute) => {
                let mut conditions = filter.attributes.iter().filter(|wanted| wanted.attribute == attribute);
                let value = row.said().find(|(said, _)| *said == attribute).map(|(_, value)| value);
                row.kind.is_some_and(|kind| self.filterable.contains(&(kind, attribute)))
                    && value.is_some_and(|value| conditions.all(|condition| value.is_wanted(&condition.wanted)))
            }
        }
    }
}
