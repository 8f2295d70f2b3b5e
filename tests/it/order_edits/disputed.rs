//! What banks take back of what was added, and of what it was added to.

use agora::payments::model::{DisputeMoney, DisputeStatus};
use serde_json::{Value, json};

use super::{more, ordered, paid::titles};
use crate::{
    costs::count,
    disputes::{opened, tell, won, word},
    orders::{assert_books, money_comes},
    shipping::{ship, steps},
};

#[actix_web::test]
async fn what_was_added_is_not_paid_any_more_once_a_bank_asks_for_the_rest() {
    let all = ordered().await;
    let order = all.order.as_str().unwrap();
    let first = all.buyer.pay(order, "test_is_disputed", "pay").await.ok()["payment"]["id"].clone();
    all.app.run_jobs().await;
    all.edit(more(&all.shade, 1), json!([]), "1.50", "more").await.ok();
    let begun = all.buyer.pay(order, "test_requires_action", "begun").await.ok();
    let begun = begun["payment"]["id"].as_str().unwrap().parse().unwrap();
    let lost = word("all", 3_200, DisputeStatus::Lost, DisputeMoney::Taken);
    let allowed = "query($id: ID!) { node(id: $id) { ... on Order { allowedActions } } }";
    for (told, key) in [(opened("all", 3_200), "asks"), (lost, "has it")] {
        tell(&all.app, &first, vec![told]).await;
        let allowed = all.buyer.send(allowed, json!({"id": order})).await.ok();
        assert!(!allowed["node"]["allowedActions"].to_string().contains("PAY"), "{key}: {allowed}");
        assert_eq!(all.buyer.pay(order, "test_succeeds", key).await.refusal().0, "ORDER_NOT_PAYABLE", "{key}");
    }
    // Who had begun to pay before pays nevertheless.
    money_comes(&all.app, begun, "late").await;
    all.app.run_jobs().await;
    let seen = all.seen().await;
    assert_eq!(titles(&seen["parts"][0]["addedLines"]), [("Shade", 1)]);
    assert!(!steps(&seen).contains(&"ADDITION_PAID"), "{seen}");
    let back = "SELECT count(*) AS count FROM refunds WHERE amount = 150 AND status = 'SUCCEEDED'";
    assert_eq!(count(&mut all.app.connect(), back), 1);
    let sent = ship(&all.ada, &seen["parts"][0]["id"], Value::Null, true, "lamps").await;
    assert!(!sent.refusals().is_empty(), "goods whose money is gone do not leave");
    assert_books(&all.app).await;
}

#[actix_web::test]
async fn what_a_bank_takes_of_an_addition_is_taken_from_who_sold_it() {
    for is_of_addition_first in [true, false] {
        let all = ordered().await;
        let order = all.order.as_str().unwrap();
        let first = all.buyer.pay(order, "test_is_disputed", "pay").await.ok()["payment"]["id"].clone();
        all.app.run_jobs().await;
        all.edit(more(&all.shade, 2), json!([]), "3.00", "more").await.ok();
        let second = all.buyer.pay(order, "test_is_disputed", "shades").await.ok()["payment"]["id"].clone();
        all.app.run_jobs().await;
        // Of the lamps with the shades, for 15.00, and of the rug.
        let taken = || {
            ["total = 1500", "total = 2000"].map(|part| {
                let disputed = format!("SELECT disputed AS count FROM order_parts WHERE {part}");
                count(&mut all.app.connect(), &disputed)
            })
        };
        let of_addition = (&second, opened("of the shades", 300), [300, 0]);
        // Half of 12.00 and 20.00.
        let of_rest = (&first, opened("of the rest", 1_600), [600, 1_000]);
        let disputes = if is_of_addition_first { [of_addition, of_rest] } else { [of_rest, of_addition] };
        let mut expected = [0, 0];
        for (payment, told, [lamps, rugs]) in disputes {
            tell(&all.app, payment, vec![told]).await;
            expected = [expected[0] + lamps, expected[1] + rugs];
            assert_eq!(taken(), expected, "{is_of_addition_first}");
            assert_books(&all.app).await;
        }
        tell(&all.app, &second, vec![won("of the shades", 300)]).await;
        assert_eq!(taken(), [600, 1_000]);
        tell(&all.app, &first, vec![opened("of what is left", 1_600)]).await;
        assert_eq!(taken(), [1_200, 2_000]);
        assert_books(&all.app).await;
    }
}
