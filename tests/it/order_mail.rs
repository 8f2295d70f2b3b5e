//! What people are told of orders by mail: the buyer, who works for the shop, and when.

use agora::platform::{app::PaymentSetup, config::MailSettings, links::LinkOptions, mail::Mail};
use serde_json::{Value, json};

use crate::harness::{
    Client, TestApp,
    app::Person,
    market::Goods,
    smtp::{Received, SmtpServer},
};

/// Where a mail's button leads.
fn link(mail: &str) -> String {
    let start = mail.find("http").unwrap();
    mail[start..].split_whitespace().next().unwrap().to_owned()
}

async fn buy(buyer: &Client, goods: &Goods, key: &str) -> Value {
    let order = buyer.order_one(goods, key).await.ok()["order"].clone();
    buyer.pay(order["id"].as_str().unwrap(), "test_succeeds", key).await.ok();
    order
}

const SHOWN: &str = "query Shown($token: String!) { order(token: $token) { number paymentState total { amount } shippingAddress { city } \
                     buyer { id } payments { id } parts { fulfillmentState shippingAddress { city } buyer { id } conversation { id } \
                     order { id } lines { title quantity } } } }";

async fn shown(client: &Client, token: &str) -> Value {
    let answer = client.send(SHOWN, json!({"token": token})).await;
    assert!(answer.statements.unwrap() <= 8, "{answer:?}");
    answer.ok()["order"].clone()
}

#[actix_web::test]
async fn a_buyer_is_told_of_the_payment_and_comes_to_the_order_by_the_link() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.sign_up("Ada").await, app.sign_up("Bob").await);
    let goods = bob.sell(&bob.open_shop("Corner").await, "<Lamp>", "5.00", 3).await;
    let order = buy(&ada, &goods, "1").await;
    app.run_jobs().await;
    let mail = app.mails(&ada.email).pop().unwrap();
    let number = order["number"].as_str().unwrap();
    assert_eq!(mail.subject, format!("Your order {number} is paid"));
    assert!(mail.text.contains("5.00 GBP") && mail.unsubscribe.is_none(), "{mail:?}");

    let link = link(&mail.text);
    let page = reqwest::get(&link).await.unwrap();
    assert_eq!((page.status().as_u16(), page.headers()["cache-control"].to_str().unwrap()), (200, "no-store"));
    let page = page.text().await.unwrap();
    assert!(page.contains(number) && page.contains("1 × &lt;Lamp&gt;") && page.contains("Paid."), "{page}");
    assert!(!page.contains("London"), "{page}");

    let token = link.rsplit_once("token=").unwrap().1;
    let part = json!({"fulfillmentState": "UNFULFILLED", "shippingAddress": null, "buyer": null, "conversation": null, "order": null,
                      "lines": [{"title": "<Lamp>", "quantity": 1}]});
    let expected = json!({"number": number, "paymentState": "PAID", "total": {"amount": "5.00"}, "shippingAddress": null,
                          "buyer": null, "payments": [], "parts": [part]});
    assert_eq!(shown(&app.guest(), token).await, expected);
    assert_eq!(shown(&bob, token).await["parts"][0]["lines"], expected["parts"][0]["lines"]);
    for wrong in ["", "nonsense", &token[1..]] {
        assert_eq!(shown(&app.guest(), wrong).await, Value::Null);
    }
    app.advance(chrono::TimeDelta::days(90));
    assert_eq!(shown(&app.guest(), token).await, Value::Null);
    assert_eq!(reqwest::get(&link).await.unwrap().status(), 404);
}

#[actix_web::test]
async fn what_is_read_by_a_token_is_in_no_shared_cache() {
    let app = TestApp::start().await;
    let guest = app.guest();
    for (document, is_shared) in [
        ("query A { __typename }", true),
        ("query B { order(token: \"x\") { number } }", false),
        ("query C { cart(token: \"x\") { version } }", false),
    ] {
        let hash = crate::documents::hash(document);
        let extensions = json!({"persistedQuery": {"version": 1, "sha256Hash": hash}}).to_string();
        let asked = guest.get(&[("query", document), ("extensions", &extensions)]).send().await.unwrap();
        assert_eq!(asked.status(), 200);
        let again = guest.get(&[("extensions", &extensions)]).send().await.unwrap();
        let said = again.headers()["cache-control"].to_str().unwrap();
        assert_eq!(said.starts_with("public"), is_shared, "{document}: {said}");
    }
}

#[actix_web::test]
async fn links_lead_where_the_market_says() {
    let app = TestApp::start_with(|settings| {
        settings.links =
            LinkOptions { link_order: Some("shop://order/{token}".parse().unwrap()), ..LinkOptions::default() };
    })
    .await;
    let (ada, bob) = (app.sign_up("Ada").await, app.sign_up("Bob").await);
    let goods = bob.sell(&bob.open_shop("Corner").await, "Lamp", "5.00", 3).await;
    buy(&ada, &goods, "1").await;
    app.run_jobs().await;
    let text = app.mails(&ada.email).pop().unwrap().text;
    let token = text.split("shop://order/").nth(1).unwrap().split_whitespace().next().unwrap();
    assert_eq!(shown(&app.guest(), token).await["paymentState"], "PAID");
}

async fn channels(person: &Client, kind: &str) -> Value {
    let document = "{ viewer { preferences { notifications { kind channels } } } }";
    let found = person.query(document).await.ok()["viewer"]["preferences"]["notifications"].clone();
    found.as_array().unwrap().iter().find(|switch| switch["kind"] == kind).unwrap()["channels"].clone()
}

#[actix_web::test]
async fn who_works_for_a_shop_is_told_of_sales_until_they_decline_with_one_click() {
    let smtp = SmtpServer::start().await;
    let app = TestApp::start_with_mail(MailSettings::Smtp {
        url: format!("smtp://agora:hunter2@{}", smtp.address).into(),
        from: "Agora <market@example.com>".into(),
    })
    .await;
    let sign_up =
        async |name: &str| -> Person { app.sign_up_by(name, |email| smtp.mails(email).pop().unwrap().subject).await };
    let (ada, bob, carl, dora) =
        (sign_up("Ada").await, sign_up("Bob").await, sign_up("Carl").await, sign_up("Dora").await);
    let shop = bob.open_shop("Corner").await;
    for (person, role) in [(&carl, "FULFILLMENT"), (&dora, "MANAGER")] {
        let member = json!({"shopId": shop, "userId": person.id, "role": role});
        bob.mutate("addShopMember", member, "member { role }").await.ok();
        person.mutate("acceptShopMembership", json!({"shopId": shop}), "member { role }").await.ok();
    }
    let off = json!({"notifications": [{"kind": "SHOP", "channels": ["IN_APP"]}]});
    dora.mutate("updatePreferences", off, "preferences { theme }").await.ok();
    let goods = bob.sell(&shop, "Lamp", "5.00", 9).await;
    let sales = |person: &Person| -> Vec<Received> {
        smtp.mails(&person.email).into_iter().filter(|mail| mail.subject.starts_with("Corner has sold")).collect()
    };
    buy(&ada, &goods, "1").await;
    app.run_jobs().await;
    assert_eq!([&bob, &carl, &dora, &ada].map(|person| sales(person).len()), [1, 1, 0, 0]);
    // What is about an account or an order cannot be declined, so it does not say so.
    assert!(smtp.mails(&ada.email).iter().all(|mail| mail.unsubscribe.is_none()));

    let mail = sales(&bob).pop().unwrap();
    let (url, post) = mail.unsubscribe.unwrap();
    assert_eq!(post, "List-Unsubscribe=One-Click");
    let url = url.trim_matches(['<', '>']).to_owned();
    assert!(mail.text.trim_end().ends_with(&url), "{}", mail.text);
    // Opening it, as programs that look at mail do, changes nothing.
    let page = reqwest::get(&url).await.unwrap();
    assert!(page.status() == 200 && page.text().await.unwrap().contains("<form method=post>"));
    assert_eq!(channels(&bob, "SHOP").await, json!(["IN_APP", "PUSH", "EMAIL"]));
    let post = |url: String| {
        let request = reqwest::Client::new().post(url).header("content-type", "application/x-www-form-urlencoded");
        request.body("List-Unsubscribe=One-Click").send()
    };
    for _ in 0..2 {
        assert_eq!(post(url.clone()).await.unwrap().status(), 200);
    }
    assert_eq!(channels(&bob, "SHOP").await, json!(["IN_APP", "PUSH"]));
    assert_eq!(channels(&bob, "ORDERS").await, json!(["IN_APP", "PUSH", "EMAIL"]));
    for wrong in [url.replace("SHOP", "ORDERS"), url.replace("SHOP", "NONE"), format!("{url}x")] {
        assert_eq!(post(wrong.clone()).await.unwrap().status(), 404, "{wrong}");
    }
    buy(&ada, &goods, "2").await;
    app.run_jobs().await;
    assert_eq!([&bob, &carl, &dora].map(|person| sales(person).len()), [1, 2, 0]);
}

#[actix_web::test]
async fn mail_about_sales_waits_for_the_end_of_quiet_hours() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.sign_up("Ada").await, app.sign_up("Bob").await);
    // It is noon in London.
    let quiet = json!({"timeZone": "Europe/London", "quietHours": {"from": "11:00", "until": "13:30"}});
    for person in [&ada, &bob] {
        person.mutate("updatePreferences", quiet.clone(), "preferences { theme }").await.ok();
    }
    let shop = bob.open_shop("Corner").await;
    let goods = bob.sell(&shop, "Lamp", "5.00", 9).await;
    buy(&ada, &goods, "1").await;
    let told = |person: &Person| app.mails(&person.email).iter().filter(|mail| mail.text.contains("5.00 GBP")).count();
    for minutes in [0, 89] {
        app.advance(chrono::TimeDelta::minutes(minutes));
        app.run_jobs().await;
        assert_eq!((told(&ada), told(&bob)), (0, 0), "{minutes}");
    }
    app.advance(chrono::TimeDelta::minutes(1));
    app.run_jobs().await;
    assert_eq!((told(&ada), told(&bob)), (1, 1));
}

#[actix_web::test]
async fn who_sends_things_is_told_that_what_was_paid_is_called_off() {
    let app = TestApp::start().await;
    let (ada, bob, carl) = (app.sign_up("Ada").await, app.sign_up("Bob").await, app.sign_up("Carl").await);
    let shop = bob.open_shop("Corner").await;
    let packer = json!({"shopId": shop, "userId": carl.id, "role": "FULFILLMENT"});
    bob.mutate("addShopMember", packer, "member { role }").await.ok();
    carl.mutate("acceptShopMembership", json!({"shopId": shop}), "member { role }").await.ok();
    let goods = bob.sell(&shop, "Lamp", "5.00", 9).await;
    let told = || {
        let is_told = |mail: &&Mail| mail.subject.starts_with("The order") && mail.subject.ends_with("was called off");
        [&bob, &carl, &ada].map(|person: &Person| app.mails(&person.email).iter().filter(is_told).count())
    };
    let unpaid = ada.order_one(&goods, "unpaid").await.ok()["order"]["id"].clone();
    ada.cancel(unpaid.as_str().unwrap()).await.ok();
    app.run_jobs().await;
    assert_eq!(told(), [0, 0, 0], "they had not heard of it");
    let paid = buy(&ada, &goods, "paid").await;
    app.run_jobs().await;
    ada.cancel(paid["id"].as_str().unwrap()).await.ok();
    app.run_jobs().await;
    assert_eq!(told(), [1, 1, 0]);
}

#[actix_web::test]
async fn what_waits_for_no_money_is_told_of_once_it_is_placed() {
    for (payments, price, subject) in
        [(PaymentSetup::Off, "5.00", "is placed"), (PaymentSetup::Test, "0.00", "is paid")]
    {
        let app = TestApp::start_with(|settings| settings.payments = payments).await;
        let (ada, bob) = (app.sign_up("Ada").await, app.sign_up("Bob").await);
        let goods = bob.sell(&bob.open_shop("Corner").await, "Lamp", price, 9).await;
        let order = ada.order_one(&goods, "order").await.ok()["order"].clone();
        // A repeat places nothing, and tells nobody.
        assert_eq!(ada.order_one(&goods, "order").await.ok()["order"]["id"], order["id"]);
        app.run_jobs().await;
        let subject = format!("Your order {} {subject}", order["number"].as_str().unwrap());
        let mails = app.mails(&ada.email);
        let told: Vec<_> = mails.iter().filter(|mail| mail.subject == subject).collect();
        assert_eq!(told.len(), 1, "{mails:?}");
        assert!(told[0].text.contains(&format!("{price} GBP")), "{told:?}");
        assert_eq!(
            shown(&app.guest(), link(&told[0].text).rsplit_once("token=").unwrap().1).await["number"],
            order["number"]
        );
        let sales = app.mails(&bob.email);
        assert_eq!(sales.iter().filter(|mail| mail.subject.starts_with("Corner has sold")).count(), 1, "{sales:?}");
    }
}

#[actix_web::test]
async fn those_of_the_staff_who_decide_about_money_are_told_of_what_did_not_go_back() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.sign_up("Ada").await, app.sign_up("Bob").await);
    let (admin, support) = (app.sign_up("Olive").await, app.sign_up("Sue").await);
    app.given_role(&admin, "ADMIN");
    app.given_role(&support, "SUPPORT");
    let goods = bob.sell(&bob.open_shop("Corner").await, "Lamp", "5.00", 9).await;
    let order = ada.order_one(&goods, "order").await.ok()["order"].clone();
    ada.pay(order["id"].as_str().unwrap(), "test_keeps", "pay").await.ok();
    app.run_jobs().await;
    let amount = json!({"amount": "0.50", "currency": "GBP"});
    let input =
        json!({"orderPartId": order["parts"][0]["id"], "amount": amount, "reason": "Chipped.", "idempotencyKey": "k"});
    let given = bob.mutate("refundOrderPart", input, "refunds { id }").await.ok()["refunds"][0]["id"].clone();
    let told = || {
        let is_told = |mail: &&Mail| mail.subject.starts_with("Money for");
        [&admin, &support, &bob].map(|person: &Person| app.mails(&person.email).iter().filter(is_told).count())
    };
    app.run_jobs().await;
    assert_eq!(told(), [1, 0, 0]);
    // This time it goes.
    bob.mutate("retryRefund", json!({"refundId": given}), "refund { status }").await.ok();
    app.run_jobs().await;
    assert_eq!(told(), [1, 0, 0]);
}
