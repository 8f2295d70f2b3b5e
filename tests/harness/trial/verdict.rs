//! Checks, counted and told as they are made.

use super::programs::Programs;

/// How many differences are told of one check.
const TOLD: usize = 5;

#[derive(Default)]
pub struct Verdict {
    pub passed: u32,
    pub failed: u32,
}

impl Verdict {
    /// A check is passed if nothing is wrong.
    pub fn check(&mut self, what: &str, wrong: &[String]) {
        if wrong.is_empty() {
            self.passed += 1;
            println!("ok    {what}");
            return;
        }
        self.failed += 1;
        println!("FAIL  {what}: {} wrong", wrong.len());
        for difference in wrong.iter().take(TOLD) {
            println!("      {difference}");
        }
    }

    pub fn holds(&mut self, what: &str, holds: bool, otherwise: String) {
        let wrong = (!holds).then_some(otherwise);
        self.check(what, wrong.as_slice());
    }

    pub fn equal(&mut self, what: &str, found: i64, wanted: i64) {
        self.holds(what, found == wanted, format!("{found}, not {wanted}"));
    }

    /// Whether all is well with the programs, whatever has happened to them.
    pub async fn check_programs(&mut self, programs: &Programs) {
        self.check("the doctor finds nothing", &programs.doctor());
        self.check("both programs are ready", &programs.unready().await);
        self.check("no program panicked", &programs.panics());
    }

    /// If anything failed: how to have it all again, and where to look.
    pub fn explain(&self, again: &str, programs: &Programs) {
        if self.failed > 0 {
            println!("again: cargo test --test {again}");
            println!("logs: {}", programs.folder.display());
        }
    }
}
