//! Amounts that Stripe cannot give back, in a currency with three decimals: nothing is taken or granted that it could not carry out.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{Market, market, text, try_to_pay};
use crate::{harness::Client, orders::assert_books};

fn dinars(amount: &str) -> Value {
    json!({"amount": amount, "currency": "KWD"})
}

/// Something for sale in a shop of its own. Returns the variant.
async fn sell(seller: &Client, shop: &str, price: &str) -> Value {
    let input = json!({"name": shop, "currency": "KWD", "country": "GB"});
    let shop = seller.mutate("openShop", input, "desk { shop { id } }").await.ok()["desk"]["shop"]["id"].clone();
    let variants = json!([{"price": dinars(price), "quantity": 10}]);
    let input = json!({"shopId": shop, "title": "Lamp", "variants": variants});
    let product = seller.mutate("createProduct", input, "product { variants { id } }").await.ok();
    product["product"]["variants"][0]["id"].clone()
}

/// Orders a piece of each. Returns the order.
async fn order(market: &Market, variants: &[Value], total: &str) -> Value {
    let lines: Vec<_> = variants.iter().map(|variant| json!({"variantId": variant, "quantity": 1})).collect();
    let input = json!({
        "lines": lines,
        "shippingAddress": {"name": "Ada", "lines": ["1 Street"], "postalCode": "N1 9AG", "city": "London", "country": "GB"},
        "expectedTotal": dinars(total),
        "idempotencyKey": total,
    });
    market.buyer.mutate("placeOrder", input, "order { id parts { id } }").await.ok()["order"].clone()
}

#[actix_web::test]
async fn an_order_is_paid_only_if_each_of_its_parts_can_be_given_back() {
    let market = market().await;
    let odd = [sell(&market.seller, "Odd", "5.123").await, sell(&market.seller, "Odder", "5.127").await];
    let placed = order(&market, &odd, "10.250").await;
    let tried = try_to_pay(&market.buyer, placed["id"].as_str().unwrap(), "pm_card", None, "pay").await.ok();
    assert_eq!(tried["payment"]["status"], "FAILED");
    assert_eq!(tried["payment"]["failureReason"], "UNSUPPORTED");
    assert_eq!(market.stripe.asked("make"), 0);
    assert_books(&market.app).await;
}

#[actix_web::test]
async fn what_stripe_could_not_give_back_is_refused_and_the_step_is_named() {
    let market = market().await;
    let even = sell(&market.seller, "Even", "5.120").await;
    let placed = order(&market, &[even], "5.120").await;
    let paid = try_to_pay(&market.buyer, placed["id"].as_str().unwrap(), "pm_card", None, "pay").await.ok();
    assert_eq!(paid["payment"]["status"], "SUCCEEDED");
    let back = |amount: &str| json!({"orderPartId": placed["parts"][0]["id"], "amount": dinars(amount), "reason": "Chipped.", "idempotencyKey": amount});
    let refused = market.seller.mutate("refundOrderPart", back("1.001"), "orderPart { id }").await;
    assert_eq!(refused.refusal(), ("REFUND_STEP".to_owned(), String::new()));
    let document = "mutation($input: RefundOrderPartInput!) { refundOrderPart(input: $input) { \
                    userErrors { ... on RefundStepError { step { amount currency } } } } }";
    let named = market.seller.send(document, json!({"input": back("1.001")})).await.ok();
    assert_eq!(named["refundOrderPart"]["userErrors"], json!([{"step": dinars("0.010")}]));
    assert_books(&market.app).await;

    let given = market.seller.mutate("refundOrderPart", back("1.010"), "refunds { id status }").await.ok();
    assert_eq!(given["refunds"][0]["status"], "PROCESSING");
    market.app.run_jobs().await;
    assert_eq!(text(&market.stripe.refund("re_1")["status"]), "succeeded");
    assert_eq!(market.stripe.refund("re_1")["amount"], 1_010);
    // And so does all that is left.
    market.app.advance(TimeDelta::seconds(1));
    let key = json!({"orderId": placed["id"], "idempotencyKey": "cancel"});
    market.buyer.mutate("cancelOrder", key, "order { lifecycle }").await.ok();
    market.app.run_jobs().await;
    assert_eq!(market.stripe.refund("re_2")["amount"], 4_110);
    assert_books(&market.app).await;
}
