//! What people are told of: the list in the application, and their devices.

mod devices;
mod double;
mod list;
mod messages;
mod pushes;

use serde_json::{Value, json};

use self::double::{GOOGLE, SHARED, Services, browser_key};
use crate::harness::{Answer, Client, TestApp, app::Person, market::Goods};

/// A market that wakes devices, with a shop and somebody who buys there.
struct Market {
    app: TestApp,
    services: Services,
    seller: Person,
    buyer: Person,
    goods: Goods,
}

async fn market() -> Market {
    let services = Services::start();
    let settings = services.settings();
    let app = TestApp::start_with(|all| all.push = settings).await;
    let (seller, buyer) = (app.sign_up("Seller").await, app.sign_up("Buyer").await);
    let goods = seller.sell(&seller.open_shop("Corner").await, "Lamp", "5.00", 10).await;
    Market { app, services, seller, buyer, goods }
}

/// The text that an endpoint of the double's is registered with.
fn browser(endpoint: &str) -> Value {
    json!({"platform": "WEB_PUSH", "token": endpoint, "keys": {"p256dh": browser_key(), "auth": SHARED}})
}

async fn register(client: &Client, input: Value) -> Answer {
    client.mutate("registerPushDevice", input, "device { id platform }").await
}

async fn devices(client: &Client) -> Vec<String> {
    let list = client.query("{ viewer { pushDevices { platform } } }").await.ok();
    let list = list["viewer"]["pushDevices"].as_array().unwrap().clone();
    list.iter().map(|device| device["platform"].as_str().unwrap().to_owned()).collect()
}

/// What somebody was told of, the newest first: topic, kind of its subject, and whether it was read.
async fn told(client: &Client, filter: Value) -> Vec<(String, String, bool)> {
    let document = "query($filter: NotificationFilterInput) { viewer { notifications(filter: $filter) { \
                    nodes { id topic readAt subject { __typename } } } } }";
    let list = client.send(document, json!({"filter": filter})).await.ok();
    let list = list["viewer"]["notifications"]["nodes"].as_array().unwrap().clone();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    list.iter()
        .map(|row| (text(&row["topic"]), text(&row["subject"]["__typename"]), !row["readAt"].is_null()))
        .collect()
}

impl Market {
    /// The buyer orders one piece and pays it, and everybody is told. Returns the order's id.
    async fn buy(&self, key: &str) -> String {
        let order = self.buyer.order_one(&self.goods, key).await.ok()["order"].clone();
        let id = order["id"].as_str().unwrap().to_owned();
        self.buyer.pay(&id, "test_succeeds", key).await.ok();
        self.app.run_jobs().await;
        id
    }

    /// Registers the buyer's telephone with Google, and the seller's browser.
    async fn with_devices(self) -> Self {
        register(&self.buyer, json!({"platform": "FCM", "token": GOOGLE})).await.ok();
        register(&self.seller, browser(&self.services.endpoint("seller"))).await.ok();
        self
    }
}
