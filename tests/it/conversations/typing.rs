//! That who types is told of no faster than anybody types, and to nobody who does not want to know.

use std::time::Duration;

use tokio::time::sleep;

use super::{
    groups::{bring, group, leave},
    live::{heard, live, next, types},
    say, talk,
};
use crate::harness::TestApp;

#[actix_web::test]
async fn who_types_in_one_conversation_and_then_in_another_is_told_of_in_both() {
    let app = TestApp::start().await;
    let (ada, bob, eve) = (app.sign_up("Ada").await, app.sign_up("Bob").await, app.sign_up("Eve").await);
    let (one, other) = (talk(&ada, &bob).await, talk(&ada, &eve).await);
    let (mut bobs, mut eves) = (live(&app, &bob, &one).await, live(&app, &eve, &other).await);
    types(&ada, &one).await;
    assert_eq!(next(&mut bobs).await["__typename"], "Typing");
    sleep(Duration::from_millis(350)).await;
    types(&ada, &other).await;
    assert_eq!(next(&mut eves).await["__typename"], "Typing");
}

#[actix_web::test]
async fn who_has_gone_hides_nothing_and_too_many_hide_it_from_all() {
    let app = TestApp::start().await;
    let (ada, bob, eve) = (app.sign_up("Ada").await, app.sign_up("Bob").await, app.sign_up("Eve").await);
    let lamps = group(&ada, "Lamps").await;
    for person in [&bob, &eve] {
        bring(&ada, &lamps, person).await;
    }
    leave(&eve, &lamps).await.ok();
    let given = |is_member: bool| {
        app.given_sql(
            "INSERT INTO users (id, display_name, bio, role, is_demo, version, created_at, locale) \
             SELECT gen_random_uuid(), 'Imp', '', 'MEMBER', false, 1, now(), 'en' FROM generate_series(1, 250)",
        );
        app.given_sql(&format!(
            "INSERT INTO participants (conversation_id, user_id, is_member, created_at) \
             SELECT c.id, u.id, {is_member}, now() FROM conversations c, users u \
              WHERE c.title = 'Lamps' AND u.display_name = 'Imp' ON CONFLICT DO NOTHING"
        ));
        app.given_sql(
            "INSERT INTO blocks (blocker_id, blocked_id, created_at) \
             SELECT imp.id, ada.id, now() FROM users imp, users ada \
              WHERE imp.display_name = 'Imp' AND ada.display_name = 'Ada' ON CONFLICT DO NOTHING",
        );
    };
    given(false);
    let mut bobs = live(&app, &bob, &lamps).await;
    types(&ada, &lamps).await;
    assert_eq!(next(&mut bobs).await["__typename"], "Typing");
    given(true);
    sleep(Duration::from_millis(3_200)).await;
    types(&ada, &lamps).await;
    say(&ada, &lamps, "there").await;
    assert_eq!(heard(&mut bobs).await, "there", "it is not told, and no failure");
}
