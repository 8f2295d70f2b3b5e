//! The doctor: what it proves, what it finds, and what it sets right.

mod told;

use agora::{
    checkup::service::{CHECKS, repair},
    kernel::error::Failure,
    platform::{caller::Caller, checks::Finding},
};
use chrono::TimeDelta;
use diesel::{Connection, PgConnection, RunQueryDsl, connection::SimpleConnection, sql_query};
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::{
    carts::{change, opened},
    costs::count,
    harness::{
        TestApp,
        app::{MASTER_KEY, Person},
        market::Goods,
        program::{Ended, command, run},
    },
    orders::assert_books,
    payouts,
    promotions::{created, redeem},
};

/// A market in which something of everything has happened.
struct Busy {
    app: TestApp,
    seller: Person,
    buyer: Person,
    shop: String,
    /// Sixteen are there, and two of them held.
    lamp: Goods,
    /// Of three lamps; paid, packed, and one pound of twelve went back.
    paid: Value,
    payment: String,
    /// Of one lamp; nobody has paid.
    waiting: Value,
    /// Five orders may have it, and one has.
    promotion: String,
}

async fn busy() -> Busy {
    let app = TestApp::start_with(|settings| {
        settings.checkout.commission = "10".parse().unwrap();
        settings.checkout.payout_delay = TimeDelta::zero();
    })
    .await;
    let (seller, buyer) = (app.sign_up("Sally").await, app.sign_up("Bob").await);
    let shop = seller.open_shop("Lamps").await;
    let lamp = seller.sell(&shop, "Lamp", "4.00", 20).await;

    let paid = buyer.order(&[(&lamp, 3)], "12.00", "paid").await.ok()["order"].clone();
    let paying = buyer.pay(paid["id"].as_str().unwrap(), "test_succeeds", "pay").await.ok();
    let payment = paying["payment"]["id"].as_str().unwrap().to_owned();
    let part = &paid["parts"][0]["id"];
    let back = json!({"amount": "1.00", "currency": "GBP"});
    let back = json!({"orderPartId": part, "amount": back, "reason": "Chipped.", "idempotencyKey": "back"});
    seller.mutate("refundOrderPart", back, "refunds { id }").await.ok();
    app.run_jobs().await;
    let sent = json!({"orderPartId": part, "isShipped": true, "idempotencyKey": "sent"});
    seller.mutate("createShipment", sent, "shipment { id }").await.ok();
    payouts::ready(&app, &shop, "test_payout_succeeds").await;
    payouts::paid_out(&app).await;

    let called_off = buyer.order_one(&lamp, "called off").await.ok()["order"]["id"].clone();
    buyer.cancel(called_off.as_str().unwrap()).await.ok();
    let waiting = buyer.order_one(&lamp, "waiting").await.ok()["order"]["id"].clone();
    let cart = opened(&app.guest(), &lamp, 2).await;
    change(&app.guest(), "reserveCart", &cart, json!({})).await.ok();
    let promotion =
        created(&seller, &shop, json!({"limitTotal": 5, "code": "FIVE"})).await["id"].as_str().unwrap().to_owned();
    redeem(&app, &buyer, 1, &[&promotion]).await.unwrap();
    Busy { app, seller, buyer, shop, lamp, paid, payment, waiting, promotion }
}

/// What a run of the program came to that asks no provider.
fn doctor(app: &TestApp, arguments: &[&str]) -> Ended {
    let url = app.database_url();
    let own = ["doctor", "--mode", "development", "--master-key", MASTER_KEY, "--database-url", url];
    run(command(&own).args(arguments))
}

const NO_PROVIDER: [&str; 2] = ["--provider-days", "0"];

#[actix_web::test]
async fn a_market_that_runs_is_never_misjudged() {
    let busy = busy().await;
    let (app, buyer, lamp) = (&busy.app, &busy.buyer, &busy.lamp);
    assert_books(app).await;
    let keys: Vec<String> = (0..12).map(|number| format!("more {number}")).collect();
    let trading = join_all(keys.iter().enumerate().map(|(place, key)| async move {
        let order = buyer.order_one(lamp, key).await.ok()["order"]["id"].clone();
        let order = order.as_str().unwrap();
        if place % 2 == 0 {
            buyer.pay(order, "test_succeeds", key).await.ok();
        }
        buyer.cancel(order).await.ok();
    }));
    let looking = async {
        for _ in 0..12 {
            assert_books(app).await;
        }
    };
    tokio::join!(trading, looking);
    app.run_jobs().await;
    assert_books(app).await;
}

#[actix_web::test]
async fn all_checks_see_one_moment_and_change_nothing() {
    const KEYS: &str = "SELECT count(*) AS count FROM import_keys";
    let app = TestApp::start().await;
    let (db, url) = (&app.app().db, app.database_url().to_owned());
    let insert = "INSERT INTO import_keys (source, kind, key, target_id) VALUES ('a', 'b', 'c', gen_random_uuid())";
    let seen = db.read_snapshot(move |conn| {
        let before = count(conn, KEYS);
        sql_query(insert).execute(&mut PgConnection::establish(&url).unwrap()).unwrap();
        Ok::<_, Failure>((before, count(conn, KEYS)))
    });
    assert_eq!(seen.await.unwrap(), (0, 0));
    let written = db.read_snapshot(|conn| Ok::<_, Failure>(sql_query("DELETE FROM import_keys").execute(conn)?));
    assert!(written.await.is_err());
    assert_eq!(count(&mut app.connect(), KEYS), 1);
}

/// What the checks find once somebody has done this, which is undone.
fn found_after(app: &TestApp, fault: &str) -> Vec<Finding> {
    let mut conn = app.connect();
    conn.batch_execute("BEGIN").unwrap();
    conn.batch_execute(fault).unwrap_or_else(|error| panic!("{fault}: {error}"));
    let found = CHECKS.iter().copied().flatten().map(|check| check.run(&mut conn).unwrap());
    let found = found.filter(|finding| !finding.is_fine()).collect();
    conn.batch_execute("ROLLBACK").unwrap();
    found
}

#[actix_web::test]
async fn each_check_finds_what_it_is_about_and_says_where() {
    const LEVELS: &str = "levels are the sums of their movements";
    const OWED: &str = "nobody is owed a piece while one lies somewhere";
    const RESERVES: &str = "what is counted as reserved is the sum of reservations";
    const AVAILABILITY: &str = "products say whether one of their variants can be ordered";
    const SAID: &str = "products say of themselves what their attributes and prices say";
    const LAST_NUMBERS: &str = "no message has a number beyond its conversation's last one";
    const GAPS: &str = "numbers in conversations have no gaps";
    const BALANCES: &str = "balances are the sums of transfers";
    const WHOLE: &str = "balances sum to nothing";
    const PAYMENTS: &str = "payments that succeeded have one transfer each, others none";
    const CAPTURES: &str = "of what was authorised so much is taken as was decided";
    const OF_PAYMENTS: &str = "what goes back of a payment is the sum of its refunds";
    const REFUNDS: &str = "refunds that succeeded have left the provider once, others have not";
    const USES: &str = "promotions with a limit in total count the orders that have them";
    const LINES: &str = "totals of parts are the sums of their lines";
    const PARTS: &str = "orders are the sums of their parts, with what fell away of them and what goes back";
    const CHARGED: &str = "orders are their goods, with shipping and the tax that is added, less what is taken off";
    const TAXES: &str = "the market keeps the tax of what was sold and not given back";
    const PASSED_ON: &str = "what is paid in full is passed on in full, and what is in flight beyond it goes back";
    const ADDED: &str = "what waits to be part of a paid order is what its lines come to, and what was paid for additions is what theirs do";
    const AUTHORIZED: &str = "what is authorised for an order covers what is owed, once";
    const OF_PARTS: &str = "what goes back of a part is the sum of its refunds";
    const TAKEN_BACK: &str = "what goes back of an order is what the ledger took back from shops";
    const DISPUTED: &str =
        "what banks have taken back has left once, and is counted with the payments and parts that it is of";
    const PIECES: &str =
        "orders hold the pieces that were ordered, without those that were called off or went back into stock";
    const RETURNED: &str = "pieces come back as often as they lie in returns that are under way, or have come";
    const PACKED: &str = "pieces are packed as often as they lie in shipments";
    const NUMBERS: &str = "invoices and credit notes of each shop are numbered without gaps";
    const OF_INVOICES: &str = "no more is credited than was invoiced, and all of its tax with the last of it";
    const INVOICED: &str =
        "what was passed on has one invoice for each part, and for each addition to it, of what it cost";
    const CREDITED: &str = "what goes back of an invoiced part has one credit note for each refund, of its amount";
    const LEFT: &str = "payouts have left the accounts of their shops once, and those that failed have come back once";
    const PAID_OUT: &str = "what has left for each shop is the sum of its payouts that did not fail";
    // Which they do not let anybody do otherwise.
    const FORGE: &str = "ALTER TABLE shop_documents DISABLE TRIGGER shop_documents_stay; ";
    let busy = busy().await;
    let id = |value: &Value| value.as_str().unwrap().to_owned();
    let (variant, product, payment) = (&busy.lamp.variant, &busy.lamp.product, &busy.payment);
    let (order, part, waiting) = (&id(&busy.paid["id"]), &id(&busy.paid["parts"][0]["id"]), &id(&busy.waiting));
    let (conversation, shop) = (&id(&busy.paid["parts"][0]["conversation"]["id"]), &format!("SHOP of {}", busy.shop));
    let series = &format!("CREDIT_NOTE of {}", busy.shop);
    let gone = &format!("{FORGE}DELETE FROM shop_documents WHERE kind = 'CREDIT_NOTE'");
    let dearer = &format!("{FORGE}UPDATE shop_documents SET total = total + 1 WHERE kind = 'INVOICE'");
    let more_tax = &format!("{FORGE}UPDATE shop_documents SET tax = tax + 1 WHERE kind = 'CREDIT_NOTE'");
    // As if it had left the account of another shop.
    let another = "ALTER TABLE transfers DISABLE TRIGGER transfers_stay; \
                   UPDATE transfers SET debit_id = (SELECT id FROM accounts WHERE kind = 'FEES') WHERE cause = 'PAYOUT'; \
                   UPDATE accounts a SET balance = \
                     (SELECT coalesce(sum(amount), 0) FROM transfers WHERE credit_id = a.id) - \
                     (SELECT coalesce(sum(amount), 0) FROM transfers WHERE debit_id = a.id)";
    // What somebody does, what differs then, and what it is about.
    let faults: [(&str, &[&str], &str); 35] = [
        ("UPDATE stock_levels SET on_hand = on_hand + 3", &[LEVELS], variant),
        (
            "INSERT INTO locations (id, shop_id, name, is_default, created_at) SELECT gen_random_uuid(), id, 'Barn', false, now() FROM shops; \
             INSERT INTO stock_levels (variant_id, location_id, on_hand, backordered) \
             SELECT v.id, l.id, 0, 1 FROM product_variants v, locations l WHERE NOT l.is_default; \
             INSERT INTO stock_movements (id, variant_id, location_id, delta, reason, created_at) \
             SELECT gen_random_uuid(), variant_id, location_id, -1, 'SOLD', now() FROM stock_levels WHERE backordered = 1",
            &[OWED],
            variant,
        ),
        ("UPDATE stock_reserves SET reserved = reserved + 1", &[RESERVES], variant),
        ("UPDATE products SET is_available = NOT is_available", &[AVAILABILITY], product),
        ("UPDATE products SET said = uuid_send(id)", &[SAID], product),
        ("UPDATE conversations SET last_number = last_number - 1 WHERE last_number > 0", &[LAST_NUMBERS], conversation),
        ("DELETE FROM messages WHERE number = 1", &[GAPS], conversation),
        ("UPDATE accounts SET balance = balance + 1 WHERE kind = 'SHOP'", &[BALANCES, WHOLE], shop),
        ("UPDATE payment_intents SET status = 'FAILED'", &[PAYMENTS], payment),
        (
            "INSERT INTO captures (id, intent_id, amount, status, created_at, updated_at) \
             SELECT gen_random_uuid(), id, amount - 1, 'SUCCEEDED', now(), now() FROM payment_intents",
            &[CAPTURES],
            payment,
        ),
        ("UPDATE payment_intents SET refunded = refunded + 1", &[OF_PAYMENTS], payment),
        ("UPDATE refunds SET status = 'FAILED'", &[REFUNDS, PASSED_ON], "refund_01"),
        ("UPDATE provider_fees SET amount = 1", &["what the provider keeps is booked once, as it told it"], payment),
        ("UPDATE promotions SET used = used + 1", &[USES], &busy.promotion),
        ("UPDATE order_parts SET total = total + 1", &[LINES, PARTS, INVOICED], part),
        ("UPDATE orders SET total = total + 1", &[PARTS, CHARGED, PASSED_ON], order),
        ("UPDATE orders SET shipping = shipping + 1", &[CHARGED], order),
        ("UPDATE accounts SET kind = 'TAXES' WHERE kind = 'FEES'", &[TAXES], "account TAXES GBP"),
        ("UPDATE accounts SET balance = 0 WHERE kind = 'PASSED_ON'", &[BALANCES, WHOLE, PASSED_ON, INVOICED], order),
        (
            "INSERT INTO payment_intents (id, order_id, amount, currency, status, provider, method, created_at, updated_at) \
             SELECT gen_random_uuid(), id, 1, currency, 'REQUIRES_CAPTURE', 'test', 'test_succeeds', now(), now() \
               FROM orders WHERE payment_due_at IS NOT NULL",
            &[AUTHORIZED],
            waiting,
        ),
        ("UPDATE orders SET added = 1, added_due_at = now()", &[ADDED], order),
        (
            "INSERT INTO order_additions (id, part_id, amount, joined_at) SELECT gen_random_uuid(), id, 1, now() FROM order_parts",
            &[ADDED, INVOICED],
            part,
        ),
        ("UPDATE order_parts SET refunded = refunded + 1", &[PARTS, OF_PARTS], part),
        ("UPDATE orders SET refunded = refunded + 1", &[PARTS, TAKEN_BACK], order),
        ("UPDATE order_parts SET disputed = disputed + 1", &[DISPUTED], part),
        (
            "INSERT INTO payment_disputes (id, intent_id, order_id, provider, reference, amount, currency, status, money, created_at, updated_at) \
             SELECT gen_random_uuid(), id, order_id, 'test', 'forged', 5, currency, 'LOST', 'TAKEN', now(), now() FROM payment_intents \
              WHERE status = 'SUCCEEDED'",
            &[DISPUTED],
            "dispute_",
        ),
        ("UPDATE order_lines SET cancelled = 1 WHERE packed = 0", &[PIECES], waiting),
        ("UPDATE order_lines SET packed = packed - 1 WHERE packed > 0", &[PACKED], "line_01"),
        ("UPDATE order_lines SET returned = 1 WHERE packed > 0", &[RETURNED], "line_01"),
        (gone, &[NUMBERS, CREDITED], series),
        (dearer, &[INVOICED], part),
        (more_tax, &[OF_INVOICES], "invoice_01"),
        ("UPDATE payouts SET status = 'FAILED', failure = 'DECLINED'", &[LEFT, PAID_OUT], "payout_01"),
        ("UPDATE payouts SET currency = 'EUR'", &[LEFT, PAID_OUT], "PAYOUTS of shop_01"),
        (another, &[LEFT], "payout_01"),
    ];
    let mut proven: Vec<&str> = Vec::new();
    for (fault, expected, thing) in faults {
        let found = found_after(&busy.app, fault);
        let told: String = found.iter().map(ToString::to_string).collect();
        assert_eq!(found.iter().map(|finding| finding.what).collect::<Vec<_>>(), expected, "{fault}\n{told}");
        assert!(told.contains(thing), "{fault}: {thing}\n{told}");
        proven.extend(expected);
    }
    for check in CHECKS.iter().copied().flatten() {
        assert!(proven.contains(&check.what), "nothing is planted that differs: {}", check.what);
    }
    assert_books(&busy.app).await;
}

#[actix_web::test]
async fn what_follows_from_other_rows_is_set_right_and_nothing_else_is_touched() {
    let Busy { app, seller, buyer, lamp, .. } = busy().await;
    for fault in [
        "UPDATE stock_levels SET on_hand = on_hand + 3",
        "UPDATE stock_reserves SET reserved = reserved + 1",
        "UPDATE products SET is_available = false",
        "UPDATE products SET other_prices = uuid_send(id)",
        "UPDATE conversations SET last_number = 0",
        "UPDATE accounts SET balance = balance + 7 WHERE kind IN ('SHOP', 'FEES')",
        "UPDATE promotions SET used = used + 1",
    ] {
        app.given_sql(fault);
    }
    let transfers = "SELECT count(*) AS count FROM transfers";
    let before = count(&mut app.connect(), transfers);
    let mend = async || {
        let mended = repair(app.app(), &Caller::system()).await.unwrap();
        mended.iter().map(|mended| mended.count).collect::<Vec<_>>()
    };
    // A level, what is held of a variant, a product, the conversations of three orders, two accounts, a promotion, and a product once more.
    assert_eq!(mend().await, [1, 1, 1, 3, 2, 1, 1]);
    assert_books(&app).await;
    assert_eq!(mend().await, [0; 7]);

    // What lies there is what somebody says that lies there: it is what moved it that was missing.
    assert_eq!(app.guest().available(&lamp).await, 17);
    let corrected =
        "{ viewer { shops { stockMovements(filter: {reason: CORRECTED}) { nodes { delta actor { id } } } } } }";
    let corrected = seller.query(corrected).await.ok()["viewer"]["shops"][0]["stockMovements"]["nodes"].clone();
    assert_eq!(corrected, json!([{"delta": 3, "actor": null}]));
    assert_eq!(count(&mut app.connect(), transfers), before);
    // And business goes on.
    let order = buyer.order_one(&lamp, "after").await.ok()["order"]["id"].clone();
    buyer.pay(order.as_str().unwrap(), "test_succeeds", "after").await.ok();
    assert_books(&app).await;
}

#[actix_web::test]
async fn what_is_held_of_nothing_is_for_sale_again() {
    let Busy { app, lamp, .. } = busy().await;
    // More than there is: the product cannot be ordered, and says so.
    app.given_sql("UPDATE stock_reserves SET reserved = 100");
    app.given_sql("UPDATE products SET is_available = false");
    assert_eq!(app.guest().available(&lamp).await, 0);
    repair(app.app(), &Caller::system()).await.unwrap();
    assert_eq!(app.guest().available(&lamp).await, 14);
    assert_books(&app).await;
}
