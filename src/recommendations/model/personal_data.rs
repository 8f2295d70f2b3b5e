//! What is kept about a person so that they find things sooner.

use diesel::{
    QueryableByName,
    sql_types::{BigInt, Nullable, Text, Timestamptz},
};

use super::HistoryKind;
use crate::platform::clock::Time;

crate::text_enum! {
    /// A kind of what is kept about you so that you find things sooner. New kinds may appear.
    #[derive(async_graphql::Enum)]
    pub enum PersonalDataKind {
        /// What you have looked at.
        Views = "VIEWS",
        /// What you have looked for.
        Searches = "SEARCHES",
        /// Searches that you have saved.
        SavedSearches = "SAVED_SEARCHES",
        /// What you do not want to be recommended.
        Dismissals = "DISMISSALS",
        /// Orders of which it is known as yours what was ordered together.
        Orders = "ORDERS",
    }
}

impl PersonalDataKind {
    /// All of them, in the order in which they are told.
    pub const ALL: [Self; 5] = [Self::Views, Self::Searches, Self::SavedSearches, Self::Dismissals, Self::Orders];

    /// As what it is forgotten; none where that is done in another way.
    pub const fn history(self) -> Option<HistoryKind> {
        match self {
            Self::Views => Some(HistoryKind::Views),
            Self::Searches => Some(HistoryKind::Searches),
            Self::Dismissals => Some(HistoryKind::Dismissals),
            Self::SavedSearches | Self::Orders => None,
        }
    }

    /// Whether it goes when its time is over. The rest stays until its person, or what it is about, ends it.
    pub const fn has_an_end(self) -> bool {
        matches!(self, Self::Views | Self::Searches)
    }

    /// Whether it is used although somebody does not want what they do to be kept: they have said it themselves.
    pub const fn is_said(self) -> bool {
        matches!(self, Self::SavedSearches | Self::Dismissals)
    }
}

/// How much of a kind there is.
#[derive(Debug, Clone, Copy, QueryableByName)]
pub struct PersonalCount {
    #[diesel(sql_type = Text)]
    pub kind: PersonalDataKind,
    #[diesel(sql_type = BigInt)]
    pub count: i64,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub oldest: Option<Time>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_machine_notes_by_itself_can_be_forgotten() {
        for kind in PersonalDataKind::ALL.into_iter().filter(|kind| kind.has_an_end()) {
            assert!(kind.history().is_some() && !kind.is_said(), "{kind}");
        }
    }
}
