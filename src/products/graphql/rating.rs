//! How people rate what is sold, on the wire.

use std::borrow::Cow;

use async_graphql::SimpleObject;

use crate::{
    platform::gql::{AtHand, Plain, list_size},
    products::model::rating::Ratings,
};

/// How people who bought it rate something.
#[derive(Debug, Clone, SimpleObject)]
pub struct Rating {
    /// From 1.0 to 5.0, rounded to tenths, by which lists are filtered; null if nobody has rated it.
    average: Option<f64>,
    /// How many people have rated it.
    count: i32,
    /// How many gave how many stars, five stars first: five items, also where nobody gave so many.
    #[graphql(directive = list_size::apply(5))]
    histogram: Vec<RatingCount>,
}

/// How many people gave so many stars.
#[derive(Debug, Clone, SimpleObject)]
pub struct RatingCount {
    /// 1 to 5.
    stars: i32,
    /// How many people.
    count: i32,
}

impl From<Ratings> for Rating {
    fn from(ratings: Ratings) -> Self {
        let histogram = (1..).zip(ratings.counts()).map(|(stars, count)| RatingCount { stars, count: *count });
        let mut histogram: Vec<_> = histogram.collect();
        histogram.reverse();
        Self {
            average: ratings.average().map(|tenths| f64::from(tenths) / 10.0),
            count: i32::try_from(ratings.count()).unwrap_or(i32::MAX),
            histogram,
        }
    }
}

impl Plain for Rating {
    fn concrete_type(&self) -> Cow<'static, str> {
        "Rating".into()
    }

    fn field(&self, name: &str) -> AtHand<'_> {
        match name {
            "average" => AtHand::value(&self.average),
            "count" => AtHand::value(&self.count),
            "histogram" => AtHand::Objects(Box::new(self.histogram.iter().map(|row| row as &dyn Plain))),
            _ => AtHand::NotYet,
        }
    }
}

impl Plain for RatingCount {
    fn concrete_type(&self) -> Cow<'static, str> {
        "RatingCount".into()
    }

    fn field(&self, name: &str) -> AtHand<'_> {
        match name {
            "stars" => AtHand::value(&self.stars),
            "count" => AtHand::value(&self.count),
            _ => AtHand::NotYet,
        }
    }
}
