//! What applies to orders, and how often.

use std::collections::BTreeMap;

use agora::{
    kernel::money::{CurrencyCode, Money},
    platform::{caller::Caller, db::Tx},
    promotions::{
        error::PromotionError,
        model::{CodeFault, Saving},
        service,
    },
};
use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::json;
use uuid::Uuid;

use super::{apply, created, id, look, pounds, redeem, savings, update};
use crate::{
    harness::{TestApp, app::Person},
    orders::assert_books,
    reviews::{mill, refusal},
};

async fn release(app: &TestApp, order: u128) {
    let step = move |tx: &mut Tx<'_>| service::release(tx, Uuid::from_u128(order));
    app.app().db.write(&Caller::system(), step).await.unwrap();
}

#[actix_web::test]
async fn of_each_shop_what_takes_off_most_applies() {
    let app = TestApp::start().await;
    let (seller, shop, _) = mill(&app).await;
    let other = app.sign_up("Eve").await;
    let elsewhere = other.open_shop("Elsewhere").await;
    created(&seller, &shop, json!({})).await;
    let paused = created(&seller, &shop, json!({"code": "save", "percentage": "50", "isActive": false})).await;
    let free = json!({"kind": "FREE_SHIPPING", "percentage": null, "code": "SAVE", "minimumSubtotal": pounds("10.00")});
    created(&other, &elsewhere, free).await;

    let baskets = |subtotal: i64| [(shop.as_str(), subtotal, 300), (elsewhere.as_str(), subtotal, 300)];
    let (goods, shipping) = (Saving { goods: 100, shipping: 0 }, Saving { goods: 0, shipping: 300 });
    let plain = apply(&app, &baskets(1_000), None, None).await;
    assert_eq!((savings(&plain), plain.fault), (BTreeMap::from([(shop.clone(), goods)]), None));
    let coded = apply(&app, &baskets(1_000), Some(" save "), None).await;
    let both = BTreeMap::from([(shop.clone(), goods), (elsewhere.clone(), shipping)]);
    assert_eq!((savings(&coded), coded.fault), (both, None));
    let short = apply(&app, &baskets(999), Some("SAVE"), None).await;
    let minimum = Money::new(1_000, CurrencyCode::GBP);
    assert_eq!(short.fault, Some(CodeFault::MinimumNotReached { minimum }));
    assert_eq!(apply(&app, &[(shop.as_str(), 999, 0)], Some("SAVE"), None).await.fault, Some(CodeFault::Unknown));
    for nonsense in ["NOTHING", "not a code", ""] {
        let found = apply(&app, &baskets(1_000), Some(nonsense), None).await;
        assert_eq!((savings(&found), found.fault), (savings(&plain), Some(CodeFault::Unknown)));
    }

    update(&seller, &paused, 1, json!({"isActive": true, "percentage": "5"})).await.ok();
    assert_eq!(apply(&app, &[(shop.as_str(), 1_000, 0)], Some("SAVE"), None).await.fault, Some(CodeFault::Outdone));
    update(&seller, &paused, 2, json!({"percentage": "10", "endsAt": app.app().now() + TimeDelta::hours(1)}))
        .await
        .ok();
    let equal = apply(&app, &[(shop.as_str(), 1_000, 0)], Some("SAVE"), None).await;
    assert_eq!(equal.applied.values().next().unwrap().promotion.code.as_deref(), Some("SAVE"));
    app.advance(TimeDelta::hours(1));
    assert_eq!(apply(&app, &[(shop.as_str(), 1_000, 0)], Some("SAVE"), None).await.fault, Some(CodeFault::Over));
}

#[actix_web::test]
async fn the_last_uses_are_had_by_so_many_and_come_back() {
    let app = TestApp::start().await;
    let (seller, shop, _) = mill(&app).await;
    let scarce = created(&seller, &shop, json!({"code": "SCARCE", "limitTotal": 3})).await;
    let plenty = created(&seller, &shop, json!({"limitTotal": 100})).await;
    let open = created(&seller, &shop, json!({})).await;
    let mut buyers = Vec::new();
    for number in 0..8 {
        buyers.push(app.sign_up(&format!("Buyer{number}")).await);
    }
    // In whatever order they are named.
    let ways = [[id(&scarce), id(&plenty), id(&open)], [id(&open), id(&plenty), id(&scarce)]];
    let redeeming = (1..).zip(&buyers).map(|(order, buyer)| {
        let way = &ways[usize::from(order % 2 == 0)];
        redeem(&app, buyer, order, way)
    });
    let outcomes = join_all(redeeming).await;
    let refused: Vec<_> = outcomes.iter().filter_map(|outcome| outcome.as_ref().err()).collect();
    assert_eq!(refused.len(), 5);
    for error in refused {
        assert!(
            matches!(error, PromotionError::UsedUp { promotion } if promotion.to_string() == id(&scarce)),
            "{error}"
        );
    }
    // Whoever got none of the one got none of the others.
    for (promotion, status) in [(&scarce, "USED_UP"), (&plenty, "RUNNING"), (&open, "RUNNING")] {
        let found = look(&seller, promotion).await;
        assert_eq!((&found["usedCount"], &found["status"]), (&json!(3), &json!(status)));
    }
    assert_eq!(apply(&app, &[(shop.as_str(), 1_000, 0)], Some("SCARCE"), None).await.fault, Some(CodeFault::UsedUp));
    assert_books(&app).await;

    let placed: Vec<u128> = (1..).zip(&outcomes).filter(|(_, it)| it.is_ok()).map(|(order, _)| order).collect();
    // Called off by two at once, it is let go of once.
    tokio::join!(release(&app, placed[0]), release(&app, placed[0]), release(&app, 1_000));
    assert_eq!(look(&seller, &scarce).await["usedCount"], 2);
    assert_eq!(look(&seller, &open).await["usedCount"], 2);
    redeem(&app, &buyers[0], 99, &[id(&scarce)]).await.unwrap();
    assert!(redeem(&app, &buyers[1], 100, &[id(&scarce)]).await.is_err());
    assert_books(&app).await;
}

#[actix_web::test]
async fn one_person_uses_one_as_often_as_they_may() {
    let app = TestApp::start().await;
    let (seller, shop, _) = mill(&app).await;
    let once = created(&seller, &shop, json!({"code": "ONCE", "limitPerPerson": 1})).await;
    let (ada, bob) = (app.sign_up("Ada").await, app.sign_up("Bob").await);
    let wanted = [id(&once)];
    let orders = join_all((1..=4).map(|order| redeem(&app, &ada, order, &wanted))).await;
    assert_eq!(orders.iter().filter(|order| order.is_ok()).count(), 1);
    let fault =
        async |buyer: Option<&Person>| apply(&app, &[(shop.as_str(), 1_000, 0)], Some("ONCE"), buyer).await.fault;
    assert_eq!(fault(Some(&ada)).await, Some(CodeFault::UsedByYou));
    // Of guests nobody knows how often they were here.
    assert_eq!((fault(Some(&bob)).await, fault(None).await), (None, Some(CodeFault::UsedByYou)));
    redeem(&app, &bob, 5, &[id(&once)]).await.unwrap();
    assert_eq!(look(&seller, &once).await["usedCount"], 2);
    for order in 1..=4 {
        release(&app, order).await;
    }
    assert_eq!(fault(Some(&ada)).await, None);
    redeem(&app, &ada, 6, &[id(&once)]).await.unwrap();
    assert_books(&app).await;
}

#[actix_web::test]
async fn a_limit_that_comes_later_counts_what_was_before() {
    let app = TestApp::start().await;
    let (seller, shop, _) = mill(&app).await;
    let made = created(&seller, &shop, json!({})).await;
    let mut buyers = Vec::new();
    for number in 0..8 {
        buyers.push(app.sign_up(&format!("Buyer{number}")).await);
    }
    for (order, buyer) in (1..).zip(&buyers[..2]) {
        redeem(&app, buyer, order, &[id(&made)]).await.unwrap();
    }
    assert_eq!(look(&seller, &made).await["usedCount"], 2);
    let low = update(&seller, &made, 1, json!({"limitTotal": 1})).await;
    assert_eq!(low.refusal(), refusal("OUT_OF_RANGE", "limitTotal"));
    let limited = update(&seller, &made, 1, json!({"limitTotal": 2})).await.ok()["promotion"].clone();
    assert_eq!((&limited["usedCount"], &limited["status"]), (&json!(2), &json!("USED_UP")));
    assert!(redeem(&app, &buyers[2], 3, &[id(&made)]).await.is_err());
    update(&seller, &made, 2, json!({"limitTotal": null})).await.ok();
    redeem(&app, &buyers[2], 3, &[id(&made)]).await.unwrap();
    assert_eq!(look(&seller, &made).await["usedCount"], 3);

    // Also what is used, and let go of, at this very moment.
    let wanted = [id(&made)];
    let using = join_all((4..).zip(&buyers[3..]).map(|(order, buyer)| redeem(&app, buyer, order, &wanted)));
    let (used, limited, ()) =
        tokio::join!(using, update(&seller, &made, 3, json!({"limitTotal": 100})), release(&app, 1));
    limited.ok();
    assert!(used.iter().all(Result::is_ok), "{used:?}");
    assert_eq!(look(&seller, &made).await["usedCount"], 7);
    assert_books(&app).await;
}

#[actix_web::test]
async fn what_was_let_go_of_is_not_counted_when_a_limit_comes() {
    let app = TestApp::start().await;
    let (seller, shop, _) = mill(&app).await;
    let made = created(&seller, &shop, json!({})).await;
    for (order, name) in (1..).zip(["Ada", "Bob", "Cleo"]) {
        let buyer = app.sign_up(name).await;
        redeem(&app, &buyer, order, &[id(&made)]).await.unwrap();
    }
    release(&app, 1).await;
    release(&app, 2).await;
    update(&seller, &made, 1, json!({"limitTotal": 2})).await.ok();
    assert_eq!(look(&seller, &made).await["usedCount"], 1);
    assert_books(&app).await;

    // Of those that are opened again, one more has room.
    let again = async |order: u128| {
        let step = move |tx: &mut Tx<'_>| service::take_again(tx, Uuid::from_u128(order));
        app.app().db.write(&Caller::system(), step).await
    };
    again(1).await.unwrap();
    assert!(matches!(again(2).await, Err(PromotionError::UsedUp { .. })));
    assert_eq!(look(&seller, &made).await["usedCount"], 2);
    assert_books(&app).await;
}
