//! What became of the rows.

use std::{collections::BTreeMap, fmt};

/// What became of the rows of a file. Each row is counted once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    pub read: u64,
    pub created: u64,
    pub updated: u64,
    /// Here already, from an earlier run.
    pub unchanged: u64,
    /// How many were not taken, by reason.
    pub rejected: BTreeMap<String, u64>,
    /// What the rows became, in the order in which it is told.
    pub made: Vec<(&'static str, u64)>,
    /// What else is to be known, and how often it was so.
    pub noted: BTreeMap<String, u64>,
}

impl Report {
    pub fn rejected(&self) -> u64 {
        self.rejected.values().sum()
    }

    /// Counts a row that was not taken.
    pub fn reject(&mut self, reason: &str) {
        *self.rejected.entry(reason.to_owned()).or_default() += 1;
    }

    /// Counts something that is to be known.
    pub fn note(&mut self, what: &str, count: u64) {
        if count > 0 {
            *self.noted.entry(what.to_owned()).or_default() += count;
        }
    }

    /// Counts things that rows became.
    pub fn make(&mut self, what: &'static str, count: u64) {
        match self.made.iter_mut().find(|(known, _)| *known == what) {
            Some((_, sum)) => *sum += count,
            None => self.made.push((what, count)),
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "rows read      {:>9}", self.read)?;
        writeln!(f, "  created      {:>9}", self.created)?;
        writeln!(f, "  updated      {:>9}", self.updated)?;
        writeln!(f, "  unchanged    {:>9}", self.unchanged)?;
        writeln!(f, "  rejected     {:>9}", self.rejected())?;
        for (reason, count) in &self.rejected {
            writeln!(f, "    {count:>9}  {reason}")?;
        }
        for (what, count) in &self.made {
            writeln!(f, "made {count:>9} {what}")?;
        }
        for (what, count) in &self.noted {
            writeln!(f, "noted {count:>8} {what}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_tells_every_count() {
        let mut report = Report { read: 4, created: 1, unchanged: 1, ..Report::default() };
        report.reject("no price");
        report.reject("no price");
        report.make("orders", 0);
        report.make("orders", 2);
        report.note("rows without a category", 3);
        assert_eq!(report.rejected(), 2);
        assert_eq!(
            report
                .to_string()
                .lines()
                .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
                .collect::<Vec<_>>(),
            [
                "rows read 4",
                "created 1",
                "updated 0",
                "unchanged 1",
                "rejected 2",
                "2 no price",
                "made 2 orders",
                "noted 3 rows without a category"
            ]
        );
    }
}
