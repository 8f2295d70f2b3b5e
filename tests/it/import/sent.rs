//! Files of products that people send.

use std::{fmt::Write, fs, path::Path};

use agora::{
    kernel::id::Id,
    media,
    platform::caller::Caller,
    porting::{model::ProductImport, service::go_on_with_import},
};
use chrono::TimeDelta;
use futures_util::future::join;
use serde_json::{Value, json};

use super::rows;
use crate::{
    harness::{TestApp, app::Person},
    media::{files::photo, send_for},
};

const FIELDS: &str = "productImport { id state rowCount rowsRead createdCount updatedCount unchangedCount rejectedCount \
                      failure failureText }";
const GOODS: &str = "sku,title,price,product,category\nA,Apple,1,apple,Fruit\nB,Bread,2,bread,\nC,Cake,,cake,\n";

/// A shop in pounds, and who owns it.
async fn shop(app: &TestApp) -> (Person, String) {
    let owner = app.sign_up("Owner").await;
    let shop = owner.open_shop("Corner").await;
    (owner, shop)
}

async fn sent(person: &Person, text: &str) -> String {
    send_for(person, text.as_bytes(), "IMPORT").await
}

async fn ask(person: &Person, shop: &str, upload: &str, more: Value) -> Value {
    let mut input = json!({"shopId": shop, "uploadId": upload});
    input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    person.mutate("importProducts", input, FIELDS).await.ok()["productImport"].clone()
}

async fn look(person: &Person, import: &Value) -> Value {
    let document = format!(
        "query($id: ID!) {{ productImport: node(id: $id) {{ ... on ProductImport {{ {} }} }} }}",
        inner(FIELDS)
    );
    person.send(&document, json!({"id": import["id"]})).await.ok()["productImport"].clone()
}

fn inner(selection: &str) -> &str {
    selection.split_once('{').unwrap().1.rsplit_once('}').unwrap().0
}

/// The state, and rows read, created, updated, unchanged and rejected.
fn told(import: &Value) -> (&str, [i64; 5]) {
    let count = |name: &str| import[name].as_i64().unwrap();
    let counts = ["rowsRead", "createdCount", "updatedCount", "unchangedCount", "rejectedCount"].map(count);
    (import["state"].as_str().unwrap(), counts)
}

fn products(app: &TestApp) -> Vec<String> {
    rows(app, "SELECT title AS row FROM products ORDER BY title")
}

#[actix_web::test]
async fn a_file_is_imported_and_its_progress_is_told() {
    let app = TestApp::start().await;
    let (owner, shop) = shop(&app).await;
    let upload = sent(&owner, GOODS).await;
    let import = ask(&owner, &shop, &upload, json!({"idempotencyKey": "one"})).await;
    assert_eq!((told(&import), &import["rowCount"]), (("WAITING", [0; 5]), &Value::Null));
    assert_eq!(ask(&owner, &shop, &upload, json!({"idempotencyKey": "one"})).await["id"], import["id"]);
    app.run_jobs().await;
    let done = look(&owner, &import).await;
    assert_eq!((told(&done), done["rowCount"].as_i64()), (("COMPLETED", [3, 2, 0, 0, 1]), Some(3)));
    assert_eq!(products(&app), ["Apple", "Bread"]);
    assert!(rows(&app, "SELECT name AS row FROM categories").is_empty(), "the market's operator makes categories");

    let document = "query($id: ID!) { node(id: $id) { ... on ProductImport { format policy isDryRun finishedAt \
                    shop { id } createdBy { id } rejections { text count } notes { text count } \
                    rejectedRows(first: 1) { totalCount nodes { line reason } pageInfo { hasNextPage } } } } \
                    viewer { shops { productImports { totalCount nodes { id } } } \
                    events(first: 20) { nodes { ... on ProductImportChanged { productImport { id state } } } } } }";
    let answer = owner.send(document, json!({"id": import["id"]})).await.ok();
    let node = &answer["node"];
    let reason = "something new needs a price";
    assert_eq!(node["rejections"], json!([{"text": reason, "count": 1}]));
    assert_eq!(node["notes"], json!([{"text": "products whose category the market does not have", "count": 1}]));
    let rejects =
        json!({"totalCount": 1, "nodes": [{"line": 4, "reason": reason}], "pageInfo": {"hasNextPage": false}});
    assert_eq!(node["rejectedRows"], rejects);
    assert_eq!((&node["shop"]["id"], &node["createdBy"]["id"]), (&json!(shop), &json!(owner.id)));
    assert_eq!(
        (&node["policy"], &node["isDryRun"], &node["format"]),
        (&json!("REJECT_ROW"), &json!(false), &Value::Null)
    );
    assert!(node["finishedAt"].is_string());
    let imports = &answer["viewer"]["shops"][0]["productImports"];
    assert_eq!(imports, &json!({"totalCount": 1, "nodes": [{"id": import["id"]}]}));
    let events = answer["viewer"]["events"]["nodes"].as_array().unwrap();
    let changes = events.iter().filter(|event| event["productImport"]["id"] == import["id"]).count();
    assert_eq!(changes, 4, "it was asked for, has begun, a batch was taken, it is completed: {events:?}");

    let again = ask(&owner, &shop, &upload, json!({})).await;
    app.run_jobs().await;
    assert_eq!(told(&look(&owner, &again).await), ("COMPLETED", [3, 0, 0, 2, 1]));
    let stranger = app.sign_up("Stranger").await;
    assert_eq!(look(&stranger, &again).await, Value::Null);
}

#[actix_web::test]
async fn a_file_can_be_tried_out_and_taken_as_a_whole() {
    let app = TestApp::start().await;
    let (owner, shop) = shop(&app).await;
    let upload = sent(&owner, GOODS).await;
    for (more, state) in [
        (json!({"isDryRun": true}), "COMPLETED"),
        (json!({"isDryRun": true, "policy": "REJECT_ALL"}), "REFUSED"),
        (json!({"policy": "REJECT_ALL"}), "REFUSED"),
    ] {
        let import = ask(&owner, &shop, &upload, more).await;
        app.run_jobs().await;
        let done = look(&owner, &import).await;
        assert_eq!(told(&done), (state, [3, 2, 0, 0, 1]));
        assert_eq!(products(&app), [""; 0]);
        let left = "SELECT count(*)::text AS row FROM product_import_rejects";
        assert_ne!(rows(&app, left), ["0"], "rows are told all the same");
    }
    let whole = sent(&owner, &GOODS.replace("Cake,,", "Cake,3,")).await;
    let import = ask(&owner, &shop, &whole, json!({"policy": "REJECT_ALL", "format": "CSV"})).await;
    app.run_jobs().await;
    assert_eq!(told(&look(&owner, &import).await), ("COMPLETED", [3, 3, 0, 0, 0]));
    assert_eq!(products(&app), ["Apple", "Bread", "Cake"]);
}

#[actix_web::test]
async fn each_row_is_taken_once_however_often_the_job_runs() {
    let app = TestApp::start().await;
    let (owner, shop) = shop(&app).await;
    let mut text = String::from("sku,title,price,product\n");
    let count = ProductImport::MAXIMUM_AT_ONCE + 201;
    for number in 0..count {
        writeln!(text, "S{number},Thing {number},1,").unwrap();
    }
    let upload = sent(&owner, &text).await;
    let import = ask(&owner, &shop, &upload, json!({})).await;
    let id: Id<ProductImport> = import["id"].as_str().unwrap().parse().unwrap();
    let system = Caller::system();
    let both = join(go_on_with_import(app.app(), &system, id), go_on_with_import(app.app(), &system, id)).await;
    both.0.and(both.1).unwrap();
    let first = look(&owner, &import).await;
    let stretch = i64::try_from(ProductImport::MAXIMUM_AT_ONCE).unwrap();
    assert_eq!(told(&first), ("RUNNING", [stretch, stretch, 0, 0, 0]));
    app.run_jobs().await;
    let all = i64::try_from(count).unwrap();
    let done = look(&owner, &import).await;
    assert_eq!((told(&done), done["rowCount"].as_i64()), (("COMPLETED", [all, all, 0, 0, 0]), Some(all)));
    assert_eq!(rows(&app, "SELECT count(*)::text AS row FROM products"), [count.to_string()]);
    // Nothing is left to do, and whoever tries does nothing.
    go_on_with_import(app.app(), &system, id).await.unwrap();
    assert_eq!(look(&owner, &import).await, done);

    let refused = ask(&owner, &shop, &upload, json!({"policy": "REJECT_ALL"})).await;
    app.run_jobs().await;
    assert_eq!(look(&owner, &refused).await["failure"], "TOO_MANY_ROWS");
}

#[actix_web::test]
async fn what_cannot_be_imported_is_refused() {
    let app = TestApp::start().await;
    let (owner, shop) = shop(&app).await;
    let (other, shop_of_other) = {
        let other = app.sign_up("Other").await;
        let shop = other.open_shop("Barn").await;
        (other, shop)
    };
    let upload = sent(&owner, GOODS).await;
    let of_other = sent(&other, GOODS).await;
    let image = send_for(&owner, &photo(8, 8), "AVATAR").await;
    let announced =
        owner.mutate("createUpload", json!({"purpose": "IMPORT", "byteSize": 4}), "upload { id url }").await;
    let announced = announced.ok()["upload"].clone();
    let packed = reqwest::Client::new().put(announced["url"].as_str().unwrap()).body(vec![0x1f, 0x8b, 8, 0]);
    let packed = packed.send().await.unwrap();
    assert_eq!(packed.status(), 415);
    assert_eq!(packed.json::<Value>().await.unwrap()["code"], "COMPRESSED");
    let refusal = async |shop: &str, upload: &str| {
        let input = json!({"shopId": shop, "uploadId": upload});
        owner.mutate("importProducts", input, "productImport { id }").await.refusal()
    };
    let at = |code: &str, field: &str| (code.to_owned(), field.to_owned());
    assert_eq!(refusal(&shop_of_other, &upload).await, at("NOT_FOUND", "shopId"));
    assert_eq!(refusal(&shop, &of_other).await, at("NOT_FOUND", "uploadId"));
    assert_eq!(refusal(&shop, &image).await, at("NOT_FOUND", "uploadId"));
    assert_eq!(refusal(&shop, announced["id"].as_str().unwrap()).await, at("UPLOAD_INCOMPLETE", "uploadId"));
    let waiting = ask(&owner, &shop, &upload, json!({})).await;
    assert_eq!(refusal(&shop, &upload).await, at("TOO_MANY", "shopId"), "one at a time");

    // Called off before it began; once more changes nothing.
    for _ in 0..2 {
        let input = json!({"productImportId": waiting["id"]});
        let cancelled = owner.mutate("cancelProductImport", input, FIELDS).await.ok();
        assert_eq!(told(&cancelled["productImport"]), ("CANCELLED", [0; 5]));
    }
    app.run_jobs().await;
    assert_eq!(products(&app), [""; 0]);
    let input = json!({"productImportId": waiting["id"]});
    let refused = other.mutate("cancelProductImport", input, FIELDS).await.refusal();
    assert_eq!(refused, at("NOT_FOUND", "productImportId"));

    for (text, format) in
        [("colour,size\nred,1\n", Value::Null), ("\u{0}\u{0}", Value::Null), (GOODS, json!("SHOPIFY_CSV"))]
    {
        let upload = sent(&owner, text).await;
        let import = ask(&owner, &shop, &upload, json!({"format": format})).await;
        app.run_jobs().await;
        let failed = look(&owner, &import).await;
        assert_eq!((&failed["state"], &failed["failure"]), (&json!("FAILED"), &json!("UNREADABLE")), "{text:?}");
        let why = failed["failureText"].as_str().unwrap();
        assert!(why.starts_with("the file: the first line must name the columns"), "{why}");
    }
    let empty = sent(&owner, "sku,title,price\n").await;
    let import = ask(&owner, &shop, &empty, json!({})).await;
    app.run_jobs().await;
    assert_eq!(told(&look(&owner, &import).await), ("COMPLETED", [0; 5]));
}

#[actix_web::test]
async fn whoever_may_no_more_imports_no_more() {
    let app = TestApp::start().await;
    let (owner, shop) = shop(&app).await;
    let manager = app.sign_up("Manager").await;
    let member = json!({"shopId": shop, "userId": manager.id, "role": "MANAGER"});
    owner.mutate("addShopMember", member, "member { role }").await.ok();
    let upload = sent(&manager, GOODS).await;
    let import = ask(&manager, &shop, &upload, json!({})).await;
    let member = json!({"shopId": shop, "userId": manager.id, "role": "FULFILLMENT"});
    owner.mutate("setShopMemberRole", member, "member { role }").await.ok();
    app.run_jobs().await;
    let failed = look(&owner, &import).await;
    assert_eq!((told(&failed), &failed["failure"]), (("FAILED", [0; 5]), &json!("NOT_PERMITTED")));
    assert_eq!(products(&app), [""; 0]);
}

fn folders(root: &Path) -> usize {
    fs::read_dir(root.join("uploads")).map_or(0, Iterator::count)
}

#[actix_web::test]
async fn a_file_is_kept_for_two_days() {
    let mut root = std::path::PathBuf::new();
    let app = TestApp::start_with(|settings| root.clone_from(&settings.media.folder)).await;
    let (owner, shop) = shop(&app).await;
    let upload = sent(&owner, GOODS).await;
    sent(&owner, GOODS).await;
    let import = ask(&owner, &shop, &upload, json!({})).await;
    assert_eq!(folders(&root), 2);
    app.advance(TimeDelta::days(2) + TimeDelta::seconds(1));
    media::service::sweep(app.app(), &Caller::system()).await.unwrap();
    assert_eq!(folders(&root), 0);
    assert!(rows(&app, "SELECT id::text AS row FROM uploads").is_empty());
    app.run_jobs().await;
    let id = import["id"].as_str().unwrap().parse::<Id<ProductImport>>().unwrap().uuid();
    let end = format!("SELECT concat_ws(' ', state, failure) AS row FROM product_imports WHERE id = '{id}'");
    assert_eq!(rows(&app, &end), ["FAILED FILE_GONE"]);
}

#[actix_web::test]
async fn an_import_that_goes_on_no_more_is_given_up_and_old_ones_are_forgotten() {
    let app = TestApp::start().await;
    let (owner, shop) = shop(&app).await;
    let upload = sent(&owner, GOODS).await;
    ask(&owner, &shop, &upload, json!({})).await;
    app.given_sql("DELETE FROM jobs");
    let sweep = async || agora::porting::service::sweep_imports(app.app(), &Caller::system()).await.unwrap();
    let states = || rows(&app, "SELECT concat_ws(' ', state, failure) AS row FROM product_imports");
    sweep().await;
    assert_eq!(states(), ["WAITING"]);
    app.advance(ProductImport::PATIENCE + TimeDelta::seconds(1));
    sweep().await;
    assert_eq!(states(), ["FAILED INTERRUPTED"]);
    app.advance(ProductImport::KEPT);
    sweep().await;
    assert_eq!(states(), [""; 0]);
}

#[actix_web::test]
async fn a_row_that_nobody_can_store_keeps_no_other() {
    let app = TestApp::start().await;
    let (owner, shop) = shop(&app).await;
    let mut text = String::from("\u{feff}");
    for (sku, column, value) in [
        ("A", "title", "Apple"),
        ("B", "kind", "a\\u0000b"),
        ("C", "images", "https://images.example/\\u0000"),
        ("D", "title", "\\u0000"),
        ("E", "tags", "\\u0000"),
        ("F", "attributes", "a=\\u0000"),
        ("G", "category", "\\u0000"),
        ("H", "product", "\\u0000"),
        ("I", "option1_name", "\\u0000"),
        ("J\\u0000", "brand", "\\u0000"),
        ("K", "description", "\\u0000"),
    ] {
        let title = if column == "title" { String::new() } else { "\"title\": \"Thing\", ".into() };
        writeln!(text, "{{\"sku\": \"{sku}\", {title}\"{column}\": \"{value}\", \"price\": 1}}").unwrap();
    }
    let upload = sent(&owner, &text).await;
    for policy in ["REJECT_ALL", "REJECT_ROW"] {
        let import = ask(&owner, &shop, &upload, json!({"policy": policy})).await;
        app.run_jobs().await;
        let done = look(&owner, &import).await;
        let (state, [read, created, _, _, rejected]) = told(&done);
        let expected = if policy == "REJECT_ALL" { "REFUSED" } else { "COMPLETED" };
        assert_eq!((state, read, created + rejected), (expected, 11, 11), "{done}");
    }
    assert!(products(&app).contains(&"Apple".to_owned()), "a mark at the beginning is none of the first row's");
}

#[actix_web::test]
async fn a_file_takes_no_pictures_of_people() {
    let app = TestApp::start().await;
    let (owner, shop) = shop(&app).await;
    let ada = app.sign_up("Ada").await;
    let avatar = crate::media::show(&ada, &photo(64, 64)).await;
    let goods = format!("sku,title,price,images\nA,Apple,1,{}\n", avatar["full"].as_str().unwrap());
    let upload = sent(&owner, &goods).await;
    ask(&owner, &shop, &upload, json!({})).await;
    app.run_jobs().await;
    agora::porting::service::fetch_images(app.app(), &Caller::system()).await.unwrap();
    let waiting = "SELECT concat_ws(' ', failure, due_at) AS row FROM wanted_images";
    assert_eq!(rows(&app, waiting), ["there is no such image here"]);
    assert_eq!(rows(&app, "SELECT media_id::text AS row FROM product_media"), [""; 0]);
}
