//! `--watch`: tests again when a file of the packs or the config changes. It looks at names, sizes and times twice a second:
//! a pack has few files, and that sees what every editor, network drive and container does, which messages of the
//! operating system do not. Ends on Ctrl-C, as any program does.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, SystemTime};

use super::{TestArguments, packs, run_once};
use crate::cli::exit_code::CLEAN;
use crate::report::escape::terminal_line;
use crate::workspace::World;
use crate::workspace::failure::Failure;

const PAUSE: Duration = Duration::from_millis(500);

/// Size and time of every file.
type FileStates = BTreeMap<PathBuf, (u64, Option<SystemTime>)>;

pub(super) fn run(
    arguments: &TestArguments,
    world: &World,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> Result<u8, Failure> {
    let mut state = state(&packs::watched_paths(arguments, world));
    loop {
        match run_once(arguments, world, out, err) {
            Ok(_) => {}
            Err(Failure::ClosedPipe) => return Ok(CLEAN),
            // A mistake in a rule under development does not end the watch.
            Err(failure) => failure.write(err)?,
        }
        writeln!(err, "watching for changes; press Ctrl-C to stop")?;
        flush(out, err)?;
        let changed = wait(arguments, world, &mut state);
        let shown = changed.strip_prefix(&world.current_dir).unwrap_or(&changed);
        writeln!(
            err,
            "\n`{}` changed, running the tests again",
            terminal_line(&shown.display().to_string())
        )?;
        flush(out, err)?;
    }
}

fn flush(out: &mut dyn Write, err: &mut dyn Write) -> io::Result<()> {
    out.flush()?;
    err.flush()
}

/// Waits for a change and then for a pause, and gives the first file that changed.
fn wait(arguments: &TestArguments, world: &World, known: &mut FileStates) -> PathBuf {
    loop {
        thread::sleep(PAUSE);
        let mut now = state(&packs::watched_paths(arguments, world));
        let Some(changed) = difference(known, &now) else {
            continue;
        };
        // A checkout changes many files; all of them are one change.
        loop {
            thread::sleep(PAUSE);
            let next = state(&packs::watched_paths(arguments, world));
            if next == now {
                *known = now;
                return changed;
            }
            now = next;
        }
    }
}

fn difference(before: &FileStates, now: &FileStates) -> Option<PathBuf> {
    let mut changed = now
        .iter()
        .filter(|(path, state)| before.get(*path) != Some(state));
    let gone = before.keys().find(|path| !now.contains_key(*path));
    changed.next().map(|(path, _)| path).or(gone).cloned()
}

fn state(watched: &[PathBuf]) -> FileStates {
    let mut state = FileStates::new();
    for path in watched {
        let entries = walkdir::WalkDir::new(path)
            .into_iter()
            .filter_map(Result::ok);
        for entry in entries.filter(|entry| entry.file_type().is_file()) {
            if let Ok(metadata) = entry.metadata() {
                state.insert(
                    entry.into_path(),
                    (metadata.len(), metadata.modified().ok()),
                );
            }
        }
    }
    state
}
