//! Accounts that Stripe knows no longer, news that could not be looked into, and what came back before anybody heard that it was sent.

use chrono::TimeDelta;
use serde_json::json;

use super::{ACCOUNT, enabled, ready, told, wants};
use crate::{
    costs::count,
    orders::assert_books,
    payouts::paid_out,
    stripe::{double::Fault, market, text},
};

#[actix_web::test]
async fn an_account_that_is_gone_makes_room_for_another_when_its_owner_asks_for_the_page() {
    let market = market().await;
    market.link().await.ok();
    market.stripe.account_goes(ACCOUNT);
    let url = text(&market.link().await.ok()["url"]);
    assert!(url.contains("/acct_2/"), "{url}");
    assert_eq!(market.stripe.accounts(), [ACCOUNT, "acct_2"]);
    assert_eq!(market.account().await, wants("ONBOARDING"));
    // And so does the second one, which is found gone when it is looked at.
    market.stripe.account_goes("acct_2");
    market.later(TimeDelta::minutes(5)).await;
    assert_eq!(market.account().await, wants("ANOTHER_ACCOUNT"));
    let asked = market.stripe.asked("account_look");
    market.app.schedule_jobs().await;
    market.later(TimeDelta::hours(2)).await;
    assert_eq!(market.stripe.asked("account_look"), asked);
    let url = text(&market.link().await.ok()["url"]);
    assert!(url.contains("/acct_3/"), "{url}");
    market.stripe.account_becomes("acct_3", &ready());
    market.later(TimeDelta::minutes(5)).await;
    assert_eq!(market.account().await, enabled());
}

#[actix_web::test]
async fn news_of_an_account_are_looked_into_on_though_all_attempts_failed() {
    let market = market().await;
    market.link().await.ok();
    market.later(TimeDelta::minutes(5)).await;
    market.stripe.account_becomes(ACCOUNT, &ready());
    assert_eq!(market.tell("evt_1", "account.updated", &market.stripe.account(ACCOUNT)).await, 200);
    market.app.given_sql("UPDATE jobs SET attempts = 11 WHERE kind = 'payouts.process_provider_event'");
    market.stripe.fails("account_look", Fault::Refuse(500));
    market.app.run_jobs().await;
    let dead = "SELECT count(*) AS count FROM jobs WHERE state = 'DEAD'";
    assert_eq!((count(&mut market.app.connect(), dead), market.account().await), (0, wants("ONBOARDING")));
    // Nobody tells it again.
    market.later(TimeDelta::minutes(59)).await;
    assert_eq!(market.account().await, wants("ONBOARDING"));
    market.later(TimeDelta::minutes(1)).await;
    assert_eq!(market.account().await, enabled());
    let open = "SELECT count(*) AS count FROM provider_events WHERE processed_at IS NULL";
    assert_eq!(count(&mut market.app.connect(), open), 0);
}

#[actix_web::test]
async fn what_came_back_before_anybody_heard_that_it_was_sent_is_not_sent_again() {
    let market = market().await;
    market.earns().await;
    market.stripe.fails("transfer", Fault::Lose);
    paid_out(&market.app).await;
    assert_eq!(market.payouts().await, told(&[("PENDING", "5.00")]));
    market.stripe.reverse("tr_1");
    market.later(TimeDelta::minutes(1)).await;
    assert_eq!((market.payouts().await, market.balance().await), (told(&[("FAILED", "5.00")]), json!("5.00")));
    market.later(TimeDelta::hours(2)).await;
    assert_eq!((market.stripe.asked("transfer"), market.stripe.transfers().len()), (1, 1));
    assert_eq!(market.account().await, wants("ANOTHER_ACCOUNT"));
    assert_books(&market.app).await;
}
