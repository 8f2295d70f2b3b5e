//! What a file is, by its first bytes: never by its name, or by what its sender says.

/// Compressed with gzip (RFC 1952).
pub const GZIP: &str = "application/gzip";

/// Whatever else it may be.
const UNKNOWN: &str = "application/octet-stream";

/// What begins how, and what it is.
const STARTS: &[(&[u8], &str)] = &[
    (b"\x1f\x8b", GZIP),
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
    (b"PK\x05\x06", "application/zip"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"ID3", "audio/mpeg"),
    (b"OggS", "application/ogg"),
    (b"fLaC", "audio/flac"),
    (b"\x1a\x45\xdf\xa3", "video/webm"),
];

/// The media type of a file that begins so. What could run where it is shown, such as HTML and SVG, is told as plain text.
pub fn of(start: &[u8]) -> &'static str {
    if let Some((_, found)) = STARTS.iter().find(|(bytes, _)| start.starts_with(bytes)) {
        return found;
    }
    match (start.get(..4), start.get(4..8), start.get(8..12)) {
        (Some(b"RIFF"), _, Some(b"WEBP")) => "image/webp",
        (Some(b"RIFF"), _, Some(b"WAVE")) => "audio/wav",
        (_, Some(b"ftyp"), Some(b"heic" | b"heix" | b"mif1")) => "image/heic",
        (_, Some(b"ftyp"), Some(b"avif")) => "image/avif",
        (_, Some(b"ftyp"), Some(b"qt  ")) => "video/quicktime",
        (_, Some(b"ftyp"), _) => "video/mp4",
        _ if is_text(start) => "text/plain",
        _ => UNKNOWN,
    }
}

/// Whether it is UTF-8 without control characters. What was cut off within a character is.
fn is_text(start: &[u8]) -> bool {
    let valid = match std::str::from_utf8(start) {
        Ok(text) => Some(text),
        Err(error) if error.error_len().is_some() => None,
        Err(error) => start.get(..error.valid_up_to()).and_then(|start| std::str::from_utf8(start).ok()),
    };
    valid.is_some_and(|text| !text.chars().any(|character| character.is_control() && !character.is_whitespace()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_what_its_first_bytes_say() {
        let files: &[(&[u8], &str)] = &[
            (b"%PDF-1.7 ...", "application/pdf"),
            (b"\x89PNG\r\n\x1a\n....", "image/png"),
            (b"RIFF\x10\0\0\0WEBPVP8 ", "image/webp"),
            (b"\0\0\0\x18ftypheic", "image/heic"),
            (b"\0\0\0\x18ftypisom", "video/mp4"),
            (b"\x1f\x8b\x08", GZIP),
            (b"MZ\x90\0\x03", UNKNOWN),
            (b"\xff\xfe\0", UNKNOWN),
            ("Grüße\r\n\tan alle".as_bytes(), "text/plain"),
            // Cut off within a character.
            (b"Gr\xc3", "text/plain"),
        ];
        for (start, wanted) in files {
            assert_eq!(of(start), *wanted, "{start:?}");
        }
    }

    #[test]
    fn what_could_run_is_plain_text() {
        for start in
            ["<!doctype html><script>", "<svg xmlns='http://www.w3.org/2000/svg' onload='x'>", "<?xml version='1.0'?>"]
        {
            assert_eq!(of(start.as_bytes()), "text/plain", "{start}");
        }
    }
}
