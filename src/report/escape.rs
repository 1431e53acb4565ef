//! Text from manifests and policies, made harmless for where it goes. All such text is escaped here, and only here.

use std::fmt::Write as _;

/// Whether a character would control a terminal, or reorder or hide the text around it.
pub(crate) fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'
                ..='\u{202e}' | '\u{2060}' | '\u{2066}'..='\u{2069}' | '\u{feff}'
        )
}

/// Writes one character that [`is_unsafe`] as `\n`, `\x1b` or `\u{202e}`.
pub(crate) fn push_visible(out: &mut String, c: char) {
    match c {
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        c if (c as u32) < 0x100 => drop(write!(out, "\\x{:02x}", c as u32)),
        c => drop(write!(out, "\\u{{{:x}}}", c as u32)),
    }
}

fn visible(text: &str, keep: &[char]) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if is_unsafe(c) && !keep.contains(&c) {
            push_visible(&mut out, c);
        } else {
            out.push(c);
        }
    }
    out
}

/// For one line of a terminal: control characters, line breaks included, and characters that reorder text become visible.
pub fn terminal_line(text: &str) -> String {
    visible(text, &[])
}

/// For several lines of a terminal: as [`terminal_line`], but LF stays, CRLF becomes LF and a tab becomes spaces.
pub fn terminal_text(text: &str) -> String {
    visible(&text.replace("\r\n", "\n").replace('\t', "    "), &['\n'])
}

/// For a CI log, which also takes commands from any line (`LogWriter` brings all output here): GitHub reads `::` at the start of a line and `##[` anywhere, Azure `##vso[`
/// and `##[`. A backslash breaks each of them.
pub fn no_command(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    // The runners take a carriage return for the end of a line, too.
    for line in text.split_inclusive(['\n', '\r']) {
        let body = line.trim_start();
        let (indent, body) = line.split_at(line.len() - body.len());
        safe.push_str(indent);
        if body.starts_with("::") {
            safe.push('\\');
        }
        push_without_brackets(&mut safe, body);
    }
    safe
}

/// Appends a line, without commands that start with `##`.
fn push_without_brackets(out: &mut String, line: &str) {
    if !line.contains("##") {
        return out.push_str(line);
    }
    for (at, c) in line.char_indices() {
        out.push(c);
        if c == '#' && ends_command_prefix(line.get(at + 1..).unwrap_or_default()) {
            out.push('\\');
        }
    }
}

/// Whether the text after a `#` completes the start of a command.
fn ends_command_prefix(rest: &str) -> bool {
    rest.strip_prefix('#').is_some_and(|rest| {
        let name = rest.get(..4).unwrap_or_default();
        rest.starts_with('[') || name.eq_ignore_ascii_case("vso[")
    })
}

/// For the message of a workflow command. What the log would take for terminal control becomes visible first.
pub fn workflow_data(text: &str) -> String {
    visible(text, &['\n', '\r', '\t'])
        .replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// For a property of a workflow command, such as `file` or `title`.
pub fn workflow_property(text: &str) -> String {
    workflow_data(text).replace(':', "%3A").replace(',', "%2C")
}

/// For Markdown: shows as the text it is, save that names in backticks stay code. No links, images, HTML, mentions of people or references
/// to issues come of it.
pub fn escape_markdown(text: &str) -> String {
    keep_code(text, push_markdown)
}

/// For Markdown in a file that people read as it is, too: as [`escape_markdown`], but mentions, references and addresses stay, which
/// have no effect in a file.
pub fn markdown_file(text: &str) -> String {
    keep_code(text, push_prose)
}

/// Names in backticks stay code, all else goes through `push`.
fn keep_code(text: &str, push: fn(&mut String, &str)) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('`') {
        push(&mut out, before);
        rest = match after.split_once('`') {
            Some((code, tail)) if is_code(code) && !tail.starts_with('`') => {
                let _ = write!(out, "`{}`", terminal_line(code));
                tail
            }
            _ => {
                out.push_str("\\`");
                after
            }
        };
    }
    push(&mut out, rest);
    out
}

/// Whether text between two backticks is a code span by itself: not empty, on one line.
fn is_code(text: &str) -> bool {
    !text.trim().is_empty() && !text.contains(['\n', '\r'])
}

fn push_markdown(out: &mut String, text: &str) {
    for (at, c) in text.char_indices() {
        match c {
            '\n' | '\t' => out.push(c),
            // GitHub looks for `@name`, `#1` and `GH-1` when all escapes are resolved: only a character between keeps it from pinging people
            // and linking issues (github/cmark-gfm#181).
            '@' => out.push_str("@&#8203;"),
            '#' => out.push_str("\\#&#8203;"),
            '0'..='9' if refers_to_issue(text.get(..at).unwrap_or_default()) => {
                out.push_str("&#8203;");
                out.push(c);
            }
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            // A bare address becomes a link without any markup.
            ':' => out.push_str("&#58;"),
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '(' | ')' | '+' | '!' | '|' | '~'
            | '$' => {
                out.push('\\');
                out.push(c);
            }
            // Only at the start of a line do these make a list, a rule or a heading …
            '-' | '=' if opens_line(out) => {
                out.push('\\');
                out.push(c);
            }
            // … and after a number or `www` a list or a link.
            '.' if out.ends_with(|before: char| before.is_ascii_digit() || before == 'w') => {
                out.push_str("\\.")
            }
            c if is_unsafe(c) => push_visible(out, c),
            c => out.push(c),
        }
    }
}

fn push_prose(out: &mut String, text: &str) {
    let mut letters = text.chars().peekable();
    while let Some(c) = letters.next() {
        match c {
            '\n' => out.push(c),
            '\t' => out.push(' '),
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            // Within a word it is not emphasis.
            '_' if out.ends_with(char::is_alphanumeric)
                && letters.peek().is_some_and(|next| next.is_alphanumeric()) =>
            {
                out.push(c);
            }
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '$' => {
                out.push('\\');
                out.push(c);
            }
            '#' | '+' | '-' | '=' if opens_line(out) => {
                out.push('\\');
                out.push(c);
            }
            '.' | ')' if numbers_line(out) => {
                out.push('\\');
                out.push(c);
            }
            c if is_unsafe(c) => push_visible(out, c),
            c => out.push(c),
        }
    }
}

/// Whether the line has a number and nothing else: a `.` would make a list of it.
fn numbers_line(out: &str) -> bool {
    let line = out.rsplit('\n').next().unwrap_or_default().trim_start();
    !line.is_empty() && line.chars().all(|c| c.is_ascii_digit())
}

/// Whether text ends as a reference to an issue does before its number: `GH-`, in any case.
fn refers_to_issue(before: &str) -> bool {
    let mut last = before.chars().rev();
    last.next() == Some('-')
        && matches!(last.next(), Some('h' | 'H'))
        && matches!(last.next(), Some('g' | 'G'))
        && last.next().is_none_or(|c| !c.is_alphanumeric())
}

fn opens_line(out: &str) -> bool {
    let before = out.trim_end_matches([' ', '\t']);
    before.is_empty() || before.ends_with('\n')
}

/// For a plain SARIF message, where `[text](target)` is a link: no link comes of it.
pub fn sarif_text(text: &str) -> String {
    visible(text, &['\n', '\t']).replace("](", "] (")
}

/// For text of XML 1.0: its markup escaped, and what no XML may hold made visible. A `::` that opens a line is escaped too, and
/// so are `##[` and `##vso[`: a report that is printed to the log of a workflow gives the runner no command.
pub fn xml_text(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    let mut opens_line = true;
    for c in text.chars() {
        let is_command = opens_line && c == ':';
        opens_line = c == '\n' || (opens_line && c.is_whitespace());
        match c {
            ':' if is_command => out.push_str("&#58;"),
            '[' if opens_command(&out) => out.push_str("&#91;"),
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            '\n' => out.push(c),
            c if is_unsafe(c) || matches!(c, '\u{fffe}' | '\u{ffff}') => push_visible(&mut out, c),
            c => out.push(c),
        }
    }
    out
}

/// Whether a `[` behind a text makes a command of it for a runner: `##[`, `##vso[`.
fn opens_command(text: &str) -> bool {
    let before = text.trim_end_matches(['v', 's', 'o', 'V', 'S', 'O']);
    let name = text.get(before.len()..).unwrap_or_default();
    before.ends_with("##") && (name.is_empty() || name.eq_ignore_ascii_case("vso"))
}

/// For an attribute of XML 1.0, which would make a space of a line break.
pub fn xml_attribute(text: &str) -> String {
    xml_text(text).replace('\n', "&#10;")
}

/// For a field of a CSV file: quoted where RFC 4180 says so. What a spreadsheet would take for a formula has a `'` before it.
pub fn csv_field(text: &str) -> String {
    let text = no_command(&visible(&text.replace("\r\n", "\n"), &['\n']));
    // The full-width forms count too where such keyboards are.
    let formula = text.trim_start().starts_with([
        '=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}',
    ]);
    let guarded = if formula { format!("'{text}") } else { text };
    if guarded.contains(['"', ',', '\n']) || guarded.trim() != guarded {
        format!("\"{}\"", guarded.replace('"', "\"\""))
    } else {
        guarded
    }
}

/// For one word of a POSIX shell: as it is where no shell reads more into it, else in single quotes.
pub fn shell_word(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_./:@%+=,-".contains(c);
    // zsh reads a leading `=` as the name of a command.
    if !text.is_empty() && !text.starts_with('=') && text.chars().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// A path as a relative URI reference: every byte but unreserved ones and `/` percent-encoded.
pub fn uri_path(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                out.push(char::from(byte))
            }
            byte => drop(write!(out, "%{byte:02X}")),
        }
    }
    out
}

/// The address itself if it is a web address that needs no escaping anywhere. `None` for all else (`javascript:`, quotes, spaces).
pub fn web_address(address: &str) -> Option<&str> {
    let rest = address
        .strip_prefix("https://")
        .or_else(|| address.strip_prefix("http://"))?;
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._~/?#&=+%:@,;".contains(c);
    let percent_ok = rest.split('%').skip(1).all(|tail| {
        let mut digits = tail.bytes();
        digits.next().is_some_and(|d| d.is_ascii_hexdigit())
            && digits.next().is_some_and(|d| d.is_ascii_hexdigit())
    });
    (!rest.is_empty() && rest.chars().all(plain) && percent_ok && rest.matches('#').count() < 2)
        .then_some(address)
}

/// At most `limit` characters of `text`, the last of them an ellipsis if something was cut.
pub fn cut_text(text: &str, limit: usize) -> String {
    cut_with(text, limit, "…")
}

/// The same with an ellipsis of the caller, for terminals that have no `…`.
pub fn cut_with(text: &str, limit: usize, ellipsis: &str) -> String {
    if text.len() <= limit || text.chars().count() <= limit {
        return text.to_owned();
    }
    let kept = limit.saturating_sub(ellipsis.chars().count());
    let kept = text.chars().take(kept);
    kept.chain(ellipsis.chars()).take(limit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_of_a_log_is_a_command() {
        assert_eq!(no_command("::a\n  ::b\nc ::d\n"), "\\::a\n  \\::b\nc ::d\n");
        for (text, safe) in [
            ("x ##[error]y", "x #\\#[error]y"),
            ("##vso[task]##VSO[x", "#\\#vso[task]#\\#VSO[x"),
            ("###[a", "##\\#[a"),
            ("## heading ##", "## heading ##"),
            ("##", "##"),
            ("#####", "#####"),
        ] {
            assert_eq!(no_command(text), safe);
        }
    }

    #[test]
    fn terminal_control_becomes_visible() {
        assert_eq!(
            terminal_line("a\u{1b}[31mb\u{9b}2J\r\n\u{202e}c\u{7f}"),
            "a\\x1b[31mb\\x9b2J\\r\\n\\u{202e}c\\x7f"
        );
        assert_eq!(terminal_text("a\r\nb\u{7}\tc\rd"), "a\nb\\x07    c\\rd");
        assert_eq!(terminal_line("größe 売上 👩‍👧"), "größe 売上 👩‍👧");
    }

    #[test]
    fn a_message_stays_one_workflow_command() {
        let hostile = "100%\n::set-output name=x::y\r\n::error::z %0A \u{1b}[0m";
        let data = workflow_data(hostile);
        assert_eq!(
            data,
            "100%25%0A::set-output name=x::y%0D%0A::error::z %250A \\x1b[0m"
        );
        assert!(!data.contains(['\n', '\r']));
    }

    #[test]
    fn a_property_cannot_start_another() {
        assert_eq!(workflow_property("a,b:c%\nd"), "a%2Cb%3Ac%25%0Ad");
    }

    #[test]
    fn markdown_shows_as_text_and_keeps_names_in_code() {
        assert_eq!(
            escape_markdown("column `a_b` of [x](http://y)"),
            "column `a_b` of \\[x\\]\\(http&#58;//y\\)"
        );
        assert_eq!(
            escape_markdown("<img src=x> @me *b*"),
            "&lt;img src=x&gt; @&#8203;me \\*b\\*"
        );
        assert_eq!(
            escape_markdown("- a\n1. b\nc-d. e"),
            "\\- a\n1\\. b\nc-d. e"
        );
        assert_eq!(
            escape_markdown("loose ` and ``x`` tick"),
            "loose \\` and \\`\\`x\\`\\` tick"
        );
        assert_eq!(escape_markdown("`a\n\n<b>`"), "\\`a\n\n&lt;b&gt;\\`");
    }

    #[test]
    fn markdown_of_a_file_stays_readable_and_has_no_markup() {
        assert_eq!(
            markdown_file("Name it: `a_b` of net_revenue, _not_ *this* [x](y) <b> a|b @me #1"),
            "Name it: `a_b` of net_revenue, \\_not\\_ \\*this\\* \\[x\\](y) &lt;b&gt; a\\|b @me #1"
        );
        assert_eq!(
            markdown_file("# a\n- b\n12. c\nd - 3. e\u{202e}"),
            "\\# a\n\\- b\n12\\. c\nd - 3. e\\u{202e}"
        );
    }

    #[test]
    fn markdown_pings_nobody_and_links_no_issue() {
        assert_eq!(
            escape_markdown("@acme/data #123 acme/mesh#4 GH-5 gh-6 high-7"),
            "@&#8203;acme/data \\#&#8203;123 acme/mesh\\#&#8203;4 GH-&#8203;5 gh-&#8203;6 high-7"
        );
        assert_eq!(
            escape_markdown("`@me #1`"),
            "`@me #1`",
            "code is left alone"
        );
    }

    #[test]
    fn a_sarif_message_has_no_links_of_its_own() {
        assert_eq!(
            sarif_text("columns[a].b [x](http://y)"),
            "columns[a].b [x] (http://y)"
        );
    }

    #[test]
    fn xml_in_a_log_gives_a_runner_no_command() {
        assert_eq!(
            xml_text("  ::a::b ##[c] ##VSO[d] ##vsx[e] [f]"),
            "  &#58;:a::b ##&#91;c] ##VSO&#91;d] ##vsx[e] [f]"
        );
    }

    #[test]
    fn uris_are_percent_encoded() {
        assert_eq!(uri_path("a b/ü:c%.yaml"), "a%20b/%C3%BC%3Ac%25.yaml");
    }

    #[test]
    fn only_plain_web_addresses_are_links() {
        assert_eq!(
            web_address("https://x.org/a?b=c#d%20"),
            Some("https://x.org/a?b=c#d%20")
        );
        for bad in [
            "javascript:alert(1)",
            "https://x\u{1b}",
            "https://x y",
            "https://",
            "https://x/%zz",
            "https://x/a)b",
        ] {
            assert_eq!(web_address(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn a_word_of_a_shell_stays_one_word() {
        assert_eq!(shell_word("contract:orders"), "contract:orders");
        assert_eq!(shell_word(""), "''");
        assert_eq!(shell_word("it's $HOME"), r"'it'\''s $HOME'");
        for special in [
            "a b", "~", "a*", "a[1]", "$(x)", "a;b", "größe", "a\\b", "!x", "#x", "=x",
        ] {
            assert_eq!(shell_word(special), format!("'{special}'"));
        }
    }

    #[test]
    fn cutting_counts_characters() {
        assert_eq!(cut_text("äöü", 3), "äöü");
        assert_eq!(cut_text("äöüß", 3), "äö…");
        assert_eq!(cut_text("a", 0), "");
    }
}
