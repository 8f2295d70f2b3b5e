//! The words that products have: what a search may mean, and what it may have meant.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashMap, HashSet},
};

use diesel::{
    ExpressionMethods, OptionalExtension, QueryDsl, QueryableByName, RunQueryDsl, sql_query,
    sql_types::{Array, Bool, Integer, Text, Timestamptz},
    upsert::excluded,
};

use crate::{
    kernel::{error::Failure, place::Locale, tsvector::quoted},
    platform::{
        clock::Time,
        db::{Conn, Tx},
    },
    products::model::{
        search::{Counted, Known, Search, Stemming, Understood, Whose, deletes, deletes_of_known, misspellings},
        translations::serving,
    },
    schema::{catalogue, product_words},
};

/// Words that are spelled almost alike, of which the likely ones are taken, at most: those that most products have.
const MAXIMUM_NEAR: i64 = 2_000;
/// Words that one may be the beginning of, of which some are suggested, at most.
const MAXIMUM_COMPLETIONS: usize = 30;
/// The likely ones among them, which are looked at one by one, and those of which they are chosen.
const MAXIMUM_LIKELY: i64 = 100;
const MAXIMUM_BEGUN: i64 = 10_000;
/// More than few products.
const MANY: i32 = 1_000;

/// What products are written in.
pub fn locale(conn: &mut Conn) -> Result<Locale, Failure> {
    let locale = catalogue::table.select(catalogue::locale).first(conn).optional()?;
    Ok(locale.unwrap_or_default())
}

/// Sets what products are written in. False if it was that before.
pub fn set_locale(tx: &mut Tx<'_>, locale: &Locale) -> Result<bool, Failure> {
    let other = catalogue::table.filter(catalogue::locale.ne(locale));
    Ok(diesel::update(other).set(catalogue::locale.eq(locale)).execute(tx.conn())? == 1)
}

/// A search with all that it may mean: words as they are, by their stems, begun, joined and split; what nobody has by what is
/// spelled almost alike.
pub fn understand(conn: &mut Conn, search: &Search) -> Result<(Understood, Stemming), Failure> {
    let locale = locale(conn)?;
    let stemming = Stemming::of(std::iter::once(&locale).chain(&search.locale));
    let known = look_up(conn, &Understood::lookups(search, &stemming))?;
    let mut understood = Understood::of(search, &stemming, &known);
    understood.read = search.locale.as_ref().map(|reader| serving(reader, &locale)).unwrap_or_default();
    let unknown: Vec<&str> = understood.words(Whose::Unknown).collect();
    if !unknown.is_empty() {
        let near = near(conn, &unknown)?;
        understood.add_meant(Whose::Unknown, &near);
    }
    Ok((understood, stemming))
}

/// Lets words mean others that are spelled almost alike though they are known. False if there are none, or it was done before.
pub fn widen(conn: &mut Conn, search: &mut Understood) -> Result<bool, Failure> {
    if search.is_widened {
        return Ok(false);
    }
    search.is_widened = true;
    let known: Vec<&str> = search.words(Whose::Known).collect();
    let near = near(conn, &known)?;
    Ok(search.add_meant(Whose::Known, &near))
}

fn look_up(conn: &mut Conn, words: &[String]) -> Result<HashMap<String, Known>, Failure> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        word: String,
        #[diesel(sql_type = Integer)]
        products: i32,
        #[diesel(sql_type = Bool)]
        is_beginning: bool,
    }
    let ends: Vec<String> = words.iter().map(|word| end_of(word)).collect();
    let query = sql_query(
        "SELECT asked.word, coalesce(known.products, 0) AS products, \
                EXISTS (SELECT FROM product_words \
                         WHERE product_words.word >= asked.word COLLATE \"C\" AND product_words.word < asked.until COLLATE \"C\" \
                           AND products > 0) AS is_beginning \
           FROM unnest($1::text[], $2::text[]) AS asked (word, until) \
           LEFT JOIN product_words known ON known.word = asked.word COLLATE \"C\"",
    );
    let rows = query.bind::<Array<Text>, _>(words).bind::<Array<Text>, _>(ends).load::<Row>(conn)?;
    let known = |Row { word, products, is_beginning }| (word, Known { products, is_beginning });
    Ok(rows.into_iter().map(known).collect())
}

/// What comes after all words that begin with this one.
fn end_of(word: &str) -> String {
    format!("{word}{}", char::MAX)
}

/// Words of the market that may be meant by others, each with how many products have it.
fn near(conn: &mut Conn, words: &[&str]) -> Result<Vec<Counted>, Failure> {
    let parts: Vec<String> = words.iter().flat_map(|word| deletes(word, misspellings(word))).collect();
    let reversed: Vec<String> = words.iter().map(|word| word.chars().rev().collect()).collect();
    let ends: Vec<String> = reversed.iter().map(|word| end_of(word)).collect();
    let query = sql_query(format!(
        "(SELECT word, products FROM product_words WHERE deletes && $1 AND products > 0 \
           ORDER BY products DESC, word LIMIT {MAXIMUM_NEAR}) \
         UNION (SELECT longer.word, longer.products FROM unnest($2::text[], $3::text[]) AS asked (word, until), \
                LATERAL (SELECT word, products FROM product_words \
                          WHERE reverse(word) COLLATE \"C\" >= asked.word COLLATE \"C\" \
                            AND reverse(word) COLLATE \"C\" < asked.until COLLATE \"C\" AND products > 0 \
                          ORDER BY reverse(word) COLLATE \"C\" LIMIT 20) longer) \
         ORDER BY products DESC, word"
    ));
    let query = query.bind::<Array<Text>, _>(parts).bind::<Array<Text>, _>(reversed).bind::<Array<Text>, _>(ends);
    Ok(query.load(conn)?)
}

/// Words of products for sale that begin so, those first that most products have; if there are none, words that it may be
/// misspelled for.
pub fn completions(conn: &mut Conn, beginning: &str) -> Result<Vec<String>, Failure> {
    let likely = likely(conn, beginning)?;
    let completions = for_sale(conn, likely)?;
    if !completions.is_empty() {
        return Ok(completions);
    }
    let most = misspellings(beginning);
    let mut near: Vec<_> = near(conn, &[beginning])?
        .into_iter()
        .map(|known| (strsim::osa_distance(beginning, &known.word), Reverse(known.products), known))
        .filter(|(distance, ..)| (1..=most).contains(distance))
        .collect();
    near.sort_by(|one, other| (one.0, one.1, &one.2.word).cmp(&(other.0, other.1, &other.2.word)));
    for_sale(conn, near.into_iter().map(|(.., known)| known).take(MAXIMUM_COMPLETIONS).collect())
}

/// Words that begin so, those first that most products have. An index has them in this order by their first letter; with more letters
/// those are looked at that come first in the alphabet.
fn likely(conn: &mut Conn, beginning: &str) -> Result<Vec<Counted>, Failure> {
    if beginning.chars().count() == 1 {
        let query = sql_query(format!(
            "SELECT word, products FROM product_words WHERE left(word, 1) = $1 AND products > 0 \
              ORDER BY products DESC, word LIMIT {MAXIMUM_LIKELY}"
        ));
        return Ok(query.bind::<Text, _>(beginning).load(conn)?);
    }
    let query = sql_query(format!(
        "SELECT word, products \
           FROM (SELECT word, products FROM product_words WHERE word >= $1 AND word < $2 AND products > 0 \
                  ORDER BY word LIMIT {MAXIMUM_BEGUN}) begun \
          ORDER BY products DESC, word LIMIT {MAXIMUM_LIKELY}"
    ));
    Ok(query.bind::<Text, _>(beginning).bind::<Text, _>(end_of(beginning)).load(conn)?)
}

/// Those of some words that a product for sale has, in their order, not too many.
fn for_sale(conn: &mut Conn, words: Vec<Counted>) -> Result<Vec<String>, Failure> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        word: String,
    }
    // What many products have does not end for all of them in the day until it is counted again.
    let few: Vec<&str> = words.iter().filter(|known| known.products <= MANY).map(|known| known.word.as_str()).collect();
    let rows: Vec<Row> = if few.is_empty() {
        Vec::new()
    } else {
        // In their order, and no further than to the last one that is told.
        let query = sql_query(format!(
            "SELECT word FROM unnest($1::text[]) AS asked (word) \
              WHERE EXISTS (SELECT FROM products WHERE status = 'ACTIVE' AND search @@ quote_literal(word)::tsquery) \
              LIMIT {MAXIMUM_COMPLETIONS}"
        ));
        query.bind::<Array<Text>, _>(few).load(conn)?
    };
    let sold: HashSet<String> = rows.into_iter().map(|row| row.word).collect();
    let is_sold = |known: &Counted| known.products > MANY || sold.contains(&known.word);
    Ok(words.into_iter().filter(is_sold).map(|known| known.word).take(MAXIMUM_COMPLETIONS).collect())
}

/// The titles, in all languages, brands and tags of some products for sale that have all of these words and one of those.
pub fn texts_with(conn: &mut Conn, words: &[String], one_of: &[String]) -> Result<Vec<String>, Failure> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        text: String,
    }
    let all: Vec<_> = words.iter().map(|word| quoted(word)).collect();
    let any: Vec<_> = one_of.iter().map(|word| quoted(word)).collect();
    // Apart, so that Postgres looks for one of many words only where the others are.
    let query = sql_query(
        "WITH found AS MATERIALIZED (SELECT id, title, brand, tags FROM products \
                                      WHERE status = 'ACTIVE' AND search @@ $1::tsquery AND search @@ $2::tsquery) \
         SELECT concat_ws(' ', title, brand, array_to_string(tags, ' '), \
                (SELECT string_agg(other.title, ' ') FROM product_translations other WHERE other.product_id = found.id)) AS text \
           FROM found LIMIT 200",
    );
    let query = query.bind::<Text, _>(all.join(" & ")).bind::<Text, _>(any.join(" | "));
    Ok(query.load::<Row>(conn)?.into_iter().map(|row| row.text).collect())
}

/// Makes words of products for sale known, each with how many of them have it.
pub fn learn(tx: &mut Tx<'_>, words: &BTreeMap<String, i32>) -> Result<(), Failure> {
    use diesel::query_dsl::methods::FilterDsl;
    let known = known_of(tx, words)?;
    let new = words.iter().filter(|(word, _)| !known.contains(*word)).map(|(word, products)| {
        let deletes: Vec<String> = deletes_of_known(word).into_iter().collect();
        (product_words::word.eq(word), product_words::products.eq(products), product_words::deletes.eq(deletes))
    });
    for rows in new.collect::<Vec<_>>().chunks(5_000) {
        let insert = diesel::insert_into(product_words::table)
            .values(rows)
            .on_conflict(product_words::word)
            .do_update()
            .set(product_words::products.eq(excluded(product_words::products)));
        FilterDsl::filter(insert, product_words::products.eq(0)).execute(tx.conn())?;
    }
    Ok(())
}

fn known_of(tx: &mut Tx<'_>, words: &BTreeMap<String, i32>) -> Result<HashSet<String>, Failure> {
    let known =
        product_words::table.filter(product_words::word.eq_any(words.keys())).filter(product_words::products.gt(0));
    Ok(known.select(product_words::word).load::<String>(tx.conn())?.into_iter().collect())
}

/// How many products have words that were not counted since `before`; of no more than 10,000 are counted.
pub fn counts(conn: &mut Conn, before: Time, limit: i32) -> Result<Vec<Counted>, Failure> {
    let query = sql_query(
        "SELECT word, (SELECT count(*)::int4 FROM (SELECT FROM products WHERE status = 'ACTIVE' \
                AND search @@ quote_literal(word)::tsquery LIMIT 10000) found) AS products \
           FROM (SELECT word FROM product_words WHERE counted_at IS NULL OR counted_at < $1 \
                  ORDER BY counted_at NULLS FIRST LIMIT $2) asked",
    );
    Ok(query.bind::<Timestamptz, _>(before).bind::<Integer, _>(limit).load(conn)?)
}

/// Sets what was counted. A word that no product has is forgotten if that was so before; else it is put down as counted at
/// `of_none`, so that it is counted again before long: somebody may be saving a product that has it.
pub fn set_counts(tx: &mut Tx<'_>, counts: &[Counted], now: Time, of_none: Time) -> Result<(), Failure> {
    let words: Vec<&str> = counts.iter().map(|counted| counted.word.as_str()).collect();
    let products: Vec<i32> = counts.iter().map(|counted| counted.products).collect();
    sql_query(
        "DELETE FROM product_words USING unnest($1::text[], $2::int4[]) AS counted (word, products) \
          WHERE product_words.word = counted.word COLLATE \"C\" \
            AND counted.products = 0 AND product_words.products = 0",
    )
    .bind::<Array<Text>, _>(&words)
    .bind::<Array<Integer>, _>(&products)
    .execute(tx.conn())?;
    sql_query(
        "UPDATE product_words SET products = counted.products, \
                counted_at = CASE WHEN counted.products = 0 THEN $4 ELSE $3 END \
           FROM unnest($1::text[], $2::int4[]) AS counted (word, products) WHERE product_words.word = counted.word COLLATE \"C\"",
    )
    .bind::<Array<Text>, _>(&words)
    .bind::<Array<Integer>, _>(&products)
    .bind::<Timestamptz, _>(now)
    .bind::<Timestamptz, _>(of_none)
    .execute(tx.conn())?;
    Ok(())
}
