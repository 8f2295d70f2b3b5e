//! What is recommended, and why, on the wire.

use async_graphql::{ComplexObject, Context, SimpleObject};

use crate::{
    carts,
    kernel::{error::Failure, id::Id, place::Language},
    platform::gql::{Ask, WireResult},
    products::{self, graphql::Product, loaders::ProductKey, model::Listed},
    recommendations::{
        loaders::{BesideCart, RelatedTo},
        model::{Intent, ReasonKind, Recommended},
    },
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

/// Why a product is recommended.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(complex)]
pub struct RecommendationReason {
    /// For programs.
    kind: ReasonKind,
    #[graphql(skip)]
    source: Id<products::model::Product>,
    #[graphql(skip)]
    source_title: String,
}

#[ComplexObject]
impl RecommendationReason {
    /// For people, in the language of the request, with the title of what it rests on.
    async fn text(&self, ctx: &Context<'_>) -> WireResult<String> {
        let language = match &ctx.caller().request.locale {
            Some(locale) => locale.language(),
            None => ctx.loader().load_one(PreferredLocale).await?.unwrap_or_default().language(),
        };
        Ok(text(self.kind, &self.source_title, language))
    }

    /// The product that it rests on; null if you do not see it any more.
    async fn product(&self, ctx: &Context<'_>) -> WireResult<Option<Product>> {
        Ok(ctx.loader().load_one(ProductKey::id(self.source)).await?.map(Into::into))
    }
}

fn text(kind: ReasonKind, title: &str, language: Language) -> String {
    match (kind, language) {
        (ReasonKind::BoughtTogether, Language::English) => format!("Often ordered with {title}"),
        (ReasonKind::BoughtTogether, Language::German) => format!("Oft bestellt mit {title}"),
        (ReasonKind::GoesWithTheSame, Language::English) => format!("Goes with the same things as {title}"),
        (ReasonKind::GoesWithTheSame, Language::German) => format!("Passt zu denselben Dingen wie {title}"),
        (ReasonKind::SameCategory, Language::English) => format!("New in the category of {title}"),
        (ReasonKind::SameCategory, Language::German) => format!("Neu in der Kategorie von {title}"),
    }
}

impl From<Recommended> for Recommendation {
    fn from(Recommended { card, kind, source, source_title }: Recommended) -> Self {
        Self { product: Listed::from(card).into(), reason: RecommendationReason { kind, source, source_title } }
    }
}

/// The first of what is recommended.
fn first_of(recommended: Option<Vec<Recommended>>, first: i32) -> WireResult<Vec<Recommendation>> {
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
