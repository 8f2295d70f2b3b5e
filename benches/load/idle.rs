//! Subscriptions on which nothing happens: what each of them holds in memory, and what all of them cost while they wait.

use std::time::Duration;

use serde_json::json;
use tokio::{task::JoinSet, time::sleep};

use super::{
    AnyError,
    ground::Ground,
    processes::{cpu_of, cpu_of_family, resident},
    results::Idle,
    server::Server,
    socket::{hear, subscribe},
};

/// Those that bring along what all of them share.
const FIRST: u32 = 100;
const QUERY: &str = "subscription { events { __typename ... on MessageSent { cursor } ... on OrderChanged { cursor } \
                     ... on Heartbeat { cursor } } }";

/// `count` subscriptions, every one of another person as long as there are so many, who then wait for so long.
pub async fn measure(server: &Server, ground: &Ground, count: u32, rest: Duration) -> Result<Idle, AnyError> {
    let mut waiting = JoinSet::new();
    open(&mut waiting, server, ground, 0..FIRST).await?;
    sleep(Duration::from_secs(1)).await;
    let before = resident(server.pid())?;
    open(&mut waiting, server, ground, FIRST..FIRST + count).await?;
    sleep(Duration::from_secs(3)).await;
    let after = resident(server.pid())?;
    let (pid, postmaster) = (server.pid(), ground.postmaster()?);
    let begun = (cpu_of(pid)?, cpu_of_family(postmaster)?);
    sleep(rest).await;
    let ended = (cpu_of(pid)?, cpu_of_family(postmaster)?);
    if waiting.try_join_next().is_some() {
        return Err("an idle socket ended".into());
    }
    Ok(Idle {
        count,
        bytes: (after - before) / f64::from(count),
        server_cpu: (ended.0 - begun.0) / rest.as_secs_f64(),
        postgres_cpu: (ended.1 - begun.1) / rest.as_secs_f64(),
    })
}

/// Opens the sockets of these numbers. Each goes on answering the server's pings.
async fn open(
    waiting: &mut JoinSet<()>,
    server: &Server,
    ground: &Ground,
    numbers: std::ops::Range<u32>,
) -> Result<(), AnyError> {
    let payload = json!({"query": QUERY});
    for number in numbers {
        let mut socket = subscribe(server, number, i64::from(number) % ground.size.people, &payload).await?;
        waiting.spawn(async move { while hear(&mut socket).await.is_some() {} });
    }
    Ok(())
}
