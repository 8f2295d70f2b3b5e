//! What shops answer to reviews.

use crate::{
    kernel::{id::Id, text},
    platform::{app::App, caller::Caller, db::Tx},
    products::model::ProductStatus,
    reviews::{error::ReviewError, model::Review, policy, queries},
    users::model::{User, oneself},
};

/// Characters of a reply at the most.
const MAXIMUM_REPLY: usize = 2_000;

/// Answers a review for its shop, or changes the answer.
pub async fn reply_to_review(
    app: &App,
    caller: &Caller,
    id: Id<Review>,
    given: &str,
) -> Result<Id<Review>, ReviewError> {
    let user = oneself(caller)?;
    let text = text::paragraph(given, MAXIMUM_REPLY);
    let text = text.map_err(|error| ReviewError::Text { field: "text".into(), error })?;
    app.db.write(caller, move |tx| add_reply(tx, user, id, &text)).await
}

/// A step: somebody answers a review for its shop. The text is taken as it is.
///
/// # Errors
/// If they may not, or there is no such review that can be seen.
pub fn add_reply(tx: &mut Tx<'_>, user: Id<User>, id: Id<Review>, text: &str) -> Result<Id<Review>, ReviewError> {
    permit(tx, user, id)?;
    if queries::set_reply(tx, id, Some(text))? { Ok(id) } else { Err(ReviewError::not_found("reviewId")) }
}

/// Takes the answer of a shop back, if there is one.
pub async fn withdraw_reply(app: &App, caller: &Caller, id: Id<Review>) -> Result<Id<Review>, ReviewError> {
    let user = oneself(caller)?;
    app.db
        .write(caller, move |tx| {
            permit(tx, user, id)?;
            if queries::set_reply(tx, id, None)? { Ok(id) } else { Err(ReviewError::not_found("reviewId")) }
        })
        .await
}

/// Lets somebody answer a review.
fn permit(tx: &mut Tx<'_>, user: Id<User>, id: Id<Review>) -> Result<(), ReviewError> {
    let found = queries::by_ids(tx.conn(), Some(user), &[id])?.pop();
    match found.filter(|(review, ..)| !review.is_hidden()) {
        Some((_, _, Some(role))) if policy::answers(role) => Ok(()),
        // They see it, so they learn nothing by this.
        Some((_, status, role)) if status == ProductStatus::Active || role.is_some() => Err(ReviewError::NotPermitted),
        _ => Err(ReviewError::not_found("reviewId")),
    }
}
