//! What every answer says to browsers: each route once, and each way to be refused.

use std::{collections::BTreeSet, fs, path::Path};

use agora::platform::config::Switch;
use reqwest::{Method, Response, redirect::Policy};
use serde_json::json;

use crate::{
    architecture::sources,
    harness::{TestApp, raw::Raw},
};

/// Path, method, headers, and the status that this comes to.
type Asked<'a> = (&'a str, &'a str, &'a [(&'a str, &'a str)], u16);

const JSON: (&str, &str) = ("content-type", "application/json");
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

const PUBLIC: &[Asked<'_>] = &[
    ("/", "GET", &[], 307),
    ("/healthz", "GET", &[], 200),
    ("/readyz", "GET", &[], 200),
    ("/.well-known/jwks.json", "GET", &[], 200),
    ("/nowhere", "GET", &[], 404),
    ("/healthz", "POST", &[], 404),
    ("/healthz", "GET", &[("host", "evil.example")], 421),
    ("/schema.graphql", "GET", &[], 200),
    ("/schema.graphql", "GET", &[("if-none-match", "*")], 304),
    ("/graphql?query={__typename}", "GET", &[], 200),
    ("/graphql?query={", "GET", &[("accept", "application/graphql-response+json")], 400),
    ("/graphql?query={__typename}", "GET", &[("authorization", "Bearer nonsense")], 401),
    ("/graphql?query={__typename}", "GET", &[("cookie", "a=b"), ("origin", "https://evil.example")], 403),
    ("/graphql", "DELETE", &[], 405),
    ("/graphql", "TRACE", &[], 405),
    ("/graphql", "GET", &[("accept", "image/png")], 406),
    ("/graphql", "POST", &[FORM], 415),
    ("/graphql", "POST", &[JSON], 400),
    ("/graphql", "OPTIONS", &[("origin", "https://shop.example"), ("access-control-request-method", "POST")], 200),
    ("/graphql?query=subscription{events{__typename}}", "GET", &[("accept", "text/event-stream")], 200),
    ("/session/refresh", "POST", &[], 401),
    ("/account/verify?token=x", "GET", &[], 404),
    ("/account/reset?token=x", "GET", &[], 404),
    ("/account/order?token=x", "GET", &[], 404),
    ("/account/unsubscribe/SHOP?token=x", "GET", &[], 404),
    ("/account/reset", "POST", &[JSON], 415),
    ("/account/callback/none?state=x", "GET", &[], 404),
    ("/uploads/x", "PUT", &[], 404),
    ("/uploads/x", "OPTIONS", &[("origin", "https://shop.example"), ("access-control-request-method", "PUT")], 200),
    ("/images/x/y/z", "GET", &[], 404),
    ("/exports/1/x", "GET", &[], 404),
    ("/order-files/x", "GET", &[], 404),
    ("/attachments/1/file/x", "GET", &[], 404),
    ("/documents/x", "GET", &[], 404),
    ("/dev/payments/x", "GET", &[], 404),
    // Not there where Stripe carries nothing out.
    ("/webhooks/stripe", "POST", &[], 404),
    ("/webhooks/test", "POST", &[], 400),
    ("/dev/payouts/x", "GET", &[], 404),
    ("/dev/mail", "GET", &[], 200),
    ("/graphiql", "GET", &[], 200),
    ("/graphiql/x/y", "GET", &[], 404),
    // Not there where no demo people are.
    ("/demo", "GET", &[], 404),
    ("/demo/x/y", "GET", &[], 404),
];
const ADMIN: &[Asked<'_>] = &[
    ("/metrics", "GET", &[], 200),
    ("/healthz", "GET", &[], 200),
    ("/readyz", "GET", &[], 200),
    ("/", "GET", &[], 404),
];

/// The values of a header, or nothing.
fn said<'a>(answer: &'a Response, name: &str) -> &'a str {
    let mut values = answer.headers().get_all(name).iter();
    let value = values.next().map_or("", |value| value.to_str().unwrap());
    assert_eq!(values.next(), None, "{name} twice");
    value
}

#[track_caller]
fn assert_kept(answer: &Response, asked: Asked<'_>, sts: &str) {
    assert_eq!(answer.status().as_u16(), asked.3, "{asked:?}");
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("strict-transport-security", sts),
        ("server", ""),
        ("x-powered-by", ""),
    ] {
        assert_eq!(said(answer, name), value, "{name}: {asked:?}");
    }
    let policy = said(answer, "content-security-policy");
    for directive in ["default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "form-action "] {
        assert!(policy.contains(directive), "{asked:?}: {policy}");
    }
    // Scripts run on two pages, and none of them is inline.
    let has_scripts = ["/graphiql", "/demo"].iter().any(|page| asked.0.starts_with(page));
    assert!(!policy.contains("unsafe-eval") && (!policy.contains("script-src") || has_scripts));
    assert!(!policy.contains("script-src") || policy.contains("script-src 'self';"), "{policy}");
    assert!(!said(answer, "cache-control").is_empty(), "{asked:?}");
    let has_body = answer.content_length().is_some_and(|length| length > 0);
    assert!(!has_body || !said(answer, "content-type").is_empty(), "{asked:?}");
    if said(answer, "content-type").starts_with("text/") {
        assert!(
            said(answer, "content-type").contains("charset=utf-8") || asked.0.contains("subscription"),
            "{asked:?}"
        );
    }
}

async fn market(public_url: &str) -> TestApp {
    TestApp::start_with(|settings| {
        settings.public_url = Some(public_url.into());
        settings.graphiql = Switch::On;
        settings.allowed_origins = vec!["https://shop.example".into()];
        settings.admin_bind = Some("127.0.0.1:0".parse().unwrap());
    })
    .await
}

async fn answer(url: String, (_, method, headers, _): Asked<'_>) -> Response {
    let client = reqwest::Client::builder().redirect(Policy::none()).build().unwrap();
    let request = client.request(Method::from_bytes(method.as_bytes()).unwrap(), url);
    headers.iter().fold(request, |request, (name, value)| request.header(*name, *value)).send().await.unwrap()
}

#[actix_web::test]
async fn every_answer_says_what_browsers_must_not_do() {
    let app = market("https://market.example").await;
    for &asked in PUBLIC {
        assert_kept(&answer(app.url(asked.0), asked).await, asked, "max-age=31536000; includeSubDomains");
    }
    for &asked in ADMIN {
        assert_kept(&answer(app.admin_url(asked.0), asked).await, asked, "");
    }
    let upgrade = Raw::connect(&app.url("/"))
        .await
        .ask(
            "GET /graphql HTTP/1.1\r\nhost: localhost\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-version: 13\r\n\
             sec-websocket-protocol: graphql-transport-ws\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        )
        .await;
    assert!(upgrade.starts_with("HTTP/1.1 101") && upgrade.contains("x-content-type-options: nosniff"), "{upgrade}");
}

#[actix_web::test]
async fn encryption_is_asked_for_where_there_is_some() {
    let app = market("http://market.example").await;
    for &asked in PUBLIC.iter().filter(|asked| asked.0.starts_with("/healthz")) {
        assert_kept(&answer(app.url(asked.0), asked).await, asked, "");
    }
}

#[actix_web::test]
async fn who_is_signed_in_is_answered_for_no_cache() {
    let app = market("https://market.example").await;
    let ada = app.sign_up("Ada").await;
    for request in [ada.get(&[("query", "{ viewer { email } }")]), ada.post(&json!({"query": "{ viewer { email } }"}))]
    {
        let answer = request.send().await.unwrap();
        assert_eq!(said(&answer, "cache-control"), "private, no-store");
        assert!(answer.text().await.unwrap().contains("ada@example.com"));
    }
}

/// Every place of the sources at which something is served is one that the tests above ask.
#[test]
fn no_route_is_left_out() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/server");
    let text: String = sources(&folder).iter().map(|file| fs::read_to_string(file).unwrap()).collect();
    let places = text.matches("web::resource(").count() + text.matches(".route(\"/").count();
    let path = |asked: &Asked<'_>| asked.0.split('?').next().unwrap().to_owned();
    let public: BTreeSet<_> = PUBLIC.iter().map(path).filter(|path| path != "/nowhere").collect();
    let admin: BTreeSet<_> = ADMIN.iter().map(path).filter(|path| path != "/").collect();
    assert_eq!(places, public.len() + admin.len(), "a route of src/server is not in PUBLIC or ADMIN");
}
