//! What the program says of it, and what the provider does.

use agora::{
    checkup::service::examine,
    payments::service::compare,
    platform::{app::PaymentSetup, checks::Finding},
};
use chrono::TimeDelta;

use super::{Busy, NO_PROVIDER, busy, doctor};

#[actix_web::test]
async fn the_program_tells_what_differs_and_ends_accordingly() {
    let Busy { app, lamp, .. } = busy().await;
    let sound = doctor(&app, &NO_PROVIDER);
    assert_eq!(sound.code, Some(0), "{sound:?}");
    let lines: Vec<_> = sound.stdout.lines().collect();
    let (last, checks) = lines.split_last().unwrap();
    assert_eq!((*last, checks.len()), ("34 checks, nothing differs", 34));
    assert!(checks.iter().all(|line| line.starts_with("ok  ")), "{checks:?}");

    app.given_sql("UPDATE stock_levels SET on_hand = on_hand + 3");
    app.given_sql("DELETE FROM messages WHERE number = 1");
    let ill = doctor(&app, &NO_PROVIDER);
    assert_eq!(ill.code, Some(1), "{ill:?}");
    for told in [
        &*format!("1 differ: levels are the sums of their movements\n    {} at location_01", lamp.variant),
        ": expected 16, found 19\n    --repair sets this right\n",
        "3 differ: numbers in conversations have no gaps\n    conversation_01",
        ": expected 1 messages, found 0\n",
        "\n    only people can set this right\n",
        "\n34 checks, 2 differ\n",
    ] {
        assert!(ill.stdout.contains(told), "{told}\n{}", ill.stdout);
    }

    // What no machine can set right stays, and is told.
    let mended = doctor(&app, &["--repair", "--provider-days", "0"]);
    assert_eq!(mended.code, Some(1), "{mended:?}");
    assert!(mended.stdout.starts_with("1 set right: levels are the sums of their movements\nok  "), "{mended:?}");
    assert!(mended.stdout.ends_with("\n34 checks, 1 differ\n"), "{mended:?}");
    assert!(mended.stderr.contains("set right") && mended.stderr.contains(&lamp.variant), "{mended:?}");
}

#[actix_web::test]
async fn what_the_provider_has_taken_is_held_against_what_is_booked() {
    let Busy { app, buyer, lamp, payment, .. } = busy().await;
    let asked = async || compare(app.app(), 7).await.unwrap().unwrap();
    let sound = asked().await;
    assert!(sound.finding.is_fine() && (sound.asked, sound.unanswered) == (1, 0), "{sound:?}");

    // Taken, and booked by nobody: the job that would have asked is gone.
    let order = buyer.order_one(&lamp, "lost").await.ok()["order"]["id"].clone();
    let lost = buyer.pay(order.as_str().unwrap(), "test_times_out", "lost").await.ok()["payment"]["id"].clone();
    app.given_sql("DELETE FROM jobs WHERE kind = 'orders.settle_payment'");
    assert!(asked().await.finding.is_fine(), "it may be under way");
    app.advance(TimeDelta::hours(1));
    let finding = asked().await.finding;
    let example = finding.examples[0].to_string();
    assert_eq!(finding.count, 1);
    assert_eq!(example, format!("{}: expected 4.00 GBP, found 0.00 GBP", lost.as_str().unwrap()));

    // Booked, and never taken.
    app.given_sql("DELETE FROM test_provider_acts WHERE kind = 'CHARGE' AND amount = 1200");
    let finding = asked().await.finding;
    let examples: Vec<_> = finding.examples.iter().map(ToString::to_string).collect();
    assert_eq!(finding.count, 2);
    assert!(examples.contains(&format!("{payment}: expected 0.00 GBP, found 12.00 GBP")), "{examples:?}");

    app.advance(TimeDelta::days(8));
    assert_eq!(asked().await.asked, 0);
    // The program goes by the clock on the wall.
    app.given_sql("UPDATE payment_intents SET created_at = '2020-01-01'");
    let told = doctor(&app, &["--provider-days", "65535"]);
    assert_eq!(told.code, Some(1), "{told:?}");
    assert!(
        told.stdout.contains("2 differ: what the provider has taken, and given back, is what is booked"),
        "{told:?}"
    );
    for asked in ["2 payments", "1 payouts", "1 payments and their disputes"] {
        assert!(told.stdout.contains(&format!("the provider was asked about {asked} since")), "{told:?}");
    }
    assert!(told.stdout.ends_with("\n37 checks, 1 differ\n"), "{told:?}");

    let off = app.start_beside(|settings| settings.payments = PaymentSetup::Off).await;
    assert!(compare(off.app(), 7).await.unwrap().is_none());
    assert!(examine(off.app()).await.unwrap().iter().all(Finding::is_fine));
    off.stop().await;
}
