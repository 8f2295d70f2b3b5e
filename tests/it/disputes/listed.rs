//! What banks of buyers take back, as the market's staff see all of it.

use agora::payments::model::{DisputeMoney, DisputeStatus, ToldDispute};
use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{market, opened, tell, word};

fn payments(list: &Value) -> Vec<Value> {
    let nodes = list["nodes"].as_array().unwrap();
    nodes.iter().map(|dispute| dispute["payment"]["id"].clone()).collect()
}

#[actix_web::test]
async fn staff_see_what_waits_for_them_the_soonest_first() {
    let market = market().await;
    let app = &market.app;
    let clerk = app.sign_up("Clerk").await;
    app.given_role(&clerk, "SUPPORT");
    let mut bought = Vec::new();
    for (key, days) in [("one", Some(7)), ("two", None), ("three", Some(2)), ("four", None)] {
        app.advance(TimeDelta::seconds(1));
        let of = market.buy(key).await;
        let due_by = days.map(|days| app.app().now() + TimeDelta::days(days));
        tell(app, &of.payment, vec![ToldDispute { due_by, ..opened(key, 1_000) }]).await;
        bought.push(of);
    }
    let [one, two, three, four] = [0, 1, 2, 3].map(|place: usize| bought[place].payment.clone());
    let ask = async |arguments: &str| {
        let fields = "totalCount nodes { status dueAt payment { id } order { id } } \
                      pageInfo { startCursor endCursor hasNextPage hasPreviousPage }";
        let data = clerk.query(&format!("{{ staff {{ disputes{arguments} {{ {fields} }} }} }}")).await.ok();
        data["staff"]["disputes"].clone()
    };
    let all = ask("").await;
    assert_eq!(
        (&all["totalCount"], payments(&all)),
        (&json!(4), vec![three.clone(), one.clone(), two.clone(), four.clone()])
    );
    let orders: Vec<_> = all["nodes"].as_array().unwrap().iter().map(|dispute| &dispute["order"]["id"]).collect();
    assert_eq!(orders, [2, 0, 1, 3].map(|place: usize| &bought[place].order));
    let has_time: Vec<bool> =
        all["nodes"].as_array().unwrap().iter().map(|dispute| dispute["dueAt"].is_string()).collect();
    assert_eq!(has_time, [true, true, false, false]);

    // Page by page, from both ends.
    let first = ask("(first: 3)").await;
    assert_eq!(
        (payments(&first), &first["pageInfo"]["hasNextPage"]),
        (vec![three.clone(), one.clone(), two.clone()], &json!(true))
    );
    let rest = ask(&format!("(first: 3, after: {})", first["pageInfo"]["endCursor"])).await;
    assert_eq!((payments(&rest), &rest["pageInfo"]["hasNextPage"]), (vec![four.clone()], &json!(false)));
    let last = ask("(last: 2)").await;
    assert_eq!(payments(&last), [two.clone(), four.clone()]);
    let before = ask(&format!("(last: 2, before: {})", last["pageInfo"]["startCursor"])).await;
    assert_eq!(
        (payments(&before), &before["pageInfo"]["hasPreviousPage"]),
        (vec![three.clone(), one.clone()], &json!(false))
    );

    // What is decided waits no longer, and is a list of its own.
    tell(app, &three, vec![word("three", 1_000, DisputeStatus::Lost, DisputeMoney::Taken)]).await;
    assert_eq!(payments(&ask("").await), [one, two, four]);
    let lost = ask("(status: LOST)").await;
    assert_eq!((&lost["totalCount"], payments(&lost)), (&json!(1), vec![three]));
    assert_eq!(payments(&ask("(status: WON)").await), [] as [Value; 0]);
    for who in [market.ada().await, market.buyer().await] {
        assert_eq!(who.query("{ staff { disputes { totalCount } } }").await.ok()["staff"], Value::Null);
    }
}
