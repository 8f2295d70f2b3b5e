//! Documents that the operator trusts.

use std::time::Duration;

use agora::{
    documents::{
        error::DocumentError,
        model::{DocumentHash, NewDocument},
        service,
    },
    platform::{caller::Caller, config::TrustedDocuments},
};
use serde_json::json;

use super::{QUERY, hash, persisted, post, trust};
use crate::harness::{
    TestApp,
    app::MASTER_KEY,
    program::{command, run},
    socket::{Said, Socket},
};

async fn distrust(app: &TestApp, text: &str) {
    assert!(service::distrust(app.app(), &Caller::system(), DocumentHash::of(text)).await.unwrap());
    app.api().refresh_documents().await.unwrap();
}

#[actix_web::test]
async fn nothing_but_trusted_documents_is_run_where_only_they_are() {
    let app = TestApp::start_with(|settings| settings.documents.trusted = TrustedDocuments::Only).await;
    let guest = app.guest();
    let by_id = json!({"documentId": format!("sha256:{}", hash(QUERY))});
    let ways = [by_id, json!({"extensions": persisted(&hash(QUERY))}), json!({"query": QUERY})];
    let refused = ["{ __typename }", "{ __schema { queryType { name } } }", "query Roots {__typename}", "{ oops"];
    for way in ways.iter().cloned().chain(refused.iter().map(|text| json!({"query": text}))) {
        assert_eq!(post(&guest, way.clone()).await.code(), "DOCUMENT_NOT_TRUSTED", "{way}");
    }
    trust(&app, &[QUERY]).await;
    for way in &ways {
        assert_eq!(post(&guest, way.clone()).await.ok(), json!({"__typename": "Query"}), "{way}");
    }
    for text in refused {
        let named = json!({"query": text, "extensions": persisted(&hash(text))});
        assert_eq!(post(&guest, named).await.code(), "DOCUMENT_NOT_TRUSTED", "{text}");
    }
    let mut socket = Socket::connect(&guest, json!({})).await;
    socket.subscribe("1", QUERY, json!({})).await;
    assert_eq!(socket.next("1").await, json!({"__typename": "Query"}));
    socket.receive().await;
    socket.subscribe("2", "{ __typename }", json!({})).await;
    let Said::Message(message) = socket.receive().await else { panic!("closed") };
    assert_eq!(message["payload"][0]["extensions"]["code"], "DOCUMENT_NOT_TRUSTED");

    distrust(&app, QUERY).await;
    for way in ways {
        assert_eq!(post(&guest, way.clone()).await.code(), "DOCUMENT_NOT_TRUSTED", "{way}: it was kept");
    }
}

#[actix_web::test]
async fn a_trusted_document_needs_not_be_sent() {
    let by_hash = json!({"extensions": persisted(&hash(QUERY))});
    let app = TestApp::start().await;
    trust(&app, &[QUERY]).await;
    assert_eq!(post(&app.guest(), by_hash.clone()).await.ok(), json!({"__typename": "Query"}));
    assert_eq!(app.guest().query("{ __typename }").await.ok(), json!({"__typename": "Query"}));

    let app = TestApp::start_with(|settings| settings.documents.trusted = TrustedDocuments::Off).await;
    trust(&app, &[QUERY]).await;
    assert_eq!(post(&app.guest(), by_hash).await.code(), "PERSISTED_QUERY_NOT_FOUND");
}

#[actix_web::test]
async fn no_more_documents_are_trusted_than_a_process_holds() {
    let app = TestApp::start().await;
    app.given_sql(
        "INSERT INTO documents (hash, operations, text, trusted_at, first_seen_at)
         SELECT lpad(to_hex(n), 64, '0'), '{}', '{ a }', now(), now() FROM generate_series(1, 9999) n",
    );
    trust(&app, &[QUERY]).await;
    let text = "{ __typename }";
    let more = NewDocument { hash: DocumentHash::of(text), text: text.into(), operations: Vec::new() };
    let refused = service::trust(app.app(), &Caller::system(), vec![more]).await;
    assert!(matches!(refused, Err(DocumentError::TooMany { documents: 10_001, .. })), "{refused:?}");
}

#[actix_web::test]
async fn the_command_trusts_what_fits_the_schema() {
    let app = TestApp::start_with(|settings| settings.documents.trusted = TrustedDocuments::Only).await;
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let documents = |arguments: &[&str]| {
        let database = ["--mode", "development", "--master-key", MASTER_KEY, "--database-url", app.database_url()];
        run(command(&["documents"]).args(arguments).args(database))
    };
    let (good, list) = (file("good.graphql", QUERY), "query List { products { nodes { id } } }");
    let manifest = file("manifest.json", &json!({hash(list): list}).to_string());
    let bad = file("bad.graphql", "query Bad {\n  nonsense\n}");

    let refused = documents(&["add", &good, &bad]);
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(refused.stderr.contains("bad.graphql:2:3: Unknown field \"nonsense\""), "{refused:?}");
    assert_eq!(documents(&["list"]).stdout, "", "one that is wrong and none is added");
    let added = documents(&["add", &good, &good, &manifest]);
    assert_eq!((added.code, added.stdout.as_str()), (Some(0), "2 added, 2 trusted now\n"), "{added:?}");
    let again = documents(&["add", &good]);
    assert_eq!(again.stdout, "0 added, 2 trusted now\n", "{again:?}");

    // The running service learns of it by itself.
    let guest = app.guest();
    let by_id = json!({"documentId": format!("sha256:{}", hash(list))});
    let mut answer = post(&guest, by_id.clone()).await;
    for _ in 0..100 {
        if answer.errors.is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
        answer = post(&guest, by_id.clone()).await;
    }
    answer.ok();
    app.api().flush_usage().await.unwrap();
    let listed = documents(&["list"]).stdout;
    let line = listed.lines().find(|line| line.starts_with(&hash(list))).unwrap_or_else(|| panic!("{listed}"));
    assert!(line.contains(" trusted ") && line.contains(" List ") && line.contains(" 1 calls"), "{listed}");
    assert!(listed.contains(&hash(QUERY)), "{listed}");

    assert_eq!(documents(&["remove", &hash(list)]).code, Some(0));
    assert_eq!(documents(&["remove", &hash(list)]).code, Some(1));
    app.api().refresh_documents().await.unwrap();
    assert_eq!(post(&guest, by_id).await.code(), "DOCUMENT_NOT_TRUSTED");
    assert!(documents(&["list"]).stdout.contains(" persisted "), "what it was used for stays");
}
