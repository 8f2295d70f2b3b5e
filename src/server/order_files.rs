//! `GET /order-files/{link}`: what was ordered of a shop, in CSV, for whoever has the URL.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{self, ContentDisposition, DispositionParam, DispositionType},
    web::{self, Bytes},
};
use futures_util::stream::try_unfold;

use super::{
    answer::{Media, refuse},
    caller,
    http::Endpoint,
};
use crate::orders::service::{self, OrdersExportError};

/// The file, page by page as it is read: nobody waits for the whole of it, and it is nowhere as a whole.
pub async fn orders(http: HttpRequest, endpoint: web::Data<Endpoint>, link: web::Path<String>) -> HttpResponse {
    let app = endpoint.api.app();
    let _admitted = match endpoint.admission.admit(caller::address(app, &http)) {
        Ok(admitted) => admitted,
        Err(failure) => return refuse(&http, Media::GraphQl, failure),
    };
    let Some((from, until, mut rows)) = service::orders_by_link(app, &link) else {
        return HttpResponse::NotFound().finish();
    };
    // Read before the answer begins: of what cannot be had it says so.
    let first = match rows.next_page().await {
        Ok(first) => first.unwrap_or_default(),
        Err(OrdersExportError::Failed(failure)) => return refuse(&http, Media::GraphQl, failure),
        Err(error) => {
            tracing::error!(%error, "orders could not be written down");
            return HttpResponse::InternalServerError().finish();
        }
    };
    let pages = try_unfold((Some(first), rows), |(read, mut rows)| async move {
        let page = match read {
            Some(page) => Some(page),
            None => rows.next_page().await?,
        };
        Ok::<_, OrdersExportError>(page.map(|page| (Bytes::from(page), (None, rows))))
    });
    let parameters = vec![DispositionParam::Filename(format!("orders-{from}-{until}.csv"))];
    HttpResponse::Ok()
        .insert_header(ContentDisposition { disposition: DispositionType::Attachment, parameters })
        .insert_header((header::CACHE_CONTROL, "private, no-store"))
        .content_type("text/csv; charset=utf-8")
        .streaming(pages)
}
