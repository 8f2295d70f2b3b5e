//! Everything that concerns the viewer, as one resumable stream and as a query.

mod conversations;
mod source;

use std::future::ready;

use async_graphql::{
    Context, Object, SimpleObject, Union,
    connection::{Connection, Edge, EmptyFields},
};
use futures_util::{
    FutureExt, Stream, StreamExt,
    future::{Either, try_join_all},
    stream,
};
use uuid::Uuid;

pub use self::conversations::ConversationEvent;
pub(super) use self::source::{Happened, Opened, Source};
use self::source::{open, open_for};
use crate::{
    carts, inventory,
    kernel::{error::Failure, id::Id, page::MAXIMUM_SIZE},
    messages, orders,
    platform::{
        caller::Caller,
        events::{Cursor, Delivery, Recorded, by_topics, log_state},
        gql::{Ask, SignedInOnly, WireError, WireResult},
    },
    porting, products, shops,
    users::model::oneself,
};

/// Nothing happened for a while: everything up to this cursor has been told.
#[derive(SimpleObject)]
pub struct Heartbeat {
    /// A place in the log, for `after`.
    cursor: String,
}

/// The log does not reach back to where you left off. Read anew what you show, then go on from `resumeCursor`.
#[derive(SimpleObject)]
pub struct Gap {
    /// A place in the log, for `after`.
    resume_cursor: String,
}

/// Something that happened, or a word about the stream itself. New types may appear at any time: keep a default branch.
#[derive(Union)]
#[allow(clippy::large_enum_variant, reason = "it lives as long as one answer is written")]
pub enum Event {
    MessageSent(messages::graphql::MessageSent),
    MessageChanged(messages::graphql::MessageChanged),
    GroupAccessChanged(messages::graphql::GroupAccessChanged),
    ConversationStateChanged(messages::graphql::ConversationStateChanged),
    OrderChanged(orders::graphql::OrderChanged),
    StockLow(inventory::graphql::StockLow),
    ProductImportChanged(porting::graphql::ProductImportChanged),
    Heartbeat(Heartbeat),
    Gap(Gap),
}

/// Something that happened to a product, or a word about the stream itself. New types may appear at any time: keep a default
/// branch.
#[derive(Union)]
#[allow(clippy::large_enum_variant, reason = "it lives as long as one answer is written")]
pub enum ProductEvent {
    ProductChanged(products::graphql::ProductChanged),
    Heartbeat(Heartbeat),
    Gap(Gap),
}

/// Something that happened to a cart, or a word about the stream itself. New types may appear at any time: keep a default branch.
#[derive(Union)]
pub enum CartEvent {
    CartChanged(carts::graphql::CartChanged),
    Heartbeat(Heartbeat),
    Gap(Gap),
}

/// The event, to whom the cart was opened; none of kinds that this version does not tell.
fn cart_event(cursor: Cursor, recorded: &Recorded) -> WireResult<Option<CartEvent>> {
    let Some(body) = recorded.body::<carts::model::CartChanged>() else { return Ok(None) };
    Ok(Some(CartEvent::CartChanged(carts::graphql::CartChanged::new(cursor, &body?))))
}

/// The event as the viewer may see it; none for what they may not see, and for kinds that this version does not tell.
async fn product_event(ctx: &Context<'_>, cursor: Cursor, recorded: &Recorded) -> WireResult<Option<ProductEvent>> {
    let Some(body) = recorded.body::<products::model::ProductChanged>() else { return Ok(None) };
    let event = products::graphql::ProductChanged::load(ctx.loader(), cursor, &body?).await?;
    Ok(event.map(ProductEvent::ProductChanged))
}

/// The person's topics: they themself, and the shops that they work for.
async fn topics(ctx: &Context<'_>, caller: &Caller) -> WireResult<Vec<Uuid>> {
    let user = oneself(caller)?;
    let memberships = ctx.app().db.read(move |conn| shops::service::memberships_of(conn, user)).await?;
    Ok(std::iter::once(user.uuid()).chain(memberships.into_iter().map(|(shop, _)| shop.uuid())).collect())
}

/// The event as the viewer may see it; none for what they may not see (any more), and for kinds that this version does not
/// tell.
async fn event(ctx: &Context<'_>, cursor: Cursor, recorded: &Recorded) -> WireResult<Option<Event>> {
    if let Some(body) = recorded.body::<messages::model::MessageSent>() {
        let event = messages::graphql::MessageSent::load(ctx.loader(), cursor, &body?).await?;
        return Ok(event.map(Event::MessageSent));
    }
    if let Some(body) = recorded.body::<messages::model::editing::MessageChanged>() {
        let event = messages::graphql::MessageChanged::load(ctx.loader(), cursor, &body?).await?;
        return Ok(event.map(Event::MessageChanged));
    }
    if let Some(body) = recorded.body::<messages::model::groups::GroupAccessChanged>() {
        let event = messages::graphql::GroupAccessChanged::new(cursor, &body?);
        return Ok(event.map(Event::GroupAccessChanged));
    }
    if let Some(body) = recorded.body::<messages::model::live::ConversationStateChanged>() {
        let event = messages::graphql::ConversationStateChanged::load(ctx, cursor, body?.conversation).await?;
        return Ok(event.map(Event::ConversationStateChanged));
    }
    // Among a person's own topics it tells of their own reading.
    if let Some(body) = recorded.body::<messages::model::live::ParticipantChanged>() {
        let event = messages::graphql::ConversationStateChanged::load(ctx, cursor, body?.conversation).await?;
        return Ok(event.map(Event::ConversationStateChanged));
    }
    if let Some(body) = recorded.body::<orders::model::OrderChanged>() {
        let event = orders::graphql::OrderChanged::load(ctx.loader(), cursor, &body?).await?;
        return Ok(event.map(Event::OrderChanged));
    }
    if let Some(body) = recorded.body::<inventory::model::StockLow>() {
        let event = inventory::graphql::StockLow::load(ctx.loader(), cursor, &body?).await?;
        return Ok(event.map(Event::StockLow));
    }
    if let Some(body) = recorded.body::<porting::model::ProductImportChanged>() {
        let event = porting::graphql::ProductImportChanged::load(ctx.loader(), cursor, &body?).await?;
        return Ok(event.map(Event::ProductImportChanged));
    }
    Ok(None)
}

fn parse(cursor: Option<&str>) -> WireResult<Option<Cursor>> {
    cursor.map(str::parse).transpose().map_err(|_| Failure::BadUserInput("this is no cursor of events".into()).into())
}

/// Products of one stream at the most: what fits on a screen, and then some.
const MAXIMUM_WATCHED: usize = 100;

/// What nothing ever happens to: whoever listens to nothing else waits.
const NOBODYS_TOPIC: Uuid = Uuid::nil();

/// What this execution tells of as a stream's own kind of event; nothing when the stream begins, and of what `event` leaves out.
fn told<'ctx, E, F>(
    happened: Option<&'ctx Happened>,
    event: impl Fn(Cursor, &'ctx Recorded) -> F + Send + 'ctx,
) -> impl Stream<Item = WireResult<E>> + 'ctx
where
    E: From<Heartbeat> + From<Gap> + Send + 'ctx,
    F: Future<Output = WireResult<Option<E>>> + Send + 'ctx,
{
    stream::iter(happened).filter_map(move |Happened(delivery)| match delivery {
        Err(error) => Either::Left(ready(Some(Err(error.clone())))),
        Ok(Delivery::Heartbeat(cursor)) => {
            Either::Left(ready(Some(Ok(Heartbeat { cursor: cursor.to_string() }.into()))))
        }
        Ok(Delivery::Gap(cursor)) => Either::Left(ready(Some(Ok(Gap { resume_cursor: cursor.to_string() }.into())))),
        Ok(Delivery::Passing(_)) => Either::Left(ready(None)),
        Ok(Delivery::Event(cursor, recorded)) => Either::Right(event(*cursor, recorded).map(Result::transpose)),
    })
}

/// What is told as it happens, over WebSocket or server-sent events.
pub struct Subscription;

/// What is told as it happens, over WebSocket or server-sent events.
#[async_graphql::Subscription]
impl Subscription {
    /// Everything that concerns you: what you missed since `after`, then what happens. Cursors rise strictly, so drop what
    /// is not newer than what you have seen, and each event is seen once. Begins with a `Heartbeat` or a `Gap` when there
    /// is nothing to catch up with.
    #[graphql(guard = "SignedInOnly")]
    async fn events<'ctx>(
        &self,
        ctx: &'ctx Context<'_>,
        #[graphql(
            desc = "The last cursor that you have seen; without it the stream begins now. A newer `resumeAfter` of the connection, or `Last-Event-ID` of the request, goes before it."
        )]
        after: Option<String>,
    ) -> Result<impl Stream<Item = Result<Event, WireError>> + 'ctx, WireError> {
        let happened = ctx.data_opt::<Happened>();
        if happened.is_none() {
            // Before what the person may hear of is looked up, so that no change of it falls in between.
            let since = ctx.app().hub.cursor();
            let topics = topics(ctx, ctx.caller()).await?;
            open_for(ctx, oneself(ctx.caller())?, topics, (after.as_deref(), since))?;
        }
        Ok(told(happened, move |cursor, recorded| event(ctx, cursor, recorded)))
    }

    /// What happens to products that are on a screen: their price, stock, status or what is said of them. First comes what you
    /// missed since `after`. Begins with a `Heartbeat` or a `Gap` when there is nothing to catch up with; what you read after
    /// that and the stream together miss nothing. Of products that you may not see nothing is told.
    async fn product_events<'ctx>(
        &self,
        ctx: &'ctx Context<'_>,
        #[graphql(desc = "Which products, 1 to 100.")] ids: Vec<Id<products::model::Product>>,
        #[graphql(
            desc = "The last cursor that you have seen; without it the stream begins now. A newer `resumeAfter` of the connection, or `Last-Event-ID` of the request, goes before it."
        )]
        after: Option<String>,
    ) -> Result<impl Stream<Item = Result<ProductEvent, WireError>> + 'ctx, WireError> {
        let happened = ctx.data_opt::<Happened>();
        if happened.is_none() {
            if !(1..=MAXIMUM_WATCHED).contains(&ids.len()) {
                return Err(Failure::BadUserInput(format!("`ids` are 1 to {MAXIMUM_WATCHED}")).into());
            }
            // Topics are ids of all kinds: of what is no product, nobody is to notice by this that it is there, or that anything happens to it.
            let known = products::service::which_exist(ctx.app(), ids).await?;
            let mut topics: Vec<_> = known.into_iter().map(Id::uuid).collect();
            if topics.is_empty() {
                topics.push(NOBODYS_TOPIC);
            }
            open(ctx, topics, after.as_deref())?;
        }
        Ok(told(happened, move |cursor, recorded| product_event(ctx, cursor, recorded)))
    }

    /// What happens to a cart, wherever it is changed: in another tab, on another device, or by an order. First comes what you missed since
    /// `after`. Begins with a `Heartbeat` or a `Gap` when there is nothing to catch up with. There has to be a cart: `createCart` opens
    /// one.
    async fn cart_events<'ctx>(
        &self,
        ctx: &'ctx Context<'_>,
        #[graphql(desc = "What opens a guest's cart; your own if absent.", secret)] token: Option<String>,
        #[graphql(
            desc = "The last cursor that you have seen; without it the stream begins now. A newer `resumeAfter` of the connection, or `Last-Event-ID` of the request, goes before it."
        )]
        after: Option<String>,
    ) -> Result<impl Stream<Item = Result<CartEvent, WireError>> + 'ctx, WireError> {
        let happened = ctx.data_opt::<Happened>();
        if happened.is_none() {
            let cart = carts::service::cart(ctx.app(), ctx.caller(), token.as_deref()).await?.map(|cart| cart.id);
            // Of one that is no more, whoever comes again hears so.
            let gone =
                token.filter(|_| after.is_some()).and_then(|token| carts::service::named(ctx.app(), &token).ok());
            let cart = cart.or(gone).ok_or_else(|| Failure::BadUserInput("there is no such cart".into()))?;
            open(ctx, vec![cart.uuid()], after.as_deref())?;
        }
        Ok(told(happened, |cursor, recorded| ready(cart_event(cursor, recorded))))
    }

    /// What happens in one conversation in which you take part: messages and what becomes of them, who takes part and how far they have
    /// read, and who is typing. First comes what you missed since `after`. Begins with a `Heartbeat` or a `Gap` when there is nothing to
    /// catch up with. `NOT_FOUND` for who takes no part, and at once for who does not any more: then it ends.
    #[graphql(guard = "SignedInOnly")]
    async fn conversation_events<'ctx>(
        &self,
        ctx: &'ctx Context<'_>,
        #[graphql(desc = "Which conversation.")] id: Id<messages::model::Conversation>,
        #[graphql(
            desc = "The last cursor that you have seen; without it the stream begins now. A newer `resumeAfter` of the connection, or `Last-Event-ID` of the request, goes before it."
        )]
        after: Option<String>,
    ) -> Result<impl Stream<Item = Result<ConversationEvent, WireError>> + 'ctx, WireError> {
        let happened = ctx.data_opt::<Happened>();
        if happened.is_none() {
            let since = ctx.app().hub.cursor();
            let reader = oneself(ctx.caller())?;
            conversations::stay(ctx, id).await?;
            open_for(ctx, reader, vec![id.uuid()], (after.as_deref(), since))?;
        }
        Ok(conversations::told(ctx, id, happened))
    }
}

/// The log's part of the viewer.
pub struct EventsViewer(pub Caller);

#[Object]
impl EventsViewer {
    /// The newest place in the log: take it together with what you show, and give it to `events` as `after`.
    async fn event_cursor(&self, ctx: &Context<'_>) -> WireResult<String> {
        let log = ctx.app().db.read(log_state).await?;
        Ok(Cursor { epoch: log.epoch, position: log.last_position }.to_string())
    }

    /// The same events as the subscription tells, oldest first, for a phone that just woke. A page may be empty though more
    /// follow: go on from `endCursor` while `hasNextPage`.
    async fn events(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 1 to 100.", default = 20)] first: i32,
        #[graphql(desc = "The last cursor that you have seen; without it, from the log's beginning.")] after: Option<
            String,
        >,
    ) -> WireResult<Connection<String, Event, EmptyFields, EmptyFields>> {
        if !(1..=MAXIMUM_SIZE).contains(&first) {
            return Err(Failure::BadUserInput(format!("`first` is from 1 to {MAXIMUM_SIZE}")).into());
        }
        let after = parse(after.as_deref())?;
        let topics = topics(ctx, &self.0).await?;
        let limit = i64::from(first);
        let (log, from, rows) = ctx
            .app()
            .db
            .read_long(move |conn| {
                let log = log_state(conn)?;
                let beginning = log.first_position - 1;
                let from = match after {
                    None => Some(beginning),
                    Some(cursor)
                        if cursor.epoch == log.epoch && (beginning..=log.last_position).contains(&cursor.position) =>
                    {
                        Some(cursor.position)
                    }
                    Some(_) => None,
                };
                let rows = match from {
                    Some(position) => by_topics(conn, &topics, position, log.last_position, limit + 1)?,
                    None => Vec::new(),
                };
                Ok::<_, Failure>((log, from, rows))
            })
            .await?;
        let at = |position| Cursor { epoch: log.epoch, position };
        let size = usize::try_from(limit).unwrap_or(usize::MAX);
        let mut connection = Connection::new(after.is_some(), rows.len() > size);
        if from.is_none() {
            let cursor = at(log.last_position).to_string();
            let gap = Event::Gap(Gap { resume_cursor: cursor.clone() });
            connection.edges.push(Edge::new(cursor, gap));
        }
        // All at once, so that the loaders read what they tell of in batches.
        let edges = try_join_all(rows.iter().take(size).map(async |recorded| {
            let cursor = at(recorded.position);
            let event = event(ctx, cursor, recorded).await?;
            Ok::<_, WireError>(event.map(|event| Edge::new(cursor.to_string(), event)))
        }))
        .await?;
        connection.edges.extend(edges.into_iter().flatten());
        Ok(connection)
    }
}
