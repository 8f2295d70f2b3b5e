//! How long a trial goes on.

use std::time::{Duration, Instant};

pub struct Course {
    begun: Instant,
    lasting: Duration,
}

impl Course {
    pub fn begin(seconds: u64) -> Self {
        Self { begun: Instant::now(), lasting: Duration::from_secs(seconds) }
    }

    /// Whether it has lasted less than it was to last.
    pub fn goes_on(&self) -> bool {
        self.goes_on_for(Duration::ZERO)
    }

    /// The same, if it was to last for so much longer.
    pub fn goes_on_for(&self, longer: Duration) -> bool {
        self.begun.elapsed() < self.lasting + longer
    }

    /// Tells what happens now.
    pub fn say(&self, what: &str) {
        println!("{:>5.1} s  {what}", self.begun.elapsed().as_secs_f64());
    }
}
