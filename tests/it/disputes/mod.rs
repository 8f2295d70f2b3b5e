//! What banks of buyers take back: who loses it for how long, who learns of it, and what can go back meanwhile.

mod fees;
mod listed;
mod page;
mod shares;
mod unsent;

use agora::{
    kernel::{id::Id, money::Money},
    orders,
    payments::{
        model::{DisputeMoney, DisputeStanding, DisputeStatus, PaymentIntent, ToldDispute},
        service::test_page::page_url,
    },
    platform::caller::Caller,
};
use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::{
    harness::{Answer, Client, TestApp, app::Person, market::Goods},
    orders::assert_books,
    payouts::{paid_out, ready},
    privacy::sign_in,
};

/// A dispute of each payment by which nothing moved: for what is only to be seen.
pub fn given(app: &TestApp) {
    app.given_sql(
        "INSERT INTO payment_disputes (id, intent_id, order_id, provider, reference, amount, currency, status, money, created_at, updated_at) \
         SELECT gen_random_uuid(), id, order_id, provider, id::text, amount, currency, 'WON', 'UNTOUCHED', now(), now() FROM payment_intents",
    );
}

/// A provider's word about a dispute of some of a payment.
pub fn word(reference: &str, amount: i64, status: DisputeStatus, money: DisputeMoney) -> ToldDispute {
    ToldDispute {
        reference: reference.to_owned(),
        amount: Money::new(amount, "GBP".parse().unwrap()),
        reason: None,
        standing: DisputeStanding { status, money },
        due_by: None,
        since: None,
        fees: Vec::new(),
    }
}

pub fn opened(reference: &str, amount: i64) -> ToldDispute {
    word(reference, amount, DisputeStatus::NeedsResponse, DisputeMoney::Taken)
}

pub fn won(reference: &str, amount: i64) -> ToldDispute {
    word(reference, amount, DisputeStatus::Won, DisputeMoney::Returned)
}

/// The provider says how disputes of a payment stand.
pub async fn tell(app: &TestApp, payment: &Value, told: Vec<ToldDispute>) {
    let payment: Id<PaymentIntent> = payment.as_str().unwrap().parse().unwrap();
    orders::service::settle_disputes(app.app(), &Caller::system(), payment, told).await.unwrap();
}

/// Somebody presses a button on the test provider's page.
async fn decide(app: &TestApp, payment: &Value, decision: &str) {
    let url = page_url(app.app(), payment.as_str().unwrap().parse().unwrap());
    let answer = reqwest::Client::new().post(url).form(&[("decision", decision)]).send().await.unwrap();
    assert_eq!(answer.status().as_u16(), 200, "{decision}");
}

/// A market with a share of 10 % and a shop with lamps for 10.00, which is paid out at once.
struct Market {
    app: TestApp,
    ada: Person,
    buyer: Person,
    lamp: Goods,
}

struct Bought {
    order: Value,
    part: Value,
    payment: Value,
}

async fn market() -> Market {
    let app = TestApp::start_with(|settings| {
        settings.checkout.commission = "10".parse().unwrap();
        settings.checkout.payout_delay = TimeDelta::zero();
    })
    .await;
    let (ada, buyer) = (app.sign_up("Ada").await, app.sign_up("Buyer").await);
    let shop = ada.open_shop("Lamps").await;
    let lamp = ada.sell(&shop, "Lamp", "10.00", 100).await;
    ready(&app, &shop, "test_payout_succeeds").await;
    Market { app, ada, buyer, lamp }
}

impl Market {
    async fn ada(&self) -> Client {
        sign_in(&self.app, &self.ada.email).await
    }

    async fn buyer(&self) -> Client {
        sign_in(&self.app, &self.buyer.email).await
    }

    /// Orders one lamp and pays it.
    async fn buy(&self, key: &str) -> Bought {
        let buyer = self.buyer().await;
        let order = buyer.order_one(&self.lamp, key).await.ok()["order"].clone();
        let paid = buyer.pay(order["id"].as_str().unwrap(), "test_is_disputed", key).await.ok();
        assert_eq!(paid["payment"]["status"], "SUCCEEDED");
        self.app.run_jobs().await;
        Bought {
            part: order["parts"][0]["id"].clone(),
            order: order["id"].clone(),
            payment: paid["payment"]["id"].clone(),
        }
    }

    /// As [`Market::buy`], and it is sent: what is not sent is not paid out.
    async fn sell(&self, key: &str) -> Bought {
        let bought = self.buy(key).await;
        let sent = json!({"orderPartId": bought.part, "isShipped": true, "idempotencyKey": key});
        self.ada().await.mutate("createShipment", sent, "shipment { id }").await.ok();
        bought
    }

    /// What Ada's desk shows.
    async fn desk(&self, selection: &str) -> Value {
        let desks = self.ada().await.query(&format!("{{ viewer {{ shops {{ {selection} }} }} }}")).await.ok();
        desks["viewer"]["shops"][0].clone()
    }

    async fn balance(&self) -> String {
        self.desk("balances { amount }").await["balances"][0]["amount"].as_str().unwrap().to_owned()
    }

    /// What is paid out next, what is held, and what is carried over.
    async fn next(&self) -> [String; 3] {
        let next = "nextPayout { amount { amount } held { amount } carriedOver { amount } }";
        let next = self.desk(next).await["nextPayout"].clone();
        ["amount", "held", "carriedOver"].map(|name| next[name]["amount"].as_str().unwrap().to_owned())
    }

    async fn payouts(&self) -> Vec<String> {
        let payouts = self.desk("payouts { nodes { amount { amount } } }").await["payouts"]["nodes"].clone();
        let payouts = payouts.as_array().unwrap().iter();
        payouts.map(|payout| payout["amount"]["amount"].as_str().unwrap().to_owned()).collect()
    }

    /// Why and how much moved because of disputes, in some order.
    async fn moved(&self) -> Vec<(String, String)> {
        let entries = self.desk("ledgerEntries(first: 100) { nodes { reason amount { amount } } }").await;
        let entries = entries["ledgerEntries"]["nodes"].as_array().unwrap().iter().map(|entry| {
            (entry["reason"].as_str().unwrap().to_owned(), entry["amount"]["amount"].as_str().unwrap().to_owned())
        });
        let mut moved: Vec<_> = entries.filter(|(reason, _)| reason.starts_with("DISPUTE")).collect();
        moved.sort_unstable();
        moved
    }
}

fn pairs(moved: &[(&str, &str)]) -> Vec<(String, String)> {
    moved.iter().map(|(reason, amount)| ((*reason).to_owned(), (*amount).to_owned())).collect()
}

/// What happened to a part, as somebody sees it.
async fn steps(who: &Client, part: &Value) -> Vec<String> {
    let document = "query($id: ID!) { node(id: $id) { ... on OrderPart { timeline { step } } } }";
    let seen = who.send(document, json!({"id": part})).await.ok()["node"]["timeline"].clone();
    seen.as_array().unwrap().iter().map(|event| event["step"].as_str().unwrap().to_owned()).collect()
}

async fn refund(who: &Client, part: &Value, amount: Option<&str>, key: &str) -> Answer {
    let amount = amount.map(|amount| json!({"amount": amount, "currency": "GBP"}));
    let input = json!({"orderPartId": part, "amount": amount, "reason": "Chipped.", "idempotencyKey": key});
    who.mutate("refundOrderPart", input, "refunds { id }").await
}

#[actix_web::test]
async fn what_a_bank_asks_about_is_held_and_what_it_takes_is_taken_net_of_the_share() {
    let market = market().await;
    let app = &market.app;
    let one = market.sell("one").await;
    market.sell("two").await;
    // A bank that only asks takes nothing.
    decide(app, &one.payment, "inquire").await;
    assert_eq!(
        (market.balance().await, market.next().await),
        ("18.00".to_owned(), ["9.00", "9.00", "0.00"].map(String::from))
    );
    paid_out(app).await;
    assert_eq!((market.payouts().await, market.balance().await), (vec!["9.00".to_owned()], "9.00".to_owned()));

    decide(app, &one.payment, "dispute").await;
    assert_eq!((market.balance().await, market.next().await), ("0.00".to_owned(), ["0.00"; 3].map(String::from)));
    assert_eq!(market.moved().await, pairs(&[("DISPUTE", "-10.00"), ("DISPUTE", "1.00")]));
    let selection = "ledgerEntries { nodes { reason orderPart { id } refund { id } payout { id } } }";
    let entries = market.desk(selection).await["ledgerEntries"]["nodes"].clone();
    let of_dispute = entries.as_array().unwrap().iter().filter(|entry| entry["reason"] == "DISPUTE");
    let about = json!({"reason": "DISPUTE", "orderPart": {"id": one.part}, "refund": null, "payout": null});
    assert!(of_dispute.clone().count() == 2 && of_dispute.clone().all(|entry| *entry == about), "{entries}");
    assert_books(app).await;

    // Some of a payment: what is left of the part is held.
    let three = market.sell("three").await;
    tell(app, &three.payment, vec![opened("some", 400)]).await;
    assert_eq!(
        (market.balance().await, market.next().await),
        ("5.40".to_owned(), ["0.00", "5.40", "0.00"].map(String::from))
    );
    assert_books(app).await;
}

#[actix_web::test]
async fn shops_and_staff_learn_of_it_and_the_buyer_does_not() {
    let market = market().await;
    let app = &market.app;
    let Bought { order, part, payment } = market.buy("one").await;
    decide(app, &payment, "dispute").await;
    app.run_jobs().await;
    let (ada, buyer, clerk) = (market.ada().await, market.buyer().await, app.sign_up("Clerk").await);
    app.given_role(&clerk, "SUPPORT");
    let seen = ["PLACED", "PAID", "DISPUTE_OPENED"];
    assert_eq!(steps(&ada, &part).await, seen);
    assert_eq!(steps(&clerk, &part).await, seen);
    assert_eq!(steps(&buyer, &part).await, seen[..2]);
    let fields = "paymentState payments { disputes { status amount { amount } isMoneyTaken } } \
                  parts { conversation { messages { nodes { content { ... on OrderStepContent { step } } } } } }";
    let document = format!("query($id: ID!) {{ node(id: $id) {{ ... on Order {{ {fields} }} }} }}");
    let by_buyer = buyer.send(&document, json!({"id": order})).await.ok()["node"].clone();
    assert_eq!((&by_buyer["paymentState"], &by_buyer["payments"][0]["disputes"]), (&json!("PAID"), &Value::Null));
    assert!(!by_buyer.to_string().contains("DISPUTE"), "{by_buyer}");
    let document = "query($id: ID!) { node(id: $id) { ... on Order { payments { disputes { status amount { amount } isMoneyTaken } } } } }";
    let by_clerk = clerk.send(document, json!({"id": order})).await.ok()["node"]["payments"][0]["disputes"].clone();
    assert_eq!(by_clerk, json!([{"status": "NEEDS_RESPONSE", "amount": {"amount": "10.00"}, "isMoneyTaken": true}]));

    decide(app, &payment, "win").await;
    app.run_jobs().await;
    let ada = market.ada().await;
    assert_eq!(steps(&ada, &part).await[2..], ["DISPUTE_OPENED", "DISPUTE_CLOSED"]);
    let subjects: Vec<_> = app.mails(&market.ada.email).into_iter().map(|mail| mail.subject).collect();
    let of = |begin: &str| subjects.iter().filter(|subject| subject.starts_with(begin)).count();
    assert_eq!((of("The bank of a buyer asks"), of("The bank of a buyer has decided")), (1, 1), "{subjects:?}");
    assert!(app.mails(&market.buyer.email).iter().all(|mail| !mail.subject.contains("bank")));
    // A page of a payment that cannot be disputed takes no such word.
    let plain = market.buyer().await;
    let placed = plain.order_one(&market.lamp, "plain").await.ok()["order"]["id"].clone();
    let paid = plain.pay(placed.as_str().unwrap(), "test_succeeds", "plain").await.ok()["payment"]["id"].clone();
    let before = market.balance().await;
    decide(app, &paid, "lose").await;
    assert_eq!(market.balance().await, before);
}

#[actix_web::test]
async fn what_is_lost_stays_and_is_made_up_for_by_what_is_sold_next() {
    let market = market().await;
    let app = &market.app;
    let one = market.sell("one").await;
    paid_out(app).await;
    assert_eq!(market.payouts().await, ["9.00"]);
    decide(app, &one.payment, "dispute").await;
    decide(app, &one.payment, "lose").await;
    assert_eq!(
        (market.balance().await, market.next().await),
        ("-9.00".to_owned(), ["0.00", "0.00", "-9.00"].map(String::from))
    );
    assert_books(app).await;
    app.advance(TimeDelta::days(1));
    market.sell("two").await;
    paid_out(app).await;
    assert_eq!((market.payouts().await.len(), market.balance().await), (1, "0.00".to_owned()));
    market.sell("three").await;
    paid_out(app).await;
    assert_eq!((market.payouts().await, market.balance().await), (vec!["9.00".to_owned(); 2], "0.00".to_owned()));
    let sums = market.desk("statement(month: \"2026-11-20\") { sums { reason amount { amount } entries } }").await;
    let lost = json!({"reason": "DISPUTE", "amount": {"amount": "-9.00"}, "entries": 2});
    assert!(sums["statement"]["sums"].as_array().unwrap().contains(&lost), "{sums}");
    assert_books(app).await;
}

#[actix_web::test]
async fn what_is_won_is_the_shops_again() {
    let market = market().await;
    let app = &market.app;
    let one = market.sell("one").await;
    decide(app, &one.payment, "dispute").await;
    assert_eq!(market.balance().await, "0.00");
    decide(app, &one.payment, "win").await;
    assert_eq!(
        (market.balance().await, market.next().await),
        ("9.00".to_owned(), ["9.00", "0.00", "0.00"].map(String::from))
    );
    let moved =
        [("DISPUTE", "-10.00"), ("DISPUTE", "1.00"), ("DISPUTE_RETURNED", "-1.00"), ("DISPUTE_RETURNED", "10.00")];
    assert_eq!(market.moved().await, pairs(&moved));
    assert_books(app).await;

    let document = "query($id: ID!) { node(id: $id) { ... on OrderPart { explanation { step amount { amount } } } } }";
    let told = market.ada().await.send(document, json!({"id": one.part})).await.ok()["node"]["explanation"].clone();
    let amount = |step: &str| {
        let entry = told.as_array().unwrap().iter().find(|entry| entry["step"] == step);
        entry.unwrap_or_else(|| panic!("{step}: {told}"))["amount"]["amount"].clone()
    };
    assert_eq!(["DISPUTED", "DISPUTE_RETURNED", "SALE"].map(amount), ["-9.00", "9.00", "10.00"]);
    // And can be given back.
    refund(&market.ada().await, &one.part, None, "back").await.ok();
    app.run_jobs().await;
    assert_eq!(market.balance().await, "0.00");
    assert_books(app).await;
}

#[actix_web::test]
async fn what_is_told_twice_late_or_by_many_at_once_is_booked_once() {
    use DisputeMoney::{Returned, Taken, Untouched};
    use DisputeStatus::{Lost, NeedsResponse, UnderReview, Won};
    let market = market().await;
    let app = &market.app;
    for (key, told, balance, moved) in [
        ("twice", vec![(NeedsResponse, Taken); 3], "0.00", 2),
        ("late", vec![(Won, Returned), (NeedsResponse, Taken), (UnderReview, Taken), (Lost, Taken)], "9.00", 2),
        ("back and forth", vec![(UnderReview, Taken), (NeedsResponse, Untouched), (Won, Untouched)], "9.00", 4),
        ("lost and won", vec![(Lost, Taken), (Won, Taken), (Won, Returned), (Lost, Taken)], "18.00", 8),
    ] {
        let bought = market.buy(key).await;
        for (status, money) in told {
            tell(app, &bought.payment, vec![word(key, 1_000, status, money)]).await;
        }
        assert_eq!((market.balance().await.as_str(), market.moved().await.len()), (balance, moved), "{key}");
        assert_books(app).await;
    }
    let bought = market.buy("many").await;
    let once = || tell(app, &bought.payment, vec![opened("many", 1_000)]);
    join_all((0..4).map(|_| once())).await;
    assert_eq!((market.balance().await.as_str(), market.moved().await.len()), ("18.00", 10));
    // By the name of a dispute of another payment nothing happens to this one.
    let other = market.buy("other").await;
    tell(app, &other.payment, vec![won("many", 1_000), word("euros", 0, NeedsResponse, Taken)]).await;
    assert_eq!(market.balance().await, "27.00");
    assert_books(app).await;
}

#[actix_web::test]
async fn what_a_bank_has_cannot_go_back_a_second_time() {
    let market = market().await;
    let app = &market.app;
    let Bought { order, part, payment } = market.buy("one").await;
    decide(app, &payment, "dispute").await;
    let refused = "ORDER_NOT_REFUNDABLE";
    let (ada, buyer) = (market.ada().await, market.buyer().await);
    for (amount, key) in [(None, "all"), (Some("10.00"), "ten"), (Some("0.01"), "penny")] {
        assert_eq!(refund(&ada, &part, amount, key).await.refusal().0, refused, "{key}");
    }
    assert_eq!(buyer.cancel(order.as_str().unwrap()).await.refusal().0, refused);
    let called_off = json!({"orderPartId": part, "reason": "Gone.", "idempotencyKey": "off"});
    assert_eq!(ada.mutate("cancelOrderPart", called_off, "orderPart { id }").await.refusal().0, refused);
    for (who, ty, id, gone) in
        [(&ada, "OrderPart", &part, ["REFUND", "CANCEL_PIECES"]), (&buyer, "Order", &order, ["CANCEL"; 2])]
    {
        let document = format!("query($id: ID!) {{ node(id: $id) {{ ... on {ty} {{ allowedActions }} }} }}");
        let allowed = who.send(&document, json!({"id": id})).await.ok()["node"]["allowedActions"].clone();
        assert!(gone.iter().all(|action| !allowed.as_array().unwrap().contains(&json!(action))), "{allowed}");
    }
    // Nor by a claim.
    app.advance(TimeDelta::days(7));
    let claim =
        json!({"orderPartId": part, "kind": "NOT_RECEIVED", "message": "Where is it?", "idempotencyKey": "claim"});
    let claim = market.buyer().await.mutate("openClaim", claim, "claim { id }").await.ok()["claim"]["id"].clone();
    let answer = json!({"claimId": claim, "message": "Sorry.", "amount": {"amount": "1.00", "currency": "GBP"}, "idempotencyKey": "a"});
    let ada = market.ada().await;
    assert_eq!(ada.mutate("answerClaim", answer, "claim { id }").await.refusal().0, refused);
    assert_books(app).await;

    // Won, it goes back again.
    decide(app, &payment, "win").await;
    refund(&ada, &part, Some("4.00"), "four").await.ok();
    app.run_jobs().await;
    assert_eq!(market.balance().await, "5.40");
    assert_books(app).await;
}
