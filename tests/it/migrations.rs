//! The migrations, and what must be true of the tables that they make.

mod indexes;

use std::{collections::BTreeSet, fs, path::Path};

use agora::platform::migrations;
use diesel::{
    PgConnection, QueryableByName, RunQueryDsl, sql_query,
    sql_types::{Bool, Text},
};
use sha2::{Digest, Sha256};

use crate::{harness::cluster::Database, snapshot};

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

fn lines(conn: &mut PgConnection, query: &str) -> Vec<String> {
    sql_query(query).load::<Line>(conn).unwrap().into_iter().map(|row| row.line).collect()
}

/// The migrations that the program knows and the database has not seen.
fn missing(url: &str) -> Vec<String> {
    let known = migrations::status(url).unwrap().into_iter();
    known.filter(|step| !step.is_applied).map(|step| step.name).collect()
}

/// Everything that the catalogue holds of our tables, a line each.
const CATALOGUE: &str = "
    SELECT format('%s.%s %s%s%s%s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
                  CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END,
                  ' DEFAULT ' || pg_get_expr(d.adbin, d.adrelid), a.attidentity::text || a.attgenerated::text) AS line
      FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid LEFT JOIN pg_attrdef d ON (d.adrelid, d.adnum) = (c.oid, a.attnum)
     WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm') AND a.attnum > 0 AND NOT a.attisdropped
    UNION ALL
    SELECT format('%s %s %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
      FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    UNION ALL
    SELECT pg_get_indexdef(indexrelid) FROM pg_index JOIN pg_class c ON c.oid = indexrelid
     WHERE c.relnamespace = 'public'::regnamespace
    UNION ALL
    SELECT format('%s %s %s', relkind, relname, pg_get_expr(relpartbound, oid))
      FROM pg_class WHERE relnamespace = 'public'::regnamespace
    UNION ALL
    SELECT pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    UNION ALL
    SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL
    SELECT format('%s %s', typtype, typname) FROM pg_type WHERE typnamespace = 'public'::regnamespace
    ORDER BY 1";

/// Each migration, with the beginning of the SHA-256 of its `up.sql` and `down.sql`. Where one was applied it does not run
/// again, so it never changes: what is to be changed comes as a new migration, and that as a new line.
const FROZEN: &[(&str, &str)] = &[
    ("2026-11-20-000001_platform", "9ff299087819b85a"),
    ("2026-11-20-000002_users", "a9f8fc494d5c2a0f"),
    ("2026-11-20-000003_shops", "dc8c39ce8852fd32"),
    ("2026-11-20-000004_products", "e2790c07c94796db"),
    ("2026-11-20-000005_inventory", "53f6ad39849f2c29"),
    ("2026-11-20-000006_messages", "531531d6417fce57"),
    ("2026-11-20-000007_orders", "f0cd421c44379cca"),
    ("2026-11-20-000008_payments", "ef2ee1e738dadb52"),
    ("2026-11-20-000009_cost_buckets", "f92c362a8937c8ae"),
    ("2026-11-20-000010_api_keys", "c3a0ec81cb62f149"),
    ("2026-11-20-000011_documents", "e144b7c6dd0c985d"),
    ("2026-11-21-000012_sessions", "581541008db8d2df"),
    ("2026-11-21-000013_signing_keys", "edb53f6780de572e"),
    ("2026-11-21-000014_guesses", "5ebbd98f21b61a37"),
    ("2026-11-21-000015_recovery", "016f5970b0e5d2f5"),
    ("2026-11-21-000016_sessions_ended_reason", "044deba6a42fe0cf"),
    ("2026-11-21-000017_sessions_over", "c1cec9070ce81b00"),
    ("2026-11-21-000018_sessions_address", "8090d5ca533e3ed7"),
    ("2026-11-21-000019_undeliverable", "17537097b8bc7527"),
    ("2026-11-21-000020_handles", "c596f7888ec7d471"),
    ("2026-11-21-000021_security_events", "f9609b06cdd091fb"),
    ("2026-11-21-000022_saved_addresses", "c89631e83069be6f"),
    ("2026-11-21-000023_client_settings", "83781c6793a61117"),
    ("2026-11-21-000024_shop_follows", "904d56d34c01f601"),
    ("2026-11-21-000025_blocks", "e90a90df33a1f1e1"),
    ("2026-11-21-000026_participants_seen", "9015f02d12fba8bb"),
    ("2026-11-21-000027_participants_user", "2690ff6a3ffaa1b0"),
    ("2026-11-21-000028_staff_grants", "6c2b94854c61dd98"),
    ("2026-11-21-000029_identities", "e89edee434212500"),
    ("2026-11-21-000030_second_factors", "8222fbee2aa94265"),
    ("2026-11-21-000031_passkeys", "d4b66219c0adf985"),
    ("2026-11-21-000032_media", "ac8fe36024861eb1"),
    ("2026-11-21-000033_avatars", "70e702c750ce3d0a"),
    ("2026-11-21-000034_privacy", "bdc935e25e3ddff4"),
    ("2026-11-21-000035_inherited_blocks", "484be1c701a75f72"),
    ("2026-11-21-000036_second_factors_wrong", "e0e2a388114dfcea"),
    ("2026-11-21-000037_uploads_attempts", "82f8b348c6b20f7d"),
    ("2026-11-21-000038_media_owner_day", "54485ad2eb6fce4f"),
    ("2026-11-21-000039_settings_versions", "ea9b499e60b6e664"),
    ("2026-11-21-000040_staff_grants_age", "5617f8bcdea49ad1"),
    ("2026-11-21-000041_media_owner", "b61d9db2bd7d6c8c"),
    ("2026-11-21-000042_product_options", "05c63c1d04a6a6cc"),
    ("2026-11-21-000043_variant_options", "c3586bd3e3ef1b35"),
    ("2026-11-21-000044_options_checked", "3e92924df8cc7246"),
    ("2026-11-21-000045_same_options", "851d1dfa8f5c91e8"),
    ("2026-11-21-000046_attributes", "efd9c4a9b780afdc"),
    ("2026-11-21-000047_products_attributes", "28cdf187eb445a74"),
    ("2026-11-21-000048_products_product_kind", "fe0400be155e53b6"),
    ("2026-11-21-000049_categories", "df64187b054aac9a"),
    ("2026-11-21-000050_publishing", "059a6b99c9ef14f1"),
    ("2026-11-21-000051_publishing_checked", "533e5356d395cb15"),
    ("2026-11-21-000052_product_media", "4de7bd52d886c138"),
    ("2026-11-21-000053_variant_media", "d5ee4174e5d9c873"),
    ("2026-11-21-000054_products_tags", "d4112c17412a92a8"),
    ("2026-11-21-000055_settle_products", "43a306387d97ca71"),
    ("2026-11-21-000056_products_publish_at", "c41fba2f4713c2ef"),
    ("2026-11-21-000057_products_unpublish_at", "1002b126270edcc5"),
    ("2026-11-21-000058_products_search", "8244e3accb4b9ffd"),
    ("2026-11-21-000059_product_words", "882413419ab40122"),
    ("2026-11-22-000060_shop_profiles", "c08429b4df1b2d48"),
    ("2026-11-22-000061_prices", "fd8e2bf50754ba2e"),
    ("2026-11-22-000062_product_prices", "f2c5773bcc3996c6"),
    ("2026-11-22-000063_price_changes_actor", "0e5a080603e7265e"),
    ("2026-11-22-000064_prices_filled", "0479753a2945b6b6"),
    ("2026-11-22-000065_tax_classes", "5caffe80c1f7a11b"),
    ("2026-11-22-000066_products_tax_class", "b51b2569a3e3eec6"),
    ("2026-11-22-000067_locations_active", "420d749cbe2e2592"),
    ("2026-11-22-000068_movement_reasons", "39eafa8abeb90a06"),
    ("2026-11-22-000069_stock_movements_newest", "08a7aabd74dcba18"),
    ("2026-11-22-000070_backorders", "9c813b520a9add6e"),
    ("2026-11-22-000071_stock_rules", "62166bed8e9b2116"),
    ("2026-11-22-000072_stock_checked", "473fac6fbf7f16f8"),
    ("2026-11-22-000073_products_is_available", "639f553576b0b431"),
    ("2026-11-22-000074_products_unavailable", "30dce22002974e7d"),
    ("2026-11-22-000075_ratings", "a82a40a53ebe8a34"),
    ("2026-11-22-000076_ratings_checked", "fff17e189be8b501"),
    ("2026-11-22-000077_products_rating", "8d72203733f37557"),
    ("2026-11-22-000078_products_rating_average", "9060a12f40ef1b67"),
    ("2026-11-22-000079_reviews", "dc17b529c3e7662c"),
    ("2026-11-22-000080_review_photos", "07ff2acb2c8981c7"),
    ("2026-11-22-000081_shop_ratings", "23cbec4deb702044"),
    ("2026-11-22-000082_favorites", "5679f7a4e1503e27"),
    ("2026-11-22-000083_wish_lists", "aa152abd45e48a80"),
    ("2026-11-22-000084_wish_list_items", "7f80185b3db56ec0"),
    ("2026-11-22-000085_media_sources", "c191eb82d1d0c212"),
    ("2026-11-22-000086_wanted_images", "4c57a1915276ab63"),
    ("2026-11-22-000087_media_sources_index", "02f6bb10c6e4724e"),
    ("2026-11-22-000088_import_keys_target", "501404e9d52463fa"),
    ("2026-11-22-000090_product_translations", "cb68dd53f3df58ed"),
    ("2026-11-22-000091_category_translations", "0e5ba2a465346803"),
    ("2026-11-22-000092_attribute_translations", "3a50e09088b8fddb"),
    ("2026-11-22-000093_attribute_choice_translations", "aed024ed7c573924"),
    ("2026-11-22-000094_product_imports", "90d9c0c6039f1823"),
    ("2026-11-22-000095_upload_files", "2a69d80c2a928f87"),
    ("2026-11-22-000096_product_words_likely", "da264d65c0334efc"),
    ("2026-11-22-000100_product_import_people", "77f8324ba5bf404e"),
    ("2026-11-22-000101_carts", "48e7d20997a3b98a"),
    ("2026-11-22-000102_cart_lines", "201223271b4b740c"),
    ("2026-11-22-000103_cart_people", "4658dff9f7613dcd"),
    ("2026-11-22-000104_reservations", "fb00727bf700a1c5"),
    ("2026-11-22-000105_payment_due", "9438209692ac48fb"),
    ("2026-11-22-000106_orders_payment_due", "5c17eb1af1f9320c"),
    ("2026-11-22-000107_account_kinds", "fc54f9371c499770"),
    ("2026-11-22-000108_transfer_causes", "5481cef5ce37b571"),
    ("2026-11-22-000109_part_commission", "1dcbd1c566780701"),
    ("2026-11-22-000110_shop_commission", "83a1547c471de472"),
    ("2026-11-22-000111_ledger_checked", "c5556361deefab02"),
    ("2026-11-22-000112_transfers_credit_newest", "fa3812587dc76e9b"),
    ("2026-11-22-000113_transfers_debit_newest", "223f700282be2524"),
    ("2026-11-22-000114_transfers_credit_dropped", "f4fd631b2f03cca7"),
    ("2026-11-22-000115_transfers_debit_dropped", "893937a451d2d65c"),
    ("2026-11-22-000116_pass_on_paid", "ef5587dd05e891a5"),
    ("2026-11-22-000117_refunds", "bcd58174803eeda9"),
    ("2026-11-22-000118_order_steps", "4a5e03d7a6104a2b"),
    ("2026-11-22-000119_refunds_account", "c1b9acbee35fbd59"),
    ("2026-11-22-000120_commission_returned", "cc540bfad46d49db"),
    ("2026-11-22-000121_payments_refunded", "6c8072647bc03fe6"),
    ("2026-11-22-000122_parts_refunded", "d84cc06bd6382a6b"),
    ("2026-11-22-000123_orders_refunded", "2202605de85e8f44"),
    ("2026-11-22-000124_messages_step_id", "d8ea3a581dcbed4b"),
    ("2026-11-22-000125_refunds_checked", "30274163772c643d"),
    ("2026-11-22-000126_movements_by_cause", "1995e94a9ddccb78"),
    ("2026-11-22-000127_movements_cause_dropped", "322590bcff053f1f"),
    ("2026-11-22-000128_pass_on_first_payments", "2fdd553c5bc8b50f"),
    ("2026-11-22-000129_shipments", "d20e1f1f9f0a2d02"),
    ("2026-11-22-000130_lines_packed", "b3aa550eef51f5cd"),
    ("2026-11-22-000131_parts_dropped", "375205d019de356a"),
    ("2026-11-22-000132_orders_dropped", "d97d1d57f498bdc4"),
    ("2026-11-22-000133_shipments_checked", "d7615db5eee48999"),
    ("2026-11-22-000134_returns", "36852c77e3b82cfe"),
    ("2026-11-22-000135_lines_returned", "62e46bbd8364b00d"),
    ("2026-11-22-000136_returns_checked", "50c7cb6aba0dc205"),
    ("2026-11-22-000150_orders_buyer_waiting", "84bfa919dd942901"),
    ("2026-11-22-000151_refund_statuses", "175ddf9d6308d01b"),
    ("2026-11-22-000152_refund_statuses_checked", "7e94493fa02f9af5"),
    ("2026-11-23-000153_lines_charged", "3e4f7f58715c49eb"),
    ("2026-11-23-000154_orders_charged", "836dceb62844d136"),
    ("2026-11-23-000155_parts_charged", "41b57d506af76493"),
    ("2026-11-23-000156_shipping_zones", "a81f791b811008a0"),
    ("2026-11-23-000157_shipping_methods", "a0b1aa8f92ce0228"),
    ("2026-11-23-000160_country_taxes", "d2637a83d8ea5eb6"),
    ("2026-11-23-000163_promotions", "4ffa5430b1da4829"),
    ("2026-11-23-000164_promotion_uses", "8f4c6b133b8d28ea"),
    ("2026-11-23-000168_orders_note", "9ebffe484d73f70d"),
    ("2026-11-23-000169_order_part_notes", "3c843aa5ae1a2bcb"),
    ("2026-11-23-000170_orders_note_checked", "ef06f736aaca3777"),
    ("2026-11-23-000171_taxes_account", "54ce32b44bc0231d"),
    ("2026-11-23-000172_tax_transfers", "c380d316e7ad58bc"),
    ("2026-11-23-000173_charged_checked", "a7caecec9ab68247"),
    ("2026-11-23-000174_parts_invoiced", "0f07a15ea1046dfa"),
    ("2026-11-23-000175_shop_documents", "70b8ccdff2bc29f6"),
    ("2026-11-23-000176_issue_documents", "20bbf9aa90a60b40"),
    ("2026-11-23-000178_parts_shop_state", "8c90089b332ad8cc"),
    ("2026-11-23-000179_orders_number_begin", "041e14f0a933337f"),
    ("2026-11-23-000180_lines_words", "e157a1b3e3d4453f"),
    ("2026-11-23-000181_lines_sku_begin", "4fe4fe57bbbcc850"),
    ("2026-11-23-000182_provider_events", "6dcc0a0d17c87c54"),
    ("2026-11-23-000183_payments_sealed_secret", "a573192617c7a070"),
    ("2026-11-23-000195_payouts", "b78f329aa9c64f8b"),
    ("2026-11-23-000196_payouts_account", "319d910beb9333ee"),
    ("2026-11-23-000197_payout_transfers", "a8aab0cd51a4db2a"),
    ("2026-11-23-000198_payouts_checked", "aabe36e778c5d713"),
    ("2026-11-23-000199_refunds_booked_as", "2b0ff334cb6124c7"),
    ("2026-11-23-000200_guest_orders", "2d859722078e2fad"),
    ("2026-11-23-000201_audit_of_guests", "b0d43e57ffbebacf"),
    ("2026-11-23-000205_provider_events_shops", "b8606bc84f29a490"),
    ("2026-11-23-000206_payout_accounts_requirement", "bb00ea1354e04448"),
    ("2026-11-23-000207_payout_accounts_checked", "f00e11b02c29a73e"),
    ("2026-11-23-000210_open_attempts", "a72c4b0ae37af7f0"),
    ("2026-11-23-000211_payment_disputes", "c3c7d7044ec27ca0"),
    ("2026-11-23-000212_dispute_transfers", "5b4dea03812ba308"),
    ("2026-11-23-000213_payments_disputed", "bf6164db4f1daa21"),
    ("2026-11-23-000214_parts_disputed", "6eba59b63bd4a7cd"),
    ("2026-11-23-000215_disputes_checked", "dc5b955c473ca18a"),
    ("2026-11-23-000216_payments_by_reference", "55b668c4c72323a0"),
    ("2026-11-23-000217_payouts_failures", "0c07b9f85c492a7c"),
    ("2026-11-23-000218_open_attempts_line", "d29be85a74bc26f1"),
    ("2026-11-23-000220_payments_authorized", "9521fead6f1bf40e"),
    ("2026-11-23-000221_payments_authorized_checked", "2e404a1010ff7f1a"),
    ("2026-11-23-000222_captures", "75c53baf8911b5bc"),
    ("2026-11-23-000223_orders_called_off", "1c3a71d4e3564c73"),
    ("2026-11-23-000230_participants_state", "3fc264be3495c943"),
    ("2026-11-23-000231_participants_pinned", "d80e55a8e7c92b3c"),
    ("2026-11-23-000232_group_conversations", "253f48a6844e90ad"),
    ("2026-11-23-000233_participants_role", "ce9837cfcbee3661"),
    ("2026-11-23-000234_group_invitations", "1298614d8c97a5fc"),
    ("2026-11-23-000235_groups_checked", "be478bf3146a53ce"),
    ("2026-11-23-000240_message_revisions", "77e94f18249d173c"),
    ("2026-11-23-000241_messages_changed", "31ea47b862e10327"),
    ("2026-11-23-000242_messages_content_checked", "c2a4ad762dd8f38b"),
    ("2026-11-23-000243_messages_reply", "6aafe1dc4332e226"),
    ("2026-11-23-000244_message_reactions", "81e14ba1300b5592"),
    ("2026-11-23-000245_message_mentions", "a388a677a85b84ab"),
    ("2026-11-23-000246_quick_replies", "c599bd7d63ea612e"),
    ("2026-11-23-000247_payout_accounts_named", "69e0f0d3969189a1"),
    ("2026-11-23-000248_shipments_shipped", "baa19d1106374e7b"),
    ("2026-11-23-000250_open_attempts_crowd", "99744605f0713fd5"),
    ("2026-11-23-000251_payments_processing", "19b9a0dfe3df1cba"),
    ("2026-11-23-000263_payment_methods", "85acf0b3d31563f4"),
    ("2026-11-23-000264_payments_kept", "a3516f44b7448672"),
    ("2026-11-23-000265_payments_kept_checked", "bf58f578cde4fb67"),
    ("2026-11-23-000285_users_staff", "b9404d8f77dc9354"),
];

#[test]
fn a_migration_never_changes() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    let mut found = Vec::new();
    for entry in fs::read_dir(&folder).unwrap() {
        let entry = entry.unwrap();
        let both = ["up.sql", "down.sql"].map(|file| fs::read(entry.path().join(file)).unwrap()).concat();
        let hash = format!("{:x}", Sha256::digest(both));
        found.push((entry.file_name().into_string().unwrap(), hash[..16].to_owned()));
    }
    found.sort();
    let found: Vec<_> = found.iter().map(|(name, hash)| (name.as_str(), hash.as_str())).collect();
    assert_eq!(found, FROZEN);
}

#[test]
fn what_goes_up_comes_down_and_goes_up_again() {
    let database = Database::empty();
    let url = database.url();
    let mut conn = database.connect();
    let all = missing(&url);
    assert_eq!(migrations::apply(&url).unwrap(), all);
    assert_eq!(missing(&url), Vec::<String>::new());
    let before = lines(&mut conn, CATALOGUE);
    assert!(before.len() > 100, "{before:#?}");

    for name in all.iter().rev() {
        assert_eq!(migrations::revert(&url).unwrap().as_ref(), Some(name));
    }
    assert_eq!(migrations::revert(&url).unwrap(), None);
    let left: Vec<_> =
        lines(&mut conn, CATALOGUE).into_iter().filter(|line| !line.contains("__diesel_schema_")).collect();
    assert_eq!(left, Vec::<String>::new(), "down.sql leaves something behind");
    assert_eq!(missing(&url), all);

    migrations::apply(&url).unwrap();
    assert_eq!(lines(&mut conn, CATALOGUE), before);
}

#[test]
fn two_processes_may_migrate_at_once() {
    let database = Database::empty();
    let all = missing(&database.url());
    let mut applied: Vec<String> = std::thread::scope(|scope| {
        let run = || migrations::apply(&database.url()).unwrap();
        let runs = [scope.spawn(run), scope.spawn(run)];
        runs.into_iter().flat_map(|run| run.join().unwrap()).collect()
    });
    applied.sort();
    assert_eq!(applied, all);
}

/// Foreign keys without an index that begins with their columns, in any order: a delete or a join would read the table.
const BARE_FOREIGN_KEYS: &str = "
    SELECT format('%s (%s)', conrelid::regclass, pg_get_constraintdef(k.oid)) AS line FROM pg_constraint k
     WHERE contype = 'f' AND NOT EXISTS (
        SELECT FROM pg_index i
         WHERE i.indrelid = k.conrelid AND i.indpred IS NULL AND i.indisvalid
           AND (i.indkey::int2[])[0:cardinality(k.conkey) - 1] <@ k.conkey
           AND k.conkey <@ (i.indkey::int2[])[0:cardinality(k.conkey) - 1])
     ORDER BY 1";

const WITHOUT_PRIMARY_KEY: &str = "
    SELECT relname::text AS line FROM pg_class c
     WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
       AND NOT EXISTS (SELECT FROM pg_constraint WHERE conrelid = c.oid AND contype = 'p') ORDER BY 1";

#[test]
fn every_foreign_key_has_an_index() {
    let database = Database::new();
    let mut conn = database.connect();
    assert_eq!(lines(&mut conn, BARE_FOREIGN_KEYS), Vec::<String>::new());
    sql_query("CREATE TABLE bare (id uuid PRIMARY KEY, user_id uuid REFERENCES users)").execute(&mut conn).unwrap();
    sql_query("CREATE INDEX ON bare (id, user_id)").execute(&mut conn).unwrap();
    sql_query("CREATE INDEX ON bare (user_id) WHERE id IS NULL").execute(&mut conn).unwrap();
    assert_eq!(lines(&mut conn, BARE_FOREIGN_KEYS).len(), 1);
    sql_query("CREATE INDEX ON bare (user_id, id)").execute(&mut conn).unwrap();
    assert_eq!(lines(&mut conn, BARE_FOREIGN_KEYS).len(), 0);
}

#[test]
fn every_table_has_a_primary_key() {
    let database = Database::new();
    let mut conn = database.connect();
    assert_eq!(lines(&mut conn, WITHOUT_PRIMARY_KEY), Vec::<String>::new());
    sql_query("CREATE TABLE heap (number int)").execute(&mut conn).unwrap();
    assert_eq!(lines(&mut conn, WITHOUT_PRIMARY_KEY), ["heap"]);
}

#[derive(QueryableByName)]
struct Column {
    #[diesel(sql_type = Text)]
    table: String,
    #[diesel(sql_type = Text)]
    keys: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    udt: String,
    #[diesel(sql_type = Bool)]
    is_nullable: bool,
}

/// Columns that Rust reads and writes: generated ones and the partitions' own are left out.
const COLUMNS: &str = r#"
    SELECT c.relname::text AS "table", a.attname::text AS name, t.typname::text AS udt, NOT a.attnotnull AS is_nullable,
           (SELECT string_agg(key.attname, ', ' ORDER BY place)
              FROM pg_index i, unnest(i.indkey::int2[]) WITH ORDINALITY AS keys (number, place), pg_attribute key
             WHERE i.indrelid = c.oid AND i.indisprimary AND key.attrelid = c.oid AND key.attnum = keys.number) AS keys
      FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid JOIN pg_type t ON t.oid = a.atttypid
     WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
       AND c.relname NOT LIKE '\_\_diesel%' AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
     ORDER BY c.relname COLLATE "C", a.attnum"#;

fn diesel_type(udt: &str) -> String {
    if let Some(element) = udt.strip_prefix('_') {
        return format!("Array<{}>", diesel_type(element));
    }
    let mut letters = udt.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}

/// `src/schema.rs` as the database has it.
fn schema_rs(conn: &mut PgConnection) -> String {
    let columns: Vec<Column> = sql_query(COLUMNS).load(conn).unwrap();
    let mut text = String::from(
        "//! Diesel's tables. Generated columns are left out: no Rust code reads or writes them.\n\
         //! `UPDATE_SCHEMA=1 cargo test schema_rs` writes this file anew from the migrations.\n",
    );
    let tables: Vec<&[Column]> = columns.chunk_by(|one, next| one.table == next.table).collect();
    for table in &tables {
        text += "\ndiesel::table! {\n";
        if table.iter().any(|column| column.udt == "tsvector") {
            let types = table.iter().filter(|column| column.udt != "tsvector").flat_map(|column| {
                let plain = diesel_type(column.udt.trim_start_matches('_'));
                let array = column.udt.starts_with('_').then(|| "Array".to_owned());
                let nullable = column.is_nullable.then(|| "Nullable".to_owned());
                nullable.into_iter().chain(array).chain([plain])
            });
            let types: Vec<_> = types.collect::<BTreeSet<_>>().into_iter().collect();
            text += "    use crate::kernel::tsvector::Tsvector;\n";
            text += &format!("    use diesel::sql_types::{{{}}};\n\n", types.join(", "));
        }
        text += &format!("    {} ({}) {{\n", table[0].table, table[0].keys);
        for Column { name, udt, is_nullable, .. } in *table {
            let sql_type = diesel_type(udt);
            let sql_type = if *is_nullable { format!("Nullable<{sql_type}>") } else { sql_type };
            text += &format!("        {name} -> {sql_type},\n");
        }
        text += "    }\n}\n";
    }
    text += "\ndiesel::allow_tables_to_appear_in_same_query!(\n";
    for table in &tables {
        text += &format!("    {},\n", table[0].table);
    }
    text + ");\n"
}

#[test]
fn schema_rs_equals_the_database() {
    let database = Database::new();
    snapshot("src/schema.rs", &schema_rs(&mut database.connect()));
}
