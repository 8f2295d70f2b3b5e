//! By which names the market is asked for, and that no link is made of what a request says about it.

use serde_json::json;

use crate::harness::{TestApp, app::PASSWORD, raw::Raw};

async fn asked(app: &TestApp, head: &str) -> String {
    Raw::connect(&app.url("/")).await.ask(&format!("{head}\r\n\r\n")).await
}

async fn market() -> TestApp {
    TestApp::start_with(|settings| {
        settings.public_url = Some("https://market.example".into());
        settings.hosts = vec!["agora.internal".into()];
        settings.proxies.networks = vec!["127.0.0.0/8".parse().unwrap()];
        settings.admin_bind = Some("127.0.0.1:0".parse().unwrap());
    })
    .await
}

#[actix_web::test]
async fn a_name_of_somebody_else_is_misdirected() {
    let app = market().await;
    for ours in ["market.example", "agora.internal:8080", "localhost", "127.0.0.1:8080", "[::1]"] {
        let answer = asked(&app, &format!("GET /healthz HTTP/1.1\r\nhost: {ours}")).await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{ours}: {answer}");
    }
    let upgrade = "upgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==";
    for head in [
        "GET /healthz HTTP/1.1\r\nhost: evil.example",
        "GET /nowhere HTTP/1.1\r\nhost: evil.example",
        "GET /graphql?query=%7B__typename%7D HTTP/1.1\r\nhost: evil.example:8080",
        "GET http://evil.example/healthz HTTP/1.1\r\nhost: market.example",
        // Not even a proxy that is believed about addresses is believed about names.
        "GET /healthz HTTP/1.1\r\nhost: evil.example\r\nx-forwarded-host: market.example",
        "GET /healthz HTTP/1.1\r\nhost: evil.example\r\nforwarded: host=market.example",
        &format!("GET /graphql HTTP/1.1\r\nhost: evil.example\r\n{upgrade}"),
    ] {
        let answer = asked(&app, head).await;
        assert!(answer.starts_with("HTTP/1.1 421") && answer.contains("x-request-id: "), "{head}: {answer}");
        assert!(answer.ends_with("see --public-url and --hosts\n"), "{answer}");
    }
    let mut admin = Raw::connect(&app.admin_url("/")).await;
    assert!(admin.ask("GET /metrics HTTP/1.1\r\nhost: evil.example\r\n\r\n").await.starts_with("HTTP/1.1 421"));
}

#[actix_web::test]
async fn a_request_names_one_host() {
    let app = market().await;
    for (head, status) in [
        ("GET /healthz HTTP/1.1", "400"),
        ("GET /healthz HTTP/1.1\r\nhost: localhost\r\nhost: localhost", "400"),
        ("GET /healthz HTTP/1.1\r\nhost: a b", "400"),
        ("GET /healthz HTTP/1.0", "200"),
        ("GET /healthz HTTP/1.0\r\nhost: evil.example", "421"),
    ] {
        let answer = asked(&app, head).await;
        assert_eq!(answer.split(' ').nth(1), Some(status), "{head}: {answer}");
    }
}

#[actix_web::test]
async fn links_are_made_of_the_public_url_alone() {
    let app = market().await;
    let guest = app.guest().with_header("host", "agora.internal");
    let guest = guest.with_header("x-forwarded-host", "evil.example").with_header("x-forwarded-proto", "http");
    let guest = guest.with_header("forwarded", "host=evil.example;proto=http");
    let input = json!({"email": "ada@example.com", "password": PASSWORD, "displayName": "Ada"});
    guest.mutate("signUp", input, "verification { id }").await.ok();
    app.run_jobs().await;
    let mail = app.mails("ada@example.com").pop().unwrap();
    let links: Vec<_> = mail.text.split_whitespace().filter(|word| word.contains("://")).collect();
    assert!(!links.is_empty() && links.iter().all(|link| link.starts_with("https://market.example/")), "{links:?}");
    assert!(!mail.text.contains("evil.example") && !mail.html.contains("evil.example"));
}
