//! What shops have earned goes to accounts that Stripe has for them: each is made once, and each payout is sent once.

mod lost;

use chrono::TimeDelta;
use futures_util::join;
use serde_json::{Value, json};

use super::{
    Market,
    double::{Fault, SIGNING},
    event_json, market, sign, text, try_to_pay,
};
use crate::{
    costs::count,
    harness::{Answer, Client},
    orders::assert_books,
    payouts::paid_out,
    privacy::sign_in,
};

const BACK: &str = "https://shop.example/back?desk=1";
const ACCOUNT: &str = "acct_1";
const KEPT: &str = "SELECT count(*) AS count FROM provider_events";

async fn link(seller: &Client, shop: &str) -> Answer {
    seller.mutate("createPayoutOnboardingLink", json!({"shopId": shop, "returnUrl": BACK}), "url").await
}

/// What Stripe says of an account to which money can go.
fn ready() -> Value {
    json!({
        "details_submitted": true, "payouts_enabled": true, "capabilities": {"transfers": "active"},
        "requirements": {"currently_due": [], "disabled_reason": null},
    })
}

fn wants(requirement: &str) -> Value {
    json!({"status": "REQUIREMENTS", "requirements": [requirement]})
}

fn enabled() -> Value {
    json!({"status": "ENABLED", "requirements": []})
}

fn told(payouts: &[(&str, &str)]) -> Vec<(String, String)> {
    payouts.iter().map(|(status, amount)| ((*status).to_owned(), (*amount).to_owned())).collect()
}

impl Market {
    /// What the seller's desk shows.
    async fn desk(&self, selection: &str) -> Value {
        let seller = sign_in(&self.app, &self.seller.email).await;
        let desks = seller.query(&format!("{{ viewer {{ shops {{ {selection} }} }} }}")).await.ok();
        desks["viewer"]["shops"][0].clone()
    }

    async fn shop(&self) -> String {
        text(&self.desk("shop { id }").await["shop"]["id"])
    }

    async fn link(&self) -> Answer {
        let (seller, shop) = (sign_in(&self.app, &self.seller.email).await, self.shop().await);
        link(&seller, &shop).await
    }

    async fn account(&self) -> Value {
        self.desk("payoutAccount { status requirements }").await["payoutAccount"].clone()
    }

    /// Status and amount of each payout, newest first.
    async fn payouts(&self) -> Vec<(String, String)> {
        let payouts = self.desk("payouts { nodes { status amount { amount } } }").await["payouts"]["nodes"].clone();
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

    /// Has the shop's account be one to which money can go, and some of it be payable.
    async fn earns(&self) {
        self.link().await.ok();
        self.stripe.account_becomes(ACCOUNT, &ready());
        self.later(TimeDelta::minutes(5)).await;
        assert_eq!(self.account().await, enabled());
        let paid = try_to_pay(&self.buyer_again().await, &self.order, "pm_card", None, "pay").await.ok();
        assert_eq!(paid["payment"]["status"], "SUCCEEDED");
        self.app.run_jobs().await;
        let seller = sign_in(&self.app, &self.seller.email).await;
        let sent = json!({"orderPartId": self.part, "isShipped": true, "idempotencyKey": "sent"});
        seller.mutate("createShipment", sent, "shipment { id }").await.ok();
        self.later(TimeDelta::days(7)).await;
    }

    /// Stripe tells of the account.
    async fn tell_of_account(&self, event: &str) {
        assert_eq!(self.tell(event, "account.updated", &self.stripe.account(ACCOUNT)).await, 200);
        self.app.run_jobs().await;
    }
}

#[actix_web::test]
async fn a_shop_has_one_account_however_often_its_owner_asks_for_the_page() {
    let market = market().await;
    let (seller, shop) = (sign_in(&market.app, &market.seller.email).await, market.shop().await);
    // It is made, and nobody hears of it.
    market.stripe.fails("account", Fault::Lose);
    assert_eq!(link(&seller, &shop).await.code(), "UNAVAILABLE");
    assert_eq!(count(&mut market.app.connect(), "SELECT count(*) AS count FROM payout_accounts"), 0);
    let (one, two) = join!(link(&seller, &shop), link(&seller, &shop));
    for answer in [one, two] {
        let url = text(&answer.ok()["url"]);
        assert!(url.starts_with("https://connect.stripe.com/setup/e/acct_1/"), "{url}");
    }
    let asked = market.stripe.asked("account");
    market.stripe.a_day_passes();
    market.stripe.fails("link", Fault::Refuse(500));
    assert_eq!(link(&seller, &shop).await.code(), "UNAVAILABLE");
    link(&seller, &shop).await.ok();
    assert_eq!((market.stripe.accounts(), market.stripe.asked("account")), (vec![ACCOUNT.to_owned()], asked));

    let form = market.stripe.account_form(ACCOUNT);
    for (name, value) in [
        ("controller[stripe_dashboard][type]", "express"),
        ("controller[losses][payments]", "application"),
        ("capabilities[card_payments][requested]", "true"),
        ("capabilities[transfers][requested]", "true"),
        ("metadata[shop]", shop.as_str()),
    ] {
        assert_eq!(form[name], value, "{name}");
    }
    let links = market.stripe.links();
    assert_eq!(links.len(), 3);
    for (name, value) in
        [("account", ACCOUNT), ("type", "account_onboarding"), ("return_url", BACK), ("refresh_url", BACK)]
    {
        assert!(links.iter().all(|form| form[name] == value), "{name}");
    }
    assert_eq!(market.account().await, wants("ONBOARDING"));
    paid_out(&market.app).await;
    assert_eq!(market.stripe.asked("transfer"), 0);
}

#[actix_web::test]
async fn the_next_owner_gets_an_account_of_their_own() {
    let market = market().await;
    market.link().await.ok();
    let (shop, next) = (market.shop().await, market.app.sign_up("Next").await);
    let owner = json!({"shopId": shop, "userId": next.id, "role": "OWNER"});
    market.seller.mutate("addShopMember", owner, "member { role }").await.ok();
    link(&next, &shop).await.ok();
    assert_eq!(market.stripe.accounts(), [ACCOUNT], "both own the shop");
    let left = json!({"shopId": shop, "userId": market.seller.id});
    next.mutate("removeShopMember", left, "desk { id }").await.ok();
    let account = "{ viewer { shops { payoutAccount { status requirements } } } }";
    let account = async || next.query(account).await.ok()["viewer"]["shops"][0]["payoutAccount"].clone();
    assert_eq!(account().await, wants("ANOTHER_ACCOUNT"));
    link(&next, &shop).await.ok();
    assert_eq!(market.stripe.accounts(), [ACCOUNT, "acct_2"]);
    assert_eq!(account().await, wants("ONBOARDING"));
}

#[actix_web::test]
async fn the_account_stands_as_stripe_says() {
    let market = market().await;
    assert_eq!(market.account().await, wants("ONBOARDING"));
    market.link().await.ok();
    let due = |due: &[&str], reason: &str| json!({"requirements": {"currently_due": due, "disabled_reason": reason}});
    for (event, change, expected) in [
        ("evt_1", json!({"details_submitted": true}), wants("DETAILS")),
        ("evt_2", due(&[], "requirements.pending_verification"), wants("VERIFICATION")),
        ("evt_3", ready(), enabled()),
        ("evt_4", json!({"payouts_enabled": false}), wants("VERIFICATION")),
        ("evt_5", due(&["external_account"], "requirements.past_due"), wants("DETAILS")),
        ("evt_6", ready(), enabled()),
        ("evt_7", due(&[], "rejected.fraud"), wants("REFUSED")),
    ] {
        market.stripe.account_becomes(ACCOUNT, &change);
        market.tell_of_account(event).await;
        assert_eq!(market.account().await, expected, "{event}");
    }
    // What was looked into is told once more.
    let asked = market.stripe.asked("account_look");
    market.tell_of_account("evt_3").await;
    assert_eq!((market.stripe.asked("account_look"), asked), (7, 7));
    assert_eq!(count(&mut market.app.connect(), &format!("{KEPT} WHERE intent_id IS NULL")), 7);
}

#[actix_web::test]
async fn what_nobody_tells_of_an_account_is_asked() {
    let market = market().await;
    market.app.schedule_jobs().await;
    market.link().await.ok();
    market.later(TimeDelta::minutes(5)).await;
    assert_eq!(market.account().await, wants("ONBOARDING"));
    market.stripe.account_becomes(ACCOUNT, &ready());
    market.stripe.fails("account_look", Fault::Refuse(500));
    market.later(TimeDelta::hours(1)).await;
    assert_eq!(market.account().await, wants("ONBOARDING"));
    market.later(TimeDelta::minutes(1)).await;
    assert_eq!(market.account().await, enabled());
}

#[actix_web::test]
async fn what_is_told_of_an_account_is_not_believed() {
    let market = market().await;
    market.link().await.ok();
    // Stripe says otherwise when it is asked.
    let mut lie = market.stripe.account(ACCOUNT);
    for (name, value) in ready().as_object().unwrap() {
        lie[name] = value.clone();
    }
    assert_eq!(market.tell("evt_1", "account.updated", &lie).await, 200);
    market.app.run_jobs().await;
    assert_eq!((market.account().await, market.stripe.asked("account_look")), (wants("ONBOARDING"), 1));

    market.stripe.account_becomes(ACCOUNT, &ready());
    // Another account that bears the name of the shop, ours with the name of another shop, and one that bears none.
    let mut other = lie.clone();
    other["id"] = json!("acct_9");
    assert_eq!(market.tell("evt_2", "account.updated", &other).await, 200);
    lie["metadata"] = json!({"shop": "shop_01jd3k0000000000000000000a"});
    assert_eq!(market.tell("evt_3", "account.updated", &lie).await, 200);
    lie["metadata"] = json!({});
    assert_eq!(market.tell("evt_4", "account.updated", &lie).await, 200);
    // One that Stripe has not signed.
    let body = event_json("evt_5", "account.updated", &market.stripe.account(ACCOUNT));
    let now = market.app.app().now().timestamp();
    assert_eq!(market.tell_signed(body.clone(), &sign("whsec_of_somebody_else", now, &body)).await, 400);
    market.app.run_jobs().await;
    assert_eq!((market.account().await, market.stripe.asked("account_look")), (wants("ONBOARDING"), 1));
    assert_eq!(count(&mut market.app.connect(), KEPT), 3);
    assert_eq!(count(&mut market.app.connect(), &format!("{KEPT} WHERE processed_at IS NULL")), 0);
    // And the one that is true.
    assert_eq!(market.tell_signed(body.clone(), &sign(SIGNING[1], now, &body)).await, 200);
    market.app.run_jobs().await;
    assert_eq!(market.account().await, enabled());
}

#[actix_web::test]
async fn a_payout_is_sent_once_whatever_is_lost() {
    for (kind, fault) in [
        ("transfer", Fault::Lose),
        ("transfer", Fault::Hang),
        ("transfer", Fault::Refuse(409)),
        ("transfer_list", Fault::Refuse(429)),
    ] {
        let market = market().await;
        market.earns().await;
        market.stripe.fails(kind, fault);
        paid_out(&market.app).await;
        assert_eq!(market.payouts().await, told(&[("PENDING", "5.00")]), "{kind} {fault:?}");
        assert_eq!(market.balance().await, "0.00");
        assert_books(&market.app).await;
        market.later(TimeDelta::minutes(1)).await;
        assert_eq!(market.payouts().await, told(&[("PAID", "5.00")]), "{kind} {fault:?}");
        let sent = market.stripe.transfers();
        assert_eq!(sent.len(), 1);
        let payout = text(&market.desk("payouts { nodes { id } }").await["payouts"]["nodes"][0]["id"]);
        for (name, value) in [
            ("amount", json!(500)),
            ("currency", json!("gbp")),
            ("destination", json!(ACCOUNT)),
            ("transfer_group", json!(payout)),
            ("metadata", json!({"payout": format!("{payout}-1")})),
        ] {
            assert_eq!(sent[0][name], value, "{name}");
        }
        assert_books(&market.app).await;
    }
}

#[actix_web::test]
async fn a_payout_is_sent_once_though_stripe_broke_or_forgot_the_key() {
    for is_broken in [true, false] {
        let market = market().await;
        market.earns().await;
        if is_broken {
            market.stripe.breaks(true);
        } else {
            market.stripe.fails("transfer", Fault::Lose);
        }
        paid_out(&market.app).await;
        assert_eq!(market.payouts().await, told(&[("PENDING", "5.00")]));
        if is_broken {
            market.stripe.breaks(false);
            // Under that key it says what it said, for a day.
            market.later(TimeDelta::minutes(1)).await;
            assert_eq!((market.payouts().await, market.stripe.transfers().len()), (told(&[("PENDING", "5.00")]), 0));
        }
        market.stripe.a_day_passes();
        market.app.advance(TimeDelta::days(1));
        paid_out(&market.app).await;
        assert_eq!(market.payouts().await, told(&[("PAID", "5.00")]), "{is_broken}");
        assert_eq!(market.stripe.transfers().len(), 1);
        assert_books(&market.app).await;
    }
}

#[actix_web::test]
async fn what_the_market_has_not_got_with_stripe_is_asked_for_again_the_next_day() {
    let market = market().await;
    market.earns().await;
    market.stripe.runs_short(true);
    paid_out(&market.app).await;
    for asked in 1..=4 {
        assert_eq!(market.stripe.asked("transfer"), asked);
        assert_eq!((market.payouts().await, market.balance().await), (told(&[("PENDING", "5.00")]), json!("0.00")));
        market.app.advance(TimeDelta::hours(23));
        paid_out(&market.app).await;
        assert_eq!(market.stripe.asked("transfer"), asked, "not before a day has passed");
        market.later(TimeDelta::hours(1)).await;
    }
    market.stripe.runs_short(false);
    market.later(TimeDelta::days(1)).await;
    assert_eq!(market.payouts().await, told(&[("PAID", "5.00")]));
    let sent = market.stripe.transfers();
    assert!(sent.len() == 1 && text(&sent[0]["metadata"]["payout"]).ends_with("-6"), "{sent:?}");
    assert_eq!(market.account().await, enabled());
    assert_books(&market.app).await;
}

#[actix_web::test]
async fn an_account_that_takes_nothing_is_not_tried_again_before_its_owner_has_been_to_the_page() {
    let market = market().await;
    market.earns().await;
    // And nobody has told.
    market.stripe.account_becomes(ACCOUNT, &json!({"capabilities": {"transfers": "inactive"}}));
    paid_out(&market.app).await;
    for _ in 0..2 {
        market.later(TimeDelta::hours(1)).await;
    }
    assert_eq!((market.payouts().await, market.balance().await), (told(&[("FAILED", "5.00")]), json!("5.00")));
    assert_eq!((market.stripe.asked("transfer"), market.stripe.transfers().len()), (3, 0));
    assert_eq!(market.account().await, wants("ANOTHER_ACCOUNT"));
    assert_books(&market.app).await;
    market.app.schedule_jobs().await;
    market.stripe.account_becomes(ACCOUNT, &ready());
    market.later(TimeDelta::hours(25)).await;
    assert_eq!((market.account().await, market.payouts().await.len()), (wants("ANOTHER_ACCOUNT"), 1));

    market.link().await.ok();
    market.later(TimeDelta::minutes(5)).await;
    assert_eq!(market.account().await, enabled());
    paid_out(&market.app).await;
    assert_eq!(market.payouts().await, told(&[("PAID", "5.00"), ("FAILED", "5.00")]));
    assert_eq!(market.stripe.accounts().len(), 1);
    assert_books(&market.app).await;
}

#[actix_web::test]
async fn what_is_taken_back_with_stripe_is_the_shops_again_once() {
    let market = market().await;
    market.earns().await;
    paid_out(&market.app).await;
    let mut lie = market.stripe.transfers()[0].clone();
    lie["reversed"] = json!(true);
    assert_eq!(market.tell("evt_1", "transfer.reversed", &lie).await, 200);
    market.app.run_jobs().await;
    assert_eq!((market.payouts().await, market.stripe.asked("transfer_list")), (told(&[("PAID", "5.00")]), 2));
    market.stripe.reverse("tr_1");
    // Of another market in the same account.
    lie["metadata"] = json!({"payout": "payout_01jd3k0000000000000000000a-1"});
    assert_eq!(market.tell("evt_2", "transfer.reversed", &lie).await, 200);
    market.app.run_jobs().await;
    assert_eq!((market.payouts().await, market.stripe.asked("transfer_list")), (told(&[("PAID", "5.00")]), 2));

    for event in ["evt_3", "evt_4"] {
        assert_eq!(market.tell(event, "transfer.reversed", &market.stripe.transfers()[0]).await, 200);
        market.app.run_jobs().await;
        assert_eq!((market.payouts().await, market.balance().await), (told(&[("FAILED", "5.00")]), json!("5.00")));
    }
    market.later(TimeDelta::hours(1)).await;
    assert_eq!((market.stripe.asked("transfer"), market.stripe.transfers().len()), (1, 1));
    assert_books(&market.app).await;
}

#[actix_web::test]
async fn the_doctor_asks_stripe_what_was_sent_to_shops_and_where_to() {
    let market = market().await;
    market.earns().await;
    let compared = async || agora::payouts::service::compare(market.app.app(), 7).await.unwrap().unwrap();
    paid_out(&market.app).await;
    let sound = compared().await;
    assert!(sound.finding.is_fine() && (sound.asked, sound.unanswered) == (1, 0), "{sound:?}");
    // Taken back there, and nobody has told.
    market.stripe.reverse("tr_1");
    let found: Vec<_> = compared().await.finding.examples.iter().map(ToString::to_string).collect();
    assert!(found.len() == 1 && found[0].ends_with(": expected nothing, found PAID 5.00 GBP to acct_1"), "{found:?}");
    market.stripe.fails("transfer_list", Fault::Refuse(500));
    assert_eq!(compared().await.unanswered, 1);
}

#[actix_web::test]
async fn an_account_rests_from_when_all_was_said_there_that_everybody_is_asked() {
    let market = market().await;
    market.link().await.ok();
    market.later(TimeDelta::days(20)).await;
    let rests = "SELECT count(*) AS count FROM payout_accounts WHERE named_at = updated_at";
    market.stripe.account_becomes(ACCOUNT, &json!({"details_submitted": true}));
    market.tell_of_account("evt_1").await;
    assert_eq!((market.account().await, count(&mut market.app.connect(), rests)), (wants("DETAILS"), 1));
    market.app.advance(TimeDelta::hours(1));
    market.stripe.account_becomes(ACCOUNT, &ready());
    market.tell_of_account("evt_2").await;
    assert_eq!((market.account().await, count(&mut market.app.connect(), rests)), (enabled(), 0));
}
