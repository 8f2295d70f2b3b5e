//! Mail that leaves, through a mail server as there are.

use agora::{
    platform::{caller::Caller, config::MailSettings, jobs::MAXIMUM_ATTEMPTS, mail::Mail},
    users::service,
};
use chrono::TimeDelta;
use diesel::{
    QueryableByName, RunQueryDsl, sql_query,
    sql_types::{Integer, Nullable, Text},
};
use serde_json::{Value, json};

use crate::harness::{
    TestApp,
    app::{MASTER_KEY, PASSWORD},
    program::{command, run},
    smtp::SmtpServer,
};

async fn start() -> (SmtpServer, TestApp) {
    let smtp = SmtpServer::start().await;
    let url = format!("smtp://agora:hunter2@{}", smtp.address).into();
    let from = "Agorá <market@example.com>".to_owned();
    let app = TestApp::start_with_mail(MailSettings::Smtp { url, from }).await;
    (smtp, app)
}

fn account(email: &str) -> Value {
    json!({"email": email, "password": PASSWORD, "displayName": "Jürgen Müßig"})
}

/// Jobs as they stand in the table.
#[derive(Debug, QueryableByName)]
struct Job {
    #[diesel(sql_type = Text)]
    state: String,
    #[diesel(sql_type = Integer)]
    attempts: i32,
    #[diesel(sql_type = Nullable<Text>)]
    last_error: Option<String>,
}

fn jobs(app: &TestApp) -> Vec<Job> {
    sql_query("SELECT state, attempts, last_error FROM jobs").load(&mut app.connect()).unwrap()
}

#[actix_web::test]
async fn a_sign_up_is_confirmed_by_a_mail_that_left() {
    let (smtp, app) = start().await;
    let guest = app.guest().with_header("accept-language", "de");
    let answer = guest.mutate("signUp", account("juergen@example.com"), "verification { id }").await.ok();
    assert_eq!(app.run_jobs().await, 1);

    let mails = smtp.mails("juergen@example.com");
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0].login, Some(("agora".into(), "hunter2".into())));
    let code = mails[0].subject.strip_suffix(" ist dein Code").unwrap();
    let text = format!("Hallo,\n\ndein Code lautet\n\n{code}\n\nEr gilt 30 Minuten.");
    assert!(mails[0].text.starts_with(&text), "{mails:#?}");
    assert!(mails[0].html.contains("<p>Hallo,</p>"), "{mails:#?}");
    let input = json!({"verificationId": answer["verification"]["id"], "code": code});
    guest.mutate("confirmEmail", input, "signedIn { user { displayName } }").await.ok();

    let subject = "Du wurdest auf einem Gerät abgemeldet – 你好";
    let html = format!("<p>{}</p>", "ä<br>".repeat(100));
    let mail = Mail {
        to: "juergen@example.com".into(),
        subject: subject.into(),
        text: "ä\n.\n".repeat(100),
        html,
        unsubscribe: None,
    };
    app.app().mailer.send(mail.clone()).await.unwrap();
    let received = smtp.mails("juergen@example.com").pop().unwrap();
    assert_eq!((received.subject, received.text, received.html), (mail.subject, mail.text, mail.html));
}

#[actix_web::test]
async fn mail_waits_for_a_server_that_is_down() {
    let (smtp, app) = start().await;
    smtp.go_down();
    app.guest().mutate("signUp", account("ada@example.com"), "verification { id }").await.ok();
    for attempt in 1..=3 {
        assert_eq!(app.run_jobs().await, 1);
        let job = jobs(&app).pop().unwrap();
        assert_eq!((job.state.as_str(), job.attempts), ("DUE", attempt));
        assert!(job.last_error.as_ref().is_some_and(|error| error.contains("SMTP")), "{job:?}");
        assert_eq!(app.run_jobs().await, 0, "it waits before it is tried again");
        app.advance(TimeDelta::seconds(2_i64.pow(attempt.unsigned_abs())));
    }
    smtp.come_back();
    assert_eq!(app.run_jobs().await, 1);
    assert_eq!(smtp.mails("ada@example.com").len(), 1);
    assert!(jobs(&app).is_empty());
}

#[actix_web::test]
async fn a_code_that_is_over_is_not_sent() {
    let (smtp, app) = start().await;
    app.guest().mutate("signUp", account("ada@example.com"), "verification { id }").await.ok();
    app.advance(TimeDelta::minutes(30));
    assert_eq!(app.run_jobs().await, 1);
    assert!(smtp.mails("ada@example.com").is_empty());
    assert!(jobs(&app).is_empty());
}

#[actix_web::test]
async fn mail_that_failed_too_often_is_sent_when_an_admin_says_so() {
    let (smtp, app) = start().await;
    let guest = app.guest();
    let answer = guest.mutate("signUp", account("ada@example.com"), "verification { id }").await.ok();
    app.run_jobs().await;
    let code = smtp.mails("ada@example.com")[0].subject[..6].to_owned();
    let input = json!({"verificationId": answer["verification"]["id"], "code": code});
    guest.mutate("confirmEmail", input, "signedIn { accessToken }").await.ok();
    app.given_sql("UPDATE users SET role = 'ADMIN' WHERE email = 'ada@example.com'");

    // Her address a second time: she is to learn of it.
    guest.mutate("signUp", account("ada@example.com"), "verification { id }").await.ok();
    smtp.go_down();
    for attempt in 1..=MAXIMUM_ATTEMPTS {
        assert_eq!(app.run_jobs().await, 1, "attempt {attempt}");
        app.advance(TimeDelta::hours(1));
    }
    assert_eq!(app.run_jobs().await, 0);
    smtp.come_back();
    app.advance(TimeDelta::days(1));
    assert_eq!(app.run_jobs().await, 0);
    assert_eq!(jobs(&app)[0].state, "DEAD");

    let input = json!({"email": "ada@example.com", "password": PASSWORD});
    let answer = guest.mutate("signIn", input, "result { ... on SignedIn { accessToken } }").await.ok();
    let admin = guest.with_token(answer["result"]["accessToken"].as_str().unwrap());
    let document = "{ staff { deadJobs { totalCount nodes { id kind attempts lastError } } } }";
    let dead = admin.query(document).await.ok()["staff"]["deadJobs"].clone();
    assert_eq!(dead["totalCount"], 1);
    let job = &dead["nodes"][0];
    assert_eq!(job["attempts"], MAXIMUM_ATTEMPTS);
    assert!(job["lastError"].as_str().unwrap().contains("SMTP"), "{job}");

    // While another one does the same, there is nothing to try again.
    app.given_sql("UPDATE jobs SET unique_key = 'the same' WHERE state = 'DEAD'");
    app.given_sql(
        "INSERT INTO jobs (id, kind, payload, unique_key, run_at, created_at) \
         SELECT gen_random_uuid(), kind, payload, unique_key, run_at + interval '1 year', created_at FROM jobs WHERE state = 'DEAD'",
    );
    let refused = admin.mutate("replayJob", json!({"jobId": job["id"]}), "job { id }").await;
    assert_eq!(refused.refusal(), ("ALREADY_DONE".into(), "jobId".into()));
    app.given_sql("DELETE FROM jobs WHERE unique_key = 'the same' AND state = 'DUE'");
    let again = admin.mutate("replayJob", json!({"jobId": job["id"]}), "job { id attempts }").await.ok();
    assert_eq!(again["job"], json!({"id": job["id"], "attempts": 0}));
    assert_eq!(app.run_jobs().await, 1);
    assert_eq!(smtp.mails("ada@example.com").pop().unwrap().subject, "You already have an account");
    assert!(jobs(&app).is_empty());
    let none_left = admin.query("{ staff { deadJobs { nodes { id } } } }").await.ok();
    assert_eq!(none_left["staff"]["deadJobs"]["nodes"], json!([]));
    let second = admin.mutate("replayJob", json!({"jobId": job["id"]}), "job { id }").await;
    assert_eq!(second.refusal(), ("NOT_FOUND".into(), "jobId".into()));
}

#[actix_web::test]
async fn the_operator_can_try_whether_mail_leaves() {
    let smtp = SmtpServer::start().await;
    let url = format!("smtp://agora:hunter2@{}", smtp.address);
    // The mail server is on this very thread.
    let test = async |arguments: &[&str]| {
        let mut command = command(&[&["mail", "test", "ops@example.com"], arguments].concat());
        tokio::task::spawn_blocking(move || run(&mut command)).await.unwrap()
    };
    let sends = ["--smtp-url", &url, "--mail-from", "market@example.com"];
    let sent = test(&[&sends[..], &["--locale", "de-AT"]].concat()).await;
    assert_eq!(sent.code, Some(0), "{sent:?}");
    assert_eq!(smtp.mails("ops@example.com")[0].subject, "Ein Test der Mail deines Marktplatzes");
    smtp.go_down();
    let failed = test(&sends).await;
    assert_eq!((failed.code, failed.stderr.contains("SMTP")), (Some(1), true), "{failed:?}");
    let stays = test(&[]).await;
    assert_eq!((stays.code, stays.stderr.contains("--smtp-url")), (Some(1), true), "{stays:?}");
}

#[actix_web::test]
async fn nothing_is_sent_to_an_address_that_bounced_until_its_time_is_over() {
    let (smtp, app) = start().await;
    let sign_up = async |email: &str| {
        app.guest().mutate("signUp", account(email), "verification { id }").await.ok();
        app.run_jobs().await;
        jobs(&app).len()
    };
    let counted = || {
        let metrics = app.app().metrics();
        [&metrics.mails_sent, &metrics.mails_bounced, &metrics.mails_held_back]
            .map(prometheus::core::GenericCounter::get)
    };
    // It is not tried again, and nobody is told: the answer to a sign-up is the same for every address.
    assert_eq!((sign_up("gone@example.com").await, counted()), (0, [0, 1, 0]));
    assert_eq!((sign_up("Gone@Example.com").await, counted()), (0, [0, 1, 1]));
    assert_eq!((sign_up("ada@example.com").await, counted()), (0, [1, 1, 1]));
    app.advance(TimeDelta::days(30));
    service::forget_undeliverable(app.app(), &Caller::system()).await.unwrap();
    assert_eq!((sign_up("gone@example.com").await, counted()), (0, [1, 2, 1]));

    let agora = |arguments: &[&str]| {
        let common = ["--mode", "development", "--master-key", MASTER_KEY, "--database-url", app.database_url()];
        run(&mut command(&[&["mail"], arguments, &common].concat()))
    };
    // The command's clock is the real one, and this process' is before it.
    assert_eq!(agora(&["bounced", "ada@example.com", "bob@example.com"]).code, Some(0));
    assert_eq!((sign_up("ada@example.com").await, counted()), (0, [1, 2, 2]));
    assert_eq!(agora(&["release", "ada@example.com"]).code, Some(0));
    let again = agora(&["release", "ada@example.com"]);
    assert_eq!((again.code, again.stderr.contains("was not held back")), (Some(1), true), "{again:?}");
    assert_eq!((sign_up("ada@example.com").await, counted()), (0, [2, 2, 2]));
    assert_eq!(smtp.mails("ada@example.com").len(), 2);
}
