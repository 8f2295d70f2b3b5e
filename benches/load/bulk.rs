//! What makes it quick to fill a table with millions of rows.

/// What every message says after its number.
const REST: &str = ": is it still to be had, and would it fit into the corner by the window?";

/// The text of the message whose number is an SQL expression.
pub fn text(number: &str) -> String {
    format!("'Message ' || {number} || '{REST}'")
}

/// The words of that text as search has them, in a conversation whose id is an SQL expression. What all texts have in common is
/// taken apart once.
pub fn words(conversation: &str, number: &str) -> String {
    format!(
        "('''@' || replace({conversation}::text, '-', '') || ''' ''' || {number} || '''')::tsvector \
         || to_tsvector('simple', 'Message{REST}')"
    )
}

/// Takes the indexes of a table away, but for those that constraints stand on, and keeps what they are.
pub fn without_indexes(table: &str) -> (&'static str, String) {
    let sql = format!(
        "DO $$ DECLARE one record; BEGIN
           CREATE TEMP TABLE IF NOT EXISTS indexes_aside (of_table text, definition text);
           FOR one IN SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS definition FROM pg_index
             WHERE indrelid = '{table}'::regclass AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid) LOOP
             INSERT INTO indexes_aside VALUES ('{table}', one.definition);
             EXECUTE 'DROP INDEX ' || one.name;
           END LOOP;
         END $$"
    );
    ("indexes are put aside", sql)
}

/// Makes the same indexes again, of all rows at once.
pub fn with_indexes(table: &str) -> (&'static str, String) {
    let sql = format!(
        "DO $$ DECLARE one text; BEGIN
           FOR one IN SELECT definition FROM indexes_aside WHERE of_table = '{table}' LOOP EXECUTE one; END LOOP;
           DELETE FROM indexes_aside WHERE of_table = '{table}';
         END $$"
    );
    ("indexes are made again", sql)
}
