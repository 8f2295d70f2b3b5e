//! Sessions of browsers, which keep their tokens in cookies.

use chrono::TimeDelta;
use reqwest::{RequestBuilder, Response};
use serde_json::{Value, json};
use tokio_tungstenite::{connect_async, tungstenite::client::IntoClientRequest};

use crate::harness::{Answer, Client, TestApp, app::PASSWORD};

const WHO: &str = "{ viewer { email } }";
const SIGN_IN: &str = "mutation($input: SignInInput!) { signIn(input: $input) { userErrors { code } result {
    ... on SignedInWithCookies { accessTokenExpiresAt user { displayName } } ... on SignedIn { accessToken } } } }";

/// What a browser keeps.
#[derive(Debug, Clone, Default, PartialEq)]
struct Jar {
    access: String,
    refresh: String,
}

impl Jar {
    /// The jar after an answer. Each cookie that is set is one for this host alone that no script can read.
    fn after(mut self, answer: &Response) -> Self {
        for cookie in answer.headers().get_all("set-cookie") {
            let cookie = cookie.to_str().unwrap();
            let (pair, attributes) = cookie.split_once("; ").unwrap();
            for attribute in ["HttpOnly", "Secure", "SameSite=Strict", "Path=/", "Max-Age="] {
                assert!(attributes.contains(attribute) && !attributes.contains("Domain"), "{cookie}");
            }
            let value = pair.split_once('=').unwrap().1.to_owned();
            assert_eq!(value.is_empty(), attributes.contains("Max-Age=0"), "{cookie}");
            match pair.split_once('=').unwrap().0 {
                "__Host-agora-access" => self.access = value,
                "__Host-agora-refresh" => self.refresh = value,
                other => panic!("{other}"),
            }
        }
        self
    }

    fn header(&self) -> String {
        let cookies = [("__Host-agora-access", &self.access), ("__Host-agora-refresh", &self.refresh)];
        let kept = cookies.iter().filter(|(_, value)| !value.is_empty());
        kept.map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    fn client(&self, app: &TestApp) -> Client {
        app.guest().with_header("cookie", &self.header())
    }
}

async fn sign_in(app: &TestApp) -> Jar {
    let person = app.sign_up("Ada").await;
    let input = json!({"email": person.email, "password": PASSWORD, "delivery": "COOKIES"});
    let answer = app.guest().post(&json!({"query": SIGN_IN, "variables": {"input": input}})).send().await.unwrap();
    let jar = Jar::default().after(&answer);
    let said = answer.text().await.unwrap();
    assert!(!said.contains(&jar.access) && !said.contains(&jar.refresh), "{said}");
    let said: Value = serde_json::from_str(&said).unwrap();
    assert_eq!(said["data"]["signIn"]["result"]["user"]["displayName"], "Ada", "{said}");
    jar
}

fn refresh(app: &TestApp, jar: &Jar) -> RequestBuilder {
    reqwest::Client::new().post(app.url("/session/refresh")).header("cookie", jar.header())
}

fn fault(answer: &Answer) -> (u16, &str, &str) {
    let extensions = &answer.errors[0]["extensions"];
    (answer.status, extensions["code"].as_str().unwrap(), extensions["reason"].as_str().unwrap_or_default())
}

#[actix_web::test]
async fn a_browser_is_signed_in_by_every_transport() {
    let app = TestApp::start().await;
    let jar = sign_in(&app).await;
    let browser = jar.client(&app);
    assert_eq!(browser.query(WHO).await.ok()["viewer"]["email"], "ada@example.com");
    let by_get = browser.get(&[("query", WHO)]).send().await.unwrap();
    assert_eq!(by_get.headers()["cache-control"], "private, no-store");
    assert!(by_get.text().await.unwrap().contains("ada@example.com"));
    let stream = browser.post(&json!({"query": WHO})).header("accept", "text/event-stream").send().await.unwrap();
    assert!(stream.text().await.unwrap().contains("ada@example.com"));

    let socket = |origin: String| {
        let mut request = app.url("/graphql").replacen("http", "ws", 1).into_client_request().unwrap();
        for (name, value) in
            [("sec-websocket-protocol", "graphql-transport-ws"), ("cookie", &jar.header()), ("origin", &origin)]
        {
            request.headers_mut().insert(
                name.parse::<tokio_tungstenite::tungstenite::http::HeaderName>().unwrap(),
                value.parse().unwrap(),
            );
        }
        connect_async(request)
    };
    assert!(socket("https://evil.example".into()).await.is_err());
    let (stream, _) = socket(app.url("")).await.unwrap();
    let mut socket = crate::harness::socket::Socket { stream };
    socket.send(&json!({"type": "connection_init"})).await;
    socket.receive().await;
    socket.subscribe("1", WHO, json!({})).await;
    assert_eq!(socket.next("1").await["viewer"]["email"], "ada@example.com");
}

#[actix_web::test]
async fn a_session_is_in_cookies_or_in_the_header() {
    let app = TestApp::start().await;
    let jar = sign_in(&app).await;
    let both = jar.client(&app).with_token(&jar.access);
    assert_eq!(fault(&both.query(WHO).await), (400, "BAD_USER_INPUT", ""));
    let refresh_alone = Jar { access: String::new(), ..jar.clone() };
    assert_eq!(fault(&refresh_alone.client(&app).with_token(&jar.access).query(WHO).await).1, "BAD_USER_INPUT");
    // The access token's cookie ends first: whoever was signed in is no guest then.
    assert_eq!(fault(&refresh_alone.client(&app).query(WHO).await), (401, "UNAUTHENTICATED", "EXPIRED"));
    assert_eq!(app.guest().with_header("cookie", "theme=dark").query(WHO).await.ok()["viewer"], Value::Null);
}

#[actix_web::test]
async fn the_next_tokens_come_in_cookies_and_a_used_one_ends_the_session() {
    let app = TestApp::start().await;
    let first = sign_in(&app).await;
    app.advance(TimeDelta::minutes(11));
    assert_eq!(fault(&first.client(&app).query(WHO).await), (401, "UNAUTHENTICATED", "EXPIRED"));
    let answer = refresh(&app, &first).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let second = first.clone().after(&answer);
    assert!(second.access != first.access && second.refresh != first.refresh);
    assert_eq!(answer.json::<Value>().await.unwrap(), json!({"accessTokenExpiresAt": "2026-11-20T12:21:00Z"}));
    second.client(&app).query(WHO).await.ok();

    // A second tab that was a little late gets the same.
    let late = first.clone().after(&refresh(&app, &first).send().await.unwrap());
    assert_eq!(late.refresh, second.refresh);
    app.advance(TimeDelta::minutes(1));
    let reused = refresh(&app, &first).send().await.unwrap();
    assert_eq!((reused.status().as_u16(), first.clone().after(&reused)), (401, Jar::default()));
    assert_eq!(fault(&second.client(&app).query(WHO).await), (401, "UNAUTHENTICATED", "REVOKED"));
    let second_again = second.clone();
    let over = refresh(&app, &second).send().await.unwrap();
    assert_eq!((over.status().as_u16(), second.after(&over)), (401, Jar::default()));
    let nothing = refresh(&app, &Jar::default()).send().await.unwrap();
    // Another site's form has its cookies held back, and must not be able to clear them.
    assert_eq!((nothing.status().as_u16(), nothing.headers().contains_key("set-cookie")), (401, false));
    let both = refresh(&app, &second_again).bearer_auth("x").send().await.unwrap();
    assert_eq!(both.status(), 400);
}

#[actix_web::test]
async fn no_other_page_uses_a_browsers_session() {
    let app = TestApp::start().await;
    let jar = sign_in(&app).await;
    for (name, value) in [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")] {
        let answer = refresh(&app, &jar).header(name, value).send().await.unwrap();
        assert_eq!((answer.status().as_u16(), answer.headers().contains_key("set-cookie")), (403, false), "{name}");
        let answer = jar.client(&app).post(&json!({"query": WHO})).header(name, value).send().await.unwrap();
        assert_eq!(answer.status(), 403, "{name}");
    }
    let own = app.url("");
    let answer =
        refresh(&app, &jar).header("origin", own).header("sec-fetch-site", "same-origin").send().await.unwrap();
    assert_eq!(answer.status(), 200);
}

#[actix_web::test]
async fn signing_out_takes_the_cookies_back() {
    let app = TestApp::start().await;
    let jar = sign_in(&app).await;
    let sign_out = json!({"query": "mutation { signOut { userErrors { code } } }"});
    let answer = jar.client(&app).post(&sign_out).send().await.unwrap();
    assert_eq!(jar.clone().after(&answer), Jar::default());
    assert_eq!(fault(&jar.client(&app).query(WHO).await), (401, "UNAUTHENTICATED", "REVOKED"));
    // Whoever has none is sent none.
    let bob = app.sign_up("Bob").await;
    assert!(!bob.post(&sign_out).send().await.unwrap().headers().contains_key("set-cookie"));
}

#[actix_web::test]
async fn cookies_come_in_answers_over_http_alone() {
    let app = TestApp::start_with(|settings| settings.capacity.batch = 2).await;
    let ada = app.sign_up("Ada").await;
    let input = json!({"email": ada.email, "password": PASSWORD, "delivery": "COOKIES"});
    let request = json!({"query": SIGN_IN, "variables": {"input": input}});
    let batch = app.guest().post(&json!([request])).send().await.unwrap();
    assert!(!batch.headers().contains_key("set-cookie"));
    assert_eq!(batch.json::<Value>().await.unwrap()[0]["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
    let stream = app.guest().post(&request).header("accept", "text/event-stream").send().await.unwrap();
    assert!(!stream.headers().contains_key("set-cookie") && stream.text().await.unwrap().contains("BAD_USER_INPUT"));
    let mut socket = crate::harness::socket::Socket::connect(&app.guest(), json!({})).await;
    socket.subscribe("1", SIGN_IN, json!({"input": input})).await;
    let said = socket.receive().await;
    assert!(format!("{said:?}").contains("BAD_USER_INPUT"), "{said:?}");
}

#[actix_web::test]
async fn a_sign_in_over_a_session_of_the_same_person_ends_that_one() {
    let app = TestApp::start().await;
    let first = sign_in(&app).await;
    let bob = app.sign_up("Bob").await;
    let signs_in = async |jar: &Jar, email: &str, delivery: &str| {
        let input = json!({"email": email, "password": PASSWORD, "delivery": delivery});
        let body = json!({"query": SIGN_IN, "variables": {"input": input}});
        let answer = jar.client(&app).post(&body).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        let jar = jar.clone().after(&answer);
        agora::users::service::hear_of_sessions(app.app()).await.unwrap();
        jar
    };
    // Tokens in the answer take no cookie's place, and of somebody else's session nothing is known.
    assert_eq!(signs_in(&first, "ada@example.com", "BODY").await, first);
    signs_in(&first, &bob.email, "COOKIES").await;
    first.client(&app).query(WHO).await.ok();
    let second = signs_in(&first, "ada@example.com", "COOKIES").await;
    assert_eq!(fault(&first.client(&app).query(WHO).await), (401, "UNAUTHENTICATED", "REVOKED"));
    second.client(&app).query(WHO).await.ok();
}
