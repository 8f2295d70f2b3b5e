//! Uploads and media in Postgres.

use diesel::{
    BoolExpressionMethods, ExpressionMethods, Insertable, NullableExpressionMethods, OptionalExtension, QueryDsl,
    QueryableByName, RunQueryDsl, SelectableHelper,
    dsl::{count_star, not, sql},
    pg::Pg,
    sql_types::{BigInt, Bool, Timestamptz, Uuid as SqlUuid},
};
use uuid::Uuid;

use super::model::{Medium, MediumState, Upload, UploadPurpose};
use crate::{
    kernel::{
        error::Failure,
        id::Id,
        page::{Page, Slice},
    },
    newest_first_by_id,
    platform::{
        clock::Time,
        db::{Conn, Tx},
        images::Encoding,
    },
    schema::{media, uploads},
    users::model::User,
};

/// How many uploads of a person wait for their file.
pub fn count_open(conn: &mut Conn, user: Id<User>, now: Time) -> Result<i64, Failure> {
    // None that is open is older, so the index bounds what is read.
    Ok(uploads::table
        .filter(uploads::user_id.eq(user))
        .filter(uploads::created_at.gt(now - Upload::LIFETIME))
        .filter(uploads::media_id.is_null())
        .filter(uploads::file_id.is_null())
        .select(count_star())
        .first(conn)?)
}

/// How many bytes a person has announced since a time.
pub fn bytes_since(conn: &mut Conn, user: Id<User>, since: Time) -> Result<i64, Failure> {
    Ok(uploads::table
        .filter(uploads::user_id.eq(user))
        .filter(uploads::created_at.gt(since))
        .select(sql::<BigInt>("coalesce(sum(byte_size), 0)::bigint"))
        .first(conn)?)
}

/// How many bytes of a person's were kept since a time, without what the market took in itself.
pub fn kept_since(conn: &mut Conn, owner: Id<User>, since: Time) -> Result<i64, Failure> {
    Ok(media::table
        .filter(media::owner_id.eq(owner))
        .filter(media::created_at.gt(since))
        .filter(not(media::is_taken_in))
        .select(sql::<BigInt>("coalesce(sum(byte_size), 0)::bigint"))
        .first(conn)?)
}

#[derive(QueryableByName)]
struct Sum {
    #[diesel(sql_type = BigInt)]
    bytes: i64,
}

/// How many bytes of a person's are kept in all, without what the market took in itself; and of files that are no images how many may still come or
/// be kept. Each counts at least [`Upload::LEAST_COUNTED`].
pub fn kept_in_all(conn: &mut Conn, owner: Id<User>, now: Time) -> Result<i64, Failure> {
    let query = diesel::sql_query(
        "SELECT ((SELECT coalesce(sum(greatest(byte_size, $2)), 0) FROM media \
                   WHERE owner_id = $1 AND state <> 'DOOMED' AND NOT is_taken_in) \
               + (SELECT coalesce(sum(greatest(byte_size, $2)), 0) FROM uploads WHERE user_id = $1 AND is_kept) \
               + (SELECT coalesce(sum(greatest(byte_size, $2)), 0) FROM uploads \
                   WHERE user_id = $1 AND NOT is_kept AND created_at > $3 AND purpose IN ('IMPORT', 'MESSAGE_FILE') \
                     AND (file_id IS NOT NULL OR expires_at > $4)))::bigint AS bytes",
    );
    let sum: Sum = query
        .bind::<SqlUuid, _>(owner)
        .bind::<BigInt, _>(Upload::LEAST_COUNTED)
        .bind::<Timestamptz, _>(now - Upload::KEPT)
        // One that is just coming is still taken.
        .bind::<Timestamptz, _>(now - Upload::LIFETIME)
        .get_result(conn)?;
    Ok(sum.bytes)
}

/// How many bytes of images a person has announced that have not come yet. Each counts at least [`Upload::LEAST_COUNTED`].
pub fn images_to_come(conn: &mut Conn, user: Id<User>, now: Time) -> Result<i64, Failure> {
    let open = uploads::table
        .filter(uploads::user_id.eq(user))
        .filter(uploads::created_at.gt(now - Upload::LIFETIME))
        .filter(uploads::media_id.is_null())
        .filter(uploads::purpose.ne_all(UploadPurpose::FILES));
    let sizes: Vec<i64> = open.limit(Upload::MAXIMUM_OPEN).select(uploads::byte_size).load(conn)?;
    Ok(sizes.into_iter().map(|size| size.max(Upload::LEAST_COUNTED)).fold(0, i64::saturating_add))
}

#[derive(Insertable)]
#[diesel(table_name = uploads)]
pub struct NewUpload {
    pub id: Id<Upload>,
    pub user_id: Id<User>,
    pub purpose: UploadPurpose,
    pub byte_size: i64,
    pub expires_at: Time,
    pub created_at: Time,
}

pub fn insert_upload(tx: &mut Tx<'_>, upload: &NewUpload) -> Result<(), Failure> {
    diesel::insert_into(uploads::table).values(upload).execute(tx.conn())?;
    Ok(())
}

pub fn upload(conn: &mut Conn, id: Id<Upload>) -> Result<Option<Upload>, Failure> {
    Ok(uploads::table.find(id).select(Upload::as_select()).first(conn).optional()?)
}

pub fn lock_upload(tx: &mut Tx<'_>, id: Id<Upload>) -> Result<Option<Upload>, Failure> {
    Ok(uploads::table.find(id).select(Upload::as_select()).for_update().first(tx.conn()).optional()?)
}

/// A person's own upload.
pub fn own_upload(conn: &mut Conn, user: Id<User>, id: Id<Upload>) -> Result<Option<Upload>, Failure> {
    let row = uploads::table.find(id).filter(uploads::user_id.eq(user));
    Ok(row.select(Upload::as_select()).first(conn).optional()?)
}

/// Counts a file that was sent. False if there were as many as may be.
pub fn set_attempted(tx: &mut Tx<'_>, id: Id<Upload>) -> Result<bool, Failure> {
    let row = uploads::table.find(id).filter(uploads::attempts.lt(Upload::MAXIMUM_ATTEMPTS));
    Ok(diesel::update(row).set(uploads::attempts.eq(uploads::attempts + 1)).execute(tx.conn())? == 1)
}

pub fn set_uploaded(tx: &mut Tx<'_>, id: Id<Upload>, medium: Id<Medium>) -> Result<(), Failure> {
    diesel::update(uploads::table.find(id)).set(uploads::media_id.eq(medium)).execute(tx.conn())?;
    Ok(())
}

/// Says under which name the file of an upload is kept, and what it is.
pub fn set_file(tx: &mut Tx<'_>, id: Id<Upload>, file: Uuid, content_type: &str) -> Result<(), Failure> {
    let columns = (uploads::file_id.eq(file), uploads::content_type.eq(content_type));
    diesel::update(uploads::table.find(id)).set(columns).execute(tx.conn())?;
    Ok(())
}

/// Keeps the file of an upload that nobody keeps yet and that was asked for after a time. False if there is no such one.
pub fn set_kept(tx: &mut Tx<'_>, id: Id<Upload>, after: Time) -> Result<bool, Failure> {
    let loose = uploads::table.find(id).filter(not(uploads::is_kept)).filter(uploads::file_id.is_not_null());
    let row = loose.filter(uploads::created_at.gt(after));
    Ok(diesel::update(row).set(uploads::is_kept.eq(true)).execute(tx.conn())? == 1)
}

/// Keeps files no longer.
pub fn set_kept_no_more(tx: &mut Tx<'_>, ids: &[Id<Upload>]) -> Result<(), Failure> {
    diesel::update(uploads::table.filter(uploads::id.eq_any(ids)))
        .set(uploads::is_kept.eq(false))
        .execute(tx.conn())?;
    Ok(())
}

/// At most `limit` of a person's files that somebody refers to, in the order of their ids; after another one if it is given.
pub fn kept_of(
    conn: &mut Conn,
    owner: Id<User>,
    after: Option<Id<Upload>>,
    limit: i64,
) -> Result<Vec<Upload>, Failure> {
    let own = uploads::table.filter(uploads::user_id.eq(owner)).filter(uploads::is_kept);
    let mut own = own.select(Upload::as_select()).into_boxed::<Pg>();
    if let Some(after) = after {
        own = own.filter(uploads::id.gt(after));
    }
    Ok(own.order(uploads::id).limit(limit).load(conn)?)
}

/// At most `limit` uploads from before a time for files that are no images and that nobody keeps, whether one came or not, the oldest
/// first; after another one if it is given.
pub fn files_over(
    conn: &mut Conn,
    before: Time,
    after: Option<(Time, Id<Upload>)>,
    limit: i64,
) -> Result<Vec<(Time, Id<Upload>)>, Failure> {
    let over = uploads::table.filter(uploads::created_at.le(before)).filter(not(uploads::is_kept));
    let over = over.filter(uploads::purpose.eq_any(UploadPurpose::FILES));
    let mut over = over.select((uploads::created_at, uploads::id)).into_boxed();
    if let Some((time, id)) = after {
        let beside = uploads::created_at.eq(time).and(uploads::id.gt(id));
        over = over.filter(uploads::created_at.gt(time).or(beside));
    }
    Ok(over.order((uploads::created_at, uploads::id)).limit(limit).load(conn)?)
}

pub fn delete_uploads_by_ids(tx: &mut Tx<'_>, ids: &[Id<Upload>]) -> Result<(), Failure> {
    diesel::delete(uploads::table.filter(uploads::id.eq_any(ids))).execute(tx.conn())?;
    Ok(())
}

#[derive(Insertable)]
#[diesel(table_name = media)]
pub struct NewMedium<'a> {
    pub id: Id<Medium>,
    pub owner_id: Id<User>,
    pub state: MediumState,
    pub encoding: Encoding,
    pub byte_size: i64,
    pub checksum: &'a [u8],
    pub width: i32,
    pub height: i32,
    pub placeholder: &'a [u8],
    pub unreferenced_at: Time,
    pub created_at: Time,
    pub is_private: bool,
    pub is_taken_in: bool,
}

pub fn insert_medium(tx: &mut Tx<'_>, medium: &NewMedium<'_>) -> Result<(), Failure> {
    diesel::insert_into(media::table).values(medium).execute(tx.conn())?;
    Ok(())
}

/// Says that a file is there. False if it was given up meanwhile.
pub fn set_ready(tx: &mut Tx<'_>, id: Id<Medium>) -> Result<bool, Failure> {
    let row = media::table.find(id).filter(media::state.eq(MediumState::Writing));
    Ok(diesel::update(row).set(media::state.eq(MediumState::Ready)).execute(tx.conn())? == 1)
}

/// Gives a medium up. Nothing to do if the sweep was faster.
pub fn set_doomed(tx: &mut Tx<'_>, id: Id<Medium>, now: Time) -> Result<(), Failure> {
    let row = media::table.find(id).filter(media::reference_count.eq(0)).filter(media::doomed_at.is_null());
    diesel::update(row).set((media::state.eq(MediumState::Doomed), media::doomed_at.eq(now))).execute(tx.conn())?;
    Ok(())
}

/// One more refers to a medium. False if its file is not there for good.
pub fn set_referred(tx: &mut Tx<'_>, id: Id<Medium>) -> Result<bool, Failure> {
    let row = media::table.find(id).filter(media::state.eq(MediumState::Ready));
    let changes = (media::reference_count.eq(media::reference_count + 1), media::unreferenced_at.eq(None::<Time>));
    Ok(diesel::update(row).set(changes).execute(tx.conn())? == 1)
}

/// One less refers to a medium. False if nobody did.
pub fn set_released(tx: &mut Tx<'_>, id: Id<Medium>, now: Time) -> Result<bool, Failure> {
    let released = diesel::sql_query(
        "UPDATE media SET reference_count = reference_count - 1, \
                unreferenced_at = CASE WHEN reference_count = 1 THEN $2 END WHERE id = $1 AND reference_count > 0",
    )
    .bind::<SqlUuid, _>(id)
    .bind::<Timestamptz, _>(now)
    .execute(tx.conn())?;
    Ok(released == 1)
}

/// Media whose files are there and everybody's.
pub fn by_ids(conn: &mut Conn, ids: &[Id<Medium>]) -> Result<Vec<Medium>, Failure> {
    let rows = media::table.filter(media::id.eq_any(ids)).filter(media::state.eq(MediumState::Ready));
    Ok(rows.filter(not(media::is_private)).select(Medium::as_select()).load(conn)?)
}

/// A private medium whose file is there and to which somebody refers.
pub fn private_by_id(conn: &mut Conn, id: Id<Medium>) -> Result<Option<Medium>, Failure> {
    let row = media::table.find(id).filter(media::is_private).filter(media::reference_count.gt(0));
    Ok(row.select(Medium::as_select()).first(conn).optional()?)
}

/// Dooms at most `limit` media to which nobody has referred since a time. Returns how many.
pub fn doom_unreferenced(tx: &mut Tx<'_>, since: Time, now: Time, limit: i64) -> Result<usize, Failure> {
    // Whoever begins to refer to one just now has its row, and keeps it.
    Ok(diesel::sql_query(
        "UPDATE media SET state = 'DOOMED', doomed_at = $2 WHERE id IN \
         (SELECT id FROM media WHERE reference_count = 0 AND state <> 'DOOMED' AND unreferenced_at < $1 \
          ORDER BY unreferenced_at LIMIT $3 FOR UPDATE SKIP LOCKED)",
    )
    .bind::<Timestamptz, _>(since)
    .bind::<Timestamptz, _>(now)
    .bind::<BigInt, _>(limit)
    .execute(tx.conn())?)
}

/// The media that were doomed first, and when, of which files are to be deleted: all that were not deleted yet, and once
/// more those that were doomed by `before`. At most `limit`, those after another one if it is given.
pub fn doomed(
    conn: &mut Conn,
    after: Option<(Time, Id<Medium>)>,
    before: Time,
    limit: i64,
) -> Result<Vec<(Id<Medium>, Time)>, Failure> {
    let mut rows = media::table
        .filter(sql::<Bool>("state = 'DOOMED'"))
        .filter(media::files_deleted_at.is_null().or(media::doomed_at.le(before).assume_not_null()))
        .into_boxed();
    if let Some((time, id)) = after {
        rows = rows.filter(
            sql::<Bool>("(doomed_at, id) > (").bind::<Timestamptz, _>(time).sql(", ").bind::<SqlUuid, _>(id).sql(")"),
        );
    }
    Ok(rows
        .order((media::doomed_at, media::id))
        .limit(limit)
        .select((media::id, media::doomed_at.assume_not_null()))
        .load(conn)?)
}

/// Says that the files of doomed media are deleted.
pub fn set_files_deleted(tx: &mut Tx<'_>, ids: &[Id<Medium>]) -> Result<(), Failure> {
    let now = tx.now();
    let rows = media::table.filter(media::id.eq_any(ids)).filter(media::state.eq(MediumState::Doomed));
    diesel::update(rows).set(media::files_deleted_at.eq(now)).execute(tx.conn())?;
    Ok(())
}

/// Deletes doomed media, and the uploads that they came by.
pub fn delete_media(tx: &mut Tx<'_>, ids: &[Id<Medium>]) -> Result<(), Failure> {
    diesel::delete(uploads::table.filter(uploads::media_id.eq_any(ids))).execute(tx.conn())?;
    let rows = media::table.filter(media::id.eq_any(ids)).filter(media::state.eq(MediumState::Doomed));
    diesel::delete(rows).execute(tx.conn())?;
    Ok(())
}

/// Deletes at most `limit` uploads of images from before a time. Returns how many.
pub fn delete_uploads(tx: &mut Tx<'_>, before: Time, limit: i64) -> Result<usize, Failure> {
    let old: Vec<Id<Upload>> = uploads::table
        .filter(uploads::created_at.lt(before))
        .filter(not(uploads::is_kept))
        .filter(uploads::purpose.ne_all(UploadPurpose::FILES))
        .order(uploads::created_at)
        .limit(limit)
        .select(uploads::id)
        .load(tx.conn())?;
    Ok(diesel::delete(uploads::table.filter(uploads::id.eq_any(old))).execute(tx.conn())?)
}

/// A page of a person's media whose files are there, newest first.
pub fn by_owner(conn: &mut Conn, owner: Id<User>, page: &Page<Id<Medium>>) -> Result<Slice<Medium>, Failure> {
    let own = media::table.filter(media::owner_id.eq(owner)).filter(media::state.eq(MediumState::Ready));
    let query = newest_first_by_id!(own.select(Medium::as_select()).into_boxed(), page, media::id);
    Ok(page.slice(query.load(conn)?))
}

/// Deletes a person's uploads, and dooms their media to which nobody refers. Uploads of other files are over at once: the next
/// sweep deletes them with their files.
pub fn doom_of(tx: &mut Tx<'_>, owner: Id<User>, now: Time) -> Result<(), Failure> {
    let own = uploads::table.filter(uploads::user_id.eq(owner));
    diesel::delete(own.filter(uploads::purpose.ne_all(UploadPurpose::FILES))).execute(tx.conn())?;
    let over = now - Upload::KEPT;
    diesel::update(own).set((uploads::created_at.eq(over), uploads::expires_at.eq(over))).execute(tx.conn())?;
    let loose = media::table.filter(media::owner_id.eq(owner)).filter(media::reference_count.eq(0));
    diesel::update(loose.filter(media::doomed_at.is_null()))
        .set((media::state.eq(MediumState::Doomed), media::doomed_at.eq(now)))
        .execute(tx.conn())?;
    Ok(())
}
