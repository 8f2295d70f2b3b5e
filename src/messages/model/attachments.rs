//! What is sent along with a message: pictures, files, cards, places.

use diesel::{Queryable, Selectable};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Message;
use crate::{
    kernel::{
        id::Id,
        text::{self, TextError},
    },
    media::model::{Medium, Upload},
    products::model::Product,
    schema::message_attachments,
};

/// How many things are sent along with one message at the most.
pub const MAXIMUM_ATTACHMENTS: usize = 10;

/// How many characters the name of a file or a place has at the most.
pub const MAXIMUM_NAME: usize = 200;

/// A place on the earth, in degrees.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Place {
    pub name: String,
    pub latitude: f64,
    pub longitude: f64,
}

/// What somebody wants to send along. Its order is the message's.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum AttachmentDraft {
    Image(Id<Upload>),
    File {
        upload: Id<Upload>,
        name: String,
    },
    Product(Id<Product>),
    /// A part of an order.
    Part(Uuid),
    Place(Place),
}

/// The row of what was sent along: one of the columns says what it is.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = message_attachments)]
pub struct AttachmentRow {
    pub message_id: Id<Message>,
    pub media_id: Option<Id<Medium>>,
    pub upload_id: Option<Id<Upload>>,
    pub product_id: Option<Id<Product>>,
    pub part_id: Option<Uuid>,
    /// Of a file, and of a place.
    pub name: Option<String>,
    pub latitude: Option<f64>,
    pub longitude: Option<f64>,
}

/// What was sent along.
#[derive(Debug, Clone)]
pub enum Attachment {
    Image(Medium),
    File { upload: Upload, name: String },
    Product(Id<Product>),
    Part(Uuid),
    Place(Place),
}

impl Attachment {
    /// What a row tells, with the picture or the file that it names; none if that is gone.
    pub fn of(row: AttachmentRow, medium: Option<Medium>, upload: Option<Upload>) -> Option<Self> {
        let AttachmentRow { product_id, part_id, name, latitude, longitude, .. } = row;
        match (medium, upload, product_id, part_id) {
            (Some(medium), ..) => Some(Self::Image(medium)),
            (_, Some(upload), ..) => Some(Self::File { upload, name: name? }),
            (_, _, Some(product), _) => Some(Self::Product(product)),
            (_, _, _, Some(part)) => Some(Self::Part(part)),
            (None, None, None, None) => {
                Some(Self::Place(Place { name: name?, latitude: latitude?, longitude: longitude? }))
            }
        }
    }
}

/// Which attachment is not taken, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum AttachmentFault {
    #[error("more is attached than may be")]
    TooMany,
    #[error("attachment {index}: `{field}` names nothing that may be attached here")]
    NotThere { index: usize, field: String },
    #[error("attachment {index}: nothing was sent to `{field}` yet")]
    NotSent { index: usize, field: String },
    #[error("attachment {index}: `{field}`: {error}")]
    Name { index: usize, field: String, error: TextError },
    #[error("attachment {index}: `{field}` is not on the earth")]
    NotOnEarth { index: usize, field: String },
}

/// The attachments as they are kept.
///
/// # Errors
/// [`AttachmentFault`].
pub fn checked(drafts: &[AttachmentDraft]) -> Result<Vec<AttachmentDraft>, AttachmentFault> {
    if drafts.len() > MAXIMUM_ATTACHMENTS {
        return Err(AttachmentFault::TooMany);
    }
    drafts.iter().enumerate().map(|(index, draft)| checked_one(index, draft)).collect()
}

fn checked_one(index: usize, draft: &AttachmentDraft) -> Result<AttachmentDraft, AttachmentFault> {
    let line = |name: &str, field: &str| {
        text::line(name, MAXIMUM_NAME).map_err(|error| AttachmentFault::Name { index, field: field.into(), error })
    };
    let within = |degrees: f64, maximum: f64, field: &str| {
        let is_within = (-maximum..=maximum).contains(&degrees);
        if is_within { Ok(degrees) } else { Err(AttachmentFault::NotOnEarth { index, field: field.into() }) }
    };
    match draft {
        AttachmentDraft::File { upload, name } => {
            Ok(AttachmentDraft::File { upload: *upload, name: line(name, "file.name")? })
        }
        AttachmentDraft::Place(Place { name, latitude, longitude }) => Ok(AttachmentDraft::Place(Place {
            name: line(name, "place.name")?,
            latitude: within(*latitude, 90.0, "place.latitude")?,
            longitude: within(*longitude, 180.0, "place.longitude")?,
        })),
        other => Ok(other.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(name: &str, latitude: f64, longitude: f64) -> AttachmentDraft {
        AttachmentDraft::Place(Place { name: name.into(), latitude, longitude })
    }

    #[test]
    fn a_place_has_a_name_and_is_on_the_earth() {
        let taken = checked(&[place(" Home ", -90.0, 180.0)]);
        assert_eq!(taken, Ok(vec![place("Home", -90.0, 180.0)]));
        for (latitude, longitude, at) in
            [(90.1, 0.0, "place.latitude"), (f64::NAN, 0.0, "place.latitude"), (0.0, -180.5, "place.longitude")]
        {
            let fault = AttachmentFault::NotOnEarth { index: 1, field: at.into() };
            assert_eq!(checked(&[place("Here", 0.0, 0.0), place("Home", latitude, longitude)]), Err(fault));
        }
        let blank = AttachmentFault::Name { index: 0, field: "place.name".into(), error: TextError::Blank };
        assert_eq!(checked(&[place(" ", 0.0, 0.0)]), Err(blank));
    }

    #[test]
    fn ten_things_are_attached_and_no_more() {
        let ten = vec![AttachmentDraft::Part(Uuid::nil()); MAXIMUM_ATTACHMENTS];
        assert_eq!(checked(&ten), Ok(ten.clone()));
        let eleven = vec![AttachmentDraft::Part(Uuid::nil()); MAXIMUM_ATTACHMENTS + 1];
        assert_eq!(checked(&eleven), Err(AttachmentFault::TooMany));
    }
}
