//! How well questions are answered, beside plain full-text search of Postgres and beside trigrams alone.

use std::collections::BTreeMap;

use diesel::{QueryableByName, RunQueryDsl, sql_query, sql_types::Text};
use serde_json::json;

use super::{AnyError, judged::Question, market::Market, trigrams};

/// Sums of nDCG@10 and reciprocal ranks: ours, those of full-text search, those of trigrams.
#[derive(Default)]
struct Sums {
    questions: f64,
    ndcg: [f64; 3],
    rank: [f64; 3],
}

impl Sums {
    fn add(&mut self, question: &Question, answers: &[Vec<String>; 3]) {
        self.questions += 1.0;
        for (way, answers) in answers.iter().enumerate() {
            self.ndcg[way] += question.ndcg(answers);
            self.rank[way] += question.reciprocal_rank(answers);
        }
    }

    fn line(&self, name: &str) -> String {
        let [ours, text, trigrams] = self.ndcg.map(|sum| sum / self.questions);
        let [our_rank, text_rank, trigram_rank] = self.rank.map(|sum| sum / self.questions);
        format!(
            "| {name} | {} | {ours:.3} | {text:.3} | {trigrams:.3} | {our_rank:.3} | {text_rank:.3} | {trigram_rank:.3} |",
            self.questions
        )
    }
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    sku: String,
    #[diesel(sql_type = Text)]
    title: String,
}

pub async fn run(market: &Market, questions: &[Question], verbose: bool) -> Result<(), AnyError> {
    let mut database = market.database()?;
    let goods: Vec<Row> =
        sql_query("SELECT v.sku, p.title FROM products p JOIN product_variants v ON product_id = p.id")
            .load(&mut database)?;
    let goods: Vec<_> =
        goods.into_iter().map(|row| (trigrams::trigrams(&format!("{} {}", row.title, row.sku)), row)).collect();
    let (mut by_kind, mut all) = (BTreeMap::<&str, Sums>::new(), Sums::default());
    for question in questions {
        let document = "query($words: String!) { products(filter: {query: $words}, first: 10) { nodes { title variants { sku } } } }";
        let data = market.ask(document, &json!({"words": question.words})).await?;
        let nodes = data["products"]["nodes"].as_array().ok_or("products")?.clone();
        let sku = |node: &serde_json::Value| node["variants"][0]["sku"].as_str().unwrap_or_default().to_owned();
        let ours: Vec<String> = nodes.iter().map(sku).collect();
        let text: Vec<Row> = sql_query(
            "SELECT sku, p.title FROM products p JOIN product_variants v ON product_id = p.id, plainto_tsquery('english', $1) query, \
                    to_tsvector('english', p.title || ' ' || sku) document \
              WHERE document @@ query ORDER BY ts_rank(document, query) DESC, p.id LIMIT 10",
        )
        .bind::<Text, _>(&question.words)
        .load(&mut database)?;
        let asked = trigrams::trigrams(&question.words);
        let mut alike: Vec<_> =
            goods.iter().map(|(trigrams, row)| (trigrams::similarity(trigrams, &asked), row)).collect();
        alike.sort_by(|one, other| other.0.total_cmp(&one.0));
        let alike =
            alike.into_iter().take(10).filter(|(similarity, _)| *similarity > 0.0).map(|(_, row)| row.sku.clone());
        let answers = [ours, text.into_iter().map(|row| row.sku).collect(), alike.collect()];
        if verbose {
            let grade = |sku: &String| question.grades.get(&sku.to_uppercase()).copied().unwrap_or_default();
            println!("{} [{}] {:.3}", question.words, question.kind, question.ndcg(&answers[0]));
            for node in &nodes {
                println!("    {} {}", grade(&sku(node)), node["title"].as_str().unwrap_or_default());
            }
        }
        by_kind.entry(&question.kind).or_default().add(question, &answers);
        all.add(question, &answers);
    }
    println!(
        "Over {} goods; nDCG@10 and MRR of search, of to_tsvector with ts_rank, of trigrams alone:\n",
        goods.len()
    );
    println!(
        "| Questions | | nDCG@10 | tsvector | trigrams | MRR | tsvector | trigrams |\n|---|---|---|---|---|---|---|---|"
    );
    for (kind, sums) in &by_kind {
        println!("{}", sums.line(kind));
    }
    println!("{}\n", all.line("**all**"));
    let [ours, text, trigrams] = all.ndcg.map(|sum| sum / all.questions);
    if ours <= text.max(trigrams) {
        return Err(format!("nDCG@10 {ours:.3} is not above the others").into());
    }
    println!("nDCG@10 {ours:.3}: above both, the aim of 0.9 {}\n", if ours < 0.9 { "missed" } else { "met" });
    Ok(())
}
