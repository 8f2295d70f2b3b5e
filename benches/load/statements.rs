//! The statements that the server sends for one request, taken from Postgres' own log, as a script for pgbench.

use std::{collections::BTreeMap, fs, path::Path};

use super::{
    AnyError,
    operations::{Known, Operation},
};

/// What background work is known by. Its statements have nothing to do with any request; nor have those of sessions, which
/// are looked up once in ten minutes, and asked for when they change.
const BACKGROUND: [&str; 17] = [
    "\"jobs\"",
    "event_log",
    "WITH batch",
    "FROM events",
    "NOTIFY",
    "LISTEN",
    "advisory",
    "pg_backend_pid",
    "FROM (\"sessions\"",
    "FROM \"sessions\"",
    "clock_timestamp()",
    "cost_buckets",
    "api_keys",
    "document_usage",
    "field_usage",
    "usage_clients",
    "documents",
];

/// A statement as it was logged, with its parameters; null ones are none.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    pub sql: String,
    pub parameters: Vec<Option<String>>,
}

/// The requests' statements of a log, in order, without what connections say when they open.
pub fn read(log: &str) -> Vec<Statement> {
    let mut by_backend: BTreeMap<&str, Vec<Statement>> = BTreeMap::new();
    let mut units: Vec<Vec<Statement>> = Vec::new();
    for (backend, kind, text) in entries(log) {
        let unit = by_backend.entry(backend).or_default();
        if kind == "DETAIL" {
            if let (Some(parameters), Some(last)) = (text.strip_prefix("parameters: "), unit.last_mut()) {
                last.parameters = parse_parameters(parameters);
            }
            continue;
        }
        let Some(sql) =
            text.strip_prefix("statement: ").or_else(|| Some(text.strip_prefix("execute ")?.split_once(": ")?.1))
        else {
            continue;
        };
        let is_open = unit.first().is_some_and(|first| begins(&first.sql)) && !unit.iter().any(|s| ends(&s.sql));
        if !is_open && !unit.is_empty() {
            units.push(std::mem::take(unit));
        }
        unit.push(Statement { sql: sql.to_owned(), parameters: Vec::new() });
    }
    units.extend(by_backend.into_values().filter(|unit| !unit.is_empty()));
    let is_background = |statement: &Statement| BACKGROUND.iter().any(|word| statement.sql.contains(word));
    units.retain(|unit| !unit.iter().any(|statement| statement.sql.starts_with("SET ") || is_background(statement)));
    // The end of what began before the log was looked at, and the beginning of what ended after.
    units.retain(|unit| !ends(&unit[0].sql) && (!begins(&unit[0].sql) || unit.iter().any(|s| ends(&s.sql))));
    units.into_iter().flatten().collect()
}

fn begins(sql: &str) -> bool {
    sql == "BEGIN" || sql == "START TRANSACTION"
}

fn ends(sql: &str) -> bool {
    sql == "COMMIT" || sql == "ROLLBACK"
}

/// The log's entries: backend, severity, text. What goes on in a further line begins with a tab.
fn entries(log: &str) -> impl Iterator<Item = (&str, &str, String)> {
    let mut lines = log.lines().peekable();
    std::iter::from_fn(move || {
        loop {
            let line = lines.next()?;
            let mut rest = String::new();
            while let Some(next) = lines.next_if(|next| next.starts_with('\t')) {
                rest.push('\n');
                rest.push_str(next);
            }
            let parsed =
                line.split_once('[').and_then(|(_, line)| line.split_once("] ")).and_then(|(backend, line)| {
                    let (kind, text) = line.split_once(":  ")?;
                    Some((backend, kind, text))
                });
            if let Some((backend, kind, text)) = parsed {
                return Some((backend, kind, format!("{text}{rest}")));
            }
        }
    })
}

/// `$1 = 'it''s', $2 = NULL`
fn parse_parameters(text: &str) -> Vec<Option<String>> {
    let mut parameters = Vec::new();
    let mut rest = text;
    while let Some((_, value)) = rest.split_once(" = ") {
        let Some(quoted) = value.strip_prefix('\'') else {
            parameters.push(None);
            rest = value.split_once(", ").map_or("", |(_, next)| next);
            continue;
        };
        let (mut value, mut end) = (String::new(), quoted.len());
        let mut letters = quoted.char_indices().peekable();
        while let Some((place, letter)) = letters.next() {
            if letter == '\'' && letters.next_if(|&(_, next)| next == '\'').is_none() {
                end = place + 1;
                break;
            }
            value.push(letter);
        }
        parameters.push(Some(value));
        rest = &quoted[end..];
    }
    parameters
}

/// A script that does what the statements do, for numbers drawn anew each time.
pub struct Script {
    text: String,
    /// Values of parameters that are the same in every request.
    pub constants: Vec<(String, String)>,
    pub statements: usize,
}

impl Script {
    /// Translates the statements of the request that followed from `drawn`.
    pub fn of(operation: &Operation, drawn: &[i64], key: &str, statements: &[Statement]) -> Self {
        let mut writer = Writer { known: operation.known(drawn), key, ..Writer::default() };
        let body: Vec<String> = statements.iter().map(|statement| writer.statement(statement)).collect();
        let mut lines =
            vec!["\\set i :i + 1".to_owned(), "\\set fresh 100000000000 + :client_id * 1000000000 + :i".to_owned()];
        let draw = |(name, min, max): &(&str, i64, i64)| match operation.carts {
            // Each cart once.
            Some(_) => format!("\\set {name} (:client_id + :clients * (:i - 1)) % {}", max + 1),
            None => format!("\\set {name} random({min}, {max})"),
        };
        lines.extend(operation.draws.iter().map(draw));
        lines.extend(writer.used.iter().map(|(variable, expression)| format!("\\set {variable} {expression}")));
        lines.extend(body);
        let is_control =
            |sql: &str| ["BEGIN", "COMMIT", "SAVEPOINT", "RELEASE"].iter().any(|word| sql.starts_with(word));
        let count = statements.iter().filter(|statement| !is_control(&statement.sql)).count();
        Self { text: lines.join("\n") + "\n", constants: writer.constants, statements: count }
    }

    /// Writes the script for one run of pgbench, whose ids no other run makes.
    pub fn write(&self, file: &Path, run: u32) -> Result<(), AnyError> {
        Ok(fs::write(file, self.text.replace("RUN", &format!("{run:03}")))?)
    }
}

#[derive(Default)]
struct Writer<'a> {
    known: Vec<Known>,
    key: &'a str,
    /// The variables that are needed, in the order of their first use.
    used: Vec<(String, String)>,
    /// Ids that the server made for this request.
    fresh: Vec<String>,
    constants: Vec<(String, String)>,
}

impl Writer<'_> {
    fn statement(&mut self, statement: &Statement) -> String {
        let moves_levels = statement.sql.starts_with("UPDATE stock_levels");
        let value = |(place, value): (usize, &Option<String>)| match (moves_levels, place) {
            // From what they are under their locks, as a statement before has read it.
            (true, 2) => Some(":levels_before::bigint[]".to_owned()),
            (true, 3) => Some(":levels_after::bigint[]".to_owned()),
            _ => Some(self.value(value.as_deref()?)),
        };
        let values: Vec<Option<String>> = statement.parameters.iter().enumerate().map(value).collect();
        let mut sql = String::new();
        let mut rest = statement.sql.as_str();
        while let Some(place) = rest.find('$') {
            let (before, after) = (&rest[..place], &rest[place + 1..]);
            let digits = after.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(after.len());
            sql.push_str(before);
            match after[..digits].parse::<usize>().ok().and_then(|number| values.get(number.checked_sub(1)?)) {
                Some(Some(value)) => sql.push_str(value),
                // Compared with a literal null, nothing would be looked up at all.
                Some(None) if before.ends_with(" = ") => {
                    let nobody = self.constant("nobody");
                    sql.push_str(&format!("nullif({nobody}::text, {nobody}::text)::uuid"));
                }
                Some(None) => sql.push_str("NULL"),
                None => sql.push_str(&rest[place..=place + digits]),
            }
            rest = &after[digits..];
        }
        sql.push_str(rest);
        if sql.starts_with("SELECT") && sql.contains("\"stock_levels\".\"on_hand\"") {
            // pgbench keeps what one row says, so the rows are put into one. Orders take one piece of each variant.
            sql = format!(
                "SELECT array_agg(on_hand - backordered) AS before, array_agg(on_hand - backordered - 1) AS after \
                 FROM ({sql}) AS levels"
            );
            return format!("{} \\gset levels_", sql.replace('\n', " "));
        }
        // What a later statement may need: the number that a conversation has got to.
        let end = if sql.starts_with("UPDATE \"conversations\"") { " \\gset returned_" } else { ";" };
        format!("{}{end}", sql.replace('\n', " "))
    }

    fn value(&mut self, value: &str) -> String {
        if let Some(known) = self.known.iter().find(|known| known.value == value) {
            if let Some(set) = known.set.as_ref().filter(|set| !self.used.contains(set)) {
                self.used.push(set.clone());
            }
            return known.sql.clone();
        }
        if value == self.key || is_order_number(value) {
            return "('bench-RUN-' || :fresh::text)".into();
        }
        if is_uuid(value) {
            let slot = self.fresh.iter().position(|fresh| fresh == value).unwrap_or_else(|| {
                self.fresh.push(value.to_owned());
                self.fresh.len() - 1
            });
            return format!("('01990000-0000-7RUN-9{slot:03}-' || :fresh::text)::uuid");
        }
        let items = value.strip_prefix('{').and_then(|value| value.strip_suffix('}')).map(|items| items.split(','));
        match items {
            Some(items) if items.clone().all(is_uuid) => {
                let items: Vec<String> = items.map(|item| self.value(item)).collect();
                format!("ARRAY[{}]", items.join(", "))
            }
            Some(items) if items.clone().all(|item| item.parse::<i64>().is_ok()) => {
                format!("{}::bigint[]", self.constant(value))
            }
            _ => self.constant(value),
        }
    }

    fn constant(&mut self, value: &str) -> String {
        let place = self.constants.iter().position(|(_, known)| known == value).unwrap_or_else(|| {
            self.constants.push((format!("constant{}", self.constants.len()), value.to_owned()));
            self.constants.len() - 1
        });
        format!(":{}", self.constants[place].0)
    }
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36 && text.parse::<uuid::Uuid>().is_ok()
}

/// As `7K4M-92QX`.
fn is_order_number(text: &str) -> bool {
    text.len() == 9 && text.split_once('-').is_some_and(|(one, other)| one.len() == 4 && other.len() == 4)
}
