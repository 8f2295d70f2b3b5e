//! What people are shown who begin, on the wire.

use async_graphql::{Context, Object};

use super::{
    history::Viewed,
    related::{Recommendation, RecommendationReason, first_of, language, source_name, text_id},
};
use crate::{
    kernel::{page::PageArgs, place::CountryCode},
    platform::{
        caller::Caller,
        gql::{Ask, AtOnce, List, Listing, Total, WireResult, cost},
        texts,
    },
    products::graphql::Product,
    recommendations::{
        model::{self, Guest, HomeSectionKind, SectionKey, ViewKey, page_of},
        service,
    },
};

/// Products that are shown together.
pub struct HomeSection(model::HomeSection);

/// Products that are shown together to who begins, and why.
#[Object]
impl HomeSection {
    /// What it has. No two sections of a feed are of one kind.
    async fn kind(&self) -> HomeSectionKind {
        self.0.kind
    }

    /// For people, in the language of the request.
    async fn title(&self, ctx: &Context<'_>) -> WireResult<String> {
        let (id, language) = (text_id("home", self.0.kind.as_str()), language(ctx).await?);
        let source = source_name(self.0.reason.source.as_ref());
        Ok(texts::text(language, &id, &[("source", source)]).unwrap_or_default())
    }

    /// Why you are shown it.
    async fn reason(&self) -> RecommendationReason {
        self.0.reason.clone().into()
    }

    /// Its products, the best first, each with why: 10 at the most, or up to 30 of what you do a lot. Of what is recommended three of one shop follow each
    /// other at the most, unless there is nothing of another one, and each product is in one section alone.
    async fn recommendations(
        &self,
        #[graphql(desc = "How many from the start, 1 to 100. Gives way to `last`.", default_with = "Some(20)")]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
        #[graphql(desc = "How many from the end instead, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "The cursor before which the page ends.")] before: Option<String>,
    ) -> WireResult<List<Recommendation>> {
        let model::HomeSection { kind, products, .. } = &self.0;
        let listing = Listing::<SectionKey>::new(("home", kind.as_str()), &PageArgs { first, after, last, before })?;
        let rows = page_of(products, &listing.page);
        let count = i64::try_from(products.len()).unwrap_or(i64::MAX);
        let total = Total::new(move || async move { Ok(count) });
        Ok(listing.connection(rows, |(key, _)| *key, |(_, product)| product.into(), total))
    }
}

/// Those of the sections that are asked for.
fn wanted(sections: Vec<model::HomeSection>, kinds: Option<&[HomeSectionKind]>) -> Vec<HomeSection> {
    let is_wanted = |section: &model::HomeSection| kinds.is_none_or(|kinds| kinds.contains(&section.kind));
    sections.into_iter().filter(is_wanted).map(HomeSection).collect()
}

/// The home feed's part of the viewer.
pub struct HomeViewer(pub Caller);

#[Object]
impl HomeViewer {
    /// What you may want to see first, in sections, at most 11: first what you were about to do, then the section that rests on most of what you do, and last what
    /// others do. Without what is not for sale or cannot be ordered now, what you have dismissed, what you have ordered once, and what is of a shop in which
    /// somebody works whom you have blocked, or who has blocked you. While `Preferences.hasPersonalization` is off, it is what everybody sees.
    #[graphql(directive = cost::apply(50))]
    async fn home(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which sections alone; all that there are if absent. For a further page of one of them.")]
        kinds: Option<Vec<HomeSectionKind>>,
    ) -> WireResult<Vec<HomeSection>> {
        Ok(wanted(service::home(ctx.app(), &self.0).await?, kinds.as_deref()))
    }
}

/// A guest's own side.
pub struct Visitor(Guest);

/// A guest's own side, as far as a token tells them from others.
#[Object]
impl Visitor {
    /// As `Viewer.home`, by what the guest has looked at alone.
    #[graphql(directive = cost::apply(50))]
    async fn home(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which sections alone; all that there are if absent. For a further page of one of them.")]
        kinds: Option<Vec<HomeSectionKind>>,
    ) -> WireResult<Vec<HomeSection>> {
        let sections = service::home_of_guest(ctx.app(), ctx.caller(), self.0).await?;
        Ok(wanted(sections, kinds.as_deref()))
    }

    /// As `Viewer.recentlyViewed`: what the guest has looked at; empty without a token.
    async fn recently_viewed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start, 1 to 100. Gives way to `last`.", default_with = "Some(20)")]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
        #[graphql(desc = "How many from the end instead, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "The cursor before which the page ends.")] before: Option<String>,
    ) -> WireResult<AtOnce<List<AtOnce<Product>>>> {
        let listing = Listing::<ViewKey>::new("visitorViewed", &PageArgs { first, after, last, before })?;
        let (app, guest) = (ctx.app().clone(), self.0);
        let rows = service::viewed_by_guest(&app, guest, listing.page.clone()).await?;
        let total = Total::new(move || {
            let app = app.clone();
            async move { service::count_viewed_by_guest(&app, guest).await }
        });
        let rows = rows.map(|(at, card)| Viewed(at, card));
        Ok(listing.at_once(rows, |Viewed(at, card)| (*at, card.id.uuid()), total))
    }
}

/// What is shown to who begins, whoever they are.
#[derive(Default)]
pub struct HomeQuery;

#[Object]
impl HomeQuery {
    /// A guest's own side; null for who is signed in, and if the token is none of ours.
    async fn visitor(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What `recordViews` answered; absent of a guest who has none yet.", secret)] token: Option<
            String,
        >,
    ) -> Option<Visitor> {
        service::guest(ctx.app(), ctx.caller(), token.as_deref()).map(Visitor)
    }

    /// What most people have ordered in the last two weeks, what they did lately before what they did long ago, made anew every ten minutes: of 50 products those
    /// that you are shown, the best first. Behind each there are five people or more, none of whom works for its shop; a fifth of them is of one shop at
    /// the most.
    #[graphql(directive = cost::apply(20))]
    async fn trending_products(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Where to; anywhere if absent. Of countries where little is ordered there is nothing.")]
        country: Option<CountryCode>,
        #[graphql(desc = "How many at the most, 1 to 20.", default = 10)] first: i32,
    ) -> WireResult<Vec<Recommendation>> {
        first_of(Some(service::trending(ctx.app(), ctx.caller(), country).await?), first)
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::resolver_utils::EnumType;

    use super::*;
    use crate::{kernel::place::Language, recommendations::model::ReasonKind};

    #[test]
    fn every_section_and_every_reason_has_words() {
        for language in [Language::English, Language::German] {
            let has = |id: &str| texts::text(language, id, &[("source", "Lamp")]).is_some_and(|text| !text.is_empty());
            for section in HomeSectionKind::ALL {
                assert!(has(&text_id("home", section.as_str())), "{section}");
            }
            for reason in ReasonKind::items() {
                let id = text_id("recommendation", reason.value.as_str());
                assert!(has(&id) || has(&format!("{id}.alone")), "{id}");
            }
        }
    }
}
