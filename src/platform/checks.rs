//! What must be true of the tables whatever happens: statements that find where it is not, and how that is set right.
//!
//! Each domain has its own `CHECKS`; `checkup` runs those of all.

use std::fmt;

use diesel::{
    QueryableByName, RunQueryDsl, sql_query,
    sql_types::{BigInt, Text, Uuid as SqlUuid},
};
use uuid::Uuid;

use super::{
    caller::Caller,
    db::{Conn, Db, Tx},
};
use crate::kernel::{error::Failure, id};

/// Differences of one check that are told at the most.
const EXAMPLES: usize = 20;
/// Things that are set right by one run at the most, for each check.
const MENDED: usize = 10_000;
/// And in one transaction.
const BATCH: usize = 100;

/// Something that must be true of the tables.
#[derive(Debug, Clone, Copy)]
pub struct Check {
    /// What is true, in a sentence.
    pub what: &'static str,
    /// Selects where it is not: what it is about (`thing`), what is `expected` there and what is `found`, all of it text. An id
    /// is a word, a prefix before the UUID. What is set right by [`mend`] has an `id`, too: of what is locked for it.
    pub differing: &'static str,
    pub remedy: Remedy,
}

/// What can be done about a difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remedy {
    /// One side follows from the other, and is made to follow again.
    Repair,
    /// Only people can find out which side is right.
    People,
}

/// Where two sides differ that must not.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Difference {
    /// What it is about, by its ids.
    #[diesel(sql_type = Text)]
    pub thing: String,
    #[diesel(sql_type = Text)]
    pub expected: String,
    #[diesel(sql_type = Text)]
    pub found: String,
}

impl Difference {
    /// With ids as clients know them.
    fn told(self) -> Self {
        Self { thing: id::typed(&self.thing), expected: id::typed(&self.expected), found: id::typed(&self.found) }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: expected {}, found {}", self.thing, self.expected, self.found)
    }
}

/// What came of a check.
#[derive(Debug, Clone)]
pub struct Finding {
    pub what: &'static str,
    pub remedy: Remedy,
    /// How often it is not true.
    pub count: usize,
    /// Where, to begin with.
    pub examples: Vec<Difference>,
}

impl Finding {
    /// What came of a check that no statement can make.
    #[must_use]
    pub fn of(what: &'static str, remedy: Remedy, mut differences: Vec<Difference>) -> Self {
        let count = differences.len();
        differences.truncate(EXAMPLES);
        Self { what, remedy, count, examples: differences }
    }

    /// Whether nothing differs.
    pub const fn is_fine(&self) -> bool {
        self.count == 0
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_fine() {
            return writeln!(f, "ok  {}", self.what);
        }
        writeln!(f, "{} differ: {}", self.count, self.what)?;
        for difference in &self.examples {
            writeln!(f, "    {difference}")?;
        }
        match self.count.saturating_sub(self.examples.len()) {
            0 => Ok(()),
            more => writeln!(f, "    and {more} more"),
        }
    }
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(embed)]
    difference: Difference,
    #[diesel(sql_type = BigInt)]
    count: i64,
}

#[derive(QueryableByName)]
struct Named {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

impl Check {
    /// Looks where it is not true.
    ///
    /// # Errors
    /// If the database fails, or the tables are too large for the time that a statement has.
    pub fn run(&self, conn: &mut Conn) -> Result<Finding, Failure> {
        let query = sql_query(format!(
            "SELECT thing, expected, found, count(*) OVER () AS count FROM ({}) AS differing \
             ORDER BY thing COLLATE \"C\" LIMIT {EXAMPLES}",
            self.differing
        ));
        let rows: Vec<Row> = query.load(conn).inspect_err(|_| tracing::error!(check = self.what, "a check failed"))?;
        let count = rows.first().map_or(0, |row| usize::try_from(row.count).unwrap_or(usize::MAX));
        let examples = rows.into_iter().map(|row| row.difference.told()).collect();
        Ok(Finding { what: self.what, remedy: self.remedy, count, examples })
    }

    /// What is to be set right.
    fn ids(&self, conn: &mut Conn) -> Result<Vec<Uuid>, Failure> {
        let query = format!("SELECT DISTINCT id FROM ({}) AS differing ORDER BY id LIMIT {MENDED}", self.differing);
        let rows: Vec<Named> = sql_query(query).load(conn)?;
        Ok(rows.into_iter().map(|row| row.id).collect())
    }
}

/// How much was set right of what a check looks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mended {
    pub what: &'static str,
    pub count: usize,
}

/// Sets right what a check finds, and logs each. The step gets the ids of some, locks them, looks again, and tells what it has set
/// right: what was found, and what is there instead.
///
/// # Errors
/// If the database fails; what was set right before stays so.
pub async fn mend(
    db: &Db,
    caller: &Caller,
    check: &'static Check,
    step: fn(&mut Tx<'_>, &[Uuid]) -> Result<Vec<Difference>, Failure>,
) -> Result<Mended, Failure> {
    let ids = db.read_snapshot(move |conn| check.ids(conn)).await?;
    let mut count = 0;
    for batch in ids.chunks(BATCH) {
        let batch = batch.to_vec();
        for mended in db.write(caller, move |tx| step(tx, &batch)).await? {
            let Difference { thing, expected, found } = mended.told();
            tracing::warn!(check = check.what, thing, found, expected, "set right");
            count += 1;
        }
    }
    Ok(Mended { what: check.what, count })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_is_a_line_and_what_differs() {
        let differences = |count: usize| -> Vec<Difference> {
            let difference = |number: usize| Difference {
                thing: format!("thing_{number}"),
                expected: number.to_string(),
                found: "nothing".into(),
            };
            (0..count).map(difference).collect()
        };
        let told = |count| Finding::of("things are", Remedy::People, differences(count)).to_string();
        assert_eq!(told(0), "ok  things are\n");
        assert_eq!(told(1), "1 differ: things are\n    thing_0: expected 0, found nothing\n");
        let many = told(23);
        assert!(many.starts_with("23 differ: things are\n") && many.ends_with("    and 3 more\n"), "{many}");
        assert_eq!(many.lines().count(), 22);
    }
}
