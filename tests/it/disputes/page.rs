//! What a bank decides, and when it is first heard of.

use agora::payments::{
    model::{DisputeMoney, DisputeStatus},
    service::test_page::page_url,
};

use super::{Bought, decide, market, steps, tell, word};
use crate::{harness::app::Person, orders::assert_books};

#[actix_web::test]
async fn a_bank_decides_nothing_that_it_has_not_asked_about() {
    let market = market().await;
    let app = &market.app;
    let Bought { part, payment, .. } = market.buy("one").await;
    let ada = market.ada().await;
    let url = page_url(app.app(), payment.as_str().unwrap().parse().unwrap());
    let offered = async || {
        let page = reqwest::get(&url).await.unwrap().text().await.unwrap();
        let decisions = ["inquire", "dispute", "lose", "win"].into_iter();
        decisions.filter(|decision| page.contains(&format!("value={decision}>"))).collect::<Vec<_>>()
    };
    assert_eq!(offered().await, ["inquire", "dispute"]);
    let before = market.balance().await;
    for decision in ["win", "lose"] {
        decide(app, &payment, decision).await;
        assert_eq!((steps(&ada, &part).await.len(), market.balance().await), (2, before.clone()), "{decision}");
        assert_eq!(offered().await, ["inquire", "dispute"], "{decision}");
    }
    for (decision, then) in [
        ("inquire", vec!["dispute", "lose", "win"]),
        ("dispute", vec!["lose", "win"]),
        ("lose", vec!["win"]),
        ("win", vec![]),
    ] {
        decide(app, &payment, decision).await;
        assert_eq!(offered().await, then, "{decision}");
    }
    assert_eq!(steps(&ada, &part).await[2..], ["DISPUTE_OPENED", "DISPUTE_CLOSED"]);
    assert_eq!(market.balance().await, before);
    assert_books(app).await;
}

#[actix_web::test]
async fn what_is_decided_when_it_is_first_heard_of_has_begun_as_well() {
    let market = market().await;
    let app = &market.app;
    let admin = app.sign_up("Admin").await;
    app.given_role(&admin, "ADMIN");
    let Bought { part, payment, .. } = market.buy("one").await;
    for _ in 0..2 {
        tell(app, &payment, vec![word("late", 1_000, DisputeStatus::Lost, DisputeMoney::Taken)]).await;
        app.run_jobs().await;
    }
    assert_eq!(steps(&market.ada().await, &part).await[2..], ["DISPUTE_OPENED", "DISPUTE_CLOSED"]);
    let told =
        |who: &Person, begin: &str| app.mails(&who.email).iter().filter(|mail| mail.subject.starts_with(begin)).count();
    let (asks, decided) = ("The bank of a buyer asks", "The bank of a buyer has decided");
    assert_eq!((told(&market.ada, asks), told(&market.ada, decided)), (0, 1), "what is over is not asked any more");
    assert_eq!(told(&admin, "The bank of a buyer"), 0);
    assert_books(app).await;
}
