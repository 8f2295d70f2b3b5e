//! Throughput as a picture: for each operation the server's bar in pgbench's, at 16 connections.

use std::fmt::Write;

use super::closed::Row;

const WIDTH: f64 = 900.0;
const LEFT: f64 = 280.0;
const BAR: f64 = 16.0;
const STEP: f64 = 44.0;
/// The room right of the longest bar.
const RIGHT: f64 = 90.0;

/// An SVG of the rows over this many connections.
pub fn svg(rows: &[Row], connections: u32) -> String {
    let rows: Vec<(&Row, f64)> = rows
        .iter()
        .filter(|row| row.connections == connections)
        .filter_map(|row| Some((row, row.pgbench.as_ref()?.transactions_per_second)))
        .collect();
    let height = 70.0 + STEP * rows.len() as f64;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" font-family=\"sans-serif\" font-size=\"13\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n\
         <text x=\"16\" y=\"26\" font-size=\"16\">Requests per second over {connections} connections</text>\n\
         <rect x=\"16\" y=\"38\" width=\"12\" height=\"12\" fill=\"#1f6feb\"/><text x=\"34\" y=\"49\">Agora</text>\n\
         <rect x=\"100\" y=\"38\" width=\"12\" height=\"12\" fill=\"#c9d1d9\"/>\
         <text x=\"118\" y=\"49\">the same statements by pgbench; each row has a scale of its own</text>\n"
    );
    for (place, (row, reference)) in rows.iter().enumerate() {
        let top = 62.0 + STEP * place as f64;
        let longest = row.requests_per_second.max(*reference);
        let _ = writeln!(svg, "<text x=\"16\" y=\"{}\">{}</text>", top + 22.0, row.title);
        for (value, offset, colour) in [(row.requests_per_second, 0.0, "#1f6feb"), (*reference, BAR + 2.0, "#c9d1d9")] {
            let length = (WIDTH - LEFT - RIGHT) * value / longest;
            let y = top + offset;
            let _ = writeln!(
                svg,
                "<rect x=\"{LEFT}\" y=\"{y}\" width=\"{length:.1}\" height=\"{BAR}\" fill=\"{colour}\"/>\
                 <text x=\"{:.1}\" y=\"{}\">{value:.0}</text>",
                LEFT + length + 6.0,
                y + 13.0
            );
        }
    }
    svg.push_str("</svg>\n");
    svg
}
