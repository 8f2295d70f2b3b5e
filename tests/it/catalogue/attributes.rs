//! Product kinds and attributes, and what is said of products by them; brand and tags.

use serde_json::{Value, json};

use crate::harness::{Answer, TestApp, app::Person};

const SAID: &str = "attributes { attribute { handle } value { __typename ... on TextAttributeValue { text } \
                    ... on NumberAttributeValue { number } ... on AttributeChoice { name } \
                    ... on BooleanAttributeValue { isTrue } ... on DateAttributeValue { date } } }";

/// A market with an administrator, a shop, and a product kind that has an attribute of each kind.
struct Market {
    app: TestApp,
    admin: Person,
    seller: Person,
    shop: String,
    lamp: Value,
    attributes: Vec<Value>,
}

impl Market {
    async fn open() -> Self {
        let app = TestApp::start().await;
        let admin = app.sign_up("Olive").await;
        app.given_role(&admin, "ADMIN");
        let seller = app.sign_up("Grace").await;
        let shop = seller.open_shop("Mill").await;
        let mut attributes = Vec::new();
        for input in [
            json!({"name": "Material", "kind": "CHOICE", "isFilterable": true, "choices": ["Brass", "Linen"]}),
            json!({"name": "Height", "kind": "NUMBER", "unit": "cm", "isFilterable": true}),
            json!({"name": "Dimmable", "kind": "BOOLEAN"}),
            json!({"name": "Designer", "kind": "TEXT"}),
            json!({"name": "Made since", "kind": "DATE"}),
        ] {
            let selection = "attribute { id handle version choices { id name } }";
            attributes.push(admin.mutate("createAttribute", input, selection).await.ok()["attribute"].clone());
        }
        let wanted: Vec<_> = attributes.iter().map(|attribute| json!({"attributeId": attribute["id"]})).collect();
        let mut input = json!({"name": "Lamp", "attributes": wanted});
        input["attributes"][0]["isRequired"] = true.into();
        let selection = "productKind { id handle version attributes { isRequired attribute { handle unit } } }";
        let lamp = admin.mutate("createProductKind", input, selection).await.ok()["productKind"].clone();
        Self { app, admin, seller, shop, lamp, attributes }
    }

    fn value(&self, place: usize, value: &Value) -> Value {
        json!({"attributeId": self.attributes[place]["id"], "value": value})
    }

    fn material(&self, place: usize) -> Value {
        self.value(0, &json!({"choiceId": self.attributes[0]["choices"][place]["id"]}))
    }

    async fn create(&self, attributes: Vec<Value>, status: &str) -> Answer {
        let input = json!({
            "shopId": self.shop, "title": "Desk light", "price": {"amount": "20.00", "currency": "GBP"}, "status": status,
            "kindId": self.lamp["id"], "attributes": attributes, "brand": "Anker & Co", "tags": ["Autumn", "SALE", "sale"],
        });
        let selection = format!("product {{ id version brand tags kind {{ handle }} {SAID} }}");
        self.seller.mutate("createProduct", input, &selection).await
    }

    async fn update(&self, product: &Value, version: i64, rest: Value) -> Answer {
        let mut input = json!({"productId": product["id"], "expectedVersion": version});
        input.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        self.seller.mutate("updateProduct", input, &format!("product {{ id version brand tags {SAID} }}")).await
    }

    async fn finds(&self, words: &str) -> usize {
        let document = "query($words: String!) { products(filter: {query: $words}) { nodes { id } } }";
        let found = self.app.guest().send(document, json!({"words": words})).await.ok();
        found["products"]["nodes"].as_array().unwrap().len()
    }
}

fn refusal(code: &str, field: &str) -> (String, String) {
    (code.to_owned(), field.to_owned())
}

#[actix_web::test]
async fn a_product_says_what_its_type_asks_for() {
    let market = Market::open().await;
    assert_eq!(market.lamp["handle"], "lamp");
    assert_eq!(
        market.lamp["attributes"][1],
        json!({"isRequired": false, "attribute": {"handle": "height", "unit": "cm"}})
    );
    let all = vec![
        market.value(3, &json!({"text": "Wagenfeld"})),
        market.value(1, &json!({"number": "36.50"})),
        market.value(4, &json!({"date": "1924-05-01"})),
        market.value(2, &json!({"isTrue": true})),
        market.material(0),
    ];
    let product = market.create(all, "ACTIVE").await.ok()["product"].clone();
    assert_eq!((&product["brand"], &product["kind"]["handle"]), (&json!("Anker & Co"), &json!("lamp")));
    assert_eq!(product["tags"], json!(["autumn", "sale"]));
    let said = |product: &Value| {
        let values = product["attributes"].as_array().unwrap().iter();
        let of = |said: &Value| {
            let value = said["value"].as_object().unwrap();
            value.iter().filter(|(name, _)| *name != "__typename").map(|(_, value)| value.clone()).collect::<Vec<_>>()
        };
        values.flat_map(of).collect::<Vec<_>>()
    };
    // In the type's order, however they were given.
    let expected = vec![json!("Brass"), json!("36.5"), json!(true), json!("Wagenfeld"), json!("1924-05-01")];
    assert_eq!(said(&product), expected);
    for words in ["brass desk", "36 cm", "dimmable", "wagenfeld light", "1924", "anker", "autumn"] {
        assert_eq!(market.finds(words).await, 1, "{words}");
    }
    assert_eq!(market.finds("linen").await, 0);

    // All of them at once; what is not there any more is not found any more.
    let change = json!({"attributes": [market.material(1)], "brand": null, "tags": []});
    let changed = market.update(&product, 1, change).await.ok()["product"].clone();
    assert_eq!((said(&changed), &changed["brand"], &changed["tags"]), (vec![json!("Linen")], &Value::Null, &json!([])));
    for (words, found) in [("linen", 1), ("brass", 0), ("wagenfeld", 0), ("anker", 0), ("autumn", 0)] {
        assert_eq!(market.finds(words).await, found, "{words}");
    }
}

#[actix_web::test]
async fn what_does_not_fit_is_refused_by_name() {
    let market = Market::open().await;
    let missing = refusal("BLANK", "attributes.material");
    assert_eq!(market.create(vec![], "ACTIVE").await.refusal(), missing);
    let draft = market.create(vec![], "DRAFT").await.ok()["product"].clone();
    assert_eq!(market.update(&draft, 1, json!({"status": "ACTIVE"})).await.refusal(), missing);
    let given = json!({"status": "ACTIVE", "attributes": [market.material(0)]});
    market.update(&draft, 1, given).await.ok();
    assert_eq!(market.update(&draft, 2, json!({"attributes": []})).await.refusal(), missing);

    for (given, code, field) in [
        (market.value(1, &json!({"text": "tall"})), "INVALID", "attributes.1.value"),
        (market.value(1, &json!({"number": "1000000000000"})), "OUT_OF_RANGE", "attributes.1.value.number"),
        (market.value(1, &json!({"number": "0.1234567"})), "OUT_OF_RANGE", "attributes.1.value.number"),
        (market.value(3, &json!({"text": " "})), "BLANK", "attributes.1.value.text"),
        (market.value(3, &json!({"text": "x".repeat(501)})), "TOO_LONG", "attributes.1.value.text"),
        (market.material(1), "TAKEN", "attributes.1.attributeId"),
        (
            market.value(0, &json!({"choiceId": "choice_00000000000000000000000000"})),
            "TAKEN",
            "attributes.1.attributeId",
        ),
    ] {
        let answer = market.update(&draft, 2, json!({"attributes": [market.material(0), given]})).await;
        assert_eq!(answer.refusal(), refusal(code, field));
    }
    let nowhere = market.value(0, &json!({"choiceId": "choice_00000000000000000000000000"}));
    let answer = market.update(&draft, 2, json!({"attributes": [nowhere]})).await;
    assert_eq!(answer.refusal(), refusal("NOT_FOUND", "attributes.0.value.choiceId"));
    let other = json!({"kindId": null, "attributes": [market.material(0)]});
    assert_eq!(market.update(&draft, 2, other).await.refusal(), refusal("NOT_FOUND", "attributes.0.attributeId"));
    let none = json!({"kindId": "productkind_00000000000000000000000000"});
    assert_eq!(market.update(&draft, 2, none).await.refusal(), refusal("NOT_FOUND", "kindId"));
    let tags: Vec<_> = (0..51).map(|number| number.to_string()).collect();
    assert_eq!(market.update(&draft, 2, json!({"tags": tags})).await.refusal(), refusal("TOO_MANY", "tags"));
    assert_eq!(market.update(&draft, 2, json!({"tags": ["a", ""]})).await.refusal(), refusal("BLANK", "tags.1"));
    assert_eq!(market.update(&draft, 2, json!({"brand": "x".repeat(101)})).await.refusal().0, "TOO_LONG");

    // Without a kind there is nothing to say, and what was said goes.
    let changed = market.update(&draft, 2, json!({"kindId": null})).await.ok()["product"].clone();
    assert_eq!(changed["attributes"], json!([]));
    let again = json!({"kindId": market.lamp["id"], "status": "DRAFT"});
    assert_eq!(market.update(&draft, 3, again).await.ok()["product"]["attributes"], json!([]));
}

#[actix_web::test]
async fn attributes_and_types_change_under_products() {
    let market = Market::open().await;
    let product = market.create(vec![market.material(0)], "ACTIVE").await.ok()["product"].clone();
    let material = &market.attributes[0];
    let update = async |version: i64, rest: Value| {
        let mut input = json!({"attributeId": material["id"], "expectedVersion": version});
        input.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        market.admin.mutate("updateAttribute", input, "attribute { version name choices { id name } }").await
    };
    let (brass, linen) = (&material["choices"][0]["id"], &material["choices"][1]["id"]);
    let choices = json!([{"name": "Glass"}, {"choiceId": brass, "name": "Polished brass"}]);
    let changed = update(1, json!({"choices": choices, "name": "Made of"})).await.ok()["attribute"].clone();
    assert_eq!(changed["choices"][1], json!({"id": brass, "name": "Polished brass"}));
    assert_eq!((changed["choices"].as_array().unwrap().len(), &changed["name"]), (2, &json!("Made of")));
    assert_eq!(update(1, json!({})).await.refusal().0, "STALE_VERSION");
    let gone = json!({"choices": [{"name": "Glass"}]});
    assert_eq!(update(2, gone).await.refusal(), refusal("IN_USE", "choices"));
    let unknown = json!({"choices": [{"name": "Glass"}, {"choiceId": linen, "name": "Linen"}]});
    assert_eq!(update(2, unknown).await.refusal(), refusal("NOT_FOUND", "choices.1.choiceId"));
    let twice = json!({"choices": [{"name": "Glass"}, {"name": "GLASS"}]});
    assert_eq!(update(2, twice).await.refusal(), refusal("TAKEN", "choices.1.name"));
    let twice = json!({"choices": [{"choiceId": brass, "name": "Brass"}, {"choiceId": brass, "name": "Bronze"}]});
    assert_eq!(update(2, twice).await.refusal(), refusal("TAKEN", "choices.1.choiceId"));
    assert_eq!(update(2, json!({"choices": []})).await.refusal(), refusal("BLANK", "choices"));
    assert_eq!(update(2, json!({"unit": "cm"})).await.refusal(), refusal("INVALID", "unit"));

    // Products are found by the new name as soon as the job has run.
    let document = "query($id: ID!) { product(by: {id: $id}) { updatedAt version } }";
    let row = async || market.app.guest().send(document, json!({"id": product["id"]})).await.ok();
    let before = row().await;
    market.app.advance(chrono::TimeDelta::minutes(1));
    market.app.run_jobs().await;
    assert_eq!(market.finds("polished").await, 1);
    assert_eq!(row().await, before);

    // An attribute that the kind no longer has is kept, and neither shown nor found.
    let set = async |version: i64, attributes: Value| {
        let input = json!({"productKindId": market.lamp["id"], "expectedVersion": version, "attributes": attributes});
        market
            .admin
            .mutate("updateProductKind", input, "productKind { version attributes { attribute { handle } } }")
            .await
    };
    let height = json!([{"attributeId": market.attributes[1]["id"], "isRequired": true}]);
    set(1, height.clone()).await.ok();
    assert_eq!(set(1, height).await.refusal().0, "STALE_VERSION");
    market.app.run_jobs().await;
    let document = format!("query($id: ID!) {{ product(by: {{id: $id}}) {{ {SAID} }} }}");
    let said = async || {
        market.app.guest().send(&document, json!({"id": product["id"]})).await.ok()["product"]["attributes"].clone()
    };
    assert_eq!((said().await, market.finds("polished").await), (json!([]), 0));
    // Whatever else changes meanwhile.
    market.update(&product, 1, json!({"status": "DRAFT"})).await.ok();
    let by_brass = json!([{"attributeId": material["id"], "value": {"choiceIds": [brass]}}]);
    let found = async || {
        let document = "query($filter: ProductFilter!) { products(filter: $filter) { totalCount } }";
        let answer = market.app.guest().send(document, json!({"filter": {"attributes": by_brass}})).await.ok();
        answer["products"]["totalCount"].as_i64().unwrap()
    };
    assert_eq!(found().await, 0);
    let taller = json!({"attributes": [market.value(1, &json!({"number": "30"}))]});
    market.update(&product, 2, taller).await.ok();
    market.update(&product, 3, json!({"status": "ACTIVE"})).await.ok();
    set(2, json!([{"attributeId": material["id"]}])).await.ok();
    market.app.run_jobs().await;
    assert_eq!(
        (said().await[0]["value"]["name"].clone(), market.finds("polished").await),
        (json!("Polished brass"), 1)
    );
    let twice = json!([{"attributeId": material["id"]}, {"attributeId": material["id"]}]);
    assert_eq!(set(3, twice).await.refusal(), refusal("TAKEN", "attributes.1.attributeId"));
    let nowhere = json!([{"attributeId": "attribute_00000000000000000000000000"}]);
    assert_eq!(set(3, nowhere).await.refusal(), refusal("NOT_FOUND", "attributes.0.attributeId"));
}

#[actix_web::test]
async fn attributes_and_types_are_listed_and_named_once() {
    let market = Market::open().await;
    let create = async |rest: Value| {
        let mut input = json!({"name": "Width", "kind": "NUMBER"});
        input.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        market.admin.mutate("createAttribute", input, "attribute { id handle }").await
    };
    assert_eq!(create(json!({"handle": "height"})).await.refusal(), refusal("TAKEN", "handle"));
    assert_eq!(create(json!({"handle": "Height"})).await.refusal(), refusal("INVALID", "handle"));
    assert_eq!(create(json!({"choices": ["a"]})).await.refusal(), refusal("INVALID", "choices"));
    assert_eq!(create(json!({"kind": "CHOICE"})).await.refusal(), refusal("BLANK", "choices"));
    let many: Vec<_> = (0..201).map(|number| number.to_string()).collect();
    assert_eq!(create(json!({"kind": "CHOICE", "choices": many})).await.refusal(), refusal("TOO_MANY", "choices"));
    assert_eq!(
        create(json!({"kind": "TEXT", "isFilterable": true})).await.refusal(),
        refusal("INVALID", "isFilterable")
    );
    assert_eq!(create(json!({"kind": "DATE", "unit": "cm"})).await.refusal(), refusal("INVALID", "unit"));
    // Made once, however often it is sent.
    let again = json!({"name": "Height", "idempotencyKey": "1"});
    let height = create(again.clone()).await.ok()["attribute"].clone();
    assert_eq!(height["handle"], "height-2");
    assert_eq!(create(again).await.ok()["attribute"], height);
    let other = json!({"name": "Breadth", "idempotencyKey": "1"});
    assert_eq!(create(other).await.refusal(), refusal("IDEMPOTENCY_KEY_REUSED", "idempotencyKey"));

    let guest = market.app.guest();
    let page = guest
        .query("{ attributes(first: 2) { totalCount nodes { name } pageInfo { endCursor hasNextPage } } }")
        .await
        .ok();
    assert_eq!(page["attributes"]["totalCount"], 6);
    assert_eq!(page["attributes"]["nodes"], json!([{"name": "Designer"}, {"name": "Dimmable"}]));
    let document = "query($after: String) { attributes(after: $after) { nodes { name kind choices { name } } } }";
    let rest = guest.send(document, json!({"after": page["attributes"]["pageInfo"]["endCursor"]})).await.ok();
    let names: Vec<_> =
        rest["attributes"]["nodes"].as_array().unwrap().iter().map(|node| node["name"].clone()).collect();
    assert_eq!(names, ["Height", "Height", "Made since", "Material"]);
    let kinds = guest
        .query("{ productKinds { totalCount nodes { id name } } productKind(by: {handle: \"lamp\"}) { id } }")
        .await
        .ok();
    assert_eq!(kinds["productKinds"]["totalCount"], 1);
    assert_eq!(kinds["productKinds"]["nodes"][0]["id"], kinds["productKind"]["id"]);
}

#[actix_web::test]
async fn products_are_filtered_by_attributes_and_tags() {
    let market = Market::open().await;
    for (title, material, height, made) in
        [("Brass one", 0, "10", "1924-05-01"), ("Brass two", 0, "20.5", "1930-01-01"), ("Linen", 1, "30", "1950-12-31")]
    {
        let attributes = [
            market.material(material),
            market.value(1, &json!({"number": height})),
            market.value(2, &json!({"isTrue": material == 0})),
            market.value(4, &json!({"date": made})),
        ];
        let input = json!({
            "shopId": market.shop, "title": title, "price": {"amount": "1.00", "currency": "GBP"}, "tags": ["Lamp", title],
            "kindId": market.lamp["id"], "attributes": attributes,
        });
        market.seller.mutate("createProduct", input, "product { id }").await.ok();
    }
    let filterable = async |place: usize, is_filterable: bool, version: i64| {
        let id = &market.attributes[place]["id"];
        let input = json!({"attributeId": id, "expectedVersion": version, "isFilterable": is_filterable});
        market.admin.mutate("updateAttribute", input, "attribute { id }").await.ok();
    };
    filterable(2, true, 1).await;
    filterable(4, true, 1).await;
    let find = async |filter: Value| {
        let document = "query($filter: ProductFilter!) { products(filter: $filter, sort: PRICE_LOW_TO_HIGH) { totalCount nodes { title } } }";
        let answer = market.app.guest().send(document, json!({"filter": &filter})).await;
        // Words are understood first.
        let most = if filter["query"].is_null() { 2 } else { 4 };
        assert!(answer.statements.unwrap() <= most, "{answer:#?}");
        let found = answer.ok()["products"].clone();
        let nodes = found["nodes"].as_array().unwrap();
        assert_eq!(found["totalCount"], nodes.len());
        let mut titles: Vec<_> = nodes.iter().map(|node| node["title"].as_str().unwrap().to_owned()).collect();
        titles.sort();
        titles.join(", ")
    };
    let by = |place: usize, value: Value| json!({"attributeId": market.attributes[place]["id"], "value": value});
    let choice = |place: usize| market.attributes[0]["choices"][place]["id"].clone();
    let brass = || by(0, json!({"choiceIds": [choice(0)]}));
    for (attributes, expected) in [
        (vec![brass()], "Brass one, Brass two"),
        (vec![by(0, json!({"choiceIds": [choice(0), choice(1)]}))], "Brass one, Brass two, Linen"),
        (vec![by(0, json!({"choiceIds": []}))], ""),
        (vec![by(1, json!({"number": {"min": "20.5"}}))], "Brass two, Linen"),
        (vec![brass(), by(1, json!({"number": {"min": "20.5", "max": "100"}}))], "Brass two"),
        (vec![by(1, json!({"number": {}}))], "Brass one, Brass two, Linen"),
        (vec![by(2, json!({"isTrue": false}))], "Linen"),
        (vec![by(4, json!({"date": {"min": "1930-01-01", "max": "1950-12-30"}}))], "Brass two"),
        // A text cannot be filtered by, and a value of another kind is nobody's.
        (vec![by(3, json!({"isTrue": true}))], ""),
        (vec![by(1, json!({"isTrue": true}))], ""),
    ] {
        assert_eq!(find(json!({"attributes": attributes.clone()})).await, expected, "{attributes:?}");
    }
    assert_eq!(find(json!({"tags": ["LAMP"]})).await, "Brass one, Brass two, Linen");
    assert_eq!(find(json!({"tags": ["lamp", "linen"]})).await, "Linen");
    assert_eq!(find(json!({"tags": ["lamp"], "query": "two", "attributes": [brass()]})).await, "Brass two");
    filterable(0, false, 1).await;
    assert_eq!(find(json!({"attributes": [brass()]})).await, "");

    let bad = async |filter: Value| {
        let document = "query($filter: ProductFilter!) { products(filter: $filter) { nodes { title } } }";
        market.app.guest().send(document, json!({"filter": filter})).await.code().to_owned()
    };
    let many: Vec<_> = (0..21).map(|number| number.to_string()).collect();
    assert_eq!(bad(json!({"tags": many})).await, "BAD_USER_INPUT");
    assert_eq!(bad(json!({"attributes": vec![brass(); 21]})).await, "BAD_USER_INPUT");
    let precise = json!({"attributes": [by(1, json!({"number": {"min": "0.1234567"}}))]});
    assert_eq!(bad(precise).await, "BAD_USER_INPUT");
}

#[actix_web::test]
async fn what_is_required_meanwhile_stops_a_plan() {
    let market = Market::open().await;
    market.app.schedule_jobs().await;
    let draft = market.create(vec![market.material(0)], "DRAFT").await.ok()["product"].clone();
    let document = "query($id: ID!) { product(by: {id: $id}) { createdAt } }";
    let made = market.seller.send(document, json!({"id": draft["id"]})).await.ok()["product"]["createdAt"].clone();
    let at = made.as_str().unwrap().parse::<chrono::DateTime<chrono::Utc>>().unwrap() + chrono::TimeDelta::minutes(1);
    market.update(&draft, 1, json!({"publishAt": at.to_rfc3339()})).await.ok();
    let both: Vec<_> =
        [0, 1].map(|place: usize| json!({"attributeId": market.attributes[place]["id"], "isRequired": true})).to_vec();
    let input = json!({"productKindId": market.lamp["id"], "expectedVersion": 1, "attributes": both});
    market.admin.mutate("updateProductKind", input, "productKind { id }").await.ok();
    let missing = refusal("BLANK", "attributes.height");
    assert_eq!(market.update(&draft, 2, json!({"status": "ACTIVE"})).await.refusal(), missing);
    market.app.advance(chrono::TimeDelta::minutes(2));
    market.app.run_jobs().await;
    let document = "query($id: ID!) { product(by: {id: $id}) { status publishAt version } }";
    let seen = market.seller.send(document, json!({"id": draft["id"]})).await.ok()["product"].clone();
    assert_eq!(seen, json!({"status": "DRAFT", "publishAt": null, "version": 3}));
    assert_eq!(market.update(&draft, 3, json!({"status": "ACTIVE"})).await.refusal(), missing);
}

#[actix_web::test]
async fn products_of_before_are_settled() {
    let market = Market::open().await;
    market.create(vec![market.material(0)], "ACTIVE").await.ok();
    market.app.given_sql("UPDATE products SET search = to_tsvector('simple', 'desk light')");
    market.app.given_sql(include_str!("../../../migrations/2026-11-21-000055_settle_products/up.sql"));
    market.app.given_sql("UPDATE jobs SET run_at = '2000-01-01' WHERE kind = 'products.settle'");
    assert_eq!(market.finds("brass").await, 0);
    market.app.run_jobs().await;
    assert_eq!(market.finds("brass").await, 1);
}
