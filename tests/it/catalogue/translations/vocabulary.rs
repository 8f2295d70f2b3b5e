//! What categories, attributes and their choices are called in other languages.

use serde_json::{Value, json};

use super::{administrator, refusal};
use crate::harness::TestApp;

#[actix_web::test]
async fn categories_are_called_in_the_readers_language() {
    let app = TestApp::start().await;
    let admin = administrator(&app).await;
    let words = "category { id version name localized(locale: \"de-AT\") { locale name description } translations { locale name } }";
    let input = json!({"name": "Candles", "description": "Of wax."});
    let category = admin.mutate("createCategory", input, words).await.ok()["category"].clone();
    assert_eq!(category["localized"], json!({"locale": "en", "name": "Candles", "description": "Of wax."}));
    let set = async |locale: &str, name: &str, description: Option<&str>| {
        let id = &category["id"];
        let input = json!({"categoryId": id, "locale": locale, "name": name, "description": description});
        admin.mutate("setCategoryTranslation", input, words).await
    };
    let said = set("de", "Kerzen", None).await.ok()["category"].clone();
    assert_eq!(said["localized"], json!({"locale": "de", "name": "Kerzen", "description": "Of wax."}));
    assert_eq!((&said["name"], &said["version"]), (&json!("Candles"), &json!(1)));
    assert_eq!(set("en", "Candles", None).await.refusal(), refusal("INVALID", "locale"));
    assert_eq!(set("de", "x".repeat(81).as_str(), None).await.refusal(), refusal("TOO_LONG", "name"));
    assert_eq!(set("de", "", None).await.refusal(), refusal("BLANK", "name"));
    let long = "x".repeat(2_001);
    assert_eq!(set("de", "Kerzen", Some(&long)).await.refusal(), refusal("TOO_LONG", "description"));
    let input = json!({"categoryId": category["id"], "locale": "de"});
    let said = admin.mutate("removeCategoryTranslation", input.clone(), words).await.ok()["category"].clone();
    assert_eq!((&said["localized"]["locale"], &said["translations"]), (&json!("en"), &json!([])));
    assert_eq!(admin.mutate("removeCategoryTranslation", input, words).await.refusal(), refusal("NOT_FOUND", "locale"));
    // A category goes with its translations.
    set("de", "Kerzen", Some("Aus Wachs.")).await.ok();
    let input = json!({"categoryId": category["id"], "expectedVersion": 1});
    admin.mutate("deleteCategory", input, "category { id }").await.ok();
}

#[actix_web::test]
async fn attributes_and_choices_are_called_in_the_readers_language() {
    let app = TestApp::start().await;
    let admin = administrator(&app).await;
    let words = "attribute { id version name localized(locale: \"de\") { locale name } choices { id name \
                 localized(locale: \"de\") { locale name } } translations { locale name choices { choiceId name } } }";
    let input = json!({"name": "Material", "kind": "CHOICE", "choices": ["Linen", "Wool"]});
    let attribute = admin.mutate("createAttribute", input, words).await.ok()["attribute"].clone();
    let (linen, wool) = (&attribute["choices"][0]["id"], &attribute["choices"][1]["id"]);
    let set = async |choices: Value| {
        let input = json!({"attributeId": attribute["id"], "locale": "de", "name": "Stoff", "choices": choices});
        admin.mutate("setAttributeTranslation", input, words).await
    };
    let both = json!([{"choiceId": wool, "name": "Wolle"}, {"choiceId": linen, "name": "Leinen"}]);
    let said = set(both).await.ok()["attribute"].clone();
    assert_eq!(said["localized"], json!({"locale": "de", "name": "Stoff"}));
    assert_eq!(said["choices"][1]["localized"], json!({"locale": "de", "name": "Wolle"}));
    let choices = json!([{"choiceId": linen, "name": "Leinen"}, {"choiceId": wool, "name": "Wolle"}]);
    assert_eq!(said["translations"], json!([{"locale": "de", "name": "Stoff", "choices": choices}]));
    let nobody = "choice_00000000000000000000000000";
    let unknown = set(json!([{"choiceId": nobody, "name": "Samt"}])).await;
    assert_eq!(unknown.refusal(), refusal("NOT_FOUND", "choices.0.choiceId"));
    let twice = set(json!([{"choiceId": wool, "name": "Wolle"}, {"choiceId": wool, "name": "Loden"}])).await;
    assert_eq!(twice.refusal(), refusal("TAKEN", "choices.1.choiceId"));
    let same = set(json!([{"choiceId": wool, "name": "Tuch"}, {"choiceId": linen, "name": "TUCH"}])).await;
    assert_eq!(same.refusal(), refusal("TAKEN", "choices.1.name"));

    // A choice goes with what it is called, and one that is left out is called as before.
    let input =
        json!({"attributeId": attribute["id"], "expectedVersion": 1, "choices": [{"choiceId": wool, "name": "Wool"}]});
    let said = admin.mutate("updateAttribute", input, words).await.ok()["attribute"].clone();
    assert_eq!(said["translations"][0]["choices"], json!([{"choiceId": wool, "name": "Wolle"}]));
    let said = set(json!([])).await.ok()["attribute"].clone();
    assert_eq!(said["choices"][0]["localized"], json!({"locale": "en", "name": "Wool"}));
    let input = json!({"attributeId": attribute["id"], "locale": "de"});
    let said = admin.mutate("removeAttributeTranslation", input, words).await.ok()["attribute"].clone();
    assert_eq!((&said["localized"]["name"], &said["translations"]), (&json!("Material"), &json!([])));
}
