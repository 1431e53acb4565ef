//! A `_test.rego` file: its tests, and the module of everything else in it, which tests may use.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use crate::model::text::{SourceText, Span};
use crate::policy::engine::{Module, parse_module};
use crate::policy::error::{PolicyFile, PolicyMistake};
use crate::policy::source::PackFile;
use crate::policy::syntax::{
    definition_head, list_definitions, list_elements, node_extent, node_span, package_of,
    reference_of, variable_name, visit_nodes,
};
use crate::policy::{find_misjudged, forbidden_call, syntax_mistake};

/// A file of tests.
pub(super) struct TestFile {
    /// The file.
    pub(super) file: PolicyFile,
    /// `govcheck.kpi.bad_name_test`
    pub(super) package: String,
    /// The absolute path of each import by its local name.
    pub(super) imports: BTreeMap<String, String>,
    /// The text of package and imports.
    pub(super) header: String,
    /// The file without its tests, everything else at its place.
    pub(super) helpers: Module,
    /// Its tests, in the order of the file.
    pub(super) tests: Vec<TestRule>,
    /// What the register VM would get wrong in its helpers.
    pub(super) misjudged: Option<String>,
}

impl TestFile {
    /// The file without all tests but one.
    pub(super) fn with_test(&self, test: &TestRule) -> Module {
        let place = node_extent(&test.node);
        let range = place.start as usize..place.end as usize;
        let mut module = self.helpers.clone();
        if module.text.get(range.clone()).is_some() {
            module
                .text
                .replace_range(range, self.file.text.slice(place));
        }
        module
    }
}

/// A rule of a test file whose name says that it is a test.
pub(super) struct TestRule {
    /// `test_bad_name`; of several of a name, `test_bad_name#2`.
    pub(super) name: String,
    /// Its name in the file.
    pub(super) rule: String,
    /// Its line, 1-based.
    pub(super) line: u32,
    /// Whether it is not to be run.
    pub(super) todo: bool,
    /// Its definition.
    pub(super) node: Value,
    /// Why it is not a test, and what to write instead.
    pub(super) wrong: Option<(String, String)>,
}

/// Reads a test file.
pub(super) fn read_test_file(pack: &str, file: &PackFile) -> Result<TestFile, PolicyMistake> {
    let policy_file = PolicyFile {
        pack: pack.to_owned(),
        file: file.path.clone(),
        text: Arc::new(SourceText::new(file.text.clone())),
    };
    let module = Module {
        name: format!("{pack}/{}", file.path),
        text: file.text.clone(),
    };
    let tree = parse_module(&module).map_err(|error| syntax_mistake(&policy_file, &error))?;
    let mut tests = Vec::new();
    let mut rest = file.text.clone();
    let mut wrong = None;
    for rule in list_definitions(&tree) {
        let Some(name) = name_of(rule).filter(|name| is_test(name)) else {
            if wrong.is_none() {
                let mistakes = find_misjudged(&policy_file, rule).into_iter();
                wrong = mistakes.map(|mistake| mistake.message).next();
            }
            continue;
        };
        blank_span(&mut rest, node_extent(rule));
        let place = policy_file.text.position(node_span(rule).start);
        tests.push(TestRule {
            name: name.to_owned(),
            rule: name.to_owned(),
            line: place.line,
            todo: name.starts_with("todo_"),
            wrong: wrong_with(rule),
            node: rule.clone(),
        });
    }
    number(&mut tests);
    let header = [tree.get("package")].into_iter().flatten();
    let header = header.chain(list_elements(&tree, "imports")).map(node_span);
    let header = header.map(|span| policy_file.text.slice(span));
    Ok(TestFile {
        package: package_of(&tree),
        imports: imports(&policy_file, &tree),
        header: header.collect::<Vec<_>>().join("\n"),
        helpers: Module {
            name: module.name,
            text: rest,
        },
        tests,
        misjudged: wrong,
        file: policy_file,
    })
}

fn is_test(name: &str) -> bool {
    name.starts_with("test_") || name.starts_with("todo_test_")
}

fn name_of(rule: &Value) -> Option<&str> {
    let refr = definition_head(rule)?.get("refr")?;
    variable_name(refr).or_else(|| variable_name(refr.pointer("/RefBrack/refr")?))
}

/// The path of each import by its local name.
fn imports(file: &PolicyFile, tree: &Value) -> BTreeMap<String, String> {
    let imports = list_elements(tree, "imports").filter_map(|import| {
        let path = import.get("refr").and_then(reference_of)?;
        let alias = import.get("as").filter(|alias| alias.is_object());
        let name = match alias {
            Some(alias) => file.text.slice(node_span(alias)).to_owned(),
            None => path.rsplit('.').next()?.to_owned(),
        };
        Some((name, path))
    });
    let of_language = |path: &String| path.starts_with("rego.") || path.starts_with("future.");
    imports.filter(|(_, path)| !of_language(path)).collect()
}

/// Replaces a text by spaces, keeping line breaks, so that everything after it keeps its place.
pub(super) fn blank_span(text: &mut String, span: Span) {
    let range = span.start as usize..span.end as usize;
    let Some(old) = text.get(range.clone()) else {
        return;
    };
    let spaces: String = old
        .chars()
        .map(|char| {
            if char == '\n' || char == '\r' {
                String::from(char)
            } else {
                " ".repeat(char.len_utf8())
            }
        })
        .collect();
    text.replace_range(range, &spaces);
}

/// Several tests of one name are numbered.
fn number(tests: &mut [TestRule]) {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for test in tests {
        let count = seen.entry(test.rule.clone()).or_default();
        *count += 1;
        if *count > 1 {
            test.name = format!("{}#{count}", test.rule);
        }
    }
}

fn wrong_with(rule: &Value) -> Option<(String, String)> {
    let head = rule.pointer("/Spec/head");
    if head.is_none_or(|head| {
        head.get("Compr")
            .is_none_or(|head| head.get("refr").and_then(variable_name).is_none())
    }) {
        return Some((
            "the rule has the name of a test but no value".to_owned(),
            "write `test_<name> if { … }`".to_owned(),
        ));
    }
    let mut wrong = None;
    visit_nodes(rule, &mut |name, node| {
        if name != "Call" || wrong.is_some() {
            return;
        }
        let function = node.get("fcn").and_then(reference_of).unwrap_or_default();
        if let Some(instead) = forbidden_call(&function) {
            let help = match function.as_str() {
                "print" | "trace" => {
                    "remove the call; the report shows the values of a failing test"
                }
                _ => instead,
            };
            wrong = Some((
                format!("`{function}` is not allowed in a test"),
                help.to_owned(),
            ));
        }
    });
    wrong
}
