//! Telling people that what they like costs less.

use crate::{
    kernel::{error::Failure, money::Money},
    notifications::{
        self,
        model::{Kind, News, Subject, SubjectKind, Topic},
    },
    platform::{app::App, caller::Caller, db::Conn, jobs::Planned},
    products::model::prices::BetterOffers,
    shops,
    users::{
        self,
        model::{Addressee, NotificationKind},
    },
    wishlists::{
        model::{PriceMail, told_at, told_from},
        queries,
    },
};

/// People who are told by one transaction.
const BATCH: usize = 100;

/// Has everybody told who likes a product that costs less by a twentieth or more than they know, each by a job of their own, which
/// reads the price when it runs. A price that goes up and comes down again is no news. Of what cannot be ordered nobody is told.
pub async fn tell_of_prices(app: &App, caller: &Caller, job: BetterOffers) -> Result<(), Failure> {
    let limit = i64::try_from(BATCH).map_err(Failure::internal)?;
    app.db
        .write(caller, move |tx| {
            let (products, mut after) = (&job.products, job.after);
            for (place, &product) in products.iter().enumerate() {
                let after = after.take();
                let Some(card) = queries::on_offer(tx.conn(), product)? else { continue };
                let people = queries::who_knows(tx.conn(), product, told_from(card.price_min), after, limit)?;
                let now = tx.now();
                let planned = people.iter().map(|&user| Planned {
                    body: PriceMail { product, user },
                    run_at: told_at(now, user),
                    unique_key: Some(format!("price:{}:{}", product.uuid(), user.uuid())),
                });
                tx.enqueue_planned(&planned.collect::<Vec<_>>())?;
                // The rest, and the products after it, are seen to by a job of their own: so no transaction grows large.
                if !people.is_empty() {
                    let is_whole = people.len() < BATCH;
                    let products = products.iter().skip(if is_whole { place + 1 } else { place }).copied().collect();
                    let after = people.last().copied().filter(|_| !is_whole);
                    return tx.enqueue(&BetterOffers { products, after });
                }
            }
            Ok(())
        })
        .await
}

/// Somebody who is told that what they like costs less.
pub struct ToTell {
    pub person: Addressee,
    pub shop: String,
    pub title: String,
    /// What it costs now.
    pub price: Money,
    /// What they know it to cost.
    pub known: Money,
    pub unsubscribe: String,
}

/// Who likes a product and is told that it costs less than they know; nobody if it does not any more, or cannot be ordered.
pub async fn admirer_to_tell(app: &App, caller: &Caller, job: PriceMail) -> Result<Option<ToTell>, Failure> {
    let (PriceMail { product, user }, kind) = (job, NotificationKind::Prices);
    let read = move |conn: &mut Conn| {
        let Some(card) = queries::on_offer(conn, product)? else { return Ok(None) };
        let known = queries::known_price(conn, user, product)?.filter(|known| *known >= told_from(card.price_min));
        let shop = shops::service::shops_by_ids(conn, &[card.shop_id])?.pop();
        Ok::<_, Failure>(known.zip(shop).map(|(known, shop)| (card, shop, known)))
    };
    let Some((card, shop, known)) = app.db.read(read).await? else { return Ok(None) };
    let subject = Subject { kind: SubjectKind::Product, id: product.uuid() };
    let news = News { user, kind: Kind::Prices, topic: Topic::PriceDropped, subject, source: product.uuid() };
    let person = notifications::service::tell(app, caller, news, job).await?;
    let unsubscribe = users::service::unsubscribe_url(app, user, kind);
    Ok(person.map(|person| ToTell {
        person,
        shop: shop.name,
        price: Money::new(card.price_min, card.currency),
        known: Money::new(known, card.currency),
        title: card.title,
        unsubscribe,
    }))
}

/// Notes that somebody has been told what a product costs: not before they were, so that nothing keeps them from hearing of it.
pub async fn note_told(app: &App, caller: &Caller, job: PriceMail, price: Money) -> Result<(), Failure> {
    app.db.write(caller, move |tx| queries::note_price(tx, job.user, job.product, price.minor)).await
}
