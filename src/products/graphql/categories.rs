//! The tree of categories on the wire.

use async_graphql::{ComplexObject, Context, InputObject, Object, OneofObject, SimpleObject};

use super::{CategoryTranslation, LocalizedCategory, Product, lists, translations};
use crate::{
    kernel::{id::Id, page::PageArgs, place::Locale},
    platform::gql::{Ask, AtOnce, List, Listing, Total, WireResult, cost, list_size},
    products::{
        loaders::{AncestorsOf, CategoryKey, ChildrenOf},
        model::{self, CategoryBy, CategoryFilter, ProductFilter, ProductSort},
        service,
    },
};

/// A category of the market's tree, which has at most 10 levels.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(complex)]
pub struct Category {
    /// Begins with `category_`.
    pub id: Id<model::Category>,
    /// The category's name in URLs: lower-case letters, digits and hyphens, at most 80. No two categories have the same.
    pub slug: String,
    /// The category's name, 1 to 80 characters.
    pub name: String,
    /// What the market says about it, up to 2,000 characters; empty if nothing.
    pub description: String,
    /// Rises with every change of the category; goes into `updateCategory` as `expectedVersion`.
    pub version: i32,
    #[graphql(skip)]
    parent_id: Option<Id<model::Category>>,
}

#[ComplexObject]
impl Category {
    /// The category that this one is right below of; null at the top.
    async fn parent(&self, ctx: &Context<'_>) -> WireResult<Option<Category>> {
        category(ctx, self.parent_id).await
    }

    /// The way to this category from the top, without itself: breadcrumbs. At most 9.
    #[graphql(directive = list_size::apply(9))]
    async fn ancestors(&self, ctx: &Context<'_>) -> WireResult<Vec<Category>> {
        if self.parent_id.is_none() {
            return Ok(Vec::new());
        }
        let ancestors = ctx.loader().load_one(AncestorsOf(self.id)).await?;
        Ok(ancestors.unwrap_or_default().into_iter().map(Into::into).collect())
    }

    /// What is right below it, by name; at most 500.
    #[graphql(directive = list_size::apply(50))]
    async fn children(&self, ctx: &Context<'_>) -> WireResult<Vec<Category>> {
        let children = ctx.loader().load_one(ChildrenOf(self.id)).await?;
        Ok(children.unwrap_or_default().into_iter().map(Into::into).collect())
    }

    /// What it is called by readers of a language. What nobody has translated is the original, field by field; `de` serves `de-AT`.
    async fn localized(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one; that of the request if absent.")] locale: Option<Locale>,
    ) -> WireResult<LocalizedCategory> {
        LocalizedCategory::of(ctx, self, locale).await
    }

    /// What it is called in other languages than the catalogue's own, by `locale`; at most 50.
    #[graphql(directive = list_size::apply(5))]
    async fn translations(&self, ctx: &Context<'_>) -> WireResult<Vec<CategoryTranslation>> {
        translations::of_category(ctx, self.id).await
    }

    /// The products for sale in this category and in those below it. It is looked for in each category apart, which costs.
    #[graphql(directive = cost::apply(100))]
    async fn products(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start, 1 to 100. Gives way to `last`.", default_with = "Some(20)")]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
        #[graphql(desc = "How many from the end instead, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "The cursor before which the page ends.")] before: Option<String>,
        #[graphql(desc = "In which order.", default_with = "ProductSort::Newest")] sort: ProductSort,
    ) -> WireResult<AtOnce<List<AtOnce<Product>>>> {
        let filter = ProductFilter { category: Some(self.id), ..ProductFilter::all() };
        lists::list(ctx, filter, sort, &PageArgs { first, after, last, before }).await
    }
}

impl From<model::Category> for Category {
    fn from(row: model::Category) -> Self {
        let model::Category { id, parent_id, slug, name, description, version } = row;
        Self { id, slug, name, description, version, parent_id }
    }
}

pub(super) async fn category(ctx: &Context<'_>, id: Option<Id<model::Category>>) -> WireResult<Option<Category>> {
    match id {
        Some(id) => Ok(ctx.loader().load_one(CategoryKey(CategoryBy::Id(id))).await?.map(Into::into)),
        None => Ok(None),
    }
}

/// Which category: exactly one of the fields.
#[derive(OneofObject)]
pub enum CategoryByInput {
    /// By id.
    Id(Id<model::Category>),
    /// By the name in its URL.
    Slug(String),
}

/// Which categories a list has. What is absent does not narrow it.
#[derive(Default, InputObject)]
#[graphql(name = "CategoryFilter")]
pub struct CategoryFilterInput {
    /// True: only categories below no other one.
    #[graphql(default)]
    is_top: bool,
}

#[derive(Default)]
pub struct CategoriesQuery;

#[Object]
impl CategoriesQuery {
    /// A category; null if there is none.
    async fn category(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] by: CategoryByInput,
    ) -> WireResult<Option<Category>> {
        let by = match by {
            CategoryByInput::Id(id) => CategoryBy::Id(id),
            CategoryByInput::Slug(slug) => CategoryBy::Slug(slug),
        };
        Ok(ctx.loader().load_one(CategoryKey(by)).await?.map(Into::into))
    }

    /// All categories by name.
    async fn categories(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start, 1 to 100. Gives way to `last`.", default_with = "Some(20)")]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
        #[graphql(desc = "How many from the end instead, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "The cursor before which the page ends.")] before: Option<String>,
        #[graphql(desc = "Which ones.", default)] filter: CategoryFilterInput,
    ) -> WireResult<List<Category>> {
        let filter = if filter.is_top { CategoryFilter::Top } else { CategoryFilter::All };
        let list = match filter {
            CategoryFilter::All => "categories",
            CategoryFilter::Top => "top categories",
        };
        let listing = Listing::new(list, &PageArgs { first, after, last, before })?;
        let app = ctx.app().clone();
        let rows = service::categories(&app, filter, listing.page.clone()).await?;
        let total = Total::new(move || {
            let app = app.clone();
            async move { service::count_categories(&app, filter).await }
        });
        Ok(listing.connection(rows, |row| (row.name.clone(), row.id), Category::from, total))
    }
}
