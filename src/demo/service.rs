//! Filling the demo market.

mod crowd;
mod face;
mod german;
mod homeware;
mod placing;
mod sent;
mod shelf;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use chrono::TimeDelta;

use self::shelf::Shelf;
use super::{
    error::DemoError,
    model::{
        DemoPerson, Filled, HEARTS, LIGHTS, ORDERS, PASSWORD_HASH, PEOPLE, PRICES, People, REVIEWS, SHOPS, TALKS,
        TAX_CLASSES, WISH_LIST, goods,
    },
    queries,
};
use crate::{
    kernel::{
        error::Failure,
        id::Id,
        money::{CurrencyCode, Money},
        place::CountryCode,
    },
    messages,
    platform::{
        app::App,
        caller::Caller,
        clock::{Clock, Generator, Time},
        db::Tx,
    },
    products::{
        self,
        model::prices::{AskedPrices, GivenPrice},
        service::VariantPrices,
    },
    recommendations,
    reviews::{self, model::WriteReview},
    shops::{
        self,
        model::{Shop, ShopRole},
        service::OpenShop,
    },
    users::{self, model::User},
    wishlists::{
        self,
        model::{CreateWishList, Visibility, Wish},
    },
};

const SEED: u64 = 2026;
/// When the market opened: 2026-09-01 08:00 UTC.
const OPENED: Time = Time::from_timestamp_nanos(1_788_249_600_000_000_000);
/// From one new product to the next.
const BETWEEN_PRODUCTS: TimeDelta = TimeDelta::hours(3);
const BETWEEN_ORDERS: TimeDelta = TimeDelta::hours(5 * 24 + 7);
const MOMENT: TimeDelta = TimeDelta::minutes(4);

/// Makes the demo market, unless it is there.
///
/// # Errors
/// [`DemoError::NotEmpty`] if other people are there; nothing has changed then.
pub async fn fill(app: &App) -> Result<Filled, DemoError> {
    match app.db.read(queries::people).await? {
        People::Demo => Ok(Filled::Before),
        People::Others => Err(DemoError::NotEmpty),
        People::Nobody => {
            let filled = app
                .db
                .write(&Caller::system(), |tx| {
                    queries::lock_people(tx)?;
                    match queries::people(tx.conn())? {
                        People::Demo => Ok(Filled::Before),
                        People::Others => Err(DemoError::NotEmpty),
                        People::Nobody => {
                            let (now, clock) = (tx.now(), Arc::new(Clock::Fixed(Mutex::new(OPENED))));
                            tx.under(&clock, Generator::from_seed(SEED), |tx| market(tx, &clock, now))?;
                            Ok(Filled::Now)
                        }
                    }
                })
                .await?;
            // The job that does this runs every ten minutes; who tries the market out would see nothing before.
            recommendations::service::refresh_trends(app, &Caller::system()).await?;
            Ok(filled)
        }
    }
}

fn market(tx: &mut Tx<'_>, clock: &Clock, now: Time) -> Result<(), DemoError> {
    let people = people(tx, &PEOPLE)?;
    let shops = shops(tx, &people)?;
    let goods = goods().map_err(DemoError::Goods)?;
    let shelf = shelf::fill(tx, &shops, &goods)?;
    let last = i32::try_from(goods.len()).map_err(Failure::internal)?;
    clock.advance(BETWEEN_PRODUCTS * last);
    for (number, order) in (1..).zip(&ORDERS) {
        clock.advance(BETWEEN_ORDERS);
        let id = placing::place(tx, clock, order, number, &people, &shelf)?;
        if number == sent::NUMBER {
            sent::send(tx, clock.now(), id, known(&people, "nora")?)?;
        }
    }
    for talk in &TALKS {
        let ((product, ..), person) = (known(&shelf, talk.about)?, known(&people, talk.person)?);
        let mut conversation = None;
        for (number, (author, text)) in (1..).zip(talk.texts) {
            clock.advance(MOMENT);
            let (author, key) = (known(&people, author)?, format!("demo-{number}"));
            conversation = Some(match conversation {
                None => messages::service::write_to_shop(tx, person, product, text, &key)?.0,
                Some(id) => {
                    messages::service::write(tx, author, id, text, &key)?;
                    id
                }
            });
        }
    }
    for name in TAX_CLASSES {
        products::service::add_tax_class(tx, name, None)?;
    }
    clock.advance(MOMENT);
    let euro = "EUR".parse().map_err(Failure::internal)?;
    for wanted in &PRICES {
        let (product, variant, _) = known(&shelf, wanted.sku)?;
        let pounds = |amount: &str| money(amount, CurrencyCode::GBP);
        let compare_at = wanted.compare_at_euros.map(|amount| money(amount, euro)).transpose()?;
        let prices = AskedPrices {
            price: Some(pounds(wanted.pounds)?),
            compare_at_price: Some(Some(pounds(wanted.compare_at_pounds)?)),
            others: Some(vec![GivenPrice { price: money(wanted.euros, euro)?, compare_at }]),
        };
        let given = VariantPrices { variant, expected_version: 1, prices };
        products::service::set_prices(tx, known(&people, wanted.person)?, product, &[given])?;
    }
    shelf::add_barn(tx, known(&shops, HEARTS)?, &goods, &shelf)?;
    said(tx, clock, &people, &shelf)?;
    wished(tx, &people, &shelf)?;
    face::show(tx, known(&people, "nora")?, known(&shops, LIGHTS)?)?;
    german::add(tx, &people, &shelf)?;
    crowd::order(tx, now, &shelf)
}

fn money(amount: &str, currency: CurrencyCode) -> Result<Money, Failure> {
    Money::from_decimal(amount.parse().map_err(Failure::internal)?, currency).map_err(Failure::internal)
}

fn people(tx: &mut Tx<'_>, people: &'static [DemoPerson]) -> Result<BTreeMap<&'static str, Id<User>>, DemoError> {
    let add = |person: &'static DemoPerson| {
        let new = users::service::DemoPerson {
            email: &person.email(),
            password_hash: PASSWORD_HASH,
            display_name: person.display_name,
            role: person.role,
        };
        Ok((person.name, users::service::add_demo_person(tx, &new)?))
    };
    people.iter().map(add).collect()
}

fn shops(
    tx: &mut Tx<'_>,
    people: &BTreeMap<&'static str, Id<User>>,
) -> Result<BTreeMap<&'static str, Id<Shop>>, DemoError> {
    let mut shops = BTreeMap::new();
    for person in &PEOPLE {
        let id = known(people, person.name)?;
        for &(handle, role) in person.works_for {
            if let (ShopRole::Owner, Some(shop)) = (role, SHOPS.iter().find(|shop| shop.handle == handle)) {
                let input = OpenShop {
                    name: shop.name.into(),
                    handle: Some(handle.into()),
                    description: shop.description.into(),
                    currency: CurrencyCode::GBP,
                    country: british()?,
                };
                shops.insert(handle, shops::service::add_shop(tx, id, &input)?);
            } else {
                shops::service::join(tx, known(&shops, handle)?, id, (role, true))?;
            }
        }
    }
    Ok(shops)
}

/// What people say of what they bought, and what shops answer.
fn said(
    tx: &mut Tx<'_>,
    clock: &Clock,
    people: &BTreeMap<&'static str, Id<User>>,
    shelf: &Shelf<'_>,
) -> Result<(), DemoError> {
    for review in &REVIEWS {
        clock.advance(MOMENT);
        let (product, ..) = known(shelf, review.about)?;
        let (title, text) = (review.title.into(), review.text.into());
        let input = WriteReview { product, rating: review.rating, title, text, photos: Vec::new() };
        let id = reviews::service::add_review(tx, known(people, review.author)?, &input)?;
        if let Some((author, text)) = review.reply {
            clock.advance(MOMENT);
            reviews::service::add_reply(tx, known(people, author)?, id, text)?;
        }
    }
    Ok(())
}

fn wished(tx: &mut Tx<'_>, people: &BTreeMap<&'static str, Id<User>>, shelf: &Shelf<'_>) -> Result<(), DemoError> {
    let owner = known(people, WISH_LIST.owner)?;
    let list = CreateWishList { name: WISH_LIST.name.into(), visibility: Visibility::Public };
    let list = wishlists::service::add_wish_list(tx, owner, &list)?;
    for &(sku, note) in WISH_LIST.wishes {
        let (product, variant, _) = known(shelf, sku)?;
        let wish = Wish { product, variant: Some(variant), quantity: 1, note: note.into() };
        wishlists::service::add_wish(tx, owner, list, &wish)?;
    }
    Ok(())
}

fn british() -> Result<CountryCode, Failure> {
    "GB".parse().map_err(Failure::internal)
}

/// What the demo market calls by a name.
fn known<T: Copy>(all: &BTreeMap<&str, T>, name: &str) -> Result<T, DemoError> {
    all.get(name).copied().ok_or_else(|| DemoError::Goods(format!("nothing is called {name}")))
}
