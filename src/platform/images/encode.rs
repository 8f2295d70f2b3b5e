//! From pixels to bytes.

use image::{
    DynamicImage, RgbImage,
    codecs::{
        jpeg::JpegEncoder,
        png::{CompressionType, FilterType, PngEncoder},
    },
};

use super::Encoding;
use crate::kernel::error::Failure;

/// Of 100. Above it files grow quickly, and nobody sees why.
const JPEG_QUALITY: u8 = 88;
const WEBP_QUALITY: f32 = 80.0;

/// The picture, of 8 bits, in an encoding. Nothing but pixels goes into it.
pub(super) fn encode(picture: &DynamicImage, encoding: Encoding) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    match encoding {
        Encoding::Jpeg => {
            let encoder = JpegEncoder::new_with_quality(&mut bytes, JPEG_QUALITY);
            on_white(picture).write_with_encoder(encoder).map_err(Failure::internal)?;
        }
        Encoding::Png => {
            let encoder = PngEncoder::new_with_quality(&mut bytes, CompressionType::Default, FilterType::Adaptive);
            picture.write_with_encoder(encoder).map_err(Failure::internal)?;
        }
        Encoding::Webp => {
            let webp = webp::Encoder::from_image(picture).map_err(Failure::internal)?;
            let encoded = webp.encode_simple(false, WEBP_QUALITY);
            bytes = encoded.map_err(|error| Failure::internal(format!("WebP: {error:?}")))?.to_vec();
        }
    }
    Ok(bytes)
}

/// What a transparent picture shows on a white page.
fn on_white(picture: &DynamicImage) -> RgbImage {
    let DynamicImage::ImageRgba8(pixels) = picture else { return picture.to_rgb8() };
    let mut flat = RgbImage::new(pixels.width(), pixels.height());
    for (from, to) in pixels.pixels().zip(flat.pixels_mut()) {
        let [red, green, blue, alpha] = from.0.map(u32::from);
        let mixed = |colour: u32| u8::try_from((colour * alpha + 255 * (255 - alpha) + 127) / 255).unwrap_or(u8::MAX);
        to.0 = [mixed(red), mixed(green), mixed(blue)];
    }
    flat
}

#[cfg(test)]
mod tests {
    use image::{Rgba, RgbaImage};

    use super::*;

    #[test]
    fn what_is_transparent_is_white_where_nothing_can_be_transparent() {
        let pixels = RgbaImage::from_fn(2, 1, |x, _| Rgba([0, 0, 0, if x == 0 { 0 } else { 255 }]));
        let flat = on_white(&DynamicImage::ImageRgba8(pixels));
        assert_eq!((flat.get_pixel(0, 0).0, flat.get_pixel(1, 0).0), ([255; 3], [0; 3]));
    }
}
