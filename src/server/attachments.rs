//! `GET /attachments/{until}/{shape}/{token}`: a picture or a file in a message, for whoever has the URL. A file is never shown, only kept.

use actix_web::{
    HttpRequest, HttpResponse,
    body::SizedStream,
    http::header::{self, Charset, ContentDisposition, DispositionParam, DispositionType, ExtendedValue},
    web,
};

use super::{
    answer::{Media, refuse},
    caller,
    http::Endpoint,
    images::POLICY,
};
use crate::{
    media::model::Shape,
    messages::{self, service::SentFile},
    platform::storage::Stored,
};

/// What stands in the place of a shape if it is no picture.
const FILE: &str = "file";
const A_WHILE: &str = "private, max-age=3600";

/// A picture in one of its shapes, or a file as it was sent.
pub async fn attachment(
    http: HttpRequest,
    endpoint: web::Data<Endpoint>,
    path: web::Path<(String, String, String)>,
) -> HttpResponse {
    // Read here: what the framework cannot read it logs, with the token.
    let (until, shape, token) = path.into_inner();
    let Ok(until) = until.parse() else { return nothing() };
    let app = endpoint.api.app();
    let _admitted = match endpoint.admission.admit(caller::address(app, &http)) {
        Ok(admitted) => admitted,
        Err(failure) => return refuse(&http, Media::GraphQl, failure),
    };
    let answer = if shape == FILE {
        messages::service::file_by_url(app, until, &token).await.map(|file| file.map(kept))
    } else {
        let Ok(shape) = shape.parse::<Shape>() else { return nothing() };
        let found = messages::service::picture_by_url(app, until, shape, &token).await;
        found.map(|picture| picture.map(|picture| shown(shape, picture)))
    };
    match answer {
        Ok(found) => found.unwrap_or_else(nothing),
        Err(failure) => refuse(&http, Media::GraphQl, failure),
    }
}

fn shown(shape: Shape, picture: Stored) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, A_WHILE))
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((header::CROSS_ORIGIN_RESOURCE_POLICY, "cross-origin"))
        .insert_header((header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"))
        .content_type(shape.encoding.content_type())
        .body(SizedStream::new(picture.size, picture.bytes))
}

fn kept(SentFile { name, content_type, stored }: SentFile) -> HttpResponse {
    let charset = Charset::Ext("UTF-8".to_owned());
    let name = ExtendedValue { charset, language_tag: None, value: name.into_bytes() };
    let parameters = vec![DispositionParam::FilenameExt(name)];
    let content_type = match content_type.as_deref() {
        Some("text/plain") => "text/plain; charset=utf-8",
        Some(content_type) => content_type,
        None => "application/octet-stream",
    };
    HttpResponse::Ok()
        .insert_header(ContentDisposition { disposition: DispositionType::Attachment, parameters })
        .insert_header((header::CACHE_CONTROL, A_WHILE))
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((header::CROSS_ORIGIN_RESOURCE_POLICY, "cross-origin"))
        .insert_header((header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"))
        .content_type(content_type)
        .body(SizedStream::new(stored.size, stored.bytes))
}

fn nothing() -> HttpResponse {
    HttpResponse::NotFound().finish()
}
