//! Explains serde's errors about METADATA, with the next step.

use crate::model::text::nearest_name;

/// What serde has against it.
pub(super) enum SerdeMistake {
    Unknown {
        got: String,
        near: Option<String>,
        help: String,
    },
    Missing(String),
    Other(String),
}

impl SerdeMistake {
    /// What is wrong, and the next step.
    pub(super) fn phrase(&self) -> (String, String) {
        match self {
            SerdeMistake::Unknown { got, help, .. } => (format!("unknown `{got}`"), help.clone()),
            SerdeMistake::Missing(name) => {
                (format!("`{name}` is missing"), format!("add `{name}:`"))
            }
            SerdeMistake::Other(message) => {
                let help =
                    "write METADATA as YAML after `# `, and quote text that contains a colon";
                (message.clone(), help.to_owned())
            }
        }
    }
}

/// Turns a message of serde's into one with the next step.
pub(crate) fn explain_message(message: &str) -> (String, String) {
    told(message).phrase()
}

impl From<&serde_yaml::Error> for SerdeMistake {
    fn from(error: &serde_yaml::Error) -> Self {
        told(&error.to_string())
    }
}

fn told(message: &str) -> SerdeMistake {
    let message = message
        .split(" at line ")
        .next()
        .unwrap_or(message)
        .to_owned();
    let names: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    if (message.contains("unknown field") || message.contains("unknown variant"))
        && let Some((got, known)) = names.split_first()
    {
        let near = nearest_name(got, known.iter().copied()).map(ToOwned::to_owned);
        let help = match &near {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("use one of: {}", known.join(", ")),
        };
        let got = (*got).to_owned();
        return SerdeMistake::Unknown { got, near, help };
    }
    match names.first() {
        Some(name) if message.contains("missing field") => {
            SerdeMistake::Missing((*name).to_owned())
        }
        _ => SerdeMistake::Other(message.replace(
            "expected a YAML tag starting with '!'",
            "expected one of its names",
        )),
    }
}
