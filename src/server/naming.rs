//! Every request has a name, in the log and in the header `X-Request-Id` of its answer, whatever the answer is.
//!
//! The name is always ours: rows of the event log carry it, so it must be unique and nobody's to choose. What ties requests
//! of several services together is `traceparent`.

use actix_web::{
    Error, HttpMessage, HttpRequest,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::header::{HeaderName, HeaderValue},
    middleware::Next,
    web,
};

use crate::{api::Api, platform::app::App};

const HEADER: HeaderName = HeaderName::from_static("x-request-id");

#[derive(Clone)]
struct RequestId(String);

/// Names a request, and its answer.
///
/// # Errors
/// What the service returns.
pub async fn name<B: MessageBody>(request: ServiceRequest, next: Next<B>) -> Result<ServiceResponse<B>, Error> {
    let Some(api) = request.app_data::<web::Data<Api>>() else { return next.call(request).await };
    let id = new_id(api.app());
    request.extensions_mut().insert(RequestId(id.clone()));
    let mut response = next.call(request).await?;
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(HEADER, id);
    }
    Ok(response)
}

/// The name of a request.
pub fn id(app: &App, http: &HttpRequest) -> String {
    http.extensions().get::<RequestId>().map_or_else(|| new_id(app), |RequestId(id)| id.clone())
}

fn new_id(app: &App) -> String {
    app.generator.uuid(app.now()).simple().to_string()
}
