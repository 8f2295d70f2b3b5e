//! What an answer tells besides its data, in `extensions`, if the request includes it.

use async_graphql::{Response, Value, value};
use tokio::time::{Instant, timeout_at};

use super::errors::server_error;
use crate::{
    kernel::error::Failure,
    platform::{app::App, buckets::Spent, caller::Caller},
    users,
};

fn has(includes: &[String], wanted: &str) -> bool {
    includes.iter().any(|include| include == wanted)
}

/// `context`: which locale, currency and country were used. Not if nothing was answered; and what was answered stays, if it
/// cannot be looked up until the deadline.
pub async fn context(
    app: &App,
    caller: &Caller,
    mut response: Response,
    includes: &[String],
    deadline: Instant,
) -> Response {
    if !has(includes, "context") || response.data == Value::Null {
        return response;
    }
    let looked_up = timeout_at(deadline, users::service::surroundings(app, caller)).await;
    match looked_up.unwrap_or(Err(Failure::Timeout)) {
        Ok(used) => {
            let used = value!({
                "locale": used.locale.to_string(),
                "currency": used.currency.to_string(),
                "country": used.country.to_string(),
            });
            response.extension("context", used)
        }
        Err(failure) => {
            response.errors.push(server_error(failure));
            response
        }
    }
}

/// `cost`: what was spent, and what is left.
pub fn cost(response: Response, spent: Option<Spent>, includes: &[String]) -> Response {
    match spent.filter(|_| has(includes, "cost")) {
        None => response,
        Some(Spent { requested, actual, remaining, limit, restore_per_second }) => {
            let cost = value!({
                "requested": requested,
                "actual": actual,
                "remaining": remaining,
                "limit": limit,
                "restorePerSecond": restore_per_second,
            });
            response.extension("cost", cost)
        }
    }
}
