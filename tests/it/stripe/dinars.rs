//! Amounts that Stripe cannot give back, in a currency with three decimals: nothing is taken or granted that it could not carry out.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{Market, market, text, try_to_pay};
use crate::{
    harness::{Answer, Client},
    orders::assert_books,
};

fn dinars(amount: &str) -> Value {
    json!({"amount": amount, "currency": "KWD"})
}

/// Something for sale in a shop of its own. Returns the variant.
async fn sell(seller: &Client, shop: &str, price: &str) -> Value {
    let shop = open(seller, shop).await;
    sell_in(seller, &shop, price).await
}

async fn open(seller: &Client, shop: &str) -> Value {
    let input = json!({"name": shop, "currency": "KWD", "country": "GB"});
    seller.mutate("openShop", input, "desk { shop { id } }").await.ok()["desk"]["shop"]["id"].clone()
}

async fn sell_in(seller: &Client, shop: &Value, price: &str) -> Value {
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
    market.buyer.mutate("placeOrder", input, "order { id parts { id lines { id } } }").await.ok()["order"].clone()
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
async fn parts_are_looked_at_before_they_are_paid_only_where_amounts_have_a_step() {
    let market = market().await;
    let even = sell(&market.seller, "Even", "5.120").await;
    let dinars = order(&market, &[even], "5.120").await["id"].clone();
    let pounds = market.buyer.order_one(&market.goods, "pounds").await.ok()["order"]["id"].clone();
    let mut taken = Vec::new();
    for order in [&json!(market.order), &dinars, &pounds] {
        let paid = try_to_pay(&market.buyer, order.as_str().unwrap(), "pm_card", None, &text(order)).await;
        taken.push(paid.statements.unwrap());
        assert_eq!(paid.ok()["payment"]["status"], "SUCCEEDED");
    }
    assert!(taken[2] < taken[1], "{taken:?}");
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

/// Two pieces of one shop, which cost a multiple of Stripe's step together, and none each.
async fn two(market: &Market) -> Value {
    let shop = open(&market.seller, "Odd").await;
    let odd = [sell_in(&market.seller, &shop, "5.123").await, sell_in(&market.seller, &shop, "5.127").await];
    order(market, &odd, "10.250").await
}

/// The buyer removes the first of them.
async fn remove(market: &Market, placed: &Value, difference: &str) -> Answer {
    let version = "query($id: ID!) { node(id: $id) { ... on Order { version } } }";
    let version = market.buyer.send(version, json!({"id": placed["id"]})).await.ok()["node"]["version"].clone();
    let part = &placed["parts"][0];
    let input = json!({
        "orderPartId": part["id"], "expectedVersion": version, "add": [],
        "remove": [{"orderLineId": part["lines"][0]["id"], "quantity": 1}],
        "expectedDifference": dinars(difference), "idempotencyKey": format!("remove {difference}"),
    });
    market.buyer.mutate("editOrderPart", input, "orderPart { amountRefunded { amount } }").await
}

#[actix_web::test]
async fn of_pieces_that_are_called_off_what_stripe_cannot_give_back_goes_with_the_last() {
    let market = market().await;
    let placed = two(&market).await;
    let paid = try_to_pay(&market.buyer, placed["id"].as_str().unwrap(), "pm_card", None, "pay").await.ok();
    assert_eq!(paid["payment"]["status"], "SUCCEEDED");
    assert_eq!(remove(&market, &placed, "-5.123").await.refusal().0, "PRICE_CHANGED");
    let edited = remove(&market, &placed, "-5.120").await.ok();
    assert_eq!(edited["orderPart"]["amountRefunded"]["amount"], "5.120");
    market.app.run_jobs().await;
    assert_eq!(market.stripe.refund("re_1")["amount"], 5_120);
    assert_books(&market.app).await;
    market.app.advance(TimeDelta::seconds(1));
    let rest = json!({"orderPartId": placed["parts"][0]["id"], "reason": "Sold out.", "idempotencyKey": "rest"});
    market.seller.mutate("cancelOrderPart", rest, "orderPart { id }").await.ok();
    market.app.run_jobs().await;
    assert_eq!(market.stripe.refund("re_2")["amount"], 5_130);
    assert_books(&market.app).await;
}

#[actix_web::test]
async fn money_of_which_stripe_could_not_give_back_what_is_too_much_goes_back_as_a_whole() {
    let market = market().await;
    let placed = two(&market).await;
    let begun = try_to_pay(&market.buyer, placed["id"].as_str().unwrap(), "pm_asks", None, "pay").await.ok();
    assert_eq!(begun["payment"]["status"], "REQUIRES_ACTION");
    remove(&market, &placed, "-5.123").await.ok();
    // Its buyer has done just before what it waited for.
    market.stripe.becomes("pi_1", "succeeded");
    for _ in 0..2 {
        market.app.run_jobs().await;
    }
    assert_eq!(market.stripe.refund("re_1")["amount"], 10_250);
    let seen = "query($id: ID!) { node(id: $id) { ... on Order { paymentState refunds { status } } } }";
    let seen = market.buyer.send(seen, json!({"id": placed["id"]})).await.ok()["node"].clone();
    assert_eq!(seen, json!({"paymentState": "UNPAID", "refunds": [{"status": "SUCCEEDED"}]}));
    assert_books(&market.app).await;
}
