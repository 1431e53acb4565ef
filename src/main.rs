//! Parse the command line, call the library, hand back its exit code. The one place that asks clock, environment and terminal.

use std::io::{IsTerminal, stderr, stdout};
use std::process::ExitCode;

use govcheck::cli::{World, blob_address, run};
use govcheck::model::caught::silence_caught;
use govcheck::model::rule::Day;

fn main() -> ExitCode {
    small_pages();
    silence_caught();
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let dumb = variable("TERM").is_some_and(|term| term == "dumb");
    let terminal = stdout().is_terminal() && !dumb;
    let forced = variable("CLICOLOR_FORCE").is_some_and(|value| value != "0");
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
        .into_iter()
        .find_map(variable)
        .unwrap_or_default()
        .to_lowercase();
    let world = World {
        current_dir: std::env::current_dir().unwrap_or_default(),
        today: Day(jiff::Timestamp::now()
            .to_zoned(jiff::tz::TimeZone::UTC)
            .date()),
        color: variable("NO_COLOR").is_none() && (terminal || forced),
        hyperlinks: terminal && variable("NO_COLOR").is_none() && variable("CI").is_none(),
        // A pipe takes everything; a terminal what its locale says.
        unicode: !stdout().is_terminal()
            || (!dumb && (locale.contains("utf-8") || locale.contains("utf8"))),
        width: width(),
        progress: stderr().is_terminal() && !dumb,
        cache_dir: variable("GOVCHECK_CACHE_DIR").map(Into::into),
        blob: blob_address(
            variable("GITHUB_SERVER_URL").as_deref(),
            variable("GITHUB_REPOSITORY").as_deref(),
            variable("GITHUB_SHA").as_deref(),
        ),
    };
    ExitCode::from(run(
        std::env::args_os(),
        &world,
        &mut stdout().lock(),
        &mut stderr().lock(),
    ))
}

fn width() -> usize {
    let columns = std::env::var("COLUMNS")
        .ok()
        .and_then(|columns| columns.parse().ok());
    columns
        .or_else(|| terminal_size::terminal_size().map(|(width, _)| usize::from(width.0)))
        .unwrap_or(100)
}

/// The allocator asks for huge pages. Of each, all 2 MiB are filled with zeros before the first byte is used: a tenth of a run
/// on some thousand files, and a third of its memory. Where the system can't do without, it goes on with them.
fn small_pages() {
    #[cfg(target_os = "linux")]
    let _ = rustix::thread::disable_transparent_huge_pages(true);
}
