//! The format language: what each of its words lifts, and where from. Formats of standards have their tests in `tests/`.

use super::schema::Schema;
use super::{Contexts, Format, FormatError, compile_format, lift_document, locate_path};
use crate::model::entity::{Entity, LiftedValue};
use crate::model::path::{ModelPath, Step};
use crate::model::text::RelPath;
use crate::parse::{Limits, Parsed, parse};

fn format(fields: &str) -> Result<Format, FormatError> {
    let schema = Schema::parse(include_str!("../../policies/model.yaml")).unwrap();
    let text = format!(
        "format: house
title: House
versions: ['1', '2']
version: apiVersion
recognise: {{all: [{{path: id, exists: true}}]}}
context:
  file: settings.yml
  scopes:
    tree: {{tree: tree, under: name, folders: 'paths[]', default_folders: [src], leaf: [id]}}
entities:
  - kind: contract
    key: id
    fields:
      id: id
{fields}
"
    );
    compile_format("house.yaml", &text, &schema)
}

fn parsed(text: &str) -> Parsed {
    let parsed = parse(text.as_bytes(), &Limits::default());
    assert!(parsed.problems.is_empty(), "{:?}", parsed.problems);
    parsed
}

/// The value at a model path of the first entity, as text, and the text that it is at.
fn at(
    format: &Format,
    file: &str,
    document: &str,
    contexts: &Contexts,
    path: &str,
) -> (String, String) {
    let parsed = parsed(document);
    let file = RelPath::new(file);
    let source = &parsed.documents[0];
    let entities = lift_document(format, &file, 0, source, &parsed.text, contexts);
    let entity = &entities[0];
    let path = ModelPath(
        path.split('.')
            .map(|step| {
                step.parse()
                    .map_or_else(|_| Step::Key(step.into()), Step::Index)
            })
            .collect(),
    );
    let located = locate_path(format, entity, source, &path);
    (
        value(entity, &path),
        parsed.text.slice(located.span).to_owned(),
    )
}

fn value(entity: &Entity, path: &ModelPath) -> String {
    let mut id = entity.fields.root();
    for step in &path.0 {
        let next = match (step, &entity.fields.node(id).value) {
            (Step::Key(key), _) => entity.fields.field(id, key),
            (Step::Index(index), LiftedValue::List(items)) => items.get(*index).copied(),
            _ => None,
        };
        match next {
            Some(next) => id = next,
            None => return "absent".to_owned(),
        }
    }
    match &entity.fields.node(id).value {
        LiftedValue::String(text) => text.to_string(),
        LiftedValue::List(items) => items
            .iter()
            .map(|item| match &entity.fields.node(*item).value {
                LiftedValue::String(text) => text.to_string(),
                other => format!("{other:?}"),
            })
            .collect::<Vec<_>>()
            .join(","),
        other => format!("{other:?}"),
    }
}

fn plain(fields: &str, document: &str, path: &str) -> String {
    at(
        &format(fields).unwrap(),
        "a.yml",
        document,
        &Contexts::default(),
        path,
    )
    .0
}

#[test]
fn match_takes_the_groups_and_drops_what_does_not_match() {
    let fields = "      name: {from: ref, match: 'ref\\((\\w+)\\)|source\\((\\w+), (\\w+)\\)'}
      tags: {all: refs, match: '^(?:team:)?([a-z]+)$'}";
    assert_eq!(
        plain(fields, "{id: x, ref: 'ref(orders)'}", "name"),
        "orders"
    );
    assert_eq!(
        plain(fields, "{id: x, ref: 'source(raw, orders)'}", "name"),
        "raw.orders"
    );
    assert_eq!(plain(fields, "{id: x, ref: other}", "name"), "absent");
    assert_eq!(
        plain(fields, "{id: x, refs: ['team:a', b, C]}", "tags"),
        "a,b"
    );
}

#[test]
fn an_unmapped_value_is_absent_and_join_joins_existing_values() {
    let fields = "      name: {join: [{from: space, map: {default: null}}, id], separator: /}";
    assert_eq!(plain(fields, "{id: x, space: web}", "name"), "web/x");
    assert_eq!(plain(fields, "{id: x, space: Default}", "name"), "x");
    assert_eq!(plain(fields, "{id: x}", "name"), "x");
}

#[test]
fn a_field_that_needs_no_key_of_its_element_is_there_without_any() {
    for (fields, value) in [
        ("access: {from: open, default: closed}", "closed"),
        ("name: {join: [gone, {value: y}]}", "y"),
        ("name: $.id", "x"),
    ] {
        let path = fields.split(':').next().unwrap();
        let found = plain(&format!("      {fields}"), "{id: x}", path);
        assert_eq!(found, value, "{fields}");
    }
    for (field, value) in [
        (
            "required: {any: [{path: gone, exists: false}]}",
            "Bool(true)",
        ),
        ("unique: {value: false}", "Bool(false)"),
        ("nested: {has: inner}", "Bool(false)"),
        ("path: {chain: name}", "a"),
        ("description: .", "absent"),
        ("type: $.id", "x"),
    ] {
        let fields = format!(
            "      columns: {{each: 'columns[]', key: name, fields: {{name: name, {field}}}}}"
        );
        let path = format!("columns.0.{}", field.split(':').next().unwrap());
        let found = plain(&fields, "{id: x, columns: [{name: a}]}", &path);
        assert_eq!(found, value, "{field}");
    }
}

#[test]
fn keys_are_values_at_the_end_of_a_path_and_filters_compare_plain_values() {
    let fields = "      tags: {all: ['tests[]{}.$key', 'items[on=true].name', 'items[on=2].name']}";
    let document = "{id: x, tests: [{unique: null}, {range: {}}], items: [{on: true, name: a}, {on: false, name: b}, {on: 2, name: c}]}";
    assert_eq!(plain(fields, document, "tags"), "unique,range,a,c");
}

#[test]
fn a_local_reference_completes_a_mapping_and_places_are_in_what_it_names() {
    let fields = "      description: field.about
      name: field.label";
    let document = "id: x
field: {$ref: '#/definitions/a~1b', label: own}
definitions:
  a/b: {about: shared, label: other}
";
    let format = format(fields).unwrap();
    let none = Contexts::default();
    let shared = at(&format, "a.yml", document, &none, "description");
    assert_eq!(shared, ("shared".to_owned(), "shared".to_owned()));
    assert_eq!(at(&format, "a.yml", document, &none, "name").0, "own");
}

#[test]
fn references_in_a_ring_and_to_nowhere_end() {
    let fields = "      description: field.about";
    for document in [
        "{id: x, field: {$ref: '#/field'}}",
        "{id: x, field: {$ref: '#/a'}, a: {$ref: '#/b'}, b: {$ref: '#/a'}}",
        "{id: x, field: {$ref: 'other.yaml#/a'}}",
        "{id: x, field: {$ref: '#/nowhere/at/all'}}",
        "{id: x, field: {$ref: 1}}",
    ] {
        assert_eq!(plain(fields, document, "description"), "absent");
    }
}

const INHERITING: &str = "      owner: {team: [team, $tree.+team]}
      tags: {all: [tags, $tree.+tags]}";

fn contexts(files: &[(&str, &str)]) -> Contexts {
    let mut contexts = Contexts::default();
    for (file, text) in files {
        contexts.add(&RelPath::new(*file), text.as_bytes(), &Limits::default());
    }
    contexts
}

#[test]
fn the_innermost_folder_of_the_nearest_context_file_says_what_a_document_does_not() {
    let format = format(INHERITING).unwrap();
    let contexts = contexts(&[
        ("settings.yml", "{name: far, tree: {+team: far}}"),
        (
            "p/settings.yml",
            "{name: p, tree: {+team: all, +tags: [t], p: {marts: {+team: marts, +tags: u, fin: {+team: fin}, special: {+team: special}}}}}",
        ),
    ]);
    let team = |file: &str, id: &str| {
        at(
            &format,
            file,
            &format!("id: {id}\n"),
            &contexts,
            "owner.team",
        )
        .0
    };
    assert_eq!(team("p/src/marts/a.yml", "x"), "marts");
    assert_eq!(team("p/src/marts/fin/a.yml", "x"), "fin");
    assert_eq!(team("p/src/marts/fin/deep/a.yml", "x"), "fin");
    assert_eq!(team("p/src/marts/a.yml", "special"), "special");
    assert_eq!(team("p/src/marts/fin/a.yml", "special"), "fin");
    assert_eq!(team("p/src/a.yml", "x"), "all");
    assert_eq!(team("p/srcs/marts/a.yml", "x"), "all");
    assert_eq!(team("q/src/a.yml", "x"), "far");
    let own = at(
        &format,
        "p/src/marts/a.yml",
        "{id: x, team: own}",
        &contexts,
        "owner.team",
    );
    assert_eq!(own.0, "own");
    let tags = at(
        &format,
        "p/src/marts/a.yml",
        "{id: x, tags: [v]}",
        &contexts,
        "tags",
    );
    assert_eq!(tags.0, "v,u,t");
}

#[test]
fn inherited_values_point_at_the_element_and_name_their_source() {
    let format = format(INHERITING).unwrap();
    let contexts = contexts(&[("settings.yml", "name: p\ntree:\n  +team: sales\n")]);
    let parsed = parsed("id: orders\n");
    let file = RelPath::new("src/a.yml");
    let entities = lift_document(
        &format,
        &file,
        0,
        &parsed.documents[0],
        &parsed.text,
        &contexts,
    );
    let path = ModelPath(vec![Step::Key("owner".into()), Step::Key("team".into())]);
    let located = locate_path(&format, &entities[0], &parsed.documents[0], &path);
    assert_eq!(parsed.text.slice(located.span), "orders");
    let inherited = located.inherited.unwrap();
    assert_eq!(
        (
            inherited.file.as_str(),
            inherited.start.line,
            inherited.start.column
        ),
        ("settings.yml", 3, 10)
    );
}

#[test]
fn a_context_of_another_shape_gives_nothing() {
    let format = format(INHERITING).unwrap();
    for text in [
        "[]",
        "tree: []",
        "{name: p, tree: {p: text}}",
        "{name: [p], tree: {p: {+team: x}}}",
        "",
        "a: [",
    ] {
        let contexts = contexts(&[("settings.yml", text)]);
        assert_eq!(
            at(&format, "src/a.yml", "id: x\n", &contexts, "owner.team").0,
            "absent"
        );
    }
}

#[test]
fn a_context_fills_only_plain_fields() {
    for (fields, expected) in [
        ("      extensions: $tree.+meta", "cannot be inherited"),
        (
            "      columns: {each: '$tree.x[]', key: name, fields: {name: name}}",
            "only be used for field values",
        ),
    ] {
        let error = format(fields).unwrap_err();
        assert!(error.message.contains(expected), "{error}");
        assert!(error.start.line > 14);
    }
}

#[test]
fn versions_that_are_not_listed_are_judged_as_the_nearest() {
    let format = format("").unwrap();
    let nearest = |version: &str| {
        let parsed = parsed(&format!("id: x\napiVersion: {version}\n"));
        format
            .unknown_version(&parsed.documents[0], &parsed.text)
            .map(|unknown| unknown.nearest)
    };
    assert_eq!(nearest("v1.0.3"), None);
    assert_eq!(nearest("2"), None);
    assert_eq!(nearest("v3.0.0").as_deref(), Some("2"));
    assert_eq!(nearest("10.1").as_deref(), Some("2"));
    assert_eq!(nearest("0.9").as_deref(), Some("1"));
    assert_eq!(nearest("1x").as_deref(), Some("1"));
}
