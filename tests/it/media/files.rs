//! Files as people and others send them.

use std::io::Cursor;

use image::{DynamicImage, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};

/// A picture whose upper left quarter is red and the rest blue, so that it shows how it was turned.
pub fn picture(width: u32, height: u32) -> DynamicImage {
    let pixel = |x, y| if x < width / 2 && y < height / 2 { Rgb([220, 20, 20]) } else { Rgb([20, 20, 220]) };
    DynamicImage::ImageRgb8(RgbImage::from_fn(width, height, pixel))
}

pub fn encoded(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

pub fn photo(width: u32, height: u32) -> Vec<u8> {
    encoded(&picture(width, height), ImageFormat::Jpeg)
}

/// Half of it is transparent.
pub fn logo() -> Vec<u8> {
    let pixel = |x, _| if x < 100 { Rgba([0, 0, 0, 0]) } else { Rgba([0, 128, 0, 255]) };
    encoded(&DynamicImage::ImageRgba8(RgbaImage::from_fn(200, 200, pixel)), ImageFormat::Png)
}

/// What nobody must find in what is served.
pub const SECRET: &str = "51.5007 N, 0.1246 W, at home";

/// A photo that a telephone took upright, as the camera sees it, lying: with the place, a thumbnail's worth of text, and a
/// web page behind its end.
pub fn lying_photo(width: u32, height: u32) -> Vec<u8> {
    let plain = photo(width, height);
    let mut tiff = b"II*\0\x08\0\0\0".to_vec();
    let secret = SECRET.as_bytes();
    let entry = |tag: u16, kind: u16, count: usize, value: u32| {
        let mut entry = Vec::new();
        entry.extend(tag.to_le_bytes());
        entry.extend(kind.to_le_bytes());
        entry.extend(u32::try_from(count).unwrap().to_le_bytes());
        entry.extend(value.to_le_bytes());
        entry
    };
    // Two entries: a description behind them, and that the top is at the right.
    tiff.extend(2_u16.to_le_bytes());
    tiff.extend(entry(0x010E, 2, secret.len(), 8 + 2 + 24 + 4));
    tiff.extend(entry(0x0112, 3, 1, 6));
    tiff.extend(0_u32.to_le_bytes());
    tiff.extend(secret);
    let exif = [b"Exif\0\0".as_slice(), &tiff].concat();
    let segment = |marker: u8, content: &[u8]| {
        let length = u16::try_from(content.len() + 2).unwrap().to_be_bytes();
        [&[0xFF, marker], length.as_slice(), content].concat()
    };
    let comment = segment(0xFE, format!("<script>alert('{SECRET}')</script>").as_bytes());
    let page = format!("<!doctype html><script>alert('{SECRET}')</script>");
    [&plain[..2], &segment(0xE1, &exif), &comment, &plain[2..], page.as_bytes()].concat()
}

/// A PNG of a few bytes that says it is this large.
pub fn bomb(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = encoded(&picture(8, 8), ImageFormat::Png);
    bytes[16..20].copy_from_slice(&width.to_be_bytes());
    bytes[20..24].copy_from_slice(&height.to_be_bytes());
    let mut check = flate2::Crc::new();
    check.update(&bytes[12..29]);
    bytes[29..33].copy_from_slice(&check.sum().to_be_bytes());
    bytes
}
