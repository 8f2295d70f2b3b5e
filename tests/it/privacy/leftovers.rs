//! Nothing is left of who is erased but what is meant to be: looked for in every table there is.

use chrono::TimeDelta;
use serde_json::json;

use super::{delete, lines, market, pass_the_grace, somebody, uuid};
use crate::harness::{TestApp, app::Person};

/// Columns that name people, and what becomes of their rows when a person is erased. A new one fails until somebody decides.
const COLUMNS: &[(&str, Fate)] = &[
    ("account_deletions.user_id", Fate::Stays),
    ("api_keys.user_id", Fate::Stays),
    ("audit_entries.staff_id", Fate::Stays),
    ("audit_entries.user_id", Fate::Stays),
    ("availability_notices.user_id", Fate::Goes),
    ("blocks.blocked_id", Fate::Stays),
    ("blocks.blocker_id", Fate::Goes),
    ("blocks.inherited_from", Fate::Stays),
    ("carts.owner_id", Fate::Goes),
    ("client_settings.user_id", Fate::Goes),
    ("data_exports.user_id", Fate::Goes),
    ("email_changes.user_id", Fate::Goes),
    ("favorites.user_id", Fate::Goes),
    ("former_addresses.user_id", Fate::Stays),
    ("group_invitations.inviter_id", Fate::Goes),
    ("group_invitations.user_id", Fate::Goes),
    ("handles.user_id", Fate::Goes),
    ("identities.user_id", Fate::Goes),
    ("media.owner_id", Fate::Goes),
    ("message_digests.user_id", Fate::Goes),
    ("message_mentions.user_id", Fate::Stays),
    ("message_reactions.user_id", Fate::Goes),
    ("messages.author_id", Fate::Stays),
    ("moderation_cases.answered_by", Fate::Stays),
    ("moderation_cases.appealed_by", Fate::Stays),
    ("moderation_cases.decided_by", Fate::Stays),
    ("moderation_cases.person_id", Fate::Stays),
    ("moderation_notices.user_id", Fate::Goes),
    ("moderation_reports.reporter_id", Fate::Stays),
    ("notifications.user_id", Fate::Goes),
    ("order_part_notes.author_id", Fate::Goes),
    ("order_returns.buyer_id", Fate::Stays),
    ("order_steps.actor_id", Fate::Stays),
    ("orders.buyer_id", Fate::Stays),
    ("participants.user_id", Fate::Stays),
    ("passkey_ceremonies.user_id", Fate::Goes),
    ("passkeys.user_id", Fate::Goes),
    ("password_resets.user_id", Fate::Goes),
    ("payment_customers.user_id", Fate::Goes),
    ("payout_accounts.set_by", Fate::Goes),
    ("preferences.user_id", Fate::Goes),
    ("price_changes.actor_id", Fate::Stays),
    ("product_imports.user_id", Fate::Goes),
    ("promotion_uses.user_id", Fate::Goes),
    ("provider_flows.user_id", Fate::Goes),
    ("push_devices.user_id", Fate::Goes),
    ("recent_searches.user_id", Fate::Goes),
    ("recommendation_baskets.person_id", Fate::Goes),
    ("recommendation_dismissals.user_id", Fate::Goes),
    ("review_reports.reporter_id", Fate::Stays),
    ("reviews.author_id", Fate::Stays),
    ("saved_addresses.user_id", Fate::Goes),
    ("saved_searches.user_id", Fate::Goes),
    ("second_factors.user_id", Fate::Goes),
    ("security_events.user_id", Fate::Goes),
    ("sessions.user_id", Fate::Stays),
    ("shop_follows.user_id", Fate::Goes),
    ("shop_members.user_id", Fate::Goes),
    ("sign_in_challenges.user_id", Fate::Goes),
    ("staff_grants.staff_id", Fate::Stays),
    ("staff_grants.user_id", Fate::Stays),
    ("support_calls.called_by", Fate::Stays),
    ("support_calls.staff_id", Fate::Stays),
    ("suspensions.user_id", Fate::Goes),
    ("uploads.user_id", Fate::Goes),
    ("wish_lists.owner_id", Fate::Goes),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// The row is deleted, or names nobody any more.
    Goes,
    /// The row says that there was somebody, and nothing about them.
    Stays,
}

#[actix_web::test]
async fn of_every_column_that_names_people_it_is_decided() {
    let app = market().await;
    let columns = lines(
        &app,
        "SELECT format('%s.%s', c.conrelid::regclass, a.attname) AS line FROM pg_constraint c \
         JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = ANY (c.conkey) \
         WHERE c.contype = 'f' AND c.confrelid = 'users'::regclass ORDER BY 1",
    );
    assert_eq!(columns, COLUMNS.iter().map(|(column, _)| *column).collect::<Vec<_>>());
}

/// What cannot be had by asking for it alone, by rows like those that are written.
fn given_the_rest(app: &TestApp, person: &Person) {
    let (user, soon) = (uuid(person), "now() + interval '30 days'");
    for sql in [
        format!(
            "INSERT INTO identities VALUES (gen_random_uuid(), '{user}', 'https://id.example', 'adelheid-1', 'adelheid@id.example', now(), now())"
        ),
        format!(
            "INSERT INTO passkeys VALUES (gen_random_uuid(), '{user}', 'adelheid', 'Phone of Adelheid', '', '', 0, 0, now())"
        ),
        format!("INSERT INTO passkey_ceremonies VALUES ('1', '{user}', '', {soon}, now())"),
        format!(
            "INSERT INTO provider_flows VALUES (gen_random_uuid(), 'adelheid', '{user}', 'https://adelheid.example', '', '', '', {soon})"
        ),
        format!(
            "INSERT INTO support_calls SELECT gen_random_uuid(), id, '{user}', now(), '{user}', now(), now() FROM conversations LIMIT 1"
        ),
        format!("INSERT INTO second_factors (user_id, sealed_secret, created_at) VALUES ('{user}', '', now())"),
        format!("INSERT INTO sign_in_challenges VALUES (gen_random_uuid(), '{user}', 0, {soon}, now())"),
        format!(
            "INSERT INTO password_resets VALUES (gen_random_uuid(), '{user}', 'adelheid@example.com', {soon}, NULL, now())"
        ),
        format!(
            "INSERT INTO email_changes VALUES (gen_random_uuid(), '{user}', 'adelheid@new.example', 'adelheid@new.example', 'adelheid@example.com', true, 0, {soon}, NULL, now())"
        ),
        format!(
            "INSERT INTO api_keys VALUES (gen_random_uuid(), 'Key of Adelheid', 'hash', '{{READ}}', '{user}', NULL, now())"
        ),
        format!(
            "INSERT INTO product_imports (id, shop_id, user_id, upload_id, policy, is_dry_run, created_at, progressed_at) \
             SELECT gen_random_uuid(), id, '{user}', gen_random_uuid(), 'REJECT_ROW', false, now(), now() FROM shops LIMIT 1"
        ),
        format!(
            "WITH made AS (INSERT INTO promotions (id, shop_id, name, kind, starts_at, is_active, created_at) \
               SELECT gen_random_uuid(), id, 'Free', 'FREE_SHIPPING', now(), true, now() FROM shops LIMIT 1 RETURNING id) \
             INSERT INTO promotion_uses SELECT id, gen_random_uuid(), '{user}', 'GBP', 100, now() FROM made"
        ),
        format!(
            "INSERT INTO payout_accounts (shop_id, provider, destination, status, set_by, updated_at) \
             SELECT id, 'test', 'test_payout_succeeds', 'ENABLED', '{user}', now() FROM shops LIMIT 1"
        ),
        format!(
            "WITH customer AS (INSERT INTO payment_customers (id, user_id, provider, reference, created_at) \
               VALUES (gen_random_uuid(), '{user}', 'test', 'test_adelheid', now()) RETURNING id) \
             INSERT INTO payment_methods (id, customer_id, reference, brand, created_at) \
             SELECT gen_random_uuid(), id, 'test_adelheid', 'adelheid', now() FROM customer"
        ),
        format!(
            "INSERT INTO push_devices (id, user_id, session_id, platform, token, token_hash, created_at) \
             SELECT gen_random_uuid(), '{user}', id, 'FCM', 'adelheid', sha256('adelheid'), now() FROM sessions \
              WHERE user_id = '{user}' LIMIT 1"
        ),
        format!("INSERT INTO message_digests VALUES ('{user}', now())"),
        format!("UPDATE sessions SET device = 'Adelheid''s phone', address = '192.0.2.7' WHERE user_id = '{user}'"),
    ] {
        app.given_sql(&sql);
    }
}

/// Every row of every table in which a word stands, as `table: row`.
fn where_it_stands(app: &TestApp, word: &str) -> Vec<String> {
    let tables = lines(app, "SELECT tablename::text AS line FROM pg_tables WHERE schemaname = 'public' ORDER BY 1");
    assert!(tables.len() > 40, "{tables:?}");
    let rows = |table: &String| {
        // Bytes are told as text where they are some.
        lines(
            app,
            &format!("SELECT format('{table}: %s', t::text) AS line FROM {table} t WHERE t::text ILIKE '%{word}%'"),
        )
    };
    tables.iter().flat_map(rows).collect()
}

fn count(app: &TestApp, column: &str, user: &str) -> String {
    let (table, column) = column.split_once('.').unwrap();
    lines(app, &format!("SELECT count(*)::text AS line FROM {table} WHERE {column} = '{user}'")).remove(0)
}

#[actix_web::test]
async fn nothing_is_left_of_who_is_erased_but_what_is_meant_to_be() {
    let app = market().await;
    let adelheid = somebody(&app, "Adelheid").await;
    let (bob, sue) = (app.sign_up("Bob").await, app.sign_up("Sue").await);
    app.given_role(&sue, "SUPPORT");
    let (shop, user) = (bob.open_shop("Corner").await, uuid(&adelheid));
    let goods = bob.sell(&shop, "Lamp", "1.00", 5).await;
    let address = json!({"name": "Adelheid Person", "lines": ["1 Adelheid Road"], "postalCode": "N1 9AG", "city": "London", "country": "GB"});
    let input = json!({"lines": [{"variantId": goods.variant, "quantity": 1}], "shippingAddress": address,
                       "expectedTotal": {"amount": "1.00", "currency": "GBP"}, "idempotencyKey": "order",
                       "note": "For Adelheid, on the second floor"});
    let placed = adelheid.mutate("placeOrder", input, "order { id parts { id } }").await.ok()["order"].clone();
    let order = placed["id"].clone();
    adelheid.pay(order.as_str().unwrap(), "test_succeeds", "pay").await.ok();
    let photo = crate::media::send_for(&adelheid, &crate::media::files::photo(32, 32), "REVIEW").await;
    let review = json!({"productId": goods.product, "rating": 4, "title": "Adelheid's lamp", "text": "Adelheid likes it", "photos": [{"uploadId": photo}]});
    let review = adelheid.mutate("createReview", review, "review { id photos { url } }").await.ok()["review"].clone();
    let reply = json!({"reviewId": review["id"], "text": "Thank you, Adelheid"});
    bob.mutate("replyToReview", reply, "review { id }").await.ok();
    crate::reviews::buy(&sue, &goods).await;
    let of_sue = crate::reviews::write(&sue, &goods, 1, "Dim").await.ok()["review"]["id"].clone();
    let report = json!({"reviewId": of_sue, "reason": "UNTRUE", "note": "Says Adelheid"});
    adelheid.mutate("reportReview", report, "review { id }").await.ok();
    let member = json!({"shopId": shop, "userId": adelheid.id, "role": "SUPPORT"});
    bob.mutate("addShopMember", member, "member { role }").await.ok();
    let noted = json!({"orderPartId": placed["parts"][0]["id"], "text": "Wrap it", "idempotencyKey": "note"});
    adelheid.mutate("addOrderPartNote", noted, "note { id }").await.ok();
    crate::media::send_for(&adelheid, b"sku,title\n1,Adelheid's lamp\n", "IMPORT").await;
    adelheid.mutate("favoriteProduct", json!({"productId": goods.product}), "product { id }").await.ok();
    adelheid.mutate("recordViews", json!({"views": [{"productId": goods.product}]}), "visitorToken").await.ok();
    adelheid.mutate("recordSearches", json!({"searches": [{"query": "Teapots of Adelheid"}]}), "").await.ok();
    let saved = json!({"name": "Adelheid's teapots", "filter": {"query": "teapot adelheid"}});
    adelheid.mutate("saveSearch", saved, "savedSearch { id }").await.ok();
    adelheid.mutate("dismissRecommendation", json!({"productId": goods.product}), "product { id }").await.ok();
    let list = json!({"name": "For Adelheid", "visibility": "PUBLIC"});
    let list = adelheid.mutate("createWishList", list, "wishList { id }").await.ok()["wishList"]["id"].clone();
    let wish = json!({"wishListId": list, "productId": goods.product, "note": "In the colour of Adelheid"});
    adelheid.mutate("addToWishList", wish, "wishList { id }").await.ok();
    adelheid.mutate("addToCart", json!({"variantId": goods.variant}), "cart { id }").await.ok();
    let second = adelheid.order_one(&goods, "unpaid").await.ok()["order"]["id"].clone();
    assert_eq!(bob.available(&goods).await, 2);
    let sold_out = bob.sell(&shop, "Shade", "1.00", 0).await;
    let awaited = json!({"variantId": sold_out.variant});
    adelheid.mutate("notifyWhenAvailable", awaited, "variant { id }").await.ok();
    adelheid.mutate("followShop", json!({"shopId": shop}), "shop { id }").await.ok();
    adelheid.mutate("blockUser", json!({"userId": sue.id}), "user { id }").await.ok();
    let talk = adelheid.mutate("startConversation", json!({"userId": bob.id}), "conversation { id }").await.ok();
    let talk = talk["conversation"]["id"].clone();
    let say = json!({"conversationId": talk, "text": "Yours, Adelheid the Great", "idempotencyKey": "hello"});
    let said = adelheid.mutate("sendMessage", say, "message { id }").await.ok()["message"]["id"].clone();
    let edit = json!({"messageId": said, "expectedVersion": 1, "text": "Yours, Adelheid"});
    adelheid.mutate("editMessage", edit, "message { id }").await.ok();
    adelheid.mutate("addReaction", json!({"messageId": said, "emoji": "👋"}), "message { id }").await.ok();
    let kept =
        json!({"conversationId": talk, "isArchived": true, "isPinned": true, "mutedUntil": "9999-01-01T00:00:00Z"});
    adelheid.mutate("updateConversationSettings", kept, "conversation { id }").await.ok();
    bob.mutate("blockUser", json!({"userId": adelheid.id}), "user { id }").await.ok();
    bob.mutate("unblockUser", json!({"userId": adelheid.id}), "user { id }").await.ok();
    for (owner, guest) in [(&adelheid, &bob), (&bob, &adelheid)] {
        let group = json!({"title": "Lamps", "idempotencyKey": "group"});
        let group = owner.mutate("createGroup", group, "conversation { id }").await.ok()["conversation"]["id"].clone();
        let ask = json!({"conversationId": group, "userId": guest.id});
        owner.mutate("inviteToGroup", ask, "conversation { id }").await.ok();
    }
    let about = json!({"target": {"userId": sue.id}, "reason": "OTHER", "note": "Says Adelheid"});
    adelheid.mutate("report", about, "isReported").await.ok();
    let about = json!({"target": {"userId": adelheid.id}, "reason": "SPAM", "note": "It is Adelheid again"});
    bob.mutate("report", about, "isReported").await.ok();
    let cases = sue.query("{ staff { reports(filter: {targetKind: USER}) { nodes { id targetId } } } }").await.ok();
    let of_her = |case: &&serde_json::Value| case["targetId"] == adelheid.id.as_str();
    let case = cases["staff"]["reports"]["nodes"].as_array().unwrap().iter().find(of_her).unwrap()["id"].clone();
    let decided = json!({"caseId": case, "action": "SUSPEND", "reason": "Adelheid advertises"});
    sue.mutate("decideReport", decided, "moderationCase { id }").await.ok();
    let notice = adelheid.query("{ viewer { moderationNotices { nodes { id } } } }").await.ok();
    let notice = notice["viewer"]["moderationNotices"]["nodes"][0]["id"].clone();
    let appeal = json!({"decisionId": notice, "text": "Adelheid does not"});
    adelheid.mutate("appealDecision", appeal, "moderationNotice { id }").await.ok();
    let leave = json!({"userId": adelheid.id, "reason": "Adelheid asked by phone"});
    sue.mutate("actOnBehalf", leave, "grant { id }").await.ok();
    adelheid.query("mutation { requestDataExport { dataExport { state } } }").await.ok();
    app.run_jobs().await;
    agora::recommendations::service::learn(app.app(), &agora::platform::caller::Caller::system()).await.unwrap();
    let export = adelheid.query("{ viewer { dataExport { url } } }").await.ok()["viewer"]["dataExport"]["url"].clone();
    let picture = adelheid.query("{ viewer { user { avatar { url } } } }").await.ok();
    let picture = picture["viewer"]["user"]["avatar"]["url"].as_str().unwrap().to_owned();
    given_the_rest(&app, &adelheid);

    // Views are of people and of visitors alike, so their tables refer to neither.
    let goes = COLUMNS.iter().filter(|(_, fate)| *fate == Fate::Goes).map(|(column, _)| *column);
    let tables: Vec<_> = goes.chain(["product_views.viewer_id", "view_tallies.viewer_id"]).collect();
    for column in &tables {
        assert_ne!(count(&app, column, &user), "0", "{column}: a row is there to go");
    }
    assert!(where_it_stands(&app, "adelheid").len() > 15);
    // The archive is made but for the while until the account goes.
    app.given_sql("UPDATE data_exports SET expires_at = expires_at + interval '30 days'");

    assert!(delete(&adelheid).await.ok()["deleteAccount"]["accountDeletion"]["dueAt"].is_string());
    pass_the_grace(&app).await;
    app.run_jobs().await;

    let left = where_it_stands(&app, "adelheid");
    let kept = ["messages: ", "orders: ", "shop_documents: "];
    let is_meant = |row: &&String| !kept.iter().any(|table| row.starts_with(table));
    assert_eq!(left.iter().filter(is_meant).collect::<Vec<_>>(), [""; 0]);
    assert_eq!(left.len(), 3, "a message, an order and its invoice: {left:?}");
    for column in tables.iter().filter(|column| **column != "media.owner_id") {
        assert_eq!(count(&app, column, &user), "0", "{column}");
    }
    let kept = "is_archived OR pinned_at IS NOT NULL OR muted_until IS NOT NULL OR role IS NOT NULL";
    let sql = format!("SELECT user_id::text AS line FROM participants WHERE user_id = '{user}' AND ({kept})");
    assert_eq!(lines(&app, &sql), [""; 0]);
    for sessions in ["ended_at IS NULL", "address IS NOT NULL", "device <> ''"] {
        let sql = format!("SELECT id::text AS line FROM sessions WHERE user_id = '{user}' AND {sessions}");
        assert_eq!(lines(&app, &sql), [""; 0]);
    }
    for url in [export.as_str().unwrap(), &picture, review["photos"][0]["url"].as_str().unwrap()] {
        assert_eq!(reqwest::get(url).await.unwrap().status(), 404, "{url}");
    }
    app.advance(TimeDelta::hours(2));
    app.run_jobs().await;
    assert_eq!(count(&app, "media.owner_id", &user), "0");

    // The others have what is theirs: the thread, the order and its money; what was never paid for is called off.
    let document = format!(
        "{{ viewer {{ conversation(id: {talk}) {{ messages(first: 9) {{ nodes {{ content {{ ... on TextContent {{ text }} }} author {{ displayName isErased avatar {{ id }} }} }} }} }} }} }}"
    );
    let bob = super::sign_in(&app, &bob.email).await;
    let messages = bob.query(&document).await.ok()["viewer"]["conversation"]["messages"]["nodes"].clone();
    let author = json!({"displayName": "", "isErased": true, "avatar": null});
    assert_eq!(messages, json!([{"content": {"text": "Yours, Adelheid"}, "author": author}]));
    assert_eq!(bob.available(&goods).await, 3);
    // The stars are left, and nobody who gave them.
    let document = "query($id: ID!) { product(by: {id: $id}) { rating { count average } reviews(filter: {rating: 4}) { nodes { title text reply { text } photos { id } author { isErased } } } } }";
    let product = app.guest().send(document, json!({"id": goods.product})).await.ok()["product"].clone();
    assert_eq!(product["rating"], json!({"count": 2, "average": 2.5}));
    let left = json!([{"title": "", "text": "", "reply": null, "photos": [], "author": {"isErased": true}}]);
    assert_eq!(product["reviews"]["nodes"], left);
    let orders = lines(&app, "SELECT format('%s %s', status, shipping_address IS NULL) AS line FROM orders ORDER BY 1");
    assert_eq!(orders, ["CANCELLED t", "OPEN f", "OPEN f"], "{second}");
    let desk = "{ viewer { shops { orders(first: 9) { nodes { orderNote shippingAddress { name } notes { author { id } text } } } } } }";
    let desk = bob.query(desk).await.ok().to_string();
    assert!(desk.contains("Adelheid Person") && desk.contains("For Adelheid"), "{desk}");
    // What they wrote down for the shop is the shop's.
    assert!(desk.contains(r#"{"author":null,"text":"Wrap it"}"#), "{desk}");

    // Orders are kept as long as the law wants, and where they went no longer.
    app.advance(TimeDelta::days(3_661));
    app.run_jobs().await;
    assert_eq!(
        lines(&app, "SELECT format('%s %s', status, shipping_address IS NULL) AS line FROM orders ORDER BY 1"),
        ["CANCELLED t", "OPEN f", "OPEN t"]
    );
    assert_eq!(lines(&app, "SELECT id::text AS line FROM orders WHERE note IS NOT NULL"), [""; 0]);
    let left = where_it_stands(&app, "adelheid");
    assert!(left.len() == 1 && left[0].starts_with("messages: "), "{left:?}");
}
