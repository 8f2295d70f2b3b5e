//! What the market says in the end, held against the model, and the tables against themselves.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use agora::{kernel::id::Id, orders::model::Order, payments::model::Refund};
use diesel::{PgConnection, QueryableByName, RunQueryDsl, sql_query};
use rand::{SeedableRng, rngs::StdRng};
use serde_json::{Value, json};
use tokio::time::sleep;
use uuid::Uuid;

use crate::{
    Storm,
    harness::{cluster, trial::verdict::Verdict},
    market::{Goods, SELLERS, decimal, minor, uuid},
    model::{Model, Owner, Standing, broken},
    tally::Kind,
    wire::Request,
};

/// More than all that is left to do takes.
const PATIENCE: Duration = Duration::from_mins(1);
/// What is still claimed by a program that died is due again after so long.
const AGAIN: Duration = Duration::from_secs(5);

/// What is asked about each order.
const ORDER: &str = "id lifecycle total { amount } amountPaid { amount } amountRefunded { amount } amountCancelled { amount } \
                     amountOwed { amount } payments { id status } parts { lines { id kind quantity quantityCancelled \
                     quantityPacked quantityReturned } }";

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = diesel::sql_types::Uuid)]
    id: Uuid,
}

/// What a query counts.
fn count(connection: &mut PgConnection, sql: &str) -> i64 {
    cluster::count(connection, &format!("SELECT ({sql})::bigint AS count"))
}

/// Work that is not done yet: all but what comes again and again.
const UNDER_WAY: &str = "FROM jobs WHERE state = 'DUE' AND unique_key IS DISTINCT FROM kind";

/// Shops being paid out, or about to be. What has done it comes again in an hour.
const PAYING_OUT: &str = "FROM jobs WHERE kind = 'payouts.make_payouts' AND run_at < now() + interval '30 minutes'";

/// Has jobs done at once, and waits until there are none, nor anything else that a query counts. Returns how many there are.
async fn finish(connection: &mut PgConnection, jobs: &str, others: &str) -> i64 {
    let begun = Instant::now();
    let mut hurried: Option<Instant> = None;
    loop {
        let left = count(connection, &format!("SELECT (SELECT count(*) {jobs}) + ({others})"));
        if left == 0 || begun.elapsed() > PATIENCE {
            return left;
        }
        if hurried.is_none_or(|at| at.elapsed() > AGAIN) {
            let sql = format!("UPDATE jobs SET run_at = now() WHERE id IN (SELECT id {jobs} AND run_at > now())");
            sql_query(sql).execute(connection).unwrap();
            hurried = Some(Instant::now());
        }
        sleep(Duration::from_millis(100)).await;
    }
}

/// Has everything done at once that is to happen later, and waits until nothing is left. Returns what is.
async fn settle(connection: &mut PgConnection) -> i64 {
    finish(connection, UNDER_WAY, "SELECT count(*) FROM event_outbox").await
}

impl Storm {
    /// Holds everything against everything.
    pub async fn judge(&self) -> Verdict {
        let mut verdict = Verdict::default();
        let mut connection = self.market.programs.connect();
        verdict.check("everything has happened that has to, and each fault has hit", &self.missing());
        verdict.check("each operation was answered, and each repeat of it with the same", &self.tally.complaints());
        verdict.equal("nobody is about to be paid out", finish(&mut connection, PAYING_OUT, "SELECT 0").await, 0);
        verdict.equal("nothing is left to be done", settle(&mut connection).await, 0);
        let unheard = self.retry_refunds(&mut connection).await;
        verdict.equal("what could not be given back is given back at the second attempt", unheard, 0);

        let stock: Vec<i64> = self.market.goods.iter().map(|goods| goods.stock).collect();
        let (model, broken) = {
            let noted = self.deeds.lock().unwrap();
            let deeds = noted.iter().map(|noted| &noted.deed);
            (Model::replay(self.capture, stock.clone(), deeds), broken(self.capture, &stock, &noted))
        };
        verdict.check("by what was answered no more was ever sold than there was, nor a code used oftener", &broken);
        let standings = model.standings();
        let found = self.standings(&standings).await;
        let missing: Vec<_> = standings.keys().filter(|id| !found.contains_key(*id)).cloned().collect();
        verdict.check(&format!("each of {} answered orders is there", standings.len()), &missing);
        let all: Vec<Row> = sql_query("SELECT id FROM orders ORDER BY id").load(&mut connection).unwrap();
        let all = all.into_iter().map(|Row { id }| Id::<Order>::from_uuid(id).to_string());
        let unheard: Vec<_> = all.chain(found.keys().cloned()).filter(|id| !standings.contains_key(id)).collect();
        verdict.check("no order is there that was not answered, whoever has it", &unheard);
        verdict.equal(
            "no two orders have one number",
            count(&mut connection, "SELECT count(*) - count(DISTINCT number) FROM orders"),
            0,
        );
        let differs = |(id, wanted): (&String, &Standing)| {
            let found = found.get(id).filter(|found| !found.is_as(wanted))?;
            Some(format!("{id}\n        is          {found:?}\n        and not     {wanted:?}"))
        };
        let different: Vec<_> = standings.iter().filter_map(differs).collect();
        verdict.check("each order stands as its answers say: pieces, money, payments", &different);

        for (what, table, operation) in [
            ("an order", "orders", "placeOrder placeGuestOrder"),
            ("an attempt to pay", "payment_intents", "payOrder"),
            ("a shipment", "shipments", "createShipment"),
            ("a return", "returns", "requestReturn"),
            ("a claim", "claims", "openClaim"),
        ] {
            let rows = count(&mut connection, &format!("SELECT count(*) FROM {table}"));
            let done: u64 = operation.split(' ').map(|operation| self.tally.of(Kind::Operation, operation)).sum();
            let done = i64::try_from(done).unwrap();
            verdict.equal(&format!("each {operation} that was done made {what}, once ({done})"), rows, done);
        }
        verdict.equal(
            "what takes something off is counted as often as orders have it",
            count(&mut connection, "SELECT count(*) FROM promotion_uses WHERE released_at IS NULL"),
            model.promotions(),
        );
        verdict.equal(
            "each refund was carried out",
            count(&mut connection, "SELECT count(*) FROM refunds WHERE status <> 'SUCCEEDED'"),
            0,
        );
        let left = |(goods, wanted): (&Goods, &i64)| {
            let sql = format!(
                "SELECT sum(on_hand - backordered) FROM stock_levels WHERE variant_id = '{}'",
                uuid(&goods.variant)
            );
            let found = count(&mut connection, &sql);
            (found != *wanted).then(|| format!("{}: {found}, not {wanted}", goods.variant))
        };
        let oversold: Vec<_> = self.market.goods.iter().zip(&model.stock).filter_map(left).collect();
        verdict.check("of each variant is left what was there, less what was sold", &oversold);
        verdict.equal(
            "each payout has come to an end",
            count(&mut connection, "SELECT count(*) FROM payouts WHERE status NOT IN ('PAID', 'FAILED')"),
            0,
        );
        verdict.check(
            "each shop was paid out, or is owed, what it sold, less the tax and the market's share",
            &self.wrong_balances(&model, &mut connection).await,
        );
        verdict.equal(
            "the log of events has no gaps",
            count(&mut connection, "SELECT max(position) - min(position) + 1 - count(*) FROM events"),
            0,
        );
        verdict.equal("no job died", count(&mut connection, "SELECT count(*) FROM jobs WHERE state = 'DEAD'"), 0);
        verdict.check_programs(&self.market.programs).await;
        verdict
    }

    /// Has the shops give back what their provider could not give back at first. Returns what is left to be done.
    async fn retry_refunds(&self, connection: &mut PgConnection) -> i64 {
        let mut rng = StdRng::seed_from_u64(self.seed);
        let failed: Vec<Row> =
            sql_query("SELECT id FROM refunds WHERE status = 'FAILED' ORDER BY id").load(connection).unwrap();
        for Row { id } in failed {
            let input = json!({"refundId": Id::<Refund>::from_uuid(id).to_string()});
            // None but one of the shops finds it.
            for seller in &self.market.sellers {
                let request = Request::new(seller, "retryRefund", input.clone(), "refund { id }");
                let Ok(retried) = self.ask(&mut rng, &request).await else { return 1 };
                if retried.is_done() {
                    break;
                }
            }
        }
        settle(connection).await
    }

    async fn wrong_balances(&self, model: &Model, connection: &mut PgConnection) -> Vec<String> {
        let (mut rng, mut wrong) = (StdRng::seed_from_u64(self.seed), Vec::new());
        for (seller, earned) in model.earned(SELLERS).into_iter().enumerate() {
            let sql = format!(
                "SELECT coalesce(sum(amount), 0) FROM payouts WHERE status <> 'FAILED' AND shop_id = '{}'",
                self.market.shop(seller)
            );
            let balance = earned - count(connection, &sql);
            let document = "{ viewer { shops { balances { amount } } } }";
            let told = self.until_answered(&mut rng, &self.market.sellers[seller], document, json!({})).await;
            let told = told.map(|answer| text(&answer.data["viewer"]["shops"][0]["balances"][0]["amount"]));
            let told = told.unwrap_or_default();
            if told != decimal(balance) {
                wrong.push(format!("shop {seller}: {told}, not {}", decimal(balance)));
            }
        }
        wrong
    }

    /// All orders, by the market's own word: of those who have an account, and what guests among the wanted ones have.
    async fn standings(&self, wanted: &BTreeMap<String, Standing>) -> BTreeMap<String, Standing> {
        let document = format!(
            "query($after: String) {{ viewer {{ orders(first: 50, after: $after) {{ nodes {{ {ORDER} }} \
             pageInfo {{ hasNextPage endCursor }} }} }} }}"
        );
        let (mut standings, mut rng) = (BTreeMap::new(), StdRng::seed_from_u64(self.seed));
        for (buyer, token) in self.market.buyers.iter().enumerate() {
            let mut after = Value::Null;
            loop {
                let variables = json!({"after": after});
                let Ok(page) = self.until_answered(&mut rng, token, &document, variables).await else { break };
                let page = &page.data["viewer"]["orders"];
                for node in page["nodes"].as_array().into_iter().flatten() {
                    standings.insert(text(&node["id"]), standing(Owner::Buyer(buyer), node));
                }
                if page["pageInfo"]["hasNextPage"] != true {
                    break;
                }
                after = page["pageInfo"]["endCursor"].clone();
            }
        }
        let document = format!("query($token: String!) {{ order(token: $token) {{ {ORDER} }} }}");
        for Standing { owner, .. } in wanted.values() {
            let Owner::Guest(token) = owner else { continue };
            let Ok(found) = self.until_answered(&mut rng, "", &document, json!({"token": token})).await else { break };
            let order = &found.data["order"];
            if !order.is_null() {
                standings.insert(text(&order["id"]), standing(owner.clone(), order));
            }
        }
        standings
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn standing(owner: Owner, order: &Value) -> Standing {
    let amount = |field: &str| minor(order[field]["amount"].as_str().unwrap_or_default());
    let each = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let line = |line: Value| {
        let counts = ["quantity", "quantityCancelled", "quantityPacked", "quantityReturned"];
        (text(&line["id"]), counts.map(|count| line[count].as_i64().unwrap_or_default()))
    };
    Standing {
        owner,
        lifecycle: text(&order["lifecycle"]),
        total: amount("total"),
        paid: amount("amountPaid"),
        refunded: amount("amountRefunded"),
        cancelled: amount("amountCancelled"),
        owed: amount("amountOwed"),
        payments: each(&order["payments"])
            .iter()
            .map(|payment| (text(&payment["id"]), text(&payment["status"])))
            .collect(),
        lines: each(&order["parts"])
            .iter()
            .flat_map(|part| each(&part["lines"]))
            .filter(|line| line["kind"] == "GOODS")
            .map(line)
            .collect(),
    }
}
