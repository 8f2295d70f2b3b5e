//! Uploads and media.

use std::{fmt, str::FromStr};

use chrono::TimeDelta;
use diesel::{Queryable, Selectable};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::{
    kernel::id::{Entity, Id},
    platform::{clock::Time, images::Encoding},
    schema::{media, uploads},
    text_enum,
    users::model::User,
};

text_enum! {
    /// What an upload is for, which says what is taken.
    #[derive(async_graphql::Enum)]
    pub enum UploadPurpose {
        /// The picture that everybody sees of you: an image, for `setAvatar`.
        Avatar = "AVATAR",
        /// A picture of what a shop sells: an image, for `setProductMedia`.
        Product = "PRODUCT",
        /// The picture across the top of a shop: an image, for `updateShop`.
        Banner = "BANNER",
        /// A photo of what you bought: an image, for `createReview` and `updateReview`.
        Review = "REVIEW",
        /// Products of a shop: a file in CSV or JSONL, not compressed, for `importProducts`.
        Import = "IMPORT",
        /// A picture in a message, which only those see who see the message: an image, for `sendMessage` and `contactShop`.
        Message = "MESSAGE",
        /// A file of any kind in a message, kept as it is sent: for `sendMessage` and `contactShop`.
        MessageFile = "MESSAGE_FILE",
    }
}

impl UploadPurpose {
    /// Those for which a file is kept as it was sent; the others are for images.
    pub const FILES: [Self; 2] = [Self::Import, Self::MessageFile];

    pub fn is_file(self) -> bool {
        Self::FILES.contains(&self)
    }
}

/// The right to send one file.
#[derive(Debug, Clone, Queryable, Selectable)]
pub struct Upload {
    pub id: Id<Upload>,
    pub user_id: Id<User>,
    pub purpose: UploadPurpose,
    pub byte_size: i64,
    pub media_id: Option<Id<Medium>>,
    /// Under which name its file is kept, if it is no image and has come.
    pub file_id: Option<Uuid>,
    /// What its first bytes say it is, if it is no image and has come.
    pub content_type: Option<String>,
    pub expires_at: Time,
}

impl Entity for Upload {
    const PREFIX: &'static str = "upload";
}

impl Upload {
    /// How long a file can be sent.
    pub const LIFETIME: TimeDelta = TimeDelta::hours(1);
    /// How long it is remembered what somebody sent.
    pub const KEPT: TimeDelta = TimeDelta::days(2);
    /// Uploads of one person that wait for their file.
    pub const MAXIMUM_OPEN: i64 = 20;
    /// How often a file may be sent that turns out not to be what it was to be.
    pub const MAXIMUM_ATTEMPTS: i32 = 5;
    /// Bytes that one person may announce within [`Upload::DAY`], and that may be kept of what they send.
    pub const MAXIMUM_BYTES_A_DAY: i64 = 1024 * 1024 * 1024;
    pub const DAY: TimeDelta = TimeDelta::days(1);
    /// What a file counts at the least of what may be kept of one person in all: so a bound on bytes is one on files, too.
    pub const LEAST_COUNTED: i64 = 64 * 1024;

    /// Whether its file has come.
    pub const fn is_received(&self) -> bool {
        self.media_id.is_some() || self.file_id.is_some()
    }

    /// Where in the storage files are that were sent for it and are no images.
    pub fn folder(id: Id<Self>) -> String {
        format!("uploads/{}", id.uuid().simple())
    }

    /// One of them: each that is sent has a name of its own, and the first that is whole is the upload's.
    pub fn file(id: Id<Self>, file: Uuid) -> String {
        format!("{}/{}", Self::folder(id), file.simple())
    }
}

text_enum! {
    /// Whether the file of a medium is there.
    pub enum MediumState {
        /// It is being written, or whoever did died.
        Writing = "WRITING",
        /// It is there for good.
        Ready = "READY",
        /// It is deleted, or will be.
        Doomed = "DOOMED",
    }
}

/// A file as it is kept.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = media)]
pub struct Medium {
    pub id: Id<Medium>,
    pub encoding: Encoding,
    pub checksum: Vec<u8>,
    pub width: i32,
    pub height: i32,
    pub placeholder: Vec<u8>,
    /// It is seen by whoever has a URL that is good for a while, and by nobody else.
    pub is_private: bool,
}

impl Entity for Medium {
    const PREFIX: &'static str = "image";
}

impl Medium {
    /// How long what nobody refers to is kept: for who uploads first and saves later.
    pub const GRACE: TimeDelta = TimeDelta::days(1);
    /// How long a doomed row outlives its files, so that renditions that were being made when it was doomed are found.
    pub const DOOMED_KEPT: TimeDelta = TimeDelta::hours(1);
    /// For how long a URL of a private one is good at the least.
    pub const URL_LIFETIME: TimeDelta = TimeDelta::hours(1);

    /// With it a URL names content.
    pub fn tag(&self) -> Tag {
        Tag(self.checksum.iter().take(8).fold(0, |tag, byte| tag << 8 | u64::from(*byte)))
    }

    /// The shape in which it was kept, which the others are made from.
    pub const fn kept(&self) -> Shape {
        Shape { width: None, encoding: self.encoding }
    }

    /// A picture of it.
    pub fn rendition(&self, shape: Shape) -> Rendition {
        Rendition { medium: self.id, tag: self.tag(), shape, is_private: self.is_private }
    }

    /// The shape in which a picture of at least this width is to be had, or of its own if it is not so wide.
    pub fn shape(&self, width: Option<u32>, encoding: Encoding) -> Shape {
        let step = width.and_then(|width| WIDTHS.into_iter().find(|step| *step >= width));
        let encoding = if self.is_encoded_as(encoding) { encoding } else { self.encoding };
        Shape { width: step.filter(|step| self.is_wider_than(*step)), encoding }
    }

    /// Whether it is to be had in a shape.
    pub fn has(&self, shape: Shape) -> bool {
        self.is_encoded_as(shape.encoding) && shape.width.is_none_or(|width| self.is_wider_than(width))
    }

    /// Without loss only if it was kept so: a photo would become many times as large, and no better.
    fn is_encoded_as(&self, encoding: Encoding) -> bool {
        encoding != Encoding::Png || self.encoding == Encoding::Png
    }

    fn is_wider_than(&self, width: u32) -> bool {
        i64::from(width) < i64::from(self.width)
    }
}

/// The checksum of a file's bytes: SHA-256.
pub fn checksum(bytes: &[u8]) -> Vec<u8> {
    Sha256::digest(bytes).to_vec()
}

/// The widths in which images are to be had besides their own, in pixels: so nobody fills the storage by asking for others.
pub const WIDTHS: [u32; 10] = [64, 128, 256, 384, 512, 768, 1_024, 1_536, 2_048, 3_072];

/// In which width, other than its own, and encoding an image is to be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    pub width: Option<u32>,
    pub encoding: Encoding,
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.width {
            Some(width) => write!(f, "{width}.{}", self.encoding.extension()),
            None => write!(f, "full.{}", self.encoding.extension()),
        }
    }
}

impl FromStr for Shape {
    type Err = NoSuchShape;

    fn from_str(text: &str) -> Result<Self, NoSuchShape> {
        let shapes = WIDTHS.into_iter().map(Some).chain([None]).flat_map(|width| {
            let shape = move |encoding| Self { width, encoding };
            Encoding::ALL.into_iter().map(shape)
        });
        shapes.into_iter().find(|shape| shape.to_string() == text).ok_or(NoSuchShape)
    }
}

/// A text that names no shape in which images are to be had.
#[derive(Debug, PartialEq, Eq)]
pub struct NoSuchShape;

/// The first 64 bits of a checksum, as 16 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tag(u64);

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl FromStr for Tag {
    type Err = NoTag;

    fn from_str(text: &str) -> Result<Self, NoTag> {
        let tag = u64::from_str_radix(text, 16).map(Self).map_err(|_| NoTag)?;
        // It is written in one way.
        if tag.to_string() == text { Ok(tag) } else { Err(NoTag) }
    }
}

/// A text that is no tag.
#[derive(Debug, PartialEq, Eq)]
pub struct NoTag;

/// Which image in which shape: the end of its URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rendition {
    pub medium: Id<Medium>,
    pub tag: Tag,
    pub shape: Shape,
    /// It has another name, so that what is everybody's never leads to it.
    pub is_private: bool,
}

impl Rendition {
    /// Where in the storage it is.
    pub fn name(&self) -> String {
        let prefix = if self.is_private { "private-" } else { "" };
        format!("{}/{prefix}{}-{}", folder(self.medium), self.tag, self.shape)
    }
}

/// Where in the storage all files of a medium are.
pub fn folder(medium: Id<Medium>) -> String {
    format!("images/{}", medium.uuid().simple())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn medium(width: i32) -> Medium {
        let id = Id::from_uuid(uuid::Uuid::from_u128(1));
        let (encoding, checksum, placeholder) = (Encoding::Jpeg, checksum(b"abc"), Vec::new());
        Medium { id, encoding, checksum, width, height: 10, placeholder, is_private: false }
    }

    #[test]
    fn what_is_private_is_not_found_under_the_name_of_what_is_not() {
        let public = medium(100);
        let private = Medium { is_private: true, ..public.clone() };
        let name = |medium: &Medium| medium.rendition(medium.kept()).name();
        assert_ne!(name(&public), name(&private));
        assert!(name(&private).starts_with(&folder(private.id)));
    }

    #[test]
    fn a_picture_is_as_wide_as_was_asked_for_or_a_little_wider_but_never_wider_than_it_is() {
        let medium = medium(1_000);
        let width = |wanted| medium.shape(wanted, Encoding::Webp).width;
        assert_eq!((width(Some(1)), width(Some(64)), width(Some(65))), (Some(64), Some(64), Some(128)));
        assert_eq!(
            (width(Some(768)), width(Some(769)), width(Some(4_000)), width(None)),
            (Some(768), None, None, None)
        );
        for shape in [Some(1_024), Some(3_072)].map(|width| Shape { width, encoding: Encoding::Webp }) {
            assert!(!medium.has(shape));
        }
        assert!(medium.has(medium.kept()) && medium.has(medium.shape(Some(700), Encoding::Png)));
    }

    #[test]
    fn shapes_are_named_in_one_way() {
        for (text, width, encoding) in [
            ("full.jpg", None, Encoding::Jpeg),
            ("64.webp", Some(64), Encoding::Webp),
            ("3072.png", Some(3_072), Encoding::Png),
        ] {
            let shape = Shape { width, encoding };
            assert_eq!((text.parse(), shape.to_string()), (Ok(shape), text.to_owned()));
        }
        for text in ["", "65.webp", "064.webp", "64.gif", "64.webp.jpg", "full", "../64.webp", "64.WEBP"] {
            assert_eq!(text.parse::<Shape>(), Err(NoSuchShape), "{text}");
        }
    }

    #[test]
    fn a_photo_is_to_be_had_without_loss_only_where_it_was_kept_so() {
        let photo = medium(1_000);
        let logo = Medium { encoding: Encoding::Png, ..photo.clone() };
        let shape = |medium: &Medium| medium.shape(Some(64), Encoding::Png);
        assert_eq!((shape(&photo).encoding, shape(&logo).encoding), (Encoding::Jpeg, Encoding::Png));
        assert!(logo.has(shape(&logo)) && !photo.has(shape(&logo)) && logo.has(shape(&photo)));
    }

    #[test]
    fn a_tag_names_content_and_is_written_in_one_way() {
        let tag = medium(1).tag();
        assert_eq!(tag.to_string(), "ba7816bf8f01cfea");
        assert_eq!("ba7816bf8f01cfea".parse(), Ok(tag));
        let leading = Medium { checksum: vec![0, 0x1f, 0, 0, 0, 0, 0, 2, 9], ..medium(1) }.tag();
        assert_eq!((leading.to_string().as_str(), "001f000000000002".parse()), ("001f000000000002", Ok(leading)));
        let long = "a".repeat(300);
        for text in
            ["", "ba7816bf8f01cfe", "BA7816BF8F01CFEA", "+a7816bf8f01cfea", "0ba7816bf8f01cfea", "..", "\n", &long]
        {
            assert_eq!(text.parse::<Tag>(), Err(NoTag), "{text}");
        }
    }
}
