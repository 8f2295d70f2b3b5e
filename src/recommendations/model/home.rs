//! What somebody is shown who begins: sections of products, each for a reason.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use chrono::TimeDelta;
use uuid::Uuid;

use super::{
    related::{Reason, ReasonKind, Recommended, Source, mixed},
    signals::{Signal, SignalKind},
};
use crate::{
    kernel::{
        id::Id,
        page::{Direction, Page, Slice},
    },
    products::model::Product,
};

/// For how long something is new, or there again.
pub const NEW: TimeDelta = TimeDelta::days(30);
/// What a section has at the least, if there is so much.
const SMALLEST: usize = 10;
/// What is added to that at the most, for what somebody does.
const GROWTH: usize = 20;
/// After so many that are known comes one that is new.
const BEFORE_A_NEW_ONE: usize = 4;

crate::text_enum! {
    /// What a section of the home feed has. New ones may appear at any time.
    #[derive(PartialOrd, Ord, async_graphql::Enum)]
    pub enum HomeSectionKind {
        /// What is in your cart, what was put in last first.
        Cart = "CART",
        /// What you have looked at, the last one first.
        RecentlyViewed = "RECENTLY_VIEWED",
        /// What goes with what you ordered, put into your cart, liked and looked at; one in five is new in a category of these.
        ForYou = "FOR_YOU",
        /// What costs less than when you began to like it.
        PriceDrops = "PRICE_DROPS",
        /// What you like and can be ordered again since less than 30 days.
        BackInStock = "BACK_IN_STOCK",
        /// What goes with something that you ordered.
        BecauseOrdered = "BECAUSE_ORDERED",
        /// What goes with something that you looked at.
        BecauseViewed = "BECAUSE_VIEWED",
        /// The newest products of shops that you follow.
        FollowedShops = "FOLLOWED_SHOPS",
        /// What many people have ordered lately, first those near you.
        Trending = "TRENDING",
        /// What is less than 30 days old, in the categories of what you ordered, put into your cart, liked and looked at.
        NewInCategories = "NEW_IN_CATEGORIES",
        /// What is sold most often: for whom nothing else is known of.
        BestSelling = "BEST_SELLING",
    }
}

impl HomeSectionKind {
    pub const ALL: [Self; 11] = [
        Self::Cart,
        Self::RecentlyViewed,
        Self::ForYou,
        Self::PriceDrops,
        Self::BackInStock,
        Self::BecauseOrdered,
        Self::BecauseViewed,
        Self::FollowedShops,
        Self::Trending,
        Self::NewInCategories,
        Self::BestSelling,
    ];

    /// Whether it goes on with what somebody was about to do, and so comes first.
    const fn goes_on(self) -> bool {
        matches!(self, Self::Cart | Self::RecentlyViewed)
    }

    /// Whether its products are theirs already in a way, in an order that says something, so that nothing is mixed or left out.
    pub const fn is_own(self) -> bool {
        matches!(self, Self::Cart | Self::RecentlyViewed | Self::PriceDrops | Self::BackInStock)
    }

    /// Whether all of it goes with one product.
    const fn is_about_one(self) -> bool {
        matches!(self, Self::BecauseOrdered | Self::BecauseViewed)
    }

    /// Whether it rests on signals of a kind.
    const fn rests_on(self, kind: SignalKind) -> bool {
        match self {
            Self::Cart => matches!(kind, SignalKind::InCart),
            Self::RecentlyViewed | Self::BecauseViewed => matches!(kind, SignalKind::Viewed),
            Self::ForYou => !matches!(kind, SignalKind::Followed),
            Self::PriceDrops | Self::BackInStock => matches!(kind, SignalKind::Liked),
            Self::BecauseOrdered => matches!(kind, SignalKind::Ordered),
            Self::FollowedShops => matches!(kind, SignalKind::Followed),
            Self::Trending | Self::NewInCategories | Self::BestSelling => false,
        }
    }

    /// Whether there may be something in it for whom this is known of.
    pub fn is_possible(self, signals: &[Signal]) -> bool {
        let knows_products = || signals.iter().any(|signal| signal.kind != SignalKind::Followed);
        match self {
            Self::Trending => true,
            Self::NewInCategories => knows_products(),
            Self::BestSelling => !knows_products(),
            _ => signals.iter().any(|signal| self.rests_on(signal.kind)),
        }
    }

    /// Why one of its products is in it.
    pub const fn reason_of_one(self) -> ReasonKind {
        match self {
            Self::Cart => ReasonKind::InCart,
            Self::RecentlyViewed => ReasonKind::Viewed,
            Self::ForYou | Self::BecauseOrdered | Self::BecauseViewed => ReasonKind::BoughtTogether,
            Self::PriceDrops => ReasonKind::PriceDropped,
            Self::BackInStock => ReasonKind::BackInStock,
            Self::FollowedShops => ReasonKind::FollowedShop,
            Self::Trending => ReasonKind::Trending,
            Self::NewInCategories => ReasonKind::SameCategory,
            Self::BestSelling => ReasonKind::BestSelling,
        }
    }

    /// Why it is shown, if what is in it rests on this.
    fn reason(self, source: Option<Source>) -> Reason {
        match self {
            Self::ForYou => Reason::plain(ReasonKind::History),
            Self::BecauseOrdered => Reason { kind: ReasonKind::Ordered, source },
            Self::BecauseViewed => Reason { kind: ReasonKind::Viewed, source },
            _ => Reason::plain(self.reason_of_one()),
        }
    }
}

/// Products that are shown together.
#[derive(Debug, Clone)]
pub struct HomeSection {
    pub kind: HomeSectionKind,
    pub reason: Reason,
    pub products: Vec<Recommended>,
}

/// The sections of what was found, by what somebody does. First comes what they were about to do; then the section that rests on most of their
/// signals, of which twenty count; among equals the order is that of [`HomeSectionKind`]. One has ten products, and one more for each of these
/// signals if it rests on all of them. Of what is recommended, each product stands in one section alone.
pub fn arranged(signals: &[Signal], found: Vec<(HomeSectionKind, Recommended)>) -> Vec<HomeSection> {
    let used = |kind: HomeSectionKind| signals.iter().filter(|signal| kind.rests_on(signal.kind)).take(GROWTH).count();
    let mut sections = BTreeMap::<HomeSectionKind, Vec<Recommended>>::new();
    for (kind, product) in found {
        sections.entry(kind).or_default().push(product);
    }
    let new = sections.get(&HomeSectionKind::NewInCategories).cloned().unwrap_or_default();
    if let Some(products) = sections.get_mut(&HomeSectionKind::ForYou) {
        *products = freshened(std::mem::take(products), new);
    }
    let place = |kind: HomeSectionKind| (!kind.goes_on(), Reverse(used(kind)), kind);
    let mut sections: Vec<_> = sections.into_iter().collect();
    // What goes with all that is known would leave nothing to what goes with one thing.
    sections.sort_by_key(|(kind, _)| (!kind.is_about_one(), place(*kind)));
    let mut shown = BTreeSet::<Id<Product>>::new();
    let arrange = |(kind, mut products): (HomeSectionKind, Vec<Recommended>)| {
        if !kind.is_own() {
            let mut here = BTreeSet::new();
            products.retain(|one| !shown.contains(&one.card.id) && here.insert(one.card.id));
            products = mixed(products, |one| one.card.shop_id);
        }
        let growth = if kind.is_about_one() { 0 } else { used(kind) };
        products.truncate(SMALLEST + growth);
        if !kind.is_own() {
            shown.extend(products.iter().map(|one| one.card.id));
        }
        let source = products.first()?.reason.source.clone();
        Some(HomeSection { kind, reason: kind.reason(source), products })
    };
    let mut sections: Vec<HomeSection> = sections.into_iter().filter_map(arrange).collect();
    sections.sort_by_key(|section| place(section.kind));
    sections
}

/// Has one new thing come after each four that are known: what is new has a fifth of the places at the most, and no place if little is known.
fn freshened<T>(known: Vec<T>, new: Vec<T>) -> Vec<T> {
    let (mut known, mut new) = (known.into_iter(), new.into_iter());
    let mut all = Vec::with_capacity(known.len());
    while known.len() >= BEFORE_A_NEW_ONE {
        all.extend(known.by_ref().take(BEFORE_A_NEW_ONE));
        all.extend(new.next());
    }
    all.extend(known);
    all
}

/// Where a product stands in its section: its place, and its id.
pub type SectionKey = (i64, Uuid);

/// A page of a section, each product with its place. What the page goes on from may have moved since: then its id tells where it is now.
pub fn page_of(products: &[Recommended], page: &Page<SectionKey>) -> Slice<(SectionKey, Recommended)> {
    let limit = usize::try_from(page.fetch_limit()).unwrap_or(usize::MAX);
    let rows = || (0_i64..).zip(products);
    let from = page
        .from
        .map(|(place, id)| rows().find(|(_, product)| product.card.id.uuid() == id).map_or(place, |(place, _)| place));
    let mut rows: Vec<(SectionKey, Recommended)> = rows()
        .filter(|(place, _)| match (page.direction, from) {
            (_, None) => true,
            (Direction::Forward, Some(from)) => *place > from,
            (Direction::Backward, Some(from)) => *place < from,
        })
        .map(|(place, product)| ((place, product.card.id.uuid()), product.clone()))
        .collect();
    if page.direction == Direction::Backward {
        rows.reverse();
    }
    rows.truncate(limit);
    page.slice(rows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        kernel::money::CurrencyCode,
        platform::clock::Time,
        products::model::{Card, ProductStatus},
    };

    fn id(number: u128) -> Uuid {
        Uuid::from_u128(number)
    }

    fn now() -> Time {
        "2026-11-20T12:00:00Z".parse().unwrap()
    }

    fn signal(kind: SignalKind, number: u128) -> Signal {
        Signal { kind, id: id(number), at: now(), times: 1 }
    }

    /// A product of a shop, the hundreds of whose number name it.
    fn product(number: u128) -> Recommended {
        let card = Card {
            id: Id::from_uuid(id(number)),
            shop_id: Id::from_uuid(id(number / 100)),
            slug: String::new(),
            title: String::new(),
            status: ProductStatus::Active,
            currency: CurrencyCode::GBP,
            price_min: 1,
            price_max: 1,
            sold_count: 0,
            is_available: true,
            rating_rank: 0,
            created_at: now(),
        };
        Recommended { card, reason: Reason::plain(ReasonKind::Trending) }
    }

    fn numbers(products: &[Recommended]) -> Vec<u128> {
        products.iter().map(|one| one.card.id.uuid().as_u128()).collect()
    }

    #[test]
    fn sections_follow_what_somebody_does() {
        let kinds = |signals: &[Signal]| -> Vec<HomeSectionKind> {
            let all = [
                HomeSectionKind::BestSelling,
                HomeSectionKind::Trending,
                HomeSectionKind::FollowedShops,
                HomeSectionKind::BackInStock,
                HomeSectionKind::RecentlyViewed,
            ];
            let found = (1..).zip(all).map(|(number, kind)| (kind, product(number))).collect();
            arranged(signals, found).into_iter().map(|section| section.kind).collect()
        };
        let [viewed, back, shops, trending, best] = [
            HomeSectionKind::RecentlyViewed,
            HomeSectionKind::BackInStock,
            HomeSectionKind::FollowedShops,
            HomeSectionKind::Trending,
            HomeSectionKind::BestSelling,
        ];
        assert_eq!(kinds(&[]), [viewed, back, shops, trending, best]);
        let follows = [signal(SignalKind::Followed, 1), signal(SignalKind::Followed, 2)];
        assert_eq!(kinds(&follows), [viewed, shops, back, trending, best]);
    }

    #[test]
    fn of_whom_nothing_is_known_what_is_sold_most_is_shown() {
        let possible = |signals: &[Signal]| -> Vec<HomeSectionKind> {
            HomeSectionKind::ALL.into_iter().filter(|kind| kind.is_possible(signals)).collect()
        };
        assert_eq!(possible(&[]), [HomeSectionKind::Trending, HomeSectionKind::BestSelling]);
        let shops = [HomeSectionKind::FollowedShops, HomeSectionKind::Trending, HomeSectionKind::BestSelling];
        assert_eq!(possible(&[signal(SignalKind::Followed, 1)]), shops);
        let carts = [
            HomeSectionKind::Cart,
            HomeSectionKind::ForYou,
            HomeSectionKind::Trending,
            HomeSectionKind::NewInCategories,
        ];
        assert_eq!(possible(&[signal(SignalKind::InCart, 1)]), carts);
    }

    #[test]
    fn a_section_grows_with_its_use_and_nothing_is_shown_twice() {
        let of = |kind: HomeSectionKind, numbers: std::ops::Range<u128>| {
            numbers.map(move |number| (kind, product(number * 100)))
        };
        let viewed: Vec<_> = (0..7).map(|number| signal(SignalKind::Viewed, number)).collect();
        let found = || {
            of(HomeSectionKind::RecentlyViewed, 0..40)
                .chain(of(HomeSectionKind::BecauseViewed, 10..50))
                .chain(of(HomeSectionKind::ForYou, 10..50))
                .chain(of(HomeSectionKind::Trending, 25..60))
                .collect::<Vec<_>>()
        };
        let sizes = |signals: &[Signal]| -> Vec<usize> {
            arranged(signals, found()).iter().map(|section| section.products.len()).collect()
        };
        assert_eq!(sizes(&viewed), [17, 17, 10, 10]);
        assert_eq!(sizes(&[]), [10, 10, 10, 10]);
        let sections = arranged(&viewed, found());
        // What they have looked at is theirs, whatever else is shown.
        let firsts: Vec<_> = sections.iter().map(|section| numbers(&section.products)[0]).collect();
        assert_eq!(firsts, [0, 2_000, 1_000, 3_700]);
    }

    #[test]
    fn sellers_are_mixed_and_what_is_new_has_a_fifth() {
        let of_one = (1..=6).chain([100]).map(|number| (HomeSectionKind::Trending, product(number))).collect();
        assert_eq!(numbers(&arranged(&[], of_one)[0].products), [1, 2, 3, 100, 4, 5, 6]);
        assert_eq!(freshened((1..=9).collect(), vec![20, 21, 22]), [1, 2, 3, 4, 20, 5, 6, 7, 8, 21, 9]);
        assert_eq!(freshened(vec![1, 2, 3], vec![20]), [1, 2, 3]);
    }

    #[test]
    fn a_page_goes_on_where_a_product_stands_now() {
        let all: Vec<_> = (0..5).map(product).collect();
        let shown = |products: &[Recommended], limit, from, direction| {
            let slice = page_of(products, &Page { limit, from, direction });
            let shown: Vec<_> = slice.items.into_iter().map(|((place, _), one)| (place, one.card.id.uuid())).collect();
            (shown, slice.has_next, slice.has_previous)
        };
        let at = |place| (i64::from(place), id(u128::from(place)));
        assert_eq!(shown(&all, 2, None, Direction::Forward), (vec![at(0_u32), at(1)], true, false));
        assert_eq!(shown(&all, 9, Some(at(2)), Direction::Forward), (vec![at(3), at(4)], false, true));
        assert_eq!(shown(&all, 1, Some(at(2)), Direction::Backward), (vec![at(1)], true, true));
        let moved = Some((0, id(3)));
        assert_eq!(shown(&all, 2, moved, Direction::Forward), (vec![at(4)], false, true));
    }
}
