//! Cases, reports and decisions for one caller, one statement for all that a level of an answer names.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;

use super::{
    model::{Case, Decision, Report},
    queries,
};
use crate::{
    kernel::id::Id,
    platform::{
        caller::StaffPermission,
        gql::{Reader, WireError},
    },
    users::model::{User, oneself},
};

/// Who asks, if they are of those of the staff who see to cases.
fn moderator(reader: &Reader) -> Option<Id<User>> {
    oneself(&reader.caller).ok().filter(|_| reader.caller.may(StaffPermission::ModerateContent))
}

/// A case. Yields nothing but to those of the staff who see to it, and whom it does not concern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct CaseById(pub Id<Case>);

impl Loader<CaseById> for Reader {
    type Value = Case;
    type Error = WireError;

    async fn load(&self, keys: &[CaseById]) -> Result<HashMap<CaseById, Case>, WireError> {
        let Some(reader) = moderator(self) else { return Ok(HashMap::new()) };
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let rows = self.app.db.read(move |conn| queries::by_ids(conn, reader, &ids)).await?;
        Ok(rows.into_iter().map(|case| (CaseById(case.id), case)).collect())
    }
}

/// The reports of a case, the first ones first. Yields nothing but to those of the staff who see to it, and whom it does not concern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct ReportsOf(pub Id<Case>);

impl Loader<ReportsOf> for Reader {
    type Value = Vec<Report>;
    type Error = WireError;

    async fn load(&self, keys: &[ReportsOf]) -> Result<HashMap<ReportsOf, Vec<Report>>, WireError> {
        let Some(reader) = moderator(self) else { return Ok(HashMap::new()) };
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let rows = self.app.db.read(move |conn| queries::reports_of(conn, reader, &ids)).await?;
        let mut found = HashMap::<_, Vec<_>>::new();
        for report in rows {
            found.entry(ReportsOf(report.case_id)).or_default().push(report);
        }
        Ok(found)
    }
}

/// What was decided about the caller, or what is theirs. Yields nobody else's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct OwnDecision(pub Id<Decision>);

impl Loader<OwnDecision> for Reader {
    type Value = Case;
    type Error = WireError;

    async fn load(&self, keys: &[OwnDecision]) -> Result<HashMap<OwnDecision, Case>, WireError> {
        let Ok(user) = oneself(&self.caller) else { return Ok(HashMap::new()) };
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let rows = self.app.db.read(move |conn| queries::read_by(conn, user, &ids)).await?;
        Ok(rows.into_iter().map(|case| (OwnDecision(case.decision()), case)).collect())
    }
}
