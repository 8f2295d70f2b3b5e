//! How people rate what is sold.

/// The most stars that can be given.
pub const MAXIMUM_STARS: i32 = 5;
/// A list by rating thinks of a product as if it had been rated so often before, by the average below: so one who gave five stars
/// does not outweigh a hundred who gave them almost always.
const FORMER: i64 = 5;
const FORMER_HALF_STARS: i64 = FORMER * 7;

/// How often each number of stars was given, one star first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ratings([i32; 5]);

/// What becomes of the ratings of a product: stars that were given go, and others come.
#[derive(Debug, Clone, Copy, Default)]
pub struct RatingChange {
    pub lost: Option<i32>,
    pub gained: Option<i32>,
}

impl RatingChange {
    /// By how much each number changes.
    pub fn by(self) -> Ratings {
        let mut by = Ratings::default();
        for (stars, one) in [(self.lost, -1), (self.gained, 1)] {
            let place = stars.and_then(|stars| usize::try_from(stars - 1).ok());
            if let Some(count) = place.and_then(|place| by.0.get_mut(place)) {
                *count += one;
            }
        }
        by
    }
}

impl Ratings {
    /// From a column, which has five numbers.
    pub fn of(counts: &[i32]) -> Self {
        Self(counts.first_chunk().copied().unwrap_or_default())
    }

    pub const fn counts(&self) -> &[i32; 5] {
        &self.0
    }

    #[must_use]
    pub fn changed(mut self, change: RatingChange) -> Self {
        for (count, by) in self.0.iter_mut().zip(change.by().0) {
            *count = count.saturating_add(by);
        }
        self
    }

    /// How often stars were given.
    pub fn count(&self) -> i64 {
        self.0.iter().copied().map(i64::from).sum()
    }

    fn stars(&self) -> i64 {
        (1..).zip(self.0).map(|(stars, count)| stars * i64::from(count)).sum()
    }

    /// The average as it is told, in tenths of a star; none if nobody has given any.
    pub fn average(&self) -> Option<i32> {
        let count = self.count();
        let tenths = (20 * self.stars() + count).checked_div(2 * count)?;
        i32::try_from(tenths).ok()
    }

    /// Where it stands in a list by rating, in millionths of a star; what nobody has rated stands last.
    pub fn rank(&self) -> i32 {
        let count = self.count();
        if count == 0 {
            return 0;
        }
        i32::try_from((2 * self.stars() + FORMER_HALF_STARS) * 1_000_000 / (2 * (count + FORMER))).unwrap_or(i32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_average_is_told_in_tenths() {
        assert_eq!(Ratings::default().average(), None);
        assert_eq!(Ratings([0, 0, 0, 0, 3]).average(), Some(50));
        assert_eq!(Ratings([1, 0, 0, 0, 2]).average(), Some(37));
        assert_eq!(Ratings([0, 0, 0, 1, 19]).average(), Some(50), "4.95");
        assert_eq!(Ratings([1, 1, 0, 0, 0]).average(), Some(15));
    }

    #[test]
    fn many_who_are_content_outweigh_one_who_is_delighted() {
        let ranks = [[0, 0, 0, 10, 90], [0, 0, 0, 0, 1], [1, 0, 0, 0, 0], [100, 0, 0, 0, 0], [0; 5]];
        let ranks = ranks.map(|counts| Ratings(counts).rank());
        assert!(ranks.is_sorted_by(|better, worse| better > worse), "{ranks:?}");
        assert_eq!(ranks[4], 0);
    }

    #[test]
    fn stars_go_and_come() {
        let change = RatingChange { lost: Some(1), gained: Some(5) };
        assert_eq!(Ratings([1, 2, 0, 0, 0]).changed(change), Ratings([0, 2, 0, 0, 1]));
        assert_eq!(RatingChange { lost: Some(6), gained: None }.by(), Ratings::default());
    }
}
