//! What Stripe keeps: asked for once it is in its balance, and booked once; and its disputes, held against those that are known here.

use agora::payments::service::compare_disputes;
use chrono::TimeDelta;

use super::{Market, double::Fault, market};
use crate::{costs::count, orders::assert_books};

impl Market {
    /// What is on the market's account of fees, in pence.
    fn kept(&self) -> i64 {
        let sql = "SELECT coalesce(sum(balance), 0)::bigint AS count FROM accounts WHERE kind = 'PROVIDER_FEES'";
        count(&mut self.app.connect(), sql)
    }

    /// What differs from what Stripe says of disputes.
    async fn differing(&self) -> Vec<String> {
        let finding = compare_disputes(self.app.app(), 7).await.unwrap().unwrap().finding;
        finding.examples.iter().map(ToString::to_string).collect()
    }
}

#[actix_web::test]
async fn what_stripe_keeps_of_a_payment_is_asked_for_until_it_is_known() {
    let market = market().await;
    market.stripe.settles_late(true);
    assert_eq!(market.pay("pm_card", "pay").await["status"], "SUCCEEDED");
    market.app.run_jobs().await;
    assert_eq!((market.kept(), market.stripe.asked("fee")), (0, 1));
    market.stripe.settles_late(false);
    market.stripe.fails("fee", Fault::Refuse(500));
    market.app.advance(TimeDelta::days(1));
    market.app.run_jobs().await;
    assert_eq!((market.kept(), market.stripe.asked("fee")), (0, 2));
    for _ in 0..2 {
        market.app.advance(TimeDelta::minutes(10));
        market.app.run_jobs().await;
        // 1.4 % of 5.00, and 20 pence.
        assert_eq!((market.kept(), market.stripe.asked("fee")), (-27, 3));
    }
    assert_books(&market.app).await;
}

#[actix_web::test]
async fn what_stripe_charges_for_a_dispute_stays_charged() {
    let market = market().await;
    assert_eq!(market.pay("pm_card", "pay").await["status"], "SUCCEEDED");
    market.app.run_jobs().await;
    let dispute = market.stripe.bank_asks("pi_1", 500);
    let said = [
        ("needs_response", None, -27),
        ("needs_response", Some(-500), -27 - 2_000),
        ("won", None, -27 - 2_000),
        ("won", Some(500), -27 - 2_000),
    ];
    for (number, (status, moved, kept)) in said.into_iter().enumerate() {
        market.stripe.bank_says(&dispute, status, moved);
        for event in [format!("evt_{number}"), format!("evt_{number}_again")] {
            let object = market.stripe.dispute(&dispute);
            assert_eq!(market.tell(&event, "charge.dispute.updated", &object).await, 200);
            market.app.run_jobs().await;
            assert_eq!(market.kept(), kept, "{status} {moved:?}");
            assert_books(&market.app).await;
        }
        assert_eq!(market.differing().await, Vec::<String>::new());
    }
}

#[actix_web::test]
async fn a_dispute_of_which_stripe_never_told_is_found() {
    let market = market().await;
    assert_eq!(market.pay("pm_card", "pay").await["status"], "SUCCEEDED");
    assert_eq!(market.differing().await, Vec::<String>::new());
    let dispute = market.stripe.bank_asks("pi_1", 500);
    market.stripe.bank_says(&dispute, "lost", Some(-500));
    assert_eq!(market.differing().await, ["dp_1: expected 5.00 GBP taken, found no such dispute"]);
    market.tell("evt_1", "charge.dispute.closed", &market.stripe.dispute(&dispute)).await;
    market.app.run_jobs().await;
    assert_eq!(market.differing().await, Vec::<String>::new());
    assert_books(&market.app).await;
}
