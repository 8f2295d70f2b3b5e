//! What shops pack, send and call off, and what becomes of stock, money and threads by it.

mod cancelling;
mod sending;

use serde_json::{Value, json};

use crate::harness::{Answer, Client, TestApp, app::Person, market::Goods};

const SHIPMENT: &str = "shipment { id status nextStatuses carrier trackingNumber trackingUrl shippedAt deliveredAt \
                        lines { quantity orderLine { title } } orderPart { fulfillmentState } }";

pub async fn ship(who: &Client, part: &Value, lines: Value, is_shipped: bool, key: &str) -> Answer {
    let input = json!({"orderPartId": part, "lines": lines, "isShipped": is_shipped, "carrier": "Post", "trackingNumber": "AB 1",
                       "trackingUrl": "https://post.example/AB1", "idempotencyKey": key});
    who.mutate("createShipment", input, SHIPMENT).await
}

pub async fn proceed(who: &Client, shipment: &Value, status: &str) -> Answer {
    who.mutate("updateShipment", json!({"shipmentId": shipment["id"], "status": status}), SHIPMENT).await
}

pub async fn call_off(who: &Client, part: &Value, lines: Value, key: &str) -> Answer {
    let input = json!({"orderPartId": part, "lines": lines, "reason": "Broken.", "idempotencyKey": key});
    who.mutate(
        "cancelOrderPart",
        input,
        "orderPart { lines { quantityCancelled } amountCancelled { amount } amountRefunded { amount } }",
    )
    .await
}

const ORDER: &str = "lifecycle paymentState cancellationReason amountPaid { amount } amountRefunded { amount } amountCancelled { amount } \
                     amountOwed { amount } timeline { step shipment { status } } parts { id fulfillmentState lines { id quantity \
                     quantityPacked quantityCancelled } shipments { id status } conversation { id } }";

pub async fn look(who: &Client, order: &Value) -> Value {
    let document = format!("query($id: ID!) {{ node(id: $id) {{ ... on Order {{ {ORDER} }} }} }}");
    who.send(&document, json!({"id": order})).await.ok()["node"].clone()
}

pub fn steps(order: &Value) -> Vec<&str> {
    order["timeline"].as_array().unwrap().iter().map(|event| event["step"].as_str().unwrap()).collect()
}

/// What is paid, given back, fallen away, and owed.
pub fn sums(order: &Value) -> [&str; 4] {
    ["amountPaid", "amountRefunded", "amountCancelled", "amountOwed"]
        .map(|field| order[field]["amount"].as_str().unwrap())
}

/// An order of three lamps and two shades of one shop, and a rug of another.
pub struct Ordered {
    pub app: TestApp,
    pub ada: Person,
    pub bert: Person,
    pub buyer: Person,
    pub lamp: Goods,
    pub rug: Goods,
    pub order: Value,
}

pub async fn ordered() -> Ordered {
    let app = TestApp::start_with(|settings| settings.checkout.commission = "10".parse().unwrap()).await;
    let (ada, bert, buyer) = (app.sign_up("Ada").await, app.sign_up("Bert").await, app.sign_up("Buyer").await);
    let shop = ada.open_shop("Lamps").await;
    let (lamp, shade) = (ada.sell(&shop, "Lamp", "4.00", 3).await, ada.sell(&shop, "Shade", "1.50", 5).await);
    let rug = bert.sell(&bert.open_shop("Rugs").await, "Rug", "20.00", 1).await;
    let placed = buyer.order(&[(&lamp, 3), (&shade, 2), (&rug, 1)], "35.00", "order").await.ok();
    let order = placed["order"]["id"].clone();
    Ordered { app, ada, bert, buyer, lamp, rug, order }
}

pub async fn pay(ordered: &Ordered) {
    ordered.buyer.pay(ordered.order.as_str().unwrap(), "test_succeeds", "pay").await.ok();
    ordered.app.run_jobs().await;
}
