//! What a mesh rule reads: which kinds of `data.mesh`, and whether it looks at each fact by itself. Derived from the syntax
//! tree. Over-approximates: a rule that seems to read everything gets everything, and loses nothing.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::recursion::Calls;
use super::syntax::{
    definition_head, list_definitions, list_elements, reference_of, variable_name, visit_nodes,
};

/// What a mesh rule reads, beside its options.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MeshReads {
    /// The plurals of the kinds it reads in `data.mesh`. `None` for all of them, whatever they are.
    pub kinds: Option<BTreeSet<String>>,
    /// Whether each element of `deny` is made from a single fact: then the facts can be judged in parts.
    pub by_fact: bool,
}

impl MeshReads {
    /// For the rule at `path`, such as `data.govcheck.kpi.bad_name`; `by_fact` is the result of [`judges_by_fact`] for its module.
    pub(crate) fn of(calls: &Calls, path: &str, by_fact: bool) -> Self {
        let deny = format!("{path}.deny");
        let reached = calls.reached(&deny);
        let mut kinds = Some(BTreeSet::new());
        let mut input = false;
        for (rule, paths) in &reached {
            for path in paths {
                let mut parts = path.split('.');
                match (parts.next(), parts.next(), parts.next()) {
                    (Some("input"), ..) => input |= *rule != deny,
                    (Some("data"), None, _) | (Some("data"), Some("mesh"), None) => kinds = None,
                    (Some("data"), Some("mesh"), Some(kind)) => {
                        if let Some(kinds) = &mut kinds {
                            kinds.insert(kind.to_owned());
                        }
                    }
                    _ => {}
                }
            }
        }
        Self {
            kinds,
            by_fact: by_fact && !input && !reached.is_empty(),
        }
    }
}

/// Whether each body of `deny` takes one fact, by `some fact in input.facts`, and sees nothing else of `input`.
pub(crate) fn judges_by_fact(module: &Value) -> bool {
    let mut denies = list_definitions(module).filter(|rule| {
        let refr = definition_head(rule).and_then(|head| head.get("refr"));
        refr.and_then(variable_name) == Some("deny")
    });
    denies.all(takes_one_fact)
}

fn takes_one_fact(deny: &Value) -> bool {
    // A set of which each body adds something; another form may put facts together.
    let is_set = deny.pointer("/Spec/head/Set").is_some();
    let spec = deny.get("Spec").unwrap_or(&Value::Null);
    let mut bodies = list_elements(spec, "bodies");
    let (Some(body), None) = (bodies.next(), bodies.next()) else {
        return false;
    };
    let query = body.get("query").unwrap_or(&Value::Null);
    let takes = list_elements(query, "stmts").filter(|statement| {
        let some = statement.pointer("/literal/SomeIn");
        some.is_some_and(|some| {
            let collection = some.get("collection").and_then(reference_of);
            let named = some.get("value").and_then(variable_name);
            let indexed = some.get("key").is_some_and(Value::is_object);
            collection.as_deref() == Some("input.facts") && named.is_some() && !indexed
        })
    });
    let (mut inputs, mut numbered) = (0, false);
    visit_nodes(deny, &mut |kind, node| {
        let text = node.get("value").and_then(Value::as_str);
        inputs += usize::from(kind == "Var" && text == Some("input"));
        // The number of a fact is another where others come and go.
        let field = node.get("field").and_then(|field| field.get(1)?.as_str());
        numbered |= kind == "RefDot" && field == Some("ref");
        numbered |= matches!(kind, "String" | "RawString") && text == Some("ref");
    });
    is_set && !numbered && takes.count() == 1 && inputs == 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Pack;
    use crate::policy::engine::{self, Module};
    use crate::policy::source::PackSource;

    fn by_fact(deny: &str) -> bool {
        let module = Module {
            name: "t.rego".to_owned(),
            text: format!("package t\n{deny}\n"),
        };
        judges_by_fact(&engine::parse_module(&module).unwrap())
    }

    #[test]
    fn a_body_that_takes_one_fact_judges_by_fact() {
        assert!(by_fact(
            "deny contains {\"fact\": fact} if {\n some fact in input.facts\n not data.mesh.teams[fact.team]\n}"
        ));
    }

    #[test]
    fn what_sees_more_than_one_fact_does_not() {
        for deny in [
            "deny contains {\"fact\": a} if {\n some a in input.facts\n some b in input.facts\n a.x == b.x\n}",
            "deny contains {\"fact\": a} if {\n some i, a in input.facts\n i > 0\n}",
            "deny contains {\"fact\": a} if {\n some a in input.facts\n count(input.facts) > 1\n}",
            "deny contains {\"fact\": a} if {\n some a in input.facts\n a.ref > 1\n}",
            "deny contains {\"fact\": a} if {\n some a in input.facts\n a[\"ref\"] > 1\n}",
            "deny contains {\"fact\": input.facts[0]} if {\n count(input.facts) > 1\n}",
            "deny contains {\"fact\": a} if {\n every a in input.facts { a.x }\n}",
            "deny := {a | some a in input.facts}",
        ] {
            assert!(!by_fact(deny), "{deny}");
        }
    }

    #[test]
    fn what_each_rule_of_the_pack_reads_is_known() {
        let pack = Pack::load(vec![PackSource::builtin()], &|_| true).unwrap();
        let reads = |id: &str| pack.mesh_reads(pack.rule_index(id).unwrap()).clone();
        let kinds = |names: &[&str]| Some(names.iter().map(|name| (*name).to_owned()).collect());
        let team = reads("ownership/unknown-team");
        assert_eq!((team.kinds, team.by_fact), (kinds(&["teams"]), true));
        let term = reads("definitions/unresolved-term");
        assert_eq!((term.kinds, term.by_fact), (kinds(&["terms"]), true));
        let twice = reads("discovery/duplicate-id");
        assert_eq!((twice.kinds, twice.by_fact), (kinds(&[]), false));
        // Through a library.
        let drops = reads("security/classification-drops-downstream");
        assert_eq!(
            (drops.kinds, drops.by_fact),
            (kinds(&["classifications"]), false)
        );
    }
}
