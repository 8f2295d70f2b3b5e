//! Files in a bucket of a server that speaks S3, which `AGORA_TEST_S3` names, with a bucket called `agora`.

use agora::{
    media::service,
    platform::{
        caller::Caller,
        config::{BucketSettings, MediaSettings},
        storage::Storage,
    },
    server::build,
};
use chrono::TimeDelta;

use super::{fetch, files::photo, show, states};
use crate::harness::{TestApp, app::settings, cluster::Database};

fn bucket(name: &str) -> BucketSettings {
    BucketSettings {
        name: name.into(),
        endpoint: Some(std::env::var("AGORA_TEST_S3").expect("AGORA_TEST_S3 is the URL of a server that speaks S3")),
        region: "us-east-1".into(),
        access_key_id: "agora".into(),
        secret_access_key: "s3-secret".into(),
    }
}

#[actix_web::test]
#[ignore = "needs a server that speaks S3, which AGORA_TEST_S3 names"]
async fn images_are_in_the_bucket_until_they_are_swept() {
    let mut media: Option<MediaSettings> = None;
    let app = TestApp::start_with(|settings| {
        settings.media.bucket = Some(bucket("agora"));
        media = Some(settings.media.clone());
    })
    .await;
    let media = media.unwrap();
    let ada = app.sign_up("Ada").await;
    let replaced = show(&ada, &photo(300, 200)).await;
    for url in ["full", "small", "jpeg", "png"] {
        assert_eq!(fetch(&replaced[url]).await.0, 200, "{url}");
    }
    let first = fetch(&replaced["small"]).await;
    assert_eq!(fetch(&replaced["small"]).await.2, first.2, "made once, and read from the bucket then");
    let kept = show(&ada, &photo(200, 300)).await;
    assert!(!media.folder.join("images").exists(), "the folder is only passed through");

    app.advance(TimeDelta::hours(25));
    service::sweep(app.app(), &Caller::system()).await.unwrap();
    assert_eq!(states(&app), ["DOOMED 1", "READY 1"]);
    for url in ["full", "small", "png"] {
        assert_eq!(fetch(&replaced[url]).await.0, 404, "{url}");
        assert_eq!(fetch(&kept[url]).await.0, 200, "{url}");
    }
    let id: agora::kernel::id::Id<agora::media::model::Medium> = replaced["id"].as_str().unwrap().parse().unwrap();
    let storage = Storage::open(&media).unwrap();
    storage.put(&format!("{}/1", agora::media::model::folder(id)), b"late".to_vec()).await.unwrap();
    app.advance(TimeDelta::minutes(61));
    service::sweep(app.app(), &Caller::system()).await.unwrap();
    assert_eq!(states(&app), ["READY 1"]);
    assert!(storage.get(&format!("{}/1", agora::media::model::folder(id))).await.unwrap().is_none());
}

#[actix_web::test]
#[ignore = "needs a server that speaks S3, which AGORA_TEST_S3 names"]
async fn without_its_bucket_a_service_does_not_start_and_says_why() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let nowhere = Some(format!("http://{}", listener.local_addr().unwrap()));
    drop(listener);
    for bucket in [bucket("nobodys-bucket"), BucketSettings { endpoint: nowhere, ..bucket("agora") }] {
        let database = Database::new();
        let mut settings = settings(agora::platform::config::Database::Url(database.url().into()));
        settings.media.bucket = Some(bucket);
        let error = build(settings).await.err().unwrap().to_string();
        assert!(error.contains("--s3-bucket") && !error.contains("s3-secret"), "{error}");
    }
}
