//! Reading a request's body, within bounds of size and time.

use std::{io::Read, sync::Arc, time::Duration};

use actix_web::{
    HttpRequest,
    http::{
        StatusCode,
        header::{self, HeaderValue},
    },
    web,
};
use futures_util::StreamExt;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::kernel::error::Failure;

/// A request's body is no larger, neither as it comes nor unpacked.
const MAXIMUM_BODY: usize = 1024 * 1024;
/// A body that is no larger needs no room: nearly all are not, and large ones must not keep them out.
const SMALL: usize = 16 * 1024;

/// Why a body is not read.
#[derive(Debug, thiserror::Error)]
pub enum BodyError {
    #[error("the body is larger than {0} bytes")]
    TooLarge(usize),
    #[error("the body is not encoded as its Content-Encoding says, or by none of gzip, br, zstd and deflate")]
    Encoding,
    #[error("the body did not arrive in time")]
    Incomplete,
    #[error("too many large bodies are on their way")]
    NoRoom,
}

impl BodyError {
    /// The status that says so.
    pub const fn status(&self) -> StatusCode {
        match self {
            Self::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Encoding => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Incomplete => StatusCode::REQUEST_TIMEOUT,
            Self::NoRoom => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

impl From<BodyError> for Failure {
    fn from(error: BodyError) -> Self {
        match error {
            BodyError::NoRoom => Self::Unavailable,
            _ => Self::BadUserInput(error.to_string()),
        }
    }
}

/// Room for bodies that come in, shared by all requests.
#[derive(Clone)]
pub struct Room(Arc<Semaphore>);

impl Room {
    /// For so many bytes, beside those that each body may have anyway.
    pub fn new(bytes: usize) -> Self {
        Self(Arc::new(Semaphore::new(bytes.min(Semaphore::MAX_PERMITS))))
    }

    /// Makes what is held enough for a body of so many bytes.
    fn extend(&self, held: &mut Option<OwnedSemaphorePermit>, bytes: usize) -> Result<(), BodyError> {
        let missing =
            bytes.saturating_sub(SMALL).saturating_sub(held.as_ref().map_or(0, OwnedSemaphorePermit::num_permits));
        if missing == 0 {
            return Ok(());
        }
        let missing = u32::try_from(missing).map_err(|_| BodyError::TooLarge(MAXIMUM_BODY))?;
        let more = Arc::clone(&self.0).try_acquire_many_owned(missing).map_err(|_| BodyError::NoRoom)?;
        match held {
            Some(held) => held.merge(more),
            None => *held = Some(more),
        }
        Ok(())
    }
}

/// A body as it came.
pub struct Packed {
    bytes: Vec<u8>,
    #[allow(dead_code, reason = "it is held, not read")]
    room: Option<OwnedSemaphorePermit>,
}

/// Reads a body.
///
/// # Errors
/// [`BodyError`]; what is left of the body is not read.
pub async fn read(payload: web::Payload, room: &Room, patience: Duration) -> Result<Packed, BodyError> {
    read_within(MAXIMUM_BODY, payload, room, patience).await
}

/// Reads a body of no more bytes than this.
///
/// # Errors
/// As [`read`].
pub async fn read_within(
    limit: usize,
    payload: web::Payload,
    room: &Room,
    patience: Duration,
) -> Result<Packed, BodyError> {
    tokio::time::timeout(patience, collect(limit, payload, room)).await.unwrap_or(Err(BodyError::Incomplete))
}

async fn collect(limit: usize, mut payload: web::Payload, room: &Room) -> Result<Packed, BodyError> {
    let mut packed = Packed { bytes: Vec::new(), room: None };
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| BodyError::Incomplete)?;
        let length = packed.bytes.len() + chunk.len();
        if length > limit {
            return Err(BodyError::TooLarge(limit));
        }
        room.extend(&mut packed.room, length)?;
        packed.bytes.extend_from_slice(&chunk);
    }
    Ok(packed)
}

impl Packed {
    /// The very bytes that came, as somebody has signed them.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// Unpacks it to the limit and no further: 13 kB can hold 400 MB.
    ///
    /// # Errors
    /// [`BodyError`]
    pub fn unpack(self, http: &HttpRequest) -> Result<Vec<u8>, BodyError> {
        let packed = self.bytes.as_slice();
        let encoding = http.headers().get(header::CONTENT_ENCODING).map_or(Ok("identity"), HeaderValue::to_str);
        let reader: Box<dyn Read + '_> =
            match encoding.map_err(|_| BodyError::Encoding)?.trim().to_ascii_lowercase().as_str() {
                "" | "identity" => return Ok(self.bytes),
                "gzip" | "x-gzip" => Box::new(flate2::read::MultiGzDecoder::new(packed)),
                "deflate" => Box::new(flate2::read::ZlibDecoder::new(packed)),
                "br" => Box::new(brotli::Decompressor::new(packed, 4096)),
                "zstd" => Box::new(zstd::Decoder::new(packed).map_err(|_| BodyError::Encoding)?),
                _ => return Err(BodyError::Encoding),
            };
        let mut body = Vec::new();
        let limit = u64::try_from(MAXIMUM_BODY).unwrap_or(u64::MAX) + 1;
        reader.take(limit).read_to_end(&mut body).map_err(|_| BodyError::Encoding)?;
        if body.len() > MAXIMUM_BODY { Err(BodyError::TooLarge(MAXIMUM_BODY)) } else { Ok(body) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_large_needs_room_and_gives_it_back() {
        let room = Room::new(100);
        let (mut ada, mut bob) = (None, None);
        room.extend(&mut ada, SMALL).unwrap();
        assert!(ada.is_none());
        room.extend(&mut ada, SMALL + 1).unwrap();
        room.extend(&mut ada, SMALL + 60).unwrap();
        assert!(matches!(room.extend(&mut bob, SMALL + 41), Err(BodyError::NoRoom)));
        room.extend(&mut bob, SMALL + 40).unwrap();
        room.extend(&mut None, SMALL).unwrap();
        drop(ada);
        room.extend(&mut bob, SMALL + 100).unwrap();
    }
}
