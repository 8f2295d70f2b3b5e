//! Recommendations on the wire.

mod history;
mod home;
mod personal_data;
mod related;

pub use self::{
    history::{HistoryMutation, HistoryViewer},
    home::{HomeQuery, HomeSection, HomeViewer, Visitor},
    personal_data::PersonalDataViewer,
    related::{Recommendation, RecommendationReason, beside_cart, related},
};
