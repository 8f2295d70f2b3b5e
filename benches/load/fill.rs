//! The SQL that fills an empty, migrated database. The same rows every time, made by Postgres itself.

use super::{
    bulk,
    market::{
        FIRST_PRICE, FIRST_PRODUCT_AT, FIRST_WORD, Kind, LINES_PER_ORDER, MESSAGES_PER_CONVERSATION, PERSONS, PRICES,
        Size,
    },
};

/// Pieces of every variant: no run of this benchmark sells that many.
const STOCK: i32 = 1_000_000;

/// The statements, with what each makes.
pub fn statements(size: &Size) -> Vec<(&'static str, String)> {
    let Size { products, shops, people, buyers, conversations, words, categories, learned, .. } = *size;
    let orders = size.orders();
    let (person, shop, product, variant) = (Kind::Person, Kind::Shop, Kind::Product, Kind::Variant);
    let founded = "to_timestamp(1704067200)";
    // Products 2·s and 2·s + 1 are one shop's, and an order is about three in a row: it has two parts.
    let first = size.first_product("o");
    let bought = format!("(({first} + k) % {products})");
    let part = format!("(2 * o + ({first} + k) / 2 - {first} / 2)");
    let placed = "to_timestamp(1767225600 + 10 * o)";
    vec![
        (
            "people",
            format!(
                "INSERT INTO users (id, email, email_key, display_name, bio, created_at)
                 SELECT {}, 'person' || n || '@bench.example', 'person' || n || '@bench.example', 'Person ' || n, '', {founded}
                 FROM generate_series(0, {people} - 1) n",
                person.sql("n")
            ),
        ),
        (
            "sessions",
            format!(
                "INSERT INTO sessions (id, user_id, device, rotated_at, created_at, last_seen_at, expires_at)
                 SELECT {}, {}, 'bench', now(), now(), now(), '2099-01-01' FROM generate_series(0, {people} - 1) n",
                Kind::Session.sql("n"),
                person.sql("n")
            ),
        ),
        (
            "shops",
            format!(
                "INSERT INTO shops (id, handle, name, description, currency, country, created_at)
                 SELECT {}, 'shop-' || n, 'Shop ' || n, 'Things for the house, made by hand.', 'GBP', 'GB', {founded}
                 FROM generate_series(0, {shops} - 1) n",
                shop.sql("n")
            ),
        ),
        (
            "members",
            format!(
                "INSERT INTO shop_members (shop_id, user_id, role, created_at)
                 SELECT {}, {}, 'OWNER', {founded} FROM generate_series(0, {shops} - 1) n",
                shop.sql("n"),
                person.sql(&format!("({people} - 1 - n)"))
            ),
        ),
        (
            "locations",
            format!(
                "INSERT INTO locations (id, shop_id, name, is_default, created_at)
                 SELECT {}, {}, 'Store room', true, {founded} FROM generate_series(0, {shops} - 1) n",
                Kind::Location.sql("n"),
                shop.sql("n")
            ),
        ),
        (
            "categories",
            format!(
                "INSERT INTO categories (id, slug, name, created_at)
                 SELECT {}, 'category-' || n, 'Category ' || n, {founded} FROM generate_series(0, {categories} - 1) n",
                Kind::Category.sql("n")
            ),
        ),
        (
            "products",
            format!(
                "INSERT INTO products (id, shop_id, category_id, slug, title, description, status, currency, price_min, price_max, sold_count,
                                       search, created_at, updated_at)
                 SELECT {}, {}, {}, 'product-' || n, title, description, 'ACTIVE', 'GBP', price, price, n % 997,
                        to_tsvector('simple', lower(title) || ' ' || lower(description) || ' sku' || n), made, made
                 FROM (SELECT n, {FIRST_PRICE} + n % {PRICES} AS price, to_timestamp({FIRST_PRODUCT_AT} + n) AS made,
                              (ARRAY['Oak', 'Walnut', 'Linen', 'Copper', 'Glass', 'Stone', 'Wool', 'Paper'])[1 + n % 8] || ' ' ||
                              (ARRAY['table', 'lamp', 'bowl', 'chair', 'shelf', 'vase', 'box'])[1 + n % 7] ||
                              ' tone' || ({FIRST_WORD} + n % {words}) AS title,
                              'Made to last, number ' || n || ' of its kind. Wipe with a dry cloth, keep out of the sun, and it ' ||
                              'will serve your children, too.' AS description
                       FROM generate_series(0, {products} - 1) n) made",
                product.sql("n"),
                shop.sql(&format!("n / 2 % {shops}")),
                Kind::Category.sql(&format!("n % {categories}"))
            ),
        ),
        (
            "product_words",
            "INSERT INTO product_words (word, products, deletes, counted_at)
             SELECT word, least(ndoc, 10000), ARRAY[left(word, 7)], now()
             FROM ts_stat('SELECT search FROM products') WHERE word ~ '^[a-z]{2,40}$'"
                .into(),
        ),
        (
            "variants",
            format!(
                "INSERT INTO product_variants (id, product_id, shop_id, sku, title, ordinal, currency, price, created_at)
                 SELECT {}, {}, {}, 'SKU-' || v, (ARRAY['Small', 'Large'])[1 + v % 2], 1 + v % 2, 'GBP',
                        {FIRST_PRICE} + v / 2 % {PRICES}, {founded}
                 FROM generate_series(0, 2 * {products} - 1) v",
                variant.sql("v"),
                product.sql("v / 2"),
                shop.sql(&format!("v / 4 % {shops}"))
            ),
        ),
        (
            "stock",
            format!(
                "INSERT INTO stock_levels (variant_id, location_id, on_hand)
                 SELECT {}, {}, {STOCK} FROM generate_series(0, 2 * {products} - 1) v",
                variant.sql("v"),
                Kind::Location.sql(&format!("v / 4 % {shops}"))
            ),
        ),
        (
            "movements of stock",
            format!(
                "INSERT INTO stock_movements (id, variant_id, location_id, delta, reason, created_at)
                 SELECT {}, {}, {}, {STOCK}, 'RECEIVED', {founded} FROM generate_series(0, 2 * {products} - 1) v",
                Kind::Movement.sql("v"),
                variant.sql("v"),
                Kind::Location.sql(&format!("v / 4 % {shops}"))
            ),
        ),
        (
            "neighbours",
            // As many of each as there can be, and of a tenth of the products alone: else they would be most of the market.
            format!(
                "INSERT INTO recommendation_neighbors (product_id, rank, other_id, score, weight, backers)
                 SELECT {}, k, {}, 1.0 / (k + 1), 2520 * (51 - k), 55 - k
                 FROM generate_series(0, {learned} - 1) n, generate_series(1, 50) k",
                product.sql("n"),
                product.sql(&format!("(n + 37 * k) % {learned}"))
            ),
        ),
        (
            "orders",
            // As if recommendations knew them: else learning them would go on all the while.
            format!(
                "INSERT INTO orders (id, number, buyer_id, status, currency, total, shipping_address, placed_at, is_learned)
                 SELECT {}, 'B-' || o, {}, 'COMPLETED', 'GBP',
                        (SELECT sum({FIRST_PRICE} + {bought} % {PRICES}) FROM generate_series(0, {LINES_PER_ORDER} - 1) k),
                        '{{\"name\": \"Ada\", \"lines\": [\"1 Street\"], \"postal_code\": \"N1\", \"city\": \"London\", \"region\": null, \"country\": \"GB\", \"phone\": null}}',
                        {placed}, true
                 FROM generate_series(0, {orders} - 1) o",
                Kind::Order.sql("o"),
                person.sql(&format!("o % {buyers}"))
            ),
        ),
        (
            "parts",
            format!(
                "INSERT INTO order_parts (id, order_id, shop_id, ordinal, fulfillment_state, total, placed_at)
                 SELECT {}, {}, {}, row_number() OVER (PARTITION BY o ORDER BY part), 'DELIVERED', total, {placed}
                 FROM (SELECT o, {part} AS part, min({bought} / 2 % {shops}) AS shop, sum({FIRST_PRICE} + {bought} % {PRICES}) AS total
                       FROM generate_series(0, {orders} - 1) o, generate_series(0, {LINES_PER_ORDER} - 1) k GROUP BY o, {part}) parts",
                Kind::Part.sql("part"),
                Kind::Order.sql("o"),
                shop.sql("shop")
            ),
        ),
        (
            "lines",
            format!(
                "INSERT INTO order_lines (id, part_id, ordinal, kind, product_id, variant_id, title, sku, quantity, unit_price, total)
                 SELECT {}, {}, k + 1, 'GOODS', {}, {}, 'A thing that was bought', 'SKU-' || 2 * {bought}, 1,
                        {FIRST_PRICE} + {bought} % {PRICES}, {FIRST_PRICE} + {bought} % {PRICES}
                 FROM generate_series(0, {orders} - 1) o, generate_series(0, {LINES_PER_ORDER} - 1) k",
                Kind::Line.sql(&format!("{LINES_PER_ORDER} * o + k")),
                Kind::Part.sql(&part),
                product.sql(&bought),
                variant.sql(&format!("2 * {bought}"))
            ),
        ),
        (
            "accounts",
            format!(
                "INSERT INTO accounts (id, kind, owner_id, currency, balance)
                 SELECT {}, 'ORDER', id, currency, total
                 FROM (SELECT right(id::text, 8)::int - 10000000 AS o, id, currency, total FROM orders) paid
                 UNION ALL SELECT {}, 'PROVIDER', NULL, 'GBP', -coalesce(sum(total), 0) FROM orders",
                Kind::Account.sql("(o + 1)"),
                Kind::Account.sql("0")
            ),
        ),
        (
            "payments",
            format!(
                "INSERT INTO payment_intents (id, order_id, amount, currency, status, provider, method, reference, created_at, updated_at)
                 SELECT {}, {}, total, 'GBP', 'SUCCEEDED', 'test', 'test_succeeds', 'bench', placed_at, placed_at
                 FROM (SELECT right(id::text, 8)::int - 10000000 AS o, total, placed_at FROM orders) paid",
                Kind::Intent.sql("o"),
                Kind::Order.sql("o")
            ),
        ),
        (
            "transfers",
            format!(
                "INSERT INTO transfers (id, debit_id, credit_id, amount, currency, cause, cause_id, created_at)
                 SELECT {}, {}, {}, total, 'GBP', 'PAYMENT', {}, placed_at
                 FROM (SELECT right(id::text, 8)::int - 10000000 AS o, total, placed_at FROM orders) paid",
                Kind::Transfer.sql("o"),
                Kind::Account.sql("0"),
                Kind::Account.sql("(o + 1)"),
                Kind::Intent.sql("o")
            ),
        ),
        (
            "conversations",
            format!(
                "INSERT INTO conversations (id, kind, pair_key, last_number, last_message_at, created_at)
                 SELECT {}, 'DIRECT', 'direct:' || {} || ':' || {}, {MESSAGES_PER_CONVERSATION},
                        to_timestamp(1767225600 + c + 60 * {MESSAGES_PER_CONVERSATION}), to_timestamp(1767225600 + c)
                 FROM generate_series(0, {conversations} - 1) c",
                Kind::Conversation.sql("c"),
                person.sql(&format!("c % {PERSONS}")),
                person.sql(&format!("({PERSONS} + c)"))
            ),
        ),
        (
            "participants",
            format!(
                "INSERT INTO participants (conversation_id, user_id, is_member, last_read_number, created_at)
                 SELECT {}, who, true, {MESSAGES_PER_CONVERSATION}, to_timestamp(1767225600 + c)
                 FROM generate_series(0, {conversations} - 1) c, LATERAL (VALUES ({}), ({})) pair (who)",
                Kind::Conversation.sql("c"),
                person.sql(&format!("c % {PERSONS}")),
                person.sql(&format!("({PERSONS} + c)"))
            ),
        ),
        bulk::without_indexes("messages"),
        (
            "messages",
            format!(
                "INSERT INTO messages (conversation_id, number, id, author_id, text, words, created_at)
                 SELECT {}, m, {}, CASE WHEN m % 2 = 1 THEN {} ELSE {} END, {}, {}, to_timestamp(1767225600 + c + 60 * m)
                 FROM generate_series(0, {conversations} - 1) c, generate_series(1, {MESSAGES_PER_CONVERSATION}) m",
                Kind::Conversation.sql("c"),
                Kind::Message.sql(&format!("({MESSAGES_PER_CONVERSATION} * c + m - 1)")),
                person.sql(&format!("c % {PERSONS}")),
                person.sql(&format!("({PERSONS} + c)")),
                bulk::text("m"),
                // As if search knew them: else they would be written all the while.
                bulk::words(&Kind::Conversation.sql("c"), "m")
            ),
        ),
        bulk::with_indexes("messages"),
    ]
}
