//! Jobs that are planned anew, and what becomes of those that fail for the last time.

use agora::{
    kernel::error::Failure,
    platform::{
        app::App,
        caller::Caller,
        db::Tx,
        jobs::{Afterwards, Handlers, JobBody, JobError, run_due},
    },
};
use chrono::TimeDelta;
use diesel::{RunQueryDsl, sql_query};
use serde::{Deserialize, Serialize};

use crate::{costs::count, harness::TestApp};

/// Something that is asked again and again.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Knock {
    door: i32,
}

impl JobBody for Knock {
    const KIND: &'static str = "test.knock";
}

const KEY: &str = "test.knock 1";
const ROWS: &str = "SELECT count(*) AS count FROM jobs";

/// Has it asked after so long.
async fn plan(app: &App, after: TimeDelta) {
    let plan = move |tx: &mut Tx<'_>| tx.enqueue_anew(&Knock { door: 1 }, tx.now() + after, KEY);
    app.db.write(&Caller::system(), plan).await.unwrap();
}

async fn run(app: &TestApp, handlers: &Handlers<App>) -> usize {
    run_due(&app.app().db, handlers, app.app().clone()).await.unwrap()
}

#[actix_web::test]
async fn what_plans_itself_again_is_one_row_and_is_put_forward_but_not_off() {
    let app = TestApp::start().await;
    let handlers = Handlers::default().with(|app: App, _: Knock| async move {
        plan(&app, TimeDelta::hours(1)).await;
        Ok::<(), JobError>(())
    });
    plan(app.app(), TimeDelta::zero()).await;
    assert_eq!(run(&app, &handlers).await, 1);
    assert_eq!((run(&app, &handlers).await, count(&mut app.connect(), ROWS)), (0, 1));
    app.advance(TimeDelta::hours(1));
    assert_eq!((run(&app, &handlers).await, count(&mut app.connect(), ROWS)), (1, 1));
    // It waits for an hour: who wants it sooner has it sooner, and who wants it later does not delay it.
    plan(app.app(), TimeDelta::minutes(10)).await;
    plan(app.app(), TimeDelta::hours(2)).await;
    app.advance(TimeDelta::minutes(10));
    assert_eq!((run(&app, &handlers).await, count(&mut app.connect(), ROWS)), (1, 1));
    // One that has failed begins anew.
    app.given_sql("UPDATE jobs SET attempts = 5, run_at = run_at + interval '1 day'");
    plan(app.app(), TimeDelta::zero()).await;
    let anew = format!("{ROWS} WHERE attempts = 0");
    assert_eq!(count(&mut app.connect(), &anew), 1);
    assert_eq!((run(&app, &handlers).await, count(&mut app.connect(), ROWS)), (1, 1));
}

#[actix_web::test]
async fn what_was_begun_anew_meanwhile_is_not_settled_by_the_run_before() {
    let app = TestApp::start().await;
    let handlers = Handlers::default().with(|app: App, _: Knock| async move {
        plan(&app, TimeDelta::zero()).await;
        // Another process takes it up a moment later.
        let claim = |tx: &mut Tx<'_>| -> Result<(), Failure> {
            let claimed = "UPDATE jobs SET attempts = attempts + 1, run_at = run_at + interval '91 seconds'";
            sql_query(claimed).execute(tx.conn())?;
            Ok(())
        };
        app.db.write(&Caller::system(), claim).await
    });
    plan(app.app(), TimeDelta::zero()).await;
    assert_eq!(run(&app, &handlers).await, 1);
    assert_eq!(count(&mut app.connect(), ROWS), 1, "it is the other one's");
}

#[actix_web::test]
async fn what_has_failed_for_the_last_time_is_dead_or_rests_as_its_kind_says() {
    let fails = |_: App, _: Knock| async { Err::<(), JobError>("nobody is there".into()) };
    let dies = Handlers::default().with(fails);
    let rests = Handlers::default().with(fails).at_death(|_, _: Knock| Ok(Afterwards::Again(TimeDelta::hours(1))));
    for (handlers, state, again) in [(dies, "DEAD", 0), (rests, "DUE", 1)] {
        let app = TestApp::start().await;
        plan(app.app(), TimeDelta::zero()).await;
        app.given_sql("UPDATE jobs SET attempts = 11");
        assert_eq!(run(&app, &handlers).await, 1);
        let told =
            format!("{ROWS} WHERE state = '{state}' AND last_error = 'nobody is there' AND unique_key = '{KEY}'");
        assert_eq!(count(&mut app.connect(), &told), 1);
        app.advance(TimeDelta::minutes(59));
        assert_eq!(run(&app, &handlers).await, 0);
        app.advance(TimeDelta::minutes(1));
        assert_eq!(run(&app, &handlers).await, again);
        let attempts = format!("{ROWS} WHERE attempts = {}", if again == 1 { 1 } else { 12 });
        assert_eq!(count(&mut app.connect(), &attempts), 1, "{state}");
    }
}
