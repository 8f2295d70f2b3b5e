//! The test provider's page: a person decides about a payment, once.

use reqwest::{Response, StatusCode, redirect::Policy};
use serde_json::{Value, json};

use super::harness::{TestApp, app::Person};

const PAYMENT: &str =
    "payment { status failureReason nextAction { ... on RedirectAction { url } } } order { paymentState }";

/// A buyer with an order over 10.00 that they want to pay on the provider's page. Returns its URL.
async fn waiting(app: &TestApp, return_url: Option<&str>) -> (Person, String, String) {
    let (seller, buyer) = (app.sign_up("Sally").await, app.sign_up("Bob").await);
    let shop = json!({"name": "Shop", "currency": "GBP", "country": "GB"});
    let shop = seller.mutate("openShop", shop, "desk { shop { id } }").await.ok()["desk"]["shop"]["id"].clone();
    let price = json!({"amount": "10.00", "currency": "GBP"});
    let product = json!({"shopId": shop, "title": "Mug", "variants": [{"price": price, "quantity": 1}]});
    let product = seller.mutate("createProduct", product, "product { variants { id } }").await.ok();
    let order = json!({
        "lines": [{"variantId": product["product"]["variants"][0]["id"], "quantity": 1}],
        "shippingAddress": {"name": "Bob", "lines": ["1 Street"], "postalCode": "N1 9AG", "city": "London", "country": "GB"},
        "expectedTotal": price,
        "idempotencyKey": "order",
    });
    let order =
        buyer.mutate("placeOrder", order, "order { id }").await.ok()["order"]["id"].as_str().unwrap().to_owned();
    let pay = json!({
        "orderId": order,
        "method": {"token": "test_requires_action"},
        "returnUrl": return_url,
        "idempotencyKey": "pay",
    });
    let paying = buyer.mutate("payOrder", pay, PAYMENT).await.ok();
    assert_eq!(paying["payment"]["status"], "REQUIRES_ACTION");
    let url = paying["payment"]["nextAction"]["url"].as_str().unwrap().to_owned();
    (buyer, order, url)
}

async fn decide(url: &str, decision: &str) -> Response {
    let http = reqwest::Client::builder().redirect(Policy::none()).build().unwrap();
    http.post(url).form(&[("decision", decision)]).send().await.unwrap()
}

/// The order's payment state, its newest payment, and what its conversation says.
async fn state(buyer: &Person, order: &str) -> Value {
    let selection = "paymentState payments { status failureReason } parts { conversation { messages { nodes { content { ... on OrderStepContent { step } } } } } }";
    buyer.query(&format!("{{ node(id: \"{order}\") {{ ... on Order {{ {selection} }} }} }}")).await.ok()["node"].clone()
}

#[actix_web::test]
async fn approving_pays_the_order_and_leads_back() {
    let app = TestApp::start().await;
    let (buyer, order, url) = waiting(&app, Some("https://shop.example/back?order=1")).await;
    let page = reqwest::get(&url).await.unwrap();
    let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.ends_with("form-action 'self' https://shop.example"), "{policy}");
    let page = page.text().await.unwrap();
    assert!(page.contains("10.00 GBP") && page.contains("value=approve") && page.contains("value=decline"), "{page}");

    let answer = decide(&url, "approve").await;
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    assert_eq!(answer.headers()["location"], "https://shop.example/back?order=1");
    let paid = state(&buyer, &order).await;
    assert_eq!((&paid["paymentState"], &paid["payments"][0]["status"]), (&json!("PAID"), &json!("SUCCEEDED")));

    // A second click, and a change of mind, change nothing.
    for decision in ["approve", "decline"] {
        assert_eq!(decide(&url, decision).await.status(), StatusCode::SEE_OTHER);
        assert_eq!(state(&buyer, &order).await, paid);
    }
    let page = reqwest::get(&url).await.unwrap().text().await.unwrap();
    assert!(page.contains("approved") && !page.contains("<form"), "{page}");
}

#[actix_web::test]
async fn declining_takes_no_money_and_another_attempt_may_follow() {
    let app = TestApp::start().await;
    let (buyer, order, url) = waiting(&app, None).await;
    let page = decide(&url, "decline").await;
    assert_eq!(page.status(), StatusCode::OK);
    assert!(page.text().await.unwrap().contains("declined"));
    let declined = state(&buyer, &order).await;
    assert_eq!(declined["paymentState"], "UNPAID");
    assert_eq!(declined["payments"][0], json!({"status": "FAILED", "failureReason": "DECLINED"}));
    assert_eq!(decide(&url, "approve").await.status(), StatusCode::OK);
    assert_eq!(state(&buyer, &order).await, declined);

    let pay = json!({"orderId": order, "method": {"token": "test_succeeds"}, "idempotencyKey": "again"});
    assert_eq!(buyer.mutate("payOrder", pay, PAYMENT).await.ok()["order"]["paymentState"], "PAID");
}

#[actix_web::test]
async fn nobody_gets_to_a_page_without_its_token() {
    let app = TestApp::start().await;
    let (buyer, order, url) = waiting(&app, None).await;
    let (forged, id) = (format!("{}0", &url[..url.len() - 1]), url.rsplit_once('-').unwrap().0);
    let forged = if forged == url { format!("{}1", &url[..url.len() - 1]) } else { forged };
    for url in [forged.as_str(), id, &app.url("/dev/payments/x")] {
        assert_eq!(reqwest::get(url).await.unwrap().status(), StatusCode::NOT_FOUND, "{url}");
        assert_eq!(decide(url, "approve").await.status(), StatusCode::NOT_FOUND, "{url}");
    }
    assert_eq!(decide(&url, "steal").await.status(), StatusCode::BAD_REQUEST);
    assert_eq!(state(&buyer, &order).await["payments"][0]["status"], "REQUIRES_ACTION");
}
