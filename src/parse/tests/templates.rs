//! Templates are reported as templates; text that only mentions one is not.

use super::any;
use crate::parse::{Limits, TEMPLATE, parse, work};

/// The rules of a text's problems.
fn rules(text: &str) -> Vec<&'static str> {
    let parsed = any(text);
    parsed.problems.iter().map(|problem| problem.rule).collect()
}

#[test]
fn templates_of_all_kinds_are_one_problem_and_no_document() {
    for text in [
        // Helm
        "{{- if .Values.contract }}\napiVersion: v3.1.0\nid: {{ .Values.id }}\n{{- end }}\n",
        "kind: Deployment\nmetadata:\n  name: {{ include \"app.name\" . }}\n  labels:\n    {{- include \"a\" . | nindent 4 }}\n",
        "{{- range .Values.models }}\nmodels:\n  - name: {{ .name }}\n{{- end }}\n",
        "labels: {{ toYaml .Values.labels }}\n  app: x\n",
        "{{/* a comment: yes */}}\na: b\n",
        "a: b\n{{ $key }}: {{ $value }}\n",
        "image: {{ .a }}:{{ .b }}\n",
        // Jinja and scaffolders
        "a: {% if x %}b{% endif %}\n",
        "kind: Component\nmetadata:\n  name: ${{ values.name }}\n  {%- if values.summary %}\n  description: ${{ values.summary }}\n  {%- endif %}\n",
        "{# note #}\na: b\n",
        "{% for x in xs %}\n- a: {{ x }}\n{% endfor %}\n",
        "a: ${{ values.a | default: 'x' }}\n",
        // cookiecutter
        "id: {{ cookiecutter.slug }}\nname: {{ cookiecutter.name }}\n",
        "id: {{ cookiecutter.slug\n  | lower }}\n",
        "{\"id\": {{ cookiecutter.id }}}\n",
        // JSON
        "{\"id\": {{ id | tojson }}, \"name\": \"{{ name }}\", {{ rest }}}}\n",
        "{\n  {% if a %}\n  \"a\": 1,\n  {% endif %}\n  \"b\": 2\n}\n",
        "[{% for x in xs %}{\"a\": {{ x }}},{% endfor %}]\n",
    ] {
        let parsed = any(text);
        assert_eq!(rules(text), [TEMPLATE], "{text:?}");
        assert_eq!(parsed.documents.len(), 0, "{text:?}");
        let at = parsed.text.slice(parsed.problems[0].span);
        assert!(
            at.starts_with('{') && at.ends_with('}'),
            "{at:?} of {text:?}"
        );
    }
}

#[test]
fn an_expression_without_quotes_may_be_a_mistake_or_a_template() {
    for text in [
        "a: {{ env }}\n",
        "{\"id\": {{ id }}, \"name\": \"{{ name }}\"}\n",
    ] {
        let parsed = any(text);
        assert_eq!(rules(text), ["parse/complex-key"], "{text:?}");
        assert_eq!(parsed.documents.len(), 1, "{text:?}");
        assert_eq!(parsed.may_be_template.unwrap().rule, TEMPLATE, "{text:?}");
    }
}

#[test]
fn a_file_that_can_be_read_is_read_whatever_it_mentions() {
    for text in [
        "a: \"{{ env_var('X') }}\"\nb: 'x {% if y %}'\n",
        "a: x {{ y }}\n",
        "a: ${{ values.a }}\n",
        "# {{ note }}\na: |\n  {% if x %}\n",
        "{\"a\": \"{{ x }}\"}\n",
    ] {
        assert_eq!(rules(text), [""; 0], "{text:?}");
    }
}

#[test]
fn a_mistake_beside_a_mention_of_a_template_is_not_a_template() {
    for text in [
        "# {{ note }}\na: b: c\n",
        "a: \"{{ x }}\"\nb: c: d\n",
        "a: b: c\n# {{ note }}\n",
        "a: b: c\nd: {{ e }}\n",
        "a: [b\nc: {{ d }}\n",
        "a: |\n  {{ x }}\n b: c\n",
        "{{a: b}: c}: d\n",
        "? [a]\n: {{ b\n",
    ] {
        let found = rules(text);
        assert!(
            !found.is_empty() && !found.contains(&TEMPLATE),
            "{text:?}: {found:?}"
        );
    }
}

#[test]
fn the_look_for_templates_is_linear() {
    for part in [
        "{{ a {{",
        "{% {{ x }} {#\n",
        "{{ a }}: {{ b }}\n",
        "{{x}}   ",
    ] {
        let steps = |count: usize| {
            let text = part.repeat(count);
            work::steps_of(|| {
                parse(text.as_bytes(), &Limits::default());
            })
        };
        let (one, four) = (steps(500), steps(2_000));
        assert!(
            four < 5 * one,
            "{part:?}: {one} steps for 500, {four} for 2,000"
        );
    }
}
