//! What the parties of an order and of a conversation see of it: a row for each field of the types that are theirs.

mod rows;

use std::collections::BTreeSet;

use agora::{kernel::id::Id, orders::model::Order};
use serde_json::{Value, json};

use self::rows::{CALLERS, ROWS, Row};
use crate::harness::{Client, TestApp};

/// An order with a payment that waits, one that failed, one that was cancelled and one that was given back, and a question about a product; and
/// everybody who asks for them.
async fn things(app: &TestApp) -> (Value, Vec<Client>) {
    let owner = app.sign_up("Owner").await;
    let shop = owner.open_shop("Corner").await;
    let goods = owner.sell(&shop, "Holder", "5.00", 10).await;
    let buyer = app.sign_up("Buyer").await;
    let mut clients = vec![buyer.client.clone(), owner.client.clone()];
    for role in ["MANAGER", "FULFILLMENT", "SUPPORT"] {
        let member = app.sign_up(&format!("Shop{role}")).await;
        let input = json!({"shopId": shop, "userId": member.id, "role": role});
        owner.mutate("addShopMember", input, "member { role }").await.ok();
        clients.push(member.client);
    }
    clients.push(app.sign_up("Stranger").await.client);
    clients.push(app.guest());
    for role in ["SUPPORT", "ADMIN"] {
        let clerk = app.sign_up(&format!("Market{role}")).await;
        app.given_role(&clerk, role);
        clients.push(clerk.client);
    }

    let order = buyer.order_one(&goods, "order").await.ok()["order"].clone();
    let id = order["id"].as_str().unwrap();
    app.given_sql("UPDATE orders SET note = 'Ring twice.', code = 'SPRING', tax_name = 'VAT'");
    app.given_sql("UPDATE order_parts SET shipping_method = 'Post', promotion = 'Spring'");
    let note = json!({"orderPartId": order["parts"][0]["id"], "text": "Gift wrap it.", "idempotencyKey": "note"});
    owner.mutate("addOrderPartNote", note, "note { id }").await.ok();
    let failed = buyer.pay(id, "test_declines", "declined").await;
    let payment = buyer.pay(id, "test_requires_action", "waits").await.ok();
    app.given_sql("UPDATE payment_intents SET authorized_until = created_at");
    let cancelled = buyer.order_one(&goods, "cancelled").await.ok()["order"]["id"].clone();
    buyer.cancel(cancelled.as_str().unwrap()).await.ok();
    let paid = buyer.order_one(&goods, "paid").await.ok()["order"].clone();
    let settled = buyer.pay(paid["id"].as_str().unwrap(), "test_succeeds", "paid").await.ok();
    let promised = buyer.order_one(&goods, "promised").await.ok()["order"].clone();
    buyer.pay(promised["id"].as_str().unwrap(), "test_requires_action", "promised").await.ok();
    let of: Id<Order> = promised["id"].as_str().unwrap().parse().unwrap();
    app.given_sql(&format!(
        "UPDATE payment_intents SET status = 'REQUIRES_CAPTURE', authorized_until = created_at WHERE order_id = '{}'",
        of.uuid()
    ));
    let sent = json!({"orderPartId": paid["parts"][0]["id"], "isShipped": true, "carrier": "Post", "trackingNumber": "1",
                      "trackingUrl": "https://post.example", "idempotencyKey": "sent"});
    let shipment = owner.mutate("createShipment", sent, "shipment { id }").await.ok()["shipment"]["id"].clone();
    buyer.mutate("confirmDelivery", json!({"shipmentId": shipment}), "shipment { id }").await.ok();
    let arrived = &paid["parts"][0]["id"];
    let asked = json!({"orderPartId": arrived, "reason": "OTHER", "note": "N", "idempotencyKey": "return"});
    let asked = buyer.mutate("requestReturn", asked, "orderReturn { id }").await.ok()["orderReturn"]["id"].clone();
    let claim = async |key: &str| {
        let claim = json!({"orderPartId": arrived, "kind": "NOT_RECEIVED", "message": "M", "idempotencyKey": key});
        buyer.mutate("openClaim", claim, "claim { id }").await.ok()["claim"]["id"].clone()
    };
    let decided = claim("one").await;
    app.given_sql("UPDATE claims SET status = 'DECIDED', decision = 'FOR_SHOP', due_at = NULL");
    let open = claim("two").await;
    let back = json!({"orderPartId": arrived, "amount": {"amount": "1.00", "currency": "GBP"}, "reason": "Chipped.",
                      "idempotencyKey": "back"});
    let refund = owner.mutate("refundOrderPart", back, "refunds { id }").await.ok()["refunds"][0]["id"].clone();
    let contact = json!({"productId": goods.product, "text": "Is it green?", "idempotencyKey": "ask"});
    let contact = buyer.mutate("contactShop", contact, "conversation { id } message { id }").await.ok();
    let again = json!({"conversationId": contact["conversation"]["id"], "text": "Or blue?", "replyToId": contact["message"]["id"],
                       "idempotencyKey": "again"});
    let message = buyer.mutate("sendMessage", again, "message { id }").await.ok()["message"]["id"].clone();
    let edited = json!({"messageId": message, "expectedVersion": 1, "text": "Or is it blue?"});
    buyer.mutate("editMessage", edited, "message { id }").await.ok();
    app.given_sql("UPDATE participants SET muted_until = now() + interval '10 years'");
    let things = json!({
        "arrived": arrived,
        "cancelled": cancelled,
        "claim": open,
        "decidedClaim": decided,
        "return": asked,
        "conversation": contact["conversation"]["id"],
        "failed": failed.data["payOrder"]["payment"]["id"],
        "settled": settled["payment"]["id"],
        "message": message,
        "order": order["id"],
        "part": order["parts"][0]["id"],
        "payment": payment["payment"]["id"],
        "promised": promised["parts"][0]["id"],
        "refund": refund,
        "shipment": shipment,
        "talk": order["parts"][0]["conversation"]["id"],
    });
    (things, clients)
}

#[actix_web::test]
async fn each_party_sees_what_the_table_says() {
    let app = TestApp::start().await;
    let (things, clients) = things(&app).await;
    let mut wrong = Vec::new();
    for Row(field, thing, selection, expected) in ROWS {
        let (ty, name) = field.split_once('.').unwrap();
        let document = format!("query($id: ID!) {{ node(id: $id) {{ ... on {ty} {{ {name} {selection} }} }} }}");
        for ((caller, client), expected) in CALLERS.iter().zip(&clients).zip(expected) {
            let data = client.send(&document, json!({"id": things[*thing]})).await.ok();
            if data["node"][name].is_null() == *expected {
                wrong.push(format!("{field} for the {caller}: expected {expected}, got {data}"));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[actix_web::test]
async fn every_field_of_what_belongs_to_parties_is_in_the_table() {
    let app = TestApp::start().await;
    let types: BTreeSet<&str> = ROWS.iter().map(|Row(field, ..)| field.split('.').next().unwrap()).collect();
    let mut wanted = BTreeSet::new();
    for ty in types {
        let document = "query($name: String!) { __type(name: $name) { fields { name } } }";
        let fields = app.guest().send(document, json!({"name": ty})).await.ok()["__type"]["fields"].clone();
        wanted
            .extend(fields.as_array().unwrap().iter().map(|field| format!("{ty}.{}", field["name"].as_str().unwrap())));
    }
    let decided: BTreeSet<_> = ROWS.iter().map(|Row(field, ..)| (*field).to_owned()).collect();
    assert_eq!(wanted, decided, "decide who may have it: add rows to tests/it/parties.rs");
}

/// What of a guest's order is null for who has the owner's token: it is nobody's, and its conversation and claims wait until it is somebody's.
const NOT_HELD: &[&str] = &[
    "Order.buyer",
    "Order.cancellationReason",
    "Order.cancelledAt",
    // It is paid.
    "OrderPart.authorizedUntil",
    "OrderPart.buyer",
    "OrderPart.conversation",
    "OrderPart.explanation",
    "OrderPart.notes",
    "OrderPart.order",
];
/// What is null for who has the link in a mail, besides that.
const NOT_LINKED: &[&str] = &[
    "Order.code",
    "Order.note",
    "Order.shippingAddress",
    "OrderPart.invoice",
    "OrderPart.orderNote",
    "OrderPart.shippingAddress",
];
/// What is empty for them, but not for who has the owner's token.
const LISTED: &[&str] = &["Order.payments", "Order.timeline", "OrderPart.shipments", "OrderPart.timeline"];

#[actix_web::test]
async fn a_guest_sees_by_their_token_what_a_buyer_does_and_by_the_link_less() {
    let app = TestApp::start().await;
    let (owner, _, goods) = crate::reviews::mill(&app).await;
    let placed = crate::guest_orders::placed(&app.guest(), &goods, "guest@example.com").await;
    app.given_sql("UPDATE orders SET note = 'Ring twice.', code = 'SPRING', tax_name = 'VAT'");
    app.given_sql("UPDATE order_parts SET shipping_method = 'Post', promotion = 'Spring'");
    crate::guest_orders::pay(&app.guest(), &placed, "pay").await.ok();
    let sent = json!({"orderPartId": placed["order"]["parts"][0]["id"], "isShipped": true, "idempotencyKey": "sent"});
    owner.mutate("createShipment", sent, "shipment { id }").await.ok();
    app.given_sql("UPDATE orders SET payment_due_at = placed_at");
    app.run_jobs().await;
    let link = crate::guest_orders::link_token(&app, "guest@example.com");
    let mut wrong = Vec::new();
    for Row(field, _, selection, _) in ROWS {
        let (ty, name) = field.split_once('.').unwrap();
        let asked = format!("{name} {selection}");
        let asked = match ty {
            "Order" => asked,
            "OrderPart" => format!("parts {{ {asked} }}"),
            _ => continue,
        };
        let document = format!("query($token: String!) {{ order(token: $token) {{ {asked} }} }}");
        for (token, is_owner) in [(&placed["token"], true), (&link, false)] {
            let data = app.guest().send(&document, json!({"token": token})).await.ok();
            let found = match ty {
                "Order" => &data["order"][name],
                _ => &data["order"]["parts"][0][name],
            };
            let expected = !NOT_HELD.contains(field) && (is_owner || !NOT_LINKED.contains(field));
            if found.is_null() == expected {
                wrong.push(format!("{field} (owner: {is_owner}): expected {expected}, got {data}"));
            }
            if LISTED.contains(field) && (found == &json!([])) == is_owner {
                wrong.push(format!("{field} (owner: {is_owner}): got {data}"));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// Whoever brings a token that is no good is told so, whatever they ask for; they are never taken for a guest.
#[actix_web::test]
async fn a_bad_token_gets_nothing_at_all() {
    let app = TestApp::start().await;
    for token in ["", "nonsense", "eyJhbGciOiJub25lIn0.e30.", "agora_sk_nonsense"] {
        let client = app.guest().with_token(token);
        for document in
            ["{ __typename }", "{ products { nodes { id } } }", "mutation { signOut { userErrors { code } } }"]
        {
            let answer = client.try_send(document, json!({})).await.unwrap();
            assert_eq!(answer.status, 401, "{token} {document}: {answer:?}");
            assert_eq!(answer.errors[0]["extensions"]["code"], "UNAUTHENTICATED", "{token} {document}");
            assert!(answer.data.is_null(), "{token} {document}: {answer:?}");
        }
    }
}
