//! Where the money goes, by the word of whom, and who hears of it.

use agora::platform::app::PaymentSetup;
use chrono::TimeDelta;
use reqwest::{Response, StatusCode, redirect::Policy};
use serde_json::json;

use super::{market, named, paid_out, ready, rested, told};
use crate::{
    harness::{Answer, Client},
    privacy::sign_in,
};

const BACK: &str = "https://shop.example/back";

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
    rested(app);
    paid_out(app).await;
    assert_eq!(market.payouts().await, told(&[("PAID", "9.00")]));

    let off = app.start_beside(|settings| settings.payments = PaymentSetup::Off).await;
    let ada = off.guest().with_token(market.ada.token.as_deref().unwrap());
    assert_eq!(link(&ada, &market.shop, back).await.refusal().0, "PAYMENTS_UNAVAILABLE");
    let (_, path) = page.split_once("/dev/").unwrap();
    assert_eq!(reqwest::get(off.url(&format!("/dev/{path}"))).await.unwrap().status(), StatusCode::NOT_FOUND);
    off.stop().await;
}

#[actix_web::test]
async fn the_page_takes_a_recent_proof_and_is_good_for_an_hour_and_for_who_still_owns_the_shop() {
    let market = market(0).await;
    let app = &market.app;
    app.given_sql("UPDATE sessions SET authenticated_at = authenticated_at - interval '15 minutes'");
    assert_eq!(link(&market.ada, &market.shop, BACK).await.code(), "STEP_UP_REQUIRED");

    let (mona, ada) = (app.sign_up("Mona").await, sign_in(app, &market.ada.email).await);
    let member = json!({"shopId": market.shop, "userId": mona.id, "role": "OWNER"});
    ada.mutate("addShopMember", member, "member { role }").await.ok();
    let url = link(&mona, &market.shop, BACK).await.ok()["url"].as_str().unwrap().to_owned();
    // Another one's, or for longer.
    let (_, named) = url.split_once("/dev/payouts/").unwrap();
    let forged = url.replacen(named, &named.replacen(&mona.id, &market.ada.id, 1), 1);
    assert_eq!(choose(&forged, "test_payout_succeeds").await.status(), StatusCode::NOT_FOUND);
    let until = named.split('-').nth(1).unwrap();
    let forged = url.replacen(until, "9999999999", 1);
    assert_eq!(choose(&forged, "test_payout_succeeds").await.status(), StatusCode::NOT_FOUND);

    let demoted = json!({"shopId": market.shop, "userId": mona.id, "role": "MANAGER"});
    ada.mutate("setShopMemberRole", demoted, "member { role }").await.ok();
    assert_eq!(choose(&url, "test_payout_succeeds").await.status(), StatusCode::NOT_FOUND);
    let owner = json!({"shopId": market.shop, "userId": mona.id, "role": "OWNER"});
    ada.mutate("setShopMemberRole", owner, "member { role }").await.ok();
    app.advance(TimeDelta::hours(1) - TimeDelta::seconds(1));
    assert_eq!(choose(&url, "test_payout_succeeds").await.status(), StatusCode::SEE_OTHER);
    app.advance(TimeDelta::seconds(1));
    assert_eq!(choose(&url, "test_payout_succeeds").await.status(), StatusCode::NOT_FOUND);
}

#[actix_web::test]
async fn all_owners_hear_of_another_account_whatever_mail_they_want() {
    const SUBJECT: &str = "The money of Lamps goes to another account";
    let market = market(0).await;
    let app = &market.app;
    let (mona, max) = (app.sign_up("Mona").await, app.sign_up("Max").await);
    for (person, role) in [(&mona, "OWNER"), (&max, "MANAGER")] {
        let member = json!({"shopId": market.shop, "userId": person.id, "role": role});
        market.ada.mutate("addShopMember", member, "member { role }").await.ok();
    }
    mona.mutate("acceptShopMembership", json!({"shopId": market.shop}), "member { role }").await.ok();
    let nothing = json!({"notifications": [{"kind": "SHOP", "channels": ["IN_APP"]}]});
    mona.mutate("updatePreferences", nothing, "preferences { theme }").await.ok();
    let heard = async || {
        app.run_jobs().await;
        let of = |email: &str| app.mails(email).into_iter().filter(|mail| mail.subject == SUBJECT).count();
        [of(&market.ada.email), of(&mona.email), of(&max.email)]
    };
    ready(app, &market.shop, "test_payout_fails").await;
    assert_eq!(heard().await, [1, 1, 0]);
    // The same one again is no news.
    ready(app, &market.shop, "test_payout_fails").await;
    assert_eq!(heard().await, [1, 1, 0]);
    ready(app, &market.shop, "test_payout_succeeds").await;
    assert_eq!(heard().await, [2, 2, 0]);
}

#[actix_web::test]
async fn nothing_goes_to_the_account_of_somebody_who_does_not_own_the_shop_any_more() {
    let market = market(0).await;
    let app = &market.app;
    let mona = app.sign_up("Mona").await;
    let member = json!({"shopId": market.shop, "userId": mona.id, "role": "OWNER"});
    market.ada.mutate("addShopMember", member, "member { role }").await.ok();
    let url = link(&mona, &market.shop, BACK).await.ok()["url"].as_str().unwrap().to_owned();
    assert_eq!(choose(&url, "test_payout_succeeds").await.status(), StatusCode::SEE_OTHER);
    market.buy("one").await;
    let member = json!({"shopId": market.shop, "userId": mona.id});
    market.ada.mutate("removeShopMember", member, "desk { id }").await.ok();

    let account = market.desk("payoutAccount { status requirements } nextPayout { date }").await;
    let wanting = json!({"status": "REQUIREMENTS", "requirements": ["ANOTHER_ACCOUNT"]});
    assert_eq!((&account["payoutAccount"], &account["nextPayout"]["date"]), (&wanting, &json!(null)));
    paid_out(app).await;
    assert_eq!(market.payouts().await, []);
    let url = link(&sign_in(app, &market.ada.email).await, &market.shop, BACK).await.ok()["url"].clone();
    assert_eq!(choose(url.as_str().unwrap(), "test_payout_succeeds").await.status(), StatusCode::SEE_OTHER);
    rested(app);
    paid_out(app).await;
    assert_eq!(market.payouts().await, told(&[("PAID", "9.00")]));
}

#[actix_web::test]
async fn nothing_goes_to_an_account_within_three_days_after_it_was_named() {
    let market = market(0).await;
    let app = &market.app;
    named(app, &market.shop, "test_payout_succeeds").await;
    market.buy("one").await;
    assert_eq!(market.next().await.3, json!("2026-11-23"));
    paid_out(app).await;
    app.advance(TimeDelta::days(3) - TimeDelta::seconds(1));
    // The same one again is no other one.
    named(app, &market.shop, "test_payout_succeeds").await;
    paid_out(app).await;
    assert_eq!(market.payouts().await, []);
    app.advance(TimeDelta::seconds(1));
    paid_out(app).await;
    assert_eq!(market.payouts().await, told(&[("PAID", "9.00")]));

    market.buy("two").await;
    named(app, &market.shop, "test_payout_silent").await;
    assert_eq!(market.next().await.3, json!("2026-11-26"));
    for _ in 0..2 {
        market.next_day().await;
        assert_eq!(market.payouts().await.len(), 1);
    }
    // By another owner it is named anew, though it is the same.
    let mona = app.sign_up("Mona").await;
    let member = json!({"shopId": market.shop, "userId": mona.id, "role": "OWNER"});
    sign_in(app, &market.ada.email).await.mutate("addShopMember", member, "member { role }").await.ok();
    let url = link(&mona, &market.shop, BACK).await.ok()["url"].as_str().unwrap().to_owned();
    assert_eq!(choose(&url, "test_payout_silent").await.status(), StatusCode::SEE_OTHER);
    assert_eq!(market.next().await.3, json!("2026-11-28"));
    for _ in 0..2 {
        market.next_day().await;
        assert_eq!(market.payouts().await.len(), 1);
    }
    market.next_day().await;
    assert_eq!(market.payouts().await.len(), 2);
}
