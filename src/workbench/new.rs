//! A rule to begin with: Rego, and examples that hold. What its examples find is asked of the pipeline, never made up.

use super::examples::{Found, rewrite, run};
use super::judge::Bench;
use crate::model::published::SchemaName;
use crate::model::rule::{Rule, RuleId, Scope};
use crate::policy::examples::parse;

/// Kinds of entity for which there are examples to begin with.
pub const KINDS: [&str; 8] = [
    "product",
    "contract",
    "kpi",
    "term",
    "team",
    "domain",
    "classification",
    "tag",
];

/// Why an id is none, with what to write instead.
pub fn malformed(id: &str) -> Option<&'static str> {
    let is_word = |word: &str| {
        word.starts_with(|c: char| c.is_ascii_lowercase())
            && !word.ends_with('-')
            && word
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
    };
    let shape = "write `<category>/<name>`, in lower case with dashes: `kpi/missing-grain`";
    match id.split_once('/') {
        Some(("lib" | "formats", _)) => {
            Some("`lib` and `formats` hold no rules; choose another category")
        }
        Some((category, name)) if is_word(category) && is_word(name) => None,
        _ => Some(shape),
    }
}

/// The Rego of a first version of a rule.
pub fn rego(id: &RuleId, scope: Scope, kinds: &[&str]) -> String {
    let package = id.as_str().replace('-', "_").replace('/', ".");
    let (scope_name, title, options, body) = match scope {
        Scope::Entity => (
            "entity",
            "Name holds a word that says nothing",
            "#   options: {words: [todo, temp]}\n#   option_docs: {words: \"Words that a name does not hold.\"}\n",
            format!(
                "deny contains {{\"message\": message, \"at\": [\"name\"]}} if {{\n\tsome word in data.options[\"{id}\"].words\n\tcontains(lower(input.name), word)\n\tmessage := sprintf(\"%s `%s` holds the word `%s`\", [input.kind, input.name, word])\n}}\n"
            ),
        ),
        Scope::Mesh => (
            "mesh",
            "Two names differ in upper and lower case alone",
            "",
            "# What each entity tells the mesh.\nfacts contains {\"name\": input.name, \"kind\": input.kind, \"at\": [\"name\"]} if input.name\n\n# What is wrong with all of it together.\ndeny contains {\"fact\": fact, \"message\": message} if {\n\tsome fact in input.facts\n\tsome other in input.facts\n\tfact.name != other.name\n\tlower(fact.name) == lower(other.name)\n\tmessage := sprintf(\"%s `%s` is named as `%s`\", [fact.kind, fact.name, other.name])\n}\n".to_owned(),
        ),
        Scope::Change => (
            "change",
            "A change takes a description away",
            "",
            "deny contains {\"message\": message, \"at\": [\"description\"]} if {\n\tinput.base.description\n\tnot input.head.description\n\tmessage := sprintf(\"%s `%s` has no description any more\", [input.kind, input.head.name])\n}\n".to_owned(),
        ),
    };
    format!(
        "# METADATA\n# title: {title}\n# description: Say here what is checked, and why it matters to those who read the finding.\n# custom:\n#   severity: warning\n#   scope: {scope_name}\n#   entities: [{}]\n#   help: Say here what to write instead.\n{options}package govcheck.{package}\n\n# A beginning: write what your rule finds instead. What it reads of a manifest, `govcheck model <file>` shows.\n# `at` names what is wrong; the finding is drawn there, or at the nearest thing around it that is there.\n{body}",
        kinds.join(", ")
    )
}

/// Its examples, in which nothing is found yet.
fn draft(scope: Scope, kinds: &[&str]) -> String {
    let line = SchemaName::Examples.editor_line();
    let mut text = line
        + "# What the rule beside this file finds, and what it lets pass. `govcheck policy test --update` writes what is found.\nexamples:\n";
    for kind in kinds {
        let described = |name: &str| manifest(kind, &[name], true);
        let (bad, good) = match scope {
            Scope::Entity => (manifest(kind, &["todo-orders"], true), described("orders")),
            Scope::Mesh => (
                manifest(kind, &["Orders", "orders"], true),
                described("orders"),
            ),
            Scope::Change => (manifest(kind, &["orders"], false), described("orders")),
        };
        let base = (scope == Scope::Change).then(|| described("orders"));
        text.push_str(&example(
            &format!("a {kind} that is found"),
            base.as_deref(),
            &bad,
        ));
        text.push_str(&example(
            &format!("a {kind} that is not"),
            base.as_deref(),
            &good,
        ));
    }
    let other = if kinds.contains(&"team") {
        "tag"
    } else {
        "team"
    };
    let other = manifest(other, &["data"], false);
    let base = (scope == Scope::Change).then_some(other.as_str());
    text + &example("nothing that the rule is about", base, &other)
}

fn example(name: &str, base: Option<&str>, files: &str) -> String {
    let base = base.map_or_else(String::new, |base| format!("    base:\n{base}"));
    format!("  - name: {name}\n{base}    files:\n{files}    finds: []\n")
}

/// Files that declare entities of a kind, as an example holds them.
fn manifest(kind: &str, names: &[&str], described: bool) -> String {
    let standard = match kind {
        "product" => Some(("odps", "apiVersion: v1.0.0\n        kind: DataProduct")),
        "contract" => Some(("odcs", "apiVersion: v3.1.0\n        kind: DataContract")),
        _ => None,
    };
    if let Some((format, head)) = standard {
        let description = match described {
            true => "        description:\n          purpose: Orders of all shops\n",
            false => "",
        };
        let files = names.iter().enumerate().map(|(number, name)| {
            format!("      {number}.{format}.yaml: |\n        {head}\n        id: id-{number}\n        name: {name}\n        version: 1.0.0\n        status: active\n{description}")
        });
        return files.collect();
    }
    let description = if described {
        "            description: Orders of all shops\n"
    } else {
        ""
    };
    let entries = names
        .iter()
        .map(|name| format!("          - name: {name}\n{description}"));
    format!(
        "      mesh.register.yaml: |\n        apiVersion: govcheck/v1\n        kind: Register\n        {kind}s:\n{}",
        entries.collect::<String>()
    )
}

/// The examples of a rule that is loaded, with what it finds in them.
///
/// # Errors
/// They could not be run; as a phrase.
pub fn examples(bench: &Bench<'_>, rule: &Rule, kinds: &[&str]) -> Result<String, String> {
    let text = draft(rule.scope, kinds);
    let all = parse(&text).map_err(|error| error.to_string())?;
    let found: Result<Vec<Option<Found>>, String> = all
        .iter()
        .map(|example| {
            run(bench, rule, example)
                .map(Some)
                .map_err(|error| error.to_string())
        })
        .collect();
    let new = rewrite(&text, &all, &found?).map_err(|error| error.to_string())?;
    new.ok_or_else(|| "the rule finds nothing in them".to_owned())
}
