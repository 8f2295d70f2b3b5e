//! A document that is known to be valid is not validated again, and nobody can tell.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::harness::TestApp;

/// Documents, and variables that they are sent with in turn.
fn requests() -> Vec<(&'static str, Vec<Value>)> {
    vec![
        (
            "query($first: Int, $after: String, $sort: ProductSort! = NEWEST) { \
             products(first: $first, after: $after, sort: $sort) { nodes { id } } }",
            vec![
                json!({"first": 2}),
                json!({"first": 2, "after": null}),
                json!({"first": null, "after": null}),
                json!({"first": "2"}),
                json!({"first": 1.5}),
                json!({"first": [2]}),
                json!({"first": 1e30}),
                json!({"first": 2, "sort": "BEST_SELLING"}),
                json!({"first": 2, "sort": "WORST_SELLING"}),
                json!({"first": 2, "sort": null}),
                json!({"first": 2, "after": 7}),
                json!({}),
                json!({"first": 3, "unknown": true}),
            ],
        ),
        (
            "query($slug: String) { product(by: {slug: $slug}) { id } }",
            vec![json!({"slug": "lamp"}), json!({"slug": null}), json!({"slug": 5}), json!({})],
        ),
        (
            "query($by: ProductByInput!) { product(by: $by) { id } }",
            vec![
                json!({"by": {"slug": "lamp"}}),
                json!({"by": {"slug": "lamp", "id": "x"}}),
                json!({"by": {"slug": null}}),
                json!({"by": {"handle": "lamp"}}),
                json!({"by": {"slug": 1}}),
                json!({"by": "lamp"}),
                json!({"by": null}),
                json!({}),
            ],
        ),
        (
            "query($filter: ProductFilter!) { products(first: 1, filter: $filter) { nodes { id } } }",
            vec![
                json!({"filter": {}}),
                json!({"filter": {"query": "lamp", "price": {"min": {"amount": "5", "currency": "EUR"}}}}),
                json!({"filter": {"price": {"min": {"amount": "5"}}}}),
                json!({"filter": {"price": {"min": {"amount": 5, "currency": "EUR"}}}}),
                json!({"filter": {"price": null, "query": 5}}),
                json!({"filter": [{}]}),
            ],
        ),
        (
            "query($ids: [ID!]!) { nodes(ids: $ids) { id } }",
            vec![
                json!({"ids": []}),
                json!({"ids": ["x"]}),
                json!({"ids": "x"}),
                json!({"ids": [null]}),
                json!({"ids": [["x"]]}),
            ],
        ),
        (
            "query A($wide: Boolean!) { products(first: 1) @include(if: $wide) { nodes { id } } } query B { __typename }",
            vec![json!({"wide": true}), json!({"wide": "yes"}), json!({"wide": null}), json!({})],
        ),
        // A fragment of B is judged by the variables that A is sent with.
        (
            "query A { __typename } query B($first: Int) { ...F } fragment F on Query { products(first: $first) { nodes { id } } }",
            vec![json!({}), json!({"first": 1}), json!({"first": "x"})],
        ),
        // Nobody looks into an object that stands for a list of one.
        (
            "mutation($kind: String!) { updatePreferences(input: {notifications: {kind: $kind, channels: []}}) { __typename } }",
            vec![json!({"kind": "NEWS"}), json!({"kind": "NOPE"}), json!({"kind": 5})],
        ),
        // Without the id, nobody looks at the rest of the object. It is not valid with one.
        (
            "query($id: ID) { products(first: 1, filter: {shopId: $id, query: 5}) { nodes { id } } }",
            vec![json!({}), json!({"id": "x"})],
        ),
    ]
}

#[actix_web::test]
async fn variables_are_judged_as_if_the_document_were_new() {
    let app = TestApp::start().await;
    let seller = app.sign_up("Seller").await;
    let shop = seller.open_shop("Corner").await;
    seller.sell(&shop, "Lamp", "5.00", 1).await;
    let mut judged = BTreeSet::new();
    for (number, (document, variables)) in requests().into_iter().enumerate() {
        let operations = if document.contains("query B") { vec![Some("A"), Some("B")] } else { vec![None] };
        for operation in operations {
            let (mut outcomes, mut last) = (BTreeSet::new(), None);
            // The second time around, whatever passes is known.
            for (turn, variables) in variables.iter().chain(&variables).enumerate() {
                let send = |text: String| {
                    let body = json!({"query": text, "operationName": operation, "variables": variables});
                    async { seller.send_body(body).await }
                };
                let known = send(document.to_owned()).await;
                let new = send(format!("{document} # {number}, {operation:?}, {turn}")).await;
                let runs = known.errors.iter().all(|error| error["path"].is_array());
                let known = (known.status, known.data, known.errors);
                assert_eq!(known, (new.status, new.data, new.errors), "{document} {variables}");
                outcomes.insert(runs);
                last = Some(known);
            }
            assert!(outcomes.contains(&true), "{document} never runs: {last:?}");
            judged.extend(outcomes);
        }
    }
    assert_eq!(judged, BTreeSet::from([false, true]));
}
