//! What must never be told: keys, passwords, codes and tokens stay out of what a program writes.

use std::{fs, process::Stdio, time::Duration};

use serde_json::json;

use crate::{
    harness::{
        app::{MASTER_KEY, PASSWORD},
        cluster::Database,
        program::{Program, command},
        smtp::SmtpServer,
        socket::Socket,
    },
    providers::{
        RESULT, begin,
        provider::{Act, CLIENT, Provider, SECRET, Ways},
        there_and_back,
    },
};

fn text_of(value: &serde_json::Value) -> String {
    value.as_str().unwrap().to_owned()
}

#[actix_web::test]
async fn secrets_are_told_to_nobody() {
    let smtp = SmtpServer::start().await;
    let database = Database::new();
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, format!("{text}\n")).unwrap();
        path
    };
    let provider = Provider::start();
    let entry = json!({
        "key": "good", "displayName": "Good", "issuer": provider.issuer, "clientId": CLIENT, "scopes": ["openid", "email"],
        "clientSecretFile": file("client", SECRET),
    });
    let url = database.url().replacen('@', ":database-secret@", 1);
    let log = folder.path().join("log");
    let program = Program::start(
        command(&["--log", "trace", "--public-url", "https://market.example", "--mail-from", "market@example.com"])
            .env("AGORA_DATABASE_URL_FILE", file("database", &url))
            .env("AGORA_SIGN_IN_PROVIDERS", file("providers", &json!([entry]).to_string()))
            .env("AGORA_RETURN_URLS", "https://shop.example/")
            .env("AGORA_MASTER_KEY_FILE", file("key", MASTER_KEY))
            .env("AGORA_SMTP_URL_FILE", file("smtp", &format!("smtp://agora:smtp-secret@{}", smtp.address)))
            .stdin(Stdio::null())
            .stderr(fs::File::create(&log).unwrap()),
    );
    let guest = program.client();
    let input = json!({"email": "ada@example.com", "password": PASSWORD, "displayName": "Ada"});
    let answer = guest.mutate("signUp", input.clone(), "verification { id }").await.ok();
    let mut mails = Vec::new();
    for _ in 0..200 {
        mails = smtp.mails("ada@example.com");
        if !mails.is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(mails[0].login, Some(("agora".into(), "smtp-secret".into())));
    let code = mails[0].subject[..6].to_owned();
    let confirm = json!({"verificationId": answer["verification"]["id"], "code": code});
    let tokens = "signedIn { accessToken refreshToken }";
    let first = guest.mutate("confirmEmail", confirm, tokens).await.ok()["signedIn"].clone();
    let refresh = json!({"refreshToken": first["refreshToken"]});
    let second = guest.mutate("refreshSession", refresh, tokens).await.ok()["signedIn"].clone();
    let ada = guest.with_token(&text_of(&second["accessToken"]));
    assert_eq!(ada.query("{ viewer { email } }").await.ok()["viewer"]["email"], "ada@example.com");
    let mut socket = Socket::connect(&ada, json!({})).await;
    socket.subscribe("1", "subscription { events { __typename } }", json!({})).await;
    let announced = json!({"purpose": "AVATAR", "byteSize": 3});
    let upload = ada.mutate("createUpload", announced, "upload { url }").await.ok()["upload"]["url"].clone();
    let (_, place) = upload.as_str().unwrap().rsplit_once("/uploads/").unwrap();
    for token in [place, "a-wrong-token"] {
        let url = guest.url.replace("/graphql", &format!("/uploads/{token}"));
        let answer = reqwest::Client::new().put(url).body("abc").send().await.unwrap();
        assert!(answer.status().is_client_error());
    }
    // A password that is forgotten, and the link by which there is another one.
    guest.mutate("requestPasswordReset", json!({"email": "ada@example.com"}), "").await.ok();
    let mut link = String::new();
    for _ in 0..200 {
        let mail = smtp.mails("ada@example.com").pop().unwrap();
        if let Some((_, found)) = mail.text.lines().find_map(|line| line.split_once("/account/reset?token=")) {
            link = found.to_owned();
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_ne!(link, "", "no mail came");
    let page = format!("{}?token={link}", guest.url.replace("/graphql", "/account/reset"));
    assert!(reqwest::get(page).await.unwrap().text().await.unwrap().contains("ada@example.com"));
    let chosen = "a password that was chosen later";
    let link_and_password = json!({"token": link, "newPassword": chosen});
    let result = "result { ... on SignedIn { accessToken } }";
    let reset = guest.mutate("resetPassword", link_and_password, result).await.ok();
    // A second factor, and what is given for one.
    let ada = guest.with_token(&text_of(&reset["result"]["accessToken"]));
    let setup = ada.query("mutation { beginTotpSetup { setup { secret } } }").await.ok();
    let totp_secret = text_of(&setup["beginTotpSetup"]["setup"]["secret"]);
    let given = json!({"proof": {"recoveryCode": "SECR-ETCO-DEXX"}});
    assert_eq!(ada.mutate("stepUp", given, "").await.refusal().0, "INVALID_CODE");
    let given = json!({"challengeToken": "secret-challenge", "proof": {"passkey": "secret-answer"}});
    assert_eq!(guest.mutate("completeSignIn", given, "").await.refusal().0, "INVALID_CHALLENGE");
    let given = json!({"credential": "secret-credential"});
    assert_eq!(guest.mutate("signInWithPasskey", given, "").await.refusal().0, "INVALID_PASSKEY");
    // The clock goes here.
    let good = Ways { claims: json!({"iat": 0, "exp": 4_000_000_000_i64}), ..Ways::default() };
    let mut told = Vec::new();
    for token in [Act::Well, Act::Say(400, json!({"error": "the code is secret-error"}).to_string())] {
        provider.goes(Ways { token, ..good.clone() });
        let authorization = begin(&guest, "good").await;
        let input = there_and_back(&guest, &provider, &authorization).await;
        let answer = guest.mutate("completeProviderSignIn", input.clone(), RESULT).await;
        told.extend(["state", "code", "bindingToken"].map(|name| text_of(&input[name])));
        told.extend(answer.data["completeProviderSignIn"]["result"]["accessToken"].as_str().map(ToOwned::to_owned));
    }
    assert_eq!((told.len(), provider.asked("/token")), (7, 2));
    // Failures are where texts of others come into the log.
    smtp.go_down();
    guest.mutate("signUp", input, "verification { id }").await.ok();
    guest.with_token("v4.nonsense-token").query("{ viewer { id } }").await.code();
    let log_has = async |word: &str| {
        for _ in 0..200 {
            if fs::read_to_string(&log).unwrap().contains(word) {
                return true;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        false
    };
    assert!(log_has("a job failed").await);
    drop(socket);

    program.ask_to_stop();
    let (status, said) = program.wait();
    assert!(status.success());
    let log = fs::read_to_string(&log).unwrap();
    assert!(log.contains("TRACE") && log.contains("stopping"), "{log}");
    let mut secrets = vec![MASTER_KEY.to_owned(), "database-secret".into(), "smtp-secret".into(), PASSWORD.into()];
    secrets.extend([code, "nonsense-token".into(), link, chosen.into(), totp_secret, place.to_owned()]);
    secrets.extend([SECRET.into(), "s3cret%2F".into(), "secret-error".into(), "Bearer access".into()]);
    secrets.extend(told);
    secrets.extend(["SECR-ETCO-DEXX", "secret-challenge", "secret-answer", "secret-credential"].map(Into::into));
    secrets.extend(
        [&first, &second]
            .into_iter()
            .flat_map(|session| [text_of(&session["accessToken"]), text_of(&session["refreshToken"])]),
    );
    for secret in secrets {
        let line = log.lines().chain(said.lines()).find(|line| line.contains(&secret));
        assert_eq!(line, None, "{secret}");
    }
}
