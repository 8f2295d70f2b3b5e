//! Where a stream's events come from: opened once by its resolver, and heard one after the other.

use std::sync::{Arc, Mutex, PoisonError};

use async_graphql::Context;
use futures_util::{StreamExt, stream::BoxStream};
use uuid::Uuid;

use super::parse;
use crate::{
    api::ResumeAfter,
    kernel::id::Id,
    platform::{
        events::{Cursor, Delivery, Interrupted, deliveries},
        gql::{Ask, WireResult},
    },
    users::model::{AccessChanged, User, access_topic},
};

/// What a subscription tells of, as it happens.
pub(in crate::api) struct Source {
    deliveries: BoxStream<'static, Result<Delivery, Interrupted>>,
    /// Whether it is about what its reader may hear of, and so about changes of that.
    is_of_reader: bool,
}

impl Source {
    pub(in crate::api) async fn next(&mut self) -> Option<Result<Delivery, Interrupted>> {
        self.deliveries.next().await
    }

    /// Whether the stream looks anew at what its reader may hear of, and goes on from there.
    pub(in crate::api) fn begins_anew(&self, delivery: &Delivery) -> bool {
        let Delivery::Event(_, recorded) = delivery else { return false };
        self.is_of_reader && recorded.body::<AccessChanged>().is_some()
    }
}

/// Where the resolver of a subscription leaves its source, when it is run for the first time.
///
/// It is run again for each event, which is then [`Happened`]: as in GraphQL (section 6.2.3), a source is made once, and
/// each of its events is an execution of its own. So a subscription on which nothing happens holds no execution.
#[derive(Clone, Default)]
pub(in crate::api) struct Opened(Arc<Mutex<Option<Source>>>);

impl Opened {
    fn put(&self, source: Source) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(source);
    }

    pub(in crate::api) fn take(&self) -> Option<Source> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// What this execution tells of.
pub(in crate::api) struct Happened(pub WireResult<Delivery>);

impl Happened {
    /// Where the stream stands once this has been told.
    pub(in crate::api) fn cursor(&self) -> Option<Cursor> {
        self.0.as_ref().ok().and_then(Delivery::cursor)
    }
}

/// Begins a stream about topics that everybody may listen to, when its resolver is run for the first time: where it was left, else now.
pub(super) fn open(ctx: &Context<'_>, topics: Vec<Uuid>, after: Option<&str>) -> WireResult<()> {
    let deliveries = deliveries(ctx.app().clone(), topics, resumed(ctx, after)?).boxed();
    ctx.data_unchecked::<Opened>().put(Source { deliveries, is_of_reader: false });
    Ok(())
}

/// Begins a stream about topics that its reader may listen to as things were at `since`, from when on it hears of changes of that, too.
pub(super) fn open_for(
    ctx: &Context<'_>,
    reader: Id<User>,
    mut topics: Vec<Uuid>,
    (after, since): (Option<&str>, Option<Cursor>),
) -> WireResult<()> {
    topics.push(access_topic(reader));
    let deliveries = deliveries(ctx.app().clone(), topics, resumed(ctx, after)?.or(since)).boxed();
    ctx.data_unchecked::<Opened>().put(Source { deliveries, is_of_reader: true });
    Ok(())
}

/// Where a stream goes on: at the newer one of what was asked for and of where its connection stopped.
fn resumed(ctx: &Context<'_>, after: Option<&str>) -> WireResult<Option<Cursor>> {
    let resumed = parse(ctx.data_opt::<ResumeAfter>().map(|resume| resume.0.as_str()))?;
    Ok(match (parse(after)?, resumed) {
        (Some(given), Some(resumed)) if given.epoch == resumed.epoch && given.position > resumed.position => {
            Some(given)
        }
        (given, resumed) => resumed.or(given),
    })
}
