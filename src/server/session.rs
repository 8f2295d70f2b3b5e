//! `POST /session/refresh`: how a browser's session goes on, for no script can read its refresh token.

use actix_web::{HttpRequest, HttpResponse, http::header, web};
use async_graphql::Response;
use serde_json::json;

use super::{
    admission::Admitted,
    answer::{self, Media, bad_request, refuse},
    caller,
    http::Endpoint,
};
use crate::{
    api::server_error,
    kernel::error::{Failure, TokenFault},
    platform::{
        caller::{Caller, Who},
        cookies,
    },
    users::{error::AccountError, service},
};

/// The points that it costs, as `refreshSession` does.
const COST: u64 = 100;

/// Lets a request in that is no GraphQL, as a guest, for so many points.
pub(super) async fn enter(http: &HttpRequest, endpoint: &Endpoint, cost: u64) -> Result<(Caller, Admitted), Failure> {
    let app = endpoint.api.app();
    let request = caller::surroundings(app, http)?;
    let admitted = endpoint.admission.admit(request.address)?;
    let caller = Caller { who: Who::Guest, request: request.into() };
    let _all = app.buckets.charge(&caller, cost).await?;
    Ok((caller, admitted))
}

/// Trades the refresh token in the cookie for the next tokens, in cookies. A token that is no good is 401, and the cookies
/// are cleared; where the service is busy they stay.
pub async fn refresh(http: HttpRequest, endpoint: web::Data<Endpoint>) -> HttpResponse {
    let app = endpoint.api.app();
    let sent = caller::sent_cookies(&http);
    if sent.is_some() && http.headers().contains_key(header::AUTHORIZATION) {
        let problem = "a session is in the header `authorization` or in cookies, not in both";
        return bad_request(&http, Media::GraphQl, problem);
    }
    let (caller, _admitted) = match enter(&http, &endpoint, COST).await {
        Ok(entered) => entered,
        Err(failure) => return refuse(&http, Media::GraphQl, failure),
    };
    let token = sent.refresh_token.as_deref().unwrap_or_default();
    match service::refresh_session(app, &caller, token).await {
        Ok(tokens) => {
            let mut answer = HttpResponse::Ok();
            for cookie in tokens.cookies() {
                answer.append_header((header::SET_COOKIE, cookie));
            }
            answer.insert_header((header::CACHE_CONTROL, "private, no-store"));
            answer.json(json!({"accessTokenExpiresAt": tokens.access_token_expires_at}))
        }
        Err(AccountError::Failed(failure)) => refuse(&http, Media::GraphQl, failure),
        Err(_) => {
            let error = server_error(Failure::Unauthenticated(Some(TokenFault::Revoked)));
            let mut answer = answer::refused(Media::GraphQl, &Response::from_errors(vec![error]));
            // Another site's form has its cookies held back, and must not be able to clear them.
            for cookie in cookies::cleared().into_iter().filter(|_| sent.is_some()) {
                if let Ok(cookie) = cookie.parse() {
                    answer.headers_mut().append(header::SET_COOKIE, cookie);
                }
            }
            answer
        }
    }
}
