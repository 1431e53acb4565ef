//! What plain policies need of the engine: modules of either version of Rego side by side, and documents read as
//! conftest reads them, by YAML 1.1.

use regorus::{Engine, Value};

use super::error::parse_rendered;
use super::values::float_value;
use super::{Compiled, Datum, Judge, Module, RegoError, scan};
use crate::model::document::{Document, NodeId, NodeKind};
use crate::model::text::{SourceText, Span, text_offset};

/// A version of the Rego language.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum RegoVersion {
    /// Before OPA 1.0: `deny[msg] { … }`.
    V0,
    /// Since: `deny contains msg if { … }`.
    #[default]
    V1,
}

impl RegoVersion {
    /// `v0` or `v1`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::V0 => "v0",
            Self::V1 => "v1",
        }
    }
}

/// Reads one module of a version and gives its syntax tree.
///
/// # Errors
/// The module is not Rego of that version.
pub fn parse_plain(module: &Module, version: RegoVersion) -> Result<serde_json::Value, RegoError> {
    let engine = engine(std::slice::from_ref(module), version)?;
    let ast = engine.get_ast_as_json();
    let ast = ast.map_err(|error| parse_rendered(&error.to_string()))?;
    let mut modules: serde_json::Value =
        serde_json::from_str(&ast).map_err(|error| parse_rendered(&error.to_string()))?;
    let tree = modules.pointer_mut("/0/ast").map(serde_json::Value::take);
    Ok(tree.unwrap_or_default())
}

/// Compiles modules of a version together; `entry` is the path of any rule among them.
///
/// # Errors
/// They do not compile.
pub fn compile_plain(
    modules: &[Module],
    version: RegoVersion,
    entry: &str,
) -> Result<Compiled, RegoError> {
    let mut engine = engine(modules, version)?;
    let policy = engine.compile_with_entrypoint(&entry.into());
    policy
        .map(|policy| Compiled {
            policy,
            trace: None,
        })
        .map_err(|error| parse_rendered(&error.to_string()))
}

fn engine(modules: &[Module], version: RegoVersion) -> Result<Engine, RegoError> {
    let mut engine = Engine::new();
    engine.set_rego_v0(version == RegoVersion::V0);
    for module in modules {
        match version {
            RegoVersion::V0 => add_v0(&mut engine, module)?,
            RegoVersion::V1 => add(&mut engine, module)?,
        }
    }
    Ok(engine)
}

fn add(engine: &mut Engine, module: &Module) -> Result<(), RegoError> {
    let added = engine.add_policy(module.name.clone(), module.text.clone());
    added
        .map(|_| ())
        .map_err(|error| parse_rendered(&error.to_string()))
}

/// Adds a module of Rego v0. regorus prints advice of its own on standard error where it meets a keyword of v1 that the
/// module does not import, so such a module is refused before regorus can.
pub(in crate::policy::engine) fn add_v0(
    engine: &mut Engine,
    module: &Module,
) -> Result<(), RegoError> {
    let keyword = scan::unimported_keyword(&module.text);
    let Some((keyword, text)) = keyword.zip(scan::with_keywords(&module.text)) else {
        return add(engine, module);
    };
    let mut trial = Engine::new();
    trial.set_rego_v0(true);
    let name = module.name.clone();
    match add(&mut trial, &Module { name, text }) {
        Err(error) => Err(error),
        Ok(()) => Err(RegoError {
            module: Some(module.name.clone()),
            span: Some(Span::new(
                text_offset(keyword.at),
                text_offset(keyword.at + keyword.text.len()),
            )),
            position: None,
            message: format!("`{}` is not a keyword of Rego v0", keyword.text),
        }),
    }
}

impl Judge {
    /// Whether data and rules name the same thing, which would hide one of them; the error names it.
    ///
    /// # Errors
    /// They do.
    pub fn accepts(&self, data: &Datum) -> Result<(), String> {
        let outcome = self.program.check_rule_data_conflicts(&data.0);
        outcome.map_err(|error| error.to_string())
    }
}

impl Datum {
    /// `null`.
    pub fn null() -> Self {
        Self(Value::Null)
    }

    /// All values of an array, a set or an object.
    pub fn values(&self) -> Vec<Datum> {
        match &self.0 {
            Value::Object(object) => object
                .iter_sorted()
                .map(|(_, value)| Datum(value.clone()))
                .collect(),
            _ => self.items().unwrap_or_default(),
        }
    }

    /// Whether it is an object.
    pub fn is_object(&self) -> bool {
        matches!(self.0, Value::Object(_))
    }

    /// Whether it has no content: undefined, `null`, `false`, empty text or an empty collection.
    pub fn says_nothing(&self) -> bool {
        match &self.0 {
            Value::Undefined | Value::Null | Value::Bool(false) => true,
            Value::String(text) => text.is_empty(),
            Value::Object(object) => object.is_empty(),
            Value::Array(items) => items.is_empty(),
            Value::Set(items) => items.is_empty(),
            _ => false,
        }
    }

    /// Merges two objects, key by key. `None` if both have a key that is not an object in both.
    pub fn merged(&self, other: &Self) -> Option<Self> {
        merge(&self.0, &other.0).map(Self)
    }
}

fn merge(one: &Value, other: &Value) -> Option<Value> {
    let (Value::Object(ours), Value::Object(theirs)) = (one, other) else {
        return None;
    };
    let mut all: std::collections::BTreeMap<Value, Value> = ours
        .iter_sorted()
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    for (key, value) in theirs.iter_sorted() {
        let together = match all.get(key) {
            Some(own) => merge(own, value)?,
            None => value.clone(),
        };
        all.insert(key.clone(), together);
    }
    Some(Value::from(all))
}

/// A node of a document as conftest gives it to policies: aliases and merge keys expanded, the last of equal keys, and
/// unquoted values as YAML 1.1 reads them, so that `yes` is true and `0644` is 420.
pub fn plain_datum(document: &Document, node: NodeId, text: &SourceText) -> Datum {
    Datum(plain_value(document, node, text))
}

fn plain_value(document: &Document, node: NodeId, text: &SourceText) -> Value {
    let node = document.resolve(node);
    let span = document.span(node);
    match &document.node(node).kind {
        NodeKind::Null | NodeKind::Alias(_) => Value::Null,
        NodeKind::Bool(value) => Value::Bool(*value),
        NodeKind::Int(value) => octal(text.slice(span)).unwrap_or_else(|| Value::from(*value)),
        NodeKind::Float(value) => float_value(*value, text.slice(span)),
        NodeKind::String(value) => {
            old_scalar(value, span, text).unwrap_or_else(|| Value::String(value.clone()))
        }
        NodeKind::Sequence { .. } => Value::from(
            document
                .items(node)
                .iter()
                .map(|item| plain_value(document, *item, text))
                .collect::<Vec<_>>(),
        ),
        NodeKind::Mapping { .. } => Value::from(
            document
                .entries(node)
                .iter()
                .map(|entry| {
                    let key = Value::String(plain_key(document, entry.key, text).into());
                    (key, plain_value(document, entry.value, text))
                })
                .collect::<std::collections::BTreeMap<_, _>>(),
        ),
    }
}

/// A key as text: JSON has no others.
pub fn plain_key(document: &Document, key: NodeId, text: &SourceText) -> String {
    let value = plain_value(document, key, text);
    match (&value, document.as_str(key)) {
        (Value::Bool(value), _) => value.to_string(),
        (Value::String(value), _) => value.to_string(),
        (_, Some(name)) => name.to_string(),
        _ => value
            .to_json_str()
            .unwrap_or_else(|_| text.slice(document.span(key)).to_owned()),
    }
}

/// `0644`: a whole number by YAML 1.2, too, but another one.
fn octal(written: &str) -> Option<Value> {
    let (sign, digits) = match written.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, written.trim_start_matches('+')),
    };
    let digits = digits.strip_prefix('0').filter(|rest| !rest.is_empty())?;
    let value = i64::from_str_radix(digits, 8).ok()?;
    Some(Value::from(sign * value))
}

/// What YAML 1.1 takes for a truth value or a number, and YAML 1.2 for text; only where it is not quoted or tagged.
fn old_scalar(value: &str, span: Span, text: &SourceText) -> Option<Value> {
    if value.len() > 32 || text.slice(span) != value {
        return None;
    }
    let found = match value {
        "y" | "Y" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => Value::Bool(true),
        "n" | "N" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => Value::Bool(false),
        _ => grouped(value)?,
    };
    let before = text.slice(Span::new(span.start.saturating_sub(6), span.start));
    (!before.trim_end().ends_with("!!str")).then_some(found)
}

/// `1_000`, `0b101`
fn grouped(value: &str) -> Option<Value> {
    let plain: String = value.chars().filter(|c| *c != '_').collect();
    if let Some(digits) = plain.strip_prefix("0b") {
        return i64::from_str_radix(digits, 2).ok().map(Value::from);
    }
    let first = value.trim_start_matches(['-', '+']).chars().next()?;
    if !first.is_ascii_digit() || !value.contains('_') {
        return None;
    }
    plain.parse::<i64>().ok().map(Value::from)
}

/// Compiles a program for entry points of modules that are known to compile; `None` if the register VM can't run it.
pub fn program_plain(modules: &[Module], version: RegoVersion, entries: &[&str]) -> Option<Judge> {
    let compiled = compile_plain(modules, version, entries.first()?).ok()?;
    compiled.program(entries).ok()
}

/// Whether a module is Rego of before 1.0.
pub fn is_v0(module: &Module) -> bool {
    let mut engine = Engine::new();
    engine.set_rego_v0(true);
    add_v0(&mut engine, module).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::{Limits, parse};

    fn json(yaml: &str) -> serde_json::Value {
        let parsed = parse(yaml.as_bytes(), &Limits::default());
        let document = &parsed.documents[0];
        plain_datum(document, document.root().node, &parsed.text).to_json()
    }

    #[test]
    fn reads_scalars_as_yaml_1_1() {
        let read = json(
            "on: yes\noff: \"yes\"\nmode: 0644\nten: 1_000\nbits: 0b11\ntext: !!str no\nday: 2024-01-01\n1: x\nlate: 12:30:45\n",
        );
        assert_eq!(
            read,
            serde_json::json!({"true": true, "false": "yes", "mode": 420, "ten": 1000, "bits": 3, "text": "no",
                               "day": "2024-01-01", "1": "x", "late": "12:30:45"})
        );
    }

    #[test]
    fn merges_data_key_by_key_and_refuses_two_values() {
        let datum = |json| Datum::json(&json);
        let one = datum(serde_json::json!({"a": {"b": 1}}));
        let both = one
            .merged(&datum(serde_json::json!({"a": {"c": 2}})))
            .unwrap();
        assert_eq!(both.to_json(), serde_json::json!({"a": {"b": 1, "c": 2}}));
        assert_eq!(one.merged(&datum(serde_json::json!({"a": 3}))), None);
    }
}
