//! Making payouts, carrying them out, holding them against what was sent, and what of them is seen at a shop's desk.

mod account;
mod carrying;
mod compare;
mod desk;
mod looking;
mod making;
mod telling;

pub use self::{
    account::{account, erase, onboarding_link, set_account},
    carrying::{CarryOutError, carry_out_payout, note_payout, note_silence},
    compare::compare,
    desk::{count_payouts, next_payout, payouts, statement},
    looking::{look_at_account, look_at_accounts, process_event},
    making::{make_payout, make_payouts},
    telling::{PayoutToTell, owner_of, owner_to_tell},
};

pub use super::queries::checks::CHECKS;
