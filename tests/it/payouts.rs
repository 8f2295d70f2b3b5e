//! What shops are paid, when, and what becomes of it if it does not arrive.

use agora::{
    payments::model::{DisbursementProgress, PayoutFailureReason},
    payouts::{
        model::{MakePayout, PayoutAccountStatus},
        service,
    },
    platform::{app::PaymentSetup, caller::Caller, db::Tx},
};
use chrono::TimeDelta;
use futures_util::join;
use reqwest::{Response, StatusCode, redirect::Policy};
use serde_json::{Value, json};

use crate::{
    costs::count,
    harness::{Answer, Client, TestApp, app::Person, market::Goods},
    orders::assert_books,
    privacy::sign_in,
};

/// A payout of each shop that there is, by which nothing moved: for what is only to be seen.
pub fn given(app: &TestApp) {
    app.given_sql(
        "INSERT INTO payouts (id, shop_id, amount, currency, status, provider, destination, created_at, updated_at) \
         SELECT gen_random_uuid(), id, 100, currency, 'PAID', 'test', 'test_payout_succeeds', now(), now() FROM shops",
    );
}

/// Has the money of a shop go to an account of the test provider.
pub async fn ready(app: &TestApp, shop: &str, destination: &str) {
    let account = (destination.to_owned(), PayoutAccountStatus::Enabled);
    let shop = shop.parse().unwrap();
    assert!(service::set_account(app.app(), &Caller::system(), shop, account).await.unwrap());
}

/// Pays out what is payable.
pub async fn paid_out(app: &TestApp) {
    service::make_payouts(app.app(), &Caller::system()).await.unwrap();
    app.run_jobs().await;
}

/// A market with a share of 10 % and a shop with lamps for 10.00, and somebody who buys them.
struct Market {
    app: TestApp,
    ada: Person,
    buyer: Person,
    shop: String,
    lamp: Goods,
}

async fn market(days: i64) -> Market {
    let app = TestApp::start_with(|settings| {
        settings.checkout.commission = "10".parse().unwrap();
        settings.checkout.payout_delay = TimeDelta::days(days);
    })
    .await;
    let (ada, buyer) = (app.sign_up("Ada").await, app.sign_up("Buyer").await);
    let shop = ada.open_shop("Lamps").await;
    let lamp = ada.sell(&shop, "Lamp", "10.00", 100).await;
    Market { app, ada, buyer, shop, lamp }
}

impl Market {
    /// Orders one lamp and pays it. The part of the order.
    async fn buy(&self, key: &str) -> Value {
        let buyer = sign_in(&self.app, &self.buyer.email).await;
        let order = buyer.order_one(&self.lamp, key).await.ok()["order"].clone();
        buyer.pay(order["id"].as_str().unwrap(), "test_succeeds", key).await.ok();
        order["parts"][0]["id"].clone()
    }

    /// What Ada's desk shows.
    async fn desk(&self, selection: &str) -> Value {
        let ada = sign_in(&self.app, &self.ada.email).await;
        let desks = ada.query(&format!("{{ viewer {{ shops {{ {selection} }} }} }}")).await.ok();
        desks["viewer"]["shops"][0].clone()
    }

    /// What is paid out next: how much, what is held, what is carried over, and when.
    async fn next(&self) -> (String, String, String, Value) {
        let next = "nextPayout { amount { amount } held { amount } carriedOver { amount } date }";
        let next = self.desk(next).await["nextPayout"].clone();
        let sum = |name: &str| next[name]["amount"].as_str().unwrap().to_owned();
        (sum("amount"), sum("held"), sum("carriedOver"), next["date"].clone())
    }

    /// Status and amount of each payout, newest first.
    async fn payouts(&self) -> Vec<(String, String)> {
        let payouts = self.desk("payouts { nodes { status amount { amount } } }").await["payouts"]["nodes"].clone();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let payouts = payouts.as_array().unwrap().iter();
        payouts.map(|payout| (text(&payout["status"]), text(&payout["amount"]["amount"]))).collect()
    }

    async fn balance(&self) -> Value {
        self.desk("balances { amount }").await["balances"][0]["amount"].clone()
    }

    async fn later(&self, by: TimeDelta) {
        self.app.advance(by);
        self.app.run_jobs().await;
    }

    async fn next_day(&self) {
        self.app.advance(TimeDelta::days(1));
        paid_out(&self.app).await;
    }
}

fn told(payouts: &[(&str, &str)]) -> Vec<(String, String)> {
    payouts.iter().map(|(status, amount)| ((*status).to_owned(), (*amount).to_owned())).collect()
}

fn standing(amount: &str, held: &str, carried_over: &str, date: Value) -> (String, String, String, Value) {
    (amount.to_owned(), held.to_owned(), carried_over.to_owned(), date)
}

#[actix_web::test]
async fn what_is_earned_leaves_after_some_days_once_a_day() {
    let market = market(7).await;
    let app = &market.app;
    market.buy("one").await;
    assert_eq!(market.next().await, standing("0.00", "9.00", "0.00", Value::Null));
    app.advance(TimeDelta::days(7) - TimeDelta::seconds(1));
    ready(app, &market.shop, "test_payout_succeeds").await;
    paid_out(app).await;
    assert_eq!(market.payouts().await, []);

    app.advance(TimeDelta::seconds(1));
    market.buy("two").await;
    assert_eq!(market.next().await, standing("9.00", "9.00", "0.00", json!("2026-11-27")));
    paid_out(app).await;
    assert_eq!(market.payouts().await, told(&[("PAID", "9.00")]));
    assert_eq!(market.balance().await, "9.00");
    let selection = "ledgerEntries { nodes { reason amount { amount } orderPart { id } payout { amount { amount } } } } \
                     payouts { totalCount nodes { id failureReason } }";
    let seen = market.desk(selection).await;
    let amount = |amount: &str| json!({"amount": amount});
    let left =
        json!({"reason": "PAYOUT", "amount": amount("-9.00"), "orderPart": null, "payout": {"amount": amount("9.00")}});
    assert!(seen["ledgerEntries"]["nodes"].as_array().unwrap().contains(&left), "{seen}");
    let payouts = &seen["payouts"];
    assert_eq!((&payouts["totalCount"], &payouts["nodes"][0]["failureReason"]), (&json!(1), &Value::Null));
    assert_books(app).await;

    // Again on the same day, however much is payable by then, and by whomever.
    app.given_sql("UPDATE transfers SET created_at = '2026-11-20' WHERE cause = 'SALE'");
    assert_eq!(market.next().await, standing("9.00", "0.00", "0.00", json!("2026-11-28")));
    paid_out(app).await;
    assert_eq!(market.payouts().await, told(&[("PAID", "9.00")]));
    market.next_day().await;
    assert_eq!(market.payouts().await, told(&[("PAID", "9.00"), ("PAID", "9.00")]));
    assert_eq!(market.balance().await, "0.00");
    assert_books(app).await;

    // A page of the list, and whose it is.
    let id = &seen["payouts"]["nodes"][0]["id"];
    let page = market.desk("payouts(first: 1) { nodes { status } pageInfo { hasNextPage } }").await["payouts"].clone();
    assert_eq!(page, json!({"nodes": [{"status": "PAID"}], "pageInfo": {"hasNextPage": true}}));
    let node = "query($id: ID!) { node(id: $id) { ... on Payout { status } } }";
    let (ada, buyer) = (sign_in(app, &market.ada.email).await, sign_in(app, &market.buyer.email).await);
    assert_eq!(ada.send(node, json!({"id": id})).await.ok()["node"]["status"], "PAID");
    assert_eq!(buyer.send(node, json!({"id": id})).await.ok()["node"], Value::Null);
}

#[actix_web::test]
async fn nothing_leaves_before_somebody_has_said_where_to() {
    let market = market(0).await;
    market.buy("one").await;
    let account = "payoutAccount { status requirements }";
    let missing = json!({"payoutAccount": {"status": "REQUIREMENTS", "requirements": ["ONBOARDING"]}});
    assert_eq!(market.desk(account).await, missing);
    paid_out(&market.app).await;
    assert_eq!(market.payouts().await, []);
    assert_eq!(market.next().await, standing("9.00", "0.00", "0.00", Value::Null));
    ready(&market.app, &market.shop, "test_payout_succeeds").await;
    let enabled = json!({"payoutAccount": {"status": "ENABLED", "requirements": []}});
    assert_eq!(market.desk(account).await, enabled);
    // By the job that comes every hour.
    market.app.schedule_jobs().await;
    market.app.advance(TimeDelta::hours(1));
    market.app.run_jobs().await;
    assert_eq!(market.payouts().await, told(&[("PAID", "9.00")]));
    assert_books(&market.app).await;
}

#[actix_web::test]
async fn what_a_claim_is_about_is_held_until_it_is_over() {
    let market = market(0).await;
    let app = &market.app;
    ready(app, &market.shop, "test_payout_succeeds").await;
    let part = market.buy("one").await;
    market.buy("two").await;
    app.advance(TimeDelta::days(7));
    let buyer = sign_in(app, &market.buyer.email).await;
    let claim =
        json!({"orderPartId": part, "kind": "NOT_RECEIVED", "message": "Where is it?", "idempotencyKey": "claim"});
    let claim = buyer.mutate("openClaim", claim, "claim { id }").await.ok()["claim"]["id"].clone();
    // What is given back meanwhile is not held any more, for it is not there any more.
    let ada = sign_in(app, &market.ada.email).await;
    let back = json!({"orderPartId": part, "amount": {"amount": "4.00", "currency": "GBP"}, "reason": "Late.", "idempotencyKey": "back"});
    ada.mutate("refundOrderPart", back, "refunds { id }").await.ok();
    assert_eq!(market.next().await, standing("9.00", "5.40", "0.00", json!("2026-11-27")));
    paid_out(app).await;
    assert_eq!((market.payouts().await, market.balance().await), (told(&[("PAID", "9.00")]), json!("5.40")));
    market.next_day().await;
    assert_eq!(market.payouts().await.len(), 1);

    let buyer = sign_in(app, &market.buyer.email).await;
    buyer.mutate("withdrawClaim", json!({"claimId": claim}), "claim { id }").await.ok();
    paid_out(app).await;
    assert_eq!(market.payouts().await, told(&[("PAID", "5.40"), ("PAID", "9.00")]));
    assert_books(app).await;
}

#[actix_web::test]
async fn what_is_to_come_back_is_held_though_it_was_paid_out() {
    let market = market(0).await;
    let app = &market.app;
    ready(app, &market.shop, "test_payout_succeeds").await;
    let part = market.buy("one").await;
    paid_out(app).await;
    // As if it had arrived, and the buyer did not want it.
    app.given_sql(
        "INSERT INTO returns (id, part_id, shop_id, status, reason, created_at) \
         SELECT gen_random_uuid(), id, shop_id, 'REQUESTED', 'OTHER', now() FROM order_parts",
    );
    market.buy("two").await;
    assert_eq!(market.next().await, standing("0.00", "9.00", "0.00", Value::Null));
    market.next_day().await;
    assert_eq!(market.payouts().await.len(), 1);
    app.given_sql("UPDATE returns SET status = 'DECLINED'");
    paid_out(app).await;
    assert_eq!(market.payouts().await, told(&[("PAID", "9.00"), ("PAID", "9.00")]));

    // What goes back of what has left is made up for by what is sold next.
    let ada = sign_in(app, &market.ada.email).await;
    let back = json!({"orderPartId": part, "reason": "Broken.", "idempotencyKey": "back"});
    ada.mutate("refundOrderPart", back, "refunds { id }").await.ok();
    assert_eq!(market.next().await, standing("0.00", "0.00", "-9.00", Value::Null));
    market.buy("three").await;
    market.buy("four").await;
    market.next_day().await;
    assert_eq!(market.payouts().await[0], ("PAID".to_owned(), "9.00".to_owned()));
    assert_eq!(market.balance().await, "0.00");
    assert_books(app).await;
}

#[actix_web::test]
async fn what_does_not_arrive_is_tried_again_and_is_the_shops_again_in_the_end() {
    let market = market(0).await;
    let app = &market.app;
    ready(app, &market.shop, "test_payout_fails").await;
    market.buy("one").await;
    paid_out(app).await;
    for _ in 0..2 {
        assert_eq!((market.payouts().await, market.balance().await), (told(&[("PENDING", "9.00")]), json!("0.00")));
        assert_books(app).await;
        market.later(TimeDelta::hours(1)).await;
    }
    assert_eq!((market.payouts().await, market.balance().await), (told(&[("FAILED", "9.00")]), json!("9.00")));
    let seen = market.desk("payouts { nodes { failureReason } } payoutAccount { status requirements }").await;
    assert_eq!(seen["payouts"]["nodes"][0]["failureReason"], "DECLINED");
    assert_eq!(seen["payoutAccount"], json!({"status": "REQUIREMENTS", "requirements": ["ANOTHER_ACCOUNT"]}));
    let mails = app.mails(&market.ada.email);
    let mails: Vec<_> = mails.iter().filter(|mail| mail.subject == "A payout to Lamps has failed").collect();
    assert!(mails.len() == 1 && mails[0].text.contains("9.00 GBP"), "{mails:?}");
    assert_books(app).await;
    market.next_day().await;
    assert_eq!(market.payouts().await.len(), 1, "nothing more goes there");

    ready(app, &market.shop, "test_payout_fails_once").await;
    paid_out(app).await;
    assert_eq!(market.payouts().await, told(&[("PENDING", "9.00"), ("FAILED", "9.00")]));
    market.later(TimeDelta::hours(1)).await;
    assert_eq!(market.payouts().await, told(&[("PAID", "9.00"), ("FAILED", "9.00")]));
    assert_eq!(market.desk("payoutAccount { status }").await["payoutAccount"]["status"], "ENABLED");
    assert_books(app).await;
}

#[actix_web::test]
async fn a_provider_that_is_silent_is_asked_until_it_answers() {
    for is_lost in [false, true] {
        let market = market(0).await;
        let app = &market.app;
        ready(app, &market.shop, "test_payout_silent").await;
        market.buy("one").await;
        paid_out(app).await;
        assert_eq!(market.payouts().await, told(&[("PENDING", "9.00")]));
        if is_lost {
            app.given_sql("DELETE FROM jobs WHERE kind = 'payouts.carry_out_payout'");
            app.advance(TimeDelta::hours(2));
            paid_out(app).await;
        } else {
            for _ in 0..8 {
                market.later(TimeDelta::minutes(1)).await;
            }
        }
        assert_eq!((market.payouts().await, market.balance().await), (told(&[("PAID", "9.00")]), json!("0.00")));
        let first = "SELECT count(*) AS count FROM payouts WHERE attempt = 1 AND reference LIKE '%-1'";
        assert_eq!(count(&mut app.connect(), first), 1);
        assert_books(app).await;
    }
}

#[actix_web::test]
async fn what_comes_back_after_it_was_sent_is_the_shops_again_once() {
    let market = market(0).await;
    let app = &market.app;
    ready(app, &market.shop, "test_payout_succeeds").await;
    market.buy("one").await;
    paid_out(app).await;
    let payout = market.desk("payouts { nodes { id } }").await["payouts"]["nodes"][0]["id"].clone();
    let payout = payout.as_str().unwrap().parse().unwrap();
    let paid = DisbursementProgress::Paid { reference: "late".into() };
    let failed = DisbursementProgress::Failed { reason: PayoutFailureReason::AccountClosed };
    for progress in [paid.clone(), failed.clone(), failed, paid] {
        let note = move |tx: &mut Tx<'_>| service::note_payout(tx, (payout, 1), &progress);
        app.app().db.write(&Caller::system(), note).await.unwrap();
    }
    assert_eq!(market.payouts().await, told(&[("FAILED", "9.00")]));
    assert_eq!(market.balance().await, "9.00");
    assert_books(app).await;
}

#[actix_web::test]
async fn however_many_pay_out_at_once_it_leaves_once() {
    let market = market(0).await;
    let app = &market.app;
    ready(app, &market.shop, "test_payout_succeeds").await;
    let part = market.buy("one").await;
    let job = MakePayout { shop: market.shop.parse().unwrap(), currency: "GBP".parse().unwrap() };
    let caller = Caller::system();
    let make = || service::make_payout(app.app(), &caller, job);
    let back = json!({"orderPartId": part, "amount": {"amount": "1.00", "currency": "GBP"}, "reason": "R", "idempotencyKey": "back"});
    let ada = sign_in(app, &market.ada.email).await;
    let given_back = ada.mutate("refundOrderPart", back, "refunds { id }");
    let (one, two, three, given_back) = join!(make(), make(), make(), given_back);
    for made in [one, two, three] {
        made.unwrap();
    }
    given_back.ok();
    app.run_jobs().await;
    let payouts = market.payouts().await;
    assert_eq!(payouts.len(), 1);
    // Before the refund, or after it.
    let left = market.balance().await;
    assert!(
        (payouts[0].1 == "9.00" && left == "-0.90") || (payouts[0].1 == "8.10" && left == "0.00"),
        "{payouts:?} {left}"
    );
    assert_books(app).await;
}

#[actix_web::test]
async fn a_statement_adds_up_and_the_next_one_goes_on_from_it() {
    let market = market(0).await;
    let app = &market.app;
    ready(app, &market.shop, "test_payout_fails").await;
    let part = market.buy("one").await;
    market.buy("two").await;
    let ada = sign_in(app, &market.ada.email).await;
    let back = json!({"orderPartId": part, "amount": {"amount": "1.00", "currency": "GBP"}, "reason": "R", "idempotencyKey": "back"});
    ada.mutate("refundOrderPart", back, "refunds { id }").await.ok();
    paid_out(app).await;
    for _ in 0..2 {
        market.later(TimeDelta::hours(1)).await;
    }
    // In the month after it.
    app.advance(TimeDelta::days(20));
    ready(app, &market.shop, "test_payout_succeeds").await;
    market.buy("three").await;
    paid_out(app).await;

    let statement = async |day: &str| {
        let fields = "from until opening { amount } sums { reason amount { amount } entries } paidOut { amount } closing { amount }";
        market.desk(&format!("statement(month: \"{day}\") {{ {fields} }}")).await["statement"].clone()
    };
    let sum = |reason: &str, amount: &str, entries: i32| json!({"reason": reason, "amount": {"amount": amount}, "entries": entries});
    let money = |amount: &str| json!({"amount": amount});
    let november = json!({
        "from": "2026-11-01",
        "until": "2026-11-30",
        "opening": money("0.00"),
        "sums": [
            sum("COMMISSION", "-2.00", 2),
            sum("COMMISSION_RETURNED", "0.10", 1),
            sum("REFUND", "-1.00", 1),
            sum("SALE", "20.00", 2),
        ],
        "paidOut": money("0.00"),
        "closing": money("17.10"),
    });
    assert_eq!(statement("2026-11-20").await, november);
    let december = json!({
        "from": "2026-12-01",
        "until": "2026-12-31",
        "opening": money("17.10"),
        "sums": [sum("COMMISSION", "-1.00", 1), sum("SALE", "10.00", 1)],
        "paidOut": money("26.10"),
        "closing": money("0.00"),
    });
    assert_eq!(statement("2026-12-31").await, december);
    assert_eq!(market.balance().await, "0.00");
    let october = statement("2026-10-01").await;
    assert_eq!(
        (&october["opening"], &october["closing"], &october["sums"]),
        (&money("0.00"), &money("0.00"), &json!([]))
    );
    let euros =
        market.desk("statement(month: \"2026-11-20\", currency: \"EUR\") { closing { amount currency } }").await;
    assert_eq!(euros["statement"]["closing"], json!({"amount": "0.00", "currency": "EUR"}));
    assert_books(app).await;
}

async fn link(who: &Client, shop: &str, back: &str) -> Answer {
    who.mutate("createPayoutOnboardingLink", json!({"shopId": shop, "returnUrl": back}), "url").await
}

async fn choose(url: &str, destination: &str) -> Response {
    let http = reqwest::Client::builder().redirect(Policy::none()).build().unwrap();
    http.post(url).form(&[("destination", destination)]).send().await.unwrap()
}

#[actix_web::test]
async fn the_owner_says_where_the_money_goes_on_a_page_of_the_provider() {
    let market = market(0).await;
    let app = &market.app;
    let back = "https://shop.example/back?desk=1&from=payouts";
    let manager = app.sign_up("Mona").await;
    let input = json!({"shopId": market.shop, "userId": manager.id, "role": "MANAGER"});
    market.ada.mutate("addShopMember", input, "member { role }").await.ok();
    assert_eq!(link(&manager, &market.shop, back).await.refusal().0, "NOT_PERMITTED");
    let not_found = ("NOT_FOUND".to_owned(), "shopId".to_owned());
    assert_eq!(link(&market.buyer, &market.shop, back).await.refusal(), not_found);
    let elsewhere = link(&market.ada, &market.shop, "https://evil.example/").await;
    assert_eq!(elsewhere.refusal(), ("RETURN_URL_NOT_ALLOWED".to_owned(), "returnUrl".to_owned()));

    let url = link(&market.ada, &market.shop, back).await.ok()["url"].as_str().unwrap().to_owned();
    let page = reqwest::get(&url).await.unwrap();
    let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.ends_with("form-action 'self' https://shop.example"), "{policy}");
    assert!(page.text().await.unwrap().contains("value=test_payout_fails"));
    assert_eq!(market.desk("payoutAccount { status }").await["payoutAccount"]["status"], "REQUIREMENTS");
    assert_eq!(choose(&url, "my own bank").await.status(), StatusCode::BAD_REQUEST);
    let done = choose(&url, "test_payout_succeeds").await;
    assert_eq!(done.status(), StatusCode::SEE_OTHER);
    assert_eq!(done.headers()["location"], back);
    let account = market.desk("payoutAccount { status requirements }").await["payoutAccount"].clone();
    assert_eq!(account, json!({"status": "ENABLED", "requirements": []}));

    // Nobody gets there without the link, and it leads nowhere else.
    let (page, _) = url.split_once('?').unwrap();
    assert_eq!(
        choose(&format!("{page}?returnUrl=https://evil.example/"), "test_payout_fails").await.status(),
        StatusCode::OK
    );
    assert_eq!(choose(page, "test_payout_succeeds").await.status(), StatusCode::OK);
    for forged in [app.url("/dev/payouts/x"), format!("{page}AAAA")] {
        assert_eq!(reqwest::get(&forged).await.unwrap().status(), StatusCode::NOT_FOUND, "{forged}");
        assert_eq!(choose(&forged, "test_payout_succeeds").await.status(), StatusCode::NOT_FOUND, "{forged}");
    }
    market.buy("one").await;
    paid_out(app).await;
    assert_eq!(market.payouts().await, told(&[("PAID", "9.00")]));

    let off = app.start_beside(|settings| settings.payments = PaymentSetup::Off).await;
    let ada = off.guest().with_token(market.ada.token.as_deref().unwrap());
    assert_eq!(link(&ada, &market.shop, back).await.refusal().0, "PAYMENTS_UNAVAILABLE");
    let (_, path) = page.split_once("/dev/").unwrap();
    assert_eq!(reqwest::get(off.url(&format!("/dev/{path}"))).await.unwrap().status(), StatusCode::NOT_FOUND);
    off.stop().await;
}
