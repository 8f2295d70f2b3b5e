//! Images of people: recognised by their bytes, decoded within limits, and written anew.
//!
//! **Invariants:** what leaves here is pixels that were encoded here, so nothing that came along with them (places, names,
//! scripts, a second file behind the first) does; an image is decoded only after its dimensions were found bearable; all of
//! it happens on a pool of its own.

mod decode;
mod encode;

use std::{
    fs::File,
    io::{self, Cursor},
};

use image::DynamicImage;

use self::decode::Decoded;
use super::pool::{Pool, Slot};
use crate::{kernel::error::Failure, text_enum};

/// The longest side of an image as it is kept; what is larger is made smaller.
pub const MAXIMUM_SIDE: u32 = 4_096;
/// Pixels that an upload may have. What cameras of phones make has up to 50 million.
pub const MAXIMUM_PIXELS: u64 = 52_000_000;

text_enum! {
    /// How an image is encoded.
    pub enum Encoding {
        /// What is transparent becomes white.
        Jpeg = "JPEG",
        /// Without loss.
        Png = "PNG",
        /// With a little loss, transparent where the image is.
        Webp = "WEBP",
    }
}

impl Encoding {
    pub const ALL: [Self; 3] = [Self::Jpeg, Self::Png, Self::Webp];

    /// How the name of such a file ends.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
            Self::Webp => "webp",
        }
    }

    #[must_use]
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Webp => "image/webp",
        }
    }
}

/// Why something is not taken as an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ImageFault {
    #[error("this is no PNG, JPEG, WebP or GIF")]
    Unknown,
    #[error("the image has more than {MAXIMUM_PIXELS} pixels, or takes too much memory to decode")]
    TooManyPixels,
    #[error("the image is damaged")]
    Damaged,
}

/// An image as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prepared {
    pub bytes: Vec<u8>,
    pub encoding: Encoding,
    pub width: u32,
    pub height: u32,
    /// A [ThumbHash](https://evanw.github.io/thumbhash/).
    pub placeholder: Vec<u8>,
}

/// Works on images, on threads of its own number.
#[derive(Debug, Clone)]
pub struct Images {
    pool: Pool,
}

impl Images {
    /// On so many threads: each may hold an image of [`MAXIMUM_PIXELS`].
    ///
    /// # Errors
    /// If the system starts no more threads.
    pub fn new(threads: usize) -> io::Result<Self> {
        Ok(Self { pool: Pool::new("images", threads)? })
    }

    /// A place to work at one image. Whole images are in memory only at such places, so their number bounds it.
    ///
    /// # Errors
    /// [`Failure::Unavailable`] if too many are waiting.
    pub async fn place(&self) -> Result<Place, Failure> {
        Ok(Place(self.pool.take().await?))
    }

    /// How many images can be worked at.
    pub fn places(&self) -> usize {
        self.pool.threads()
    }

    /// How many wait for a place.
    pub fn waiting(&self) -> usize {
        self.pool.waiting()
    }
}

/// A place at which one image is worked at, until this is dropped. Whoever gets it back has the image in memory, and keeps
/// both until that is written.
#[derive(Debug)]
pub struct Place(Slot);

impl Place {
    /// Makes what is kept of a file that somebody sent: upright, in sRGB, of 8 bits, no larger than [`MAXIMUM_SIDE`]. Of
    /// one that moves, the first picture.
    ///
    /// # Errors
    /// [`ImageFault`] if it is no image that is taken.
    pub async fn prepare(self, file: File) -> Result<(Result<Prepared, ImageFault>, Self), Failure> {
        let (prepared, slot) = self.0.run(move || prepare(file)).await?;
        Ok((prepared, Self(slot)))
    }

    /// A kept image in another width and encoding. Never wider than it is.
    ///
    /// # Errors
    /// If it is none of ours.
    pub async fn render(self, kept: Vec<u8>, width: u32, encoding: Encoding) -> Result<(Vec<u8>, Self), Failure> {
        let (rendered, slot) = self.0.run(move || render(&kept, width, encoding)).await?;
        Ok((rendered?, Self(slot)))
    }
}

fn prepare(file: File) -> Result<Prepared, ImageFault> {
    let Decoded { picture, is_photo } = decode::decode(std::io::BufReader::new(file))?;
    let encoding = if is_photo && !picture.color().has_alpha() { Encoding::Jpeg } else { Encoding::Png };
    let bytes = encode::encode(&picture, encoding).map_err(|_| ImageFault::Damaged)?;
    let placeholder = placeholder(&picture).map_err(|_| ImageFault::Damaged)?;
    Ok(Prepared { bytes, encoding, width: picture.width(), height: picture.height(), placeholder })
}

fn render(kept: &[u8], width: u32, encoding: Encoding) -> Result<Vec<u8>, Failure> {
    let Decoded { picture, .. } = decode::decode(Cursor::new(kept)).map_err(Failure::internal)?;
    let width = width.clamp(1, picture.width());
    let height = scaled(picture.height(), width, picture.width());
    encode::encode(&decode::resized(picture, width, height).map_err(Failure::internal)?, encoding)
}

/// A few bytes from which a client paints what is to come.
fn placeholder(picture: &DynamicImage) -> Result<Vec<u8>, ImageFault> {
    const SIDE: u32 = 100;
    let (width, height) = fitting(picture.width(), picture.height(), SIDE);
    let small = decode::resized(picture.clone(), width, height)?.into_rgba8();
    let side = |length: u32| usize::try_from(length).unwrap_or_default();
    Ok(thumbhash::rgba_to_thumb_hash(side(width), side(height), small.as_raw()))
}

/// The size of what is no longer than `side` on either side, with the same proportions.
fn fitting(width: u32, height: u32, side: u32) -> (u32, u32) {
    let longest = width.max(height);
    if longest <= side { (width, height) } else { (scaled(width, side, longest), scaled(height, side, longest)) }
}

/// `length × part / whole`, rounded, and never nothing.
fn scaled(length: u32, part: u32, whole: u32) -> u32 {
    let (length, part, whole) = (u64::from(length), u64::from(part), u64::from(whole.max(1)));
    u32::try_from((length * part + whole / 2) / whole).unwrap_or(u32::MAX).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proportions_are_kept_and_no_side_is_lost() {
        assert_eq!(fitting(8_000, 6_000, 4_096), (4_096, 3_072));
        assert_eq!(fitting(300, 200, 4_096), (300, 200));
        assert_eq!(fitting(50_000, 1, 100), (100, 1));
        assert_eq!(scaled(1, 1, 4_096), 1);
    }
}
