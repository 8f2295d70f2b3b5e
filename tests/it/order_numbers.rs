//! Numbers of orders are drawn by chance, and each is one order's.

use std::sync::{Arc, Mutex};

use agora::{
    kernel::{
        address::Address,
        id::Id,
        money::{CurrencyCode, Money},
    },
    orders::{
        error::OrderError,
        model::{Order, PlaceOrder, Terms, WantedLine},
    },
    platform::{
        caller::Caller,
        clock::{Clock, Generator},
        db::Tx,
    },
    users::model::User,
};
use chrono::TimeDelta;
use serde_json::json;

use crate::{
    harness::{TestApp, app::Person, market::Goods},
    orders::assert_books,
};

/// Orders one piece where chance is the same each time.
async fn placed(app: &TestApp, buyer: &Person, goods: &Goods) -> Id<Order> {
    let person: Id<User> = buyer.id.parse().unwrap();
    let address = Address {
        name: "Ada".into(),
        lines: vec!["1 Street".into()],
        postal_code: Some("N1 9AG".into()),
        city: "London".into(),
        region: None,
        country: "GB".parse().unwrap(),
        phone: None,
    };
    let line = WantedLine { variant: goods.variant.parse().unwrap(), quantity: 1, expected_unit_price: None };
    let order = PlaceOrder {
        lines: vec![line],
        shipping_address: address,
        expected_total: Money::new(500, CurrencyCode::GBP),
        cart: None,
        shipping: Vec::new(),
        code: None,
        note: None,
    };
    // What is made at another time has other ids.
    app.advance(TimeDelta::seconds(1));
    let clock = Arc::new(Clock::Fixed(Mutex::new(app.app().now())));
    let write = move |tx: &mut Tx<'_>| -> Result<Id<Order>, OrderError> {
        tx.under(&clock, Generator::from_seed(7), |tx| {
            agora::orders::service::place(tx, person, &order, Terms::default())
        })
    };
    app.app().db.write(&Caller::system(), write).await.unwrap()
}

#[actix_web::test]
async fn who_draws_a_number_that_is_taken_draws_again() {
    let app = TestApp::start().await;
    let (seller, buyer) = (app.sign_up("Seller").await, app.sign_up("Buyer").await);
    let lamp = seller.sell(&seller.open_shop("Lamps").await, "Lamp", "5.00", 9).await;
    let number = async |order: Id<Order>| {
        let document = "query($id: ID!) { node(id: $id) { ... on Order { number } } }";
        let found = buyer.send(document, json!({"id": order.to_string()})).await.ok();
        found["node"]["number"].as_str().unwrap().to_owned()
    };
    let first = placed(&app, &buyer, &lamp).await;
    let drawn = number(first).await;
    app.given_sql("UPDATE orders SET number = '2222-2222'");
    let second = placed(&app, &buyer, &lamp).await;
    assert_eq!(number(second).await, drawn, "chance is the same");
    let third = placed(&app, &buyer, &lamp).await;
    assert_ne!(number(third).await, drawn);
    assert_eq!(number(second).await, drawn);
    assert_books(&app).await;
}
