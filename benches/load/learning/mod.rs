//! Recommendations are learned of orders that were there before: how fast, in how much memory, and whether what they know follows a
//! new order at once.
//!
//! The server does it as it does in production, by its own job. Nobody asks it for anything meanwhile.

mod fill;

use std::{
    path::Path,
    time::{Duration, Instant},
};

use agora::products::model::Variant;
use serde_json::{Value, json};
use tokio::time::sleep;

use super::{
    AnyError,
    capture::ask,
    ground::Ground,
    market::{FIRST, Kind, price},
    operations::{address, amount, place_order},
    processes::{cpu_of, cpu_of_family, memory_of_family, peak},
    results::Learning,
    server::Server,
};

/// How often it is looked what is left.
const LOOK: Duration = Duration::from_secs(5);
/// After so long in which nothing is done it is given up.
const STUCK: Duration = Duration::from_mins(10);
/// How long a new order may take; twice of what it must not.
const PATIENCE: Duration = Duration::from_mins(2);

/// As the job's own indexes have it.
const UNLEARNED: &str = "SELECT count(*) AS number FROM orders \
                         WHERE is_learned = (status = 'CANCELLED' OR payment_due_at IS NOT NULL)";
const STALE: &str = "SELECT count(*) AS number FROM recommendation_products WHERE staleness > 0";
/// Two products that go best with each other, and have for so many people that one order more leaves them there.
const PAIR: &str = "FROM recommendation_neighbors WHERE rank = 1 ORDER BY backers DESC, product_id LIMIT 1";

/// What was in memory at the most, in bytes: of Postgres' processes each one's own together, and what they share.
#[derive(Default)]
struct Most {
    own: f64,
    shared: f64,
}

impl Most {
    fn look(&mut self, postmaster: u32) -> Result<(), AnyError> {
        let (own, shared) = memory_of_family(postmaster)?;
        (self.own, self.shared) = (self.own.max(own), self.shared.max(shared));
        Ok(())
    }
}

/// Learns of so many lines, then of one order more.
pub async fn measure(folder: &Path, lines: i64) -> Result<Learning, AnyError> {
    let ground = Ground::open(folder, &fill::contents(lines))?;
    let server = Server::start(&ground.fresh()?, folder)?;
    let postmaster = ground.postmaster()?;
    let (cpu, begun, mut most) = ((cpu_of(server.pid())?, cpu_of_family(postmaster)?), Instant::now(), Most::default());
    let (mut learned_in, mut before, mut moved) = (None, None, Instant::now());
    loop {
        sleep(LOOK).await;
        most.look(postmaster)?;
        let left = (ground.number(UNLEARNED)?, ground.number(STALE)?);
        if left.0 == 0 && learned_in.is_none() {
            learned_in = Some(begun.elapsed().as_secs_f64());
        }
        if left == (0, 0) {
            break;
        }
        if before != Some(left) {
            (before, moved) = (Some(left), Instant::now());
            eprintln!(
                "{:>6.0} s  {} orders to learn, {} products to look at",
                begun.elapsed().as_secs_f64(),
                left.0,
                left.1
            );
        }
        if moved.elapsed() > STUCK {
            return Err(
                format!("nothing is learned any more: {} orders and {} products are left", left.0, left.1).into()
            );
        }
    }
    let seconds = begun.elapsed().as_secs_f64();
    // Before anything is counted that the job does not count.
    let server_cpu = cpu_of(server.pid())? - cpu.0;
    let postgres_cpu = cpu_of_family(postmaster)? - cpu.1;
    let renewed = renew(&ground, &server).await?;
    let learning = Learning {
        lines,
        orders: lines / fill::LINES,
        products: ground.size.products,
        learned_in: learned_in.unwrap_or(seconds),
        seconds,
        server_cpu,
        postgres_cpu,
        pairs: ground.number("SELECT count(*) AS number FROM recommendation_pairs")?,
        lists: ground.number("SELECT count(*) AS number FROM recommendation_neighbors WHERE rank = 1")?,
        neighbors: ground.number("SELECT count(*) AS number FROM recommendation_neighbors")?,
        disk: ground.number(
            "SELECT sum(pg_total_relation_size(oid))::bigint AS number FROM pg_class \
             WHERE relkind = 'r' AND relname IN ('recommendation_baskets', 'recommendation_pairs', 'recommendation_products', \
             'recommendation_neighbors')",
        )?,
        server_memory: peak(server.pid())?,
        postgres_memory: most.own,
        shared_memory: most.shared,
        renewed,
    };
    drop(server);
    ground.clear()?;
    Ok(learning)
}

/// Somebody orders two products that go with each other, and pays. Returns after how many seconds the list of the one says so; none
/// if it never does.
async fn renew(ground: &Ground, server: &Server) -> Result<Option<f64>, AnyError> {
    let number =
        |column: &str| ground.number(&format!("SELECT right({column}::text, 8)::bigint - {FIRST} AS number {PAIR}"));
    let (one, other) = (number("product_id")?, number("other_id")?);
    let weight = format!(
        "SELECT coalesce(sum(weight), 0)::bigint AS number FROM recommendation_neighbors WHERE product_id = {} AND other_id = {}",
        Kind::Product.sql(&one.to_string()),
        Kind::Product.sql(&other.to_string())
    );
    let before = ground.number(&weight)?;
    let (http, token) = (reqwest::Client::new(), server.token(0)?);
    let line = |product: i64| json!({"variantId": Kind::Variant.id::<Variant>(2 * product), "quantity": 1});
    let input = json!({
        "lines": [line(one), line(other)],
        "shippingAddress": address(),
        "expectedTotal": amount(price(one) + price(other)),
        "idempotencyKey": "learning-placed",
    });
    let body = |query: String, input: Value| json!({"query": query, "variables": {"input": input}}).to_string();
    let placed = ask(&http, server, Some(&token), body(place_order("Place"), input)).await?;
    let pay = "mutation Pay($input: PayOrderInput!) { payOrder(input: $input) { payment { id status } userErrors { code message } } }";
    let input = json!({
        "orderId": placed["data"]["placeOrder"]["order"]["id"],
        "method": {"token": "test_succeeds"},
        "idempotencyKey": "learning-paid",
    });
    let begun = Instant::now();
    ask(&http, server, Some(&token), body(pay.to_owned(), input)).await?;
    while begun.elapsed() < PATIENCE {
        if ground.number(&weight)? > before {
            return Ok(Some(begun.elapsed().as_secs_f64()));
        }
        sleep(Duration::from_millis(250)).await;
    }
    Ok(None)
}
