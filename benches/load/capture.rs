//! Asking the server one request at a time: where pages begin, that answers are whole, and which statements they take.

use std::{fs, time::Duration};

use serde_json::{Value, json};

use super::{
    AnyError,
    ground::Ground,
    market::Size,
    operations::{Depths, KEY, Operation},
    server::Server,
    statements::{self, Script},
};

/// Asks, and refuses an answer that refuses anything.
pub async fn ask(
    http: &reqwest::Client,
    server: &Server,
    token: Option<&str>,
    body: String,
) -> Result<Value, AnyError> {
    let mut request = http.post(&server.url).header("content-type", "application/json").body(body);
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    let answer: Value = request.send().await?.json().await?;
    let payloads = answer["data"].as_object().into_iter().flat_map(|data| data.values());
    let is_refused =
        payloads.clone().any(|payload| payload["userErrors"].as_array().is_some_and(|errors| !errors.is_empty()));
    if answer.get("errors").is_some() || is_refused || payloads.clone().any(Value::is_null) {
        return Err(format!("the server refuses: {answer}").into());
    }
    Ok(answer)
}

/// The cursors of pages in the middle of the newest products.
pub async fn depths(server: &Server, size: &Size) -> Result<Depths, AnyError> {
    let http = reqwest::Client::new();
    let document = "query Walk($after: String) { products(first: 100, after: $after) { edges { cursor } pageInfo { endCursor } } }";
    let (first, last) = (5_000.min(size.products / 2), 20_000.min(size.products - 200));
    let (mut cursors, mut after) = (Vec::new(), Value::Null);
    while (cursors.len() as i64) < last {
        let body = json!({"query": document, "variables": {"after": after}}).to_string();
        let mut answer = ask(&http, server, None, body).await?;
        let page = &mut answer["data"]["products"];
        after = page["pageInfo"]["endCursor"].take();
        let edges = page["edges"].as_array_mut().ok_or("no edges")?;
        cursors.extend(edges.iter().filter_map(|edge| Some(edge["cursor"].as_str()?.to_owned())));
    }
    Ok(Depths { first, cursors: cursors.split_off(first as usize) })
}

/// What the server sends to Postgres for each operation, as scripts for pgbench. Sessions are found in a cache, as with
/// all their requests but the first.
pub async fn scripts(ground: &Ground, server: &Server, operations: &[Operation]) -> Result<Vec<Script>, AnyError> {
    ground.execute("ALTER SYSTEM SET log_statement = 'all'")?;
    ground.execute("SELECT pg_reload_conf()")?;
    tokio::time::sleep(Duration::from_millis(500)).await;
    let http = reqwest::Client::new();
    let mut scripts = Vec::new();
    for operation in operations {
        // What was asked before may still keep a job at work, whose statements stand in the log as well.
        let mut told = script(&http, ground, server, operation, '-').await;
        for attempt in ['1', '2', '3'] {
            if told.is_err() {
                tokio::time::sleep(Duration::from_secs(1)).await;
                told = script(&http, ground, server, operation, attempt).await;
            }
        }
        scripts.push(told.map_err(|error| format!("{}: {error}", operation.title))?);
    }
    ground.execute("ALTER SYSTEM RESET log_statement")?;
    ground.execute("SELECT pg_reload_conf()")?;
    tokio::time::sleep(Duration::from_millis(500)).await;
    Ok(scripts)
}

async fn script(
    http: &reqwest::Client,
    ground: &Ground,
    server: &Server,
    operation: &Operation,
    attempt: char,
) -> Result<Script, AnyError> {
    let drawn: Vec<i64> = operation.draws.iter().map(|(_, min, max)| min.midpoint(*max)).collect();
    let mut key = format!("{:-<20}", format!("capture-{}-", operation.name));
    key.pop();
    key.push(attempt);
    let (token, body) = operation.request(server, &drawn)?;
    let body = body.to_string();
    let fill_carts = || operation.carts.map_or(Ok(()), |carts| carts.fill(ground));
    fill_carts()?;
    ask(http, server, token.as_deref(), body.replace(KEY, &format!("{:-<20}", format!("warm-{}-", operation.name))))
        .await?;
    fill_carts()?;
    server.forget()?;
    let from = fs::metadata(ground.log())?.len();
    ask(http, server, token.as_deref(), body.replace(KEY, &key)).await?;
    // Logs are written after the answer, and by others.
    tokio::time::sleep(Duration::from_millis(300)).await;
    let log = fs::read(ground.log())?;
    let log = String::from_utf8_lossy(&log[usize::try_from(from)?..]).into_owned();
    let statements = statements::read(&log);
    let script = Script::of(operation, &drawn, &key, &statements);
    let counted = server.answered()?.statements;
    if script.statements as u64 != counted {
        fs::write(ground.folder().join("captured.log"), log)?;
        return Err(format!("the log has {} statements, the server counts {counted}", script.statements).into());
    }
    Ok(script)
}
