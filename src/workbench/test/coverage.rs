//! Which lines of rules tests evaluate: those where an expression or the head of a rule begins, against those that the
//! engine passed. The engine is the one that judges, followed instruction by instruction.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;

use crate::model::text::{SourceText, Span};
use crate::policy::Pack;
use crate::policy::engine::{Lines, Module, parse_module};
use crate::policy::syntax::{
    definition_head, list_definitions, node_span, package_of, variable_name, visit_nodes,
};

/// The lines of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileCoverage {
    /// `<pack>/<path>`.
    pub file: String,
    /// Lines that can be evaluated, 1-based, and whether they were.
    pub lines: BTreeMap<u32, bool>,
    /// The text of the lines that were not.
    pub uncovered: BTreeMap<u32, String>,
}

/// The lines of all files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Coverage {
    /// By name.
    pub files: Vec<FileCoverage>,
    /// Evaluations that could not be followed: their lines may be missing.
    pub lost: usize,
}

impl FileCoverage {
    /// Lines that were evaluated.
    pub fn covered(&self) -> usize {
        self.lines.values().filter(|covered| **covered).count()
    }
}

/// Of a hundred; all of nothing.
fn percent(covered: usize, lines: usize) -> f64 {
    if lines == 0 {
        return 100.0;
    }
    #[allow(
        clippy::cast_precision_loss,
        reason = "no pack has as many lines as would lose precision"
    )]
    let percent = covered as f64 * 100.0 / lines as f64;
    percent
}

impl Coverage {
    /// Of the rules and libraries of some packs.
    pub fn of(pack: &Pack, packs: &[String], seen: &Lines) -> Self {
        let mut by_rule: BTreeMap<&str, BTreeSet<u32>> = BTreeMap::new();
        for (rule, line) in &seen.seen {
            by_rule.entry(rule).or_default().insert(*line);
        }
        let is_tested = |module: &&Module| {
            let of = |pack: &String| {
                let rest = module.name.strip_prefix(pack.as_str());
                rest.is_some_and(|rest| rest.starts_with('/'))
            };
            packs.iter().any(of)
        };
        let modules = pack.modules.iter().filter(is_tested);
        let mut files: Vec<FileCoverage> = modules
            .filter_map(|module| of_module(module, &by_rule))
            .collect();
        files.sort_by(|a, b| a.file.cmp(&b.file));
        Self {
            files,
            lost: seen.lost,
        }
    }

    /// Lines that were evaluated, and all.
    pub fn count(&self) -> (usize, usize) {
        self.files.iter().fold((0, 0), |(covered, all), file| {
            (covered + file.covered(), all + file.lines.len())
        })
    }

    /// Of all lines, in percent.
    pub fn percent(&self) -> f64 {
        let (covered, lines) = self.count();
        percent(covered, lines)
    }
}

impl FileCoverage {
    /// Of its lines, in percent.
    pub fn percent(&self) -> f64 {
        percent(self.covered(), self.lines.len())
    }
}

fn of_module(module: &Module, seen: &BTreeMap<&str, BTreeSet<u32>>) -> Option<FileCoverage> {
    let tree = parse_module(module).ok()?;
    let text = Arc::new(SourceText::new(module.text.clone()));
    let package = package_of(&tree);
    let nothing = BTreeSet::new();
    let mut lines: BTreeMap<u32, bool> = BTreeMap::new();
    for rule in list_definitions(&tree).filter(|rule| rule.get("Spec").is_some()) {
        let Some(name) = definition_head(rule).and_then(name_of) else {
            continue;
        };
        let path = format!("data.{package}.{name}");
        let passed = seen.get(path.as_str()).unwrap_or(&nothing);
        for part in parts(rule) {
            let (start, end) = (text.position(part.start).line, text.position(part.end).line);
            let covered = passed.range(start..=end).next().is_some();
            *lines.entry(start).or_default() |= covered;
        }
    }
    let uncovered = lines.iter().filter(|(_, covered)| !**covered);
    let uncovered = uncovered.map(|(line, _)| {
        let span = text.line_span(*line).unwrap_or_default();
        (*line, text.slice(span).trim_end().to_owned())
    });
    Some(FileCoverage {
        file: module.name.clone(),
        uncovered: uncovered.collect(),
        lines,
    })
}

fn name_of(head: &Value) -> Option<&str> {
    let refr = head.get("refr")?;
    variable_name(refr).or_else(|| variable_name(refr.pointer("/RefBrack/refr")?))
}

/// What of a definition can be evaluated: its head, and every statement of its bodies.
fn parts(rule: &Value) -> Vec<Span> {
    let mut parts: Vec<Span> = definition_head(rule).map(node_span).into_iter().collect();
    visit_nodes(rule, &mut |name, node| {
        // A declaration does nothing.
        if name == "literal"
            && node.pointer("/literal/SomeVars").is_none()
            && node.get("span").is_some()
        {
            parts.push(node_span(node));
        }
    });
    parts
}
