//! What clients keep for people.

use serde_json::{Value, json};

use crate::harness::{Answer, Client, TestApp};

async fn set(client: &Client, namespace: &str, value: Value, expected: Option<i32>) -> Answer {
    let input = json!({"namespace": namespace, "value": value, "expectedVersion": expected});
    let selection =
        "clientSettings { namespace value version } userErrors { __typename ... on StaleVersionError { current } }";
    client.mutate("setClientSettings", input, selection).await
}

#[actix_web::test]
async fn clients_keep_values_of_their_own_by_version() {
    let app = TestApp::start().await;
    let beside = app.start_beside(|_| {}).await;
    let (ada, bob) = (app.sign_up("Ada").await, app.sign_up("Bob").await);
    let value = json!({"columns": ["name", "größe"], "width": 3.25, "big": 9_007_199_254_740_993_i64, "none": null});
    let kept = set(&ada, "web.layout", value.clone(), Some(0)).await.ok()["clientSettings"].clone();
    assert_eq!(kept, json!({"namespace": "web.layout", "value": value, "version": 1}));
    set(&ada, "app", json!("draft"), None).await.ok();

    // Of two devices that read the same version, one is told to read again.
    let there = beside.guest().with_token(ada.token.as_deref().unwrap());
    let (one, other) = futures_util::join!(set(&ada, "app", json!(1), Some(1)), set(&there, "app", json!(2), Some(1)));
    let answers = [one, other].map(|answer| answer.data["setClientSettings"].clone());
    assert_eq!(answers.iter().filter(|answer| answer["clientSettings"]["version"] == 2).count(), 1, "{answers:?}");
    assert_eq!(answers.iter().filter(|answer| answer["userErrors"][0]["current"] == 2).count(), 1, "{answers:?}");

    let read = async |client: &Client, which: &str| {
        let document = format!("{{ viewer {{ clientSettings{which} {{ namespace value }} }} }}");
        client.query(&document).await.ok()["viewer"]["clientSettings"].clone()
    };
    assert_eq!(read(&ada, "").await.as_array().unwrap().len(), 2);
    let layout = read(&ada, "(namespaces: [\"web.layout\", \"none\"])").await;
    assert_eq!(layout, json!([{"namespace": "web.layout", "value": value}]));
    assert_eq!(read(&bob, "").await, json!([]));

    let forgotten = set(&ada, "app", Value::Null, Some(2)).await.ok();
    assert_eq!(forgotten["clientSettings"], Value::Null);
    assert_eq!(set(&ada, "app", json!(3), Some(2)).await.refusal().0, "STALE_VERSION");
    assert_eq!(set(&ada, "app", Value::Null, None).await.ok()["clientSettings"], Value::Null);
    // Who read a version before it was forgotten does not overwrite what came after it.
    let anew = set(&ada, "app", json!(4), Some(0)).await.ok()["clientSettings"]["version"].clone();
    assert_eq!(anew, 3);
    assert_eq!(set(&ada, "app", json!(5), Some(1)).await.refusal().0, "STALE_VERSION");
    let without = ada.mutate("setClientSettings", json!({"namespace": "app"}), "").await;
    assert_eq!(without.code(), "BAD_USER_INPUT", "what is left out is not null");
    assert_eq!(read(&ada, "(namespaces: [\"app\"])").await[0]["value"], 4);
    beside.stop().await;
}

#[actix_web::test]
async fn they_are_few_and_small() {
    let app = TestApp::start().await;
    let ada = app.sign_up("Ada").await;
    for name in ["", "Web", "a b", &"a".repeat(65)] {
        assert_eq!(set(&ada, name, json!(1), None).await.refusal(), ("INVALID".into(), "namespace".into()), "{name}");
    }
    // 4,096 bytes with the quotation marks.
    assert_eq!(set(&ada, "a", json!("x".repeat(4_095)), None).await.refusal(), ("TOO_LONG".into(), "value".into()));
    set(&ada, "a", json!("x".repeat(4_094)), None).await.ok();
    for number in 1..16 {
        set(&ada, &format!("n{number}"), json!(number), None).await.ok();
    }
    assert_eq!(set(&ada, "more", json!(1), None).await.refusal().0, "TOO_MANY");
    set(&ada, "a", json!(2), None).await.ok();
    set(&ada, "a", Value::Null, None).await.ok();
    set(&ada, "more", json!(1), None).await.ok();
}
