//! Parse the command line, call the library, hand back its exit code. The one place that asks clock, environment and terminal.

use std::io::{IsTerminal, stderr, stdin, stdout};
use std::process::ExitCode;

use govcheck::cli::{list_subcommands, run};
use govcheck::model::caught::silence_caught;
use govcheck::model::rule::Day;
use govcheck::workspace::{Terminals, World};

fn main() -> ExitCode {
    small_pages();
    silence_caught();
    let width = terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    let terminals = Terminals {
        stdout: stdout().is_terminal(),
        stderr: stderr().is_terminal(),
        width,
    };
    let now = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC);
    let world = World::new(
        std::env::current_dir().unwrap_or_default(),
        Day(now.date()),
        &|name| std::env::var(name).ok(),
        terminals,
        || Box::new(stdin()),
        list_subcommands,
    );
    let (mut out, mut err) = (stdout().lock(), stderr().lock());
    ExitCode::from(run(std::env::args_os(), &world, &mut out, &mut err))
}

/// The allocator asks for huge pages. Of each, all 2 MiB are filled with zeros before the first byte is used: a tenth of a run
/// on some thousand files, and a third of its memory. Where the system can't do without, it goes on with them.
fn small_pages() {
    #[cfg(target_os = "linux")]
    let _ = rustix::thread::disable_transparent_huge_pages(true);
}
