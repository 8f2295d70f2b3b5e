//! What sending costs by what is sent, and what falls away of it.

use serde_json::{Value, json};

use super::{Market, entries, entry, lines, place, refunded, sums};
use crate::orders::assert_books;

fn gbp(amount: &str) -> Value {
    json!({"amount": amount, "currency": "GBP"})
}

fn pence(money: &Value) -> i64 {
    money["amount"].as_str().unwrap().replace('.', "").parse().unwrap()
}

/// What is written down about a part.
async fn papers(market: &Market, part: &Value) -> Value {
    let document = "query($id: ID!) { node(id: $id) { ... on OrderPart { \
                      invoice { tax { amount } total { amount } taxes { net { amount } tax { amount } gross { amount } } \
                        lines { title discount { amount } tax { amount } total { amount } } } \
                      creditNotes { tax { amount } total { amount } } } } }";
    market.buyer.send(document, json!({"id": part})).await.ok()["node"].clone()
}

async fn give_back(market: &Market, part: &Value, amount: Value, key: &str) {
    let input = json!({"orderPartId": part, "amount": amount, "reason": "Chipped.", "idempotencyKey": key});
    market.ada.mutate("refundOrderPart", input, "refunds { id }").await.ok();
    market.app.run_jobs().await;
}

#[actix_web::test]
async fn what_is_taken_off_goods_or_postage_is_in_no_tax_no_share_and_no_invoice() {
    // What the part comes to, what its lines do, and what the shop and the market have of it.
    for (promotion, whole, of_lines, moved) in [
        (
            json!({"kind": "FREE_SHIPPING"}),
            ["19.98", "3.00", "3.00", "4.00", "23.98"],
            [["0.00", "4.00", "23.98"], ["3.00", "0.00", "0.00"]],
            ["-2.00", "23.98", "-4.00"],
        ),
        (
            json!({"kind": "AMOUNT", "amount": gbp("5.00")}),
            ["19.98", "5.00", "3.00", "3.60", "21.58"],
            [["5.00", "3.00", "17.98"], ["0.00", "0.60", "3.60"]],
            ["-1.80", "21.58", "-3.60"],
        ),
    ] {
        let market = Market::open(false).await;
        let kind = promotion["kind"].clone();
        market.promote(&market.ada, &market.lamps, promotion).await;
        let goods = [(&market.lamp, 2), (&market.rug, 1)];
        let quoted = market.quote(&market.buyer, &goods, json!({})).await["quote"].clone();
        let order = market.order(&goods, json!({}), "order").await;
        let part = &order["parts"][0];
        for told in [&quoted["parts"][0], part] {
            assert_eq!(sums(told), whole, "{kind}");
            assert_eq!(told["promotion"], "Spring");
        }
        assert_eq!((sums(&order), lines(part)), (sums(&quoted), of_lines.to_vec()), "{kind}");
        assert_eq!(sums(&order["parts"][1]), ["20.00", "0.00", "0.00", "4.00", "24.00"], "another shop's");

        market.pay(&order).await;
        let [commission, sale, tax] = moved;
        let sold = [entry("COMMISSION", commission), entry("SALE", sale), entry("TAX", tax)];
        assert_eq!(entries(&market.ada).await, sold, "{kind}");
        let seen = papers(&market, &part["id"]).await;
        let invoice = &seen["invoice"];
        assert_eq!([&invoice["lines"][0]["title"], &invoice["lines"][1]["title"]], ["Lamp", "Standard"]);
        assert_eq!(lines(invoice), of_lines, "{kind}");
        assert_eq!([&invoice["tax"]["amount"], &invoice["total"]["amount"]], [whole[3], whole[4]]);
        let taxed = pence(&invoice["taxes"][0]["net"]) + pence(&invoice["taxes"][0]["tax"]);
        assert_eq!((taxed, invoice["taxes"].as_array().unwrap().len()), (pence(&invoice["total"]), 1));
        assert_books(&market.app).await;

        // Some of it goes back with the tax in it, and then the rest, of which nothing is left.
        give_back(&market, &part["id"], gbp("10.00"), "some").await;
        let mut back = sold.to_vec();
        back.extend([entry("COMMISSION_RETURNED", "0.83"), entry("REFUND", "-10.00"), entry("TAX_RETURNED", "1.67")]);
        back.sort_unstable();
        assert_eq!(entries(&market.ada).await, back, "{kind}");
        let note = papers(&market, &part["id"]).await["creditNotes"][0].clone();
        assert_eq!(note, json!({"tax": {"amount": "1.67"}, "total": {"amount": "10.00"}}), "{kind}");
        give_back(&market, &part["id"], Value::Null, "rest").await;
        assert_eq!(refunded(&market, &order).await, whole[4], "{kind}");
        let notes = papers(&market, &part["id"]).await["creditNotes"].clone();
        let credited = |field: &str| notes.as_array().unwrap().iter().map(|note| pence(&note[field])).sum::<i64>();
        let wanted = (pence(&invoice["total"]), pence(&invoice["tax"]));
        assert_eq!((credited("total"), credited("tax")), wanted, "{kind}");
        let balance = market.ada.query("{ viewer { shops { balances { amount } } } }").await.ok();
        assert_eq!(balance["viewer"]["shops"][0]["balances"][0]["amount"], "0.00", "{kind}");
        assert_books(&market.app).await;
    }
}

#[actix_web::test]
async fn a_code_for_postage_or_goods_is_one_order_s_until_that_is_called_off() {
    for (promotion, total) in
        [(json!({"kind": "FREE_SHIPPING"}), "11.99"), (json!({"kind": "AMOUNT", "amount": gbp("5.00")}), "9.59")]
    {
        let market = Market::open(false).await;
        let other = market.app.sign_up("Other").await;
        let named = |rest: Value| {
            let mut input = promotion.clone();
            input.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
            input
        };
        market.promote(&market.ada, &market.lamps, named(json!({"code": "ONCE", "limitTotal": 1}))).await;
        market.promote(&market.ada, &market.lamps, named(json!({"code": "EACH", "limitPerPerson": 1}))).await;
        let goods = [(&market.lamp, 1)];
        let once = json!({"code": "ONCE"});
        for end in ["unpaid", "paid", "dropped"] {
            let order = market.order(&goods, once.clone(), end).await;
            assert_eq!((&order["code"], sums(&order)[4]), (&json!("ONCE"), total), "{end}");
            let asked = market.quote(&other, &goods, once.clone()).await;
            assert_eq!(asked["userErrors"][0]["reason"], "USED_UP", "{end}");
            let refused = place(&other, total, &goods, once.clone(), end).await.refusal();
            assert_eq!(refused.0, "CODE_NOT_APPLICABLE", "{end}");
            let id = order["id"].as_str().unwrap();
            if end != "unpaid" {
                market.buyer.pay(id, "test_succeeds", end).await.ok();
                market.app.run_jobs().await;
            }
            if end == "dropped" {
                let input = json!({"orderPartId": order["parts"][0]["id"], "reason": "Broken.", "idempotencyKey": end});
                market.ada.mutate("cancelOrderPart", input, "orderPart { id }").await.ok();
            } else {
                market.buyer.cancel(id).await.ok();
            }
            market.app.run_jobs().await;
            let back = if end == "unpaid" { "0.00" } else { total };
            assert_eq!(refunded(&market, &order).await, back, "{end}");
            assert_books(&market.app).await;
        }
        // Whoever comes next has it.
        place(&other, total, &goods, once, "next").await.ok();
        let each = json!({"code": "EACH"});
        assert_eq!(market.order(&goods, each.clone(), "each").await["code"], "EACH");
        let asked = market.quote(&market.buyer, &goods, each.clone()).await;
        assert_eq!(asked["userErrors"][0]["reason"], "USED_BY_YOU");
        let refused = place(&market.buyer, total, &goods, each.clone(), "again").await.refusal();
        assert_eq!(refused.0, "CODE_NOT_APPLICABLE");
        place(&other, total, &goods, each, "each").await.ok();
        assert_books(&market.app).await;
    }
}

#[actix_web::test]
async fn sending_costs_by_the_bounds_within_which_a_parcel_lies() {
    let market = Market::open(true).await;
    let mat = market.bert.sell(&market.rugs, "Mat", "19.99", 100).await;
    for (goods, grams) in [(&market.rug, 1_000), (&mat, 999)] {
        let input = json!({"variantId": goods.variant, "expectedVersion": 1, "weightGrams": grams});
        market.bert.mutate("updateProductVariant", input, "variant { id }").await.ok();
    }
    let zone = json!({"shopId": market.rugs, "name": "Home", "countries": ["GB"]});
    let zone = market.bert.mutate("createShippingZone", zone, "shippingZone { id }").await.ok();
    for (name, rate, weight) in [
        ("Letter", json!({"price": gbp("2.00"), "maximumSubtotal": gbp("40.00")}), Value::Null),
        (
            "Parcel",
            json!({"price": gbp("4.00"), "minimumSubtotal": gbp("40.00"), "maximumSubtotal": gbp("80.00")}),
            Value::Null,
        ),
        ("Freight", json!({"price": gbp("9.00")}), json!(3_000)),
    ] {
        let method = json!({
            "shippingZoneId": zone["shippingZone"]["id"], "name": name, "rates": [rate], "minimumWeightGrams": weight,
        });
        market.bert.mutate("createShippingMethod", method, "shippingMethod { id }").await.ok();
    }
    let (letter, parcel, freight) = (("Letter", "2.00"), ("Parcel", "4.00"), ("Freight", "9.00"));
    let (rug, mat) = (&market.rug, &mat);
    // Of each pair of neighbours the second one lies on the bound, and the first a penny or a gram below.
    let steps = [
        (vec![(rug, 1), (mat, 1)], vec![letter], "41.99"),
        (vec![(rug, 2)], vec![parcel], "44.00"),
        (vec![(rug, 2), (mat, 1)], vec![parcel], "63.99"),
        (vec![(rug, 3)], vec![parcel, freight], "64.00"),
        (vec![(rug, 4)], vec![freight], "89.00"),
    ];
    for (number, (goods, offers, total)) in steps.iter().enumerate() {
        let quote = market.quote(&market.buyer, goods, json!({})).await["quote"].clone();
        let told = quote["parts"][0]["shippingOffers"].as_array().unwrap();
        let told: Vec<_> = told
            .iter()
            .map(|offer| (offer["name"].as_str().unwrap(), offer["price"]["amount"].as_str().unwrap()))
            .collect();
        assert_eq!((&told, sums(&quote)[4]), (offers, *total), "{number}");
        let order = market.order(goods, json!({}), &format!("order {number}")).await;
        assert_eq!(order["parts"][0]["shippingMethod"], offers[0].0, "{number}");
        assert_eq!([sums(&order)[2], sums(&order)[4]], [offers[0].1, *total], "{number}");
    }
    // Whoever reckons with the postage of before is told, and orders nothing.
    let refused = market.order_at("42.00", &[(rug, 2)], json!({}), "before").await.refusal();
    assert_eq!(refused, ("PRICE_CHANGED".into(), "expectedTotal".into()));
    // What is taken off makes no parcel a letter.
    market.promote(&market.bert, &market.rugs, json!({"kind": "PERCENTAGE", "percentage": "50"})).await;
    let quote = market.quote(&market.buyer, &[(rug, 2)], json!({})).await["quote"].clone();
    assert_eq!(sums(&quote), ["40.00", "20.00", "4.00", "4.00", "24.00"]);
    assert_books(&market.app).await;
}
