//! From bytes of anybody to pixels.

use std::io::{self, BufRead, Read, Seek};

use fast_image_resize::{ResizeError, ResizeOptions, Resizer};
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits, metadata::Orientation};
use moxcms::{ColorProfile, DataColorSpace, Layout, TransformOptions};

use super::{ImageFault, MAXIMUM_PIXELS, MAXIMUM_SIDE, fitting};

/// Bytes of pixels as they come from a decoder, and of what it needs besides. Enough for [`MAXIMUM_PIXELS`] in colour and
/// with transparency, of 8 bits.
const MAXIMUM_MEMORY: u64 = 256 * 1024 * 1024;
/// No side of what is decoded is longer.
const MAXIMUM_LENGTH: u32 = 32_768;

/// What an image shows: 8 bits a channel, with transparency only if any pixel is transparent.
pub(super) struct Decoded {
    pub picture: DynamicImage,
    /// Whether it came with losses, as photos do.
    pub is_photo: bool,
}

/// Decodes an image by what its bytes say that it is.
pub(super) fn decode(source: impl BufRead + Seek) -> Result<Decoded, ImageFault> {
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAXIMUM_LENGTH);
    limits.max_image_height = Some(MAXIMUM_LENGTH);
    limits.max_alloc = Some(MAXIMUM_MEMORY);
    let guessed = ImageReader::new(source).with_guessed_format().map_err(|_| ImageFault::Damaged)?;
    let format = guessed.format().ok_or(ImageFault::Unknown)?;
    let is_photo = match format {
        ImageFormat::Jpeg | ImageFormat::WebP => true,
        ImageFormat::Png | ImageFormat::Gif => false,
        _ => return Err(ImageFault::Unknown),
    };
    let mut source = guessed.into_inner();
    // Its decoder fills up what is missing of a JPEG with grey.
    let is_whole = format != ImageFormat::Jpeg || is_whole_jpeg(&mut source).unwrap_or(false);
    if !is_whole || source.rewind().is_err() {
        return Err(ImageFault::Damaged);
    }
    let mut reader = ImageReader::with_format(source, format);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(fault)?;
    let (width, height) = decoder.dimensions();
    if width == 0 || height == 0 {
        return Err(ImageFault::Damaged);
    }
    if u64::from(width) * u64::from(height) > MAXIMUM_PIXELS || decoder.total_bytes() > MAXIMUM_MEMORY {
        return Err(ImageFault::TooManyPixels);
    }
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let profile = decoder.icc_profile().ok().flatten();
    let picture = DynamicImage::from_decoder(decoder).map_err(fault)?;
    let (width, height) = fitting(width, height, MAXIMUM_SIDE);
    let mut picture = resized(in_8_bits(picture), width, height)?;
    if let Some(profile) = profile {
        picture = in_srgb(picture, &profile);
    }
    picture.apply_orientation(orientation);
    Ok(Decoded { picture: without_idle_alpha(picture), is_photo })
}

/// Whether a JPEG goes to the marker of its end (ITU T.81, annex B). One inside a segment is that of a thumbnail.
fn is_whole_jpeg(source: &mut impl BufRead) -> io::Result<bool> {
    const STUFFING: u8 = 0x00;
    const TEMPORARY: u8 = 0x01;
    const FIRST_RESTART: u8 = 0xD0;
    const START: u8 = 0xD8;
    const END: u8 = 0xD9;
    const MARK: u8 = 0xFF;
    loop {
        source.skip_until(MARK)?;
        let mut marker = [MARK];
        while marker == [MARK] {
            if source.read(&mut marker)? == 0 {
                return Ok(false);
            }
        }
        match marker {
            [END] => return Ok(true),
            [STUFFING | TEMPORARY | FIRST_RESTART..=START] => {}
            _ => {
                let mut length = [0; 2];
                source.read_exact(&mut length)?;
                let rest = u64::from(u16::from_be_bytes(length)).saturating_sub(2);
                io::copy(&mut source.take(rest), &mut io::sink())?;
            }
        }
    }
}

#[allow(clippy::needless_pass_by_value, reason = "it is what `map_err` calls")]
fn fault(error: image::ImageError) -> ImageFault {
    match error {
        image::ImageError::Limits(_) => ImageFault::TooManyPixels,
        _ => ImageFault::Damaged,
    }
}

fn in_8_bits(picture: DynamicImage) -> DynamicImage {
    match picture {
        DynamicImage::ImageRgb8(_) | DynamicImage::ImageRgba8(_) => picture,
        other if other.color().has_alpha() => DynamicImage::ImageRgba8(other.into_rgba8()),
        other => DynamicImage::ImageRgb8(other.into_rgb8()),
    }
}

/// The picture in another size. It is one of 8 bits.
pub(super) fn resized(picture: DynamicImage, width: u32, height: u32) -> Result<DynamicImage, ImageFault> {
    if (picture.width(), picture.height()) == (width, height) {
        return Ok(picture);
    }
    let mut small = DynamicImage::new(width, height, picture.color());
    let done: Result<(), ResizeError> = Resizer::new().resize(&picture, &mut small, &ResizeOptions::new());
    done.map(|()| small).map_err(|_| ImageFault::Damaged)
}

/// The same colours without their profile. A profile that cannot be understood is dropped: then the colours are taken for
/// sRGB, as most programs would.
fn in_srgb(picture: DynamicImage, profile: &[u8]) -> DynamicImage {
    let Ok(profile) = ColorProfile::new_from_slice(profile) else { return picture };
    if profile.color_space != DataColorSpace::Rgb {
        return picture;
    }
    let layout = if picture.color().has_alpha() { Layout::Rgba } else { Layout::Rgb };
    let srgb = ColorProfile::new_srgb();
    let Ok(transform) = profile.create_transform_8bit(layout, &srgb, layout, TransformOptions::default()) else {
        return picture;
    };
    let mut converted = DynamicImage::new(picture.width(), picture.height(), picture.color());
    let done = match (&picture, &mut converted) {
        (DynamicImage::ImageRgb8(from), DynamicImage::ImageRgb8(to)) => transform.transform(from, to).is_ok(),
        (DynamicImage::ImageRgba8(from), DynamicImage::ImageRgba8(to)) => transform.transform(from, to).is_ok(),
        _ => false,
    };
    if done { converted } else { picture }
}

fn without_idle_alpha(picture: DynamicImage) -> DynamicImage {
    match picture {
        DynamicImage::ImageRgba8(pixels) if pixels.pixels().all(|pixel| pixel.0.last() == Some(&u8::MAX)) => {
            DynamicImage::ImageRgb8(DynamicImage::ImageRgba8(pixels).into_rgb8())
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use image::{ImageEncoder, Rgb, RgbImage, Rgba, RgbaImage, codecs::png::PngEncoder};

    use super::*;

    fn png(picture: &DynamicImage, profile: Option<Vec<u8>>) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut encoder = PngEncoder::new(&mut bytes);
        if let Some(profile) = profile {
            encoder.set_icc_profile(profile).unwrap();
        }
        picture.write_with_encoder(encoder).unwrap();
        bytes
    }

    #[test]
    fn colours_of_another_profile_look_the_same_in_srgb() {
        let green = DynamicImage::ImageRgb8(RgbImage::from_pixel(8, 8, Rgb([40, 200, 60])));
        let profile = ColorProfile::new_display_p3().encode().unwrap();
        let Decoded { picture, .. } = decode(Cursor::new(png(&green, Some(profile)))).unwrap();
        let [red, _, _] = picture.to_rgb8().get_pixel(4, 4).0;
        assert!(red < 10, "a colour of a wider space has to move: {red}");
        let Decoded { picture, .. } = decode(Cursor::new(png(&green, Some(b"nonsense".to_vec())))).unwrap();
        assert_eq!(picture.to_rgb8().get_pixel(4, 4).0, [40, 200, 60]);
    }

    #[test]
    fn transparency_is_kept_where_there_is_any() {
        let decoded = |pixel| {
            let picture = DynamicImage::ImageRgba8(RgbaImage::from_pixel(8, 8, Rgba(pixel)));
            decode(Cursor::new(png(&picture, None))).unwrap().picture.color().has_alpha()
        };
        assert!(decoded([1, 2, 3, 254]) && !decoded([1, 2, 3, 255]));
    }

    #[test]
    fn what_is_no_image_or_none_that_is_taken_is_told_apart() {
        let decoded = |bytes: &[u8]| decode(Cursor::new(bytes.to_vec())).map(|_| ());
        for text in ["", "<svg xmlns='http://www.w3.org/2000/svg'/>", "<!doctype html><script>alert(1)</script>", "BM"]
        {
            assert_eq!(decoded(text.as_bytes()), Err(ImageFault::Unknown), "{text}");
        }
        let whole =
            png(&DynamicImage::ImageRgb8(RgbImage::from_fn(64, 64, |x, y| Rgb([(x * y % 251) as u8; 3]))), None);
        assert_eq!(decoded(&whole), Ok(()));
        assert_eq!(decoded(&whole[..whole.len() / 2]), Err(ImageFault::Damaged));
        assert_eq!(decoded(&whole[..8]), Err(ImageFault::Damaged));
    }

    #[test]
    fn a_jpeg_ends_where_it_says_and_not_where_its_thumbnail_does() {
        let mut plain = Vec::new();
        let picture = DynamicImage::ImageRgb8(RgbImage::from_fn(64, 64, |x, y| Rgb([(x * y % 251) as u8; 3])));
        picture.write_with_encoder(image::codecs::jpeg::JpegEncoder::new(&mut plain)).unwrap();
        // A segment with a thumbnail, or whatever else has an end.
        let whole = [&plain[..2], &[0xFF, 0xE1, 0, 6, 0xFF, 0xD8, 0xFF, 0xD9], &plain[2..], b"a film"].concat();
        let is_whole = |bytes: &[u8]| is_whole_jpeg(&mut &*bytes).unwrap_or(false);
        assert!(is_whole(&whole));
        for length in [2, 4, 5, 10, 100, plain.len(), whole.len() - b"a film".len() - 1] {
            assert!(!is_whole(&whole[..length]), "{length}");
        }
    }
}
