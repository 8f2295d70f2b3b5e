//! What nobody refers to goes, and nothing else.

use std::{
    fs,
    path::{Path, PathBuf},
};

use agora::{media::service, platform::caller::Caller};
use chrono::TimeDelta;
use serde_json::json;

use super::{again, announce, fetch, files::photo, send, show, states};
use crate::{
    costs::count,
    harness::{TestApp, app::Person},
};

/// The folders that the storage holds files of images in.
fn folders(root: &Path) -> usize {
    fs::read_dir(root.join("images")).map_or(0, Iterator::count)
}

async fn start() -> (TestApp, PathBuf) {
    let mut root = PathBuf::new();
    let app = TestApp::start_with(|settings| root.clone_from(&settings.media.folder)).await;
    (app, root)
}

async fn sweep(app: &TestApp) {
    service::sweep(app.app(), &Caller::system()).await.unwrap();
}

async fn set(person: &Person, upload: &str) -> Vec<(String, String)> {
    person.mutate("setAvatar", json!({"uploadId": upload}), "user { id }").await.refusals()
}

#[actix_web::test]
async fn what_nobody_refers_to_goes_after_a_day() {
    let (app, root) = start().await;
    let mut ada = app.sign_up("Ada").await;
    let replaced = show(&ada, &photo(300, 200)).await;
    assert_eq!(fetch(&replaced["small"]).await.0, 200);
    let kept = show(&ada, &photo(200, 300)).await;
    let unused = send(&ada, &photo(100, 100)).await;
    announce(&ada, 100).await;
    app.advance(TimeDelta::hours(23));
    sweep(&app).await;
    assert_eq!(states(&app), ["READY 3"], "who uploads first and saves later has a day");
    assert_eq!(fetch(&replaced["small"]).await.0, 200);

    app.advance(TimeDelta::hours(2));
    sweep(&app).await;
    assert_eq!(states(&app), ["DOOMED 2", "READY 1"]);
    assert_eq!(folders(&root), 1, "the files go at once");
    for url in ["small", "full", "png"] {
        assert_eq!(fetch(&replaced[url]).await.0, 404);
        assert_eq!(fetch(&kept[url]).await.0, 200);
    }
    again(&app, &mut ada).await;
    assert_eq!(set(&ada, &unused).await, [("NOT_FOUND".to_owned(), "uploadId".to_owned())]);
    app.advance(TimeDelta::minutes(61));
    sweep(&app).await;
    assert_eq!(states(&app), ["READY 1"]);
    app.advance(TimeDelta::days(2));
    sweep(&app).await;
    assert_eq!(fetch(&kept["small"]).await.0, 200);
    let uploads: i64 = {
        use diesel::{QueryDsl, RunQueryDsl};
        agora::schema::uploads::table.count().get_result(&mut app.connect()).unwrap()
    };
    assert_eq!(uploads, 0);
}

#[actix_web::test]
async fn what_a_process_that_died_was_writing_is_found() {
    let (app, root) = start().await;
    let ada = app.sign_up("Ada").await;
    let upload = announce(&ada, photo(64, 64).len()).await;
    send(&ada, &photo(64, 64)).await;
    // As if it had died before it said that the file is there.
    app.given_sql("UPDATE uploads SET media_id = NULL");
    app.given_sql("UPDATE media SET state = 'WRITING'");
    assert_eq!(folders(&root), 1);
    assert_eq!(super::try_put(&upload.url, &photo(64, 64)).await, (204, String::new()), "it is sent once more");
    assert_eq!((states(&app), folders(&root)), (vec!["READY 1".to_owned(), "WRITING 1".to_owned()], 2));
    assert_eq!(set(&ada, &upload.id).await, []);
    app.advance(TimeDelta::hours(25));
    sweep(&app).await;
    assert_eq!((states(&app), folders(&root)), (vec!["DOOMED 1".to_owned(), "READY 1".to_owned()], 1));
}

#[actix_web::test]
async fn whoever_saves_while_it_is_swept_has_it_or_is_told() {
    let (app, _) = start().await;
    let mut people = Vec::new();
    for number in 0..6 {
        let person = app.sign_up(&format!("Person{number}")).await;
        let upload = send(&person, &photo(64, 64)).await;
        people.push((person, upload));
    }
    app.advance(TimeDelta::hours(25));
    for (person, _) in &mut people {
        again(&app, person).await;
    }
    let saved = futures_util::future::join_all(people.iter().map(|(person, upload)| set(person, upload)));
    let (saved, ()) = tokio::join!(saved, sweep(&app));
    sweep(&app).await;
    for ((person, _), refusals) in people.iter().zip(saved) {
        let document = "query($id: ID!) { user(by: {id: $id}) { avatar { full: url small: url(width: 64) } } }";
        let seen = app.guest().send(document, json!({"id": person.id})).await.ok();
        if refusals.is_empty() {
            assert_eq!(fetch(&seen["user"]["avatar"]["full"]).await.0, 200);
            assert_eq!(fetch(&seen["user"]["avatar"]["small"]).await.0, 200);
        } else {
            assert_eq!((refusals[0].0.as_str(), &seen["user"]["avatar"]), ("NOT_FOUND", &serde_json::Value::Null));
        }
    }
}

#[actix_web::test]
async fn a_folder_that_cannot_be_deleted_keeps_nothing_else() {
    let (app, root) = start().await;
    let ada = app.sign_up("Ada").await;
    for _ in 0..3 {
        send(&ada, &photo(64, 64)).await;
        app.advance(TimeDelta::seconds(1));
    }
    let first = "SELECT replace(id::text, '-', '') AS line FROM media ORDER BY created_at LIMIT 1";
    let stuck = root.join("images").join(super::line(&app, first));
    fs::remove_dir_all(&stuck).unwrap();
    fs::write(&stuck, "no folder").unwrap();
    app.advance(TimeDelta::days(3));
    for _ in 0..2 {
        sweep(&app).await;
        assert_eq!((states(&app), folders(&root)), (vec!["DOOMED 3".to_owned()], 1));
    }
    assert_eq!(count(&mut app.connect(), "SELECT count(*) AS count FROM uploads"), 0);
    app.advance(TimeDelta::minutes(61));
    sweep(&app).await;
    assert_eq!(states(&app), ["DOOMED 1"]);
    fs::remove_file(&stuck).unwrap();
    sweep(&app).await;
    assert_eq!(states(&app), Vec::<String>::new());
}

#[actix_web::test]
async fn files_are_deleted_when_they_are_doomed_and_once_more_when_the_row_goes() {
    let (app, root) = start().await;
    let ada = app.sign_up("Ada").await;
    send(&ada, &photo(64, 64)).await;
    let id = super::line(&app, "SELECT replace(id::text, '-', '') AS line FROM media");
    app.advance(TimeDelta::hours(25));
    sweep(&app).await;
    assert_eq!(folders(&root), 0);
    // What a process that died had still been making.
    fs::create_dir(root.join("images").join(&id)).unwrap();
    sweep(&app).await;
    assert_eq!(folders(&root), 1, "they are not deleted in each sweep");
    app.advance(TimeDelta::minutes(61));
    sweep(&app).await;
    assert_eq!((states(&app), folders(&root)), (Vec::new(), 0));
}
