//! Accounts of shops: each is made once, and stands as Stripe says when it is asked.

use chrono::TimeDelta;
use futures_util::join;
use serde_json::json;

use super::{ACCOUNT, BACK, enabled, link, ready, wants};
use crate::{
    costs::count,
    payouts::paid_out,
    privacy::sign_in,
    stripe::{
        double::{Fault, SIGNING},
        event_json, market, sign, text,
    },
};

const KEPT: &str = "SELECT count(*) AS count FROM provider_events";

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
