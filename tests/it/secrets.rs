//! What must never be told: keys, passwords, codes and tokens stay out of what a program writes.

use std::{fs, process::Stdio, time::Duration};

use serde_json::json;

use crate::harness::{
    app::{MASTER_KEY, PASSWORD},
    cluster::Database,
    program::{Program, command},
    smtp::SmtpServer,
    socket::Socket,
};

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
    let url = database.url().replacen('@', ":database-secret@", 1);
    let log = folder.path().join("log");
    let program = Program::start(
        command(&["--log", "debug", "--public-url", "https://market.example", "--mail-from", "market@example.com"])
            .env("AGORA_DATABASE_URL_FILE", file("database", &url))
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
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let ada = guest.with_token(&text(&second["accessToken"]));
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
    let answer = guest.mutate("resetPassword", json!({"token": link, "newPassword": chosen}), "").await;
    answer.ok();
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
    assert!(log.contains("DEBUG") && log.contains("stopping"), "{log}");
    let mut secrets = vec![MASTER_KEY.to_owned(), "database-secret".into(), "smtp-secret".into(), PASSWORD.into()];
    secrets.extend([code, "nonsense-token".into(), link, chosen.into(), place.to_owned()]);
    secrets.extend(
        [&first, &second]
            .into_iter()
            .flat_map(|session| [text(&session["accessToken"]), text(&session["refreshToken"])]),
    );
    for secret in secrets {
        let line = log.lines().chain(said.lines()).find(|line| line.contains(&secret));
        assert_eq!(line, None, "{secret}");
    }
}
