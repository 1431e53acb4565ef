//! Checks `together`, `counts` and `cycles` in the METADATA of mesh rules at load. A rule that names a field without facts
//! would silently judge nothing.

use std::collections::BTreeSet;

use serde_json::Value;

use super::error::{PolicyFile, PolicyMistake};
use super::rules;
use super::syntax::{
    list_definitions, node_below, node_span, object_entries, reference_path, string_text,
    variable_name, visit_nodes,
};
use crate::model::rule::{AtLeast, FactCounts, FactCycles, FactGrouping, Rule, Scope};
use crate::model::text::nearest_name;

/// The fields that the host adds to every fact.
const SAID: [&str; 4] = ["entity", "kind", "id", "file"];

/// Checks a rule; `module` is its syntax tree.
pub(super) fn check_rule(
    file: &PolicyFile,
    rule: &Rule,
    module: &Value,
    mistakes: &mut Vec<PolicyMistake>,
) {
    let mut check = PartsCheck {
        file,
        own: own_fields(module),
        mistakes,
    };
    let keys = [
        ("together:", rule.together.is_some()),
        ("counts:", rule.counts.is_some()),
        ("cycles:", rule.cycles.is_some()),
    ];
    let keys = keys.into_iter().filter(|(_, is_there)| *is_there);
    let keys: Vec<&str> = keys.map(|(key, _)| key).collect();
    if rule.scope != Scope::Mesh
        && let Some(key) = keys.first()
    {
        let message = format!("`{}` needs scope `mesh`", key.trim_end_matches(':'));
        check.refuse(key, key, &message, "write `scope: mesh`, or remove the key");
        return;
    }
    if let [one, .., other] = keys.as_slice() {
        let [one, name] = [one, other].map(|key| key.trim_end_matches(':'));
        let message = format!("`{one}` cannot be combined with `{name}`");
        let help = "remove one of the two; `counts` and `cycles` always take all facts";
        check.refuse(other, other, &message, help);
        return;
    }
    if let Some(together) = &rule.together {
        check.together(together);
    }
    if let Some(counts) = &rule.counts {
        check.counts(counts, rule);
    }
    if let Some(cycles) = &rule.cycles {
        check.cycles(cycles);
    }
    if rule.scope == Scope::Mesh {
        check.reads(module, rule);
    }
}

/// The fields of facts, if each fact is written as an object literal. `None` if they can't be known.
fn own_fields(module: &Value) -> Option<BTreeSet<&str>> {
    let mut own = BTreeSet::new();
    for rule in list_definitions(module) {
        let Some(set) = node_below(rule, &["Spec", "head", "Set"]) else {
            continue;
        };
        if set.get("refr").and_then(variable_name) == Some("facts") {
            let object = set.get("key")?.get("Object")?;
            for (key, _) in object_entries(object) {
                own.insert(string_text(key)?);
            }
        }
    }
    Some(own)
}

struct PartsCheck<'c> {
    file: &'c PolicyFile,
    own: Option<BTreeSet<&'c str>>,
    mistakes: &'c mut Vec<PolicyMistake>,
}

impl PartsCheck<'_> {
    fn refuse(&mut self, key: &str, needle: &str, message: &str, help: &str) {
        let place = match key == needle {
            true => self.file.find(key),
            false => self.file.find_behind(key, needle),
        };
        let mistake = self
            .file
            .mistake(place, format!("METADATA: {message}"), help);
        self.mistakes.push(mistake.of(rules::METADATA));
    }

    fn field(&mut self, key: &str, field: &str, said: &[&'static str]) {
        let Some(own) = &self.own else { return };
        if own.contains(field) || said.contains(&field) {
            return;
        }
        let known: Vec<&str> = own.iter().chain(said).copied().collect();
        let help = match nearest_name(field, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("use one of: {}", known.join(", ")),
        };
        self.refuse(
            key,
            field,
            &format!("the facts of this rule have no field `{field}`"),
            &help,
        );
    }

    fn together(&mut self, together: &FactGrouping) {
        const KEY: &str = "together:";
        if together.by.is_empty() {
            let help = "name the fields that group the facts, such as `by: [id]`";
            self.refuse(KEY, "by", "`by` is empty", help);
        }
        for field in &together.by {
            self.field(KEY, field, &SAID);
        }
        if let Some(with) = &together.with {
            self.field(KEY, with, &[]);
        }
    }

    fn counts(&mut self, counts: &FactCounts, rule: &Rule) {
        const KEY: &str = "counts:";
        self.field(KEY, &counts.of, &[]);
        self.field(KEY, &counts.per, &SAID);
        if let Some(except) = &counts.except {
            self.field(KEY, except, &[]);
        }
        if counts.places == 0 {
            let help = "write how many places the rule sees for each value, such as `places: 6`";
            self.refuse(
                KEY,
                "places",
                "`places` is 0, so no finding would have a place",
                help,
            );
        }
        let AtLeast::Option(name) = &counts.at_least else {
            return;
        };
        match rule.options.get(name) {
            Some(value) if value.is_u64() => {}
            Some(_) => {
                let message =
                    format!("`at_least` uses option `{name}`, which is not a whole number");
                self.refuse(
                    KEY,
                    name,
                    &message,
                    "set a number as the default of the option",
                );
            }
            None => {
                let known = rule.options.keys().map(String::as_str);
                let help = match nearest_name(name, known) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => {
                        "write a number, or add a default for the option under `options`".to_owned()
                    }
                };
                let message = format!("`at_least` uses option `{name}`, which is not in `options`");
                self.refuse(KEY, name, &message, &help);
            }
        }
    }

    fn cycles(&mut self, cycles: &FactCycles) {
        const KEY: &str = "cycles:";
        self.field(KEY, &cycles.of, &SAID);
        self.field(KEY, &cycles.reads, &[]);
        if let Some(offers) = &cycles.offers {
            self.field(KEY, offers, &SAID);
        }
    }

    /// Counts and cycles are there in place of the facts.
    fn reads(&mut self, module: &Value, rule: &Rule) {
        let seen = match (&rule.counts, &rule.cycles) {
            (Some(_), _) => "input.counts",
            (None, Some(_)) => "input.cycles",
            (None, None) => "input.facts",
        };
        let others = [
            ("input.facts", ""),
            (
                "input.counts",
                "`counts: {of: …, per: …, at_least: …, places: …}`",
            ),
            ("input.cycles", "`cycles: {of: …, reads: …, offers: …}`"),
        ];
        visit_nodes(module, &mut |name, node| {
            let read = reference_path(node).filter(|_| name == "RefDot");
            let other = others
                .iter()
                .find(|(other, _)| read.as_deref() == Some(other));
            let Some((other, written)) = other.filter(|(other, _)| *other != seen) else {
                return;
            };
            let help = match *other {
                "input.facts" => {
                    let key = seen.trim_start_matches("input.");
                    format!("read `{seen}`, or remove `{key}` from METADATA")
                }
                _ => format!("read `{seen}`, or write {written} in METADATA"),
            };
            let message = format!("this rule has `{seen}`, not `{other}`");
            let mistake = self.file.mistake(node_span(node), message, help);
            self.mistakes.push(mistake.of(rules::FIELD));
        });
    }
}
