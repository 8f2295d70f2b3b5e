//! `agora`: parse arguments, run the chosen command.

use std::{
    io::{IsTerminal, stdout},
    process::ExitCode,
};

use agora::{
    api,
    demo::{self, model::Filled},
    platform::{
        caller::Caller,
        config::{LogFormat, Mode, Options},
        migrations, startup,
    },
    server::{self, ServeError},
    users::{self, model::Role},
};
use clap::{Parser, Subcommand, ValueEnum};

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
    /// Fills an empty market with real goods, people and orders to try things out on
    Demo,
    /// The market's own staff
    Staff {
        #[command(subcommand)]
        command: StaffCommand,
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
enum StaffCommand {
    /// Makes a member part of the staff
    Add {
        /// The address of the member's account
        email: String,
        /// What they may do
        #[arg(long, default_value = "admin")]
        role: StaffRole,
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
    log(&cli.options);
    match run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("agora: {error}");
            ExitCode::FAILURE
        }
    }
}

fn log(options: &Options) {
    let filter = tracing_subscriber::EnvFilter::new(&options.log);
    let format =
        options.log_format.unwrap_or(if std::io::stderr().is_terminal() { LogFormat::Human } else { LogFormat::Json });
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match format {
        LogFormat::Human => lines.with_target(false).with_ansi(std::io::stderr().is_terminal()).init(),
        LogFormat::Json => lines.json().flatten_event(true).init(),
    }
}

fn run(cli: Cli) -> Result<(), AnyError> {
    let options = cli.options;
    match cli.command.unwrap_or(Command::Serve) {
        Command::Schema => print!("{}", api::sdl()),
        Command::Serve => actix_web::rt::System::new().block_on(serve(options))?,
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
        Command::Demo => {
            let settings = options.settings()?;
            if settings.mode == Mode::Production {
                return Err("everybody knows the passwords of demo people: give --mode development".into());
            }
            let opened = startup::open(&settings)?;
            match actix_web::rt::System::new().block_on(demo::service::fill(&opened.app))? {
                Filled::Now => println!("made the demo market"),
                Filled::Before => println!("the demo market is there already"),
            }
        }
        Command::Staff { command: StaffCommand::Add { email, role } } => {
            let opened = startup::open(&options.settings()?)?;
            let role = match role {
                StaffRole::Support => Role::Support,
                StaffRole::Admin => Role::Admin,
            };
            let user = actix_web::rt::System::new().block_on(users::service::set_role(
                &opened.app,
                &Caller::system(),
                &email,
                role,
            ))?;
            let user = user.ok_or_else(|| format!("nobody has the address {email}; they sign up first"))?;
            println!("{} ({}) is {role} now", user.display_name, user.id);
        }
    }
    Ok(())
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
