//! Fetching images that products wait for.

use std::time::Duration;

use agora::{
    platform::{caller::Caller, http::Timeouts},
    porting::service::{fetch_images, missing_images},
};
use diesel::connection::SimpleConnection;

use super::{Folder, import_text};
use crate::{
    costs::count,
    harness::{TestApp, cluster::Database},
};

const HEADER: &str = "sku,title,price,product,images\n";

/// How often all wanted images were read until now, by whoever is connected no more: what a connection did is counted for
/// certain once it is gone.
async fn scans(database: &Database) -> i64 {
    let others = "SELECT count(*) AS count FROM pg_stat_activity \
                   WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()";
    while count(&mut database.connect(), others) > 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let scans = "SELECT seq_scan AS count FROM pg_stat_user_tables WHERE relname = 'wanted_images'";
    count(&mut database.connect(), scans)
}

#[actix_web::test]
async fn what_is_due_is_found_without_reading_what_is_not() {
    let (database, folder) = (Database::new(), Folder::new());
    let app = TestApp::start_on(database.url()).await;
    let ann = app.sign_up("Ann").await;
    let text = format!("{HEADER}A,Apple,1,apple,https://127.0.0.1/0.jpg\n");
    import_text(&app, &folder, "a.csv", &text, |import| import.owner = Some(ann.email.clone())).await;
    app.stop().await;
    let fill = "INSERT INTO wanted_images (product_id, url, ordinal, alternative_text, skus, due_at) \
                SELECT product_id, format('https://127.0.0.1/%s.jpg', n), n, '', '{}', due_at + (n > 20)::int * interval '1 day' \
                  FROM wanted_images, generate_series(1, 30000) n";
    database.connect().batch_execute(fill).unwrap();
    database.connect().batch_execute("VACUUM ANALYZE wanted_images").unwrap();
    let before = scans(&database).await;
    let app = TestApp::start_on(database.url()).await;
    fetch_images(app.app(), &Caller::system()).await.unwrap();
    app.stop().await;
    assert_eq!(scans(&database).await, before);
    let given_up = "SELECT count(*) AS count FROM wanted_images WHERE due_at IS NULL";
    assert_eq!(count(&mut database.connect(), given_up), 21);
}

#[actix_web::test]
async fn who_does_not_answer_is_asked_once_for_all_that_want_the_image() {
    let quick = Timeouts { connect: Duration::from_millis(300), total: Duration::from_millis(300) };
    let app = TestApp::start_with(|settings| {
        settings.http = quick;
        settings.admin_bind = Some("127.0.0.1:0".parse().unwrap());
    })
    .await;
    let (ann, folder) = (app.sign_up("Ann").await, Folder::new());
    // There is no such name (RFC 6761, section 6.4).
    let mut text = HEADER.to_owned();
    for name in ["a", "b", "c"] {
        text.push_str(&format!("{name},Thing,1,{name},https://image.invalid/1.jpg\n"));
    }
    import_text(&app, &folder, "a.csv", &text, |import| import.owner = Some(ann.email.clone())).await;
    fetch_images(app.app(), &Caller::system()).await.unwrap();
    let missing = missing_images(app.app(), "shop").await.unwrap();
    let told: Vec<_> =
        missing.iter().map(|(slug, wanted)| (slug.as_str(), wanted.attempts, &wanted.failure, wanted.due_at)).collect();
    let (failure, due_at) = (&missing[0].1.failure, missing[0].1.due_at);
    assert!(failure.is_some() && due_at.is_some(), "{told:?}");
    let mut slugs: Vec<&str> = told.iter().map(|(slug, ..)| *slug).collect();
    slugs.sort_unstable();
    assert_eq!(slugs, ["a", "b", "c"]);
    assert!(told.iter().all(|(_, attempts, why, due)| (*attempts, *why, *due) == (1, failure, due_at)), "{told:?}");
    let metrics = reqwest::get(app.admin_url("/metrics")).await.unwrap().text().await.unwrap();
    let asked: Vec<&str> = metrics
        .lines()
        .filter(|line| line.starts_with("agora_outgoing_requests_total") && line.contains("purpose=\"image\""))
        .collect();
    assert!(asked.len() == 1 && asked[0].ends_with(" 1"), "{asked:?}");
}
