//! What each tool found, in one form, so that tools are compared that find the same: `file check column`.

use std::collections::BTreeSet;
use std::error::Error;

use serde_json::Value;

use crate::peers::Peer;

/// Findings as `file check column`.
pub(crate) type Found = BTreeSet<String>;

/// Reads what govcheck says with `--format json`, by its own rules.
pub(crate) fn govcheck(output: &str) -> Result<Found, Box<dyn Error>> {
    let report: Value = serde_json::from_str(output)?;
    let findings = report["findings"].as_array().ok_or("no `findings`")?;
    let each = findings.iter().map(|finding| {
        let text = |name: &str| finding[name].as_str().unwrap_or_default();
        let check = text("rule").rsplit('/').next().unwrap_or_default();
        told(text("file"), check, named(text("message")))
    });
    Ok(each.collect())
}

/// Reads govcheck's findings by the policies of conftest: messages as `check: column`.
pub(crate) fn plain(output: &str) -> Result<Found, Box<dyn Error>> {
    let report: Value = serde_json::from_str(output)?;
    let findings = report["findings"].as_array().ok_or("no `findings`")?;
    let each = findings.iter().map(|finding| {
        let text = |name: &str| finding[name].as_str().unwrap_or_default();
        let (check, column) = text("message").split_once(": ").unwrap_or_default();
        told(text("file"), check, column)
    });
    Ok(each.collect())
}

/// Reads what a peer printed.
pub(crate) fn peer(peer: Peer, output: &str) -> Result<Found, Box<dyn Error>> {
    let said: Value = serde_json::from_str(output)?;
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut found = Found::new();
    let mut tell = |file: &Value, message: &str| {
        let (check, column) = message.split_once(": ").unwrap_or((message, ""));
        found.insert(told(&text(file), check, column));
    };
    match peer {
        Peer::Conftest => {
            for file in list(&said) {
                for failure in list(&file["failures"]) {
                    tell(&file["filename"], &text(&failure["msg"]));
                }
            }
        }
        Peer::Opa => {
            for file in list(&said["result"]) {
                for message in list(&file["result"]) {
                    tell(&file["path"], &text(&message));
                }
            }
        }
        Peer::Odcslint => {
            for finding in list(&said["findings"]) {
                let check = match finding["rule"].as_str() {
                    Some("primary_key") => "key-position",
                    Some("unique_names") => "duplicate-name",
                    Some("naming_convention") => "not-snake-case",
                    _ => "undescribed-column",
                };
                let message = text(&finding["message"]);
                tell(&finding["path"], &format!("{check}: {}", named(&message)));
            }
        }
        Peer::Spectral => {
            for finding in list(&said) {
                let (code, message) = (text(&finding["code"]), text(&finding["message"]));
                let column = message.split_once(": ").map_or("", |(_, column)| column);
                // Its own functions name no column; files and checks are compared.
                tell(&finding["source"], &format!("{code}: {column}"));
            }
        }
        Peer::DatacontractCli => {}
    }
    Ok(found)
}

/// Without the column: for tools whose messages do not name it.
pub(crate) fn without_columns(found: &Found) -> Found {
    let each = found.iter().map(|one| one.rsplit_once(' '));
    each.flatten().map(|(rest, _)| rest.to_owned()).collect()
}

fn told(file: &str, check: &str, column: &str) -> String {
    // Some name files from the root, some from the folder above.
    let file = file.find("domains/").and_then(|at| file.get(at..));
    format!("{} {check} {column}", file.unwrap_or_default())
}

/// What a message has in backticks.
fn named(message: &str) -> &str {
    message.split('`').nth(1).unwrap_or_default()
}
