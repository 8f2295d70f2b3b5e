//! What sockets and event streams have in common: whom they serve and for how long, how many there may be, and what an
//! operation says on them.

use std::{future::pending, net::IpAddr, time::Duration};

use async_graphql::{Response, Value, parser::types::OperationType};
use futures_util::{
    StreamExt,
    stream::{self, BoxStream},
};
use tokio::{sync::watch, time::timeout};
use uuid::Uuid;

use super::{
    admission::Admitted,
    shares::{Share, Shares},
};
use crate::{
    api::{Api, Outcome, Prepared, ResumeAfter, Told},
    kernel::error::Failure,
    platform::{
        app::App,
        caller::{Caller, line},
        events::Cursor,
        standings::Standing,
    },
    users,
};

/// Why a socket or a stream ends that the client did not end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parting {
    /// The process stops.
    Restart,
    SessionEnded,
    /// The caller's role has changed since the connection was made.
    RightsChanged,
    /// The client does not keep up with what it is told.
    TooSlow,
}

impl Parting {
    /// The reason in words, for people who debug a client.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Restart => "Service restart",
            Self::SessionEnded => "Session ended",
            Self::RightsChanged => "Rights changed: reconnect",
            Self::TooSlow => "Too slow: resume with the last cursor",
        }
    }
}

/// Whether the caller's session (or a machine's key) goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known {
    GoesOn,
    /// It cannot be found out just now. What runs goes on; nothing new begins.
    Not,
}

/// Whether the caller's session (or a machine's key) goes on, and with the same rights.
///
/// # Errors
/// Why the connection has to end.
pub async fn check_standing(app: &App, caller: &Caller) -> Result<Known, Parting> {
    if let Some(key) = caller.api_key() {
        return match users::service::key_standing(app, key.hash).await {
            Ok(Ok(_)) => Ok(Known::GoesOn),
            Ok(Err(_)) => Err(Parting::SessionEnded),
            Err(_) => Ok(Known::Not),
        };
    }
    let Some(person) = caller.in_person() else { return Ok(Known::GoesOn) };
    match users::service::standing(app, person).await {
        Ok(Standing::Over) => Err(Parting::SessionEnded),
        Ok(Standing::GoesOn(role)) if role != caller.staff_role() => Err(Parting::RightsChanged),
        Ok(Standing::GoesOn(_)) => Ok(Known::GoesOn),
        Err(_) => Ok(Known::Not),
    }
}

/// Changes of a caller's session, as they are heard of; the first comes at once. Nobody's never change.
#[derive(Debug, Default)]
pub struct Changes {
    heard: Option<watch::Receiver<()>>,
    is_open: bool,
}

/// When what could not be found out is asked again.
const ASKED_AGAIN: Duration = Duration::from_millis(500);

impl Changes {
    pub fn of(app: &App, caller: &Caller) -> Self {
        let heard = caller.in_person().map(|person| {
            let mut heard = app.standings.watch(person.session);
            // What changed since the caller was looked up.
            heard.mark_changed();
            heard
        });
        Self { heard, is_open: false }
    }

    /// What came of the last change: if that is not known, it comes once more after a while.
    pub const fn note(&mut self, known: Known) {
        self.is_open = matches!(known, Known::Not);
    }

    /// Waits for the next one. May be dropped and called again: no change is lost.
    pub async fn next(&mut self) {
        let heard = async {
            let is_heard = match &mut self.heard {
                Some(heard) => heard.changed().await.is_ok(),
                None => false,
            };
            if !is_heard {
                pending::<()>().await;
            }
        };
        if self.is_open {
            let _ = timeout(ASKED_AGAIN, heard).await;
        } else {
            heard.await;
        }
    }
}

/// What an operation says.
pub enum Said {
    Next {
        response: Response,
        cursor: Option<Cursor>,
    },
    /// Nothing ran. Nothing follows.
    Refused(Response),
    /// The client lags behind the events. Nothing follows.
    Lagged,
}

/// Runs an operation of any kind. The stream ends when the operation is complete, and dropping it cancels the operation.
///
/// It is boxed by kind: what a query needs while it runs is tens of kilobytes, and an idle subscription must not hold them.
pub fn run(
    api: Api,
    caller: Caller,
    prepared: Prepared,
    resume_after: Option<ResumeAfter>,
    includes: Vec<String>,
) -> BoxStream<'static, Said> {
    if prepared.kind != Some(OperationType::Subscription) {
        let answer = async move {
            let Outcome { response, is_request_error } = api.execute(caller, prepared, &includes).await;
            if is_request_error { Said::Refused(response) } else { Said::Next { response, cursor: None } }
        };
        return stream::once(answer).boxed();
    }
    let told = api.subscribe(caller, prepared, resume_after, includes);
    let said = told.enumerate().map(|(before, told)| match told {
        Told::Lagged => Said::Lagged,
        Told::Refused(response) => Said::Refused(response),
        Told::Next { response, .. } if before == 0 && never_began(&response) => Said::Refused(response),
        Told::Next { response, cursor } => Said::Next { response, cursor },
    });
    said.boxed()
}

/// Whether the first answer says that there is no stream of events. What fails within an event is the event's, even if
/// nothing is left of it (GraphQL, section 6.2.3).
fn never_began(response: &Response) -> bool {
    response.data == Value::Null && response.errors.iter().any(|error| error.path.len() < 2)
}

/// When somebody with too many streams or subscriptions may try again.
const CROWDED_SECONDS: u64 = 10;

/// What an operation holds while it runs.
#[allow(dead_code, reason = "it is held, not read")]
pub enum Held {
    Admitted(Admitted),
    Place(Place),
}

/// What an operation holds that was admitted: a subscription goes on by itself, so it has a place of its caller's instead.
///
/// # Errors
/// [`Failure::RateLimited`] if the caller has no place left.
pub fn hold(
    subscriptions: &Places,
    caller: &Caller,
    kind: Option<OperationType>,
    admitted: Admitted,
) -> Result<Held, Failure> {
    if kind != Some(OperationType::Subscription) {
        return Ok(Held::Admitted(admitted));
    }
    subscriptions.take(caller).map(Held::Place)
}

/// The places for sockets and event streams, or for subscriptions, of which each caller has so many.
#[derive(Clone)]
pub struct Places(Shares<Holder>);

/// A place that is taken until this is dropped.
pub type Place = Share<Holder>;

/// Whose places they are: a person's, or those of the guests on a [`line`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Holder {
    Person(Uuid),
    Line(Option<IpAddr>),
}

impl Holder {
    fn of(caller: &Caller) -> Self {
        let line = || Self::Line(caller.request.address.map(line));
        caller.in_person().map_or_else(line, |person| Self::Person(person.user))
    }
}

impl Places {
    pub fn new(each: usize) -> Self {
        Self(Shares::new(each))
    }

    /// A place for the caller.
    ///
    /// # Errors
    /// [`Failure::RateLimited`] if they have all of theirs.
    pub fn take(&self, caller: &Caller) -> Result<Place, Failure> {
        self.0.take(Holder::of(caller)).ok_or(Failure::RateLimited { retry_after_seconds: CROWDED_SECONDS })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use async_graphql::{PathSegment, ServerError, value};

    use super::*;
    use crate::platform::caller::{Request, SignedIn, Who};

    #[test]
    fn a_stream_that_never_began_is_told_from_an_event_of_which_nothing_is_left() {
        let answer = |data, path: &[&str]| {
            let path = path.iter().map(|step| PathSegment::Field((*step).to_owned())).collect();
            let mut response = Response::new(data);
            response.errors.push(ServerError { path, ..ServerError::new("", None) });
            never_began(&response)
        };
        assert!(answer(Value::Null, &[]) && answer(Value::Null, &["events"]));
        assert!(!answer(Value::Null, &["events", "message"]));
        assert!(!answer(value!({"events": {"message": null}}), &["events", "message"]));
        assert!(!never_began(&Response::new(value!({"events": {}}))));
    }

    fn guest(address: &str) -> Caller {
        let request = Request { address: Some(address.parse().unwrap()), ..Request::default() };
        Caller { who: Who::Guest, request: Arc::new(request) }
    }

    #[test]
    fn places_belong_to_a_person_or_to_a_network() {
        let places = Places::new(1);
        let mut held = vec![places.take(&guest("192.0.2.1")).unwrap()];
        for (address, is_same) in [
            ("::ffff:192.0.2.1", true),
            ("192.0.2.2", false),
            ("2001:db8:0:1::1", false),
            ("2001:db8:0:1:ffff::2", true),
            ("2001:db8:0:2::1", false),
        ] {
            let place = places.take(&guest(address));
            assert_eq!(place.is_err(), is_same, "{address}");
            held.extend(place);
        }
        let person = Who::Person(SignedIn { user: Uuid::from_u128(1), session: Uuid::from_u128(2) });
        let anywhere = |address| Caller { who: person, ..guest(address) };
        held.push(places.take(&anywhere("192.0.2.1")).unwrap());
        assert!(places.take(&anywhere("198.51.100.1")).is_err());
    }
}
