//! Markdown of pages: code, fences, tables, with what is written in them escaped. Knows nothing of rules.

use crate::report::escape::{markdown_file, terminal_line, terminal_text};

/// Text within a line: in a table, a list, a heading. Markup that works only at the start of a line stays the same.
pub(super) fn escape_line(text: &str) -> String {
    const BEFORE: &str = "x ";
    let words: Vec<&str> = text.split_whitespace().collect();
    let line = markdown_file(&format!("{BEFORE}{}", words.join(" ")));
    let within = line.split_once(BEFORE).map(|(_, within)| within.to_owned());
    within.unwrap_or_default()
}

/// Text in paragraphs.
pub(super) fn escape_prose(text: &str) -> String {
    let lines: Vec<&str> = text.trim().lines().map(str::trim).collect();
    markdown_file(&lines.join("\n"))
}

/// Code within a line, also one in a table, where a bar would end the cell.
pub(super) fn code_span(text: &str) -> String {
    let text = terminal_line(text).replace('|', "\\|");
    let fence = "`".repeat(longest_run(&text) + 1);
    match text.starts_with('`') || text.ends_with('`') {
        true => format!("{fence} {text} {fence}"),
        false => format!("{fence}{text}{fence}"),
    }
}

/// Lines of code, which end with a line break.
pub(super) fn code_block(language: &str, text: &str) -> String {
    let text = terminal_text(text.trim_end_matches('\n'));
    let fence = "`".repeat((longest_run(&text) + 1).max(3));
    format!("{fence}{language}\n{text}\n{fence}\n")
}

/// A table of cells that are Markdown already.
pub(super) fn markdown_table(head: &[&str], rows: &[Vec<String>]) -> String {
    let row = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let head: Vec<String> = head.iter().map(|&cell| cell.to_owned()).collect();
    let rule = vec!["---".to_owned(); head.len()];
    let rows = rows.iter().map(|cells| row(cells));
    [row(&head), row(&rule)].into_iter().chain(rows).collect()
}

fn longest_run(text: &str) -> usize {
    let runs = text.split(|c| c != '`').map(str::len);
    runs.max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_can_hold_what_would_end_it() {
        assert_eq!(code_span("a|b"), "`a\\|b`");
        assert_eq!(code_span("`a`"), "`` `a` ``");
        assert_eq!(code_span("a``b\n"), "```a``b\\n```");
        assert_eq!(
            code_block("yaml", "a: |\n  ```\n  x\n"),
            "````yaml\na: |\n  ```\n  x\n````\n"
        );
    }

    #[test]
    fn a_cell_stays_one() {
        assert_eq!(escape_line("a | b\n- c"), "a \\| b - c");
        assert_eq!(escape_line("0.1.0 - *b*"), "0.1.0 - \\*b\\*");
        assert_eq!(
            markdown_table(&["a", "b"], &[vec![escape_line("x|"), code_span("|")]]),
            "| a | b |\n| --- | --- |\n| x\\| | `\\|` |\n"
        );
    }
}
