//! A market to harm: a Postgres of its own, two programs on it, shops with little stock, and people who are signed in.

use agora::{
    kernel::id::{Entity, Id},
    payments::model::PaymentIntent,
    platform::{crypto::MasterKey, private_postgres::PrivatePostgres},
    products::model::Variant,
    shops::model::Shop,
};
use diesel::{
    Connection, PgConnection, QueryableByName, RunQueryDsl, connection::SimpleConnection, sql_query, sql_types::BigInt,
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    harness::{Client, app::MASTER_KEY, people::tokens, trial::programs::Programs},
    model::{COMMISSION, Capture},
    prices::{POSTAGE, SENDER, TAX, TAXED},
};

pub const SELLERS: usize = 4;
/// What each shop sells, in GBP. Of the first there is the least.
const PRICES: [&str; 3] = ["2.95", "7.50", "0.99"];
const STOCK: [i32; 3] = [12, 60, 120];

/// A code of each shop that takes off an eighth, and one that takes off a little, of which there are few.
pub const OFTEN: &str = "OFTEN";
pub const RARE: &str = "RARE";
/// What the latter takes off: less than anything costs.
pub const OFF: i64 = 50;
/// How many orders may have it, and how many of each buyer.
pub const RARE_IN_TOTAL: i64 = 15;
pub const RARE_PER_PERSON: i64 = 2;

/// Where the money of each shop goes: what is sent there arrives, or does with the second attempt.
const DESTINATIONS: [&str; SELLERS] =
    ["test_payout_succeeds", "test_payout_fails_once", "test_payout_succeeds", "test_payout_fails_once"];

/// Nothing goes to an account that was named in these days.
const NAMED_LONG_AGO: &str = "UPDATE payout_accounts SET named_at = named_at - interval '30 days'";

/// What comes every hour, and what it has done within the next one, is done now.
const PAY_OUT: &str = "UPDATE jobs SET run_at = now() WHERE state = 'DUE' AND run_at > now() \
                       AND kind IN ('payouts.make_payouts', 'payouts.make_payout')";

/// Everybody pays from this machine, and more is declined than people put up with: that is counted, but keeps nobody from paying.
const NOBODY_WAITS: &str = "
    CREATE FUNCTION nobody_waits() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.open_at := NULL; RETURN NEW; END';
    CREATE TRIGGER nobody_waits BEFORE INSERT OR UPDATE ON guesses FOR EACH ROW EXECUTE FUNCTION nobody_waits()";

/// Something that is for sale.
pub struct Goods {
    pub variant: String,
    /// In minor units.
    pub price: i64,
    pub stock: i64,
    pub seller: usize,
}

pub struct Market {
    pub programs: Programs,
    /// Access tokens.
    pub buyers: Vec<String>,
    pub sellers: Vec<String>,
    pub admin: String,
    pub goods: Vec<Goods>,
    /// Ids, in the order of their sellers.
    shops: Vec<String>,
}

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// An amount such as `12.50`, in minor units.
pub fn minor(amount: &str) -> i64 {
    amount.replace('.', "").parse().unwrap()
}

/// Minor units as an amount.
pub fn decimal(minor: i64) -> String {
    let sign = if minor < 0 { "-" } else { "" };
    format!("{sign}{}.{:02}", minor.abs() / 100, minor.abs() % 100)
}

/// So many minor units of the money that everybody here uses.
pub fn pounds(minor: i64) -> Value {
    json!({"amount": decimal(minor), "currency": "GBP"})
}

/// Thousandths in percent.
fn percent(thousandths: i64) -> String {
    format!("{}.{}", thousandths / 10, thousandths % 10)
}

/// What programs are told here.
fn arguments(capture: Capture) -> Vec<String> {
    let commission = format!("--commission={}", percent(COMMISSION));
    let capture = format!("--capture={}", capture.name());
    vec!["--unpaid-orders=10000".to_owned(), commission, "--payout-delay-days=0".to_owned(), capture]
}

impl Market {
    pub async fn open(buyers: usize, capture: Capture) -> Self {
        let opened = tokio::task::spawn_blocking(move || Self::build(buyers, capture));
        let mut market = opened.await.unwrap();
        market.lay_down_taxes().await;
        for (seller, destination) in DESTINATIONS.into_iter().enumerate() {
            market.open_shop(seller, destination).await;
        }
        market.programs.connect().batch_execute(NAMED_LONG_AGO).unwrap();
        market
    }

    /// Starts everything.
    fn build(buyers: usize, capture: Capture) -> Self {
        let execute = |url: &str, sql: &str| PgConnection::establish(url).unwrap().batch_execute(sql).unwrap();
        let prepare = |postgres: &PrivatePostgres| execute(&postgres.url("agora"), NOBODY_WAITS);
        let programs = Programs::open("storm", arguments(capture), prepare);
        let mut tokens = tokens(&programs.url, buyers + SELLERS + 1);
        let mut sellers = tokens.split_off(buyers);
        let admin = sellers.split_off(SELLERS).remove(0);
        let promoted = format!("UPDATE users SET role = 'ADMIN' WHERE email = 'p{}@example.com'", buyers + SELLERS);
        execute(&programs.url, &promoted);
        Self { programs, sellers, admin, buyers: tokens, goods: Vec::new(), shops: Vec::new() }
    }

    fn client(&self, token: &str) -> Client {
        Client::new(format!("{}/graphql", self.programs.address(0))).with_token(token)
    }

    async fn lay_down_taxes(&self) {
        let input = json!({
            "country": TAXED, "isIncludedInPrices": false, "remittedBy": "MARKET", "name": "VAT", "standardRate": percent(TAX),
        });
        self.client(&self.admin).mutate("setCountryTaxes", input, "countryTaxes { version }").await.ok();
    }

    async fn open_shop(&mut self, seller: usize, destination: &str) {
        let client = self.client(&self.sellers[seller]);
        let shop = client.open_shop(&format!("Shop {seller}")).await;
        if seller == SENDER {
            let zone = json!({"shopId": shop, "name": "World", "countries": []});
            let made = client.mutate("createShippingZone", zone, "shippingZone { id }").await.ok();
            let zone = &made["shippingZone"]["id"];
            let post = json!({"shippingZoneId": zone, "name": "Post", "rates": [{"price": pounds(POSTAGE)}]});
            client.mutate("createShippingMethod", post, "shippingMethod { id }").await.ok();
        }
        let few = json!({"amount": pounds(OFF), "limitTotal": RARE_IN_TOTAL, "limitPerPerson": RARE_PER_PERSON});
        for (code, kind, of) in [(OFTEN, "PERCENTAGE", json!({"percentage": "12.5"})), (RARE, "AMOUNT", few)] {
            let mut input = json!({"shopId": shop, "name": code, "code": code, "kind": kind});
            input.as_object_mut().unwrap().extend(of.as_object().unwrap().clone());
            client.mutate("createPromotion", input, "promotion { id }").await.ok();
        }
        for (price, stock) in PRICES.into_iter().zip(STOCK) {
            let goods = client.sell(&shop, "Holder", price, stock).await;
            self.goods.push(Goods { variant: goods.variant, price: minor(price), stock: stock.into(), seller });
        }
        let back = json!({"shopId": shop, "returnUrl": format!("{}/", self.programs.address(0))});
        let link = client.mutate("createPayoutOnboardingLink", back, "url").await.ok()["url"].clone();
        // Without where it leads back to, it stays on the page.
        let page = link.as_str().unwrap().split('?').next().unwrap();
        let said = reqwest::Client::new().post(page).form(&[("destination", destination)]).send().await.unwrap();
        assert_eq!(said.status(), 200, "{page}");
        self.shops.push(shop);
    }

    /// Has what is payable paid out now. How many payouts have been begun by now; none if Postgres is not there.
    pub fn hurry_payouts(&self) -> Option<u64> {
        let mut connection = PgConnection::establish(&self.programs.url).ok()?;
        sql_query(PAY_OUT).execute(&mut connection).ok()?;
        let begun: Counted = sql_query("SELECT count(*) AS count FROM payouts").get_result(&mut connection).ok()?;
        u64::try_from(begun.count).ok()
    }

    /// The row of a seller's shop.
    pub fn shop(&self, seller: usize) -> Uuid {
        uuid_of::<Shop>(&self.shops[seller])
    }

    pub fn goods_of(&self, variant: &str) -> usize {
        self.goods.iter().position(|goods| goods.variant == variant).expect("goods of this market")
    }
}

/// The row of an id.
pub fn uuid(variant: &str) -> Uuid {
    uuid_of::<Variant>(variant)
}

fn uuid_of<E: Entity>(id: &str) -> Uuid {
    id.parse::<Id<E>>().unwrap_or_else(|error| panic!("{id}: {error}")).uuid()
}

/// The test provider's page of a payment to which nobody is led.
pub fn page_of(payment: &str) -> String {
    let master: MasterKey = MASTER_KEY.parse().unwrap();
    let tag = master.mac("test-payment", &[uuid_of::<PaymentIntent>(payment).as_bytes()]);
    let half = u128::from_be_bytes(*tag.first_chunk().unwrap());
    format!("/dev/payments/{payment}-{half:032x}")
}
