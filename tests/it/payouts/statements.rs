//! What moved on a shop's account in a month.

use chrono::TimeDelta;
use serde_json::json;

use super::{market, paid_out, ready};
use crate::{orders::assert_books, privacy::sign_in};

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
