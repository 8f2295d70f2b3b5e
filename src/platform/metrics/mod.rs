//! What the process counts, for Prometheus. `/metrics` of the admin address shows it.
//!
//! Of the well-kept crates, `prometheus` is the one whose histograms are atomics instead of a lock, and without its
//! default features it brings next to nothing along.
//!
//! **Invariants:** counting on the hot path is an atomic; labels have a bounded number of values, and none of them is
//! anything that a client made up beyond [`Operations`]' bound.

mod operations;
mod scrape;

use prometheus::{
    CounterVec, Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts,
    Registry, TextEncoder, core::Collector,
};

pub use self::{operations::Operations, scrape::scrape};

/// From half a millisecond to half a minute, in seconds.
const SECONDS: &[f64] = &[0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];

/// Everything that is counted. One per process, in [`App`](super::app::App).
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    pub operations: Operations,
    pub lanes: Lanes,
    /// Each open `WebSocket`.
    pub sockets: IntGauge,
    /// Subscriptions that run, over whatever transport.
    pub subscriptions: IntGauge,
    pub mails_sent: IntCounter,
    pub mails_failed: IntCounter,
    pub mails_bounced: IntCounter,
    pub mails_held_back: IntCounter,
    pub leases: Leases,
    pub outgoing: Outgoing,
    /// The cache of what sessions were found to be.
    pub standings: Cache,
    caches: IntCounterVec,
    gauges: Gauges,
}

/// What the lanes of the database count.
#[derive(Debug)]
pub struct Lanes {
    jobs: IntCounterVec,
    wait: HistogramVec,
    statements: IntCounterVec,
    seconds: CounterVec,
    /// Cancels that were sent to Postgres.
    pub cancels: IntCounter,
}

/// One lane's.
#[derive(Debug, Clone)]
pub struct Lane {
    /// How long jobs waited for a thread.
    pub wait: Histogram,
    pub run: IntCounter,
    /// Refused because too many waited, or because they waited too long.
    pub refused: IntCounter,
    /// Whoever asked went away before they ran.
    pub abandoned: IntCounter,
}

/// One use case's statements.
#[derive(Debug, Clone)]
pub struct Statements {
    pub count: IntCounter,
    pub seconds: prometheus::Counter,
}

impl Lanes {
    /// A lane by its name.
    pub fn of(&self, name: &str) -> Lane {
        let jobs = |outcome| self.jobs.with_label_values(&[name, outcome]);
        Lane {
            wait: self.wait.with_label_values(&[name]),
            run: jobs("run"),
            refused: jobs("refused"),
            abandoned: jobs("abandoned"),
        }
    }

    /// The statements of a use case, by the name that stands in the program.
    pub fn statements(&self, query: &'static str) -> Statements {
        Statements {
            count: self.statements.with_label_values(&[query]),
            seconds: self.seconds.with_label_values(&[query]),
        }
    }
}

/// What the cost buckets count.
#[derive(Debug)]
pub struct Leases {
    /// How often points were lent out of a caller's bucket in the database.
    pub taken: IntCounter,
    /// How often the database was asked for a caller and did not answer.
    pub failed: IntCounter,
}

/// What others were asked over HTTP.
#[derive(Debug)]
pub struct Outgoing {
    requests: IntCounterVec,
    seconds: HistogramVec,
}

impl Outgoing {
    /// One request; `purpose` and `outcome` are words of the program.
    pub fn asked(&self, purpose: &'static str, outcome: &'static str, took: std::time::Duration) {
        self.requests.with_label_values(&[purpose, outcome]).inc();
        self.seconds.with_label_values(&[purpose]).observe(took.as_secs_f64());
    }
}

/// How often a cache knew.
#[derive(Debug, Clone)]
pub struct Cache {
    pub hits: IntCounter,
    pub misses: IntCounter,
}

/// A gauge counts one more for as long as this lives.
#[derive(Debug)]
pub struct Counted(IntGauge);

impl Counted {
    pub fn new(gauge: &IntGauge) -> Self {
        gauge.inc();
        Self(gauge.clone())
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.dec();
    }
}

/// What is looked up when somebody asks.
#[derive(Debug)]
struct Gauges {
    lane_queue: IntGaugeVec,
    lane_connections: IntGaugeVec,
    database_up: IntGauge,
    buckets: IntGauge,
    jobs: IntGaugeVec,
    log_lag: IntGauge,
    outbox: IntGauge,
}

impl Metrics {
    /// # Errors
    /// If two metrics have one name, which a test excludes.
    pub fn new() -> Result<Self, prometheus::Error> {
        let registry = Registry::new();
        let caches =
            add(&registry, IntCounterVec::new(opts("cache_lookups_total", "Lookups in caches"), &["cache", "result"]))?;
        let mails = add(
            &registry,
            IntCounterVec::new(
                opts(
                    "mails_total",
                    "Mails handed over to the mail server, those it did not take, and those not sent to addresses that it does not have",
                ),
                &["outcome"],
            ),
        )?;
        let leases = add(
            &registry,
            IntCounterVec::new(
                opts(
                    "bucket_leases_total",
                    "How often points were taken out of callers' buckets in the database, or it did not answer",
                ),
                &["outcome"],
            ),
        )?;
        let gauge = |name, help| add(&registry, IntGauge::with_opts(opts(name, help)));
        let gauges = |name, help, labels: &[&str]| add(&registry, IntGaugeVec::new(opts(name, help), labels));
        let counters = |name, help, labels: &[&str]| add(&registry, IntCounterVec::new(opts(name, help), labels));
        let seconds = |name, help, labels: &[&str]| {
            let options = HistogramOpts::from(opts(name, help)).buckets(SECONDS.to_vec());
            add(&registry, HistogramVec::new(options, labels))
        };
        #[cfg(target_os = "linux")]
        registry.register(Box::new(prometheus::process_collector::ProcessCollector::for_self()))?;
        Ok(Self {
            operations: Operations::new(
                counters(
                    "operations_total",
                    "Operations answered or refused, by name and code",
                    &["operation", "code"],
                )?,
                seconds("operation_seconds", "How long operations took", &["operation"])?,
            ),
            lanes: Lanes {
                jobs: counters(
                    "lane_jobs_total",
                    "Jobs of a database lane, and what became of them",
                    &["lane", "outcome"],
                )?,
                wait: seconds("lane_wait_seconds", "How long jobs waited for a thread of their lane", &["lane"])?,
                statements: counters("statements_total", "SQL statements, by the use case that ran them", &["query"])?,
                seconds: add(
                    &registry,
                    CounterVec::new(
                        opts("statement_seconds_total", "What SQL statements took, by use case"),
                        &["query"],
                    ),
                )?,
                cancels: add(
                    &registry,
                    IntCounter::with_opts(opts(
                        "cancels_total",
                        "Cancels sent to Postgres, for statements nobody waited for",
                    )),
                )?,
            },
            sockets: gauge("sockets", "WebSockets that are open")?,
            subscriptions: gauge("subscriptions", "Subscriptions that run")?,
            mails_sent: mails.with_label_values(&["sent"]),
            mails_failed: mails.with_label_values(&["failed"]),
            mails_bounced: mails.with_label_values(&["bounced"]),
            mails_held_back: mails.with_label_values(&["held_back"]),
            leases: Leases {
                taken: leases.with_label_values(&["taken"]),
                failed: leases.with_label_values(&["failed"]),
            },
            outgoing: Outgoing {
                requests: counters(
                    "outgoing_requests_total",
                    "Requests to others over HTTP, and what became of them",
                    &["purpose", "outcome"],
                )?,
                seconds: seconds("outgoing_seconds", "How long others took to answer", &["purpose"])?,
            },
            standings: cache(&caches, "standings"),
            caches,
            gauges: Gauges {
                lane_queue: gauges("lane_queue", "Jobs that wait in a lane", &["lane"])?,
                lane_connections: gauges("lane_connections", "Connections of a lane to Postgres", &["lane", "state"])?,
                database_up: gauge(
                    "database_up",
                    "Whether the database answered just now; if not, jobs and log are as of before",
                )?,
                buckets: gauge("buckets", "Callers whose points this process keeps")?,
                jobs: gauges("jobs", "Jobs in the table: due now, or dead (counted to 10,000)", &["state"])?,
                log_lag: gauge("event_log_lag", "Events in the log that this process has not handed out yet")?,
                outbox: gauge(
                    "event_outbox",
                    "Committed events that have no place in the log yet (counted to 10,000)",
                )?,
            },
            registry,
        })
    }

    /// A cache by its name, for whoever keeps one.
    pub fn cache(&self, name: &'static str) -> Cache {
        cache(&self.caches, name)
    }

    /// A metric of somebody else's, shown with the others.
    ///
    /// # Errors
    /// If there is one of its name.
    pub fn register(&self, metric: impl Collector + 'static) -> Result<(), prometheus::Error> {
        self.registry.register(Box::new(metric))
    }

    /// All of it in Prometheus' text format.
    fn text(&self) -> Result<String, prometheus::Error> {
        TextEncoder::new().encode_to_string(&self.registry.gather())
    }
}

fn cache(caches: &IntCounterVec, name: &str) -> Cache {
    Cache { hits: caches.with_label_values(&[name, "hit"]), misses: caches.with_label_values(&[name, "miss"]) }
}

fn opts(name: &str, help: &str) -> Opts {
    Opts::new(name, help).namespace("agora")
}

fn add<C: Collector + Clone + 'static>(
    registry: &Registry,
    metric: Result<C, prometheus::Error>,
) -> Result<C, prometheus::Error> {
    let metric = metric?;
    registry.register(Box::new(metric.clone()))?;
    Ok(metric)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_counted_is_shown() {
        let metrics = Metrics::new().unwrap();
        metrics.operations.answered("Home", "OK", std::time::Duration::from_millis(3));
        metrics.lanes.of("short").refused.inc();
        metrics.cache("documents").hits.inc();
        metrics.outgoing.asked("oidc", "timed_out", std::time::Duration::from_secs(8));
        let open = Counted::new(&metrics.sockets);
        let text = metrics.text().unwrap();
        for line in [
            "agora_operations_total{code=\"OK\",operation=\"Home\"} 1",
            "agora_operation_seconds_bucket{operation=\"Home\",le=\"0.005\"} 1",
            "agora_operation_seconds_bucket{operation=\"Home\",le=\"0.0025\"} 0",
            "agora_lane_jobs_total{lane=\"short\",outcome=\"refused\"} 1",
            "agora_cache_lookups_total{cache=\"documents\",result=\"hit\"} 1",
            "agora_outgoing_requests_total{outcome=\"timed_out\",purpose=\"oidc\"} 1",
            "agora_sockets 1",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
        }
        drop(open);
        assert!(metrics.text().unwrap().contains("agora_sockets 0"));
    }
}
