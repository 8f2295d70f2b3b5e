//! Documents by their hash: automatic persisted queries, and what shared caches may keep.

mod known;
mod trusted;
mod usage;

use agora::{
    documents::{
        model::{DocumentHash, NewDocument},
        service,
    },
    platform::caller::Caller,
};
use serde_json::{Value, json};

use crate::harness::{
    Answer, Client, TestApp,
    socket::{Said, Socket},
};

pub fn hash(text: &str) -> String {
    DocumentHash::of(text).to_string()
}

fn persisted(hash: &str) -> Value {
    json!({"persistedQuery": {"version": 1, "sha256Hash": hash}})
}

/// Sends the parameters of a request as they are.
async fn post(client: &Client, body: Value) -> Answer {
    client.send_body(body).await
}

/// The parameters of a request in a URL.
async fn get(client: &Client, parameters: &[(&str, &str)], headers: &[(&str, &str)]) -> reqwest::Response {
    let mut request = reqwest::Client::new().get(&client.url).query(parameters);
    if let Some(token) = &client.token {
        request = request.bearer_auth(token);
    }
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.send().await.unwrap()
}

fn header<'a>(response: &'a reqwest::Response, name: &str) -> &'a str {
    response.headers().get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
}

const QUERY: &str = "query Roots { __typename }";

/// Has documents trusted, as `agora documents add` does.
async fn trust(app: &TestApp, texts: &[&str]) {
    let document = |text: &&str| NewDocument {
        hash: DocumentHash::of(text),
        text: (*text).to_owned(),
        operations: vec!["Roots".to_owned()],
    };
    service::trust(app.app(), &Caller::system(), texts.iter().map(document).collect()).await.unwrap();
    app.api().refresh_documents().await.unwrap();
}

#[actix_web::test]
async fn a_query_is_persisted_by_whoever_sends_it_with_its_hash() {
    let app = TestApp::start().await;
    let guest = app.guest();
    let by_hash = json!({"extensions": persisted(&hash(QUERY))});

    let unknown = post(&guest, by_hash.clone()).await;
    assert_eq!(
        (unknown.code(), &unknown.errors[0]["message"]),
        ("PERSISTED_QUERY_NOT_FOUND", &json!("PersistedQueryNotFound"))
    );
    assert_eq!(unknown.status, 200);
    let sent = post(&guest, json!({"query": QUERY, "extensions": persisted(&hash(QUERY))})).await;
    assert_eq!(sent.ok(), json!({"__typename": "Query"}));
    assert_eq!(post(&guest, by_hash).await.ok(), json!({"__typename": "Query"}));
    let by_id = json!({"documentId": format!("sha256:{}", hash(QUERY)), "operationName": "Roots"});
    assert_eq!(post(&guest, by_id).await.ok(), json!({"__typename": "Query"}));

    let mut socket = Socket::connect(&guest, json!({})).await;
    socket.send(&json!({"type": "subscribe", "id": "1", "payload": {"extensions": persisted(&hash(QUERY))}})).await;
    assert_eq!(socket.next("1").await, json!({"__typename": "Query"}));
    assert_eq!(socket.receive().await, Said::Message(json!({"type": "complete", "id": "1"})));
    let unknown = persisted(&hash("{ never }"));
    socket.send(&json!({"type": "subscribe", "id": "2", "payload": {"extensions": unknown}})).await;
    let Said::Message(message) = socket.receive().await else { panic!("closed") };
    assert_eq!(message["payload"][0]["message"], "PersistedQueryNotFound");
}

#[actix_web::test]
async fn names_that_are_wrong_are_bad_input() {
    let app = TestApp::start().await;
    let guest = app.guest();
    let right = hash(QUERY);
    for body in [
        json!({"query": QUERY, "extensions": persisted(&hash("{ another }"))}),
        json!({"query": QUERY, "extensions": {"persistedQuery": {"version": 2, "sha256Hash": right}}}),
        json!({"query": QUERY, "extensions": {"persistedQuery": {"version": 1, "sha256Hash": "7f"}}}),
        json!({"query": QUERY, "documentId": "Roots"}),
        json!({"query": QUERY, "documentId": format!("sha256:{}", hash("{ another }"))}),
        json!({"documentId": format!("sha256:{right}"), "extensions": persisted(&hash("{ another }"))}),
        json!({"variables": {}}),
    ] {
        let answer = post(&guest, body.clone()).await;
        assert_eq!(answer.code(), "BAD_USER_INPUT", "{body}");
    }
    assert_eq!(post(&guest, json!({"documentId": 7})).await.status, 400);
}

#[actix_web::test]
async fn what_was_refused_is_not_persisted() {
    let app = TestApp::start().await;
    let guest = app.guest();
    let deep = format!("{}__typename{}", "{ node(id: \"x\") ".repeat(16), "}".repeat(16));
    for (document, code) in [
        ("{ nonsense }".to_owned(), "VALIDATION_FAILED"),
        ("{ oops".to_owned(), "PARSE_FAILED"),
        (deep, "QUERY_TOO_COMPLEX"),
        ("query($id: ID!) { node(id: $id) { id } }".to_owned(), "BAD_USER_INPUT"),
    ] {
        let name = persisted(&hash(&document));
        let answer = post(&guest, json!({"query": document, "extensions": name})).await;
        if code == "BAD_USER_INPUT" {
            // Valid, but for its variables: that is kept.
            assert_eq!(post(&guest, json!({"extensions": name, "variables": {"id": "shop_0"}})).await.code(), code);
            continue;
        }
        assert_eq!(answer.errors[0]["extensions"]["code"], code, "{document}");
        assert_eq!(post(&guest, json!({"extensions": name})).await.code(), "PERSISTED_QUERY_NOT_FOUND", "{document}");
    }
}

#[actix_web::test]
async fn a_guests_persisted_query_can_be_cached_by_all() {
    let app = TestApp::start().await;
    let guest = app.guest();
    post(&guest, json!({"query": QUERY, "extensions": persisted(&hash(QUERY))})).await.ok();
    let id = format!("sha256:{}", hash(QUERY));
    let extensions = persisted(&hash(QUERY)).to_string();

    let answer = get(&guest, &[("documentId", &id)], &[]).await;
    assert_eq!((answer.status().as_u16(), header(&answer, "cache-control")), (200, "public, max-age=60"));
    for name in
        ["Accept", "Accept-Language", "Agora-Currency", "Agora-Country", "Authorization", "Accept-Encoding", "Cookie"]
    {
        assert!(header(&answer, "vary").split(", ").any(|varying| varying == name), "{name}");
    }
    let tag = header(&answer, "etag").to_owned();
    assert!(tag.starts_with("W/\""), "{tag}");
    for parameters in [[("documentId", id.as_str())], [("extensions", extensions.as_str())]] {
        for known in [tag.clone(), format!("\"other\", {tag}"), "*".into()] {
            let again = get(&guest, &parameters, &[("if-none-match", &known)]).await;
            assert_eq!((again.status().as_u16(), header(&again, "etag")), (304, tag.as_str()), "{known}");
            assert_eq!(header(&again, "cache-control"), "public, max-age=60");
            assert_eq!(again.text().await.unwrap(), "");
        }
        let other = get(&guest, &parameters, &[("if-none-match", "\"other\"")]).await;
        assert_eq!(other.status(), 200);
    }
    // Another answer has another tag.
    let wide = get(&guest, &[("documentId", &id)], &[("accept", "application/graphql-response+json")]).await;
    assert_eq!(header(&wide, "cache-control"), "public, max-age=60");
}

#[actix_web::test]
async fn nothing_else_can_be_cached() {
    let app = TestApp::start().await;
    let ada = app.sign_up("Ada").await;
    let guest = app.guest();
    let failing = "query { node(id: \"shop_0\") { id } }";
    let by_token = "query { wishList(by: {token: \"none\"}) { name } }";
    let mutation = "mutation { signOut { userErrors { code } } }";
    for document in [QUERY, failing, by_token] {
        post(&guest, json!({"query": document, "extensions": persisted(&hash(document))})).await;
    }
    post(&guest, json!({"query": mutation, "extensions": persisted(&hash(mutation))})).await;
    let id = |document: &str| format!("sha256:{}", hash(document));

    let private = |response: &reqwest::Response| {
        assert_eq!((header(response, "cache-control"), header(response, "etag")), ("private, no-store", ""));
    };
    private(&get(&ada, &[("documentId", &id(QUERY))], &[]).await);
    private(&get(&guest, &[("query", QUERY)], &[]).await);
    private(&get(&guest, &[("documentId", &id(failing))], &[]).await);
    private(&get(&guest, &[("documentId", &id(by_token))], &[]).await);
    private(&get(&guest, &[("documentId", &id(QUERY))], &[("agora-include", "context")]).await);
    private(&get(&guest, &[("documentId", &id("{ never }"))], &[]).await);
    let refused = get(&guest, &[("documentId", &id(mutation))], &[]).await;
    assert_eq!(refused.status(), 405);
    private(&refused);
    let posted = reqwest::Client::new().post(&guest.url).json(&json!({"documentId": id(QUERY)})).send().await.unwrap();
    private(&posted);
}
