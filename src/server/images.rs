//! `GET /images/{id}/{tag}/{shape}`: images, which never change and are anybody's.

use actix_web::{
    HttpRequest, HttpResponse,
    body::SizedStream,
    http::header::{self, ETag, EntityTag},
    web,
};

use super::{
    answer::{Media, refuse},
    caching::is_held,
    caller,
    http::Endpoint,
};
use crate::media::{model::Rendition, service};

const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// Whatever is thought to be in it: nothing in it runs, and no page is shown.
pub(super) const POLICY: &str =
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox";

/// An image in one of its shapes.
pub async fn image(
    http: HttpRequest,
    endpoint: web::Data<Endpoint>,
    path: web::Path<(String, String, String)>,
) -> HttpResponse {
    let (id, tag, shape) = path.into_inner();
    // What is no name of ours never reaches the storage.
    let (Ok(medium), Ok(tag), Ok(shape)) = (id.parse(), tag.parse(), shape.parse()) else { return nothing() };
    let rendition = Rendition { medium, tag, shape, is_private: false };
    let app = endpoint.api.app();
    let _admitted = match endpoint.admission.admit(caller::address(app, &http)) {
        Ok(admitted) => admitted,
        Err(failure) => return refuse(&http, Media::GraphQl, failure),
    };
    let found = match service::rendition(app, &rendition).await {
        Ok(Some(found)) => found,
        Ok(None) => return nothing(),
        Err(failure) => return refuse(&http, Media::GraphQl, failure),
    };
    let tag = EntityTag::new_strong(format!("{}-{}", rendition.tag, rendition.shape));
    let is_held = is_held(&http, &tag);
    let mut answer = if is_held { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    answer
        .insert_header(ETag(tag))
        .insert_header((header::CACHE_CONTROL, FOR_EVER))
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((header::CROSS_ORIGIN_RESOURCE_POLICY, "cross-origin"))
        .insert_header((header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"));
    if is_held {
        return answer.finish();
    }
    answer.content_type(rendition.shape.encoding.content_type()).body(SizedStream::new(found.size, found.bytes))
}

fn nothing() -> HttpResponse {
    HttpResponse::NotFound().finish()
}
