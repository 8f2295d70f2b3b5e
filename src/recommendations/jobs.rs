//! What recommendations do in the background.

use chrono::TimeDelta;

use super::service;
use crate::{
    platform::{app::App, caller::Caller, jobs::Handlers},
    users::model::ForgetLearned,
};

/// Adds the handlers of this domain.
pub fn handlers(handlers: Handlers<App>) -> Handlers<App> {
    handlers
        .every(TimeDelta::seconds(20), "recommendations.learn", |app: App| async move {
            service::learn(&app, &Caller::system()).await
        })
        .with(|app: App, job: ForgetLearned| async move { service::forget(&app, &Caller::system(), job.user).await })
        .every(TimeDelta::minutes(10), "recommendations.refresh_trends", |app: App| async move {
            service::refresh_trends(&app, &Caller::system()).await
        })
        .every(TimeDelta::hours(1), "recommendations.forget_tallies", |app: App| async move {
            service::forget_tallies(&app, &Caller::system()).await
        })
        // Prepares the weeks of views to come, and forgets those whose time is over.
        .every(TimeDelta::days(1), "recommendations.sweep_views", |app: App| async move {
            service::sweep_views(&app, &Caller::system()).await
        })
}
