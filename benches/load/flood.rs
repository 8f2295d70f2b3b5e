//! A flood of sign-ins: what it does to those who only want to look at something.

use std::{
    net::{IpAddr, Ipv4Addr},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use agora::platform::{
    clock::Generator,
    crypto::{PasswordCost, PasswordHasher},
};
use serde_json::{Value, json};
use tokio::task::{JoinSet, block_in_place};

use super::{
    AnyError,
    generators::{self, Open},
    ground::Ground,
    operations::Operation,
    results::Flood,
    server::Server,
};

/// Sign-ins that are under way at once, each of another person from another address.
const AT_ONCE: u32 = 200;
const CONNECTIONS: u32 = 16;
const PASSWORD: &str = "correct horse battery staple";

/// Reads at a fixed rate, without and with the flood, in turns.
pub async fn measure(
    (oha, folder): (&Path, &Path),
    ground: &Ground,
    server: &Server,
    operation: &Operation,
    (seconds, rounds): (u32, u32),
) -> Result<Flood, AnyError> {
    let hasher = PasswordHasher::new(PasswordCost::PRODUCTION, 1)?;
    let hash = hasher.hash(PASSWORD.into(), Generator::from_system().bytes()).await?;
    ground.execute(&format!("UPDATE users SET password_hash = '{hash}' WHERE email_key ~ '^person[0-9]{{1,3}}@'"))?;
    let (token, bodies) = operation.of_one_person(server, 20_000)?;
    let file = folder.join("bodies.txt");
    let read = |rate| {
        let run = (rate, CONNECTIONS, seconds);
        block_in_place(|| generators::oha(oha, &server.url, (token.as_deref(), &bodies), &file, run))
    };
    // A rate that leaves the processors idle most of the time: what grows is not the queue of the readers themselves.
    let rate = 0.1 * read(None)?.rate;
    let (mut quiet, mut flooded): (Vec<Open>, Vec<Open>) = (Vec::new(), Vec::new());
    let (signed_in, refused) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    for _ in 0..rounds {
        quiet.push(read(Some(rate))?);
        let is_over = Arc::new(AtomicBool::new(false));
        let mut flood = JoinSet::new();
        for number in 0..AT_ONCE {
            let (url, is_over) = (server.url.clone(), Arc::clone(&is_over));
            flood.spawn(sign_in_on_and_on(url, number, is_over, Arc::clone(&signed_in), Arc::clone(&refused)));
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
        flooded.push(read(Some(rate))?);
        is_over.store(true, Ordering::Relaxed);
        while flood.join_next().await.is_some() {}
    }
    let middle = |mut runs: Vec<Open>| {
        runs.sort_by(|one, other| one.p99.total_cmp(&other.p99));
        runs.get(runs.len() / 2).map_or(f64::NAN, |run| run.p99)
    };
    Ok(Flood {
        title: operation.title.to_owned(),
        rate,
        quiet: middle(quiet),
        flooded: middle(flooded),
        signed_in: signed_in.load(Ordering::Relaxed),
        refused: refused.load(Ordering::Relaxed),
    })
}

async fn sign_in_on_and_on(
    url: String,
    number: u32,
    is_over: Arc<AtomicBool>,
    signed_in: Arc<AtomicU64>,
    refused: Arc<AtomicU64>,
) {
    let address = IpAddr::V4(Ipv4Addr::new(127, 2, 0, (number % AT_ONCE + 1) as u8));
    let Ok(client) = reqwest::Client::builder().local_address(address).build() else { return };
    let document = "mutation SignIn($input: SignInInput!) { signIn(input: $input) { result { ... on SignedIn { accessToken } } } }";
    let input = json!({"email": format!("person{number}@bench.example"), "password": PASSWORD});
    let body = json!({"query": document, "variables": {"input": input}});
    while !is_over.load(Ordering::Relaxed) {
        let answer = async { client.post(&url).json(&body).send().await?.json::<Value>().await };
        let answer = answer.await.unwrap_or_default();
        if answer["data"]["signIn"]["result"].is_object() {
            signed_in.fetch_add(1, Ordering::Relaxed);
        } else {
            refused.fetch_add(1, Ordering::Relaxed);
            let told = answer["errors"][0]["extensions"]["retryAfterSeconds"].as_f64().unwrap_or(1.0);
            // Not sooner than the answer says, and not all of them at once.
            tokio::time::sleep(Duration::from_secs_f64(told * rand::random_range(1.0..1.5))).await;
        }
    }
}
