//! What people are told that they may do with an order is what they can do, wherever it has come to.

use agora::platform::app::PaymentSetup;
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::{
    harness::{Answer, Client, TestApp, app::Person, market::Goods},
    privacy::sign_in,
};

/// What buyers do.
const BUYERS: [&str; 9] = [
    "PAY",
    "CANCEL",
    "EDIT",
    "CONFIRM_DELIVERY",
    "REQUEST_RETURN",
    "WITHDRAW_RETURN",
    "OPEN_CLAIM",
    "ESCALATE_CLAIM",
    "WITHDRAW_CLAIM",
];
/// What the shop does, and what the staff may do for it, but for answering claims.
const SHOPS: [&str; 11] = [
    "PACK",
    "SHIP",
    "UNPACK",
    "MARK_DELIVERED",
    "CANCEL_PIECES",
    "REFUND",
    "RETRY_REFUND",
    "APPROVE_RETURN",
    "DECLINE_RETURN",
    "RECEIVE_RETURN",
    "ANSWER_CLAIM",
];
/// What those do who only send.
const SENDING: [&str; 4] = ["PACK", "SHIP", "UNPACK", "MARK_DELIVERED"];
const STAFFS: [&str; 1] = ["DECIDE_CLAIM"];

/// How something is done.
struct Way {
    mutation: &'static str,
    /// Without what it is done to.
    input: Value,
    /// The input's field that says what it is done to, and which of an order's things that is.
    to: (&'static str, &'static str),
    /// The payload's field with what comes of it.
    makes: Option<&'static str>,
    /// By which codes it is refused because of what the order has come to.
    codes: &'static [&'static str],
}

impl Way {
    fn new(
        mutation: &'static str,
        input: Value,
        to: (&'static str, &'static str),
        makes: Option<&'static str>,
        codes: &'static [&'static str],
    ) -> Self {
        Self { mutation, input, to, makes, codes }
    }
}

fn way(action: &str) -> Way {
    let of = Way::new;
    let moved = &["TRANSITION_NOT_ALLOWED"][..];
    let (order, part) = (("orderId", "order"), ("orderPartId", "part"));
    let (shipment, found, claim) = (("shipmentId", "shipment"), ("returnId", "return"), ("claimId", "claim"));
    let status = |status: &str| json!({"status": status, "reason": "R"});
    let (reason, message) = (json!({"reason": "R"}), json!({"message": "M"}));
    match action {
        "PAY" => {
            let codes = &["ORDER_NOT_PAYABLE", "PAYMENT_IN_PROGRESS", "PAYMENTS_UNAVAILABLE"];
            of("payOrder", json!({"method": {"token": "test_succeeds"}}), order, None, codes)
        }
        "CANCEL" => of("cancelOrder", json!({}), order, None, &["ORDER_NOT_CANCELLABLE", "PAYMENT_IN_PROGRESS"]),
        "EDIT" => of("editOrderPart", json!({}), part, None, &["ORDER_NOT_EDITABLE", "PAYMENT_IN_PROGRESS"]),
        "PACK" => of("createShipment", reason, part, Some("shipment"), &["ORDER_NOT_SHIPPABLE", "ORDER_NOT_PAID"]),
        "SHIP" => {
            of("updateShipment", status("SHIPPED"), shipment, None, &["TRANSITION_NOT_ALLOWED", "ORDER_NOT_PAID"])
        }
        "UNPACK" => of("updateShipment", status("UNPACKED"), shipment, None, moved),
        "MARK_DELIVERED" => of("updateShipment", status("DELIVERED"), shipment, None, moved),
        "CANCEL_PIECES" => of("cancelOrderPart", reason, part, None, &["ORDER_NOT_CANCELLABLE", "PAYMENT_IN_PROGRESS"]),
        "REFUND" => of("refundOrderPart", reason, part, Some("refunds"), &["ORDER_NOT_REFUNDABLE"]),
        "RETRY_REFUND" => of("retryRefund", json!({}), ("refundId", "refunds"), None, &["REFUND_NOT_FAILED"]),
        "APPROVE_RETURN" => of("approveReturn", message, found, None, moved),
        "DECLINE_RETURN" => of("declineReturn", message, found, None, moved),
        "RECEIVE_RETURN" => of("receiveReturn", message, found, None, moved),
        "ANSWER_CLAIM" => of("answerClaim", message, claim, None, moved),
        "DECIDE_CLAIM" => of("decideClaim", json!({"decision": "FOR_SHOP", "reason": "R"}), claim, None, moved),
        "CONFIRM_DELIVERY" => of("confirmDelivery", json!({}), shipment, None, moved),
        "REQUEST_RETURN" => {
            of("requestReturn", json!({"reason": "OTHER"}), part, Some("orderReturn"), &["ORDER_NOT_RETURNABLE"])
        }
        "WITHDRAW_RETURN" => of("withdrawReturn", json!({}), found, None, moved),
        "OPEN_CLAIM" => {
            let input = json!({"kind": "NOT_RECEIVED", "message": "M"});
            of("openClaim", input, part, Some("claim"), &["ORDER_NOT_CLAIMABLE", "CLAIM_OPEN"])
        }
        "ESCALATE_CLAIM" => of("escalateClaim", json!({}), claim, None, moved),
        "WITHDRAW_CLAIM" => of("withdrawClaim", json!({}), claim, None, moved),
        other => panic!("{other} is new: say how it is done"),
    }
}

/// What makes nothing and moves no money takes no key.
fn takes_key(mutation: &str) -> bool {
    let plain =
        ["updateShipment", "retryRefund", "approveReturn", "declineReturn", "confirmDelivery", "withdrawReturn"];
    !plain.contains(&mutation) && !["escalateClaim", "withdrawClaim"].contains(&mutation)
}

struct Market {
    app: TestApp,
    owner: Person,
    buyer: Person,
    admin: Person,
    goods: Goods,
}

impl Market {
    async fn of(app: TestApp) -> Self {
        let owner = app.sign_up("Owner").await;
        let goods = owner.sell(&owner.open_shop("Corner").await, "Holder", "5.00", 1_000).await;
        let (buyer, admin) = (app.sign_up("Buyer").await, app.sign_up("Admin").await);
        app.given_role(&admin, "ADMIN");
        Self { app, owner, buyer, admin, goods }
    }

    /// Who does something.
    fn doer(&self, action: &str) -> &Client {
        if BUYERS.contains(&action) {
            &self.buyer.client
        } else if STAFFS.contains(&action) {
            &self.admin.client
        } else {
            &self.owner.client
        }
    }

    /// Does something to an order, and notes what came of it. None if there is nothing to do it to.
    async fn act(&self, who: &Client, action: &str, things: &mut Value, key: &str) -> Option<Answer> {
        let Way { mutation, mut input, to: (field, thing), makes, .. } = way(action);
        input[field] = Some(things[thing].clone()).filter(|id| !id.is_null())?;
        if action == "EDIT" {
            self.remove_the_piece(things, &mut input).await;
        }
        if takes_key(mutation) {
            input["idempotencyKey"] = json!(format!("{key} {action}"));
        }
        let selection = makes.map(|made| format!("{made} {{ id }}")).unwrap_or_default();
        let answer = who.mutate(mutation, input, &selection).await;
        if let Some(made) = makes {
            let found = &answer.data[mutation][made];
            let id = if found.is_array() { &found[0]["id"] } else { &found["id"] };
            if !id.is_null() {
                things[made.replace("orderReturn", "return")] = id.clone();
            }
        }
        Some(answer)
    }

    /// Says how the only piece of an order is removed: for as much as is left of its price.
    async fn remove_the_piece(&self, things: &Value, input: &mut Value) {
        let document = "query($id: ID!) { node(id: $id) { ... on OrderPart { lines { id } amountRefunded { amount } \
                        amountCancelled { amount } order { version } } } }";
        let part = self.buyer.send(document, json!({"id": things["part"]})).await.ok()["node"].clone();
        let is_left = [&part["amountRefunded"], &part["amountCancelled"]].iter().all(|gone| gone["amount"] == "0.00");
        let amount = if is_left { "-5.00" } else { "0.00" };
        input["remove"] = json!([{"orderLineId": part["lines"][0]["id"], "quantity": 1}]);
        input["expectedVersion"] = part["order"]["version"].clone();
        input["expectedDifference"] = json!({"amount": amount, "currency": "GBP"});
    }

    /// An order to which all this was done.
    async fn bring(&self, steps: &[&str], key: &str) -> Value {
        let order = self.buyer.order_one(&self.goods, key).await.ok()["order"].clone();
        let mut things = json!({"order": order["id"], "part": order["parts"][0]["id"]});
        for &step in steps {
            match step {
                "pay without an answer" => {
                    let order = things["order"].as_str().unwrap().to_owned();
                    self.buyer.pay(&order, "test_times_out", &format!("{key} waits")).await.ok();
                }
                "the refund fails" => self.app.given_sql("UPDATE refunds SET status = 'FAILED'"),
                step => {
                    let answer = self.act(self.doer(step), step, &mut things, key).await.unwrap();
                    assert!(answer.refusals().is_empty(), "{step} in {steps:?}: {answer:?}");
                }
            }
        }
        things
    }

    /// What everybody sees of how an order stands.
    async fn state(&self, things: &Value) -> Value {
        let document = "query($id: ID!) { node(id: $id) { ... on Order { lifecycle paymentState amountRefunded { amount } \
                        amountCancelled { amount } payments { status } refunds { status } parts { fulfillmentState \
                        shipments { status } returns { status } claims { status } lines { quantityPacked quantityCancelled \
                        quantityReturned } } } } }";
        self.admin.send(document, json!({"id": things["order"]})).await.ok()
    }
}

/// What somebody is told that they may do with an order and with its part.
async fn allowed(who: &Client, things: &Value) -> Vec<String> {
    let document = "query($order: ID!, $part: ID!) { order: node(id: $order) { ... on Order { allowedActions } } \
                    part: node(id: $part) { ... on OrderPart { allowedActions } } }";
    let data = who.send(document, json!({"order": things["order"], "part": things["part"]})).await.ok();
    let of = |name: &str| data[name]["allowedActions"].as_array().cloned().unwrap_or_default();
    let all = of("order").into_iter().chain(of("part"));
    all.map(|action| action.as_str().unwrap().to_owned()).collect()
}

fn only<'a>(actions: &[&'a str], which: &[&str]) -> Vec<&'a str> {
    actions.iter().filter(|action| which.contains(*action)).copied().collect()
}

const ARRIVED: [&str; 4] = ["PAY", "PACK", "SHIP", "CONFIRM_DELIVERY"];

#[actix_web::test]
async fn who_is_told_that_they_may_can_and_nobody_else() {
    let market = Market::of(TestApp::start().await).await;
    let arrived = |more: &[&'static str]| [&ARRIVED[..], more].concat();
    let paid = ["PACK", "CANCEL_PIECES", "REFUND"];
    for (steps, by_buyer, by_shop) in [
        (vec![], &["PAY", "CANCEL", "EDIT"][..], &["CANCEL_PIECES"][..]),
        (vec!["pay without an answer"], &[], &[]),
        (vec!["CANCEL"], &[], &[]),
        (vec!["CANCEL_PIECES"], &[], &[]),
        (vec!["EDIT"], &[], &[]),
        (vec!["PAY"], &["CANCEL", "EDIT"], &paid),
        (vec!["PAY", "CANCEL"], &[], &[]),
        (vec!["PAY", "EDIT"], &[], &[]),
        (vec!["PAY", "REFUND"], &["CANCEL", "EDIT"], &["PACK", "CANCEL_PIECES"]),
        (vec!["PAY", "REFUND", "the refund fails"], &["CANCEL", "EDIT"], &["PACK", "CANCEL_PIECES", "RETRY_REFUND"]),
        (vec!["PAY", "PACK"], &[], &["SHIP", "UNPACK", "REFUND"]),
        (vec!["PAY", "PACK", "UNPACK"], &["CANCEL", "EDIT"], &paid),
        (vec!["PAY", "PACK", "SHIP"], &["CONFIRM_DELIVERY", "OPEN_CLAIM"], &["MARK_DELIVERED", "REFUND"]),
        (arrived(&[]), &["REQUEST_RETURN", "OPEN_CLAIM"], &["REFUND"]),
        (
            arrived(&["REQUEST_RETURN"]),
            &["WITHDRAW_RETURN", "OPEN_CLAIM"],
            &["REFUND", "APPROVE_RETURN", "DECLINE_RETURN"],
        ),
        (arrived(&["REQUEST_RETURN", "DECLINE_RETURN"]), &["REQUEST_RETURN", "OPEN_CLAIM"], &["REFUND"]),
        (
            arrived(&["REQUEST_RETURN", "APPROVE_RETURN"]),
            &["WITHDRAW_RETURN", "OPEN_CLAIM"],
            &["REFUND", "DECLINE_RETURN", "RECEIVE_RETURN"],
        ),
        (arrived(&["REQUEST_RETURN", "APPROVE_RETURN", "RECEIVE_RETURN"]), &[], &[]),
        (arrived(&["OPEN_CLAIM"]), &["REQUEST_RETURN", "WITHDRAW_CLAIM"], &["REFUND", "ANSWER_CLAIM"]),
        (
            arrived(&["OPEN_CLAIM", "ANSWER_CLAIM"]),
            &["REQUEST_RETURN", "ESCALATE_CLAIM", "WITHDRAW_CLAIM"],
            &["REFUND"],
        ),
        (
            arrived(&["OPEN_CLAIM", "ANSWER_CLAIM", "ESCALATE_CLAIM"]),
            &["REQUEST_RETURN", "WITHDRAW_CLAIM"],
            &["REFUND"],
        ),
        (
            arrived(&["OPEN_CLAIM", "ANSWER_CLAIM", "ESCALATE_CLAIM", "DECIDE_CLAIM"]),
            &["REQUEST_RETURN", "OPEN_CLAIM"],
            &["REFUND"],
        ),
    ] {
        let key = steps.join(" ");
        let mut things = market.bring(&steps, &format!("{key}.")).await;
        let decided: &[&str] = if steps.last() == Some(&"ESCALATE_CLAIM") { &STAFFS } else { &[] };
        let by_staff = [only(by_shop, &SHOPS[..10]), decided.to_vec()].concat();
        for (who, expected) in [(&market.buyer, by_buyer), (&market.owner, by_shop), (&market.admin, &by_staff[..])] {
            assert_eq!(allowed(who, &things).await, expected, "{} after {key}", who.email);
        }
        for action in BUYERS.iter().chain(&SHOPS).chain(&STAFFS) {
            let who = market.doer(action);
            if by_buyer.contains(action) || by_shop.contains(action) || decided.contains(action) {
                let mut other = market.bring(&steps, &format!("{key}, {action}.")).await;
                let answer = market.act(who, action, &mut other, &format!("{key}, {action}!")).await.unwrap();
                assert!(answer.refusals().is_empty(), "{action} after {key}: {answer:?}");
                continue;
            }
            let before = market.state(&things).await;
            let Some(answer) = market.act(who, action, &mut things, &format!("{key}, no {action}!")).await else {
                continue;
            };
            match answer.refusals().as_slice() {
                // Whoever says again what is so is heard, and nothing happens.
                [] => assert_eq!(market.state(&things).await, before, "{action} after {key}"),
                [(code, _)] => assert!(way(action).codes.contains(&code.as_str()), "{action} after {key}: {code}"),
                several => panic!("{action} after {key}: {several:?}"),
            }
        }
    }
}

#[actix_web::test]
async fn everybody_is_told_what_they_may_and_not_what_others_may() {
    let market = Market::of(TestApp::start().await).await;
    let Market { app, owner, buyer, .. } = &market;
    let shop = owner.query("{ viewer { shops { shop { id } } } }").await.ok()["viewer"]["shops"][0]["shop"].clone();
    let mut members = Vec::new();
    for role in ["MANAGER", "FULFILLMENT", "SUPPORT"] {
        let member = app.sign_up(&format!("Shop{role}")).await;
        let input = json!({"shopId": shop["id"], "userId": member.id, "role": role});
        owner.mutate("addShopMember", input, "member { role }").await.ok();
        members.push(member);
    }
    let (clerk, stranger) = (app.sign_up("Clerk").await, app.sign_up("Stranger").await);
    app.given_role(&clerk, "SUPPORT");
    let leave = app.leave(&clerk, buyer).await;
    let helper = clerk.with_header("agora-on-behalf-of", &leave);
    for (steps, by_shop, in_their_name) in [
        (&[][..], &["CANCEL_PIECES"][..], &["CANCEL", "EDIT"][..]),
        (&["PAY"], &["PACK", "CANCEL_PIECES", "REFUND"], &[]),
        (&["PAY", "PACK"], &["SHIP", "UNPACK", "REFUND"], &[]),
        (&["PAY", "PACK", "SHIP"], &["MARK_DELIVERED", "REFUND"], &["CONFIRM_DELIVERY"]),
        (&ARRIVED, &["REFUND"], &["REQUEST_RETURN"]),
    ] {
        let things = market.bring(steps, &format!("{steps:?}")).await;
        assert_eq!(allowed(&members[0], &things).await, by_shop, "{steps:?}");
        assert_eq!(allowed(&members[1], &things).await, only(by_shop, &SENDING), "{steps:?}");
        for nobody in [&members[2].client, &clerk.client, &stranger.client, &app.guest()] {
            assert_eq!(allowed(nobody, &things).await, [""; 0], "{steps:?}");
        }
        assert_eq!(allowed(&helper, &things).await, in_their_name, "{steps:?}");
    }
    // Who buys from their own shop may do what either may.
    let order = owner.order_one(&market.goods, "own").await.ok()["order"].clone();
    let things = json!({"order": order["id"], "part": order["parts"][0]["id"]});
    assert_eq!(allowed(owner, &things).await, ["PAY", "CANCEL", "CANCEL_PIECES", "EDIT"]);
}

#[actix_web::test]
async fn the_clock_and_the_market_decide_as_they_do_when_it_is_done() {
    let app = TestApp::start_with(|settings| settings.checkout.returnable_for = TimeDelta::days(9)).await;
    let market = Market::of(app).await;
    let mut delivered = market.bring(&ARRIVED, "delivered").await;
    let mut waiting = market.bring(&["PAY"], "waiting").await;
    let may =
        async |who: &Client, action: &str, things: &Value| allowed(who, things).await.contains(&action.to_owned());

    market.app.advance(TimeDelta::days(7) - TimeDelta::seconds(1));
    let buyer = sign_in(&market.app, &market.buyer.email).await;
    assert!(!may(&buyer, "OPEN_CLAIM", &waiting).await);
    let refused = market.act(&buyer, "OPEN_CLAIM", &mut waiting, "soon").await.unwrap().refusal();
    assert_eq!(refused.0, "ORDER_NOT_CLAIMABLE");
    market.app.advance(TimeDelta::seconds(1));
    assert!(may(&buyer, "OPEN_CLAIM", &waiting).await);
    market.act(&buyer, "OPEN_CLAIM", &mut waiting, "then").await.unwrap().ok();

    market.app.advance(TimeDelta::days(2));
    let buyer = sign_in(&market.app, &market.buyer.email).await;
    assert!(may(&buyer, "REQUEST_RETURN", &delivered).await);
    market.app.advance(TimeDelta::seconds(1));
    assert!(!may(&buyer, "REQUEST_RETURN", &delivered).await);
    let refused = market.act(&buyer, "REQUEST_RETURN", &mut delivered, "late").await.unwrap().refusal();
    assert_eq!(refused.0, "ORDER_NOT_RETURNABLE");
}

#[actix_web::test]
async fn where_nothing_is_paid_here_nobody_waits_for_money() {
    let market = Market::of(TestApp::start_with(|settings| settings.payments = PaymentSetup::Off).await).await;
    let mut things = market.bring(&[], "order").await;
    assert_eq!(allowed(&market.buyer, &things).await, ["CANCEL", "EDIT"]);
    assert_eq!(allowed(&market.owner, &things).await, ["PACK", "CANCEL_PIECES"]);
    let refused = market.act(&market.buyer, "PAY", &mut things, "pay").await.unwrap().refusal();
    assert_eq!(refused.0, "PAYMENTS_UNAVAILABLE");
    market.act(&market.owner, "PACK", &mut things, "pack").await.unwrap().ok();
}

#[actix_web::test]
async fn of_ten_orders_it_is_told_at_once() {
    let market = Market::of(TestApp::start().await).await;
    for number in 0..10 {
        market.bring(&ARRIVED, &number.to_string()).await;
    }
    let document = "{ viewer { orders(first: 10) { nodes { allowedActions parts { allowedActions } } } } }";
    let answer = market.buyer.query(document).await;
    assert!(answer.statements.unwrap() <= 20, "{answer:?}");
    let nodes = answer.ok()["viewer"]["orders"]["nodes"].as_array().unwrap().clone();
    assert_eq!(nodes.len(), 10);
    let expected = json!({"allowedActions": [], "parts": [{"allowedActions": ["REQUEST_RETURN", "OPEN_CLAIM"]}]});
    assert!(nodes.iter().all(|order| *order == expected), "{nodes:?}");

    let document = "{ viewer { shops { orders(first: 10) { nodes { allowedActions } } } } }";
    let answer = market.owner.query(document).await;
    assert!(answer.statements.unwrap() <= 15, "{answer:?}");
    let nodes = answer.ok()["viewer"]["shops"][0]["orders"]["nodes"].as_array().unwrap().clone();
    assert!(nodes.iter().all(|part| *part == json!({"allowedActions": ["REFUND"]})), "{nodes:?}");
}
