//! What is kept about a person, told to them.

use chrono::TimeDelta;

use crate::{
    kernel::error::Failure,
    platform::{app::App, caller::Caller, clock::Time, db::Conn},
    recommendations::{
        model::{PersonalCount, PersonalDataKind},
        queries,
    },
    users::{self, model::oneself},
};

/// What is kept of one kind.
#[derive(Debug, Clone, Copy)]
pub struct Kept {
    pub kind: PersonalDataKind,
    pub count: i64,
    pub oldest: Option<Time>,
    /// How long it is kept; none if that has no end by itself.
    pub lasting: Option<TimeDelta>,
    /// Whether it goes into what they are shown.
    pub is_used: bool,
}

/// What is kept about the caller so that they find things sooner, each kind once.
pub async fn personal_data(app: &App, caller: &Caller) -> Result<Vec<Kept>, Failure> {
    let (user, lasting) = (oneself(caller)?, app.market.privacy.views_kept);
    let since = app.now() - lasting;
    let read = move |conn: &mut Conn| {
        let preferences = users::service::preferences_of(conn, user)?;
        Ok::<_, Failure>((preferences.has_personalization, queries::personal_counts(conn, user, since)?))
    };
    let (is_wanted, counts) = app.db.read(read).await?;
    let kept = |kind: PersonalDataKind| {
        let found: Option<&PersonalCount> = counts.iter().find(|found| found.kind == kind);
        Kept {
            kind,
            count: found.map_or(0, |found| found.count),
            oldest: found.and_then(|found| found.oldest),
            lasting: kind.has_an_end().then_some(lasting),
            is_used: is_wanted || kind.is_said(),
        }
    };
    Ok(PersonalDataKind::ALL.into_iter().map(kept).collect())
}
