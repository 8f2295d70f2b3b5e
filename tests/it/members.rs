//! What each role may see and do in a shop: a row for each field of its desk and for each mutation of what is the shop's.
//! And a sweep: whatever ids the members and a buyer saw, a stranger gets nothing by them.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::harness::{Client, TestApp, app::Person};

/// Owner, manager, fulfillment, support, and somebody who left.
struct Row(&'static str, &'static str, [Gets; 5]);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Gets {
    Something,
    Nothing,
    NotPermitted,
    Hidden,
}

use Gets::{Hidden, NotPermitted, Nothing, Something};

/// A field of the desk that every member sees.
const MEMBERS: [Gets; 5] = [Something, Something, Something, Something, Nothing];
const MONEY: [Gets; 5] = [Something, Something, Nothing, Nothing, Nothing];
const ANSWERING: [Gets; 5] = [Something, Something, Nothing, Something, Nothing];
const OWNER: [Gets; 5] = [Something, NotPermitted, NotPermitted, NotPermitted, Hidden];
const MANAGING: [Gets; 5] = [Something, Something, NotPermitted, NotPermitted, Hidden];
const SENDING: [Gets; 5] = [Something, Something, Something, NotPermitted, Hidden];
const STOCKING: [Gets; 5] = [Something, Something, Something, NotPermitted, Hidden];
/// Everybody sees reviews, so nobody learns anything by a refusal.
const ANSWERING_ALL: [Gets; 5] = [Something, Something, NotPermitted, Something, NotPermitted];
const SEEING: [Gets; 5] = [Something, Something, Something, Something, Hidden];
const TALKING: [Gets; 5] = [Something, Something, Hidden, Something, Hidden];
const REPLYING: [Gets; 5] = [Something, Something, NotPermitted, Something, Hidden];
/// The buyer wrote it.
const SEEING_ANOTHERS: [Gets; 5] = [NotPermitted, NotPermitted, Hidden, NotPermitted, Hidden];

#[rustfmt::skip]
const DESK: &[Row] = &[
    Row("badges", "badges { unreadConversations unreadMessages }", ANSWERING),
    Row("balances", "balances { amount }", MONEY),
    Row("claims", "claims { nodes { id orderPart { id } timeline { id } } }", MEMBERS),
    Row("commissionPercent", "commissionPercent", MONEY),
    Row("conversations", "conversations { nodes { id lastMessage { id } } }", ANSWERING),
    Row("documents", "documents { nodes { ... on Invoice { id } ... on CreditNote { id } } }", MONEY),
    Row("id", "id", MEMBERS),
    Row("isAccepted", "isAccepted", MEMBERS),
    Row("ledgerEntries", "ledgerEntries { nodes { amount { amount } orderPart { id } refund { id } } }", MONEY),
    Row("locations", "locations { id }", MEMBERS),
    Row("members", "members { role user { id } }", MEMBERS),
    Row("orders", "orders { nodes { id lines { id } notes { id } conversation { id } } }", MEMBERS),
    Row("ordersCsvUrl", "ordersCsvUrl(from: \"2026-11-01\", until: \"2026-11-30\")", MEMBERS),
    Row("nextPayout", "nextPayout { amount { amount } held { amount } carriedOver { amount } date }", MONEY),
    Row("payoutAccount", "payoutAccount { status requirements }", MONEY),
    Row("payouts", "payouts { nodes { id } }", MONEY),
    Row("priceChanges", "priceChanges(variantId: \"variant_00000000000000000000000000\") { nodes { currency } }", MEMBERS),
    Row("products", "products { nodes { id variants { id } } }", MEMBERS),
    Row("productImports", "productImports { nodes { id } }", MEMBERS),
    Row("promotions", "promotions { nodes { id code usedCount } }", MEMBERS),
    Row("returns", "returns { nodes { id orderPart { id } timeline { id } lines { quantity } } }", MEMBERS),
    Row("searchMessages", "searchMessages(query: \"when\") { nodes { message { id } highlights { start } } }", ANSWERING),
    Row("quickReplies", "quickReplies { id shortcut text }", MEMBERS),
    Row("reviews", "reviews { nodes { id author { id } } }", MEMBERS),
    Row("role", "role", MEMBERS),
    Row("salesReport", "salesReport(from: \"2026-11-01\", until: \"2026-11-30\", by: PRODUCT) { rows { product { id } sums { net { amount } } } totals { orders } }", MONEY),
    Row("shippingZones", "shippingZones { id methods { id rates { price { amount } } } }", MEMBERS),
    Row("shop", "shop { id }", MEMBERS),
    Row("shipsFrom", "shipsFrom { city }", MEMBERS),
    Row("statement", "statement(month: \"2026-11-20\") { closing { amount } sums { reason } }", MONEY),
    Row("stockMovements", "stockMovements { nodes { delta actor { id } orderPart { id } } }", MEMBERS),
    Row("stock", "stock { nodes { onHand location { id } } }", MEMBERS),
];

/// The last of each kind changes who is a member, so owners come last.
#[rustfmt::skip]
const MUTATIONS: &[Row] = &[
    Row("updateShop", "mutation($shop: ID!) { updateShop(input: {shopId: $shop, expectedVersion: 1}) { userErrors { code } } }", MANAGING),
    Row("createProduct", "mutation($shop: ID!) { createProduct(input: {shopId: $shop, title: \"Lamp\", price: {amount: \"1.00\", currency: \"GBP\"}}) { userErrors { code } } }", MANAGING),
    Row("createProductVariant", "mutation($product: ID!) { createProductVariant(input: {productId: $product, price: {amount: \"1.00\", currency: \"GBP\"}}) { userErrors { code } } }", MANAGING),
    Row("updateProduct", "mutation($product: ID!) { updateProduct(input: {productId: $product, expectedVersion: 1}) { userErrors { code } } }", MANAGING),
    Row("updateProductVariant", "mutation($variant: ID!) { updateProductVariant(input: {variantId: $variant, expectedVersion: 1}) { userErrors { code } } }", MANAGING),
    Row("updateProductOptions", "mutation($product: ID!) { updateProductOptions(input: {productId: $product, expectedVersion: 1, options: []}) { userErrors { code } } }", MANAGING),
    Row("updateProductPrices", "mutation($product: ID!) { updateProductPrices(input: {productId: $product, variants: []}) { userErrors { code } } }", MANAGING),
    Row("setProductTranslation", "mutation($product: ID!) { setProductTranslation(input: {productId: $product, locale: \"de\", title: \"Lampe\"}) { userErrors { code } } }", MANAGING),
    Row("setProductMedia", "mutation($product: ID!) { setProductMedia(input: {productId: $product, expectedVersion: 1, media: []}) { userErrors { code } } }", MANAGING),
    Row("reorderProductVariants", "mutation($product: ID!) { reorderProductVariants(input: {productId: $product, expectedVersion: 1, variantIds: []}) { userErrors { code } } }", MANAGING),
    Row("importProducts", "mutation($shop: ID!) { importProducts(input: {shopId: $shop, uploadId: \"upload_00000000000000000000000000\"}) { userErrors { code } } }", MANAGING),
    Row("cancelProductImport", "mutation($productImport: ID!) { cancelProductImport(input: {productImportId: $productImport}) { userErrors { code } } }", MANAGING),
    Row("createPromotion", "mutation($shop: ID!) { createPromotion(input: {shopId: $shop, name: \"Free\", kind: FREE_SHIPPING}) { userErrors { code } } }", MANAGING),
    Row("updatePromotion", "mutation($promotion: ID!) { updatePromotion(input: {promotionId: $promotion, expectedVersion: 1}) { userErrors { code } } }", MANAGING),
    Row("deletePromotion", "mutation($promotion: ID!) { deletePromotion(input: {promotionId: $promotion, expectedVersion: 0}) { userErrors { code } } }", MANAGING),
    Row("adjustStock", "mutation($variant: ID!) { adjustStock(input: {variantId: $variant, change: {by: 1}}) { userErrors { code } } }", STOCKING),
    Row("setStockRule", "mutation($variant: ID!) { setStockRule(input: {variantId: $variant, backorderLimit: 1}) { userErrors { code } } }", STOCKING),
    Row("moveStock", "mutation($variant: ID!, $location: ID!, $barn: ID!) { moveStock(input: {variantId: $variant, fromLocationId: $location, toLocationId: $barn, quantity: 1}) { userErrors { code } } }", STOCKING),
    Row("createLocation", "mutation($shop: ID!) { createLocation(input: {shopId: $shop, name: \"Loft\"}) { userErrors { code } } }", MANAGING),
    Row("updateLocation", "mutation($location: ID!) { updateLocation(input: {locationId: $location, name: \"Default\"}) { userErrors { code } } }", MANAGING),
    Row("createShippingZone", "mutation($shop: ID!) { createShippingZone(input: {shopId: $shop, name: \"More ice\", countries: [\"GL\"]}) { userErrors { code } } }", MANAGING),
    Row("updateShippingZone", "mutation($shippingZone: ID!) { updateShippingZone(input: {shippingZoneId: $shippingZone, expectedVersion: 1, name: \"Snow\"}) { userErrors { code } } }", MANAGING),
    Row("deleteShippingZone", "mutation($shippingZone: ID!) { deleteShippingZone(input: {shippingZoneId: $shippingZone, expectedVersion: 9}) { userErrors { code } } }", MANAGING),
    Row("createShippingMethod", "mutation($shippingZone: ID!) { createShippingMethod(input: {shippingZoneId: $shippingZone, name: \"Boat\", rates: []}) { userErrors { code } } }", MANAGING),
    Row("updateShippingMethod", "mutation($shippingMethod: ID!) { updateShippingMethod(input: {shippingMethodId: $shippingMethod, expectedVersion: 1, isActive: false}) { userErrors { code } } }", MANAGING),
    Row("deleteShippingMethod", "mutation($shippingMethod: ID!) { deleteShippingMethod(input: {shippingMethodId: $shippingMethod, expectedVersion: 9}) { userErrors { code } } }", MANAGING),
    Row("sendMessage", "mutation($conversation: ID!) { sendMessage(input: {conversationId: $conversation, text: \"Hello\", idempotencyKey: \"1\"}) { userErrors { code } } }", TALKING),
    Row("markRead", "mutation($conversation: ID!) { markRead(input: {conversationId: $conversation, upTo: 1}) { userErrors { code } } }", TALKING),
    Row("sendTyping", "mutation($conversation: ID!) { sendTyping(input: {conversationId: $conversation}) { userErrors { code } } }", TALKING),
    Row("callSupport", "mutation($conversation: ID!) { callSupport(input: {conversationId: $conversation}) { userErrors { code } } }", TALKING),
    Row("markDelivered", "mutation($conversation: ID!) { markDelivered(input: {conversationId: $conversation, upTo: 1}) { userErrors { code } } }", TALKING),
    Row("updateConversationSettings", "mutation($conversation: ID!) { updateConversationSettings(input: {conversationId: $conversation, isPinned: true}) { userErrors { code } } }", TALKING),
    Row("markConversationUnread", "mutation($message: ID!) { markConversationUnread(input: {fromMessageId: $message}) { userErrors { code } } }", TALKING),
    Row("editMessage", "mutation($message: ID!) { editMessage(input: {messageId: $message, expectedVersion: 1, text: \"Mine\"}) { userErrors { code } } }", SEEING_ANOTHERS),
    Row("createQuickReply", "mutation($shop: ID!) { createQuickReply(input: {shopId: $shop, shortcut: \"hi\", text: \"Hello\"}) { userErrors { code } } }", REPLYING),
    Row("updateQuickReply", "mutation($quickReply: ID!) { updateQuickReply(input: {quickReplyId: $quickReply, expectedVersion: 1}) { userErrors { code } } }", REPLYING),
    Row("addReaction", "mutation($message: ID!) { addReaction(input: {messageId: $message, emoji: \"👍\"}) { userErrors { code } } }", TALKING),
    Row("removeReaction", "mutation($message: ID!) { removeReaction(input: {messageId: $message, emoji: \"👍\"}) { userErrors { code } } }", TALKING),
    Row("deleteMessage", "mutation($message: ID!) { deleteMessage(input: {messageId: $message}) { userErrors { code } } }", SEEING_ANOTHERS),
    Row("replyToReview", "mutation($review: ID!) { replyToReview(input: {reviewId: $review, text: \"Thank you\"}) { userErrors { code } } }", ANSWERING_ALL),
    Row("deleteReviewReply", "mutation($review: ID!) { deleteReviewReply(input: {reviewId: $review}) { userErrors { code } } }", ANSWERING_ALL),
    Row("createShipment", "mutation($part: ID!) { createShipment(input: {orderPartId: $part, idempotencyKey: \"1\"}) { userErrors { code } } }", SENDING),
    Row("addOrderPartNote", "mutation($part: ID!) { addOrderPartNote(input: {orderPartId: $part, text: \"N\", idempotencyKey: \"1\"}) { userErrors { code } } }", SEEING),
    Row("cancelOrderPart", "mutation($part: ID!) { cancelOrderPart(input: {orderPartId: $part, lines: [], reason: \"R\", idempotencyKey: \"1\"}) { userErrors { code } } }", MANAGING),
    Row("refundOrderPart", "mutation($part: ID!) { refundOrderPart(input: {orderPartId: $part, reason: \"R\", idempotencyKey: \"1\"}) { userErrors { code } } }", MANAGING),
    Row("approveReturn", "mutation($return: ID!) { approveReturn(input: {returnId: $return, message: \"M\"}) { userErrors { code } } }", MANAGING),
    Row("receiveReturn", "mutation($return: ID!) { receiveReturn(input: {returnId: $return, message: \"M\", idempotencyKey: \"1\"}) { userErrors { code } } }", MANAGING),
    Row("declineReturn", "mutation($otherReturn: ID!) { declineReturn(input: {returnId: $otherReturn, message: \"M\"}) { userErrors { code } } }", MANAGING),
    Row("answerClaim", "mutation($claim: ID!) { answerClaim(input: {claimId: $claim, message: \"M\", idempotencyKey: \"1\"}) { userErrors { code } } }", MANAGING),
    Row("createPayoutOnboardingLink", "mutation($shop: ID!) { createPayoutOnboardingLink(input: {shopId: $shop, returnUrl: \"https://shop.example/\"}) { userErrors { code } } }", OWNER),
    Row("acceptShopMembership", "mutation($shop: ID!) { acceptShopMembership(input: {shopId: $shop}) { userErrors { code } } }", SEEING),
    Row("setShopMemberRole", "mutation($shop: ID!, $member: ID!) { setShopMemberRole(input: {shopId: $shop, userId: $member, role: SUPPORT}) { userErrors { code } } }", OWNER),
    Row("addShopMember", "mutation($shop: ID!, $nobody: ID!) { addShopMember(input: {shopId: $shop, userId: $nobody, role: SUPPORT}) { userErrors { code } } }", OWNER),
    Row("removeShopMember", "mutation($shop: ID!, $nobody: ID!) { removeShopMember(input: {shopId: $shop, userId: $nobody}) { userErrors { code } } }", OWNER),
];

struct Shop {
    members: Vec<(&'static str, Person)>,
    buyer: Person,
    variables: Value,
}

async fn shop(app: &TestApp) -> Shop {
    let owner = app.sign_up("Owner").await;
    let id = owner.open_shop("Corner").await;
    let goods = owner.sell(&id, "Holder", "5.00", 10).await;
    app.given_sql(
        "INSERT INTO shop_profiles (shop_id, banner_text, holiday_note, ships_from) SELECT id, '', '', \
         '{\"name\": \"Corner\", \"lines\": [\"1\"], \"city\": \"Cork\", \"country\": \"IE\"}' FROM shops",
    );
    let mut members = Vec::new();
    for (name, role) in
        [("manager", "MANAGER"), ("fulfillment", "FULFILLMENT"), ("support", "SUPPORT"), ("former member", "OWNER")]
    {
        let person = app.sign_up(&name.replace(' ', "")).await;
        let input = json!({"shopId": id, "userId": person.id, "role": role});
        owner.mutate("addShopMember", input, "member { role }").await.ok();
        if name == "former member" {
            let input = json!({"shopId": id, "userId": person.id});
            owner.mutate("removeShopMember", input, "desk { id }").await.ok();
        }
        members.push((name, person));
    }
    let (buyer, nobody, member) =
        (app.sign_up("Buyer").await, app.sign_up("Nobody").await, app.sign_up("Member").await);
    let input = json!({"shopId": id, "userId": member.id, "role": "SUPPORT"});
    owner.mutate("addShopMember", input, "member { role }").await.ok();
    let order = buyer.order_one(&goods, "k").await.ok()["order"].clone();
    let note = json!({"orderPartId": order["parts"][0]["id"], "text": "Gift wrap it.", "idempotencyKey": "note"});
    owner.mutate("addOrderPartNote", note, "note { id }").await.ok();
    let barn = owner.mutate("createLocation", json!({"shopId": id, "name": "Barn"}), "location { id }").await.ok();
    let locations =
        owner.query("{ viewer { shops { locations { id } } } }").await.ok()["viewer"]["shops"][0]["locations"].clone();
    buyer.pay(order["id"].as_str().unwrap(), "test_requires_action", "p").await.ok();
    let critic = app.sign_up("Critic").await;
    let review = crate::reviews::review(&critic, &goods, 4, "Fine").await;
    let file = crate::media::send_for(&owner, b"sku,title,price\nA,Apple,1\n", "IMPORT").await;
    let import = json!({"shopId": id, "uploadId": file});
    let import = owner.mutate("importProducts", import, "productImport { id }").await.ok();
    let promotion = json!({"shopId": id, "name": "Free", "kind": "FREE_SHIPPING", "code": "FREE"});
    let promotion = owner.mutate("createPromotion", promotion, "promotion { id }").await.ok();
    let arrived = crate::access::arrived(&owner, &buyer, &json!(goods.variant)).await;
    let zone = json!({"shopId": id, "name": "Ice", "countries": ["AQ"]});
    let zone = owner.mutate("createShippingZone", zone, "shippingZone { id }").await.ok()["shippingZone"]["id"].clone();
    let sledge = json!({"price": {"amount": "5.00", "currency": "GBP"}});
    let method = json!({"shippingZoneId": zone, "name": "Sledge", "rates": [sledge]});
    let method = owner.mutate("createShippingMethod", method, "shippingMethod { id }").await.ok();
    crate::payouts::given(app);
    let asked =
        json!({"conversationId": order["parts"][0]["conversation"]["id"], "text": "When?", "idempotencyKey": "asked"});
    let asked = buyer.mutate("sendMessage", asked, "message { id }").await.ok();
    let saved = json!({"shopId": id, "shortcut": "thanks", "text": "Thank you for asking."});
    let saved = owner.mutate("createQuickReply", saved, "quickReply { id }").await.ok()["quickReply"]["id"].clone();
    members.insert(0, ("owner", owner));
    let variables = json!({
        "conversation": order["parts"][0]["conversation"]["id"],
        "desk": id.replacen("shop_", "desk_", 1),
        "barn": barn["location"]["id"],
        "claim": arrived["claim"],
        "location": locations[0]["id"],
        "member": member.id,
        "message": asked["message"]["id"],
        "nobody": nobody.id,
        "otherReturn": arrived["returns"][1],
        "part": order["parts"][0]["id"],
        "product": goods.product,
        "productImport": import["productImport"]["id"],
        "promotion": promotion["promotion"]["id"],
        "quickReply": saved,
        "return": arrived["returns"][0],
        "review": review["id"],
        "shippingMethod": method["shippingMethod"]["id"],
        "shippingZone": zone,
        "shop": id,
        "variant": goods.variant,
    });
    Shop { members, buyer, variables }
}

async fn ask(client: &Client, document: &str, all: &Value) -> Value {
    let mut variables = all.clone();
    variables.as_object_mut().unwrap().retain(|name, _| document.contains(&format!("${name}:")));
    client.send(document, variables).await.ok()
}

#[actix_web::test]
async fn each_role_gets_what_the_table_says() {
    let app = TestApp::start().await;
    let shop = shop(&app).await;
    let mut wrong = Vec::new();
    for Row(field, selection, expected) in DESK {
        let document = format!("query($desk: ID!) {{ node(id: $desk) {{ ... on ShopDesk {{ {selection} }} }} }}");
        for ((name, member), expected) in shop.members.iter().zip(expected) {
            let data = ask(member, &document, &shop.variables).await;
            let found = if data["node"][*field].is_null() { Nothing } else { Something };
            if found != *expected {
                wrong.push(format!("ShopDesk.{field} for {name}: expected {expected:?}, got {data}"));
            }
        }
    }
    // From the one with the fewest rights to the owner, so that nobody finds a thing done already.
    for Row(field, document, expected) in MUTATIONS {
        for ((name, member), expected) in shop.members.iter().zip(expected).rev() {
            let data = ask(member, document, &shop.variables).await;
            let found = match data[*field]["userErrors"][0]["code"].as_str() {
                Some("NOT_FOUND") => Hidden,
                Some("NOT_PERMITTED") => NotPermitted,
                // Whoever is told what is wrong with the input was let in.
                _ => Something,
            };
            if found != *expected {
                wrong.push(format!("{field} for {name}: expected {expected:?}, got {data}"));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[actix_web::test]
async fn every_field_of_the_desk_is_in_the_table() {
    let app = TestApp::start().await;
    let document = "{ __type(name: \"ShopDesk\") { fields { name } } }";
    let fields = app.guest().query(document).await.ok()["__type"]["fields"].clone();
    let fields: BTreeSet<_> =
        fields.as_array().unwrap().iter().map(|field| field["name"].as_str().unwrap().to_owned()).collect();
    let decided: BTreeSet<_> = DESK.iter().map(|Row(field, ..)| (*field).to_owned()).collect();
    assert_eq!(fields, decided, "decide who may have it: add rows to tests/it/members.rs");
}

/// Every id in an answer.
fn ids(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => fields.iter().for_each(|(name, value)| match value.as_str() {
            Some(id) if name == "id" => drop(found.insert(id.to_owned())),
            _ => ids(value, found),
        }),
        Value::Array(items) => items.iter().for_each(|item| ids(item, found)),
        _ => {}
    }
}

#[actix_web::test]
async fn a_stranger_gets_nothing_by_an_id() {
    let app = TestApp::start().await;
    let shop = shop(&app).await;
    let mut seen = BTreeSet::new();
    let desk: Vec<_> = DESK.iter().map(|Row(_, selection, _)| *selection).collect();
    let desk = format!("query($desk: ID!) {{ node(id: $desk) {{ ... on ShopDesk {{ {} }} }} }}", desk.join(" "));
    ids(&ask(&shop.members[0].1, &desk, &shop.variables).await, &mut seen);
    let own = "{ viewer { id orders { nodes { id payments { id } parts { id lines { id } conversation { id messages { nodes { id } } } } } } \
               conversations { nodes { id } } } }";
    ids(&shop.buyer.query(own).await.ok(), &mut seen);
    let is_private = |id: &&String| {
        [
            "order_",
            "part_",
            "line_",
            "payment_",
            "invoice_",
            "conversation_",
            "message_",
            "desk_",
            "viewer_",
            "location_",
            "shippingzone_",
            "shippingmethod_",
            "promotion_",
            "payout_",
            "note_",
            "quickreply_",
        ]
        .iter()
        .any(|prefix| id.starts_with(prefix))
    };
    let private: Vec<&String> = seen.iter().filter(is_private).collect();
    assert!(private.len() >= 12, "{private:?}");

    // Wherever an id can be given.
    let stranger = app.sign_up("Stranger").await;
    for client in [&stranger.client, &app.guest()] {
        for id in &private {
            let node = client.send("query($id: ID!) { node(id: $id) { __typename } }", json!({"id": id})).await;
            assert!(node.data["node"].is_null(), "{id}: {node:?}");
            for document in [
                "query($id: ID!) { product(by: {id: $id}) { id } }",
                "query($id: ID!) { shop(by: {id: $id}) { id } }",
                "query($id: ID!) { category(by: {id: $id}) { id } }",
                "query($id: ID!) { user(by: {id: $id}) { id } }",
                "query($id: ID!) { viewer { conversation(id: $id) { id } } }",
                "query($id: ID!) { products(filter: {shopId: $id}) { nodes { id } } }",
            ] {
                let answer = client.send(document, json!({"id": id})).await;
                let mut told = BTreeSet::new();
                ids(&answer.data, &mut told);
                assert!(told.is_empty(), "{document} with {id}: {answer:?}");
            }
        }
    }
    for id in private {
        for (mutation, input) in [
            ("cancelOrder", json!({"orderId": id})),
            ("refundOrderPart", json!({"orderPartId": id, "reason": "R", "idempotencyKey": id})),
            ("retryRefund", json!({"refundId": id})),
            ("createShipment", json!({"orderPartId": id, "idempotencyKey": id})),
            ("updateShipment", json!({"shipmentId": id})),
            ("confirmDelivery", json!({"shipmentId": id})),
            ("addOrderPartNote", json!({"orderPartId": id, "text": "N", "idempotencyKey": id})),
            ("removeOrderPartNote", json!({"noteId": id})),
            ("cancelOrderPart", json!({"orderPartId": id, "reason": "R", "idempotencyKey": id})),
            (
                "editOrderPart",
                json!({"orderPartId": id, "expectedVersion": 1, "expectedDifference": {"amount": "0.00", "currency": "GBP"}, "idempotencyKey": id}),
            ),
            ("requestReturn", json!({"orderPartId": id, "reason": "OTHER", "idempotencyKey": id})),
            ("approveReturn", json!({"returnId": id, "message": "M"})),
            ("declineReturn", json!({"returnId": id, "message": "M"})),
            ("withdrawReturn", json!({"returnId": id})),
            ("receiveReturn", json!({"returnId": id, "message": "M", "idempotencyKey": id})),
            ("openClaim", json!({"orderPartId": id, "kind": "NOT_RECEIVED", "message": "M", "idempotencyKey": id})),
            ("answerClaim", json!({"claimId": id, "message": "M", "idempotencyKey": id})),
            ("escalateClaim", json!({"claimId": id})),
            ("withdrawClaim", json!({"claimId": id})),
            ("updateShippingZone", json!({"shippingZoneId": id, "expectedVersion": 1})),
            ("deleteShippingZone", json!({"shippingZoneId": id, "expectedVersion": 1})),
            ("createShippingMethod", json!({"shippingZoneId": id, "name": "Mine", "rates": []})),
            ("updateShippingMethod", json!({"shippingMethodId": id, "expectedVersion": 1})),
            ("deleteShippingMethod", json!({"shippingMethodId": id, "expectedVersion": 1})),
            ("updatePromotion", json!({"promotionId": id, "expectedVersion": 1})),
            ("deletePromotion", json!({"promotionId": id, "expectedVersion": 1})),
            ("claimOrder", json!({"token": id, "idempotencyKey": id})),
            ("payOrder", json!({"orderId": id, "method": {"token": "test_succeeds"}, "idempotencyKey": id})),
            ("sendMessage", json!({"conversationId": id, "text": "Hello", "idempotencyKey": id})),
            ("markRead", json!({"conversationId": id, "upTo": 1})),
            ("sendTyping", json!({"conversationId": id})),
            ("callSupport", json!({"conversationId": id})),
            ("updateGroup", json!({"conversationId": id, "expectedVersion": 1, "title": "Mine"})),
            ("inviteToGroup", json!({"conversationId": id, "userId": shop.buyer.id})),
            ("acceptGroupInvitation", json!({"conversationId": id})),
            ("leaveGroup", json!({"conversationId": id})),
            ("removeFromGroup", json!({"conversationId": id, "userId": shop.buyer.id})),
            ("markDelivered", json!({"conversationId": id, "upTo": 1})),
            ("markConversationUnread", json!({"fromMessageId": id})),
            ("updateConversationSettings", json!({"conversationId": id, "isPinned": true})),
            ("editMessage", json!({"messageId": id, "expectedVersion": 1, "text": "Hello"})),
            ("deleteMessage", json!({"messageId": id})),
            ("updateQuickReply", json!({"quickReplyId": id, "expectedVersion": 1})),
            ("deleteQuickReply", json!({"quickReplyId": id})),
            ("addReaction", json!({"messageId": id, "emoji": "👍"})),
            ("removeReaction", json!({"messageId": id, "emoji": "👍"})),
            ("report", json!({"target": {"messageId": id}, "reason": "SPAM"})),
            ("appealDecision", json!({"decisionId": id, "text": "No"})),
        ] {
            let answer = stranger.mutate(mutation, input, "").await;
            let is_refused = match answer.errors.first() {
                Some(error) => error["extensions"]["code"] == "BAD_USER_INPUT",
                None => answer.refusal().0 == "NOT_FOUND",
            };
            assert!(is_refused, "{mutation} with {id}: {answer:?}");
        }
    }
}
