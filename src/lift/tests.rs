//! The format language from outside: mistakes at their line, what is lifted, and the way back to the source.

use super::schema::{DOCUMENT_KIND, Schema};
use super::*;
use crate::model::entity::{Entity, Lifted, LiftedId, LiftedValue};
use crate::model::path::{ModelPath, Step};
use crate::model::text::RelPath;
use crate::parse::{Limits, parse};

const HEAD: &str = "format: house\ntitle: House\nrecognise: {all: [{path: kind, equals: Thing}]}\n";

#[test]
fn a_field_is_otherwise_another_field_of_its_record() {
    let schema = schema();
    let kinds = schema.kinds.values().map(|kind| &kind.fields);
    let records = schema.types.values().chain(kinds).chain([&schema.common]);
    let mut count = 0;
    for fields in records {
        let otherwise = fields.values().filter_map(|spec| spec.otherwise.as_ref());
        for other in otherwise {
            count += 1;
            assert!(fields[other].otherwise.is_none(), "{other}");
        }
    }
    assert!(count > 0);
}

fn schema() -> Schema {
    Schema::parse(include_str!("../../policies/model.yaml")).unwrap()
}

fn compile_text(text: &str) -> Result<Format, FormatError> {
    compile_format("house.yaml", text, &schema())
}

/// A format of one contract with these fields, indented by six.
fn format(fields: &str) -> Format {
    let fields: String = fields
        .lines()
        .map(|line| format!("      {line}\n"))
        .collect();
    let named = fields.contains("\n      name:");
    let key = if named { "[id, name]" } else { "id" };
    compile_text(&format!(
        "{HEAD}entities:\n  - kind: contract\n    key: {key}\n    fields:\n{fields}"
    ))
    .unwrap_or_else(|error| panic!("{error}: {}", error.help))
}

/// A document lifted by a format.
struct Case {
    format: Format,
    document: Document,
    text: std::sync::Arc<SourceText>,
    entities: Vec<Entity>,
}

fn lifted(format: Format, yaml: &str) -> Case {
    let parsed = parse(yaml.as_bytes(), &Limits::default());
    assert!(parsed.problems.is_empty(), "{:?}", parsed.problems);
    let document = parsed.documents.into_iter().next().unwrap();
    let entities = lift_document(
        &format,
        &RelPath::new("a.yaml"),
        0,
        &document,
        &parsed.text,
        &Contexts::default(),
    );
    Case {
        format,
        document,
        text: parsed.text,
        entities,
    }
}

impl Case {
    /// The first entity's fields, as JSON but for what was taken over raw.
    fn shown(&self) -> String {
        self.shown_entity(0)
    }

    fn shown_entity(&self, index: usize) -> String {
        let fields = &self.entities[index].fields;
        self.value(fields, fields.root())
    }

    fn value(&self, fields: &Lifted, id: LiftedId) -> String {
        let node = fields.node(id);
        match &node.value {
            LiftedValue::Bool(value) => value.to_string(),
            LiftedValue::Int(value) => value.to_string(),
            LiftedValue::Float(value) => format!("{value:?}"),
            LiftedValue::String(value) => format!("{value:?}"),
            LiftedValue::Raw => format!(
                "raw({})",
                self.text
                    .slice(self.document.span(node.origin.unwrap().node))
            ),
            LiftedValue::List(items) => {
                let items: Vec<String> =
                    items.iter().map(|item| self.value(fields, *item)).collect();
                format!("[{}]", items.join(", "))
            }
            LiftedValue::Map(entries) => {
                let entries = entries.iter();
                let entries: Vec<String> = entries
                    .map(|(key, value)| format!("{key}: {}", self.value(fields, *value)))
                    .collect();
                format!("{{{}}}", entries.join(", "))
            }
        }
    }

    /// `line:column text | route`, and ` | used at line:column` behind an alias.
    fn place(&self, path: &[Step]) -> String {
        let located = locate_path(
            &self.format,
            &self.entities[0],
            &self.document,
            &ModelPath(path.to_vec()),
        );
        let start = self.text.position(located.span.start);
        let used = located.used_at.map(|span| self.text.position(span.start));
        let used = used
            .map(|at| format!(" | used at {}:{}", at.line, at.column))
            .unwrap_or_default();
        format!(
            "{}:{} {} | {}{used}",
            start.line,
            start.column,
            self.text.slice(located.span),
            located.route
        )
    }
}

fn key(name: &str) -> Step {
    Step::Key(name.into())
}

/// Text of a format file, place of the mistake, and parts of message and help.
type Mistake = (String, &'static str, &'static str, &'static str);

fn each_is_a_mistake(cases: impl IntoIterator<Item = Mistake>) {
    let mut wrong = Vec::new();
    for (text, place, message, help) in cases {
        match compile_text(&text) {
            Ok(_) => wrong.push(format!("compiled, expected {place} {message}")),
            Err(error) => {
                let found = format!("{}:{}", error.start.line, error.start.column);
                if found != place || !error.message.contains(message) || !error.help.contains(help)
                {
                    wrong.push(format!(
                        "expected {place} {message} | {help}\n  found {found} {} | {}",
                        error.message, error.help
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_mistake_in_the_head_of_a_format_is_at_its_place_with_a_way_out() {
    each_is_a_mistake([
        (
            HEAD.replace("title", "tilte"),
            "2:1",
            "unknown key `tilte`",
            "did you mean `title`?",
        ),
        (
            HEAD.replace("title: House\n", "") + "entities: []\n",
            "1:1",
            "`title` is missing",
            "add `title:`",
        ),
        (
            HEAD.to_owned(),
            "1:1",
            "`entities` is missing",
            "add `entities:`",
        ),
        (
            "format: h\ntitle: H\nentities: []\nrecognise: {all: []}\n".to_owned(),
            "4:1",
            "has no condition",
            "at least one",
        ),
        (
            "format: h\ntitle: H\nentities: []\nrecognise: {all: [{path: kind}]}\n".to_owned(),
            "4:19",
            "has no test",
            "`exists`",
        ),
        (
            "format: h\ntitle: H\nentities: []\nrecognise: {all: [{path: kind, equals: x, in: [y]}]}\n"
                .to_owned(),
            "4:43",
            "a condition has one test",
            "for each test",
        ),
        (
            HEAD.replace("House", "' '") + "entities: []\n",
            "2:8",
            "a name is missing",
            "write it here",
        ),
        (
            "format: h\ntitle: H\nentities: []\nrecognise: {all: [{path: kind, equal: x}]}\n"
                .to_owned(),
            "4:32",
            "unknown key `equal`",
            "did you mean `equals`?",
        ),
        (
            "format: h\ntitle: H\nentities: []\nrecognise: {all: [{path: kind, matches: '(x'}]}\n"
                .to_owned(),
            "4:41",
            "invalid regular expression `(x`",
            "unclosed group",
        ),
        (
            HEAD.to_owned() + "entities: []\nhints: {files: ['a[']}\n",
            "5:17",
            "invalid glob `a[`",
            "*.odcs.yaml",
        ),
        (
            HEAD.to_owned() + "entities: []\nhints: {text: ['a(']}\n",
            "5:16",
            "invalid regular expression `a(`",
            "unclosed group",
        ),
    ]);
}

#[test]
fn a_path_of_each_to_one_mapping_is_an_element_and_to_a_list_its_items() {
    let support = "id: id\nsupport: {each: ask, key: name, fields: {name: room}}";
    for (ask, read) in [
        ("{room: x}", r#"[{name: "x"}]"#),
        ("[{room: x}, {room: y}]", r#"[{name: "x"}, {name: "y"}]"#),
    ] {
        let case = lifted(format(support), &format!("id: a\nask: {ask}\n"));
        assert_eq!(case.shown(), format!(r#"{{id: "a", support: {read}}}"#));
    }
}

/// A contract whose columns are written so.
fn columns(columns: &str) -> String {
    format!(
        "{HEAD}entities:\n  - kind: contract\n    key: id\n    fields:\n      id: id\n      columns: {columns}\n"
    )
}

#[test]
fn nested_columns_are_found_through_what_is_no_column() {
    let walk = "{each: 'c[]', recurse: 'c[]', through: [items, map.value], key: path, fields: {name: n, path: {chain: n}}}";
    let it = lifted(
        format(&format!("columns: {walk}\nid: id")),
        "kind: Thing\nc:\n  - n: a\n    items: {items: {c: [{n: b, items: {c: [{n: d}]}}]}}\n  - n: e\n    map: {value: {items: {c: [{n: f}]}}}\n",
    );
    let shown = it.shown();
    let paths: Vec<&str> = shown
        .split("path: \"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect();
    assert_eq!(paths, ["a", "a.b", "a.b.d", "e", "e.f"], "{shown}");
}

#[test]
fn the_first_field_that_is_there_counts_in_lower_case_where_asked() {
    let name = "{first: [{from: a, match: '^x/(.+)$'}, {join: [{from: space, case: lower}, {from: a, match: '^([^/]+)$', case: lower}], separator: /}]}";
    for (document, expected) in [
        ("a: x/Name", "\"Name\""),
        ("a: Name", "\"name\""),
        ("a: Name\nspace: Own", "\"own/name\""),
        ("a: y/Name\nspace: Own", "none"),
        ("space: Own", "none"),
    ] {
        let it = lifted(
            format(&format!("id: id\nname: {name}")),
            &format!("kind: Thing\nid: i\n{document}\n"),
        );
        let shown = it.shown();
        let found = shown
            .split_once(", name: ")
            .map_or("none", |(_, rest)| rest.trim_end_matches('}'));
        assert_eq!(found, expected, "{document}: {shown}");
    }
}

#[test]
fn a_walk_over_nothing_is_a_mistake_that_says_how_to_walk() {
    let entities = |rest: &str| format!("{HEAD}entities:\n  - kind: contract\n{rest}");
    each_is_a_mistake([
        (
            columns("{each: fields, key: name, fields: {name: name}}"),
            "9:23",
            "`fields` leads to one value",
            "write `each: \"fields[]\"` for the items of a list, or `each: \"fields{}\"`",
        ),
        (
            columns("{each: [a.fields, cols], key: name, fields: {name: $key}}"),
            "9:17",
            "`a.fields` leads to one value",
            "write `each: \"a.fields{}\"` for the values of a mapping, whose keys `$key` gives",
        ),
        (
            columns("{each: 'fields[]', recurse: fields, key: name, fields: {name: name}}"),
            "9:44",
            "`recurse: fields` walks on into one value",
            "write `fields[]`, as in `each`",
        ),
        (
            columns("{each: 'fields[]', key: name, fields: {name: $key}}"),
            "9:23",
            "`$key` has no value: `fields[]` walks a list",
            "write `fields{}` if it is a mapping",
        ),
        (
            columns("{each: 'fields{}', key: name, fields: {name: key, type: kind}}"),
            "9:61",
            "`name: key` reads a field called `key`",
            "write `name: $key`; for a field that is called so write `name: '\"key\"'`",
        ),
        (
            columns("{each: 'fields{}', key: $key, fields: {name: $key}}"),
            "9:40",
            "`key` names a field of the model, and `$key` is a path",
            "write `key: name` here and `name: $key` under `fields`",
        ),
        (
            entities("    each: datasets\n    key: id\n    fields: {id: id}\n"),
            "6:11",
            "`datasets` leads to one value",
            "write `each: \"datasets[]\"`",
        ),
        (
            entities("    key: id\n    fields: {id: $key}\n"),
            "5:5",
            "`$key` has no value: a document has no key",
            "write `each: \"path{}\"`",
        ),
    ]);
}

#[test]
fn a_walk_over_one_mapping_and_a_field_called_key_are_valid() {
    for columns_text in [
        "{each: 'fields{}', key: name, fields: {name: $key, primary_key: key}}",
        "{each: 'fields{}', key: name, fields: {name: '\"key\"'}}",
        "{each: 'fields{}', key: name, fields: {name: [title, key, $key]}}",
        "{each: 'fields[]', key: name, fields: {name: key}}",
        "{each: [fields, 'fields[]'], key: name, fields: {name: name}}",
        "{in: ., each: ., key: name, fields: {name: name}}",
        "{each: 'a[].fields', recurse: 'fields{}', key: name, fields: {name: [$key, name]}}",
    ] {
        let compiled = compile_text(&columns(columns_text));
        assert!(compiled.is_ok(), "{columns_text}: {:?}", compiled.err());
    }
    let people = columns("{each: 'c[]', key: name, fields: {name: name}}")
        + "      owner: {people: {each: contact, key: name, fields: {name: name}}}\n";
    assert!(
        compile_text(&people).is_ok(),
        "one contact is a list of one"
    );
}

#[test]
#[allow(clippy::too_many_lines, reason = "a table of mistakes")]
fn a_mistake_in_what_a_format_declares_is_at_its_place_with_a_way_out() {
    let fields = |fields: &str| {
        format!(
            "{HEAD}entities:\n  - kind: contract\n    key: id\n    fields:\n      id: id\n{fields}"
        )
    };
    each_is_a_mistake([
        (
            HEAD.to_owned() + "entities:\n  - kind: contrat\n    key: id\n    fields: {id: id}\n",
            "5:11",
            "unknown kind `contrat`",
            "did you mean `contract`?",
        ),
        (
            HEAD.to_owned() + "entities:\n  - kind: contract\n    fields: {id: id}\n",
            "5:5",
            "`key` is missing",
            "add `key:`",
        ),
        (
            HEAD.to_owned() + "entities:\n  - kind: contract\n    key: idd\n    fields: {id: id}\n",
            "6:10",
            "unknown field in `key` `idd`",
            "did you mean `id`?",
        ),
        (
            fields("      versoin: v\n"),
            "9:7",
            "unknown contract field `versoin`",
            "did you mean `version`?",
        ),
        (
            fields("      name: 'a[b'\n"),
            "9:13",
            "invalid path `a[b`",
            "README.md",
        ),
        (
            fields("      name: [a, b.]\n"),
            "9:17",
            "invalid path `b.`",
            "README.md",
        ),
        (
            fields("      owner: {taem: x}\n"),
            "9:15",
            "unknown owner field `taem`",
            "did you mean `team`?",
        ),
        (
            fields("      owner: team\n"),
            "9:14",
            "`owner` is a record",
            "people, team",
        ),
        (
            fields("      columns: cols[]\n"),
            "9:16",
            "`columns` is a list of records",
            "each",
        ),
        (
            fields("      columns: {each: 'c[]', fields: {name: name}}\n"),
            "9:7",
            "`key` is missing",
            "add `key:`",
        ),
        (
            fields("      tags: {every: t}\n"),
            "9:14",
            "unknown key `every`",
            "use one of: all, from",
        ),
        (
            fields("      name: {from: a, mapp: {}}\n"),
            "9:23",
            "unknown key `mapp`",
            "did you mean `map`?",
        ),
        (
            fields("      name: {value: [1]}\n"),
            "9:14",
            "the constant must be text",
            "put it in quotes",
        ),
        (
            fields("      name: {value: true}\n"),
            "9:21",
            "the constant must be text",
            "put it in quotes",
        ),
        (
            fields("      name: {has: a}\n"),
            "9:19",
            "`has` gives `true` or `false`, which `name` does not take",
            "the path to its value",
        ),
        (
            fields(
                "      columns: {each: 'c[]', key: name, fields: {name: n, nested: {chain: n}}}\n",
            ),
            "9:75",
            "`chain` gives text, which `nested` does not take",
            "",
        ),
        (
            fields("      name: []\n"),
            "9:7",
            "the list has no path",
            "at least one",
        ),
        (
            fields("      tags: {all: a, from: b}\n"),
            "9:28",
            "`tags` has both `all` and `from`",
            "write one",
        ),
        (
            fields("      columns: {each: 'c[]', key: [], fields: {name: n}}\n"),
            "9:30",
            "`key` names no field",
            "identifies an element",
        ),
        (
            fields("      extensions: {pairs: p, key: k}\n"),
            "9:7",
            "`value` is missing",
            "add `value:`",
        ),
        (
            "a: 1\n---\nb: 2\n".to_owned(),
            "1:1",
            "one YAML document, not 2",
            "its own file",
        ),
        ("a: b: c\n".to_owned(), "1:4", "contains `: `", ""),
    ]);
}

#[test]
fn values_are_what_their_field_wants_or_are_not_there() {
    let it = lifted(
        format(
            "id: id\nversion: version\nname: [label, title]\ntags: tags\nend_of_life: eol\nstandard: flag\ndomain: domain\nstatus: list\nusage: empty\nlimitations: nothing",
        ),
        "kind: Thing\nid: 7\nversion: 1.10\ntitle: T\ntags: [a, 2, 1.50, true, null, {x: 1}]\neol: 2026-01-15\nflag: true\ndomain: {a: b}\nlist: [x]\nempty: ''\nnothing: null\n",
    );
    assert_eq!(
        it.shown(),
        r#"{id: "7", version: "1.10", name: "T", tags: ["a", "2", "1.50", "true"], end_of_life: "2026-01-15", standard: "true"}"#
    );
    assert_eq!(it.entities[0].key.to_string(), "contract:7");
}

#[test]
fn a_column_whose_format_gives_no_path_has_its_name_as_path() {
    for (fields, path) in [
        ("{name: n}", "\"a\""),
        ("{name: [title, n]}", "\"A\""),
        ("{name: n, path: long}", "\"x.a\""),
        ("{name: n, path: nowhere}", "none"),
        ("{type: n}", "none"),
    ] {
        let key = if fields.contains("name") {
            "name"
        } else {
            "type"
        };
        let columns = format!("columns: {{each: 'c[]', key: {key}, fields: {fields}}}\nid: id");
        let it = lifted(
            format(&columns),
            "kind: Thing\nc: [{n: a, title: A, long: x.a}]\n",
        );
        let shown = it.shown();
        let found = shown
            .split_once("path: ")
            .map_or("none", |(_, rest)| rest.split(['}', ',']).next().unwrap());
        assert_eq!(found, path, "{fields}: {shown}");
    }
}

#[test]
fn truth_values_and_numbers_are_read_from_text_too() {
    let columns =
        "columns:\n  each: 'c[]'\n  key: name\n  fields: {name: n, required: r, unique: u}\nid: id";
    let it = lifted(
        format(columns),
        "kind: Thing\nc:\n- {n: a, r: true, u: 'Yes'}\n- {n: b, r: 'no', u: 1}\n- {n: c, r: maybe, u: [1]}\n- {n: d, r: 0, u: none}\n",
    );
    assert_eq!(
        it.shown(),
        r#"{columns: [{name: "a", required: true, unique: true, path: "a"}, {name: "b", required: false, unique: true, path: "b"}, {name: "c", path: "c"}, {name: "d", required: false, unique: false, path: "d"}]}"#
    );
    let ranks = compile_text(&format!("{HEAD}entities:\n  - kind: classification\n    each: 't[]'\n    key: id\n    fields: {{id: id, rank: rank}}\n")).unwrap();
    let it = lifted(
        ranks,
        "kind: Thing\nt: [{id: a, rank: 3}, {id: b, rank: '2.5'}, {id: c, rank: high}]\n",
    );
    let all: Vec<String> = (0..3).map(|index| it.shown_entity(index)).collect();
    assert_eq!(
        all,
        [
            r#"{id: "a", rank: 3}"#,
            r#"{id: "b", rank: 2.5}"#,
            r#"{id: "c"}"#
        ]
    );
}

#[test]
fn constants_maps_tests_and_pairs() {
    let fields = "id: id\nstatus: {from: [state, phase], map: {PROD: active}}\ndomain: {value: sales}\nextensions: {pairs: 'props[]', key: k, value: v}\ncolumns:\n  each: 'c[]'\n  key: name\n  fields:\n    name: n\n    nested: {has: [sub, more]}\n    personal_data:\n      any: [{path: 'tags[]', equals: pii}]\n      none: [{path: pii, truthy: false}]";
    let it = lifted(
        format(fields),
        "kind: Thing\nid: x\nphase: Prod\nprops: [{k: a, v: {deep: 1}}, {k: b}, {v: 2}, {k: a, v: second}, {k: 3, v: three}]\nc:\n- {n: a, tags: [x, pii], sub: [1]}\n- {n: b, pii: no, sub: []}\n- {n: c, more: {a: 1}}\n",
    );
    assert_eq!(
        it.shown(),
        r#"{id: "x", status: "active", domain: "sales", extensions: {a: raw({deep: 1}), 3: raw(three)}, columns: [{name: "a", nested: true, personal_data: true, path: "a"}, {name: "b", nested: false, personal_data: false, path: "b"}, {name: "c", nested: true, path: "c"}]}"#
    );
    let unmapped = lifted(
        format("id: id\nstatus: {from: state, map: {prod: active}}"),
        "kind: Thing\nstate: Odd\n",
    );
    assert_eq!(unmapped.shown(), r#"{status: "Odd"}"#);
}

#[test]
fn each_takes_the_first_path_that_leads_anywhere_and_all_takes_every_one() {
    let fields = "id: id\nowner:\n  people:\n    each: ['team.members[]', 'team[]']\n    key: name\n    fields: {name: name}\ntags: {all: [labels, 'more[]', one]}";
    let it = lifted(
        format(fields),
        "kind: Thing\nteam: [{name: a}, {name: b}]\nlabels: [x]\nmore: [y]\none: z\n",
    );
    assert_eq!(
        it.shown(),
        r#"{owner: {people: [{name: "a"}, {name: "b"}]}, tags: ["x", "y", "z"]}"#
    );
    let it = lifted(
        format(fields),
        "kind: Thing\nteam: {members: [{name: c}]}\n",
    );
    assert_eq!(it.shown(), r#"{owner: {people: [{name: "c"}]}}"#);
}

const NESTED: &str = "id: id\nversion: version\ndescription: description.purpose\nowner: {team: team.name}\ntags: tags\ncolumns:\n  in: 'tables[] as table'\n  each: 'cols[]'\n  recurse: 'cols[]'\n  key: table+path\n  fields: {table: $table.name, name: name, path: {chain: name}, classification: meta.class, tags: tags}\nextensions: {pairs: 'props[]', key: k, value: v}";

const DOCUMENT: &str = "kind: Thing\nid: dc-1\ndescription:\n  usage: u\ntags: [a, b]\ntables:\n- name: t\n  cols:\n  - name: address\n    cols:\n    - name: street\n      meta: {class: pii}\n    - name: city\n      meta:\n        other: 1\nprops:\n- k: p\n  v:\n    x: [1, {name: n}]\n";

#[test]
fn nested_elements_are_flat_with_their_way_in_the_name() {
    let it = lifted(format(NESTED), DOCUMENT);
    assert!(it.shown().contains(
        r#"columns: [{table: "t", name: "address", path: "address"}, {table: "t", name: "street", path: "address.street", classification: "pii"}, {table: "t", name: "city", path: "address.city"}]"#
    ), "{}", it.shown());
}

#[test]
fn a_path_leads_to_its_value_or_the_nearest_part_around_it() {
    let it = lifted(format(NESTED), DOCUMENT);
    let index = Step::Index;
    let cases: &[(&[Step], &str)] = &[
        // The entity as a whole is its id.
        (&[], "2:5 dc-1 | "),
        (&[key("id")], "2:5 dc-1 | id"),
        // What is there but composite is its key.
        (&[key("tags")], "5:1 tags | tags"),
        (&[key("tags"), index(1)], "5:11 b | tags[b]"),
        // What is missing is where it would be written, as far as the way goes.
        (&[key("description")], "3:1 description | description"),
        (&[key("version")], "2:5 dc-1 | version"),
        (&[key("owner"), key("team")], "2:5 dc-1 | owner.team"),
        (&[key("tags"), index(9)], "5:1 tags | tags[9]"),
        // An element is its name.
        (
            &[key("columns"), index(1)],
            "11:13 street | columns[t.address.street]",
        ),
        (
            &[key("columns"), index(1), key("classification")],
            "12:21 pii | columns[t.address.street].classification",
        ),
        (
            &[key("columns"), index(2), key("classification")],
            "14:7 meta | columns[t.address.city].classification",
        ),
        (
            &[key("columns"), index(0), key("classification")],
            "9:11 address | columns[t.address].classification",
        ),
        (
            &[key("columns"), index(1), key("table")],
            "7:9 t | columns[t.address.street].table",
        ),
        (
            &[key("columns"), index(1), key("nonsense"), key("deep")],
            "11:13 street | columns[t.address.street].nonsense.deep",
        ),
        // What was taken over raw goes on by its own keys.
        (&[key("extensions"), key("p")], "18:3 v | extensions.p"),
        (
            &[key("extensions"), key("p"), key("x"), index(1), key("name")],
            "19:19 n | extensions.p.x[n].name",
        ),
        (
            &[key("extensions"), key("p"), key("y")],
            "18:3 v | extensions.p.y",
        ),
        (
            &[
                key("document"),
                key("tables"),
                index(0),
                key("cols"),
                index(0),
                key("name"),
            ],
            "9:11 address | document.tables[t].cols[address].name",
        ),
        (
            &[key("document"), key("tables"), index(0), key("owner")],
            "7:3 name | document.tables[t].owner",
        ),
    ];
    let wrong: Vec<String> = cases
        .iter()
        .map(|(path, expected)| (ModelPath(path.to_vec()), *expected, it.place(path)))
        .filter(|(_, expected, found)| expected != found)
        .map(|(path, expected, found)| format!("{path}: expected {expected}\n  found {found}"))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn an_alias_points_at_the_anchor_and_at_its_use() {
    let it = lifted(
        format(NESTED),
        "kind: Thing\nid: x\nany: &c {class: pii}\nname: &n odd\ntables:\n- name: t\n  cols:\n  - name: *n\n    meta: *c\nversion: *n\n",
    );
    assert_eq!(
        it.place(&[key("version")]),
        "4:10 odd | version | used at 10:10"
    );
    assert_eq!(
        it.place(&[key("columns"), Step::Index(0), key("classification")]),
        "3:17 pii | columns[t.odd].classification | used at 9:11"
    );
    assert_eq!(
        it.place(&[key("columns"), Step::Index(0)]),
        "4:10 odd | columns[t.odd] | used at 8:11"
    );
}

#[test]
fn an_entity_without_an_id_is_identified_by_name_or_position() {
    let named = lifted(format("id: id\nname: name"), "kind: Thing\nname: N\n");
    assert_eq!(named.entities[0].key.to_string(), "contract:N");
    assert_eq!(named.place(&[key("id")]), "2:7 N | id");
    let nameless = lifted(format("id: id\nname: name"), "kind: Thing\nother: 1\n");
    assert_eq!(nameless.entities[0].key.to_string(), "contract:a.yaml#0.0");
    assert_eq!(nameless.place(&[key("id")]), "1:1 kind | id");
}

#[test]
fn the_document_itself_is_the_last_entity() {
    let it = lifted(format("id: id"), "kind: Thing\nid: x\n");
    let kinds: Vec<String> = it
        .entities
        .iter()
        .map(|entity| entity.key.to_string())
        .collect();
    assert_eq!(
        kinds,
        [
            "contract:x".to_owned(),
            format!("{DOCUMENT_KIND}:contract:x")
        ]
    );
}

#[test]
fn levels_keys_and_conditions_pick_the_entities() {
    let text = format!(
        "{HEAD}entities:\n  - kind: kpi\n    in: 'groups{{}} as group'\n    each: 'kpis{{}}'\n    when: [{{path: draft, exists: false}}]\n    key: id\n    fields: {{id: $key, name: [title, $key], domain: $group.domain, unit: $.unit}}\n"
    );
    let it = lifted(
        compile_text(&text).unwrap(),
        "kind: Thing\nunit: EUR\ngroups:\n  g: {domain: d, kpis: {a: {title: A}, b: {draft: yes}, c: {}}}\n  h: {kpis: {e: {}}}\n",
    );
    let all: Vec<String> = (0..3).map(|index| it.shown_entity(index)).collect();
    assert_eq!(
        all,
        [
            r#"{id: "a", name: "A", domain: "d", unit: "EUR"}"#,
            r#"{id: "c", name: "c", domain: "d", unit: "EUR"}"#,
            r#"{id: "e", name: "e", unit: "EUR"}"#,
        ]
    );
    assert_eq!(it.entities.len(), 4);
}

#[test]
fn formats_recognise_by_all_any_and_not() {
    let text = "format: h\ntitle: H\nrecognise:\n  all: [{path: a, exists: true}]\n  any: [{path: b, in: [x, 1.10]}, {path: c, matches: '^v\\d'}]\n  not: [{path: d, truthy: true}]\nentities: []\n";
    let formats = [compile_text(text).unwrap()];
    let cases = [
        ("a: 1\nb: x\n", true),
        ("a: 1\nb: 1.10\n", true),
        ("a: 1\nb: 1.1\n", false),
        ("a: 1\nc: v3\n", true),
        ("a: 1\n", false),
        ("b: x\n", false),
        ("a: null\nb: x\n", false),
        ("a: 1\nb: x\nd: yes\n", false),
        ("a: 1\nb: x\nd: no\n", true),
        ("[a]\n", false),
        ("text\n", false),
    ];
    for (yaml, expected) in cases {
        let parsed = parse(yaml.as_bytes(), &Limits::default());
        let found = recognise_document(&formats, &parsed.documents[0], &parsed.text);
        assert_eq!(found.len() == 1, expected, "{yaml}");
    }
}

#[test]
fn a_file_is_hinted_at_by_its_name_or_its_text() {
    let text = format!(
        "{HEAD}entities: []\nhints: {{files: ['*.house.yaml', 'meta/*.yml'], text: ['^kind: Thing$']}}\n"
    );
    let format = compile_text(&text).unwrap();
    for (path, text, expected) in [
        ("a.house.yaml", "", true),
        ("deep/er/a.house.yaml", "", true),
        ("meta/a.yml", "", true),
        ("x/meta/a.yml", "", false),
        ("meta/deep/a.yml", "", false),
        ("a.yaml", "x: 1\nkind: Thing\n", true),
        ("a.yaml", "kind: Things\n", false),
    ] {
        assert_eq!(format.hints_at(path, text), expected, "{path} {text}");
    }
}
