//! What a person at a terminal is told once the service runs.

use std::fmt::Write;

use super::run::{Running, offers_mailbox};
use crate::{
    demo::model::{PASSWORD, SHOPKEEPER, SHOPPER},
    kernel::error::Failure,
    platform::{
        config::{Mode, Switch},
        private_postgres::Role,
    },
    users,
};

impl Running {
    /// What runs where, and whom to sign in as if this is a demo market.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn banner(&self) -> Result<String, Failure> {
        let base = format!("http://{}", self.address);
        let mut rows: Vec<(&str, String)> = Vec::new();
        if self.settings.graphiql == Switch::On {
            rows.push(("GraphiQL", format!("{base}/graphiql")));
        }
        rows.push(("GraphQL", format!("{base}/graphql")));
        if offers_mailbox(&self.settings) {
            rows.push(("Mailbox", format!("{base}/dev/mail")));
        }
        if let Some(postgres) = &self.postgres {
            let version = postgres.version().map_or_else(String::new, |version| format!("{version}, "));
            let whose = match postgres.role() {
                Role::Owner => "started by this process",
                Role::Attached => "started by another agora on the same data",
            };
            rows.push(("Data", postgres.data_dir().display().to_string()));
            rows.push(("Postgres", format!("{version}{whose}")));
        }
        if self.settings.mode == Mode::Development && users::service::has_demo_people(&self.app).await? {
            rows.push(("Demo page", format!("{base}/demo")));
            rows.push(("Sign in as", format!("{SHOPPER} (a shopper) or {SHOPKEEPER} (a shopkeeper)")));
            rows.push(("Password", PASSWORD.into()));
        }
        let mut banner = format!("Agora {} runs. Ctrl-C stops it.\n\n", env!("CARGO_PKG_VERSION"));
        for (name, value) in rows {
            let _ = writeln!(banner, "  {name:<12}{value}");
        }
        Ok(banner)
    }
}
