//! `govcheck.yaml`: what a mesh sets about its files, packs and rules. Its own mistakes are errors with a line.
//! What it builds on is added when the packs are at hand ([`Config::inherit`]); then old names of rules are put right
//! ([`Config::rename`]), and it is asked whether the rules exist ([`Config::unknown_rules`]).

mod bound;
mod contents;
mod error;
mod extends;
#[cfg(test)]
mod extends_tests;
mod extension;
mod layout;
mod marks;
mod near_names;
mod nearest;
mod notes;
mod packs;
mod parse;
mod raw;
mod renamed;
mod required;
mod resolve;
mod schema;
mod settings;
#[cfg(test)]
mod tests;
mod types;
mod values;

pub use crate::model::selection::Selector;
pub use contents::{Config, Layer, LevelSetting, Override, PlainPolicies, RuleSetting};
pub use error::ConfigError;
pub use extends::Shelf;
pub use extension::Extension;
pub use layout::Layout;
pub use near_names::{find_near_config, misnamed_config};
pub use notes::RULES;
pub use packs::PackKey;
pub use resolve::{Decided, Resolved, UnknownRule};
pub use schema::{config_schema, preset_schema};

use std::fs;
use std::io::Read;
use std::path::Path;

use crate::discover::CONFIG_FILE;
use bound::MAX_BYTES;
use contents::{DEFAULT, VERSION};
use nearest::nearest_name;

impl Config {
    /// Reads `govcheck.yaml` in `root`, if there is one.
    pub fn load(root: &Path) -> Result<Option<Self>, ConfigError> {
        let refuse = |file: &str, message: String, help: &str| {
            Err(ConfigError {
                file: file.to_owned(),
                line: None,
                column: None,
                message,
                help: Some(help.to_owned()),
            })
        };
        let path = root.join(CONFIG_FILE);
        let is_absent = fs::symlink_metadata(&path)
            .is_err_and(|error| error.kind() == std::io::ErrorKind::NotFound);
        if let Some(near) = near_names::find_misnamed(root) {
            return Err(misnamed_config(&near, !is_absent));
        }
        if is_absent {
            return Ok(None);
        }
        let inside =
            fs::canonicalize(&path).and_then(|real| Ok(real.starts_with(fs::canonicalize(root)?)));
        match inside {
            Ok(true) => {}
            Ok(false) => {
                return refuse(
                    CONFIG_FILE,
                    "the file is a symbolic link that leaves the root".to_owned(),
                    "replace the link with the file itself",
                );
            }
            Err(error) => {
                return refuse(
                    CONFIG_FILE,
                    format!("the file can't be read: {error}"),
                    "make the file readable for the user that runs govcheck",
                );
            }
        }
        if !fs::metadata(&path).is_ok_and(|meta| meta.is_file()) {
            return refuse(
                CONFIG_FILE,
                "the path is not a regular file".to_owned(),
                "replace it with a YAML file",
            );
        }
        let mut bytes = Vec::new();
        let read =
            fs::File::open(&path).and_then(|file| file.take(MAX_BYTES + 1).read_to_end(&mut bytes));
        if let Err(error) = read {
            return refuse(
                CONFIG_FILE,
                format!("the file can't be read: {error}"),
                "make the file readable for the user that runs govcheck",
            );
        }
        if bytes.len() as u64 > MAX_BYTES {
            return refuse(
                CONFIG_FILE,
                format!("the file is larger than {MAX_BYTES} bytes"),
                "check whether this is the right file",
            );
        }
        match String::from_utf8(bytes) {
            Ok(text) => Self::parse(&text, CONFIG_FILE).map(Some),
            Err(_) => refuse(
                CONFIG_FILE,
                "the file is not UTF-8".to_owned(),
                "save the file as UTF-8",
            ),
        }
    }

    /// Reads the text of a config; `file_name` is for messages.
    pub fn parse(text: &str, file_name: &str) -> Result<Self, ConfigError> {
        parse::parse(text, file_name)
    }
}
