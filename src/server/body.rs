//! Reading a request's body, within bounds of size and time.

use std::{io::Read, time::Duration};

use actix_web::{
    HttpRequest,
    http::{
        StatusCode,
        header::{self, HeaderValue},
    },
    web,
};

/// A request's body is no larger, neither as it comes nor unpacked.
const MAXIMUM_BODY: usize = 1024 * 1024;

/// Why a body is not read.
#[derive(Debug, thiserror::Error)]
pub enum BodyError {
    #[error("the body is larger than {MAXIMUM_BODY} bytes")]
    TooLarge,
    #[error("the body is not encoded as its Content-Encoding says, or by none of gzip, br, zstd and deflate")]
    Encoding,
    #[error("the body did not arrive in time")]
    Incomplete,
}

impl BodyError {
    /// The status that says so.
    pub const fn status(&self) -> StatusCode {
        match self {
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Encoding => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Incomplete => StatusCode::REQUEST_TIMEOUT,
        }
    }
}

/// Reads a body. What is packed is unpacked to the limit and no further: 13 kB can hold 400 MB.
///
/// # Errors
/// [`BodyError`]; what is left of the body is not read.
pub async fn read(http: &HttpRequest, payload: web::Payload, patience: Duration) -> Result<Vec<u8>, BodyError> {
    let packed = tokio::time::timeout(patience, payload.to_bytes_limited(MAXIMUM_BODY)).await;
    let packed = packed.map_err(|_| BodyError::Incomplete)?;
    let packed = packed.map_err(|_| BodyError::TooLarge)?.map_err(|_| BodyError::Incomplete)?;
    let encoding = http.headers().get(header::CONTENT_ENCODING).map_or(Ok("identity"), HeaderValue::to_str);
    let reader: Box<dyn Read + '_> =
        match encoding.map_err(|_| BodyError::Encoding)?.trim().to_ascii_lowercase().as_str() {
            "" | "identity" => return Ok(packed.to_vec()),
            "gzip" | "x-gzip" => Box::new(flate2::read::MultiGzDecoder::new(&packed[..])),
            "deflate" => Box::new(flate2::read::ZlibDecoder::new(&packed[..])),
            "br" => Box::new(brotli::Decompressor::new(&packed[..], 4096)),
            "zstd" => Box::new(zstd::Decoder::new(&packed[..]).map_err(|_| BodyError::Encoding)?),
            _ => return Err(BodyError::Encoding),
        };
    let mut body = Vec::new();
    let limit = u64::try_from(MAXIMUM_BODY).unwrap_or(u64::MAX) + 1;
    reader.take(limit).read_to_end(&mut body).map_err(|_| BodyError::Encoding)?;
    if body.len() > MAXIMUM_BODY { Err(BodyError::TooLarge) } else { Ok(body) }
}
