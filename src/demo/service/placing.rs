//! What people order in the demo market, and pay.

use std::collections::BTreeMap;

use super::{MOMENT, Shelf, british, known};
use crate::{
    demo::{
        error::DemoError,
        model::{CROWD, DemoOrder, IsPaid, PEOPLE},
    },
    kernel::{
        address::Address,
        error::Failure,
        id::Id,
        money::{CurrencyCode, Money},
    },
    orders::{
        self,
        model::{Order, PlaceOrder, Terms, WantedLine},
    },
    payments::{
        self,
        model::Progress,
        service::{
            Attempt, Counts,
            test_memory::{self, Deed},
            test_page,
        },
    },
    platform::{clock::Clock, db::Tx},
    users::model::User,
};

/// Places an order of the demo market, and pays it if it is paid.
pub(super) fn place(
    tx: &mut Tx<'_>,
    clock: &Clock,
    order: &DemoOrder,
    number: u32,
    people: &BTreeMap<&'static str, Id<User>>,
    shelf: &Shelf<'_>,
) -> Result<Id<Order>, DemoError> {
    let mut lines = Vec::with_capacity(order.lines.len());
    let mut expected_total = Money::zero(CurrencyCode::GBP);
    for &(sku, quantity) in order.lines {
        let (_, variant, price) = known(shelf, sku)?;
        let total = price.checked_mul(quantity).and_then(|price| expected_total.checked_add(price));
        expected_total = total.map_err(Failure::internal)?;
        lines.push(WantedLine { variant, quantity, expected_unit_price: None });
    }
    let mut everybody = PEOPLE.iter().chain(&CROWD);
    let name = everybody.find(|person| person.name == order.buyer).map(|person| person.display_name);
    let shipping_address = Address {
        name: name.unwrap_or_default().into(),
        lines: vec![format!("{} Market Street", number * 7)],
        postal_code: Some("YO1 7HH".into()),
        city: "York".into(),
        region: None,
        country: british()?,
        phone: None,
    };
    let wanted = PlaceOrder {
        lines,
        shipping_address,
        expected_total,
        cart: None,
        shipping: Vec::new(),
        code: None,
        note: None,
    };
    let id = orders::service::place(tx, known(people, order.buyer)?, &wanted, Terms::default())?;
    if order.is_paid == IsPaid::Yes {
        clock.advance(MOMENT);
        let attempt = Attempt {
            order: id.uuid(),
            amount: expected_total,
            provider: "test",
            method: "test_succeeds".into(),
            return_url: None,
            is_captured_later: false,
            customer: None,
            is_method_stored: false,
            counts: Counts::default(),
        };
        let payment = payments::service::begin(tx, &attempt)?;
        // Which the provider has to know of, too.
        let act = test_memory::note(tx, &Deed::charge(&payment))?;
        let taken = Progress::Succeeded { reference: test_page::reference(&payment), fee: act.fee() };
        orders::service::note_payment(tx, payment.id, &taken)?;
    }
    Ok(id)
}
