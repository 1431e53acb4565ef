//! What a run knows of the world around it. `main` asks clock, environment and terminal; nothing else does.

use std::io::Read;
use std::path::PathBuf;

use super::color::{ColorChoice, wants_color};
use super::hook::Hook;
use crate::model::rule::Day;

/// What `main` knows of the world.
#[derive(Debug, Clone)]
pub struct World {
    /// The folder govcheck was called in.
    pub current_dir: PathBuf,
    /// The day, in UTC.
    pub today: Day,
    /// Whether to colour standard output.
    pub color: bool,
    /// Whether standard output is a terminal that can be clicked.
    pub hyperlinks: bool,
    /// Whether standard output shows more than ASCII drawing characters.
    pub unicode: bool,
    /// Columns of the terminal.
    pub width: usize,
    /// Whether standard error is a terminal: a progress bar has a place.
    pub progress: bool,
    /// The folder of the cache, where the environment names one.
    pub cache_dir: Option<PathBuf>,
    /// The web address of the files at the judged commit, where the environment names it: see [`blob_address`].
    pub blob: Option<String>,
    /// The git hook that govcheck runs in.
    pub hook: Hook,
    /// Opens standard input.
    pub stdin: fn() -> Box<dyn Read>,
    /// The names of the subcommands, for users who give one as a path.
    pub commands: fn() -> Vec<String>,
}

/// Terminals as the process finds them.
#[derive(Debug, Clone, Copy)]
pub struct Terminals {
    /// Whether standard output is one.
    pub stdout: bool,
    /// Whether standard error is one.
    pub stderr: bool,
    /// Columns, where a terminal says so.
    pub width: Option<usize>,
}

/// Columns where neither the environment nor a terminal says how many.
const WIDTH: usize = 100;

impl World {
    /// The world by the environment (`variable`) and the terminals.
    pub fn new(
        current_dir: PathBuf,
        today: Day,
        variable: &dyn Fn(&str) -> Option<String>,
        terminals: Terminals,
        stdin: fn() -> Box<dyn Read>,
        commands: fn() -> Vec<String>,
    ) -> Self {
        let value = |name: &str| variable(name).filter(|value| !value.is_empty());
        let is_dumb = value("TERM").is_some_and(|term| term == "dumb");
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(value);
        let locale = locale.unwrap_or_default().to_lowercase();
        let columns = value("COLUMNS").and_then(|columns| columns.parse().ok());
        let capable = terminals.stdout && !is_dumb;
        let color = wants_color(variable, capable);
        Self {
            current_dir,
            today,
            color,
            hyperlinks: color && capable && value("CI").is_none(),
            // A pipe takes everything; a terminal what its locale says.
            unicode: !terminals.stdout
                || (!is_dumb && (locale.contains("utf-8") || locale.contains("utf8"))),
            width: columns.or(terminals.width).unwrap_or(WIDTH),
            progress: terminals.stderr && !is_dumb,
            cache_dir: value("GOVCHECK_CACHE_DIR").map(Into::into),
            blob: blob_address(
                value("GITHUB_SERVER_URL").as_deref(),
                value("GITHUB_REPOSITORY").as_deref(),
                value("GITHUB_SHA").as_deref(),
            ),
            hook: Hook::read(&value),
            stdin,
            commands,
        }
    }

    /// The world as `--color` asks for it.
    pub(crate) fn with_color(&self, choice: ColorChoice) -> Self {
        let mut world = self.clone();
        match choice {
            ColorChoice::Auto => {}
            ColorChoice::Always => world.color = true,
            ColorChoice::Never => (world.color, world.hyperlinks) = (false, false),
        }
        world
    }
}

/// The web address of a repository's files at a commit, from the environment of a GitHub workflow. `None` if something is missing.
///
/// ```
/// # use govcheck::workspace::blob_address;
/// let address = blob_address(Some("https://github.com"), Some("acme/mesh"), Some("4748ff9"));
/// assert_eq!(address.as_deref(), Some("https://github.com/acme/mesh/blob/4748ff9"));
/// assert_eq!(blob_address(Some("https://github.com"), None, Some("4748ff9")), None);
/// ```
pub fn blob_address(
    server: Option<&str>,
    repository: Option<&str>,
    commit: Option<&str>,
) -> Option<String> {
    let server = server?.trim_end_matches('/');
    Some(format!("{server}/{}/blob/{}", repository?, commit?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn world(variables: &[(&str, &str)], is_terminal: bool) -> World {
        let variable = |name: &str| {
            let set = variables.iter().find(|(known, _)| *known == name);
            set.map(|(_, value)| (*value).to_owned())
        };
        let terminals = Terminals {
            stdout: is_terminal,
            stderr: is_terminal,
            width: Some(70),
        };
        let today = Day("2026-06-01".parse().unwrap());
        let empty = || -> Box<dyn Read> { Box::new(std::io::empty()) };
        World::new(PathBuf::new(), today, &variable, terminals, empty, Vec::new)
    }

    #[test]
    fn a_dumb_terminal_gets_plain_text_unless_colour_is_forced() {
        let plain = world(&[("TERM", "dumb"), ("LANG", "C.UTF-8")], true);
        let drawn = (plain.color, plain.hyperlinks, plain.unicode, plain.progress);
        assert_eq!(drawn, (false, false, false, false));
        let forced = world(&[("TERM", "dumb"), ("FORCE_COLOR", "1")], true);
        assert!(forced.color && !forced.hyperlinks);
        let usual = world(&[("TERM", "xterm"), ("LANG", "C.UTF-8")], true);
        let drawn = (usual.color, usual.hyperlinks, usual.unicode, usual.progress);
        assert_eq!(drawn, (true, true, true, true));
    }

    #[test]
    fn the_option_is_stronger_than_the_environment() {
        let forced = world(&[("FORCE_COLOR", "1")], true);
        let never = forced.with_color(ColorChoice::Never);
        assert!(!never.color && !never.hyperlinks);
        let silent = world(&[("NO_COLOR", "1")], false);
        assert!(silent.with_color(ColorChoice::Always).color);
        assert!(!silent.with_color(ColorChoice::Auto).color);
    }

    #[test]
    fn columns_are_those_of_the_environment_then_of_the_terminal() {
        assert_eq!(world(&[("COLUMNS", "40")], true).width, 40);
        assert_eq!(world(&[("COLUMNS", "wide")], true).width, 70);
        assert_eq!(world(&[], true).width, 70);
    }
}
