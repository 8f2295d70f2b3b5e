//! Exports and deletions.

use chrono::TimeDelta;
use diesel::{Queryable, Selectable};
use serde::{Deserialize, Serialize};

use crate::{
    kernel::id::{Entity, Id},
    platform::{clock::Time, jobs::JobBody},
    schema::{account_deletions, data_exports},
    text_enum,
    users::model::User,
};

text_enum! {
    /// How far an export is.
    #[derive(async_graphql::Enum)]
    pub enum DataExportState {
        /// It is being made, which takes a few minutes at the most.
        Preparing = "PREPARING",
        /// It is to be had.
        Ready = "READY",
    }
}

/// All that is kept about somebody, as they asked for it.
#[derive(Debug, Clone, Queryable, Selectable)]
pub struct DataExport {
    pub id: Id<DataExport>,
    pub user_id: Id<User>,
    pub state: DataExportState,
    pub byte_size: Option<i64>,
    pub requested_at: Time,
    pub ready_at: Option<Time>,
    pub expires_at: Time,
}

impl Entity for DataExport {
    const PREFIX: &'static str = "export";
}

impl DataExport {
    /// How long one is to be had.
    pub const LIFETIME: TimeDelta = TimeDelta::days(7);
    /// How long one may be in the making before another one can be asked for, and how far apart they are.
    pub const APART: TimeDelta = TimeDelta::days(1);
    /// How long a URL of it is good, at the least.
    pub const URL_LIFETIME: TimeDelta = TimeDelta::hours(1);

    /// Where in the storage it is.
    pub fn folder(id: Id<Self>) -> String {
        format!("exports/{}", id.uuid().simple())
    }

    /// The one file in its folder.
    pub fn file(id: Id<Self>) -> String {
        format!("{}/archive.zip", Self::folder(id))
    }
}

/// That somebody wants to be erased.
#[derive(Debug, Clone, Queryable, Selectable)]
pub struct AccountDeletion {
    pub user_id: Id<User>,
    pub requested_at: Time,
    /// From when on they can be erased.
    pub due_at: Time,
    pub erased_at: Option<Time>,
}

impl AccountDeletion {
    /// How long after somebody was erased it is looked once more for what was written at that very moment.
    pub const SECOND_LOOK: TimeDelta = TimeDelta::minutes(30);
}

/// Makes an export.
#[derive(Serialize, Deserialize)]
pub struct MakeExport {
    pub export: Id<DataExport>,
}

impl JobBody for MakeExport {
    const KIND: &'static str = "privacy.make_export";
}

/// What people are told about their data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Notice {
    ExportReady,
    DeletionRequested,
    DeletionCancelled,
    /// It could not be carried out: they are the last owner of a shop, or one of the staff by now.
    DeletionPutOff,
}

impl Notice {
    pub const ALL: [Self; 4] =
        [Self::ExportReady, Self::DeletionRequested, Self::DeletionCancelled, Self::DeletionPutOff];

    /// The name of its words.
    pub const fn text_id(self) -> &'static str {
        match self {
            Self::ExportReady => "export-ready",
            Self::DeletionRequested => "deletion-requested",
            Self::DeletionCancelled => "deletion-cancelled",
            Self::DeletionPutOff => "deletion-put-off",
        }
    }
}

/// Tells somebody what became of what they asked for.
#[derive(Serialize, Deserialize)]
pub struct NoticeMail {
    pub user: Id<User>,
    pub notice: Notice,
    /// Until when the export is to be had, or when the account is erased.
    pub day: Time,
}

impl JobBody for NoticeMail {
    const KIND: &'static str = "privacy.notice_mail";
}
