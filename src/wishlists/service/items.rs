//! What is on wish lists.

use super::lock;
use crate::{
    kernel::{
        error::Failure,
        id::Id,
        page::{Page, Slice},
        text::{self, TextError},
    },
    platform::{app::App, caller::Caller, db::Tx},
    users::model::{User, signed_in},
    wishlists::{
        error::WishListError,
        model::{Audience, Item, MAXIMUM_QUANTITY, TimeKey, Wish, WishList},
        queries::{self, NewItem},
    },
};

/// Puts something on a list of the caller's; what is there already gets the quantity and the note.
pub async fn add_to_wish_list(
    app: &App,
    caller: &Caller,
    list: Id<WishList>,
    wish: Wish,
) -> Result<Id<WishList>, WishListError> {
    let owner = signed_in(caller)?;
    if !(1..=MAXIMUM_QUANTITY).contains(&wish.quantity) {
        return Err(WishListError::Quantity);
    }
    let note = match text::paragraph(&wish.note, 500) {
        Err(TextError::Blank) => String::new(),
        checked => checked.map_err(|error| WishListError::Text { field: "note".into(), error })?,
    };
    let wish = Wish { note, ..wish };
    app.db.write(caller, move |tx| add_wish(tx, owner, list, &wish)).await
}

/// A step: puts something on a list. The note is taken as it is.
///
/// # Errors
/// If there is no such list of the person's, or they do not see the product.
pub fn add_wish(
    tx: &mut Tx<'_>,
    owner: Id<User>,
    list: Id<WishList>,
    wish: &Wish,
) -> Result<Id<WishList>, WishListError> {
    lock(tx, owner, list)?;
    let Wish { product, variant, quantity, ref note } = *wish;
    if queries::price_seen_by(tx.conn(), owner, product)?.is_none() {
        return Err(WishListError::not_found("productId"));
    }
    if let Some(variant) = variant
        && !queries::has_variant(tx.conn(), product, variant)?
    {
        return Err(WishListError::OfAnother { field: "variantId".into() });
    }
    if let Some(item) = queries::item_about(tx.conn(), list, product, variant)? {
        queries::set_item(tx, item, quantity, note)?;
    } else {
        if queries::is_full(tx.conn(), list)? {
            return Err(WishListError::TooMany);
        }
        let (id, created_at) = (tx.new_id(), tx.now());
        let (product_id, variant_id) = (product, variant);
        queries::insert_item(
            tx,
            &NewItem { id, wish_list_id: list, product_id, variant_id, quantity, note, created_at },
        )?;
    }
    queries::set_touched(tx, list)?;
    Ok(list)
}

/// Takes something from a list of the caller's.
pub async fn remove_from_wish_list(app: &App, caller: &Caller, item: Id<Item>) -> Result<Id<WishList>, WishListError> {
    let owner = signed_in(caller)?;
    app.db
        .write(caller, move |tx| {
            let list = queries::list_of_item(tx.conn(), owner, item)?;
            let list = list.ok_or_else(|| WishListError::not_found("itemId"))?;
            lock(tx, owner, list)?;
            queries::delete_item(tx, item)?;
            queries::set_touched(tx, list)?;
            Ok(list)
        })
        .await
}

/// A page of what is on a list that the caller was shown, the last one first.
pub async fn items(
    app: &App,
    list: Id<WishList>,
    audience: Audience,
    page: Page<TimeKey>,
) -> Result<Slice<Item>, Failure> {
    app.db.read(move |conn| queries::items(conn, list, audience, &page)).await
}

/// How much is on a list.
pub async fn count_items(app: &App, list: Id<WishList>, audience: Audience) -> Result<i64, Failure> {
    app.db.read(move |conn| queries::count_items(conn, list, audience)).await
}
