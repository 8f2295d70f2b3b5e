//! Many products, made by Postgres from numbers and from the words of a real shop's goods: the same every time.

use std::{collections::BTreeSet, fmt::Display};

use agora::{
    kernel::place::Locale,
    products::model::search::{Stemming, Texts, deletes_of_known},
};
use diesel::{
    Connection, PgConnection, RunQueryDsl,
    connection::SimpleConnection,
    sql_query,
    sql_types::{Array, Text},
};
use uuid::Uuid;

use super::AnyError;

const SHOPS: u32 = 50;
const CATEGORIES: u32 = 40;
const COLOURS: u32 = 12;
const MATERIALS: u32 = 8;
/// Products of one statement.
const BATCH: u32 = 50_000;
/// What all descriptions end with.
const CARE: &str = ", made to last. Wipe it with a dry cloth and keep it out of the sun.";

/// A table whose rows are known by their numbers: the same in each run.
#[derive(Clone, Copy)]
pub enum Table {
    Shop = 1,
    Category,
    Attribute,
    Kind,
    Colour,
    Material,
    Product,
    Variant,
}

impl Table {
    pub fn id(self, number: u32) -> Uuid {
        Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 | (self as u128) << 32 | u128::from(number))
    }

    fn sql(self, number: impl Display) -> String {
        format!(
            "('01900000-0000-7000-8000-' || lpad(to_hex({}), 4, '0') || lpad(to_hex({number}), 8, '0'))::uuid",
            self as u32
        )
    }
}

/// A number below another that looks like chance, by the number of a product.
fn drawn(salt: u32, below: impl Display) -> String {
    format!("((hashint8extended(n, {salt}) & 9223372036854775807) % ({below}))::int")
}

fn grounds() -> String {
    let (colours, materials, kind) = (Table::Attribute.sql(0), Table::Attribute.sql(1), Table::Kind.sql(0));
    let choices = |table: Table, attribute: &str, name: &str, count: u32| {
        format!(
            "INSERT INTO attribute_choices (id, attribute_id, ordinal, name)
             SELECT {}, {attribute}, n, '{name} ' || n FROM generate_series(0, {count} - 1) n;",
            table.sql("n")
        )
    };
    format!(
        "INSERT INTO shops (id, handle, name, description, currency, country, created_at)
         SELECT {shop}, 'shop-' || n, 'Shop ' || n, '', 'GBP', 'GB', now() FROM generate_series(0, {SHOPS} - 1) n;
         INSERT INTO categories (id, parent_id, slug, name, description, created_at)
         SELECT {category}, CASE WHEN n < 4 THEN NULL ELSE {parent} END, 'category-' || n, 'Category ' || n, '', now()
         FROM generate_series(0, {CATEGORIES} - 1) n;
         INSERT INTO attributes (id, handle, name, kind, is_filterable, created_at)
         VALUES ({colours}, 'colour', 'Colour', 'CHOICE', true, now()), ({materials}, 'material', 'Material', 'CHOICE', true, now());
         {}
         {}
         INSERT INTO product_kinds (id, handle, name, created_at) VALUES ({kind}, 'thing', 'Thing', now());
         INSERT INTO product_kind_attributes (product_kind_id, attribute_id, ordinal, is_required)
         VALUES ({kind}, {colours}, 0, false), ({kind}, {materials}, 1, false)",
        choices(Table::Colour, &colours, "Colour", COLOURS),
        choices(Table::Material, &materials, "Material", MATERIALS),
        shop = Table::Shop.sql("n"),
        category = Table::Category.sql("n"),
        parent = Table::Category.sql("n % 4"),
    )
}

/// What products are found by, and the words that are learnt.
#[derive(Default)]
struct Documents {
    words: BTreeSet<String>,
}

impl Documents {
    /// That of a text, without weights.
    fn of(&mut self, text: &str) -> String {
        let stemming = Stemming::of([&Locale::default()]);
        let texts = Texts { title: "", brand: "", tags: &[], description: text, translations: &[] };
        let (document, words) = texts.document(std::iter::empty(), &stemming);
        self.words.extend(words);
        document.to_string()
    }
}

/// Products whose titles begin as those of one of the goods and end as those of another, with a word of few products between. Of each
/// there is what search reads.
pub fn fill(url: &str, goods: &str, products: u32) -> Result<(), AnyError> {
    let mut database = PgConnection::establish(url)?;
    database.batch_execute("SET synchronous_commit = off; SET statement_timeout = 0")?;
    database.batch_execute(&grounds())?;
    let mut documents = Documents::default();
    let halves = halves(goods)?;
    let makers: Vec<String> = (0..=products / 20).map(maker).collect();
    let parts = [
        ("begins", halves.iter().map(|(begin, _)| begin.clone()).collect()),
        ("ends", halves.iter().map(|(_, end)| end.clone()).collect()),
        ("makers", makers),
        ("colours", (0..COLOURS).map(|number| format!("Colour {number}")).collect()),
        ("materials", (0..MATERIALS).map(|number| format!("Material {number}")).collect::<Vec<_>>()),
    ];
    for (name, texts) in &parts {
        let found_by: Vec<String> = texts.iter().map(|text| documents.of(text)).collect();
        sql_query(format!(
            "CREATE TEMPORARY TABLE {name} AS SELECT number::int - 1 AS number, text, document::tsvector
             FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS given (text, document, number)"
        ))
        .bind::<Array<Text>, _>(texts)
        .bind::<Array<Text>, _>(&found_by)
        .execute(&mut database)?;
        database.batch_execute(&format!("ANALYZE {name}"))?;
    }
    let care = documents.of(CARE);
    for from in (0..products).step_by(BATCH as usize) {
        for statement in rows(&care, halves.len(), from, products.min(from + BATCH)) {
            database.batch_execute(&statement)?;
        }
    }
    let words: Vec<&String> = documents.words.iter().collect();
    let deletes: Vec<String> =
        words.iter().map(|word| deletes_of_known(word).into_iter().collect::<Vec<_>>().join(" ")).collect();
    sql_query(
        "INSERT INTO product_words (word, products, deletes, counted_at)
         SELECT learnt.word, least(had.ndoc, 10000), string_to_array(learnt.deletes, ' '), now()
         FROM unnest($1::text[], $2::text[]) AS learnt (word, deletes)
         JOIN ts_stat('SELECT search FROM products') had ON had.word = learnt.word",
    )
    .bind::<Array<Text>, _>(words)
    .bind::<Array<Text>, _>(&deletes)
    .execute(&mut database)?;
    database.batch_execute("VACUUM ANALYZE")?;
    Ok(())
}

/// The products of some numbers, with what belongs to them.
fn rows(care: &str, halves: usize, from: u32, until: u32) -> [String; 4] {
    let numbers = format!("generate_series({from}, {until} - 1) n");
    let (product, kind) = (Table::Product.sql("n"), Table::Kind.sql(0));
    let (shop, price) = (Table::Shop.sql(drawn(7, SHOPS)), format!("100 + {}", drawn(6, 20_000)));
    let (colour, material) = (drawn(4, COLOURS), drawn(5, MATERIALS));
    let said = |attribute: u32, choice: String| {
        format!(
            "INSERT INTO product_attributes (product_id, attribute_id, choice_id)
             SELECT {product}, {}, {choice} FROM {numbers}",
            Table::Attribute.sql(attribute)
        )
    };
    // As `product_said` has it, so that it is not written twice.
    let packed = |attribute: u32, choice: String| {
        format!("uuid_send({}) || '\\x01'::bytea || uuid_send({choice})", Table::Attribute.sql(attribute))
    };
    let care_text = CARE.replace('\'', "''");
    let care = care.replace('\'', "''");
    [
        format!(
            "INSERT INTO products (id, shop_id, category_id, product_kind_id, slug, title, description, status, currency, price_min,
                                   price_max, sold_count, search, said, created_at, updated_at)
             SELECT {product}, {shop}, {category}, {kind}, 'product-' || n, title, title || '{care_text}', 'ACTIVE', 'GBP', {price}, {price},
                    {sold}, setweight(named, 'A') || setweight(details, 'C') || setweight(named || '{care}'::tsvector, 'D'),
                    {packed_colour} || {packed_material}, to_timestamp(1700000000 + n), to_timestamp(1700000000 + n)
             FROM (SELECT n, begins.text || ' ' || makers.text || ' ' || ends.text AS title,
                          begins.document || makers.document || ends.document AS named,
                          colours.document || materials.document || ('s' || n || ':1')::tsvector AS details
                   FROM (SELECT n, {begin} AS first, {end} AS last, {maker} AS maker, {colour} AS colour, {material} AS material
                         FROM {numbers}) drawn
                   JOIN begins ON begins.number = first JOIN ends ON ends.number = last JOIN makers ON makers.number = maker
                   JOIN colours ON colours.number = colour JOIN materials ON materials.number = material) titled",
            category = Table::Category.sql(drawn(8, CATEGORIES)),
            packed_colour = packed(0, Table::Colour.sql(&colour)),
            packed_material = packed(1, Table::Material.sql(&material)),
            sold = drawn(9, 1_000),
            begin = drawn(1, halves),
            end = drawn(2, halves),
            maker = drawn(3, "1 + n / 20"),
        ),
        format!(
            "INSERT INTO product_variants (id, product_id, shop_id, sku, title, ordinal, currency, price, created_at)
             SELECT {variant}, {product}, {shop}, 'S' || n, '', 0, 'GBP', {price}, to_timestamp(1700000000 + n) FROM {numbers}",
            variant = Table::Variant.sql("n"),
        ),
        said(0, Table::Colour.sql(&colour)),
        said(1, Table::Material.sql(&material)),
    ]
}

/// Titles of goods, each cut in half.
fn halves(goods: &str) -> Result<Vec<(String, String)>, AnyError> {
    let mut titles = BTreeSet::new();
    for row in csv::Reader::from_reader(goods.as_bytes()).records() {
        titles.insert(row?.get(2).ok_or("a title")?.trim().to_owned());
    }
    let words = titles.iter().map(|title| title.split_whitespace().collect::<Vec<_>>());
    let half = |words: Vec<&str>| {
        let (begin, end) = words.split_at(words.len() / 2);
        (begin.join(" "), end.join(" "))
    };
    Ok(words.filter(|words| words.len() >= 2).map(half).collect())
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
