//! How long search takes over many products.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use agora::{
    kernel::{error::Failure, id::Id},
    platform::{app::App, caller::Caller},
    products::{
        model::{
            ProductStatus,
            attributes::{AttributeValue, GivenAttribute},
        },
        service::{BulkProduct, BulkVariant, Specification, add_products},
    },
};
use chrono::{TimeDelta, TimeZone, Utc};
use diesel::{Connection, PgConnection, connection::SimpleConnection};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{AnyError, judged::Question, market::Market};

const SHOPS: u32 = 50;
const CATEGORIES: u32 = 40;
const COLOURS: u32 = 12;
const MATERIALS: u32 = 8;
/// Products that are written at once.
const BATCH: u32 = 2_000;

/// What a row is known by: the same in each run.
fn uuid(table: u128, number: u32) -> Uuid {
    Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 | table << 32 | u128::from(number))
}

fn sql_uuid(table: u32, number: &str) -> String {
    format!("('01900000-0000-7000-8000-' || lpad(to_hex({table}), 4, '0') || lpad(to_hex({number}), 8, '0'))::uuid")
}

fn grounds() -> String {
    let [shop, category, parent, colours, materials, kind] =
        [(1, "n"), (2, "n"), (2, "n % 4"), (3, "0"), (3, "1"), (4, "0")].map(|(table, number)| sql_uuid(table, number));
    let (colour, material) = (sql_uuid(5, "n"), sql_uuid(6, "n"));
    format!(
        "INSERT INTO shops (id, handle, name, description, currency, country, created_at)
         SELECT {shop}, 'shop-' || n, 'Shop ' || n, '', 'GBP', 'GB', now() FROM generate_series(0, {SHOPS} - 1) n;
         INSERT INTO categories (id, parent_id, slug, name, description, created_at)
         SELECT {category}, CASE WHEN n < 4 THEN NULL ELSE {parent} END, 'category-' || n, 'Category ' || n, '', now()
         FROM generate_series(0, {CATEGORIES} - 1) n;
         INSERT INTO attributes (id, handle, name, kind, is_filterable, created_at)
         VALUES ({colours}, 'colour', 'Colour', 'CHOICE', true, now()), ({materials}, 'material', 'Material', 'CHOICE', true, now());
         INSERT INTO attribute_choices (id, attribute_id, ordinal, name)
         SELECT {colour}, {colours}, n, 'Colour ' || n FROM generate_series(0, {COLOURS} - 1) n;
         INSERT INTO attribute_choices (id, attribute_id, ordinal, name)
         SELECT {material}, {materials}, n, 'Material ' || n FROM generate_series(0, {MATERIALS} - 1) n;
         INSERT INTO product_kinds (id, handle, name, created_at) VALUES ({kind}, 'thing', 'Thing', now());
         INSERT INTO product_kind_attributes (product_kind_id, attribute_id, ordinal, is_required)
         VALUES ({kind}, {colours}, 0, false), ({kind}, {materials}, 1, false)"
    )
}

/// Products whose titles begin as those of one of the goods and end as those of another, with a word of few products between.
pub async fn fill(app: &App, url: &str, goods: &str, products: u32) -> Result<(), AnyError> {
    PgConnection::establish(url)?.batch_execute(&grounds())?;
    let mut reader = csv::Reader::from_reader(goods.as_bytes());
    let titles: BTreeSet<String> =
        reader.records().filter_map(|row| Some(row.ok()?.get(2)?.trim().to_owned())).collect();
    let halves: Vec<(Vec<String>, Vec<String>)> = titles
        .iter()
        .map(|title| title.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
        .filter(|words| words.len() >= 2)
        .map(|words| (words[..words.len() / 2].to_vec(), words[words.len() / 2..].to_vec()))
        .collect();
    for from in (0..products).step_by(BATCH as usize) {
        let batch: Vec<_> = (from..products.min(from + BATCH)).map(|number| product(number, &halves)).collect();
        app.db
            .write(&Caller::system(), move |tx| add_products(tx, &batch))
            .await
            .map_err(|failure: Failure| failure.to_string())?;
    }
    Ok(())
}

fn product(number: u32, halves: &[(Vec<String>, Vec<String>)]) -> BulkProduct {
    // Numbers that look like chance, and are the same everywhere (the finaliser of SplitMix64).
    let mixed = |salt: u64| {
        let mut bits = (u64::from(number) << 8 | salt).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        bits = (bits ^ bits >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits ^ bits >> 27
    };
    let below = |salt: u64, end: u32| (mixed(salt) >> 16) as u32 % end;
    let (begin, end) =
        (&halves[below(1, halves.len() as u32) as usize].0, &halves[below(2, halves.len() as u32) as usize].1);
    let title = [begin.join(" "), maker(below(3, 1 + number / 20)), end.join(" ")].join(" ");
    let said = |attribute: u32, choice: Uuid| GivenAttribute {
        attribute: Id::from_uuid(uuid(3, attribute)),
        value: AttributeValue::Choice(Id::from_uuid(choice)),
    };
    let specification = Specification {
        tags: Vec::new(),
        product_kind: Some(Id::from_uuid(uuid(4, 0))),
        attributes: vec![said(0, uuid(5, below(4, COLOURS))), said(1, uuid(6, below(5, MATERIALS)))],
        options: Vec::new(),
    };
    let price = 100 + i64::from(below(6, 20_000));
    BulkProduct {
        id: Id::from_uuid(uuid(7, number)),
        shop: Id::from_uuid(uuid(1, below(7, SHOPS))),
        category: Some(Id::from_uuid(uuid(2, below(8, CATEGORIES)))),
        description: format!("{title}, made to last. Wipe it with a dry cloth and keep it out of the sun."),
        title,
        status: ProductStatus::Active,
        specification,
        currency: "GBP".parse().unwrap_or_else(|_| unreachable!()),
        sold_count: i64::from(below(9, 1_000)),
        created_at: Utc.timestamp_opt(1_700_000_000, 0).earliest().unwrap_or_default()
            + TimeDelta::seconds(i64::from(number)),
        variants: vec![BulkVariant {
            id: Id::from_uuid(uuid(8, number)),
            sku: format!("S{number}"),
            title: String::new(),
            options: Vec::new(),
            price,
        }],
    }
}

/// A made-up name of a maker.
fn maker(mut number: u32) -> String {
    const SYLLABLES: [&str; 16] =
        ["ba", "do", "fi", "ga", "ka", "lo", "mi", "na", "po", "ra", "so", "ta", "vi", "wa", "xe", "zu"];
    let mut name = String::new();
    for _ in 0..4 {
        name += SYLLABLES[number as usize % SYLLABLES.len()];
        number /= SYLLABLES.len() as u32;
    }
    name
}

const LIST: &str =
    "query($filter: ProductFilter!) { products(filter: $filter, first: 20) { totalCount nodes { title } } }";
const FACETS: &str = "query($filter: ProductFilter!) {
    products(filter: $filter, first: 20) { totalCount nodes { title } }
    productFacets(filter: $filter) {
        isExact categories { count category { name } } shops { count } prices { count min { amount } max { amount } }
        attributes { attribute { name } choices { count choice { name } } } } }";
const SUGGESTIONS: &str = "query($typed: String!) { searchSuggestions(query: $typed) { query } }";

/// Each question as a list and with facets, and as it is typed, letter by letter.
pub async fn run(market: &Market, questions: &[Question], products: u32, rounds: u32) -> Result<(), AnyError> {
    println!("Over {products} products, milliseconds of {rounds} rounds, one after the other:\n");
    println!("| What | requests | p50 | p99 | most | question that took most |\n|---|---|---|---|---|---|");
    let colour = json!({"attributeId": Id::<agora::products::model::attributes::Attribute>::from_uuid(uuid(3, 0)),
        "value": {"choiceIds": [Id::<agora::products::model::attributes::Choice>::from_uuid(uuid(5, 1))]}});
    let of_words = |question: &Question| json!({"filter": {"query": question.words}});
    let narrowed = |question: &Question| json!({"filter": {"query": question.words, "attributes": [colour]}});
    let lists: Vec<Value> = questions.iter().map(of_words).collect();
    let narrowed: Vec<Value> = questions.iter().map(narrowed).collect();
    let typed = |question: &Question| {
        let letters: Vec<char> = question.words.chars().collect();
        (1..=letters.len())
            .map(|length| json!({"typed": letters[..length].iter().collect::<String>()}))
            .collect::<Vec<_>>()
    };
    let typed: Vec<Value> = questions.iter().flat_map(typed).collect();
    for (what, document, all) in [
        ("search", LIST, &lists),
        ("search with facets", FACETS, &lists),
        ("search with facets, narrowed", FACETS, &narrowed),
        ("suggestions", SUGGESTIONS, &typed),
    ] {
        let mut times = Vec::new();
        for round in 0..=rounds {
            for variables in all {
                let since = Instant::now();
                market.ask(document, variables).await?;
                // The first round warms the caches.
                if round > 0 {
                    times.push((since.elapsed(), variables));
                }
            }
        }
        times.sort_by_key(|(time, _)| *time);
        let milliseconds = |time: Duration| time.as_secs_f64() * 1_000.0;
        let at = |part: f64| milliseconds(times[((times.len() - 1) as f64 * part) as usize].0);
        let (most, question) = times[times.len() - 1];
        let question = question["typed"].as_str().or(question["filter"]["query"].as_str()).unwrap_or_default();
        println!(
            "| {what} | {} | {:.1} | {:.1} | {:.1} | {question} |",
            times.len(),
            at(0.5),
            at(0.99),
            milliseconds(most)
        );
    }
    println!();
    Ok(())
}
