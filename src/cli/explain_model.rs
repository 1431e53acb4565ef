//! `govcheck explain --model`: the common model as rules see it, with the formats that fill each field, and what the host
//! adds. Printed from its description (`policies/model.yaml`); nothing of it is known here.

use std::collections::BTreeSet;
use std::io::Write;
use std::sync::Arc;

use serde_json::{Value, json};

use super::rules::RuleListFormat;
use crate::lift::Format;
use crate::lift::schema::{FieldSpec, FieldType, Fields, Governed, Schema};

use crate::model::text::nearest_name;
use crate::workspace::failure::Failure;

/// Describes how a kind is governed by another revision.
const GOVERNED: &str =
    "With `--policies-from`, these are register entries: those of that revision count.";

/// Records in records: the model has no deeper ones.
const DEPTH: usize = 8;

/// A field, or one of a record in it.
struct ModelFieldRow {
    /// `columns.checks.name`, as `input.expresses` has it.
    path: String,
    /// `columns[].checks[].name`, as rules read it.
    reads: String,
    spec: FieldSpec,
    formats: Vec<String>,
}

/// Prints all kinds, or one with its fields.
pub(super) fn run(
    schema: &Schema,
    formats: &[Format],
    kind: Option<&str>,
    shape: RuleListFormat,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    if let Some(kind) = kind.filter(|kind| !schema.kinds.contains_key(*kind)) {
        return Err(unknown(schema, kind));
    }
    match (shape, kind) {
        (RuleListFormat::Json, kind) => writeln!(out, "{:#}", as_json(schema, formats, kind))?,
        (RuleListFormat::Human, Some(kind)) => one(schema, formats, kind, out)?,
        (RuleListFormat::Human, None) => all(schema, formats, out)?,
    }
    Ok(())
}

fn unknown(schema: &Schema, kind: &str) -> Failure {
    let known: Vec<&str> = schema.kinds.keys().map(|kind| &**kind).collect();
    let help = match nearest_name(kind, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("use one of: {}", known.join(", ")),
    };
    Failure::usage(format!("the model has no kind `{kind}`"), help)
}

fn all(schema: &Schema, formats: &[Format], out: &mut dyn Write) -> Result<(), Failure> {
    writeln!(out, "Kinds of entities\n")?;
    let width = schema.kinds.keys().map(|kind| kind.len()).max();
    for (kind, spec) in &schema.kinds {
        let width = width.unwrap_or_default();
        writeln!(out, "  {kind:width$}  {}", spec.doc)?;
        let by = declared_by(formats, kind);
        if !by.is_empty() {
            writeln!(out, "  {:width$}  declared by {}", "", by.join(", "))?;
        }
    }
    let host = &schema.host;
    let parts: [(&str, &Fields); 8] = [
        (
            "`input` of a rule of scope `entity`, and of `facts` in a rule of scope `mesh`: the fields of the kind, plus",
            &host.entity,
        ),
        ("`input` of `deny` in a rule of scope `mesh`", &host.mesh),
        ("A fact: the fields that the rule writes, plus", &host.fact),
        ("`input` of a rule of scope `change`", &host.change),
        ("`data` of every rule", &host.data),
        ("`data.run`", &host.run),
        (
            "`data.mesh.<kinds>[id]`, for example `data.mesh.teams[id]`: the fields marked `card`, plus",
            &host.card,
        ),
        (
            "`data.mesh` of a rule of scope `change`: the kinds, plus",
            &host.links,
        ),
    ];
    for (title, fields) in parts {
        writeln!(out, "\n{title}\n")?;
        let rows = rows(schema, &[], fields);
        print(&rows, false, out)?;
    }
    writeln!(
        out,
        "\nRun `govcheck explain --model contract` to list the fields of a kind, and `govcheck model FILE` to see their values in a manifest."
    )?;
    Ok(())
}

fn one(
    schema: &Schema,
    formats: &[Format],
    kind: &str,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let Some(spec) = schema.kinds.get(kind) else {
        return Ok(());
    };
    writeln!(out, "{kind}: {}\n", spec.doc)?;
    let fills = fills(formats, kind);
    print(
        &rows(schema, &fills, &schema.fields_of(kind).unwrap_or_default()),
        true,
        out,
    )?;
    writeln!(
        out,
        "\nMesh rules see the fields marked `card` of every {kind} in `data.mesh.{}[id]`.",
        spec.plural
    )?;
    match spec.governed {
        Some(Governed::All) => writeln!(out, "{GOVERNED}")?,
        Some(Governed::Registered) => writeln!(out, "Where `registered` is true: {GOVERNED}")?,
        None => {}
    }
    writeln!(
        out,
        "Run `govcheck explain --model` to list the fields that govcheck adds."
    )?;
    Ok(())
}

fn print(rows: &[ModelFieldRow], with_formats: bool, out: &mut dyn Write) -> Result<(), Failure> {
    let longest =
        |of: &dyn Fn(&ModelFieldRow) -> usize| rows.iter().map(of).max().unwrap_or_default();
    let name = longest(&|row| row.reads.len());
    let ty = longest(&|row| shown(&row.spec).len());
    for row in rows {
        writeln!(
            out,
            "  {:name$}  {:ty$}  {}",
            row.reads,
            shown(&row.spec),
            row.spec.doc
        )?;
        if with_formats {
            let by = match row.formats.is_empty() {
                true => "no format".to_owned(),
                false => row.formats.join(", "),
            };
            writeln!(out, "  {:name$}  {:ty$}  provided by {by}", "", "")?;
        }
    }
    Ok(())
}

/// `text`, `list of columns`, `record · card`.
fn shown(spec: &FieldSpec) -> String {
    let of = spec.of.as_deref().unwrap_or_default().replace('_', " ");
    let ty = match spec.ty {
        FieldType::String => "text".to_owned(),
        FieldType::Bool => "boolean".to_owned(),
        FieldType::Number => "number".to_owned(),
        FieldType::Any => "anything".to_owned(),
        FieldType::Map => "mapping".to_owned(),
        FieldType::Record => of,
        FieldType::List if of == "string" => "list of text".to_owned(),
        FieldType::List if of == "any" => "path".to_owned(),
        FieldType::List => format!("list of {of}"),
    };
    match spec.card {
        true => format!("{ty} · card"),
        false => ty,
    }
}

/// Fields by format.
type Fills = Vec<(String, BTreeSet<String>)>;

fn fills(formats: &[Format], kind: &str) -> Fills {
    let all = formats
        .iter()
        .map(|format| (format.name.to_string(), format.fills(kind)));
    all.filter(|(_, fields)| !fields.is_empty()).collect()
}

fn declared_by(formats: &[Format], kind: &str) -> Vec<String> {
    fills(formats, kind)
        .into_iter()
        .map(|(name, _)| name)
        .collect()
}

fn rows(
    schema: &Schema,
    fills: &[(String, BTreeSet<String>)],
    fields: &Fields,
) -> Vec<ModelFieldRow> {
    let mut rows = Vec::new();
    collect(schema, fills, fields, ("", ""), DEPTH, &mut rows);
    rows
}

fn collect(
    schema: &Schema,
    fills: &[(String, BTreeSet<String>)],
    fields: &Fields,
    (around, reads): (&str, &str),
    depth: usize,
    rows: &mut Vec<ModelFieldRow>,
) {
    for (name, spec) in fields {
        let path = format!("{around}{name}");
        let read = format!("{reads}{name}");
        let inner = spec.of.as_deref().and_then(|of| schema.record(of));
        let by = fills.iter().filter(|(_, fields)| fields.contains(&path));
        rows.push(ModelFieldRow {
            formats: by.map(|(format, _)| format.clone()).collect(),
            path: path.clone(),
            reads: read.clone(),
            spec: spec.clone(),
        });
        if let (Some(inner), Some(depth)) = (inner, depth.checked_sub(1)) {
            let listed = match spec.ty {
                FieldType::List => "[]",
                FieldType::Map => "[id][]",
                _ => "",
            };
            let below = (format!("{path}."), format!("{read}{listed}."));
            collect(schema, fills, inner, (&below.0, &below.1), depth, rows);
        }
    }
}

fn as_json(schema: &Schema, formats: &[Format], kind: Option<&str>) -> Value {
    let row = |row: ModelFieldRow| {
        json!({"path": row.path, "reads": row.reads, "type": row.spec.ty, "of": row.spec.of,
               "card": row.spec.card, "doc": row.spec.doc, "formats": row.formats})
    };
    let listed = |fills: &[_], fields: &Fields| -> Vec<Value> {
        rows(schema, fills, fields).into_iter().map(row).collect()
    };
    let is_asked = |own: &&Arc<str>| kind.is_none_or(|kind| kind == &***own);
    let kinds: Vec<Value> = schema
        .kinds
        .keys()
        .filter(is_asked)
        .map(|kind| {
            let spec = &schema.kinds[kind];
            let fields = schema.fields_of(kind).unwrap_or_default();
            json!({"kind": kind, "plural": spec.plural, "doc": spec.doc, "governed": spec.governed,
                   "formats": declared_by(formats, kind), "fields": listed(&fills(formats, kind), &fields)})
        })
        .collect();
    let host = &schema.host;
    let added = |fields: &Fields| listed(&[], fields);
    json!({"version": 1, "kinds": kinds, "host": {
        "entity": added(&host.entity), "mesh": added(&host.mesh), "fact": added(&host.fact),
        "change": added(&host.change), "data": added(&host.data), "run": added(&host.run),
        "card": added(&host.card), "links": added(&host.links),
    }})
}
