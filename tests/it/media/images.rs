//! What is served of an image.

use std::{
    fs,
    path::{Path, PathBuf},
    time::SystemTime,
};

use futures_util::{StreamExt, future::join_all, stream::FuturesUnordered};
use image::{ImageFormat, ImageReader};
use serde_json::{Value, json};

use super::{
    AVATAR, busy, fetch,
    files::{SECRET, encoded, logo, lying_photo, photo, picture},
    send, show, waiting,
};
use crate::harness::TestApp;

fn decoded(bytes: &[u8]) -> image::DynamicImage {
    ImageReader::new(std::io::Cursor::new(bytes)).with_guessed_format().unwrap().decode().unwrap()
}

fn has(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

#[actix_web::test]
async fn only_what_is_seen_is_served() {
    let app = TestApp::start().await;
    let ada = app.sign_up("Ada").await;
    let file = lying_photo(400, 200);
    assert!(has(&file, SECRET) && has(&file, "Exif") && has(&file, "<script>"));
    let avatar = show(&ada, &file).await;
    assert_eq!((&avatar["width"], &avatar["height"]), (&json!(200), &json!(400)), "it stands upright");
    for (url, format, width) in [
        ("full", ImageFormat::WebP, 200),
        ("small", ImageFormat::WebP, 64),
        ("jpeg", ImageFormat::Jpeg, 64),
        // A photo is no better without loss, and would be many times as large.
        ("png", ImageFormat::Jpeg, 200),
    ] {
        let (status, headers, bytes) = fetch(&avatar[url]).await;
        assert_eq!((status, image::guess_format(&bytes).unwrap()), (200, format), "{url}");
        assert_eq!(headers["content-type"], format.to_mime_type());
        for hidden in [SECRET, "Exif", "<script", "ICC_PROFILE"] {
            assert!(!has(&bytes, hidden), "{url} holds {hidden}");
        }
        let shown = decoded(&bytes).into_rgb8();
        assert_eq!((shown.width(), shown.height()), (width, width * 2), "{url}");
        // What was the upper left is the upper right now.
        let red = |x, y| {
            let [red, _, blue] = shown.get_pixel(x * width / 4, y * width / 2).0;
            red > blue
        };
        assert_eq!([red(1, 1), red(3, 1), red(1, 3), red(3, 3)], [false, true, false, false], "{url}");
    }
}

#[actix_web::test]
async fn an_image_may_be_kept_for_ever_and_runs_nothing() {
    let app = TestApp::start().await;
    let ada = app.sign_up("Ada").await;
    let avatar = show(&ada, &photo(300, 200)).await;
    let url = avatar["small"].as_str().unwrap();
    let (status, headers, bytes) = fetch(&avatar["small"]).await;
    assert_eq!(status, 200);
    for (name, value) in [
        ("cache-control", "public, max-age=31536000, immutable"),
        ("x-content-type-options", "nosniff"),
        (
            "content-security-policy",
            "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox",
        ),
        ("cross-origin-resource-policy", "cross-origin"),
        ("access-control-allow-origin", "*"),
        ("content-length", &bytes.len().to_string()),
    ] {
        assert_eq!(headers[name], value, "{name}");
    }
    let client = reqwest::Client::new();
    let head = client.head(url).send().await.unwrap();
    assert_eq!((head.status().as_u16(), &head.headers()["content-length"]), (200, &headers["content-length"]));
    assert_eq!(head.bytes().await.unwrap().len(), 0);
    let held = client.get(url).header("if-none-match", &headers["etag"]).send().await.unwrap();
    assert_eq!((held.status().as_u16(), &held.headers()["cache-control"]), (304, &headers["cache-control"]));
    let other = client.get(url).header("if-none-match", "\"other\"").send().await.unwrap();
    assert_eq!(other.status(), 200);
    assert_eq!(client.post(url).send().await.unwrap().status(), 405);
}

#[actix_web::test]
async fn an_image_is_to_be_had_in_its_widths_and_in_no_others() {
    let app = TestApp::start().await;
    let ada = app.sign_up("Ada").await;
    let avatar = show(&ada, &photo(300, 200)).await;
    let document = "query($id: ID!, $width: Int) { user(by: {id: $id}) { avatar { url(width: $width) } } }";
    for (asked, given) in [(1, 64), (64, 64), (65, 128), (256, 256), (257, 300), (4096, 300)] {
        let answer = app.guest().send(document, json!({"id": ada.id, "width": asked})).await.ok();
        let (status, _, bytes) = fetch(&answer["user"]["avatar"]["url"]).await;
        assert_eq!((status, decoded(&bytes).width()), (200, given), "{asked}");
    }
    for wrong in [0, -1, 4097] {
        let answer = app.guest().send(document, json!({"id": ada.id, "width": wrong})).await;
        assert_eq!(answer.code(), "BAD_USER_INPUT");
    }
    let small = avatar["small"].as_str().unwrap();
    let tag = small.rsplit('/').nth(1).unwrap();
    for (from, to) in [
        ("64.webp", "65.webp"),
        ("64.webp", "512.webp"),
        ("64.webp", "64.svg"),
        ("64.webp", "64.png"),
        ("64.webp", "..%2f64.webp"),
        (tag, "0000000000000000"),
        // What is no name of a file is none of the storage's business.
        (tag, &"a".repeat(300)),
        (tag, "a%0ab"),
        (tag, "..%2fx"),
        (tag, &tag.to_uppercase()),
        ("image_", "user_"),
    ] {
        let (status, headers, _) = fetch(&json!(small.replace(from, to))).await;
        assert_eq!((status, &headers["cache-control"]), (404, &"no-store".parse().unwrap()), "{to}");
    }
}

/// When a rendition in the only folder there is was written.
fn written(root: &Path, shape: &str) -> SystemTime {
    let folder = fs::read_dir(root.join("images")).unwrap().next().unwrap().unwrap().path();
    let mut files = fs::read_dir(folder).unwrap().map(Result::unwrap);
    let file = files.find(|file| file.file_name().to_str().unwrap().ends_with(shape)).unwrap();
    file.metadata().unwrap().modified().unwrap()
}

async fn start() -> (TestApp, PathBuf) {
    let mut root = PathBuf::new();
    let app = TestApp::start_with(|settings| root.clone_from(&settings.media.folder)).await;
    (app, root)
}

#[actix_web::test]
async fn many_who_want_a_new_rendition_have_it_made_once() {
    let (app, root) = start().await;
    let ada = app.sign_up("Ada").await;
    let avatar = show(&ada, &photo(1_200, 800)).await;
    let places = busy(&app).await;
    let mut all: FuturesUnordered<_> = (0..70).map(|_| fetch(&avatar["jpeg"])).collect();
    let free = async {
        waiting(&app, 1).await;
        drop(places);
    };
    let (first, ()) = tokio::join!(all.next(), free);
    let (first, made) = (first.unwrap(), written(&root, "-64.jpg"));
    assert_eq!(first.0, 200);
    while let Some((status, _, bytes)) = all.next().await {
        assert!(status == 200 && bytes == first.2);
    }
    assert_eq!(written(&root, "-64.jpg"), made, "who waited takes what is there");
}

#[actix_web::test]
async fn an_image_is_read_when_there_is_a_place_for_it() {
    let (app, root) = start().await;
    let ada = app.sign_up("Ada").await;
    let avatar = show(&ada, &photo(300, 200)).await;
    let places = busy(&app).await;
    let free = async {
        waiting(&app, 2).await;
        // Whoever had opened it before would still read it.
        fs::remove_dir_all(root.join("images")).unwrap();
        drop(places);
    };
    let (small, full, ()) = tokio::join!(fetch(&avatar["small"]), fetch(&avatar["full"]), free);
    assert_eq!((small.0, full.0), (404, 404));
}

#[actix_web::test]
async fn who_finds_all_places_taken_and_waited_for_is_told_so() {
    let app = TestApp::start().await;
    let ada = app.sign_up("Ada").await;
    let avatar = show(&ada, &photo(300, 200)).await;
    let places = busy(&app).await;
    let queue: Vec<_> = (0..64)
        .map(|_| {
            let images = app.app().images.clone();
            tokio::spawn(async move { images.place().await.map(drop) })
        })
        .collect();
    waiting(&app, 64).await;
    assert_eq!(fetch(&avatar["small"]).await.0, 503);
    drop(places);
    join_all(queue).await;
    assert_eq!(fetch(&avatar["small"]).await.0, 200);
}

#[actix_web::test]
async fn what_is_doomed_while_a_rendition_is_made_leaves_nothing() {
    let (app, root) = start().await;
    let ada = app.sign_up("Ada").await;
    let avatar = show(&ada, &photo(300, 200)).await;
    let places = busy(&app).await;
    let doom = async {
        waiting(&app, 1).await;
        app.given_sql("UPDATE users SET avatar_id = NULL");
        app.given_sql(
            "UPDATE media SET reference_count = 0, state = 'DOOMED', unreferenced_at = now(), doomed_at = now()",
        );
        drop(places);
    };
    let (small, ()) = tokio::join!(fetch(&avatar["small"]), doom);
    assert_eq!(small.0, 404);
    assert_eq!(fs::read_dir(root.join("images")).unwrap().count(), 0);
}

#[actix_web::test]
async fn each_kind_of_image_is_taken() {
    let app = TestApp::start().await;
    let ada = app.sign_up("Ada").await;
    for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP, ImageFormat::Gif] {
        let avatar = show(&ada, &encoded(&picture(120, 80), format)).await;
        assert_eq!((&avatar["width"], &avatar["height"]), (&json!(120), &json!(80)), "{format:?}");
        assert_eq!(fetch(&avatar["small"]).await.0, 200);
    }
    let avatar = show(&ada, &logo()).await;
    for (url, is_transparent) in [("full", true), ("png", true), ("jpeg", false)] {
        let shown = decoded(&fetch(&avatar[url]).await.2).into_rgba8();
        let [red, green, blue, alpha] = shown.get_pixel(shown.width() / 4, shown.height() / 2).0;
        assert_eq!(alpha == 0, is_transparent, "{url}");
        assert!(is_transparent || red.min(green).min(blue) > 250, "what is transparent is white in {url}");
    }
    let tall = show(&ada, &encoded(&picture(40, 5_000), ImageFormat::Png)).await;
    assert_eq!((&tall["width"], &tall["height"]), (&json!(33), &json!(4_096)), "no side is longer");
}

#[actix_web::test]
async fn pictures_of_many_people_are_one_statement() {
    let app = TestApp::start().await;
    let mut ids = Vec::new();
    for number in 0..5 {
        let person = app.sign_up(&format!("Person{number}")).await;
        let id = send(&person, &photo(64, 64)).await;
        person.mutate("setAvatar", json!({"uploadId": id}), AVATAR).await.ok();
        ids.push(person.id.clone());
    }
    let document = "query($ids: [ID!]!) { nodes(ids: $ids) { ... on User { avatar { id url(width: 64) } } } }";
    let answer = app.guest().send(document, json!({"ids": ids})).await;
    assert!(answer.statements.unwrap() <= 2, "{answer:?}");
    let pictures = answer.ok()["nodes"].as_array().unwrap().clone();
    assert!(pictures.len() == 5 && pictures.iter().all(|person| person["avatar"] != Value::Null));
}
