//! A hundred who edit, a hundred who search, and an import, all at once: no error, no wrong count, no lost update.

use std::{collections::BTreeMap, fmt::Write as _};

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::{
    harness::{Client, TestApp, app::Person, market::Goods},
    import::{Folder, products::import},
};

const EDITORS: usize = 100;
const SHOPPERS: usize = 100;
/// Products that all editors change.
const SHARED: usize = 5;
const ROUNDS: usize = 3;

/// Products that are imported meanwhile: 100,000 when asked for by the environment, fewer where nobody waits for it.
fn imported() -> usize {
    std::env::var("AGORA_IMPORTED").ok().map_or(2_000, |count| count.parse().unwrap())
}

async fn members(app: &TestApp, owner: Person, shop: &str) -> Vec<Person> {
    let mut members = vec![owner];
    for number in 1..EDITORS {
        let person = app.sign_up(&format!("Editor{number}")).await;
        let input = json!({"shopId": shop, "userId": person.id, "role": "MANAGER"});
        members[0].mutate("addShopMember", input, "member { role }").await.ok();
        members.push(person);
    }
    members
}

/// Changes a product under the version that was read, as often as it takes. The version that came of it.
async fn edit(editor: &Person, product: &str, title: &str) -> i64 {
    loop {
        let read =
            editor.send("query($id: ID!) { product(by: {id: $id}) { version } }", json!({"id": product})).await.ok();
        let input = json!({"productId": product, "expectedVersion": read["product"]["version"], "title": title});
        let answer = editor.mutate("updateProduct", input, "product { version }").await;
        match answer.refusals().first() {
            None => return answer.ok()["product"]["version"].as_i64().unwrap(),
            Some((code, _)) => assert_eq!(code, "STALE_VERSION"),
        }
    }
}

/// What one editor did: the versions and titles that came of the shared products.
async fn work(editor: &Person, number: usize, own: &Goods, shared: &[Goods]) -> Vec<(String, i64, String)> {
    let mut done = Vec::new();
    for round in 0..ROUNDS {
        let goods = &shared[(number + round) % SHARED];
        let title = format!("Shared by {number} {round}");
        let version = edit(editor, &goods.product, &title).await;
        done.push((goods.product.clone(), version, title));
        let adjust = json!({"variantId": goods.variant, "change": {"by": 1}});
        editor.mutate("adjustStock", adjust, "stockLevel { onHand }").await.ok();

        // What was saved is found by the next query.
        let word = format!("w{number}q{round}");
        edit(editor, &own.product, &format!("Own {word}")).await;
        let found = editor.send(FOUND, json!({"words": word})).await.ok();
        assert_eq!(found["products"]["nodes"][0]["id"], json!(own.product), "{word}");
    }
    done
}

const FOUND: &str = "query($words: String!) { products(filter: {query: $words}, first: 10) { totalCount nodes { id } } \
                     productFacets(filter: {query: $words}) { totalCount isExact shops { count } prices { count } } }";

/// Searches for what nobody changes, and for what all change and is always there.
async fn shop_around(guest: &Client) {
    for _ in 0..ROUNDS {
        for (words, count) in [("granite", 50), ("shared", SHARED)] {
            let found = guest.send(FOUND, json!({"words": words})).await.ok();
            let facets = &found["productFacets"];
            for counted in [
                &found["products"]["totalCount"],
                &facets["totalCount"],
                &facets["shops"][0]["count"],
                &facets["prices"][0]["count"],
            ] {
                assert_eq!(counted, &json!(count), "{words}: {found}");
            }
        }
    }
}

#[actix_web::test]
async fn editors_shoppers_and_an_import_do_not_get_in_each_others_way() {
    let (app, folder) = (TestApp::start().await, Folder::new());
    let owner = app.sign_up("Grace").await;
    let shop = owner.open_shop("Mill").await;
    for number in 0..50 {
        owner.sell(&shop, &format!("Granite bowl {number}"), "5.00", 1).await;
    }
    let (mut shared, mut own) = (Vec::new(), Vec::new());
    for number in 0..SHARED {
        shared.push(owner.sell(&shop, &format!("Shared {number}"), "5.00", 0).await);
    }
    for number in 0..EDITORS {
        own.push(owner.sell(&shop, &format!("Own {number}"), "5.00", 1).await);
    }
    let editors = members(&app, owner, &shop).await;

    let mut file = String::from("sku,title,description,category,price,quantity\n");
    for number in 0..imported() {
        writeln!(file, "T-{number},Teapot {number},For {} cups,Pots,{}.50,3", number % 7, number % 90).unwrap();
    }
    let file = folder.write("teapots.csv", &file);

    let (editing, shopping, importing) = tokio::join!(
        join_all(editors.iter().enumerate().map(|(number, editor)| work(editor, number, &own[number], &shared))),
        join_all((0..SHOPPERS).map(|_| async { shop_around(&app.guest()).await })),
        import(&app, file.clone(), &folder),
    );
    assert_eq!(shopping.len(), SHOPPERS);
    let count = u64::try_from(imported()).unwrap();
    assert_eq!((importing.created, importing.rejected()), (count, 0), "{importing}");

    // Each edit made a version of its own, and the last one is what stands there.
    let mut versions = BTreeMap::<String, BTreeMap<i64, String>>::new();
    for (product, version, title) in editing.into_iter().flatten() {
        assert_eq!(versions.entry(product).or_default().insert(version, title), None, "two edits of one version");
    }
    let edits: usize = versions.values().map(BTreeMap::len).sum();
    assert_eq!((versions.len(), edits), (SHARED, EDITORS * ROUNDS));
    let mut pieces = 0;
    for goods in &shared {
        let document = "query($id: ID!) { product(by: {id: $id}) { version title variants { availableQuantity } } }";
        let product = editors[0].send(document, json!({"id": goods.product})).await.ok()["product"].clone();
        let (version, title) = versions[&goods.product].last_key_value().unwrap();
        assert_eq!((&product["version"], &product["title"]), (&json!(version), &json!(title)));
        assert_eq!(versions[&goods.product].keys().copied().collect::<Vec<_>>(), (2..=*version).collect::<Vec<_>>());
        pieces += product["variants"][0]["availableQuantity"].as_i64().unwrap();
    }
    assert_eq!(pieces, i64::try_from(EDITORS * ROUNDS).unwrap());

    // All that was imported is there, found and counted, and once more changes nothing.
    let found = app.guest().send(FOUND, json!({"words": "teapot"})).await.ok();
    let told = imported().min(10_000);
    assert_eq!((&found["products"]["totalCount"], &found["productFacets"]["totalCount"]), (&json!(told), &json!(told)));
    assert_eq!(found["productFacets"]["isExact"], Value::Bool(imported() <= 10_000));
    let again = import(&app, file, &folder).await;
    assert_eq!((again.unchanged, again.created, again.updated), (count, 0, 0), "{again}");
}
