//! One person's events: what they missed, read from the log, then what happens, as it happens. Each once, in order.

use std::sync::Arc;

use futures_util::Stream;
use tokio::time::timeout;
use uuid::Uuid;

use super::{Cursor, Heard, Lagged, Passing, Recorded, by_topics, log_state};
use crate::{kernel::error::Failure, platform::app::App};

/// Events read from the log at once.
const PAGE: i64 = 200;

/// What a subscriber is told. Cursors rise strictly, but for a heartbeat, which may repeat the last one.
#[derive(Debug, Clone)]
pub enum Delivery {
    Event(Cursor, Arc<Recorded>),
    /// Nothing happened for a while; everything up to this cursor has been told.
    Heartbeat(Cursor),
    /// The log does not reach back to where the subscriber left off: what lies before this cursor must be read anew.
    Gap(Cursor),
    /// It is in no log, so the stream stands where it stood.
    Passing(Arc<Passing>),
}

impl Delivery {
    /// Where the stream stands once this has been told, if that follows from it.
    pub const fn cursor(&self) -> Option<Cursor> {
        match self {
            Self::Event(cursor, _) | Self::Heartbeat(cursor) | Self::Gap(cursor) => Some(*cursor),
            Self::Passing(_) => None,
        }
    }
}

/// Why a stream of events ends. The subscriber may come again with its cursor.
#[derive(Debug, thiserror::Error)]
pub enum Interrupted {
    #[error(transparent)]
    Lagged(#[from] Lagged),
    #[error(transparent)]
    Failed(#[from] Failure),
}

/// The events of some topics after a cursor, or from now on. The first delivery says where the stream stands.
pub fn deliveries(
    app: App,
    topics: Vec<Uuid>,
    after: Option<Cursor>,
) -> impl Stream<Item = Result<Delivery, Interrupted>> {
    async_stream::try_stream! {
        let mut live = app.hub.subscribe(topics.clone()).await.ok_or(Failure::Unavailable)?;
        let epoch = live.epoch;
        let at = move |position| Cursor { epoch, position };
        let mut position = match after {
            None => live.position,
            Some(cursor) => {
                let log = app.db.read(log_state).await?;
                let is_within = log.first_position <= cursor.position + 1 && cursor.position <= log.last_position;
                if cursor.epoch == epoch && is_within {
                    cursor.position
                } else {
                    yield Delivery::Gap(at(live.position));
                    live.position
                }
            }
        };
        while position < live.position {
            let (topics, until) = (topics.clone(), live.position);
            let page = app.db.read_long(move |conn| by_topics(conn, &topics, position, until, PAGE)).await?;
            let is_last = page.len() < usize::try_from(PAGE).unwrap_or(usize::MAX);
            for event in page {
                position = event.position;
                yield Delivery::Event(at(position), Arc::new(event));
            }
            if is_last {
                position = live.position;
            }
        }
        yield Delivery::Heartbeat(at(position));
        loop {
            match timeout(app.market.heartbeat, live.next()).await {
                Ok(Ok(Heard::Passing(passing))) => yield Delivery::Passing(passing),
                Ok(Ok(Heard::Recorded(event))) if event.position <= position => {}
                Ok(Ok(Heard::Recorded(event))) => {
                    position = event.position;
                    yield Delivery::Event(at(position), event);
                }
                Ok(Err(lagged)) => Err(lagged)?,
                Err(_) => yield Delivery::Heartbeat(at(position)),
            }
        }
    }
}
