//! `agora`: parse arguments, run the chosen command.

// Each part of a merged object is a future around those before it; optimised builds lay them out here.
#![recursion_limit = "512"]

mod catalogue;
mod doctor;
mod files;
mod keys;
mod mail;
mod recommend;
mod webhooks;

use std::{
    io::{IsTerminal, stdout},
    path::PathBuf,
    process::ExitCode,
};

use agora::{
    api,
    demo::{self, model::Filled},
    documents::{
        model::DocumentHash,
        service::{distrust, list, read, trust},
    },
    kernel::page::{Direction, Page},
    platform::{
        caller::Caller,
        config::{LogFormat, Mode, Options},
        migrations, startup,
        telemetry::{self, Export, ExportError},
    },
    server::{self, ServeError},
    users::{self, model::Role},
};
use clap::{Parser, Subcommand, ValueEnum};

use self::{
    catalogue::CatalogueCommand,
    doctor::DoctorCommand,
    files::{ExportCommand, ImportCommand},
    keys::{ApiKeysCommand, KeysCommand},
    mail::MailCommand,
    recommend::RecommendCommand,
    webhooks::PaymentsCommand,
};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A marketplace backend: one program over one Postgres, spoken to in GraphQL.
///
/// Without anything it runs a demo market on a private Postgres, with `GraphiQL` at <http://127.0.0.1:8080/graphiql>.
#[derive(Parser)]
#[command(name = "agora", version)]
struct Cli {
    #[command(flatten)]
    options: Options,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Runs the service (what happens without a command)
    Serve,
    /// Applies the migrations that are missing
    Migrate {
        /// What to do instead of applying
        #[command(flatten)]
        instead: MigrateInstead,
    },
    /// Prints the GraphQL schema; needs no configuration and no database
    Schema,
    /// Proves that stock, reservations, orders, payments, the ledger and conversations agree, and says what does not; ends with 1 then
    Doctor(DoctorCommand),
    /// Fills an empty market with real goods, people and orders to try things out on
    Demo,
    /// Brings in what another system has; can be run again at any time
    Import {
        #[command(subcommand)]
        command: ImportCommand,
    },
    /// Gives out what other systems can read
    Export {
        #[command(subcommand)]
        command: ExportCommand,
    },
    /// What holds for all products
    #[command(subcommand)]
    Catalogue(CatalogueCommand),
    /// Documents that clients may run by their hash
    Documents {
        #[command(subcommand)]
        command: DocumentsCommand,
    },
    /// The market's own staff
    Staff {
        #[command(subcommand)]
        command: StaffCommand,
    },
    /// The market's members
    People {
        #[command(subcommand)]
        command: PeopleCommand,
    },
    /// Keys of machines, such as a storefront's rendering server
    ApiKeys {
        #[command(subcommand)]
        command: ApiKeysCommand,
    },
    /// Mail that leaves
    Mail {
        #[command(subcommand)]
        command: MailCommand,
    },
    /// What payment providers have told
    Payments {
        #[command(subcommand)]
        command: PaymentsCommand,
    },
    /// What goes well with what
    Recommend {
        #[command(subcommand)]
        command: RecommendCommand,
    },
    /// The keys that sign access tokens, and the master key that they are sealed under
    Keys {
        #[command(subcommand)]
        command: KeysCommand,
    },
}

#[derive(clap::Args)]
#[group(multiple = false)]
struct MigrateInstead {
    /// List the migrations and whether they are applied
    #[arg(long)]
    status: bool,
    /// Revert the newest migration
    #[arg(long)]
    revert: bool,
}

#[derive(Subcommand)]
enum DocumentsCommand {
    /// Trusts documents, once each fits the schema and the limits
    Add {
        /// GraphQL (.graphql, .gql), or a manifest (.json): Apollo's, graphql-codegen's or Relay's
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// Lists what is trusted, and what clients have named by its hash, newest first, with its use
    List,
    /// Trusts a document no more
    Remove {
        /// Its SHA-256, in 64 hexadecimal digits
        hash: DocumentHash,
    },
}

#[derive(Subcommand)]
enum StaffCommand {
    /// Makes a member part of the staff
    Add {
        /// The address of the member's account
        email: String,
        /// What they may do
        #[arg(long, default_value = "admin")]
        role: StaffRole,
        /// Why, as the member reads it
        #[arg(long, default_value = "By whoever operates the market")]
        reason: String,
    },
}

#[derive(Subcommand)]
enum PeopleCommand {
    /// Has a member's password be enough again who has lost their authenticator and the recovery codes; they are told
    DisableTotp {
        /// The address of the member's account
        email: String,
        /// Why you are sure who they are; they read it
        #[arg(long)]
        reason: String,
    },
}

#[derive(Clone, Copy, ValueEnum)]
enum StaffRole {
    /// Sees what members ask about
    Support,
    /// Runs the market
    Admin,
}

type AnyError = Box<dyn std::error::Error>;

fn main() -> ExitCode {
    let cli = Cli::parse();
    match log(&cli.options).map_err(AnyError::from).and_then(|_until_the_end| run(cli)) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("agora: {error}");
            ExitCode::FAILURE
        }
    }
}

fn log(options: &Options) -> Result<Export, ExportError> {
    let filter = telemetry::filter(&options.log);
    let format =
        options.log_format.unwrap_or(if std::io::stderr().is_terminal() { LogFormat::Human } else { LogFormat::Json });
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match format {
        LogFormat::Human => {
            telemetry::start(lines.with_target(false).with_ansi(std::io::stderr().is_terminal()).finish())
        }
        LogFormat::Json => telemetry::start(lines.json().flatten_event(true).finish()),
    }
}

fn run(cli: Cli) -> Result<ExitCode, AnyError> {
    let options = cli.options;
    match cli.command.unwrap_or(Command::Serve) {
        Command::Schema => print!("{}", api::sdl()),
        Command::Serve => block_on(serve(options))?,
        Command::Migrate { instead } => {
            let (url, _postgres) = startup::database(&options.database()?)?;
            if instead.status {
                for migration in migrations::status(&url)? {
                    println!("{} {}", if migration.is_applied { "applied" } else { "missing" }, migration.name);
                }
            } else if instead.revert {
                let reverted = migrations::revert(&url)?;
                println!("{}", reverted.map_or("nothing is applied".into(), |name| format!("reverted {name}")));
            } else {
                let applied = migrations::apply(&url)?;
                for name in &applied {
                    println!("applied {name}");
                }
                println!("{} applied", applied.len());
            }
        }
        Command::Doctor(command) => return command.run(&startup::open(&options.settings()?)?.app),
        Command::Demo => {
            let settings = options.settings()?;
            if settings.mode == Mode::Production {
                return Err("everybody knows the passwords of demo people: give --mode development".into());
            }
            let opened = startup::open(&settings)?;
            match block_on(demo::service::fill(&opened.app))? {
                Filled::Now => println!("made the demo market"),
                Filled::Before => println!("the demo market is there already"),
            }
        }
        Command::Import { command } => command.run(&startup::open(&options.settings()?)?.app)?,
        Command::Export { command } => command.run(&startup::open(&options.settings()?)?.app)?,
        Command::Catalogue(command) => command.run(&startup::open(&options.settings()?)?.app)?,
        Command::Documents { command } => documents(&options, command)?,
        Command::Staff { command: StaffCommand::Add { email, role, reason } } => {
            let opened = startup::open(&options.settings()?)?;
            let role = match role {
                StaffRole::Support => Role::Support,
                StaffRole::Admin => Role::Admin,
            };
            let user = block_on(users::service::set_role(&opened.app, &Caller::system(), &email, role, &reason))?;
            let user = user.ok_or_else(|| format!("nobody has the address {email}; they sign up first"))?;
            println!("{} ({}) is {role} now", user.display_name, user.id);
        }
        Command::People { command: PeopleCommand::DisableTotp { email, reason } } => {
            let opened = startup::open(&options.settings()?)?;
            let user = block_on(users::service::disable_totp_of(&opened.app, &Caller::system(), &email, &reason))?;
            let user = user.ok_or_else(|| format!("nobody with the address {email} has a second factor"))?;
            println!("{} ({}) signs in by their password alone now", user.display_name, user.id);
        }
        Command::Mail { command } => command.run(&options)?,
        Command::Recommend { command } => command.run(&options)?,
        Command::ApiKeys { command } => command.run(&startup::open(&options.settings()?)?.app)?,
        Command::Keys { command } => command.run(&startup::open(&options.settings()?)?.app)?,
        Command::Payments { command } => command.run(&startup::open(&options.settings()?)?.app)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn documents(options: &Options, command: DocumentsCommand) -> Result<(), AnyError> {
    match command {
        DocumentsCommand::Add { files } => {
            let (checker, mut fitting, mut problems) = (api::Checker::new()?, Vec::new(), Vec::new());
            for found in read(&files)? {
                match block_on(checker.check(found)) {
                    Ok(document) => fitting.push(document),
                    Err(found) => problems.extend(found),
                }
            }
            if !problems.is_empty() {
                return Err(format!("no document was added:\n{}", problems.join("\n")).into());
            }
            let opened = startup::open(&options.settings()?)?;
            let added = block_on(trust(&opened.app, &Caller::system(), fitting))?;
            println!("{} added, {} trusted now", added.new, added.all);
        }
        DocumentsCommand::List => {
            let opened = startup::open(&options.settings()?)?;
            let mut page = Page { limit: 100, from: None, direction: Direction::Forward };
            loop {
                let listed = block_on(list(&opened.app, page.clone(), None))?;
                listed.items.iter().for_each(|document| print!("{document}"));
                let Some(last) = listed.items.last().filter(|_| listed.has_next) else { break };
                page.from = Some((last.document.first_seen_at, last.document.hash));
            }
        }
        DocumentsCommand::Remove { hash } => {
            let opened = startup::open(&options.settings()?)?;
            if !block_on(distrust(&opened.app, &Caller::system(), hash))? {
                return Err(format!("{hash} is not trusted").into());
            }
            println!("{hash} is trusted no more");
        }
    }
    Ok(())
}

fn block_on<T>(work: impl Future<Output = T>) -> T {
    actix_web::rt::System::new().block_on(work)
}

async fn serve(options: Options) -> Result<(), AnyError> {
    let settings = options.settings()?;
    let running = server::build(settings).await?;
    if stdout().is_terminal() {
        println!("{}", running.banner().await?);
    } else {
        println!("listening on http://{}", running.address);
    }
    stop_signal().await?;
    tracing::info!("stopping");
    Ok::<_, ServeError>(running.stop().await?)?;
    Ok(())
}

/// Waits for SIGTERM or SIGINT.
async fn stop_signal() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}
