//! `GET /exports/{until}/{token}`: the archive of somebody's data, for whoever has the URL.

use actix_web::{
    HttpRequest, HttpResponse,
    body::SizedStream,
    http::header::{self, ContentDisposition, DispositionParam, DispositionType},
    web,
};

use super::{
    answer::{Media, refuse},
    caller,
    http::Endpoint,
};
use crate::privacy::service;

/// An archive, as a file to be kept.
pub async fn export(
    http: HttpRequest,
    endpoint: web::Data<Endpoint>,
    path: web::Path<(String, String)>,
) -> HttpResponse {
    // Read here: what the framework cannot read it logs, with the token.
    let (until, token) = path.into_inner();
    let Ok(until) = until.parse() else { return HttpResponse::NotFound().finish() };
    let app = endpoint.api.app();
    let _admitted = match endpoint.admission.admit(caller::address(app, &http)) {
        Ok(admitted) => admitted,
        Err(failure) => return refuse(&http, Media::GraphQl, failure),
    };
    match service::export_by_url(app, until, &token).await {
        Ok(Some((requested_at, archive))) => {
            let name = format!("export-{}.zip", requested_at.format("%Y-%m-%d"));
            let parameters = vec![DispositionParam::Filename(name)];
            HttpResponse::Ok()
                .insert_header(ContentDisposition { disposition: DispositionType::Attachment, parameters })
                .insert_header((header::CACHE_CONTROL, "private, no-store"))
                .content_type("application/zip")
                .body(SizedStream::new(archive.size, archive.bytes))
        }
        Ok(None) => HttpResponse::NotFound().finish(),
        Err(failure) => refuse(&http, Media::GraphQl, failure),
    }
}
