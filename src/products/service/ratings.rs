//! How people rate what is sold: steps of the reviews.

use crate::{
    kernel::{error::Failure, id::Id},
    platform::db::Tx,
    products::{
        model::{
            Product,
            rating::{RatingChange, Ratings},
        },
        queries::{self, ratings},
    },
};

/// A step: locks a product's row, which stands for its reviews too; whoever may see it.
pub fn lock_product(tx: &mut Tx<'_>, id: Id<Product>) -> Result<Option<Product>, Failure> {
    queries::lock_product(tx, id)
}

/// A step: counts stars of a product that was just locked, and of its shop, as given or taken back. It is neither a change of the
/// product's version nor of the time at which it was changed.
pub fn count_rating(tx: &mut Tx<'_>, product: &Product, change: RatingChange) -> Result<(), Failure> {
    ratings::set(tx, product.card.id, &Ratings::of(&product.details.rating_counts).changed(change))?;
    ratings::change_of_shop(tx, product.card.shop_id, change)
}
