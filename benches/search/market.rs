//! Markets to search in: each on a private Postgres, behind the real server.

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use agora::{
    orders::service::import::{ImportOrders, import_orders},
    platform::{
        caller::Caller,
        config::{Options, Settings},
        startup,
    },
    server::{self, Running},
};
use clap::Parser;
use diesel::{Connection, PgConnection};
use flate2::read::GzDecoder;
use serde_json::{Value, json};

use super::{AnyError, fill};

const GOODS: &[u8] = include_bytes!("../../tests/data/online-retail-2010-12.csv.gz");

pub struct Market {
    running: Running,
    client: reqwest::Client,
}

/// The options of the program.
#[derive(Parser)]
struct Cli {
    #[command(flatten)]
    options: Options,
}

impl Market {
    /// The goods of a real shop.
    pub async fn of_goods(folder: &Path) -> Result<Self, AnyError> {
        let data = folder.join("goods");
        if data.exists() {
            fs::remove_dir_all(&data)?;
        }
        let settings = settings(&data)?;
        let opened = startup::open(&settings)?;
        let file = folder.join("goods.csv");
        std::io::copy(&mut GzDecoder::new(GOODS), &mut fs::File::create(&file)?)?;
        let rejects = folder.join("rejects.csv");
        let import = ImportOrders { file, rejects, shop: "goods".into(), owner: None, stock: 100 };
        import_orders(&opened.app, &Caller::system(), import).await?;
        drop(opened);
        Self::start(settings).await
    }

    /// Many products, made of the words of those goods. They are kept between runs.
    pub async fn of_many(folder: &Path, products: u32) -> Result<Self, AnyError> {
        let data = folder.join(format!("made-{products}"));
        let is_filled = data.join("filled");
        if data.exists() && !is_filled.exists() {
            fs::remove_dir_all(&data)?;
        }
        let settings = settings(&data)?;
        if !is_filled.exists() {
            let since = Instant::now();
            let opened = startup::open(&settings)?;
            let goods = fs::read(folder.join("goods.csv"))?;
            fill::fill(&opened.url, &String::from_utf8_lossy(&goods), products)?;
            drop(opened);
            fs::write(is_filled, "")?;
            println!("filled {products} products in {:.0} s", since.elapsed().as_secs_f64());
        }
        Self::start(settings).await
    }

    async fn start(settings: Settings) -> Result<Self, AnyError> {
        let running = server::build(settings).await?;
        Ok(Self { running, client: reqwest::Client::builder().timeout(Duration::from_mins(1)).build()? })
    }

    pub fn database(&self) -> Result<PgConnection, AnyError> {
        Ok(PgConnection::establish(&self.running.database_url)?)
    }

    /// What a guest is answered.
    pub async fn ask(&self, document: &str, variables: &Value) -> Result<Value, AnyError> {
        let request = self.client.post(format!("http://{}/graphql", self.running.address));
        let body = serde_json::to_vec(&json!({"query": document, "variables": variables}))?;
        let response = request.header("content-type", "application/json").body(body).send().await?;
        let mut answer: Value = serde_json::from_slice(&response.bytes().await?)?;
        match answer["data"].take() {
            Value::Null => Err(answer.to_string().into()),
            data => Ok(data),
        }
    }

    pub async fn close(self) -> Result<(), AnyError> {
        Ok(self.running.stop().await?)
    }
}

/// Those of a server whose data lies in a folder, and that asks no guest to wait.
fn settings(data: &Path) -> Result<Settings, AnyError> {
    fs::create_dir_all(data)?;
    let data: PathBuf = fs::canonicalize(data)?;
    let data = data.to_string_lossy();
    let arguments = ["agora", "--data-dir", &*data, "--port", "0", "--log", "error", "--cost-limit-guest", "100000000"];
    Ok(Cli::parse_from(arguments).options.settings()?)
}
