//! What is recommended, and why, on the wire.

use async_graphql::{ComplexObject, Context, SimpleObject};

use crate::{
    carts,
    kernel::{error::Failure, id::Id, place::Language},
    platform::{
        gql::{Ask, WireResult},
        texts,
    },
    products::{self, graphql::Product, loaders::ProductKey, model::Listed},
    recommendations::{
        loaders::{BesideCart, RelatedTo},
        model::{Intent, Reason, ReasonKind, Recommended, Source},
    },
    shops::{graphql::Shop, loaders::ShopById},
    users::loaders::PreferredLocale,
};

/// Recommendations that are asked for at once, at the most.
const MAXIMUM: usize = 20;

/// A product that is recommended to you.
#[derive(Debug, Clone, SimpleObject)]
pub struct Recommendation {
    /// The product.
    product: Product,
    /// Why it is.
    reason: RecommendationReason,
}

/// Why a product, or a section of products, is recommended.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(complex)]
pub struct RecommendationReason {
    /// For programs.
    kind: ReasonKind,
    #[graphql(skip)]
    source: Option<Source>,
}

#[ComplexObject]
impl RecommendationReason {
    /// For people, in the language of the request, with the name of what it rests on.
    async fn text(&self, ctx: &Context<'_>) -> WireResult<String> {
        Ok(text(self.kind, self.source.as_ref(), language(ctx).await?))
    }

    /// The product that it rests on; null if it rests on none, or if you do not see it any more.
    async fn product(&self, ctx: &Context<'_>) -> WireResult<Option<Product>> {
        match &self.source {
            Some(Source::Product { id, .. }) => Ok(ctx.loader().load_one(ProductKey::id(*id)).await?.map(Into::into)),
            _ => Ok(None),
        }
    }

    /// The shop that it rests on; null if it rests on none.
    async fn shop(&self, ctx: &Context<'_>) -> WireResult<Option<Shop>> {
        match &self.source {
            Some(Source::Shop { id, .. }) => Ok(ctx.loader().load_one(ShopById(*id)).await?.map(Into::into)),
            _ => Ok(None),
        }
    }
}

/// In which language somebody reads.
pub(super) async fn language(ctx: &Context<'_>) -> WireResult<Language> {
    match &ctx.caller().request.locale {
        Some(locale) => Ok(locale.language()),
        None => Ok(ctx.loader().load_one(PreferredLocale).await?.unwrap_or_default().language()),
    }
}

/// What a source is called, as texts name it.
pub(super) fn source_name(source: Option<&Source>) -> &str {
    match source {
        Some(Source::Product { title: name, .. } | Source::Shop { name, .. }) => name,
        None => "",
    }
}

/// The id of a text by the word of an enum.
pub(super) fn text_id(of: &str, word: &str) -> String {
    format!("{of}-{}", word.to_lowercase().replace('_', "-"))
}

fn text(kind: ReasonKind, source: Option<&Source>, language: Language) -> String {
    let mut id = text_id("recommendation", kind.as_str());
    if source.is_none() {
        id.push_str(".alone");
    }
    texts::text(language, &id, &[("source", source_name(source))]).unwrap_or_default()
}

impl From<Reason> for RecommendationReason {
    fn from(Reason { kind, source }: Reason) -> Self {
        Self { kind, source }
    }
}

impl From<Recommended> for Recommendation {
    fn from(Recommended { card, reason }: Recommended) -> Self {
        Self { product: Listed::from(card).into(), reason: reason.into() }
    }
}

/// The first of what is recommended.
pub(super) fn first_of(recommended: Option<Vec<Recommended>>, first: i32) -> WireResult<Vec<Recommendation>> {
    let first = usize::try_from(first).ok().filter(|first| (1..=MAXIMUM).contains(first));
    let first = first.ok_or_else(|| Failure::BadUserInput(format!("`first` is from 1 to {MAXIMUM}")))?;
    Ok(recommended.unwrap_or_default().into_iter().take(first).map(Into::into).collect())
}

/// What goes with a product that the caller was shown.
pub async fn related(
    ctx: &Context<'_>,
    product: Id<products::model::Product>,
    intent: Intent,
    first: i32,
) -> WireResult<Vec<Recommendation>> {
    first_of(ctx.loader().load_one(RelatedTo { product, intent }).await?, first)
}

/// What goes with what is in a cart that the caller was shown.
pub async fn beside_cart(
    ctx: &Context<'_>,
    cart: Id<carts::model::Cart>,
    first: i32,
) -> WireResult<Vec<Recommendation>> {
    first_of(ctx.loader().load_one(BesideCart(cart)).await?, first)
}
