//! What guests are told, by mail and by the owner's token.

use agora::platform::config::MailSettings;
use chrono::TimeDelta;
use serde_json::json;

use super::{pay, placed};
use crate::{
    costs::count,
    harness::{TestApp, smtp::SmtpServer},
    reviews::mill,
};

#[actix_web::test]
async fn who_does_not_pay_is_not_written_to() {
    let app = TestApp::start().await;
    let (seller, shop, _) = mill(&app).await;
    let lamp = seller.sell(&shop, "Lantern", "5.00", 10).await;
    app.schedule_jobs().await;
    placed(&app.guest(), &lamp, "victim@example.com").await;
    app.advance(TimeDelta::minutes(30));
    app.run_jobs().await;
    assert_eq!(app.guest().available(&lamp).await, 10);
    assert_eq!(app.mails("victim@example.com").len(), 0);
}

#[actix_web::test]
async fn no_mail_to_a_guest_has_words_of_others_in_it() {
    let app = TestApp::start().await;
    let (seller, shop, _) = mill(&app).await;
    let lamp = seller.sell(&shop, "Lantern", "5.00", 10).await;
    let guest = app.guest();
    let unpaid = placed(&guest, &lamp, "victim@example.com").await;
    let off = json!({"orderPartId": unpaid["order"]["parts"][0]["id"], "reason": "Buy pills", "idempotencyKey": "off"});
    seller.mutate("cancelOrderPart", off, "orderPart { id }").await.ok();
    app.run_jobs().await;
    assert_eq!(app.mails("victim@example.com").len(), 0, "nobody has paid");

    let paid = placed(&guest, &lamp, "gil@example.com").await;
    pay(&guest, &paid, "pay").await.ok();
    let part = &paid["order"]["parts"][0]["id"];
    let sent = json!({"orderPartId": part, "isShipped": true, "carrier": "Buy pills", "trackingUrl": "https://pills.example",
                      "idempotencyKey": "sent"});
    seller.mutate("createShipment", sent, "shipment { id }").await.ok();
    let back = json!({"orderPartId": part, "amount": {"amount": "1.00", "currency": "GBP"}, "reason": "Buy pills", "idempotencyKey": "back"});
    seller.mutate("refundOrderPart", back, "refunds { id }").await.ok();
    app.run_jobs().await;
    let mails = app.mails("gil@example.com");
    assert_eq!(mails.len(), 3, "{mails:?}");
    assert!(mails.iter().all(|mail| !mail.text.to_lowercase().contains("pills")), "{mails:?}");

    // The order says it.
    let document = "query($token: String!) { order(token: $token) { refunds { reason orderPart { id } } \
                    timeline { step refund { reason } shipment { carrier } } \
                    parts { shipments { trackingUrl orderPart { id } lines { quantity orderLine { title } } } } } }";
    let order = guest.send(document, json!({"token": paid["token"]})).await.ok()["order"].clone();
    assert_eq!(order["refunds"], json!([{"reason": "Buy pills", "orderPart": {"id": part}}]));
    let steps = order["timeline"].as_array().unwrap();
    let of = |step: &str| steps.iter().find(|found| found["step"] == step).unwrap();
    assert_eq!(of("REFUNDED")["refund"]["reason"], "Buy pills");
    assert_eq!(of("SHIPPED")["shipment"]["carrier"], "Buy pills");
    let lines = json!([{"quantity": 1, "orderLine": {"title": "Lantern"}}]);
    let shipment = json!({"trackingUrl": "https://pills.example", "orderPart": {"id": part}, "lines": lines});
    assert_eq!(order["parts"][0]["shipments"], json!([shipment]));
}

#[actix_web::test]
async fn about_one_order_there_is_an_end_of_mail() {
    let app = TestApp::start().await;
    let (_, _, lamp) = mill(&app).await;
    let order = placed(&app.guest(), &lamp, "gil@example.com").await;
    app.given_sql("UPDATE guest_orders SET mails = 50");
    pay(&app.guest(), &order, "pay").await.ok();
    app.run_jobs().await;
    assert_eq!(app.mails("gil@example.com").len(), 0);
}

#[actix_web::test]
async fn to_one_address_goes_so_much_mail_in_a_day() {
    let app = TestApp::start().await;
    let (seller, shop, _) = mill(&app).await;
    let lamp = seller.sell(&shop, "Lantern", "5.00", 10).await;
    let guest = app.guest();
    let mut orders = Vec::new();
    for email in ["gil@example.com", "gil@example.com", "gil@example.com", "other@example.com"] {
        orders.push(placed(&guest, &lamp, email).await);
    }
    let paid = async |number: usize| {
        pay(&guest, &orders[number], "pay").await.ok();
        app.run_jobs().await;
        app.mails("gil@example.com").len()
    };
    assert_eq!(paid(0).await, 1);
    app.given_sql("UPDATE guesses SET wrong = 19 WHERE wrong = 1");
    assert_eq!(paid(1).await, 2);
    assert_eq!(paid(2).await, 2);
    paid(3).await;
    assert_eq!(app.mails("other@example.com").len(), 1);
    app.advance(TimeDelta::days(1));
    let later = placed(&guest, &lamp, "gil@example.com").await;
    pay(&guest, &later, "pay").await.ok();
    app.run_jobs().await;
    assert_eq!(app.mails("gil@example.com").len(), 3);
}

#[actix_web::test]
async fn a_mail_that_is_tried_again_is_counted_once() {
    let smtp = SmtpServer::start().await;
    let (url, from) = (format!("smtp://agora:hunter2@{}", smtp.address).into(), "market@example.com".to_owned());
    let app = TestApp::start_with_mail(MailSettings::Smtp { url, from }).await;
    let seller = app.sign_up_by("Grace", |email| smtp.mails(email).pop().unwrap().subject).await;
    let lamp = seller.sell(&seller.open_shop("Mill").await, "Lamp", "5.00", 10).await;
    let order = placed(&app.guest(), &lamp, "gil@example.com").await;
    pay(&app.guest(), &order, "pay").await.ok();
    let mails = || {
        let counted = count(&mut app.connect(), "SELECT mails::bigint AS count FROM guest_orders");
        (smtp.mails("gil@example.com").len(), counted)
    };
    smtp.go_down();
    for _ in 0..3 {
        app.run_jobs().await;
        app.advance(TimeDelta::minutes(1));
    }
    assert_eq!(mails(), (0, 0));
    smtp.come_back();
    app.run_jobs().await;
    assert_eq!(mails(), (1, 1));
}

#[actix_web::test]
async fn a_shop_finds_guests_by_the_name_to_which_it_goes() {
    let app = TestApp::start().await;
    let (seller, _, lamp) = mill(&app).await;
    placed(&app.guest(), &lamp, "somebody@example.com").await;
    let found = async |query: &str| {
        let list = "orders(filter: {query: $query}) { totalCount }";
        let document = format!("query($query: String!) {{ viewer {{ shops {{ {list} }} }} }}");
        let data = seller.send(&document, json!({"query": query})).await.ok();
        data["viewer"]["shops"][0]["orders"]["totalCount"].clone()
    };
    assert_eq!((found("gIL").await, found("Gilbert").await), (json!(1), json!(0)));
}
