//! What was measured besides operations, in words.

use std::fmt::Write;

use super::{Delivery, Idle, Learning, Messaging, rows};

impl Idle {
    pub fn line(&self) -> String {
        let Self { count, bytes, server_cpu, postgres_cpu } = self;
        format!(
            "an idle subscription, of {count}: {:.1} KB; all of them at rest: {:.1} % of a processor for the server, {:.1} % for Postgres",
            bytes / 1024.0,
            server_cpu * 100.0,
            postgres_cpu * 100.0
        )
    }
}

impl Delivery {
    pub fn line(&self) -> String {
        let Self { receivers, messages_per_second, seconds, wanted, heard, refused, has_lost_sockets, p50, p99, most } =
            self;
        let lost = if *has_lost_sockets { "; SOCKETS WERE LOST" } else { "" };
        format!(
            "{messages_per_second} messages/s for {seconds} s to {receivers} receivers: p50 {p50:.1} ms, p99 {p99:.1} ms, most \
             {most:.1} ms; told {heard} times of {wanted}, {refused} messages refused{lost}"
        )
    }
}

impl Messaging {
    pub fn table(&self) -> String {
        let Self { few, many, few_bytes, many_bytes, growth } = self;
        let all: Vec<_> = growth.iter().flat_map(|growth| [growth.few.clone(), growth.many.clone()]).collect();
        let mut text = format!(
            "Conversations, each reading over {few} messages ({:.1} GB) and then over {many} ({:.1} GB):\n\n{}",
            *few_bytes as f64 / 1e9,
            *many_bytes as f64 / 1e9,
            rows(&all)
        );
        for growth in growth {
            let (cpu, time) = growth.ratios();
            let _ = writeln!(text, "- {}: {cpu:.2} × the processor time, {time:.2} × the time", growth.many.title);
        }
        text
    }
}

impl Learning {
    pub fn lines(&self) -> String {
        let Self { lines, orders, products, learned_in, seconds, pairs, lists, neighbors, .. } = self;
        let mut text = format!(
            "{lines} lines of {orders} orders of {products} products learned in {learned_in:.0} s ({:.0} lines/s), lists made in \
             {seconds:.0} s; CPU {:.0} s + {:.0} s\n",
            *lines as f64 / learned_in,
            self.server_cpu,
            self.postgres_cpu
        );
        let _ = writeln!(
            text,
            "{pairs} pairs, {neighbors} neighbours of {lists} products, {:.2} GB on disk",
            self.disk as f64 / 1e9
        );
        let _ = writeln!(
            text,
            "memory at the most: server {:.0} MB, Postgres' processes {:.0} MB and {:.0} MB that they share",
            self.server_memory / 1e6,
            self.postgres_memory / 1e6,
            self.shared_memory / 1e6
        );
        let _ = match self.renewed {
            Some(seconds) => writeln!(text, "a new order is known after {seconds:.1} s"),
            None => writeln!(text, "a new order is NEVER known"),
        };
        text
    }
}
