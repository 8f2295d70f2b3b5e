//! What is kept of guests, and for how long; and of what the staff do about their orders.

use chrono::TimeDelta;
use serde_json::json;

use super::{cancel, look, pay, placed};
use crate::{costs::count, harness::TestApp, privacy::sign_in, reviews::mill};

#[actix_web::test]
async fn a_guest_is_forgotten_when_their_orders_need_not_be_kept() {
    let app = TestApp::start().await;
    let (seller, _, lamp) = mill(&app).await;
    app.schedule_jobs().await;
    let order = placed(&app.guest(), &lamp, "gil@example.com").await;
    pay(&app.guest(), &order, "pay").await.ok();
    let lines = || count(&mut app.connect(), "SELECT count(*) AS count FROM guest_orders WHERE line_key IS NOT NULL");
    assert_eq!(lines(), 1);
    app.advance(TimeDelta::days(2));
    app.run_jobs().await;
    assert_eq!(lines(), 0);
    let kept = || {
        count(
            &mut app.connect(),
            "SELECT count(*) AS count FROM orders JOIN guest_orders ON order_id = id WHERE shipping_address IS NOT NULL",
        )
    };
    assert_eq!(kept(), 1);
    app.advance(TimeDelta::days(3_659));
    app.run_jobs().await;
    for what in [
        "SELECT count(*) AS count FROM guest_orders",
        "SELECT count(*) AS count FROM orders WHERE shipping_address IS NOT NULL",
        "SELECT count(*) AS count FROM shop_documents WHERE recipient IS NOT NULL",
    ] {
        assert_eq!(count(&mut app.connect(), what), 0, "{what}");
    }
    // The sale stays.
    let seller = sign_in(&app, &seller.email).await;
    let sold = seller.query("{ viewer { shops { orders { nodes { total { amount } } } } } }").await.ok();
    assert_eq!(sold["viewer"]["shops"][0]["orders"]["nodes"][0]["total"]["amount"], "5.00");
}

#[actix_web::test]
async fn who_never_paid_is_forgotten_soon() {
    let app = TestApp::start().await;
    let (_, _, lamp) = mill(&app).await;
    app.schedule_jobs().await;
    placed(&app.guest(), &lamp, "a@example.com").await;
    let paid = placed(&app.guest(), &lamp, "b@example.com").await;
    pay(&app.guest(), &paid, "pay").await.ok();
    // What was paid, and went back, is in the books.
    let back = placed(&app.guest(), &lamp, "c@example.com").await;
    pay(&app.guest(), &back, "pay").await.ok();
    cancel(&app.guest(), &back, "cancel").await.ok();
    app.advance(TimeDelta::minutes(30));
    app.run_jobs().await;
    let kept = || {
        let known = "SELECT count(*) AS count FROM orders JOIN guest_orders ON order_id = id WHERE shipping_address IS NOT NULL";
        let addresses = "SELECT count(*) AS count FROM orders WHERE shipping_address IS NOT NULL";
        (count(&mut app.connect(), known), count(&mut app.connect(), addresses))
    };
    assert_eq!(kept(), (3, 3));
    app.advance(TimeDelta::days(31));
    app.run_jobs().await;
    assert_eq!(kept(), (2, 2));
}

#[actix_web::test]
async fn with_an_account_its_address_is_forgotten() {
    let app = TestApp::start().await;
    let (_, _, lamp) = mill(&app).await;
    app.schedule_jobs().await;
    let order = placed(&app.guest(), &lamp, "ADA@example.com").await;
    pay(&app.guest(), &order, "pay").await.ok();
    let other = placed(&app.guest(), &lamp, "b@example.com").await;
    pay(&app.guest(), &other, "pay").await.ok();
    let ada = app.sign_up("Ada").await;
    ada.query("mutation { deleteAccount { accountDeletion { dueAt } userErrors { code } } }").await.ok();
    app.advance(TimeDelta::days(14) + TimeDelta::hours(1));
    app.run_jobs().await;
    let named = "SELECT count(*) AS count FROM guest_orders WHERE email IS NOT NULL AND email_key IS NOT NULL";
    assert_eq!(count(&mut app.connect(), named), 1);
    // What is bought is bought, and whoever has the token may be somebody else.
    assert_eq!(look(&app.guest(), &order["token"]).await["shippingAddress"]["city"], "London");
}

#[actix_web::test]
async fn what_the_staff_do_about_what_a_guest_ordered_is_written_down() {
    let app = TestApp::start().await;
    let (_, _, lamp) = mill(&app).await;
    let order = placed(&app.guest(), &lamp, "gil@example.com").await;
    pay(&app.guest(), &order, "pay").await.ok();
    let admin = app.sign_up("Olive").await;
    app.given_role(&admin, "ADMIN");
    let back = json!({"orderPartId": order["order"]["parts"][0]["id"], "reason": "Broken", "idempotencyKey": "back"});
    admin.mutate("refundOrderPart", back, "refunds { id }").await.ok();
    let written = "SELECT count(*) AS count FROM audit_entries JOIN orders ON orders.id = about_id \
                   WHERE user_id IS NULL AND staff_id IS NOT NULL AND action = 'refundOrderPart' AND reason = 'Broken'";
    assert_eq!(count(&mut app.connect(), written), 1);
}
