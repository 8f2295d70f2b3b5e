//! What the provider says it has sent to shops, held against their payouts.

use agora::{payouts::service, platform::app::PaymentSetup};
use chrono::TimeDelta;
use diesel::connection::SimpleConnection;

use super::{market, paid_out, ready};
use crate::orders::assert_books;

#[actix_web::test]
async fn what_the_provider_has_sent_to_shops_is_held_against_what_was_paid_out() {
    let market = market(0).await;
    let app = &market.app;
    ready(app, &market.shop, "test_payout_succeeds").await;
    market.buy("one").await;
    paid_out(app).await;
    let asked = async || service::compare(app.app(), 7).await.unwrap().unwrap();
    let examples = async || -> Vec<String> { asked().await.finding.examples.iter().map(ToString::to_string).collect() };
    let sound = asked().await;
    assert!(sound.finding.is_fine() && (sound.asked, sound.unanswered) == (1, 0), "{sound:?}");
    // Said to have gone elsewhere.
    app.given_sql("UPDATE payouts SET destination = 'test_payout_fails'");
    let found = examples().await;
    assert!(
        found.len() == 1 && found[0].ends_with(" to test_payout_succeeds, found PAID 9.00 GBP to test_payout_fails"),
        "{found:?}"
    );
    // Sent, and said to have failed.
    app.given_sql("UPDATE payouts SET destination = 'test_payout_succeeds', status = 'FAILED', failure = 'DECLINED'");
    let found = examples().await;
    assert!(found.len() == 1 && found[0].contains(" GBP to test_payout_succeeds, found FAILED "), "{found:?}");
    // Said to be paid, and never sent.
    app.given_sql("DELETE FROM test_provider_acts WHERE kind = 'TRANSFER'");
    app.given_sql("UPDATE payouts SET status = 'PAID', failure = NULL");
    let found = examples().await;
    assert!(found.len() == 1 && found[0].contains(": expected nothing, found PAID "), "{found:?}");
    // Taken back before anybody was asked for it.
    app.given_sql("UPDATE payouts SET status = 'FAILED', asked_at = NULL, failure = 'WITHHELD'");
    assert!(asked().await.finding.is_fine());
    app.given_sql("UPDATE payouts SET destination = 'test_payout_silent', asked_at = created_at");
    let silent = asked().await;
    assert!(silent.finding.is_fine() && silent.unanswered == 1, "{silent:?}");
    app.advance(TimeDelta::days(8));
    assert_eq!(asked().await.asked, 0);
    let off = app.start_beside(|settings| settings.payments = PaymentSetup::Off).await;
    assert!(service::compare(off.app(), 7).await.unwrap().is_none());
    off.stop().await;
}

#[actix_web::test]
async fn what_was_sent_while_the_test_provider_remembered_nothing_is_filled_in() {
    let market = market(0).await;
    let app = &market.app;
    ready(app, &market.shop, "test_payout_succeeds").await;
    market.buy("one").await;
    paid_out(app).await;
    app.given_sql("DELETE FROM test_provider_acts");
    let fill = include_str!("../../../migrations/2026-11-23-000257_test_provider_before/up.sql");
    app.connect().batch_execute(fill).unwrap();
    let asked = service::compare(app.app(), 7).await.unwrap().unwrap();
    assert!(asked.finding.is_fine() && (asked.asked, asked.unanswered) == (1, 0), "{asked:?}");
    assert_books(app).await;
}
