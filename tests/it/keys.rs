//! Keys of machines: what they open, how they end, and whose bucket they spend.

use agora::{
    kernel::{
        error::TokenFault,
        id::Id,
        page::{Direction, Page},
    },
    platform::{
        buckets::BucketSize,
        caller::{Caller, Scope},
        clock::Generator,
        crypto::new_api_key,
    },
    users::{self, model::ApiKey},
};
use chrono::TimeDelta;
use serde_json::json;

use crate::harness::{
    Client, TestApp,
    app::{MASTER_KEY, PASSWORD},
    cluster::Database,
    program::{command, run},
    socket::{Said, Socket},
};

const NEWEST: Page<Id<ApiKey>> = Page { limit: 1, from: None, direction: Direction::Forward };
const QUERY: &str = "{ products { nodes { id } } }";

/// Waits until a key is refused, and says why.
async fn refusal(client: &Client) -> serde_json::Value {
    for _ in 0..1_000 {
        let answer = client.query(QUERY).await;
        if answer.status == 401 {
            assert_eq!(answer.code(), "UNAUTHENTICATED");
            return answer.errors[0]["extensions"]["reason"].clone();
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("a key without end");
}

#[actix_web::test]
async fn a_key_that_is_no_good_is_never_a_guest() {
    let app = TestApp::start().await;
    let (_, token) = app.given_key().await;
    app.guest().with_token(&token).query(QUERY).await.ok();
    let unknown = new_api_key(&Generator::from_seed(7));
    for wrong in ["agora_sk_", &token[..40], &format!("{token}x"), &unknown] {
        let answer = app.guest().with_token(wrong).query(QUERY).await;
        assert_eq!((answer.status, answer.code()), (401, "UNAUTHENTICATED"), "{wrong}");
        assert_eq!(answer.errors[0]["extensions"]["reason"], TokenFault::Invalid.as_str());
    }
}

#[actix_web::test]
async fn a_revoked_key_ends_on_every_process_and_with_it_its_sockets() {
    let one = TestApp::start().await;
    let two = one.start_beside(|_| {}).await;
    let (id, token) = one.given_key().await;
    let keys = [&one, &two].map(|app| app.guest().with_token(&token));
    let mut socket = Socket::connect(&keys[1], json!({})).await;
    for key in &keys {
        key.query(QUERY).await.ok();
    }
    users::service::revoke_api_key(one.app(), &Caller::system(), id).await.unwrap();
    for key in &keys {
        assert_eq!(refusal(key).await, "REVOKED");
    }
    socket.subscribe("1", QUERY, json!({})).await;
    assert_eq!(socket.receive().await, Said::Closed(4401));
    assert!(users::service::revoke_api_key(one.app(), &Caller::system(), id).await.is_err());
    two.stop().await;
}

#[actix_web::test]
async fn a_key_ends_at_its_time() {
    let app = TestApp::start().await;
    let (scopes, day) = (vec![Scope::Storefront], TimeDelta::days(1));
    let made = users::service::add_api_key(app.app(), &Caller::system(), "For a day", scopes, Some(day)).await;
    let key = app.guest().with_token(&made.unwrap().1);
    app.advance(day - TimeDelta::microseconds(1));
    key.query(QUERY).await.ok();
    app.advance(TimeDelta::microseconds(1));
    assert_eq!(refusal(&key).await, "EXPIRED");
}

#[actix_web::test]
async fn the_last_use_is_written_down() {
    let app = TestApp::start().await;
    let key = app.guest().with_token(&app.given_key().await.1);
    key.query(QUERY).await.ok();
    for _ in 0..1_000 {
        if users::service::api_keys(app.app(), NEWEST).await.unwrap().items[0].last_used_at == Some(app.app().now()) {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("never written down");
}

#[actix_web::test]
async fn a_storefront_names_its_buyer_and_spends_their_bucket() {
    let app = TestApp::start_with(|settings| {
        settings.buckets.guest = BucketSize { limit: 10_000, restore_per_second: 1 };
    })
    .await;
    let ada = app.sign_up("Ada").await;
    let key = app.guest().with_token(&app.given_key().await.1).with_header("agora-include", "cost");
    let buyer = |address: &str| key.with_header("agora-buyer-ip", address);
    let remaining = |answer: crate::harness::Answer| answer.extensions["cost"]["remaining"].as_u64().unwrap();
    assert_eq!(remaining(buyer("203.0.113.1").query("{ __typename }").await), 9_999);
    assert_eq!(remaining(buyer("203.0.113.1").query("{ __typename }").await), 9_998);
    assert_eq!(remaining(buyer("203.0.113.2").query("{ __typename }").await), 9_999);
    assert!(remaining(key.query("{ __typename }").await) > 100_000, "without a buyer it spends its own");

    let input = json!({"email": ada.email, "password": PASSWORD});
    let signed_in = buyer("203.0.113.9").mutate("signIn", input, "result { __typename }").await;
    assert_eq!(signed_in.ok()["result"]["__typename"], "SignedIn");
    let addresses = "SELECT count(*) FROM sessions WHERE address = '203.0.113.9'";
    assert_eq!(crate::costs::count(&mut app.connect(), addresses), 1, "the buyer's address stands with the session");

    for (client, address) in
        [(app.guest(), "203.0.113.1"), (ada.client.clone(), "203.0.113.1"), (key.clone(), "nowhere")]
    {
        let answer = client.with_header("agora-buyer-ip", address).query("{ __typename }").await;
        assert_eq!(answer.code(), "BAD_USER_INPUT");
    }
}

#[actix_web::test]
async fn made_up_keys_are_looked_up_at_the_cost_of_whoever_shows_them() {
    let app = TestApp::start_with(|settings| {
        settings.buckets.guest = BucketSize { limit: 10_000, restore_per_second: 1 };
    })
    .await;
    let generator = Generator::from_seed(1);
    for _ in 0..1_000 {
        assert_eq!(app.guest().with_token(&new_api_key(&generator)).query(QUERY).await.status, 401);
    }
    let answer = app.guest().with_token(&new_api_key(&generator)).query(QUERY).await;
    assert_eq!((answer.status, answer.code()), (429, "RATE_LIMITED"));

    let upgrade = app.guest().with_token(&new_api_key(&generator)).get(&[]);
    let upgrade = upgrade.header("upgrade", "websocket").header("connection", "upgrade").send().await.unwrap();
    assert_eq!((upgrade.status().as_u16(), upgrade.headers().contains_key("retry-after")), (429, true));
}

#[actix_web::test]
async fn a_good_key_is_not_kept_out_by_guests_at_its_address() {
    let app = TestApp::start_with(|settings| {
        settings.buckets.guest = BucketSize { limit: 10_000, restore_per_second: 1 };
    })
    .await;
    let (id, token) = app.given_key().await;
    let key = app.guest().with_token(&token);
    key.query(QUERY).await.ok();
    let generator = Generator::from_seed(1);
    let made_up = || app.guest().with_token(&new_api_key(&generator));
    let mut shown = 0;
    while made_up().query(QUERY).await.status == 401 {
        shown += 1;
        assert!(shown < 2_000, "an open door");
    }
    app.app().key_standings.invalidate_all();
    key.query(QUERY).await.ok();
    assert_eq!(made_up().query(QUERY).await.status, 429);
    users::service::revoke_api_key(app.app(), &Caller::system(), id).await.unwrap();
    assert_eq!(refusal(&key).await, "REVOKED");
    app.app().key_standings.invalidate_all();
    assert_eq!(key.query(QUERY).await.status, 429, "it is as good as a made-up one");
}

#[actix_web::test]
async fn the_operator_makes_lists_and_revokes_keys() {
    let database = Database::new();
    let agora = |arguments: &[&str]| {
        let mut command = command(arguments);
        command
            .env("DATABASE_URL", database.url())
            .env("AGORA_MODE", "development")
            .env("AGORA_MASTER_KEY", MASTER_KEY);
        run(&mut command)
    };
    let made = agora(&["api-keys", "add", "Shop window", "--scope", "storefront", "--expires", "30"]);
    assert_eq!(made.code, Some(0), "{made:?}");
    let token = made.stdout.trim();
    assert!(token.starts_with("agora_sk_") && token.len() == 58, "{made:?}");
    let listed = agora(&["api-keys", "list"]).stdout;
    assert!(listed.contains(" good STOREFRONT ") && listed.contains("Shop window"), "{listed}");
    assert!(!listed.contains(token));
    let id = listed.split(' ').next().unwrap();

    let app = TestApp::start_on(database.url()).await;
    app.guest().with_token(token).query(QUERY).await.ok();
    assert_eq!(agora(&["api-keys", "revoke", id]).code, Some(0));
    assert_eq!(refusal(&app.guest().with_token(token)).await, "REVOKED");
    assert!(agora(&["api-keys", "list"]).stdout.contains(" revoked "));
    assert_eq!(agora(&["api-keys", "revoke", id]).code, Some(1));
    assert_eq!(agora(&["api-keys", "add", "No scope"]).code, Some(2));
    assert_eq!(agora(&["api-keys", "add", "", "--scope", "storefront"]).code, Some(1));
}

#[actix_web::test]
async fn an_admin_makes_a_key_sees_its_use_and_ends_it() {
    let app = TestApp::start().await;
    let admin = app.sign_up("Admin").await;
    app.given_role(&admin, "ADMIN");
    let fields = "id name scopes state expiresAt lastUsedAt revokedAt";
    let create = async |input: serde_json::Value| {
        admin.mutate("createApiKey", input, &format!("secret apiKey {{ {fields} }}")).await
    };
    for (input, refusal) in [
        (json!({"name": "Web", "scopes": []}), ("BLANK", "scopes")),
        (json!({"name": " ", "scopes": ["STOREFRONT"]}), ("BLANK", "name")),
        (json!({"name": "Web", "scopes": ["STOREFRONT"], "expiresInDays": 0}), ("OUT_OF_RANGE", "expiresInDays")),
        (json!({"name": "Web", "scopes": ["STOREFRONT"], "expiresInDays": 3651}), ("OUT_OF_RANGE", "expiresInDays")),
    ] {
        let refused = create(input).await.refusal();
        assert_eq!((refused.0.as_str(), refused.1.as_str()), refusal);
    }
    let made = create(json!({"name": "Web", "scopes": ["STOREFRONT"], "expiresInDays": 30})).await.ok();
    let machine = app.guest().with_token(made["secret"].as_str().unwrap());
    machine.query(QUERY).await.ok();
    app.advance(TimeDelta::seconds(1));
    create(json!({"name": "Other", "scopes": ["STOREFRONT"]})).await.ok();

    let list = async || {
        let document = format!("{{ staff {{ apiKeys {{ totalCount nodes {{ {fields} }} }} }} }}");
        let answer = admin.query(&document).await;
        assert!(answer.statements.unwrap() <= 2);
        let keys = answer.ok()["staff"]["apiKeys"].clone();
        assert!(!keys.to_string().contains(made["secret"].as_str().unwrap()));
        keys
    };
    let keys = list().await;
    assert_eq!(
        (&keys["totalCount"], &keys["nodes"][0]["name"], &keys["nodes"][1]["name"]),
        (&json!(2), &json!("Other"), &json!("Web"))
    );
    assert_eq!(keys["nodes"][1]["lastUsedAt"], "2026-11-20T12:00:00+00:00");
    let revoke = json!({"apiKeyId": made["apiKey"]["id"]});
    let revoked = admin.mutate("revokeApiKey", revoke.clone(), "apiKey { state }").await.ok();
    assert_eq!(revoked["apiKey"]["state"], "REVOKED");
    assert_eq!(
        admin.mutate("revokeApiKey", revoke, "apiKey { state }").await.refusal(),
        ("NOT_FOUND".into(), "apiKeyId".into())
    );
    assert_eq!(refusal(&machine).await, "REVOKED");
    assert_eq!(list().await["nodes"][1]["state"], "REVOKED");
}
