//! YAML as production writes it: short lines, several merge keys, and templates of manifests.

use super::{Mesh, REGISTER, contract};

#[test]
fn a_bracket_closed_at_its_key_and_a_quote_continued_there_are_notes() {
    let mesh = Mesh::git();
    mesh.file("register.yaml", REGISTER)
        .file("a.odcs.yaml", contract("a") + "tags: [\n'x'\n]\n")
        .file(
            "b.odcs.yaml",
            contract("b")
                + "customProperties:\n  - property: x\n    value: \"one\\\n    \\ two\"\n",
        );
    let ran = mesh.run(&["--color", "never"]);
    ran.says(
        0,
        &[
            "note[parse/short-indentation]",
            "a.odcs.yaml:12:1",
            "b.odcs.yaml:14:5",
            "read as PyYAML and ruamel.yaml read it",
        ],
    );
    assert!(!ran.out.contains("error["), "{}", ran.out);
}

#[test]
fn several_merge_keys_name_the_list_to_write() {
    let mesh = Mesh::sound();
    let merges = "x-a: &a {logicalType: string}\nx-b: &b {required: true}\nschema:\n  - name: t\n    properties:\n      - name: c\n        <<: *a\n        <<: *b\n";
    mesh.file("a.odcs.yaml", contract("a") + merges);
    mesh.run(&[])
        .says(1, &["duplicate key `<<`", "write `<<: [*a, *b]`"]);
}

/// Templates by the tools that fill them in, each beside a mesh in order.
const TEMPLATES: [(&str, &str, &str); 6] = [
    (
        "template/c.odcs.yaml",
        "apiVersion: v3.1.0\nkind: DataContract\nid: {{ slug }}\n",
        "exclude: [\"template/**\"]",
    ),
    (
        "charts/app/templates/contract.yaml",
        "{{- if .Values.contract }}\napiVersion: v3.1.0\nkind: DataContract\nid: {{ .Values.id }}\n{{- end }}\n",
        "exclude: [\"charts/app/templates/**\"]",
    ),
    (
        "skeleton/catalog-info.yaml",
        "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  name: ${{ values.name }}\n  {%- if values.summary %}\n  description: ${{ values.summary }}\n  {%- endif %}\n",
        "exclude: [\"skeleton/**\"]",
    ),
    (
        "{{cookiecutter.slug}}/c.odcs.yaml",
        "apiVersion: v3.1.0\nkind: DataContract\nid: {{ cookiecutter.slug }}\nversion: {{ cookiecutter.version }}\n",
        "exclude: [\"[{][{]cookiecutter.slug[}][}]/**\"]",
    ),
    (
        "models/schema.yml",
        "models:\n{% for name in names %}\n  - name: {{ name }}\n{% endfor %}\n",
        "exclude: [\"models/schema.yml\"]",
    ),
    (
        "p/contract.odcs.json",
        "{\"apiVersion\": \"v3.1.0\", \"kind\": \"DataContract\", {% if id %}\"id\": {{ id }}{% endif %}}\n",
        "exclude: [\"p/contract.odcs.json\"]",
    ),
];

#[test]
fn a_template_is_a_note_that_names_the_line_to_exclude_it() {
    for (path, text, exclude) in TEMPLATES {
        let mesh = Mesh::git();
        mesh.file("register.yaml", REGISTER)
            .file("a.odcs.yaml", contract("a"))
            .file(path, text);
        let ran = mesh.run(&["--format", "json"]);
        ran.says(0, &["parse/template"]);
        let report: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
        let findings = report["findings"].as_array().unwrap();
        assert_eq!(findings.len(), 1, "{path}: {}", ran.out);
        assert_eq!(findings[0]["level"], "note", "{path}");
        let help = findings[0]["help"].as_str().unwrap();
        assert!(help.contains(exclude), "{path}: {help}");
        // The line does what it says.
        mesh.file("govcheck.yaml", format!("version: 1\n{exclude}\n"));
        let ran = mesh.run(&["--format", "json"]);
        ran.says(0, &[]);
        let report: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
        assert_eq!(report["findings"], serde_json::json!([]), "{path}");
    }
}

#[test]
fn an_expression_without_quotes_elsewhere_is_an_error() {
    let mesh = Mesh::sound();
    mesh.file("b.odcs.yaml", contract("b") + "x: {{ y }}\n");
    mesh.run(&[]).says(
        1,
        &[
            "parse/complex-key",
            "quote the value",
            "add it to `exclude`",
        ],
    );
}

#[test]
fn a_manifest_that_a_change_turns_into_a_template_is_never_green() {
    for hide in ["x: {{ cookiecutter.y }}\n", "{% if x %}\n"] {
        let mesh = Mesh::git();
        mesh.file("register.yaml", REGISTER)
            .file("a.odcs.yaml", contract("a"))
            .file("b/templates/b.odcs.yaml", contract("b"))
            .commit("base");
        mesh.file("a.odcs.yaml", contract("a") + hide);
        let ran = mesh.run(&["--base", "HEAD"]);
        ran.says(2, &["parse/template", "contract `a` in the base"]);
        // Elsewhere, too, and where templates are at home.
        mesh.file("a.odcs.yaml", contract("a"))
            .file("b/templates/b.odcs.yaml", contract("b") + hide);
        let ran = mesh.run(&["--base", "HEAD"]);
        ran.says(2, &["parse/template", "contract `b` in the base"]);
    }
}

#[test]
fn a_context_file_that_is_a_template_leaves_the_check_incomplete() {
    let mesh = Mesh::git();
    mesh.file(
        "dbt_project.yml",
        "name: shop\n{% if x %}\nmodels: {}\n{% endif %}\n",
    )
    .file("models/schema.yml", "models: [{name: orders}]\n");
    mesh.run(&[])
        .says(2, &["parse/template", "dbt_project.yml"]);
}

#[test]
fn a_character_that_ends_a_line_for_other_parsers_is_an_error() {
    for separator in ['\u{85}', '\u{2028}', '\u{2029}'] {
        let mesh = Mesh::git();
        mesh.file("register.yaml", REGISTER)
            .file("a.odcs.yaml", contract("a"))
            .commit("base");
        mesh.file(
            "a.odcs.yaml",
            contract("a") + &format!("# x{separator}status: retired\n"),
        );
        mesh.run(&[])
            .says(1, &["parse/line-separator", "a.odcs.yaml:11:4"]);
        mesh.run(&["--base", "HEAD"])
            .says(1, &["parse/line-separator"]);
        // In quotes it is white space to them.
        mesh.file(
            "a.odcs.yaml",
            contract("a") + &format!("tags: [\"a{separator}b\"]\n"),
        );
        mesh.run(&[]).says(0, &["note[parse/line-separator]"]);
    }
}

#[test]
fn an_invalid_json_file_is_a_warning() {
    let mesh = Mesh::git();
    mesh.file("register.yaml", REGISTER)
        .file("a.odcs.json", contract("a"))
        .file("notes.json", "a: b\n");
    let ran = mesh.run(&[]);
    ran.says(
        0,
        &[
            "warning[parse/not-json]",
            "a.odcs.json:1:1",
            "give the file the extension `.yaml`",
        ],
    );
    assert!(!ran.out.contains("notes.json"), "{}", ran.out);
}
