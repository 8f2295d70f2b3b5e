//! What people said of what they bought: told to them, and erased with them. The stars stay, or what others are told of a product
//! would change with each account that goes; they say nothing of a person.

use serde_json::json;

use crate::{
    kernel::{error::Failure, id::Id},
    media,
    platform::db::{Conn, Tx},
    reviews::{
        model::{Report, Review},
        queries,
    },
    users::model::{Bookmark, Chapter, Told, User},
};

/// The chapters of this domain.
pub const CHAPTERS: &[Chapter] =
    &[Chapter { name: "reviews", read: reviews }, Chapter { name: "reported-reviews", read: reports }];

fn reviews(conn: &mut Conn, user: Id<User>, from: Option<Bookmark>) -> Result<Told, Failure> {
    Told::page(
        from,
        |page| {
            let slice = queries::by_author(conn, user, page)?;
            let ids: Vec<_> = slice.items.iter().map(|review| review.id).collect();
            let photos = queries::photos(conn, &ids)?;
            Ok(slice.map(|review| {
                let own = photos.iter().filter(|(id, _)| *id == review.id);
                let photos: Vec<_> = own.map(|(_, medium)| medium.id).collect();
                (review, photos)
            }))
        },
        |(review, _): &(Review, _)| (review.created_at, review.id.uuid()),
        |(review, photos)| {
            json!({
                "id": review.id,
                "product": review.product_id,
                "variant": review.variant_id,
                "rating": review.rating,
                "title": review.title,
                "text": review.text,
                "photos": photos,
                "createdAt": review.created_at,
                "editedAt": review.edited_at,
                "reply": review.reply,
                "hiddenReason": review.hidden_reason,
            })
        },
    )
}

fn reports(conn: &mut Conn, user: Id<User>, from: Option<Bookmark>) -> Result<Told, Failure> {
    let tell = |report: Report| {
        let (review, reason, note) = (report.review_id, report.reason.as_str(), report.note);
        json!({"review": review, "reason": reason, "note": note, "createdAt": report.created_at})
    };
    let key = |report: &Report| (report.created_at, report.review_id.uuid());
    Told::page(from, |page| queries::reports_by(conn, user, page), key, tell)
}

/// A step: of what somebody said of what they bought the stars stay, without a word and a photo of theirs, and without the answers.
/// It comes before their files go.
///
/// # Errors
/// If the database fails.
pub fn erase(tx: &mut Tx<'_>, user: Id<User>) -> Result<(), Failure> {
    queries::clear_notes(tx, user)?;
    let reviews = queries::clear_words(tx, user)?;
    queries::delete_reports(tx, &reviews)?;
    let mut photos = queries::photo_ids(tx.conn(), &reviews)?;
    queries::delete_photos(tx, &reviews)?;
    photos.sort_unstable();
    for photo in photos {
        media::service::release(tx, photo)?;
    }
    Ok(())
}
