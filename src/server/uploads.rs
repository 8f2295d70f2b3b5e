//! `PUT /uploads/{token}`: the bytes of a file, from whoever has the URL.

use std::{sync::Arc, time::Duration};

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        StatusCode,
        header::{self, HeaderValue},
    },
    web,
};
use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use serde_json::json;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, timeout_at},
};
use uuid::Uuid;

use super::{
    answer::{Media, refuse},
    caller,
    connection::Allowance,
    http::Endpoint,
    shares::{Share, Shares},
};
use crate::{
    kernel::error::Failure,
    media::{error::ReceiveError, service},
    platform::{
        caller::{Caller, Who},
        config::Patience,
        images::ImageFault,
    },
};

/// Files that are on their way in at once, in this process and of one person.
const AT_ONCE: usize = 64;
const OF_ONE: usize = 4;
/// What comes after the last byte of a file: decoding it, and keeping it.
const AFTERWARDS: Duration = Duration::from_mins(1);

/// Places for files that come in.
#[derive(Clone)]
pub struct Places {
    all: Arc<Semaphore>,
    each: Shares<Uuid>,
}

/// The right to send until this is dropped.
#[allow(dead_code, reason = "it is held, not read")]
struct Place(OwnedSemaphorePermit, Share<Uuid>);

impl Places {
    pub fn new() -> Self {
        Self { all: Arc::new(Semaphore::new(AT_ONCE)), each: Shares::new(OF_ONE) }
    }

    fn take(&self, person: Uuid) -> Result<Place, Failure> {
        let share = self.each.take(person).ok_or(Failure::RateLimited { retry_after_seconds: 1 })?;
        let one = Arc::clone(&self.all).try_acquire_owned().map_err(|_| Failure::Unavailable)?;
        Ok(Place(one, share))
    }
}

/// Takes a file in: 204 once it is kept, however often it is sent.
pub async fn put(
    http: HttpRequest,
    endpoint: web::Data<Endpoint>,
    places: web::Data<Places>,
    token: web::Path<String>,
    payload: web::Payload,
) -> HttpResponse {
    match take_in(&http, &endpoint, &places, &token, payload).await {
        Ok(()) => HttpResponse::NoContent().insert_header((header::CACHE_CONTROL, "no-store")).finish(),
        Err(error) => refused(&http, error),
    }
}

async fn take_in(
    http: &HttpRequest,
    endpoint: &Endpoint,
    places: &Places,
    token: &str,
    payload: web::Payload,
) -> Result<(), ReceiveError> {
    let app = endpoint.api.app();
    let request = caller::surroundings(app, http)?;
    let _admitted = endpoint.admission.admit(request.address)?;
    let encoding = http.headers().get(header::CONTENT_ENCODING).map(HeaderValue::as_bytes);
    if encoding.is_some_and(|encoding| encoding != b"identity") {
        return Err(ReceiveError::Encoded);
    }
    let upload = service::upload_by_token(app, token).await?;
    let _place = places.take(upload.user_id.uuid())?;
    if let Some(allowance) = http.conn_data::<Allowance>() {
        allowance.grant(endpoint.patience.upload + AFTERWARDS);
    }
    let body = arriving(payload, endpoint.patience);
    if upload.is_received() {
        return passed_by(body, upload.byte_size).await;
    }
    let caller = Caller { who: Who::Guest, request: request.into() };
    service::receive(app, &caller, &upload, body).await
}

/// The body as it comes, each part and the whole in time.
fn arriving(mut payload: web::Payload, patience: Patience) -> impl Stream<Item = Result<Bytes, ReceiveError>> {
    async_stream::stream! {
        let end = Instant::now() + patience.upload;
        loop {
            match timeout_at(end.min(Instant::now() + patience.reading), payload.next()).await {
                Ok(Some(Ok(bytes))) => yield Ok(bytes),
                Ok(None) => return,
                Ok(Some(Err(_))) => {
                    yield Err(ReceiveError::Broken);
                    return;
                }
                Err(_) => {
                    yield Err(ReceiveError::Slow);
                    return;
                }
            }
        }
    }
}

/// Reads what was sent before, so that its sender hears the answer, and no more.
async fn passed_by(body: impl Stream<Item = Result<Bytes, ReceiveError>>, byte_size: i64) -> Result<(), ReceiveError> {
    let mut body = std::pin::pin!(body);
    let mut left = usize::try_from(byte_size).unwrap_or(usize::MAX);
    while let Some(bytes) = body.next().await {
        left = left.checked_sub(bytes?.len()).ok_or(ReceiveError::TooLarge)?;
    }
    Ok(())
}

/// Why not, in JSON.
fn refused(http: &HttpRequest, error: ReceiveError) -> HttpResponse {
    let (status, code) = match error {
        ReceiveError::Failed(failure) => return refuse(http, Media::GraphQl, failure),
        ReceiveError::NotFound => (StatusCode::NOT_FOUND, "NOT_FOUND"),
        ReceiveError::Expired => (StatusCode::GONE, "EXPIRED"),
        ReceiveError::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "TOO_LARGE"),
        ReceiveError::TooSmall => (StatusCode::BAD_REQUEST, "TOO_SMALL"),
        ReceiveError::Encoded => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "ENCODED"),
        ReceiveError::Broken => (StatusCode::BAD_REQUEST, "BROKEN"),
        ReceiveError::Slow => (StatusCode::REQUEST_TIMEOUT, "SLOW"),
        ReceiveError::Image(ImageFault::Unknown) => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "NOT_AN_IMAGE"),
        ReceiveError::Image(ImageFault::TooManyPixels) => (StatusCode::UNPROCESSABLE_ENTITY, "TOO_MANY_PIXELS"),
        ReceiveError::Image(ImageFault::Damaged) => (StatusCode::UNPROCESSABLE_ENTITY, "DAMAGED"),
        ReceiveError::Compressed => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "COMPRESSED"),
        ReceiveError::TooMuch => (StatusCode::TOO_MANY_REQUESTS, "TOO_MANY"),
        ReceiveError::NoRoom => (StatusCode::INSUFFICIENT_STORAGE, "STORAGE_EXHAUSTED"),
        ReceiveError::Full => (StatusCode::INSUFFICIENT_STORAGE, "STORAGE_FULL"),
    };
    HttpResponse::build(status)
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .json(json!({"code": code, "message": error.to_string()}))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_sends_four_files_at_once_and_a_process_takes_64() {
        let places = Places::new();
        let person = |number: usize| Uuid::from_u128(number as u128);
        let mut held = Vec::new();
        for number in 0..AT_ONCE / OF_ONE {
            held.extend((0..OF_ONE).map(|_| places.take(person(number)).unwrap_or_else(|_| panic!("{number}"))));
            assert!(matches!(places.take(person(number)), Err(Failure::RateLimited { .. })));
        }
        let nobody = person(AT_ONCE);
        assert!(matches!(places.take(nobody), Err(Failure::Unavailable)));
        held.pop();
        assert!(places.take(nobody).is_ok());
    }
}
