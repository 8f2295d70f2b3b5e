//! What orders do in the background.

use chrono::TimeDelta;

use super::{
    mail,
    model::{
        BuyerStepMail, CallOffUnlessPaid, CarryOutRefund, IssueDocuments, Order, OrderAuthorizedMail, OrderPaidMail,
        OrderPlacedMail, OrderUnpaidMail, PassOnPaid, RefundMail, SaleMail, ShippedMail, ShopStepMail, StaffStepMail,
        TellOfPayment,
    },
    service,
};
use crate::{
    kernel::{id::Id, money::Money},
    notifications::model::Topic,
    payments::model::{AskAboutDisputes, CaptureBeforeEnd, CarryOutCapture, ProcessProviderEvent, SettlePayment},
    platform::{
        app::App,
        caller::Caller,
        jobs::{Afterwards, Handlers, JobError},
        mail::Mail,
    },
};

/// Adds the handlers of this domain.
pub fn handlers(handlers: Handlers<App>) -> Handlers<App> {
    handlers
        .with(|app: App, job: SettlePayment| async move { service::settle_unanswered(&app, job.payment).await })
        .at_death(service::keep_asking)
        .with(|app: App, job: ProcessProviderEvent| async move {
            service::process_event(&app, &Caller::system(), job).await
        })
        // It is told once, and looked into as long as it is kept.
        .at_death(|_, _: ProcessProviderEvent| Ok(Afterwards::Again(SettlePayment::AGAIN)))
        .every(TimeDelta::hours(6), "orders.look_at_disputes", |app: App| async move {
            service::look_at_disputes(&app, &Caller::system()).await
        })
        .with(|app: App, job: AskAboutDisputes| async move {
            service::ask_about_disputes(&app, &Caller::system(), job.payment).await
        })
        .with(|app: App, job: TellOfPayment| async move {
            service::tell_of_payment(&app, &Caller::system(), job.order).await
        })
        .every(TimeDelta::minutes(1), "orders.call_off_overdue", |app: App| async move {
            service::call_off_overdue(&app, &Caller::system()).await
        })
        .with(|app: App, job: CallOffUnlessPaid| async move {
            service::call_off_unless_paid(&app, &Caller::system(), job.payment).await
        })
        .with(|app: App, job: PassOnPaid| async move { service::pass_on_paid(&app, &Caller::system(), job).await })
        .with(|app: App, job: IssueDocuments| async move {
            service::issue_documents(&app, &Caller::system(), job).await
        })
        .with(|app: App, job: CarryOutRefund| async move {
            service::carry_out_refund(&app, &Caller::system(), job).await
        })
        .at_death(service::note_silence)
        .with(|app: App, job: CarryOutCapture| async move {
            service::carry_out_capture(&app, &Caller::system(), job).await
        })
        .at_death(service::keep_capturing)
        .with(|app: App, job: CaptureBeforeEnd| async move {
            service::capture_before_end(&app, &Caller::system(), job).await
        })
        .with(refund_mail)
        .with(shipped_mail)
        .with(buyer_step_mail)
        .with(shop_step_mail)
        .with(staff_step_mail)
        .every(TimeDelta::minutes(10), "orders.lapse_claims", |app: App| async move {
            service::lapse_claims(&app, &Caller::system()).await
        })
        .with(order_paid_mail)
        .with(order_authorized_mail)
        .with(order_placed_mail)
        .with(order_unpaid_mail)
        .with(sale_mail)
}

/// Sends a mail, and counts it if it is about a guest's order: once it has gone out, however often that was tried.
async fn send(app: &App, of_guest: Option<Id<Order>>, mail: Mail) -> Result<(), JobError> {
    let to = mail.to.clone();
    app.send(mail).await?;
    match of_guest {
        Some(order) => Ok(service::count_mail(app, &Caller::system(), order, &to).await?),
        None => Ok(()),
    }
}

async fn order_paid_mail(app: App, job: OrderPaidMail) -> Result<(), JobError> {
    let whose = (job.order, job.buyer);
    let news = (Some(Topic::OrderPaid), job.addition.unwrap_or(job.order.uuid()));
    let Some((person, order, link)) = service::buyer_to_tell(&app, &Caller::system(), whose, news, job).await? else {
        return Ok(());
    };
    let mail = mail::order_paid(&person, &order.number, Money::new(order.price(), order.currency), &link);
    send(&app, order.of_guest(), mail).await
}

async fn order_authorized_mail(app: App, job: OrderAuthorizedMail) -> Result<(), JobError> {
    let whose = (job.order, job.buyer);
    let news = (Some(Topic::OrderAuthorized), job.order.uuid());
    let Some((person, order, link)) = service::buyer_to_tell(&app, &Caller::system(), whose, news, job).await? else {
        return Ok(());
    };
    let mail = mail::order_authorized(&person, &order.number, Money::new(order.price(), order.currency), &link);
    send(&app, order.of_guest(), mail).await
}

async fn order_placed_mail(app: App, job: OrderPlacedMail) -> Result<(), JobError> {
    let whose = (job.order, job.buyer);
    let news = (Some(Topic::OrderPlaced), job.order.uuid());
    let Some((person, order, link)) = service::buyer_to_tell(&app, &Caller::system(), whose, news, job).await? else {
        return Ok(());
    };
    let mail = mail::order_placed(&person, &order.number, Money::new(order.price(), order.currency), &link);
    send(&app, order.of_guest(), mail).await
}

async fn order_unpaid_mail(app: App, job: OrderUnpaidMail) -> Result<(), JobError> {
    let whose = (job.order, Some(job.buyer));
    let news = (Some(Topic::OrderUnpaid), job.order.uuid());
    let Some((person, order, link)) = service::buyer_to_tell(&app, &Caller::system(), whose, news, job).await? else {
        return Ok(());
    };
    app.send(mail::order_unpaid(&person, &order.number, Money::new(order.price(), order.currency), &link)).await
}

async fn refund_mail(app: App, job: RefundMail) -> Result<(), JobError> {
    let Some(refund) = service::refund_to_tell(&app, &Caller::system(), job).await? else { return Ok(()) };
    let mail = mail::refunded(&refund.person, &refund.number, (refund.amount, &refund.why), &refund.link);
    send(&app, refund.of_guest, mail).await
}

async fn shipped_mail(app: App, job: ShippedMail) -> Result<(), JobError> {
    let Some(told) = service::shipment_to_tell(&app, &Caller::system(), job).await? else { return Ok(()) };
    send(&app, told.of_guest, mail::shipped(&told.person, &told.number, &told.tracking, &told.link)).await
}

async fn buyer_step_mail(app: App, job: BuyerStepMail) -> Result<(), JobError> {
    let Some(told) = service::buyer_step_to_tell(&app, &Caller::system(), job).await? else { return Ok(()) };
    match mail::buyer_step(&told.person, told.step, &told.number, &told.reason, &told.link) {
        Some(mail) => send(&app, told.of_guest, mail).await,
        None => Ok(()),
    }
}

async fn shop_step_mail(app: App, job: ShopStepMail) -> Result<(), JobError> {
    let Some(told) = service::member_step_to_tell(&app, &Caller::system(), job).await? else { return Ok(()) };
    match mail::shop_step(&told.person, told.step, &told.number, &told.reason, told.link) {
        Some(mail) => app.send(mail).await,
        None => Ok(()),
    }
}

async fn staff_step_mail(app: App, job: StaffStepMail) -> Result<(), JobError> {
    let Some(told) = service::staff_to_tell(&app, job).await? else { return Ok(()) };
    match mail::staff_step(&told.person, told.step, &told.number, told.due_at) {
        Some(mail) => app.send(mail).await,
        None => Ok(()),
    }
}

async fn sale_mail(app: App, job: SaleMail) -> Result<(), JobError> {
    let Some(sale) = service::member_to_tell(&app, &Caller::system(), job).await? else { return Ok(()) };
    app.send(mail::sale(&sale.person, &sale.shop.name, &sale.number, sale.total, sale.unsubscribe)).await
}

#[cfg(test)]
mod tests {
    use super::{mail, service};
    use crate::{kernel::place::Language, messages::model::OrderStep, users::model::Addressee};

    #[test]
    fn of_what_people_are_told_by_mail_the_application_tells_them_too() {
        use OrderStep as S;
        let ada = Addressee { email: "ada@example.com".into(), name: "Ada".into(), language: Language::English };
        let mut mailed = 0;
        for step in [
            S::Placed,
            S::Paid,
            S::Authorized,
            S::AuthorizationLost,
            S::Cancelled,
            S::Reopened,
            S::Claimed,
            S::Refunded,
            S::RefundFailed,
            S::Packed,
            S::Unpacked,
            S::Shipped,
            S::Delivered,
            S::Edited,
            S::AdditionPaid,
            S::AdditionLapsed,
            S::PiecesCancelled,
            S::Completed,
            S::ReturnRequested,
            S::ReturnApproved,
            S::ReturnDeclined,
            S::ReturnWithdrawn,
            S::ReturnReceived,
            S::ClaimOpened,
            S::ClaimAnswered,
            S::ClaimEscalated,
            S::ClaimDecided,
            S::ClaimClosed,
            S::DisputeOpened,
            S::DisputeClosed,
        ] {
            let to_buyer = mail::buyer_step(&ada, step, "7K4M-92QX", "", "https://market.example/order");
            let to_shop = mail::shop_step(&ada, step, "7K4M-92QX", "", "https://market.example/u".into());
            let is_mailed = to_buyer.is_some() || to_shop.is_some();
            assert_eq!(service::topic_of(step).is_some(), is_mailed, "{step}");
            mailed += usize::from(is_mailed);
        }
        assert_eq!(mailed, 18);
    }
}
