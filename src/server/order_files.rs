//! `GET /order-files/{link}`: what was ordered of a shop, in CSV, for whoever has the URL.

use std::sync::Arc;

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{self, ContentDisposition, DispositionParam, DispositionType},
    web::{self, Bytes},
};
use futures_util::stream::try_unfold;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use uuid::Uuid;

use super::{
    answer::{Media, refuse},
    caller,
    http::Endpoint,
    shares::{Share, Shares},
};
use crate::{
    kernel::error::Failure,
    orders::service::{self, OrdersExportError},
};

/// Files that are told at once, by this process and of one shop: as long as one is, its pages are read.
const AT_ONCE: usize = 8;
const OF_ONE: usize = 2;
/// When who finds no place may come again, in seconds.
const SOON: u64 = 5;

/// Places for files that are told.
#[derive(Clone)]
pub struct Places {
    all: Arc<Semaphore>,
    each: Shares<Uuid>,
}

/// The right to be told until this is dropped.
#[allow(dead_code, reason = "it is held, not read")]
struct Place(OwnedSemaphorePermit, Share<Uuid>);

impl Places {
    pub fn new() -> Self {
        Self { all: Arc::new(Semaphore::new(AT_ONCE)), each: Shares::new(OF_ONE) }
    }

    fn take(&self, shop: Uuid) -> Result<Place, Failure> {
        let share = self.each.take(shop).ok_or(Failure::RateLimited { retry_after_seconds: SOON })?;
        let one = Arc::clone(&self.all).try_acquire_owned().map_err(|_| Failure::Unavailable)?;
        Ok(Place(one, share))
    }
}

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
    let place = match endpoint.order_files.take(rows.shop().uuid()) {
        Ok(place) => place,
        Err(failure) => return refuse(&http, Media::GraphQl, failure),
    };
    // Read before the answer begins: of what cannot be had it says so.
    let first = match rows.next_page().await {
        Ok(first) => first.unwrap_or_default(),
        Err(OrdersExportError::NotTheirs) => return HttpResponse::NotFound().finish(),
        Err(OrdersExportError::Failed(failure)) => return refuse(&http, Media::GraphQl, failure),
        Err(error) => {
            tracing::error!(%error, "orders could not be written down");
            return HttpResponse::InternalServerError().finish();
        }
    };
    // The place is held as long as the answer is under way, however slowly it is read.
    let pages = try_unfold((Some(first), rows, place), |(read, mut rows, place)| async move {
        let page = match read {
            Some(page) => Some(page),
            None => rows.next_page().await?,
        };
        Ok::<_, OrdersExportError>(page.map(|page| (Bytes::from(page), (None, rows, place))))
    });
    let parameters = vec![DispositionParam::Filename(format!("orders-{from}-{until}.csv"))];
    HttpResponse::Ok()
        .insert_header(ContentDisposition { disposition: DispositionType::Attachment, parameters })
        .insert_header((header::CACHE_CONTROL, "private, no-store"))
        .content_type("text/csv; charset=utf-8")
        .streaming(pages)
}
