//! Recommendations on the wire.

mod history;
mod personal_data;
mod related;

pub use self::{
    history::{HistoryMutation, HistoryViewer},
    personal_data::PersonalDataViewer,
    related::{Recommendation, RecommendationReason, beside_cart, related},
};
