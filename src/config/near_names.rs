//! Files that have nearly the name of the config. None is read and each is reported, because its author meant it as the
//! config.

use std::fs;
use std::io::Read;
use std::path::Path;

use super::parse::is_config_key;
use super::{ConfigError, MAX_BYTES};
use crate::discover::CONFIG_FILE;

/// Names of the config without its extension, in lower case and without a dot before it.
const STEMS: [&str; 3] = ["govcheck", "gov-check", "gov_check"];

/// Extensions of config files.
const EXTENSIONS: [&str; 4] = ["yaml", "yml", "json", "toml"];

/// The first file in a folder, by name, that is meant to be the config and is not. `None` for a folder that can't be read.
pub(super) fn find_misnamed(folder: &Path) -> Option<String> {
    let entries = fs::read_dir(folder).ok()?;
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let read = |name: &str| {
        let mut text = Vec::new();
        let file = fs::File::open(folder.join(name)).ok()?;
        file.take(MAX_BYTES + 1).read_to_end(&mut text).ok()?;
        Some(text)
    };
    find_near_config(names, &read)
}

/// The first of some files, by name, that is meant to be the config and is not.
pub fn find_near_config(
    names: impl Iterator<Item = String>,
    read: &dyn Fn(&str) -> Option<Vec<u8>>,
) -> Option<String> {
    let is_json = |name: &str| name.to_lowercase().ends_with(".json");
    let is_output = |name: &str| is_json(name) && read(name).is_none_or(|text| is_output(&text));
    names.filter(|name| is_near(name) && !is_output(name)).min()
}

/// That a file is not read, and what to do about it; `is_there` says whether there is a config, too.
pub fn misnamed_config(name: &str, is_there: bool) -> ConfigError {
    ConfigError {
        file: name.to_owned(),
        line: None,
        column: None,
        message: format!("govcheck reads its configuration from `{CONFIG_FILE}` only"),
        help: Some(advice(name, is_there)),
    }
}

/// Whether a name is nearly that of the config.
fn is_near(name: &str) -> bool {
    let lower = name.to_lowercase();
    let bare = lower.trim_start_matches('.');
    let (stem, extension) = bare.rsplit_once('.').unwrap_or((bare, ""));
    let is_config = STEMS.contains(&stem) && EXTENSIONS.contains(&extension);
    name != CONFIG_FILE && (is_config || bare == "govcheckrc")
}

fn advice(name: &str, is_there: bool) -> String {
    let is_toml = name.to_lowercase().ends_with(".toml");
    match (is_there, is_toml) {
        (true, _) => format!("move what it sets into `{CONFIG_FILE}`, and delete it"),
        (false, true) => format!("write its settings in YAML, in `{CONFIG_FILE}`, and delete it"),
        (false, false) => format!("rename it: `git mv {name} {CONFIG_FILE}`"),
    }
}

/// Whether a text in JSON is something else than a config: a report, most likely.
fn is_output(text: &[u8]) -> bool {
    if text.len() as u64 > MAX_BYTES {
        return true;
    }
    let object: serde_json::Map<_, _> = match serde_json::from_slice(text) {
        Ok(serde_json::Value::Object(object)) => object,
        Ok(_) => return true,
        Err(_) => return false,
    };
    let sets = |key: &String| key != "version" && is_config_key(key);
    object.contains_key("tool") || !object.keys().any(sets)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_are_nearly_that_of_the_config_are_known() {
        for name in [
            ".govcheck.yaml",
            ".govcheck.yml",
            "govcheck.yml",
            "govcheck.json",
            "govcheck.toml",
            "Govcheck.yaml",
            "GOVCHECK.YAML",
            "gov-check.yaml",
            ".govcheckrc",
        ] {
            assert!(is_near(name), "{name}");
        }
        for name in [
            "govcheck.yaml",
            "govcheck.lock",
            "govcheck.sarif",
            "govcheck-strict.yaml",
            "govcheck.yaml.orig",
            "govcheck",
            "my-govcheck.yaml",
        ] {
            assert!(!is_near(name), "{name}");
        }
    }

    #[test]
    fn a_report_in_json_is_not_a_config() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("govcheck.json");
        let found = |text: &str| {
            fs::write(&path, text).unwrap();
            find_misnamed(folder.path()).is_some()
        };
        assert!(found("{\"rules\": {\"kpi\": \"off\"}}"));
        assert!(found("{\"rules\": "));
        assert!(!found(
            "{\"version\": 1, \"tool\": {}, \"findings\": [], \"rules\": []}"
        ));
        assert!(!found(
            "{\"$schema\": \"sarif\", \"version\": \"2.1.0\", \"runs\": []}"
        ));
        assert!(!found("[]"));
    }

    #[test]
    fn the_advice_is_what_to_type() {
        assert_eq!(
            advice(".govcheck.yaml", false),
            "rename it: `git mv .govcheck.yaml govcheck.yaml`"
        );
        assert!(advice("govcheck.toml", false).contains("in YAML"));
        assert!(advice("govcheck.yml", true).contains("delete it"));
    }
}
