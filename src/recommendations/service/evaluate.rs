//! What recommendations are worth, on the orders of this market or of a file.

use std::{collections::HashMap, hash::Hash, path::Path};

use crate::{
    kernel::error::Failure,
    orders::{
        self,
        service::import::retail::{Kind, Rows},
    },
    platform::{
        app::App,
        clock::Time,
        db::Conn,
        import::{FileError, Input},
    },
    recommendations::{
        error::EvaluationError,
        model::{Basket, Evaluation},
    },
};

/// Orders that are read at once.
const BATCH: usize = 2_000;

/// How to evaluate.
#[derive(Debug, Clone, Copy)]
pub struct Evaluate {
    /// The share of the orders, in their order of time, that is learned from. The others are tried.
    pub split: f64,
    /// How many products are recommended.
    pub at: usize,
}

/// What recommendations are worth on the orders in a file of the format `uci-online-retail`. Of that counts what an import would take of goods that were sold.
///
/// # Errors
/// [`EvaluationError`].
pub fn evaluate_file(file: &Path, evaluate: Evaluate) -> Result<Evaluation, EvaluationError> {
    Evaluation::of(&read(file)?, evaluate.split, evaluate.at).ok_or(EvaluationError::TooFew)
}

/// What recommendations are worth on the newest orders of this market, `newest` of them at the most.
///
/// # Errors
/// [`EvaluationError`].
pub async fn evaluate_orders(app: &App, newest: usize, evaluate: Evaluate) -> Result<Evaluation, EvaluationError> {
    let baskets = app.db.read_snapshot(move |conn| newest_baskets(conn, newest)).await?;
    Evaluation::of(&baskets, evaluate.split, evaluate.at).ok_or(EvaluationError::TooFew)
}

/// Numbers of things, in the order in which they come: many pairs of small ones fit into memory.
struct Numbers<K>(HashMap<K, u32>);

impl<K: Eq + Hash> Numbers<K> {
    fn new() -> Self {
        Self(HashMap::new())
    }

    fn of(&mut self, thing: K) -> u32 {
        let next = u32::try_from(self.0.len()).unwrap_or(u32::MAX);
        *self.0.entry(thing).or_insert(next)
    }
}

struct Invoice {
    at: Time,
    customer: Option<u32>,
    goods: Vec<u32>,
}

fn read(file: &Path) -> Result<Vec<Basket<u32, u32>>, FileError> {
    let input = Input::open(file, 1)?;
    let mut rows = Rows::open(&input, "reading orders")?;
    let (mut numbers, mut customers, mut codes) = (Numbers::new(), Numbers::new(), Numbers::new());
    let mut invoices: HashMap<u32, Invoice> = HashMap::new();
    while let Some(row) = rows.read()? {
        let Ok(line) = row.line else { continue };
        if line.kind != Kind::Sale || !line.is_goods {
            continue;
        }
        let customer = line.customer.map(|customer| customers.of(customer));
        let new = || Invoice { at: line.at, customer, goods: Vec::new() };
        invoices.entry(numbers.of(line.invoice)).or_insert_with(new).goods.push(codes.of(line.code));
    }
    input.done();
    let mut invoices: Vec<(u32, Invoice)> = invoices.into_iter().collect();
    invoices.sort_unstable_by_key(|(number, invoice)| (invoice.at, *number));
    Ok(invoices.into_iter().map(|(_, invoice)| Basket::new(invoice.customer, invoice.goods)).collect())
}

/// Baskets of the newest orders, the oldest first.
fn newest_baskets(conn: &mut Conn, newest: usize) -> Result<Vec<Basket<u32, u32>>, Failure> {
    let (mut people, mut goods) = (Numbers::new(), Numbers::new());
    let (mut baskets, mut read, mut before) = (Vec::new(), 0, None);
    while read < newest {
        let limit = i64::try_from(BATCH.min(newest - read)).map_err(Failure::internal)?;
        let orders = orders::service::agreed(conn, before, limit)?;
        let Some((time, last)) = orders.last() else { break };
        before = Some((*time, last.order));
        read += orders.len();
        for (_, order) in orders {
            let person = order.buyer.map(|buyer| people.of(buyer));
            baskets.push(Basket::new(person, order.products.into_iter().map(|product| goods.of(product))));
        }
    }
    baskets.reverse();
    baskets.retain(|basket| !basket.products.is_empty());
    Ok(baskets)
}
