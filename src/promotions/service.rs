//! What shops do with their promotions, and how orders use them.

mod desk;
mod privacy;
mod repair;
mod terms;
mod using;

pub use self::{
    desk::{CreatePromotion, count_promotions, create_promotion, delete_promotion, promotions, update_promotion},
    privacy::{CHAPTERS, erase},
    repair::repair,
    terms::{PromotionChange, Terms},
    using::{Redeemed, apply, minimum_of, redeem, release, take_again},
};

pub use super::queries::checks::CHECKS;
