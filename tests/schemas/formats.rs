//! Format files, shapes, and registers, which are documents of a format.

use govcheck::lift::shape::{self, find_violations};
use govcheck::lift::{compile_format, recognise_document};
use govcheck::model::published::SchemaName;
use govcheck::parse::{self, Limits};

use super::agreement::{Beyond, agree};
use super::yaml;

const FORMAT: &str = r#"
format: house
title: House
versions: ["1", 2.0]
version: release
context:
  file: project.yml
  scopes: {models: {tree: models, under: name, folders: "paths[]", default_folders: [models], leaf: [name]}}
recognise:
  all: [{path: dataset.ident, exists: true}]
  any: [{path: kind, equals: Dataset}, {path: kind, in: [a, b]}]
  not: [{path: draft, truthy: true}, {path: kind, matches: '^x'}]
hints: {files: ["*.def.yml"], text: ['^dataset:']}
entities:
  - kind: contract
    each: ["datasets[]", "tables{}"]
    in: ["area{} as area", "part[]"]
    when: [{path: ident, exists: true}]
    key: [id, name]
    fields:
      id: dataset.ident
      name: [name, title]
      version: {from: [release, "$models.+release"], match: 'v(.*)', map: {draft: null, one: "1"}, default: "0"}
      status: {value: active}
      domain: {join: [area, {from: part, map: {a: b}}], separator: "."}
      owner: {team: {from: owner}, people: {each: "members[]", key: name, fields: {name: ., role: {value: owner}}}}
      tags: {all: ["tags[]", labels]}
      docs: {each: "links[]", in: "outer[]", key: url, fields: {url: href}}
      extensions: {pairs: "custom[]", key: property, value: value}
      columns:
        each: "columns[]"
        recurse: "columns[]"
        key: path
        fields:
          name: name
          path: {chain: name, separator: "."}
          nested: {has: [columns, "items.columns"]}
          personal_data: {any: [{path: pii, truthy: true}], none: [{path: pii, truthy: false}]}
          enum: {from: "enum[]", map: {a: b}}
          extensions: meta
  - kind: classification
    key: id
    fields: {id: ident, rank: {value: 3}}
  - kind: kpi
    each: "kpis[]"
    key: name+grain
    fields: {id: ident, name: name, grain: grain, registered: {value: true}}
"#;

const SMALL_FORMAT: &str = r#"
format: small
title: Small
recognise: {any: [{path: "a[b=c].d", matches: '^(x|y)$'}]}
hints: {files: ["*.{a,b}"], text: ['^(a|b):']}
entities: [{kind: tag, key: id, fields: {id: {from: "a[0]", match: '^(.*)$'}}}]
"#;

#[test]
fn the_schema_of_formats_agrees_with_their_reader() {
    let model = &crate::mesh::builtin().schema;
    let read = |text: &str| {
        let format = compile_format("house.yaml", text, model);
        format
            .map(drop)
            .map_err(|error| format!("{error}; {}", error.help))
    };
    let beyond = [
        Beyond {
            class: "walks that find a single element",
            says: &["leads to one value"],
            example: ("/entities/2/each", "kpis"),
        },
        Beyond {
            class: "paths that are none",
            says: &["invalid path"],
            example: ("/version", "a[x"),
        },
        Beyond {
            class: "keys of an element that are none of its fields",
            says: &["field in `key`"],
            example: ("/entities/0/key", "nothing"),
        },
        Beyond {
            class: "globs and regular expressions that do not compile",
            says: &["glob", "regular expression"],
            example: ("/recognise/not/1/matches", "("),
        },
        Beyond {
            class: "a context where a path is the document's own",
            says: &["context"],
            example: ("/version", "$models.x"),
        },
    ];
    let valid = [yaml(FORMAT), yaml(SMALL_FORMAT)];
    agree(SchemaName::Format, &valid, &read, &beyond);
}

const SHAPES: &str = r#"
format: house
called: House
version: {key: v, known: ["1.0", 2.1, v3.0.1]}
document: dataset
shapes:
  dataset:
    called: a dataset
    required: [v, name, {keys: [owner], since: 2.1}]
    exactly_one: [[owner, team]]
    at_least_one: [[name, id]]
    keys:
      v: text
      id: text
      name: text
      team: text
      owner: {of: text, since: 2.1}
      size: {integer: {at_least: 0}}
      share: {number: {more_than: 0}}
      columns: [column]
      tags: {list: text, at_least: 1, at_most: 9, unique: true}
      links: {any: [text, [text], {of: mapping, since: 2.1}]}
      server: server
  column:
    called: a column
    open: {until: 2.1}
    required: [name]
    keys:
      name: {matches: '^[a-z_]+$', called: "lower case with `_`"}
      ident: {matches: ['^a', '^b'], called: an identifier}
      type: {enum: [string, number, {values: [date], since: 2.1}]}
      columns: [column]
  server:
    called: a server
    open: true
    by: type
    required: [type]
    keys: {name: text}
    cases:
      kafka: {keys: {topic: text}, required: [topic]}
      column: column
    otherwise: {like: column}
    also: [{when: {key: name, is: text}, keys: {env: text}, required: [env]}]
  special: {like: column, called: a special column, keys: {special: truth}}
"#;

const SMALL_SHAPES: &str = r#"
format: small
called: Small
version: {key: v, known: [1, 2.1]}
document: thing
shapes: {thing: {called: a thing, keys: {a: {of: text, since: 2}, b: {matches: ['^(a|b)$'], called: a or b}}}}
"#;

#[test]
fn the_schema_of_shapes_agrees_with_their_reader() {
    let read = |text: &str| {
        let shapes = shape::compile_shapes("house.yaml", text);
        shapes
            .map(drop)
            .map_err(|error| format!("{error}; {}", error.help))
    };
    let beyond = [
        Beyond {
            class: "names of shapes that are none",
            says: &["unknown shape"],
            example: ("/document", "nothing"),
        },
        Beyond {
            class: "required keys that the mapping does not have",
            says: &["unknown required key"],
            example: ("/shapes/column/required/0", "nothing"),
        },
        Beyond {
            class: "alternatives that take the same kind of value",
            says: &["the same type of value"],
            example: ("/shapes/dataset/keys/links/any/1", "text"),
        },
        Beyond {
            class: "shapes without keys where keys are wanted",
            says: &["has no keys to inherit", "with known keys"],
            example: ("/shapes/special/like", "text"),
        },
        Beyond {
            class: "versions out of order, or marks without versions",
            says: &["out of order", "has no versions"],
            example: ("/version/known/1", "0.9"),
        },
        Beyond {
            class: "regular expressions that do not compile",
            says: &["regular expression"],
            example: ("/shapes/column/keys/name/matches", "("),
        },
        Beyond {
            class: "shapes made of themselves",
            says: &["contains itself"],
            example: ("/shapes/special/like", "special"),
        },
    ];
    let valid = [yaml(SHAPES), yaml(SMALL_SHAPES)];
    agree(SchemaName::Shapes, &valid, &read, &beyond);
}

const REGISTER: &str = r##"
apiVersion: govcheck/v1
kind: Register
domains:
  - {name: sales, title: Sales, description: From the basket to the paid order., owner: sales-platform}
  - finance
teams:
  - {name: sales-platform, title: Sales, domain: sales, email: sales@acme.example, channel: "#sales", description: All shops.}
  - 7
classifications: [{name: public, rank: 0, description: For anyone.}, {name: internal, rank: 1.5}]
terms:
  - {id: customer_id, name: Customer, definition: Key of a customer., domain: sales, owner: crm, type: string, unit: , synonyms: [cust_no, 5], identifier: true}
  - {name: channel, description: Where it was bought., enum: [web, shop, 3], type: string}
kpis:
  - {name: net_revenue, version: 1.2, definition: Sales less tax., domain: finance, owner: fin, formula: sum(net), unit: EUR, grain: day, synonyms: [turnover]}
tags: [gold, {name: silver, description: Cleaned.}]
"##;

#[test]
fn the_schema_of_registers_agrees_with_their_reader() {
    let pack = crate::mesh::builtin();
    let read = |text: &str| {
        let parsed = parse::parse(text.as_bytes(), &Limits::default());
        let document = &parsed.documents[0];
        let formats = recognise_document(&pack.formats, document, &parsed.text);
        let [format] = formats.as_slice() else {
            return Err("not recognised".to_owned());
        };
        let shapes = format.shapes().ok_or("no shapes")?;
        let found = find_violations(shapes, document, &parsed.text);
        found
            .first()
            .map_or(Ok(()), |violation| Err(violation.message.clone()))
    };
    agree(SchemaName::Register, &[yaml(REGISTER)], &read, &[]);
}
