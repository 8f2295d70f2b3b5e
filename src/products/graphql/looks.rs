//! What selections of products ask for.

use async_graphql::Lookahead;

use crate::products::model::With;

/// Fields of a product that are in its [`Details`](crate::products::model::Details).
const DETAILS: [&str; 12] = [
    "brand",
    "category",
    "description",
    "options",
    "kind",
    "publishAt",
    "rating",
    "tags",
    "taxClass",
    "unpublishAt",
    "updatedAt",
    "version",
];

/// As [`DETAILS`], of what is `localized`.
const LOCALIZED: [&str; 2] = ["description", "options"];

/// What selections of a product ask for besides its card.
pub(super) fn with(products: &[Lookahead<'_>]) -> With {
    let asks_for = |field: &str| products.iter().any(|product| product.field(field).exists());
    let reads = |field: &str| products.iter().any(|product| product.field("localized").field(field).exists());
    With { details: DETAILS.into_iter().any(asks_for) || LOCALIZED.into_iter().any(reads), shop: asks_for("shop") }
}
