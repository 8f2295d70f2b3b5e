//! What a provider said of itself, for a while.

use std::sync::Arc;

use chrono::TimeDelta;
use tokio::sync::Mutex;

use super::{PAUSE, ProviderError};
use crate::platform::clock::Time;

/// How long an answer is believed, and how long where the provider does not say it again.
const FRESH: TimeDelta = TimeDelta::hours(1);
const STALE: TimeDelta = TimeDelta::days(1);

/// One answer of a provider. Whoever asks for it keeps the others waiting, and asks for all of them.
pub struct Cached<T>(Mutex<Known<T>>);

struct Known<T> {
    value: Option<(Time, Arc<T>)>,
    /// When the provider was last asked.
    asked_at: Option<Time>,
}

impl<T> Default for Cached<T> {
    fn default() -> Self {
        Self(Mutex::new(Known { value: None, asked_at: None }))
    }
}

impl<T> Cached<T> {
    /// The answer, from the provider if it is not known or has grown old.
    pub async fn get(
        &self,
        now: Time,
        ask: impl AsyncFnOnce() -> Result<T, ProviderError>,
    ) -> Result<Arc<T>, ProviderError> {
        let mut known = self.0.lock().await;
        match &known.value {
            Some((since, value)) if now - *since < FRESH => Ok(Arc::clone(value)),
            _ => known.ask(now, ask).await,
        }
    }

    /// The answer, from the provider if that is not asked too often.
    pub async fn get_newer(
        &self,
        now: Time,
        ask: impl AsyncFnOnce() -> Result<T, ProviderError>,
    ) -> Result<Arc<T>, ProviderError> {
        self.0.lock().await.ask(now, ask).await
    }
}

impl<T> Known<T> {
    async fn ask(
        &mut self,
        now: Time,
        ask: impl AsyncFnOnce() -> Result<T, ProviderError>,
    ) -> Result<Arc<T>, ProviderError> {
        let failed = if self.asked_at.is_some_and(|asked| now - asked < PAUSE) {
            ProviderError::Unavailable("it did not answer a moment ago".into())
        } else {
            let answer = ask().await;
            self.asked_at = Some(now);
            match answer {
                Ok(value) => {
                    let value = Arc::new(value);
                    self.value = Some((now, Arc::clone(&value)));
                    return Ok(value);
                }
                Err(error) => error,
            }
        };
        match &self.value {
            Some((since, value)) if now - *since < STALE => Ok(Arc::clone(value)),
            _ => Err(failed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_provider_is_asked_seldom_and_what_it_said_outlives_a_failure() {
        let start: Time = "2026-11-20T12:00:00Z".parse().unwrap();
        let after = |seconds| start + TimeDelta::seconds(seconds);
        let down = async || Err(ProviderError::Unavailable("down".into()));
        let cached = Cached::<u32>::default();
        assert!(cached.get(start, down).await.is_err());
        assert!(cached.get(after(9), async || Ok(1)).await.is_err());
        assert_eq!(*cached.get(after(10), async || Ok(1)).await.unwrap(), 1);
        assert_eq!(*cached.get(after(3_609), async || Ok(2)).await.unwrap(), 1);
        assert_eq!(*cached.get(after(3_610), async || Ok(2)).await.unwrap(), 2);
        assert_eq!(*cached.get_newer(after(3_619), async || Ok(3)).await.unwrap(), 2);
        assert_eq!(*cached.get_newer(after(3_620), async || Ok(3)).await.unwrap(), 3);
        assert_eq!(*cached.get(after(3_620 + 86_399), down).await.unwrap(), 3);
        assert!(cached.get(after(3_620 + 86_410), down).await.is_err());
    }
}
