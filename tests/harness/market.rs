//! What a test needs to trade: shops, products and orders, made as people make them.

use serde_json::{Value, json};

use super::{Answer, Client};

/// A product with one variant, for sale.
pub struct Goods {
    pub product: String,
    pub variant: String,
    /// As a decimal, in GBP.
    pub price: &'static str,
}

fn id(value: &Value) -> String {
    value["id"].as_str().unwrap().to_owned()
}

impl Client {
    /// Opens a shop. Returns its id.
    pub async fn open_shop(&self, name: &str) -> String {
        let input = json!({"name": name, "currency": "GBP", "country": "GB"});
        id(&self.mutate("openShop", input, "desk { shop { id } }").await.ok()["desk"]["shop"])
    }

    /// Puts something up for sale.
    pub async fn sell(&self, shop: &str, title: &str, price: &'static str, quantity: i32) -> Goods {
        let variant = json!({"price": {"amount": price, "currency": "GBP"}, "quantity": quantity});
        let input = json!({"shopId": shop, "title": title, "variants": [variant]});
        let product =
            self.mutate("createProduct", input, "product { id variants { id } }").await.ok()["product"].clone();
        Goods { variant: id(&product["variants"][0]), product: id(&product), price }
    }

    /// Orders one piece of something.
    pub async fn order_one(&self, goods: &Goods, key: &str) -> Answer {
        self.order(&[(goods, 1)], goods.price, key).await
    }

    /// Orders some pieces at an expected total.
    pub async fn order(&self, lines: &[(&Goods, i32)], total: &str, key: &str) -> Answer {
        let lines: Vec<_> =
            lines.iter().map(|(goods, quantity)| json!({"variantId": goods.variant, "quantity": quantity})).collect();
        let input = json!({
            "lines": lines,
            "shippingAddress": {"name": "Ada", "lines": ["1 Street"], "postalCode": "N1 9AG", "city": "London", "country": "GB"},
            "expectedTotal": {"amount": total, "currency": "GBP"},
            "idempotencyKey": key,
        });
        let selection = "order { id number lifecycle paymentState version parts { id conversation { id } } }";
        self.mutate("placeOrder", input, selection).await
    }

    /// Pays what is owed with one of the test provider's methods.
    pub async fn pay(&self, order: &str, method: &str, key: &str) -> Answer {
        let input = json!({"orderId": order, "method": {"token": method}, "idempotencyKey": key});
        let selection = "payment { id status failureReason nextAction { ... on RedirectAction { url } } } order { paymentState version }";
        self.mutate("payOrder", input, selection).await
    }

    pub async fn cancel(&self, order: &str) -> Answer {
        self.mutate("cancelOrder", json!({"orderId": order}), "order { lifecycle }").await
    }

    /// How many pieces of something can be had.
    pub async fn available(&self, goods: &Goods) -> i64 {
        let document = "query($id: ID!) { product(by: {id: $id}) { variants { availableQuantity } } }";
        let answer = self.send(document, json!({"id": goods.product})).await.ok();
        answer["product"]["variants"][0]["availableQuantity"].as_i64().unwrap()
    }
}
