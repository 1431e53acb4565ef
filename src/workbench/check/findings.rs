//! What rules say by `deny`, `facts` and `advice`: the shape of each element, as far as it is written down.

use serde_json::Value;

use super::resolve::{ResolvedModule, assigned_value};
use super::types::Ty;
use super::world::{defined_name, scope_name};
use crate::evaluate::answer::{ADVICE_KEYS, KEYS};
use crate::model::rule::Scope;
use crate::model::text::{Span, nearest_name, text_offset};
use crate::policy::error::PolicyMistake;
use crate::policy::inspect::Inspected;
use crate::policy::syntax::{
    list_definitions, list_elements, node_span, object_entries, string_text,
};
use crate::policy::workbench_rules as rules;

pub(super) fn check_findings(
    module: &Inspected,
    resolved: &ResolvedModule<'_>,
    told: &mut Vec<PolicyMistake>,
) {
    let Some(rule) = &module.rule else { return };
    for definition in list_definitions(&module.tree) {
        let Some(element) = assigned_value(definition) else {
            continue;
        };
        let mut shape = FindingShape {
            module,
            resolved,
            scope: rule.scope,
            told,
        };
        match defined_name(definition) {
            Some("deny") => shape.finding(element),
            Some("facts") if rule.scope == Scope::Mesh => shape.fact(element),
            Some("advice") if rule.scope == Scope::Change => shape.advice(element),
            _ => {}
        }
    }
}

struct FindingShape<'a> {
    module: &'a Inspected,
    resolved: &'a ResolvedModule<'a>,
    scope: Scope,
    told: &'a mut Vec<PolicyMistake>,
}

/// An object that is written down.
struct WrittenObject<'n> {
    place: Span,
    fields: Vec<(&'n str, &'n Value, &'n Value)>,
    /// Whether there are no other keys than these.
    is_whole: bool,
}

impl<'n> WrittenObject<'n> {
    fn get(&self, name: &str) -> Option<&'n Value> {
        let mut fields = self.fields.iter();
        fields
            .find(|(key, ..)| *key == name)
            .map(|(.., value)| *value)
    }
}

impl FindingShape<'_> {
    fn tell(&mut self, place: Span, message: impl Into<String>, help: &str) {
        let mistake = self.module.file.mistake(place, message, help);
        self.told.push(mistake.of(rules::SHAPE));
    }

    /// The object literal of an expression. Reports an expression that can't be an object.
    fn object<'n>(&mut self, node: &'n Value, what: &str, help: &str) -> Option<WrittenObject<'n>> {
        if let Some(object) = node.get("Object") {
            let all: Vec<_> = object_entries(object).collect();
            let fields: Vec<_> = all
                .iter()
                .filter_map(|(key, value)| Some((string_text(key)?, *key, *value)))
                .collect();
            return Some(WrittenObject {
                place: self.place(node, &all),
                is_whole: fields.len() == all.len(),
                fields,
            });
        }
        if is_plain(&self.resolved.ty(node)) {
            self.tell(node_span(node), format!("{what} is not an object"), help);
        }
        None
    }

    /// All of an object: the engine says where its last field is.
    fn place(&self, node: &Value, fields: &[(&Value, &Value)]) -> Span {
        let own = node_span(node);
        let first = fields
            .first()
            .map_or(own.start, |(key, _)| node_span(key).start);
        let text = self.module.file.text.as_str().get(..first as usize);
        let start = text.and_then(|text| text.rfind('{'));
        Span::new(start.map_or(own.start, text_offset), own.end)
    }

    fn finding(&mut self, element: &Value) {
        const HELP: &str = "write `deny contains {\"message\": …, \"at\": […]} if { … }`";
        let resolved = self.resolved;
        let meant = resolved.meant(element);
        let Some(finding) = self.object(meant, "an element of `deny`", HELP) else {
            return;
        };
        self.keys(&finding, &KEYS, "a finding");
        self.message(&finding, "a finding");
        self.target(&finding, "a finding");
        self.wrong_scope(&finding);
        for name in ["fix", "key"] {
            self.text(&finding, name);
        }
        if let Some(related) = finding.get("related") {
            self.related(resolved.meant(related));
        }
        if let Some(hint) = finding.get("did_you_mean").map(|hint| resolved.meant(hint)) {
            self.hint(hint);
        }
        if let Some(covers) = finding.get("covers")
            && is_no_list(&resolved.ty(covers))
        {
            self.tell(
                node_span(covers),
                "`covers` is not an array",
                "write an array of paths",
            );
        }
    }

    fn hint(&mut self, hint: &Value) {
        const HELP: &str = "write `{\"got\": text, \"among\": names}`, or in a rule of scope `mesh` `{\"got\": text, \"kind\": \"team\"}`";
        let Some(hint) = self.object(hint, "`did_you_mean`", HELP) else {
            return;
        };
        if !hint.is_whole {
            return;
        }
        if hint.get("got").is_none() {
            self.tell(hint.place, "`did_you_mean` has no `got`", HELP);
        }
        if hint.get("among").or(hint.get("kind")).is_none() {
            let message = "`did_you_mean` needs `among` or `kind`";
            self.tell(hint.place, message, HELP);
        }
    }

    fn keys(&mut self, written: &WrittenObject<'_>, known: &[&str], what: &str) {
        for (name, key, _) in &written.fields {
            if known.contains(name) {
                continue;
            }
            let help = match nearest_name(name, known.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("use one of: {}", known.join(", ")),
            };
            self.tell(
                node_span(key),
                format!("unknown key `{name}` in {what}"),
                &help,
            );
        }
    }

    fn message(&mut self, written: &WrittenObject<'_>, what: &str) {
        const HELP: &str = "write a sentence about the problem: `\"message\": sprintf(\"…\", […])`";
        match written.get("message") {
            None if written.is_whole => {
                self.tell(written.place, format!("{what} has no `message`"), HELP);
            }
            Some(message) if string_text(message).is_some_and(|text| text.trim().is_empty()) => {
                self.tell(node_span(message), "the `message` is empty", HELP);
            }
            _ => self.text(written, "message"),
        }
    }

    fn text(&mut self, written: &WrittenObject<'_>, name: &str) {
        let Some(value) = written.get(name) else {
            return;
        };
        let ty = self.resolved.ty(value);
        if ty != Ty::Text && (is_plain(&ty) || matches!(ty, Ty::Object(_) | Ty::Table(_))) {
            let help = "convert the value to text: `sprintf(\"%v\", [x])`";
            self.tell(node_span(value), format!("`{name}` is not text"), help);
        }
    }

    fn target(&mut self, written: &WrittenObject<'_>, what: &str) {
        for name in ["at", "base_at"] {
            let Some(path) = written.get(name) else {
                continue;
            };
            if is_no_list(&self.resolved.ty(path)) {
                let message = format!("`{name}` is not an array of names and indexes");
                self.tell(
                    node_span(path),
                    message,
                    "write a path such as `[\"columns\", i, \"name\"]`",
                );
            }
        }
        let mesh = self.scope == Scope::Mesh;
        let names: &[&str] = match self.scope {
            Scope::Entity => &["at"],
            Scope::Mesh => &["fact", "entity"],
            Scope::Change => &["at", "base_at", "entity"],
        };
        let any = ["at", "base_at", "fact", "entity"];
        let points = |names: &[&str]| names.iter().any(|name| written.get(name).is_some());
        if written.is_whole && (!points(&any) || (mesh && !points(names))) {
            let message = match mesh {
                true => format!("{what} of a rule of scope `mesh` needs `fact` or `entity`"),
                false => format!("{what} has no `at`"),
            };
            let help = match mesh {
                true => "add `\"fact\": fact` with an element of `input.facts`",
                false => {
                    "add the path of the problem, such as `\"at\": [\"owner\", \"team\"]`, or `[]` for the whole entity"
                }
            };
            self.tell(written.place, message, help);
        }
        if let Some(fact) = written.get("fact")
            && mesh
            && is_plain(&self.resolved.ty(fact))
        {
            let help = "write `some fact in input.facts`, then `\"fact\": fact`";
            self.tell(
                node_span(fact),
                "`fact` is not an element of `input.facts`",
                help,
            );
        }
    }

    /// Keys that a rule of another scope may have.
    fn wrong_scope(&mut self, written: &WrittenObject<'_>) {
        for (name, key, _) in &written.fields {
            let (message, help) = match (*name, self.scope) {
                ("fact", Scope::Entity | Scope::Change) => (
                    format!(
                        "a rule of scope `{}` cannot use `fact`",
                        scope_name(self.scope)
                    ),
                    "use `at`, or set `scope: mesh`",
                ),
                ("entity", Scope::Entity) => (
                    "a rule of scope `entity` can only point at its own entity".to_owned(),
                    "use `at`, or set `scope: mesh`",
                ),
                ("base_at", Scope::Entity | Scope::Mesh) => {
                    ("`base_at` needs scope `change`".to_owned(), "use `at`")
                }
                _ => continue,
            };
            self.tell(node_span(key), message, help);
        }
    }

    fn related(&mut self, related: &Value) {
        if is_no_list(&self.resolved.ty(related)) {
            let help = "write an array of `{\"at\": […], \"message\": …}`";
            return self.tell(node_span(related), "`related` is not an array", help);
        }
        let resolved = self.resolved;
        let items = related
            .get("Array")
            .map(|array| list_elements(array, "items"));
        let term = related.pointer("/ArrayCompr/term");
        for place in items.into_iter().flatten().chain(term) {
            let help = "write `{\"at\": […], \"message\": …}`";
            let what = "an element of `related`";
            let Some(place) = self.object(resolved.meant(place), what, help) else {
                continue;
            };
            self.keys(
                &place,
                &["message", "at", "fact", "entity"],
                "a related place",
            );
            self.message(&place, "a related place");
            self.target(&place, "a related place");
            self.wrong_scope(&place);
        }
    }

    fn fact(&mut self, element: &Value) {
        const HELP: &str = "write `facts contains {…, \"at\": […]} if { … }`";
        let meant = self.resolved.meant(element);
        let Some(fact) = self.object(meant, "an element of `facts`", HELP) else {
            return;
        };
        if let Some(path) = fact.get("at")
            && is_no_list(&self.resolved.ty(path))
        {
            let help = "write a path such as `[\"columns\", i, \"name\"]`";
            self.tell(
                node_span(path),
                "`at` is not an array of names and indexes",
                help,
            );
        }
    }

    fn advice(&mut self, element: &Value) {
        const HELP: &str = "write `{\"from\": …, \"to\": …, \"part\": \"minor\", \"suggested\": …, \"reasons\": […]}`";
        let meant = self.resolved.meant(element);
        let Some(advice) = self.object(meant, "an element of `advice`", HELP) else {
            return;
        };
        for name in ADVICE_KEYS {
            if advice.is_whole && advice.get(name).is_none() {
                let message = format!("an element of `advice` has no `{name}`");
                self.tell(advice.place, message, HELP);
            }
        }
        if let Some(part) = advice.get("part")
            && let Some(name) = string_text(part)
            && !matches!(name, "major" | "minor" | "patch")
        {
            let message = format!("invalid `part` `{name}` of a version");
            self.tell(
                node_span(part),
                message,
                "write `major`, `minor` or `patch`",
            );
        }
    }
}

/// What can be neither object nor unknown.
fn is_plain(ty: &Ty) -> bool {
    matches!(
        ty,
        Ty::Text | Ty::Number | Ty::Bool | Ty::Index | Ty::List(_) | Ty::Tuple(_) | Ty::Set(_)
    )
}

/// What can be no array.
fn is_no_list(ty: &Ty) -> bool {
    matches!(
        ty,
        Ty::Text | Ty::Number | Ty::Bool | Ty::Index | Ty::Object(_) | Ty::Table(_) | Ty::Map(_)
    )
}
