//! Links in mails: what they confirm, where they lead, and the plain pages behind them.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{NEW, WHO, ask_for_address, asked_for_reset, no_token, sign_in, token};
use crate::{
    costs::count,
    harness::{TestApp, app::PASSWORD},
};

#[actix_web::test]
async fn of_two_sign_ups_of_one_address_confirmed_at_once_one_becomes_an_account() {
    let app = TestApp::start().await;
    let beside = app.start_beside(|_| {}).await;
    let mut confirmations = Vec::new();
    for name in ["One", "Other"] {
        let input = json!({"email": "ada@example.com", "password": PASSWORD, "displayName": name});
        let answer = app.guest().mutate("signUp", input, "verification { id }").await.ok();
        app.run_jobs().await;
        confirmations.push((
            answer["verification"]["id"].clone(),
            app.code("ada@example.com"),
            token(&app, "ada@example.com"),
        ));
    }
    let [(id, code, _), (_, _, link)] = &confirmations[..] else { panic!() };
    let (guest, other) = (app.guest(), beside.guest());
    let (by_code, by_link) = futures_util::join!(
        guest.mutate("confirmEmail", json!({"verificationId": id, "code": code}), "signedIn { accessToken }"),
        other.mutate(
            "confirmEmailByLink",
            json!({"token": link, "password": PASSWORD}),
            "signedIn { accessToken } email"
        ),
    );
    let made = [&by_code.data["confirmEmail"], &by_link.data["confirmEmailByLink"]];
    assert_eq!(made.iter().filter(|payload| !payload["signedIn"].is_null()).count(), 1, "{made:?}");
    assert_eq!(count(&mut app.connect(), "SELECT count(*) AS count FROM users"), 1);
    beside.stop().await;
}

#[actix_web::test]
async fn a_link_alone_makes_nobodys_account_and_gives_none_away() {
    let app = TestApp::start().await;
    let guest = app.guest();
    // Eve signs up with the address of Ada, who presses what comes by mail.
    let input = json!({"email": "ada@example.com", "password": "a password of eve", "displayName": "Eve"});
    guest.mutate("signUp", input, "").await.ok();
    app.run_jobs().await;
    let link = token(&app, "ada@example.com");
    let by_link = async |token: &str, password: &str| {
        guest.mutate("confirmEmailByLink", json!({"token": token, "password": password}), "email").await
    };
    for _ in 0..5 {
        assert_eq!(by_link(&link, PASSWORD).await.refusal(), ("INVALID_CREDENTIALS".into(), "password".into()));
    }
    assert_eq!(by_link(&link, "a password of eve").await.refusal().0, "TOO_MANY_ATTEMPTS");
    assert_eq!(count(&mut app.connect(), "SELECT count(*) AS count FROM users"), 0);

    // Bob mistypes his new address.
    let bob = app.sign_up("Bob").await;
    ask_for_address(&bob, "bib@new.example").await.ok();
    app.run_jobs().await;
    let link = token(&app, "bib@new.example");
    assert_eq!(by_link(&link, "a guess of bib's").await.refusal().0, "INVALID_CREDENTIALS");
    assert_eq!(bob.query(WHO).await.ok()["viewer"]["email"], bob.email.as_str());
}

#[actix_web::test]
async fn a_link_confirms_as_a_code_does() {
    let app = TestApp::start().await;
    let guest = app.guest();
    let selection = "email signedIn { accessToken } signedInWithCookies { user { displayName } }";
    let by_link = async |token: &str| {
        guest.mutate("confirmEmailByLink", json!({"token": token, "password": PASSWORD}), selection).await
    };
    let input = json!({"email": "Ada@example.com", "password": PASSWORD, "displayName": "Ada"});
    let sign_up = guest.mutate("signUp", input, "verification { id }").await.ok();
    app.run_jobs().await;
    let (first, code) = (token(&app, "Ada@example.com"), app.code("Ada@example.com"));
    let answer = by_link(&first).await.ok();
    assert_eq!((&answer["email"], &answer["signedInWithCookies"]), (&json!("Ada@example.com"), &Value::Null));
    let ada = guest.with_token(answer["signedIn"]["accessToken"].as_str().unwrap());
    assert_eq!(ada.query(WHO).await.ok()["viewer"]["email"], "Ada@example.com");
    assert_eq!(by_link(&first).await.refusal(), no_token());
    let again = json!({"verificationId": sign_up["verification"]["id"], "code": code});
    assert_eq!(guest.mutate("confirmEmail", again, "").await.refusal().0, "INVALID_CODE");

    ask_for_address(&ada, "ada@new.example").await.ok();
    app.run_jobs().await;
    let change = token(&app, "ada@new.example");
    app.advance(TimeDelta::minutes(29));
    // It is about a device that may be signed in already, so no session comes of it.
    let moved = by_link(&change).await.ok();
    assert_eq!(
        moved,
        json!({"email": "ada@new.example", "signedIn": null, "signedInWithCookies": null, "userErrors": []})
    );
    assert_eq!(by_link(&change).await.refusal(), no_token());
    sign_in(&app, "ada@new.example", PASSWORD).await.ok();
    app.run_jobs().await;

    // Nobody becomes an account by the link in a mail that says that there is one.
    guest.mutate("signUp", json!({"email": "ada@new.example", "password": NEW, "displayName": "Eve"}), "").await.ok();
    app.run_jobs().await;
    let told = app.mails("ada@new.example").pop().unwrap();
    assert!(told.subject == "You already have an account" && !told.text.contains("token="), "{told:?}");
    // Too late.
    guest.mutate("signUp", json!({"email": "bob@example.com", "password": NEW, "displayName": "Bob"}), "").await.ok();
    app.run_jobs().await;
    let late = token(&app, "bob@example.com");
    app.advance(TimeDelta::minutes(30));
    assert_eq!(by_link(&late).await.refusal(), no_token());
}

#[actix_web::test]
async fn links_lead_where_the_operator_says() {
    let app = TestApp::start_with(|settings| {
        settings.links.link_verify = Some("https://shop.example/hello?t={token}".parse().unwrap());
        settings.links.link_reset = Some("shop://reset/{token}".parse().unwrap());
    })
    .await;
    let ada = app.sign_up("Ada").await;
    assert!(app.mails(&ada.email)[0].text.contains("\n\nhttps://shop.example/hello?t="));
    asked_for_reset(&app, &ada.email).await.ok();
    let mail = app.mails(&ada.email).pop().unwrap();
    assert!(mail.text.contains("\n\nshop://reset/") && mail.html.contains("href=\"shop://reset/"), "{mail:?}");
}

struct Page {
    status: u16,
    text: String,
}

async fn page(request: reqwest::RequestBuilder, language: &str) -> Page {
    let answer = request.header("accept-language", language).send().await.unwrap();
    let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
    assert_eq!((header("cache-control"), header("referrer-policy")), ("no-store".into(), "no-referrer".into()));
    assert!(header("content-security-policy").contains("default-src 'none'"));
    Page { status: answer.status().as_u16(), text: answer.text().await.unwrap() }
}

#[actix_web::test]
async fn without_pages_of_the_market_plain_ones_do() {
    let app = TestApp::start().await;
    let browser = reqwest::Client::new();
    let guest = app.guest().with_header("accept-language", "de");
    let input = json!({"email": "ada@example.com", "password": PASSWORD, "displayName": "Ada"});
    guest.mutate("signUp", input, "").await.ok();
    app.run_jobs().await;
    let link = token(&app, "ada@example.com");
    let verify = app.url("/account/verify");
    let opened = async || page(browser.get(format!("{verify}?token={link}")), "de").await;
    for _ in 0..2 {
        let asked = opened().await;
        assert!(asked.status == 200 && asked.text.contains("Ist ada@example.com deine Adresse?"), "{}", asked.text);
        assert!(asked.text.contains("type=password"), "{}", asked.text);
        assert!(asked.text.contains("<html lang=de>") && asked.text.contains(&link));
    }
    for password in ["", "wrong horse battery"] {
        let form = [("token", link.as_str()), ("password", password)];
        let wrong = page(browser.post(&verify).form(&form), "de").await;
        assert!(wrong.status == 200 && wrong.text.contains("Passwort ist falsch."), "{}", wrong.text);
    }
    let done = page(browser.post(&verify).form(&[("token", link.as_str()), ("password", PASSWORD)]), "en").await;
    assert!(done.status == 200 && done.text.contains("ada@example.com is confirmed."), "{}", done.text);
    assert_eq!(opened().await.status, 404);
    assert_eq!(page(browser.post(&verify).form(&[("other", "thing")]), "en").await.status, 404);
    for token in ["", "?token=", "?token=nonsense"] {
        let gone = page(browser.get(format!("{verify}{token}")), "en").await;
        assert!(gone.status == 404 && gone.text.contains("leads nowhere"), "{}", gone.text);
    }
    let ada = sign_in(&app, "ada@example.com", PASSWORD).await.ok()["result"]["accessToken"].clone();
    let ada = app.guest().with_token(ada.as_str().unwrap());

    asked_for_reset(&app, "ada@example.com").await.ok();
    // She signed up in German, and is written to in German ever since.
    assert_eq!(app.mails("ada@example.com").pop().unwrap().subject, "Wähle ein neues Passwort");
    let link = token(&app, "ada@example.com");
    let choose = app.url("/account/reset");
    let asked = page(browser.get(format!("{choose}?token={link}")), "en").await;
    assert!(asked.status == 200 && asked.text.contains("type=password"), "{}", asked.text);
    let press = async |password: &str| {
        page(browser.post(&choose).form(&[("token", link.as_str()), ("password", password)]), "en").await
    };
    let common = press("Password123").await;
    assert!(common.status == 200 && common.text.contains("too easy to guess"), "{}", common.text);
    assert!(common.text.contains(&link) && !common.text.contains("Password123"));
    ada.query(WHO).await.ok();
    let done = press(NEW).await;
    assert!(done.status == 200 && done.text.contains("all devices were signed out"), "{}", done.text);
    assert_eq!(ada.query(WHO).await.code(), "UNAUTHENTICATED");
    assert_eq!(press(NEW).await.status, 404);
    sign_in(&app, "ada@example.com", NEW).await.ok();
}
