//! The operator's address: metrics and health, apart from what clients reach.

use actix_web::{App as ActixApp, HttpResponse, HttpServer, dev::Server, http::header, middleware::from_fn, web};

use super::{
    headers,
    hosts::{self, Hosts},
    pages::{self, Readiness},
};
use crate::{api::Api, platform::metrics};

/// Prometheus' text format.
const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// A server of its own on the admin address, with one thread.
///
/// # Errors
/// If the listener cannot be used.
pub fn serve(
    listener: std::net::TcpListener,
    api: web::Data<Api>,
    readiness: web::Data<Readiness>,
    hosts: web::Data<Hosts>,
) -> std::io::Result<Server> {
    let server = HttpServer::new(move || {
        ActixApp::new()
            .app_data(api.clone())
            .app_data(readiness.clone())
            .app_data(hosts.clone())
            .wrap(from_fn(hosts::guard))
            .wrap(headers::of_every_answer(None))
            .route("/metrics", web::get().to(metrics))
            .route("/healthz", web::get().to(pages::healthz))
            .route("/readyz", web::get().to(pages::readyz))
    });
    Ok(server.disable_signals().workers(1).shutdown_timeout(1).listen(listener)?.run())
}

async fn metrics(api: web::Data<Api>) -> HttpResponse {
    match metrics::scrape(api.app()).await {
        Ok(text) => HttpResponse::Ok().insert_header((header::CONTENT_TYPE, TEXT)).body(text),
        Err(failure) => {
            tracing::error!(cause = ?failure, "a fault");
            HttpResponse::InternalServerError().finish()
        }
    }
}
