//! How long search takes over many products.

use std::time::{Duration, Instant};

use agora::{
    kernel::id::Id,
    products::model::attributes::{Attribute, Choice},
};
use serde_json::{Value, json};

use super::{AnyError, fill::Table, judged::Question, market::Market};

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
    let (attribute, choice) = (Table::Attribute.id(0), Table::Colour.id(1));
    let colour = json!({"attributeId": Id::<Attribute>::from_uuid(attribute),
        "value": {"choiceIds": [Id::<Choice>::from_uuid(choice)]}});
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
