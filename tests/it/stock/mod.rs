//! Stock: where it lies, what moves it, and what may be sold of it.

mod availability;
mod keeping;
mod locations;
mod orders;
mod telling;

use serde_json::{Value, json};

use crate::harness::{Client, TestApp, app::Person, market::Goods};

/// A shop with ten lamps at its default location, and a second location.
struct Shop {
    owner: Person,
    id: String,
    lamp: Goods,
    home: Value,
    barn: Value,
}

impl Shop {
    async fn open(app: &TestApp) -> Self {
        let owner = app.sign_up("Olga").await;
        let id = owner.open_shop("Mill").await;
        let lamp = owner.sell(&id, "Lamp", "1.00", 10).await;
        let input = json!({"shopId": id, "name": "Barn"});
        let barn = owner.mutate("createLocation", input, "location { id }").await.ok()["location"]["id"].clone();
        let home = locations(&owner).await[0]["id"].clone();
        Self { owner, id, lamp, home, barn }
    }

    /// Changes the level at a location by so many pieces, or says why not.
    async fn adjust(&self, location: &Value, by: i32) -> Value {
        adjust(&self.owner, &self.lamp, location, json!({"by": by}), Value::Null).await
    }

    /// Lamps on hand at home and in the barn, and those that are owed.
    async fn levels(&self) -> (i64, i64, i64) {
        let stock = desk(&self.owner, "stock { nodes { onHand backordered variant { id } location { id } } }").await;
        let levels = stock["stock"]["nodes"].as_array().unwrap().iter();
        let levels: Vec<_> = levels.filter(|level| level["variant"]["id"] == *self.lamp.variant).collect();
        let on_hand = |location: &Value| {
            let level = levels.iter().find(|level| level["location"]["id"] == *location);
            level.map_or(0, |level| level["onHand"].as_i64().unwrap())
        };
        let owed = levels.iter().map(|level| level["backordered"].as_i64().unwrap()).sum();
        (on_hand(&self.home), on_hand(&self.barn), owed)
    }

    async fn rule(&self, rule: Value) {
        let mut input = json!({"variantId": self.lamp.variant});
        input.as_object_mut().unwrap().extend(rule.as_object().unwrap().clone());
        self.owner.mutate("setStockRule", input, "variant { id }").await.ok();
    }

    async fn move_to(&self, from: &Value, to: &Value, quantity: i32) -> crate::harness::Answer {
        let input =
            json!({"variantId": self.lamp.variant, "fromLocationId": from, "toLocationId": to, "quantity": quantity});
        self.owner.mutate("moveStock", input, "from { onHand } to { onHand }").await
    }
}

async fn desk(member: &Client, selection: &str) -> Value {
    member.query(&format!("{{ viewer {{ shops {{ {selection} }} }} }}")).await.ok()["viewer"]["shops"][0].clone()
}

async fn locations(member: &Client) -> Vec<Value> {
    let found = desk(member, "locations { id name isDefault isActive }").await["locations"].clone();
    found.as_array().unwrap().clone()
}

async fn adjust(member: &Client, goods: &Goods, location: &Value, change: Value, reason: Value) -> Value {
    let input = json!({"variantId": goods.variant, "locationId": location, "change": change, "reason": reason});
    let answer = member.mutate("adjustStock", input, "stockLevel { onHand backordered }").await;
    match answer.refusals().first() {
        Some((code, field)) => json!([code, field]),
        None => answer.ok()["stockLevel"].clone(),
    }
}

/// What a buyer sees of something.
async fn seen(client: &Client, goods: &Goods) -> Value {
    let document =
        "query($id: ID!) { node(id: $id) { ... on ProductVariant { availability isAvailable availableQuantity } } }";
    client.send(document, json!({"id": goods.variant})).await.ok()["node"].clone()
}
