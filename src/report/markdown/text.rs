//! Text of manifests and policies in a summary: cut, escaped, linked.

use crate::model::location::Location;
use crate::model::text::RelPath;
use crate::report::ReportContext;
use crate::report::escape::{cut_text, escape_markdown, terminal_line, uri_path, web_address};

/// Characters of a message or help text.
const TEXT_LIMIT: usize = 600;
/// Characters of a name in the table.
pub(super) const NAME_LIMIT: usize = 80;
/// Characters of a path.
const PATH_LIMIT: usize = 300;
/// Bytes of a link to a file: a single name must not use up all room.
const ADDRESS_LIMIT: usize = 2_000;

/// A name in a table. Code in a cell could hold the `|` that ends it, so there is none.
pub(super) fn table_cell(name: &str) -> String {
    escape_markdown(&terminal_line(&cut_text(name, NAME_LIMIT)).replace('`', "'"))
}

/// Text of a policy or file on one line.
pub(super) fn single_line(text: &str) -> String {
    escape_markdown(&terminal_line(&cut_text(text.trim(), TEXT_LIMIT)))
}

/// `path:line`, linked to the lines at the judged commit where their address is known.
pub(super) fn link_place(at: &Location, context: &ReportContext) -> String {
    let (first, last) = (at.start.line, at.end.line.max(at.start.line));
    let lines = match first == last {
        true => format!("#L{first}"),
        false => format!("#L{first}-L{last}"),
    };
    linked(&at.file, plain_place(at, context), &lines, context)
}

/// `path:line` without a link: for a place in another commit than the judged one.
pub(super) fn plain_place(at: &Location, context: &ReportContext) -> String {
    format!("{}&#58;{}", plain_path(&at.file, context), at.start.line)
}

/// A file, linked as [`link_place`] is.
pub(super) fn link_file(file: &RelPath, context: &ReportContext) -> String {
    linked(file, plain_path(file, context), "", context)
}

/// A file without a link: for one in another commit than the judged one.
pub(super) fn plain_path(file: &RelPath, context: &ReportContext) -> String {
    let path = context.repository_path(file.as_str());
    escape_markdown(&terminal_line(&cut_text(&path, PATH_LIMIT)))
}

/// A block of shell code. Its fence is longer than any run of backticks in it, so that nothing in it ends the block.
pub(super) fn shell_block(command: &str, indent: &str) -> String {
    let runs = command.split(|c| c != '`').map(str::len);
    let fence = "`".repeat(runs.max().unwrap_or_default().max(2) + 1);
    format!("{indent}{fence}sh\n{indent}{command}\n{indent}{fence}\n")
}

fn linked(file: &RelPath, shown: String, lines: &str, context: &ReportContext) -> String {
    let Some(blob) = context.blob.as_deref().and_then(web_address) else {
        return shown;
    };
    let path = context.repository_path(file.as_str());
    let target = format!("{blob}/{}{lines}", uri_path(&path));
    if target.len() > ADDRESS_LIMIT {
        return shown;
    }
    format!("[{shown}]({target})")
}
