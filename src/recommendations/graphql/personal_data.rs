//! What is kept about a person, on the wire.

use async_graphql::{ComplexObject, Context, Object, SimpleObject};

use crate::{
    kernel::place::Language,
    platform::{
        caller::Caller,
        clock::Time,
        gql::{Ask, WireResult, list_size},
    },
    recommendations::{
        model::{HistoryKind, PersonalDataKind},
        service::{self, Kept},
    },
    users::loaders::PreferredLocale,
};

/// What is kept about you of one kind, so that you find things sooner. All of it is in the archive of your data.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(complex)]
pub struct PersonalData {
    /// Of which kind.
    kind: PersonalDataKind,
    /// How much: of `ORDERS` at most 10,000 are counted.
    count: i32,
    /// When the oldest of it is from; null if there is none.
    oldest: Option<Time>,
    /// For how long it is kept; null if that has no end by itself.
    kept_for_seconds: Option<i32>,
    /// Whether it goes into what you are shown: with `Preferences.hasPersonalization` off only what you have said yourself does.
    is_used: bool,
    /// As what `clearHistory` forgets it; null if it does not: a saved search is deleted by `deleteSavedSearch`, and of your orders it is forgotten
    /// that they are yours when you switch `hasPersonalization` off.
    history_kind: Option<HistoryKind>,
}

#[ComplexObject]
impl PersonalData {
    /// What it is kept for, in the language of the request.
    async fn purpose(&self, ctx: &Context<'_>) -> WireResult<String> {
        let language = match &ctx.caller().request.locale {
            Some(locale) => locale.language(),
            None => ctx.loader().load_one(PreferredLocale).await?.unwrap_or_default().language(),
        };
        Ok(purpose(self.kind, language).into())
    }
}

impl From<Kept> for PersonalData {
    fn from(Kept { kind, count, oldest, lasting, is_used }: Kept) -> Self {
        let seconds = lasting.map(|lasting| i32::try_from(lasting.num_seconds()).unwrap_or(i32::MAX));
        Self {
            kind,
            count: i32::try_from(count).unwrap_or(i32::MAX),
            oldest,
            kept_for_seconds: seconds,
            is_used,
            history_kind: kind.history(),
        }
    }
}

const fn purpose(kind: PersonalDataKind, language: Language) -> &'static str {
    match (kind, language) {
        (PersonalDataKind::Views, Language::English) => "So that you find again what you have looked at.",
        (PersonalDataKind::Views, Language::German) => "Damit du wiederfindest, was du angesehen hast.",
        (PersonalDataKind::Searches, Language::English) => {
            "So that you find again what you have looked for, and, counted with what others look for, to show what many do."
        }
        (PersonalDataKind::Searches, Language::German) => {
            "Damit du wiederfindest, wonach du gesucht hast, und, mit anderen zusammen gezählt, um zu zeigen, wonach viele suchen."
        }
        (PersonalDataKind::SavedSearches, Language::English) => "So that you hear of what is new and fits.",
        (PersonalDataKind::SavedSearches, Language::German) => "Damit du von Neuem erfährst, das passt.",
        (PersonalDataKind::Dismissals, Language::English) => "So that it is not recommended to you again.",
        (PersonalDataKind::Dismissals, Language::German) => "Damit es dir nicht wieder empfohlen wird.",
        (PersonalDataKind::Orders, Language::English) => {
            "To learn what goes well with what. It is used where five people or more have ordered the same things together."
        }
        (PersonalDataKind::Orders, Language::German) => {
            "Um zu lernen, was gut zueinander passt. Verwendet wird, was fünf Menschen oder mehr zusammen bestellt haben."
        }
    }
}

/// What is kept about you: the part of the viewer.
pub struct PersonalDataViewer(pub Caller);

#[Object]
impl PersonalDataViewer {
    /// What is kept about you so that you find things sooner, and what for: each kind once, also what there is nothing of. What a market needs to
    /// trade, such as orders and messages, is not meant.
    #[graphql(directive = list_size::apply(5))]
    async fn personal_data(&self, ctx: &Context<'_>) -> WireResult<Vec<PersonalData>> {
        Ok(service::personal_data(ctx.app(), &self.0).await?.into_iter().map(Into::into).collect())
    }
}
