//! Filling the demo market.

mod face;
mod german;
mod homeware;
mod sent;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use chrono::TimeDelta;

use self::homeware::Homeware;
use super::{
    error::DemoError,
    model::{
        CATEGORIES, DemoOrder, Filled, Goods, HEARTS, IsPaid, LIGHTS, ORDERS, PASSWORD_HASH, PEOPLE, PRICES, People,
        REVIEWS, SHOPS, TALKS, TAX_CLASSES, WISH_LIST, goods, option_of, pieces,
    },
    queries,
};
use crate::{
    inventory::{self, model::StockRule, service::MoveStock},
    kernel::{
        address::Address,
        error::Failure,
        id::Id,
        money::{CurrencyCode, Money},
        place::CountryCode,
    },
    messages,
    orders::{
        self,
        model::{Order, PlaceOrder, Terms, WantedLine},
    },
    payments::{
        self,
        model::Progress,
        service::{
            Attempt, Counts,
            test_memory::{self, Deed},
            test_page,
        },
    },
    platform::{
        app::App,
        caller::Caller,
        clock::{Clock, Generator, Time},
        db::Tx,
    },
    products::{
        self,
        model::{
            Category, Product, ProductStatus, Variant,
            prices::{AskedPrices, GivenPrice},
        },
        service::{BulkProduct, BulkVariant, Specification, VariantPrices},
    },
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
            app.db
                .write(&Caller::system(), |tx| {
                    queries::lock_people(tx)?;
                    match queries::people(tx.conn())? {
                        People::Demo => Ok(Filled::Before),
                        People::Others => Err(DemoError::NotEmpty),
                        People::Nobody => {
                            let clock = Arc::new(Clock::Fixed(Mutex::new(OPENED)));
                            tx.under(&clock, Generator::from_seed(SEED), |tx| market(tx, &clock))?;
                            Ok(Filled::Now)
                        }
                    }
                })
                .await
        }
    }
}

/// What is for sale, by SKU.
type Shelf<'a> = BTreeMap<&'a str, (Id<Product>, Id<Variant>, Money)>;

fn market(tx: &mut Tx<'_>, clock: &Clock) -> Result<(), DemoError> {
    let people = people(tx)?;
    let shops = shops(tx, &people)?;
    let goods = goods().map_err(DemoError::Goods)?;
    let shelf = products(tx, &shops, &goods)?;
    let last = i32::try_from(goods.len()).map_err(Failure::internal)?;
    clock.advance(BETWEEN_PRODUCTS * last);
    for (number, order) in (1..).zip(&ORDERS) {
        clock.advance(BETWEEN_ORDERS);
        let id = place(tx, clock, order, number, &people, &shelf)?;
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
    barn(tx, known(&shops, HEARTS)?, &goods, &shelf)?;
    said(tx, clock, &people, &shelf)?;
    wished(tx, &people, &shelf)?;
    face::show(tx, known(&people, "nora")?, known(&shops, LIGHTS)?)?;
    german::add(tx, &people, &shelf)
}

/// A second place of a shop with something in it, something that can be ordered before it is there, and something that is low.
fn barn(tx: &mut Tx<'_>, shop: Id<Shop>, goods: &[Goods], shelf: &Shelf<'_>) -> Result<(), DemoError> {
    let from = inventory::service::default_location(tx, shop)?.id;
    let to = inventory::service::add_location(tx, shop, "Barn")?;
    let plenty = goods.iter().filter(|goods| goods.shop == HEARTS && goods.stock >= 20).take(3);
    for (number, goods) in plenty.enumerate() {
        let (_, variant, _) = known(shelf, &goods.sku)?;
        if number == 0 {
            inventory::service::relocate(tx, shop, MoveStock { variant, from, to, quantity: 10 })?;
        } else {
            let low_stock_threshold = (number == 2).then_some(goods.stock);
            let rule = StockRule { backorder_limit: 20, low_stock_threshold };
            inventory::service::decide(tx, &[(variant, rule)])?;
        }
    }
    Ok(())
}

fn money(amount: &str, currency: CurrencyCode) -> Result<Money, Failure> {
    Money::from_decimal(amount.parse().map_err(Failure::internal)?, currency).map_err(Failure::internal)
}

fn people(tx: &mut Tx<'_>) -> Result<BTreeMap<&'static str, Id<User>>, DemoError> {
    let add = |person: &'static super::model::DemoPerson| {
        let new = users::service::DemoPerson {
            email: &person.email(),
            password_hash: PASSWORD_HASH,
            display_name: person.display_name,
            role: person.role,
        };
        Ok((person.name, users::service::add_demo_person(tx, &new)?))
    };
    PEOPLE.iter().map(add).collect()
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
                shops::service::join(tx, known(&shops, handle)?, id, role)?;
            }
        }
    }
    Ok(shops)
}

/// All products with their stock. New ones of all shops came in turn.
fn products<'a>(
    tx: &mut Tx<'_>,
    shops: &BTreeMap<&'static str, Id<Shop>>,
    goods: &'a [Goods],
) -> Result<Shelf<'a>, DemoError> {
    let categories = categories(tx)?;
    let homeware = Homeware::add(tx)?;
    let families: Vec<&[Goods]> = goods.chunk_by(Goods::is_sibling).collect();
    let count = i32::try_from(families.len()).map_err(Failure::internal)?;
    let mut shelf = Shelf::new();
    let mut received: BTreeMap<Id<Shop>, Vec<(Id<Variant>, i32)>> = BTreeMap::new();
    let mut rows = Vec::with_capacity(families.len());
    for (number, family) in (0..).zip(families) {
        let Some(first) = family.first() else { continue };
        let shop = known(shops, &first.shop)?;
        // A step that shares no factor with the count visits every place once.
        let created_at = OPENED + BETWEEN_PRODUCTS * (number * 77 % count);
        let id = tx.generator().id(created_at);
        let names: Vec<&str> = family.iter().map(|goods| goods.variant.as_str()).collect();
        let options = if family.len() > 1 { vec![option_of(&names).to_owned()] } else { Vec::new() };
        let mut variants = Vec::with_capacity(family.len());
        for goods in family {
            let variant = tx.generator().id(created_at);
            let price = goods.price().ok_or_else(|| DemoError::Goods(format!("the price of {}", goods.sku)))?;
            variants.push(BulkVariant {
                id: variant,
                sku: goods.sku.clone(),
                title: goods.variant.clone(),
                options: options.iter().map(|_| goods.variant.clone()).collect(),
                price: price.minor,
                compare_at: None,
                barcode: None,
                weight_grams: None,
            });
            shelf.insert(&goods.sku, (id, variant, price));
            received.entry(shop).or_default().push((variant, goods.stock));
        }
        rows.push(BulkProduct {
            id,
            shop,
            category: categories.get(first.category.as_str()).copied(),
            slug: None,
            title: first.title.clone(),
            description: String::new(),
            brand: String::new(),
            status: ProductStatus::Active,
            specification: Specification {
                tags: if pieces(&first.title).is_some() { vec!["set".into()] } else { Vec::new() },
                product_kind: Some(homeware.id),
                attributes: homeware.said(&first.title),
                options,
            },
            currency: CurrencyCode::GBP,
            sold_count: family.iter().map(|goods| goods.sold).sum(),
            created_at,
            variants,
        });
    }
    products::service::add_products(tx, &rows)?;
    for (shop, received) in received {
        inventory::service::receive(tx, shop, &received)?;
    }
    Ok(shelf)
}

/// The tree of categories, by name.
fn categories(tx: &mut Tx<'_>) -> Result<BTreeMap<&'static str, Id<Category>>, DemoError> {
    let mut categories = BTreeMap::new();
    for (top, below) in &CATEGORIES {
        let parent = products::service::add_category(tx, top, None)?.id;
        categories.insert(*top, parent);
        for name in *below {
            categories.insert(*name, products::service::add_category(tx, name, Some(parent))?.id);
        }
    }
    Ok(categories)
}

fn place(
    tx: &mut Tx<'_>,
    clock: &Clock,
    order: &DemoOrder,
    number: u32,
    people: &BTreeMap<&'static str, Id<User>>,
    shelf: &Shelf<'_>,
) -> Result<Id<Order>, DemoError> {
    let mut lines = Vec::with_capacity(order.lines.len());
    let mut expected_total = Money::zero(CurrencyCode::GBP);
    for &(sku, quantity) in order.lines {
        let (_, variant, price) = known(shelf, sku)?;
        let total = price.checked_mul(quantity).and_then(|price| expected_total.checked_add(price));
        expected_total = total.map_err(Failure::internal)?;
        lines.push(WantedLine { variant, quantity, expected_unit_price: None });
    }
    let name = PEOPLE.iter().find(|person| person.name == order.buyer).map(|person| person.display_name);
    let shipping_address = Address {
        name: name.unwrap_or_default().into(),
        lines: vec![format!("{} Market Street", number * 7)],
        postal_code: Some("YO1 7HH".into()),
        city: "York".into(),
        region: None,
        country: british()?,
        phone: None,
    };
    let wanted = PlaceOrder {
        lines,
        shipping_address,
        expected_total,
        cart: None,
        shipping: Vec::new(),
        code: None,
        note: None,
    };
    let id = orders::service::place(tx, known(people, order.buyer)?, &wanted, Terms::default())?;
    if order.is_paid == IsPaid::Yes {
        clock.advance(MOMENT);
        let attempt = Attempt {
            order: id.uuid(),
            amount: expected_total,
            provider: "test",
            method: "test_succeeds".into(),
            return_url: None,
            is_captured_later: false,
            customer: None,
            is_method_stored: false,
            counts: Counts::default(),
        };
        let payment = payments::service::begin(tx, &attempt)?;
        // Which the provider has to know of, too.
        test_memory::note(tx, &Deed::charge(&payment))?;
        let reference = test_page::reference(&payment);
        orders::service::note_payment(tx, payment.id, &Progress::Succeeded { reference })?;
    }
    Ok(id)
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
