//! Cards that are tried out with Stripe: it says which methods are of one card.

use serde_json::Value;

use super::{double::Fault, market, states, try_to_pay};
use crate::harness::Answer;

fn code(answer: &Answer) -> String {
    answer.refusals().first().map(|(code, _)| code.clone()).unwrap_or_default()
}

#[actix_web::test]
async fn a_card_is_known_again_whatever_it_is_called_and_whoever_pays_by_it() {
    let market = market().await;
    for number in 0..10 {
        let method = format!("pm_declined_{number}");
        assert_eq!(market.pay(&method, &method).await["status"], "FAILED");
    }
    assert_eq!((market.stripe.asked("method"), market.stripe.asked("make")), (10, 10));
    // Whoever has to wait anyway has Stripe asked nothing.
    let refused = try_to_pay(&market.buyer, &market.order, "pm_card", None, "more").await;
    assert_eq!(code(&refused), "TOO_MANY_ATTEMPTS");
    assert_eq!((market.stripe.asked("method"), market.stripe.asked("make")), (10, 10));

    let other = market.app.sign_up("Other").await;
    let order = other.order_one(&market.goods, "order").await.ok()["order"]["id"].as_str().unwrap().to_owned();
    let refused = try_to_pay(&other, &order, "pm_declined_99", None, "declined").await;
    assert_eq!((code(&refused), &refused.data["payOrder"]["payment"]), ("TOO_MANY_ATTEMPTS".to_owned(), &Value::Null));
    assert_eq!((market.stripe.asked("method"), market.stripe.asked("make")), (11, 10));
    let paid = try_to_pay(&other, &order, "pm_card", None, "card").await.ok();
    assert_eq!(paid["payment"]["status"], "SUCCEEDED");
    // Of what is done, and of what is not theirs to pay, it is asked nothing either.
    let asked = market.stripe.asked("method");
    try_to_pay(&other, &order, "pm_card", None, "card").await.ok();
    assert_eq!(code(&try_to_pay(&other, &order, "pm_card", None, "again").await), "ORDER_NOT_PAYABLE");
    assert_eq!(code(&try_to_pay(&other, &market.order, "pm_card", None, "theirs").await), "NOT_FOUND");
    assert_eq!(market.stripe.asked("method"), asked);
    // Neither Stripe's word for a card nor anything else of it is kept.
    let kept = "SELECT count(*) AS count FROM guesses WHERE encode(key, 'escape') LIKE '%print%' OR length(key) <> 32";
    assert_eq!(crate::costs::count(&mut market.app.connect(), kept), 0);
}

#[actix_web::test]
async fn where_nobody_says_what_a_card_is_it_pays_all_the_same() {
    for fault in [Fault::Refuse(500), Fault::Refuse(404), Fault::Hang] {
        let market = market().await;
        market.stripe.fails("method", fault);
        assert_eq!(market.pay("pm_card", "pay").await["status"], "SUCCEEDED", "{fault:?}");
        assert_eq!(market.states().await, states("PAID", &["SUCCEEDED"]));
    }
}
