//! Telling whoever looks at a product that it has changed.

use crate::{
    kernel::{error::Failure, id::Id},
    platform::{app::App, db::Tx},
    products::{
        model::{Product, ProductAspect, ProductChanged, ProductStatus, prices::BetterOffers},
        queries,
    },
};

/// A change of a product that is locked.
pub(super) struct Change<'a> {
    pub product: &'a Product,
    /// Its status before.
    pub was: ProductStatus,
    pub aspects: &'a [ProductAspect],
}

/// Those of the ids that are products', whoever may see these: of nothing else is one told by them.
///
/// # Errors
/// If the database fails.
pub async fn which_exist(app: &App, ids: Vec<Id<Product>>) -> Result<Vec<Id<Product>>, Failure> {
    app.db.read(move |conn| queries::which_exist(conn, &ids)).await
}

/// A step: tells that some aspects of a locked product have changed, and its status if it has.
pub(super) fn tell(
    tx: &mut Tx<'_>,
    product: &Product,
    was: ProductStatus,
    aspects: &[ProductAspect],
) -> Result<(), Failure> {
    tell_all(tx, std::iter::once(Change { product, was, aspects }))
}

/// Products of one job.
const OFFERS: usize = 50;

/// A step: has those told who like products that cost less, or can be had again.
pub fn offer(tx: &mut Tx<'_>, products: &[Id<Product>]) -> Result<(), Failure> {
    tx.enqueue_all(products.chunks(OFFERS).map(|some| BetterOffers { products: some.into(), after: None }))
}

/// As [`tell`], of several products. A change of nothing is left out.
pub(super) fn tell_all<'a>(tx: &mut Tx<'_>, changes: impl Iterator<Item = Change<'a>>) -> Result<(), Failure> {
    let is_active = |status| status == ProductStatus::Active;
    let mut published = Vec::new();
    let changes = changes.inspect(|change| {
        let status = change.product.card.status;
        published.extend((is_active(status) && !is_active(change.was)).then_some(change.product.card.id));
    });
    let event = |Change { product, was, aspects }: Change<'_>| {
        let status = product.card.status;
        let mut aspects = aspects.to_vec();
        aspects.extend((status != was).then_some(ProductAspect::Status));
        aspects.sort_unstable();
        aspects.dedup();
        let is_public = is_active(was) || is_active(status);
        (!aspects.is_empty()).then(|| ProductChanged { product: product.card.id.uuid(), aspects, is_public })
    };
    let events: Vec<_> = changes.filter_map(event).collect();
    emit(tx, &events)?;
    offer(tx, &published)
}

/// A step: tells that the stock of products has changed, as far as buyers are told of it.
pub fn tell_of_stock(tx: &mut Tx<'_>, products: &[Id<Product>]) -> Result<(), Failure> {
    let event = |id: &Id<Product>| ProductChanged {
        product: id.uuid(),
        aspects: vec![ProductAspect::Stock],
        // Whoever sees the product hears of it: that of a draft is nobody else's.
        is_public: false,
    };
    emit(tx, &products.iter().map(event).collect::<Vec<_>>())
}

fn emit(tx: &mut Tx<'_>, events: &[ProductChanged]) -> Result<(), Failure> {
    let topics: Vec<_> = events.iter().map(|event| [event.product]).collect();
    let told: Vec<_> = events.iter().zip(&topics).map(|(event, topics)| (event, topics.as_slice())).collect();
    tx.emit_all(&told)
}
