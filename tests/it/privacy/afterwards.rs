//! What banks, shops and providers do about the orders of who is erased: it is told to whoever is there, and nothing fails for want of an address.

use agora::payments::model::{DisputeMoney, DisputeStatus};
use serde_json::json;

use super::{delete, lines, market, pass_the_grace, sign_in, uuid};
use crate::{
    disputes::{opened, tell, word},
    orders::assert_books,
};

#[actix_web::test]
async fn what_happens_to_the_orders_of_the_erased_is_told_to_the_others() {
    let app = market().await;
    let (ada, buyer, clerk) = (app.sign_up("Ada").await, app.sign_up("Buyer").await, app.sign_up("Clerk").await);
    app.given_role(&clerk, "ADMIN");
    let lamp = ada.sell(&ada.open_shop("Corner").await, "Lamp", "10.00", 9).await;
    let mut bought = Vec::new();
    for key in ["disputed", "given back", "sent"] {
        let order = buyer.order_one(&lamp, key).await.ok()["order"].clone();
        let paid = buyer.pay(order["id"].as_str().unwrap(), "test_is_disputed", key).await.ok();
        bought.push((order["parts"][0]["id"].clone(), paid["payment"]["id"].clone()));
    }
    app.run_jobs().await;
    delete(&sign_in(&app, &buyer.email).await).await.ok();
    pass_the_grace(&app).await;
    let told = app.mails(&buyer.email).len();

    let ada = sign_in(&app, &ada.email).await;
    for told in [opened("one", 1_000), word("one", 1_000, DisputeStatus::Lost, DisputeMoney::Taken)] {
        tell(&app, &bought[0].1, vec![told]).await;
        assert!(app.run_jobs().await > 0, "the shop and the staff are told");
    }
    let back = json!({"orderPartId": bought[1].0, "reason": "Chipped.", "idempotencyKey": "back"});
    ada.mutate("refundOrderPart", back, "refunds { id }").await.ok();
    let sent = json!({"orderPartId": bought[2].0, "isShipped": true, "idempotencyKey": "sent"});
    ada.mutate("createShipment", sent, "shipment { id }").await.ok();
    app.run_jobs().await;
    let failed = "SELECT kind || ': ' || coalesce(last_error, 'dead') AS line FROM jobs WHERE state = 'DEAD' OR last_error IS NOT NULL";
    assert_eq!(lines(&app, failed), Vec::<String>::new());
    assert_eq!(lines(&app, "SELECT status AS line FROM refunds"), ["SUCCEEDED"]);
    assert!(app.mails(&clerk.email).iter().any(|mail| mail.subject.starts_with("The bank of a buyer")));
    // The buyer is not there any more.
    assert_eq!(app.mails(&buyer.email).len(), told);
    let listed = format!("SELECT count(*)::text AS line FROM notifications WHERE user_id = '{}'", uuid(&buyer));
    assert_eq!(lines(&app, &listed), ["0"]);
    assert_books(&app).await;
}
