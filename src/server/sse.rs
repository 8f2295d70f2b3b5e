//! Server-sent events, by the [graphql-sse](https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md) protocol in its
//! distinct connections mode: one operation a request, its answers as `next`, then `complete`.
//!
//! What is wrong with the HTTP request (its body, its token, too many of them) is said by a status. What is wrong with
//! the operation is said in the stream, as the protocol wants it. A stream that ends without `complete` has more to tell:
//! a comment says why it ends, and the client comes again with `Last-Event-ID`.
//!
//! The stream is pulled by the connection, so a client that does not read keeps nothing waiting but its own events, of
//! which the hub holds a bounded number.

use std::{convert::Infallible, sync::Arc};

use actix_web::{
    HttpRequest, HttpResponse, HttpResponseBuilder,
    http::header::{self, ContentEncoding},
    web::Bytes,
};
use async_graphql::{Response, parser::types::OperationType};
use futures_util::StreamExt;
use tokio::time::{Instant, MissedTickBehavior, interval_at};

use super::{
    admission::Admitted,
    answer::{Body, Media, refuse},
    caller,
    http::Endpoint,
    live::{self, Changes, Parting, Said},
};
use crate::{
    api::{Prepared, ResumeAfter},
    kernel::error::Failure,
    platform::{caller::Caller, events::Cursor},
};

const COMPLETE: &str = "event: complete\ndata: \n\n";
/// A comment, which clients skip.
const SIGN_OF_LIFE: &str = ":\n\n";

/// Streams the answers of an operation of any kind.
pub fn stream(
    http: &HttpRequest,
    endpoint: &Endpoint,
    mut caller: Caller,
    prepared: Prepared,
    admitted: Admitted,
) -> HttpResponse {
    // As with sockets: in somebody's name there is nothing that outlives a request.
    if caller.on_behalf().is_some() {
        return refuse(http, Media::EventStream, Failure::Forbidden);
    }
    caller.request = Arc::new(caller.request.without_cookies());
    let held = endpoint.places.take(&caller).and_then(|place| {
        let held = live::hold(&endpoint.subscriptions, &caller, prepared.kind, admitted)?;
        Ok((place, held))
    });
    let held = match held {
        Ok(held) => held,
        Err(failure) => return refuse(http, Media::EventStream, failure),
    };
    let last_event = http.headers().get("last-event-id").and_then(|id| id.to_str().ok()).filter(|id| !id.is_empty());
    let resume_after = last_event.map(|cursor| ResumeAfter(cursor.to_owned()));
    let api = endpoint.api.clone();
    // What ends by itself may have ended the session.
    let is_subscription = prepared.kind == Some(OperationType::Subscription);
    let mut changes = if is_subscription { Changes::of(api.app(), &caller) } else { Changes::default() };
    let mut said = live::run(api.clone(), caller.clone(), prepared, resume_after, caller::includes(http));
    let mut stopping = endpoint.stopping.clone();
    let pause = endpoint.patience.ping;
    let events = async_stream::stream! {
        let _held = held;
        let mut sign_of_life = interval_at(Instant::now() + pause, pause);
        sign_of_life.set_missed_tick_behavior(MissedTickBehavior::Delay);
        // The headers go out with the first bytes, also through proxies.
        yield SIGN_OF_LIFE.to_owned();
        loop {
            let step = tokio::select! {
                biased;
                stopped = stopping.wait_for(|is_stopping| *is_stopping) => {
                    drop(stopped);
                    Step::Part(Parting::Restart)
                }
                () = changes.next() => match live::check_standing(api.app(), &caller).await {
                    Ok(known) => {
                        changes.note(known);
                        continue;
                    }
                    Err(parting) => Step::Part(parting),
                },
                _ = sign_of_life.tick() => {
                    live::check_standing(api.app(), &caller).await.map_or_else(Step::Part, |_| Step::Live)
                }
                said = said.next() => said.map_or(Step::Complete, Step::Say),
            };
            match step {
                Step::Live => yield SIGN_OF_LIFE.to_owned(),
                Step::Say(Said::Next { response, cursor }) => yield next(&Body::answered(&response), cursor),
                Step::Say(Said::Refused(response)) => {
                    yield next(&Body::refused(&response), None) + COMPLETE;
                    break;
                }
                Step::Complete => {
                    yield COMPLETE.to_owned();
                    break;
                }
                Step::Say(Said::Lagged) => {
                    yield comment(Parting::TooSlow);
                    break;
                }
                Step::Part(parting) => {
                    yield comment(parting);
                    break;
                }
            }
        }
    };
    head().streaming(events.map(|text: String| Ok::<_, Infallible>(Bytes::from(text))))
}

/// The stream of an operation that never ran.
pub fn refused(response: &Response) -> HttpResponse {
    head().body(next(&Body::refused(response), None) + COMPLETE)
}

/// What a stream does next.
#[allow(clippy::large_enum_variant, reason = "it lives as long as one answer is written")]
enum Step {
    Live,
    Say(Said),
    Complete,
    Part(Parting),
}

fn head() -> HttpResponseBuilder {
    let mut head = HttpResponse::Ok();
    head.content_type("text/event-stream; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, "private, no-store"))
        // An encoder, ours or a proxy's, would keep events until it has enough of them.
        .insert_header(ContentEncoding::Identity)
        .insert_header(("x-accel-buffering", "no"));
    head
}

fn next(body: &Body<'_>, cursor: Option<Cursor>) -> String {
    let id = cursor.map(|cursor| format!("id: {cursor}\n")).unwrap_or_default();
    // JSON as it is written here has no line breaks.
    format!("event: next\n{id}data: {}\n\n", body.json())
}

fn comment(parting: Parting) -> String {
    format!(": {}\n\n", parting.reason())
}
