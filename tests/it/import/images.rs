//! Images that files name by their URLs.

use agora::{
    media::service::take_in,
    platform::caller::Caller,
    porting::{
        model::{Format, WantedImage},
        service::{fetch_images, missing_images, show},
    },
    users::model::User,
};
use chrono::TimeDelta;
use diesel::connection::SimpleConnection;
use image::{DynamicImage, ImageFormat, RgbImage};

use super::{Folder, counts, export, import_text, rows};
use crate::harness::TestApp;

const HEADER: &str = "sku,title,price,product,images,image\n";

fn picture(shade: u8) -> Vec<u8> {
    let mut file = std::io::Cursor::new(Vec::new());
    let pixels = RgbImage::from_pixel(32, 32, image::Rgb([shade, 10, 10]));
    DynamicImage::ImageRgb8(pixels).write_to(&mut file, ImageFormat::Png).unwrap();
    file.into_inner()
}

fn shown(app: &TestApp) -> Vec<String> {
    rows(
        app,
        "SELECT concat_ws('|', slug, m.ordinal, alternative_text, source_url, array_to_string(ARRAY(SELECT sku FROM variant_media vm \
         JOIN product_variants v ON v.id = vm.variant_id WHERE vm.media_id = m.media_id AND vm.product_id = m.product_id ORDER BY sku), ',')) AS row \
         FROM product_media m JOIN products p ON p.id = m.product_id ORDER BY slug, m.ordinal",
    )
}

async fn missing(app: &TestApp) -> Vec<(String, WantedImage)> {
    missing_images(app.app(), "shop").await.unwrap()
}

/// Has an image arrive that a product waits for.
async fn arrive(app: &TestApp, owner: &str, wanted: &WantedImage, shade: u8) {
    let owner = owner.parse::<agora::kernel::id::Id<User>>().unwrap();
    let medium = take_in(app.app(), &Caller::system(), owner, picture(shade)).await.unwrap();
    show(app.app(), &Caller::system(), wanted, medium, Some(wanted.url.clone())).await.unwrap();
}

#[actix_web::test]
async fn images_come_after_the_import_once_and_go_out_by_the_same_urls() {
    let (app, folder) = (TestApp::start().await, Folder::new());
    let ann = app.sign_up("Ann").await;
    let text = format!(
        "{HEADER}A,Apple,1,apple,\"https://a.example/1.jpg An apple\nhttps://a.example/2.jpg\",https://a.example/2.jpg\n\
         B,,1,apple,,\nC,Cherry,1,cherry,https://a.example/1.jpg,\n"
    );
    let imported = import_text(&app, &folder, "a.csv", &text, |import| import.owner = Some(ann.email.clone())).await;
    assert_eq!(counts(&imported.report), [3, 3, 0, 0, 0], "{}", imported.report);
    assert_eq!(imported.report.noted["images that are fetched by the running service"], 3);
    let first = export(&app, "shop", Format::Csv).await;
    assert!(first.contains("https://a.example/1.jpg An apple\nhttps://a.example/2.jpg"), "{first}");
    let again = import_text(&app, &folder, "a.csv", &text, |_| {}).await;
    assert_eq!((counts(&again.report), again.report.noted.len()), ([3, 0, 0, 3, 0], 0), "{}", again.report);
    for (number, (_, wanted)) in (1..).zip(missing(&app).await) {
        arrive(&app, &ann.id, &wanted, number).await;
    }
    let arrived = [
        "apple|0|An apple|https://a.example/1.jpg|",
        "apple|1||https://a.example/2.jpg|A",
        "cherry|0||https://a.example/1.jpg|",
    ];
    assert_eq!(shown(&app), arrived);
    assert_eq!(export(&app, "shop", Format::Csv).await, first, "whether they are here or not");
    let again = import_text(&app, &folder, "a.csv", &text, |_| {}).await;
    assert_eq!((counts(&again.report), again.report.noted.len()), ([3, 0, 0, 3, 0], 0), "{}", again.report);
    // The shop has it from there: nobody asks for it again.
    let other = format!("{HEADER}D,Date,1,date,https://a.example/2.jpg Two,\n");
    import_text(&app, &folder, "b.csv", &other, |_| {}).await;
    app.schedule_jobs().await;
    app.advance(TimeDelta::seconds(16));
    app.run_jobs().await;
    assert_eq!(shown(&app)[3], "date|0|Two|https://a.example/2.jpg|");
    assert_eq!(rows(&app, "SELECT count(*)::text AS row FROM media"), ["3"]);
    assert_eq!(
        rows(&app, "SELECT string_agg(reference_count::text, ',' ORDER BY reference_count) AS row FROM media"),
        ["1,1,2"]
    );
    // An image of the market's own is shown, not fetched.
    let own = rows(&app, "SELECT concat(m.id, ' ', left(encode(checksum, 'hex'), 16)) AS row FROM media m JOIN product_media ON media_id = m.id \
                         WHERE alternative_text = 'Two'")[0].clone();
    let (id, tag) = own.split_once(' ').unwrap();
    let id = agora::kernel::id::Id::<agora::media::model::Medium>::from_uuid(id.parse().unwrap());
    let url = format!("{}/images/{id}/{tag}/full.png", app.app().market.public_url);
    let text = format!("{HEADER}E,Elder,1,elder,{url} Own,{url}\n");
    import_text(&app, &folder, "c.csv", &text, |import| import.shop = "other".into()).await;
    app.advance(TimeDelta::seconds(16));
    app.run_jobs().await;
    assert_eq!(shown(&app)[4], "elder|0|Own|E", "it has no source");
    assert!(export(&app, "other", Format::Csv).await.contains(&format!("{url} Own")));
}

#[actix_web::test]
async fn what_cannot_be_fetched_is_told_and_given_up() {
    let (app, folder) = (TestApp::start().await, Folder::new());
    let ann = app.sign_up("Ann").await;
    let text = format!(
        "{HEADER}A,Apple,1,apple,\"https://127.0.0.1/1.jpg\nhttp://a.example/2.jpg\n{}/images/nothing\",\n",
        app.app().market.public_url
    );
    import_text(&app, &folder, "a.csv", &text, |import| import.owner = Some(ann.email.clone())).await;
    app.schedule_jobs().await;
    app.advance(TimeDelta::seconds(16));
    app.run_jobs().await;
    let reasons: Vec<String> = missing(&app)
        .await
        .into_iter()
        .map(|(slug, wanted)| {
            assert_eq!(wanted.due_at, None);
            format!("{slug}: {}", wanted.failure.unwrap())
        })
        .collect();
    assert_eq!(reasons.len(), 3);
    for reason in [
        "apple: the address is none that everybody can reach",
        "apple: it does not begin with https:// (http:// is for 127.0.0.1, [::1] and localhost alone)",
        "apple: there is no such image here",
    ] {
        assert!(reasons.contains(&reason.to_owned()), "{reasons:?}");
    }
    let again = import_text(&app, &folder, "a.csv", &text, |_| {}).await;
    assert_eq!(again.report.noted["images that are fetched by the running service"], 3, "they are tried again");
    assert!(missing(&app).await.iter().all(|(_, wanted)| wanted.due_at.is_some()));
}

#[actix_web::test]
async fn without_an_owner_images_wait() {
    let (app, folder) = (TestApp::start().await, Folder::new());
    let text = format!("{HEADER}A,Apple,1,apple,https://a.example/1.jpg,\n");
    import_text(&app, &folder, "a.csv", &text, |_| {}).await;
    app.schedule_jobs().await;
    app.advance(TimeDelta::seconds(16));
    app.run_jobs().await;
    let wanted = missing(&app).await.remove(0).1;
    assert_eq!(
        (wanted.attempts, wanted.failure.as_deref()),
        (1, Some("the shop has no owner whom it could belong to"))
    );
    assert!(wanted.due_at.is_some());
    for _ in 1..WantedImage::MAXIMUM_ATTEMPTS {
        app.advance(TimeDelta::days(2));
        app.run_jobs().await;
    }
    let wanted = missing(&app).await.remove(0).1;
    assert_eq!((wanted.attempts, wanted.due_at), (WantedImage::MAXIMUM_ATTEMPTS, None));
}

#[actix_web::test]
async fn a_product_has_thirty_images() {
    let (app, folder) = (TestApp::start().await, Folder::new());
    let urls: Vec<String> = (0..32).map(|number| format!("https://a.example/{number}.jpg")).collect();
    let text = format!("{HEADER}A,Apple,1,apple,\"{}\",\n", urls.join("\n"));
    let imported = import_text(&app, &folder, "a.csv", &text, |_| {}).await;
    assert_eq!(imported.report.noted["images beyond the 30 of a product"], 2);
    assert_eq!(missing(&app).await.len(), 30);
}

#[actix_web::test]
async fn a_variant_shows_the_image_that_a_later_file_names() {
    let (app, folder) = (TestApp::start().await, Folder::new());
    let ann = app.sign_up("Ann").await;
    let text =
        format!("{HEADER}A,Apple,1,apple,\"https://a.example/1.jpg\nhttps://a.example/2.jpg Two\",\nB,,1,apple,,\n");
    import_text(&app, &folder, "a.csv", &text, |import| import.owner = Some(ann.email.clone())).await;
    arrive(&app, &ann.id, &missing(&app).await[0].1, 1).await;
    // One is here, the other is still to come.
    let text = "sku,product,images,image\nA,apple,https://a.example/2.jpg Second,https://a.example/2.jpg\nB,apple,,https://a.example/1.jpg\n";
    let imported = import_text(&app, &folder, "b.csv", text, |_| {}).await;
    assert_eq!(counts(&imported.report), [2, 0, 2, 0, 0], "{}", imported.report);
    let version = "SELECT version::text AS row FROM products";
    let before = rows(&app, version);
    let again = import_text(&app, &folder, "b.csv", text, |_| {}).await;
    assert_eq!((counts(&again.report), again.report.noted.len()), ([2, 0, 0, 2, 0], 0), "{}", again.report);
    assert_eq!(rows(&app, version), before);
    let wanted = missing(&app).await.remove(0).1;
    assert_eq!((wanted.skus.as_slice(), wanted.alternative_text.as_str()), (&["A".to_owned()][..], "Second"));
    assert_eq!(shown(&app), ["apple|0||https://a.example/1.jpg|B"]);
    arrive(&app, &ann.id, &wanted, 2).await;
    assert_eq!(shown(&app)[1], "apple|1|Second|https://a.example/2.jpg|A");
    // A variant shows one image.
    let text = "sku,product,image\nB,apple,https://a.example/2.jpg\n";
    let imported = import_text(&app, &folder, "c.csv", text, |_| {}).await;
    assert_eq!(counts(&imported.report), [1, 0, 1, 0, 0], "{}", imported.report);
    assert_eq!(shown(&app), ["apple|0||https://a.example/1.jpg|", "apple|1|Second|https://a.example/2.jpg|A,B"]);
}

#[actix_web::test]
async fn an_image_that_a_row_names_twice_is_one() {
    let (app, folder) = (TestApp::start().await, Folder::new());
    let ann = app.sign_up("Ann").await;
    let twice = "\"https://a.example/1.jpg One\nhttps://a.example/1.jpg Again\"";
    let text = format!("{HEADER}A,Apple,1,apple,{twice},\n");
    import_text(&app, &folder, "a.csv", &text, |import| import.owner = Some(ann.email.clone())).await;
    arrive(&app, &ann.id, &missing(&app).await[0].1, 1).await;
    let text = format!("sku,product,images,image\nA,apple,{twice},https://a.example/1.jpg\n");
    let imported = import_text(&app, &folder, "b.csv", &text, |_| {}).await;
    assert_eq!(counts(&imported.report), [1, 0, 1, 0, 0], "{}", imported.report);
    assert_eq!(shown(&app), ["apple|0|One|https://a.example/1.jpg|A"]);
}

#[actix_web::test]
async fn an_image_with_which_the_process_always_ends_is_given_up() {
    let (app, folder) = (TestApp::start().await, Folder::new());
    let text = format!("{HEADER}A,Apple,1,apple,https://a.example/1.jpg,\n");
    import_text(&app, &folder, "a.csv", &text, |_| {}).await;
    app.given_sql("UPDATE wanted_images SET attempts = 6");
    app.advance(TimeDelta::seconds(16));
    fetch_images(app.app(), &Caller::system()).await.unwrap();
    let wanted = missing(&app).await.remove(0).1;
    assert_eq!(
        (wanted.attempts, wanted.due_at, wanted.failure.as_deref()),
        (WantedImage::MAXIMUM_ATTEMPTS, None, Some("the process ended whenever it was fetched"))
    );
    let again = import_text(&app, &folder, "a.csv", &text, |_| {}).await;
    assert_eq!(again.report.noted["images that are fetched by the running service"], 1);
}

#[actix_web::test]
async fn an_image_that_fails_holds_no_other_up() {
    let (app, folder) = (TestApp::start().await, Folder::new());
    let ann = app.sign_up("Ann").await;
    let text = format!("{HEADER}A,Apple,1,a,https://a.example/1.jpg,\n");
    import_text(&app, &folder, "a.csv", &text, |import| import.owner = Some(ann.email.clone())).await;
    arrive(&app, &ann.id, &missing(&app).await[0].1, 1).await;
    // The shop has it, so nobody is asked for it: one after the other shows it.
    let mut text = HEADER.to_owned();
    for name in ["b", "c", "d", "e"] {
        text.push_str(&format!("{name},Thing,1,{name},https://a.example/1.jpg,\n"));
    }
    import_text(&app, &folder, "b.csv", &text, |_| {}).await;
    let mut other = app.connect();
    other.batch_execute("BEGIN; SELECT 1 FROM products WHERE slug = 'b' FOR UPDATE").unwrap();
    app.advance(TimeDelta::seconds(16));
    fetch_images(app.app(), &Caller::system()).await.unwrap_err();
    other.batch_execute("ROLLBACK").unwrap();
    assert_eq!(shown(&app).len(), 4, "all but the one that somebody keeps locked");
    let (slug, wanted) = missing(&app).await.remove(0);
    assert_eq!((slug.as_str(), wanted.attempts, wanted.failure.as_deref()), ("b", 1, Some("took too long")));
    assert!(wanted.due_at.is_some());
}

#[actix_web::test]
async fn an_image_that_there_is_no_room_for_is_told() {
    let (app, folder) = (TestApp::start().await, Folder::new());
    let ann = app.sign_up("Ann").await;
    let urls: Vec<String> = (10..40).map(|number| format!("https://a.example/{number}.jpg")).collect();
    let text = format!("{HEADER}A,Apple,1,apple,\"{}\",\n", urls.join("\n"));
    import_text(&app, &folder, "a.csv", &text, |import| import.owner = Some(ann.email.clone())).await;
    app.given_sql(
        "INSERT INTO wanted_images (product_id, url, ordinal, alternative_text, skus, due_at) \
         SELECT product_id, 'https://a.example/more.jpg', 30, '', '{}', due_at FROM wanted_images LIMIT 1",
    );
    for (number, (_, wanted)) in (1..).zip(missing(&app).await) {
        arrive(&app, &ann.id, &wanted, number).await;
    }
    let missing = missing(&app).await;
    let told: Vec<_> = missing.iter().map(|(_, wanted)| (wanted.url.as_str(), wanted.failure.as_deref())).collect();
    assert_eq!(told, [("https://a.example/more.jpg", Some("the product shows as many images as it may"))]);
    assert_eq!((missing[0].1.due_at, shown(&app).len()), (None, 30));
    let gone = missing[0].1.clone();
    app.given_sql("DELETE FROM product_media WHERE ordinal = 0");
    let medium = agora::kernel::id::Id::from_uuid(gone.product_id.uuid());
    show(app.app(), &Caller::system(), &gone, medium, Some(gone.url.clone())).await.unwrap();
    let wanted = missing_images(app.app(), "shop").await.unwrap().remove(0).1;
    assert_eq!(wanted.failure.as_deref(), Some("the image was deleted before the product showed it"));
}
