//! What is sent along with messages, in Postgres.

use diesel::{
    BoolExpressionMethods, ExpressionMethods, Insertable, JoinOnDsl, NullableExpressionMethods, OptionalExtension,
    QueryDsl, RunQueryDsl, SelectableHelper,
    dsl::exists,
    pg::Pg,
    sql_types::{Integer, Record, Uuid as SqlUuid},
};
use uuid::Uuid;

use crate::{
    kernel::{
        error::Failure,
        id::Id,
        page::{Page, Slice},
        tsvector::Document,
    },
    media::model::{Medium, Upload},
    messages::model::{
        Conversation, Message,
        attachments::{AttachmentRow, Place},
    },
    platform::db::{Conn, Tx},
    products::model::Product,
    schema::{media, message_attachments, messages, order_parts, orders, participants, uploads},
    users::model::User,
};

/// What is sent along, as its row has it: one of them is there.
#[derive(Debug, Default)]
pub struct Attached<'a> {
    pub medium: Option<Id<Medium>>,
    pub upload: Option<Id<Upload>>,
    pub product: Option<Id<Product>>,
    pub part: Option<Uuid>,
    pub name: Option<&'a str>,
    pub place: Option<&'a Place>,
}

#[derive(Insertable)]
#[diesel(table_name = message_attachments)]
struct NewAttachment<'a> {
    message_id: Id<Message>,
    ordinal: i32,
    media_id: Option<Id<Medium>>,
    upload_id: Option<Id<Upload>>,
    product_id: Option<Id<Product>>,
    part_id: Option<Uuid>,
    name: Option<&'a str>,
    latitude: Option<f64>,
    longitude: Option<f64>,
}

/// Attaches to a message that was just sent.
pub fn insert_attachments(tx: &mut Tx<'_>, message_id: Id<Message>, attached: &[Attached<'_>]) -> Result<(), Failure> {
    if attached.is_empty() {
        return Ok(());
    }
    let rows = (0..).zip(attached).map(|(ordinal, one)| NewAttachment {
        message_id,
        ordinal,
        media_id: one.medium,
        upload_id: one.upload,
        product_id: one.product,
        part_id: one.part,
        name: one.name,
        latitude: one.place.map(|place| place.latitude),
        longitude: one.place.map(|place| place.longitude),
    });
    diesel::insert_into(message_attachments::table).values(rows.collect::<Vec<_>>()).execute(tx.conn())?;
    Ok(())
}

/// What was sent along, with the image or the file that it is.
pub type WithWhat = (AttachmentRow, Option<Medium>, Option<Upload>);

/// What was sent along with messages, each one's first thing first, and the pictures and files themselves.
pub fn attachments_of(conn: &mut Conn, ids: &[Id<Message>]) -> Result<Vec<WithWhat>, Failure> {
    Ok(message_attachments::table
        .left_join(media::table.on(media::id.nullable().eq(message_attachments::media_id)))
        .left_join(uploads::table.on(uploads::id.nullable().eq(message_attachments::upload_id)))
        .filter(message_attachments::message_id.eq_any(ids))
        .order((message_attachments::message_id, message_attachments::ordinal))
        .select((AttachmentRow::as_select(), Option::<Medium>::as_select(), Option::<Upload>::as_select()))
        .load(conn)?)
}

/// Whether a picture stands in a message which is neither taken back nor hidden.
pub fn shows_picture(conn: &mut Conn, id: Id<Medium>) -> Result<bool, Failure> {
    let attached = message_attachments::table
        .inner_join(messages::table.on(messages::id.eq(message_attachments::message_id)))
        .filter(message_attachments::media_id.eq(id))
        .filter(messages::text.is_not_null());
    Ok(diesel::select(exists(attached)).get_result(conn)?)
}

/// A file that stands in a message which is neither taken back nor hidden, and what it is called there.
pub fn file(conn: &mut Conn, id: Id<Upload>) -> Result<Option<(Upload, Option<String>)>, Failure> {
    let attached = message_attachments::table
        .inner_join(uploads::table.on(uploads::id.nullable().eq(message_attachments::upload_id)))
        .inner_join(messages::table.on(messages::id.eq(message_attachments::message_id)))
        .filter(message_attachments::upload_id.eq(id))
        .filter(messages::text.is_not_null());
    Ok(attached.select((Upload::as_select(), message_attachments::name)).first(conn).optional()?)
}

/// Whether a part of an order may be shown in a conversation: it is about the part, or with the part's shop and the order's buyer.
pub fn may_show_part(conn: &mut Conn, conversation: &Conversation, part: Uuid) -> Result<bool, Failure> {
    let people = participants::table
        .filter(participants::conversation_id.eq(conversation.id))
        .filter(participants::is_member)
        .select(participants::user_id.nullable());
    let is_theirs = order_parts::shop_id.nullable().eq(conversation.shop_id).and(orders::buyer_id.eq_any(people));
    let shown = order_parts::table
        .inner_join(orders::table.on(orders::id.eq(order_parts::order_id)))
        .filter(order_parts::id.eq(part))
        .filter(order_parts::conversation_id.eq(conversation.id).or(is_theirs));
    Ok(diesel::select(exists(shown)).get_result(conn)?)
}

/// The image or the file that something referred to.
pub type Referred = (Option<Id<Medium>>, Option<Id<Upload>>);

/// Takes away what was sent along with messages, and says which pictures and files that were.
pub fn delete_attachments(tx: &mut Tx<'_>, ids: &[Id<Message>]) -> Result<Vec<Referred>, Failure> {
    let rows = message_attachments::table.filter(message_attachments::message_id.eq_any(ids));
    let gone = diesel::delete(rows).returning((message_attachments::media_id, message_attachments::upload_id));
    Ok(gone.get_results(tx.conn())?)
}

/// The messages of an author with which something was sent along, locked in the order of their ids.
pub fn lock_messages_with(tx: &mut Tx<'_>, author: Id<User>) -> Result<Vec<Id<Message>>, Failure> {
    let attached = message_attachments::table.filter(message_attachments::message_id.eq(messages::id));
    let own = messages::table.filter(messages::author_id.eq(author)).filter(exists(attached));
    Ok(own.order(messages::id).select(messages::id).for_no_key_update().load(tx.conn())?)
}

/// Takes those messages back that held nothing but what was sent along.
pub fn set_empty_deleted(tx: &mut Tx<'_>, ids: &[Id<Message>]) -> Result<(), Failure> {
    let now = tx.now();
    let empty = messages::table.filter(messages::id.eq_any(ids)).filter(messages::text.eq(""));
    diesel::update(empty)
        .set((
            messages::text.eq(None::<String>),
            messages::words.eq(None::<Document>),
            messages::deleted_at.eq(now),
            messages::version.eq(messages::version + 1),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// A page of what somebody sent along, message by message.
pub fn attachments_by(
    conn: &mut Conn,
    author: Id<User>,
    page: &Page<(Id<Message>, i32)>,
) -> Result<Slice<(AttachmentRow, i32)>, Failure> {
    let query = message_attachments::table
        .inner_join(messages::table.on(messages::id.eq(message_attachments::message_id)))
        .filter(messages::author_id.eq(author))
        .order((message_attachments::message_id, message_attachments::ordinal))
        .limit(page.fetch_limit())
        .select((AttachmentRow::as_select(), message_attachments::ordinal))
        .into_boxed::<Pg>();
    let key = diesel::IntoSql::into_sql::<Record<(SqlUuid, Integer)>>((
        message_attachments::message_id,
        message_attachments::ordinal,
    ));
    let query = match page.from {
        Some(last) => query.filter(key.gt(last)),
        None => query,
    };
    Ok(page.slice(query.load(conn)?))
}
