//! A thousand mutants of valid documents, on each of which a schema and a reader must agree. Where the reader knows more than a
//! schema can say, the test names the class of refusals with an example, and counts its mutants.

use std::collections::BTreeMap;

use govcheck::model::published::SchemaName;
use serde_json::Value;

use super::mutate::{Mutant, mutate};
use super::{refusals, validator};
use crate::chance::Chance;

const MUTANTS: usize = 1_000;

/// What a reader has against a document.
type Reader<'r> = &'r dyn Fn(&str) -> Result<(), String>;

/// Refusals of a reader that no schema can express.
pub(super) struct Beyond {
    pub(super) class: &'static str,
    /// Parts of the reader's messages.
    pub(super) says: &'static [&'static str],
    /// A place of a valid document, and a value that the reader refuses there.
    pub(super) example: (&'static str, &'static str),
}

impl Beyond {
    fn is_said(&self, why: &str) -> bool {
        self.says.iter().any(|says| why.contains(says))
    }

    /// The first of the documents that has the place, with the example's value there.
    fn document(&self, valid: &[Value]) -> Value {
        let (place, value) = self.example;
        let (parent, key) = place.rsplit_once('/').unwrap();
        let with_example = |document: &Value| {
            let mut document = document.clone();
            match document.pointer_mut(parent)? {
                Value::Array(items) => items[key.parse::<usize>().unwrap()] = value.into(),
                Value::Object(entries) => {
                    entries.insert(key.replace("~1", "/"), value.into());
                }
                _ => return None,
            }
            Some(document)
        };
        let found = valid.iter().find_map(with_example);
        found.unwrap_or_else(|| panic!("no document has {place}"))
    }
}

/// Holds that the schema and the reader take a document.
#[track_caller]
pub(super) fn take(name: SchemaName, document: &Value, read: Reader<'_>) {
    let refused = refusals(&validator(name), document);
    assert_eq!(refused, [""; 0], "{document:#}");
    assert_eq!(read(&document.to_string()), Ok(()), "{document:#}");
}

/// Holds a reader against the schema.
#[track_caller]
pub(super) fn agree(name: SchemaName, valid: &[Value], read: Reader<'_>, beyond: &[Beyond]) {
    for document in valid {
        take(name, document, read);
    }
    let validator = validator(name);
    for beyond in beyond {
        let document = beyond.document(valid);
        assert_eq!(refusals(&validator, &document), [""; 0], "{}", beyond.class);
        let why = read(&document.to_string()).unwrap_err();
        assert!(beyond.is_said(&why), "{}: {why}", beyond.class);
    }
    let mut chance = Chance(16);
    let mut met: BTreeMap<&str, usize> = BTreeMap::new();
    let mut wrong = Vec::new();
    let (mut accepted, mut refused) = (0, 0);
    for Mutant { document, change } in mutants(valid, &mut chance) {
        match (validator.is_valid(&document), read(&document.to_string())) {
            (true, Ok(())) => accepted += 1,
            (false, Err(_)) => refused += 1,
            (true, Err(why)) => match beyond.iter().find(|beyond| beyond.is_said(&why)) {
                Some(beyond) => *met.entry(beyond.class).or_default() += 1,
                None => wrong.push(format!("the reader alone refuses {change}\n    {why}")),
            },
            (false, Ok(())) => {
                let why = refusals(&validator, &document).join("; ");
                wrong.push(format!("the schema alone refuses {change}\n    {why}"));
            }
        }
    }
    println!(
        "{}: {accepted} accepted, {refused} refused by both, beyond the schema {met:?}",
        name.as_str()
    );
    let count = wrong.len();
    wrong.truncate(40);
    assert!(count == 0, "{count} of {MUTANTS}:\n{}", wrong.join("\n"));
    // Else the mutants would prove little.
    assert!(accepted >= 30 && refused >= 300);
}

fn mutants(valid: &[Value], chance: &mut Chance) -> Vec<Mutant> {
    let mut all = Vec::new();
    while all.len() < MUTANTS {
        let original = &valid[chance.below(valid.len())];
        let mutant = mutate(original, chance);
        all.extend(mutant.filter(|mutant| mutant.document != *original));
    }
    all
}
