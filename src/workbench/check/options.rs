//! Options of rules: read but not declared, declared but not read. A library may read those of a rule.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::builtins::constant_keys;
use super::metadata::MetadataDocument;
use super::resolve::{ResolvedModule, assigned_value};
use super::types::Ty;
use crate::model::rule::{AtLeast, Rule};
use crate::model::text::{Span, nearest_name};
use crate::policy::error::PolicyMistake;
use crate::policy::inspect::{Inspected, Inspection};
use crate::policy::syntax::{
    expression_kind, list_definitions, list_elements, node_span, reference_of, string_text,
    variable_name,
};
use crate::policy::workbench_rules as rules;

/// What is read of options, in all modules.
#[derive(Default)]
struct OptionReads {
    /// By rule.
    named: BTreeMap<String, BTreeSet<String>>,
    /// Rules whose options are handed on as a whole.
    whole: BTreeSet<String>,
    /// Whether a rule is not named by its id, but by what a value says.
    any: bool,
}

pub(super) fn check_options(
    inspection: &Inspection,
    resolved: &[(&Inspected, ResolvedModule<'_>)],
    told: &mut Vec<PolicyMistake>,
) {
    let mut reads = OptionReads::default();
    for (module, resolved) in resolved {
        let mut walk = OptionWalk {
            inspection,
            module,
            resolved,
            reads: &mut reads,
            told,
        };
        for definition in list_definitions(&module.tree) {
            // What a rule gives its name is read where that is read.
            let value = assigned_value(definition)
                .filter(|_| definition.pointer("/Spec/head/Compr").is_some());
            walk.definition(definition, value);
        }
    }
    for module in &inspection.modules {
        if let Some(rule) = &module.rule {
            unused(module, rule, &reads, told);
        }
    }
}

fn unused(module: &Inspected, rule: &Rule, reads: &OptionReads, told: &mut Vec<PolicyMistake>) {
    let id = rule.id.as_str();
    if reads.any || reads.whole.contains(id) {
        return;
    }
    let metadata = MetadataDocument::of(&module.file);
    let gate = rule.text_matches.as_deref().unwrap_or_default();
    let counted = rule.counts.as_ref().map(|counts| &counts.at_least);
    let is_counted =
        |option: &String| matches!(counted, Some(AtLeast::Option(name)) if name == option);
    for option in rule.options.keys() {
        let read = reads
            .named
            .get(id)
            .is_some_and(|named| named.contains(option));
        if read || is_counted(option) || gate.contains(&format!("{{{option}}}")) {
            continue;
        }
        let place = metadata
            .as_ref()
            .and_then(|metadata| metadata.key(&["custom", "options", option]))
            .unwrap_or_else(|| module.file.find_behind("options:", option));
        let message = format!("option `{option}` is not used");
        let help = format!("read the option as `data.options[\"{id}\"].{option}`, or remove it");
        let mistake = module.file.mistake(place, message, help);
        told.push(mistake.of(rules::OPTION));
    }
}

struct OptionWalk<'a> {
    inspection: &'a Inspection,
    module: &'a Inspected,
    resolved: &'a ResolvedModule<'a>,
    reads: &'a mut OptionReads,
    told: &'a mut Vec<PolicyMistake>,
}

impl OptionWalk<'_> {
    fn definition(&mut self, node: &Value, value: Option<&Value>) {
        match node {
            Value::Object(fields) => {
                for (name, inner) in fields {
                    let is_value = value.is_some_and(|value| std::ptr::eq(value, inner));
                    if is_value {
                        self.node(inner, true);
                    } else if inner.is_object() && is_expression(name) {
                        self.node(node, false);
                    } else {
                        self.definition(inner, value);
                    }
                }
            }
            Value::Array(items) => {
                for item in items {
                    self.definition(item, value);
                }
            }
            _ => {}
        }
    }

    /// An expression; `is_kept` if what it is stays known by the name that it gets.
    fn node(&mut self, node: &Value, is_kept: bool) {
        let Some((kind, inner)) = expression_kind(node) else {
            return;
        };
        match self.resolved.ty(node) {
            Ty::Options(id) if !is_kept => drop(self.reads.whole.insert(id)),
            Ty::AllOptions if !is_kept => self.reads.any = true,
            _ => {}
        }
        match kind {
            "RefDot" => {
                if let Some(refr) = inner.get("refr") {
                    let field = inner.pointer("/field/1").and_then(Value::as_str);
                    let place = inner.pointer("/field/0").map(node_span);
                    self.read(refr, field, place.unwrap_or_default());
                    self.node(refr, true);
                }
            }
            "RefBrack" => {
                if let (Some(refr), Some(index)) = (inner.get("refr"), inner.get("index")) {
                    self.read(refr, string_text(index), node_span(index));
                    self.node(refr, true);
                    self.node(index, false);
                }
            }
            "Call" => {
                let function = inner.get("fcn").and_then(reference_of);
                let parameters: Vec<&Value> = list_elements(inner, "params").collect();
                let key = constant_keys(parameters.get(1));
                let key = key.as_deref().and_then(|keys| keys.first());
                let looks = function.as_deref() == Some("object.get") && key.is_some();
                for (number, parameter) in parameters.iter().enumerate() {
                    self.node(parameter, looks && number == 0);
                }
                if let (true, Some(base), Some((key, node))) = (looks, parameters.first(), key) {
                    self.read(base, Some(key), node_span(node));
                }
            }
            "AssignExpr" => {
                let left = inner.get("lhs");
                let keeps = left.is_some_and(|left| variable_name(left).is_some());
                for side in ["lhs", "rhs"].iter().filter_map(|side| inner.get(side)) {
                    self.node(side, keeps);
                }
            }
            _ => self.definition(inner, None),
        }
    }

    fn read(&mut self, base: &Value, field: Option<&str>, place: Span) {
        match (self.resolved.ty(base), field) {
            (Ty::Options(id), Some(field)) => {
                self.declared(&id, field, place);
                let named = self.reads.named.entry(id).or_default();
                named.insert(field.to_owned());
            }
            (Ty::Options(id), None) => drop(self.reads.whole.insert(id)),
            (Ty::AllOptions, None) => self.reads.any = true,
            (Ty::AllOptions, Some(id)) => self.is_rule(id, place),
            _ => {}
        }
    }

    fn declared(&mut self, id: &str, option: &str, place: Span) {
        let rules = &self.inspection.rules;
        let Some(rule) = rules.iter().find(|rule| rule.rule.id.as_str() == id) else {
            return;
        };
        let known: Vec<&str> = rule.rule.options.keys().map(String::as_str).collect();
        if known.contains(&option) {
            return;
        }
        let message = format!("rule `{id}` does not declare option `{option}`");
        let help = match nearest_name(option, known.into_iter()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "declare the option under `options` in METADATA, with a default".to_owned(),
        };
        let mistake = self.module.file.mistake(place, message, help);
        self.told.push(mistake.of(rules::UNDECLARED));
    }

    fn is_rule(&mut self, id: &str, place: Span) {
        // A rule whose METADATA can't be read still has a path.
        let files = self
            .inspection
            .sources
            .iter()
            .flat_map(|source| &source.files);
        let rules = files.filter(|file| file.is_rule());
        let known: Vec<&str> = rules
            .map(|file| file.path.trim_end_matches(".rego"))
            .collect();
        if known.contains(&id) {
            return;
        }
        let message = format!("unknown rule `{id}` in `data.options`");
        let help = match nearest_name(id, known.into_iter()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "write the id of a rule of the packs".to_owned(),
        };
        let mistake = self.module.file.mistake(place, message, help);
        self.told.push(mistake.of(rules::UNDECLARED));
    }
}

fn is_expression(name: &str) -> bool {
    const EXPRESSIONS: [&str; 18] = [
        "Var",
        "Array",
        "Set",
        "Object",
        "ArrayCompr",
        "SetCompr",
        "ObjectCompr",
        "Call",
        "UnaryExpr",
        "RefDot",
        "RefBrack",
        "BinExpr",
        "BoolExpr",
        "ArithExpr",
        "AssignExpr",
        "Membership",
        "String",
        "Number",
    ];
    EXPRESSIONS.contains(&name)
}
