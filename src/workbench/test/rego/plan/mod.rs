//! The body of a test as steps: statements that are asked together, one that is asked under `with`, `every` with a `with`
//! in it. What the register VM can't be asked step by step is refused with the reason.

mod targets;

use std::collections::BTreeSet;

use serde_json::Value;

use super::known::TestedModules;
use super::read::{TestFile, TestRule};
use super::scope::{StatementNames, statement_names};
use crate::model::text::Span;
use crate::policy::syntax::{list_elements, node_extent, node_span, visit_nodes};

/// A test, taken apart.
#[derive(Debug)]
pub(super) struct TestPlan {
    pub(super) steps: Vec<PlanStep>,
}

/// One step of a body.
#[derive(Debug)]
pub(super) enum PlanStep {
    /// Statements without `with`.
    Plain(Ask),
    /// A statement under `with`: first the values, outside of it, then the statement.
    Under {
        with: Vec<With>,
        values: Ask,
        ask: Ask,
    },
    /// `every key, value in domain { steps }`
    Every {
        domain: Ask,
        key: Option<String>,
        value: String,
        steps: Vec<PlanStep>,
    },
}

/// What the engine is asked in one go.
#[derive(Debug, Clone)]
pub(super) struct Ask {
    /// The name of the rule that asks.
    pub(super) name: String,
    /// What is asked.
    pub(super) parts: Vec<Statement>,
    /// Variables of steps before that it uses.
    pub(super) uses: Vec<String>,
    /// Variables that `some` has declared for it.
    pub(super) declares: Vec<String>,
    /// Variables that are bound behind it.
    pub(super) gives: Vec<String>,
}

/// A statement.
#[derive(Debug, Clone)]
pub(super) struct Statement {
    /// As the engine is asked it.
    pub(super) text: String,
    /// As the author wrote it, with `with`.
    pub(super) shown: String,
    /// Its line, 1-based.
    pub(super) line: u32,
    /// Its syntax tree.
    pub(super) node: Value,
    /// The names in it, in its `with` too.
    pub(super) variables: BTreeSet<String>,
}

/// `with target as …`
#[derive(Debug, Clone)]
pub(super) struct With {
    pub(super) target: WithTarget,
    /// The variable of the step's values that holds the value. `None` for a function in a function's place.
    pub(super) value: Option<String>,
}

/// What a `with` replaces. Paths are without `input` and `data`.
#[derive(Debug, Clone)]
pub(super) enum WithTarget {
    Input(Vec<String>),
    Data(Vec<String>),
    /// A rule, which gets another definition.
    Rule(Vec<String>),
    /// A function of so many arguments, which is replaced by another or by a value.
    Function {
        path: Vec<String>,
        arguments: usize,
        by: Option<String>,
    },
}

/// Splits a test into steps.
///
/// # Errors
/// Why the register VM can't be asked step by step.
pub(super) fn plan_test(
    known: &TestedModules,
    file: &TestFile,
    test: &TestRule,
) -> Result<TestPlan, String> {
    let mut planner = Planner {
        known,
        file,
        asked: 0,
    };
    let bodies: Vec<&Value> =
        list_elements(test.node.get("Spec").unwrap_or(&Value::Null), "bodies").collect();
    if bodies.len() > 1 {
        return Err("the test has several bodies or an `else`".to_owned());
    }
    let mut scope = VariableScope::default();
    let statements = bodies.first().and_then(|body| body.pointer("/query/stmts"));
    let statements: Vec<&Value> = statements
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .collect();
    let mut steps = planner.steps(&statements, &mut scope)?;
    let assigned = test.node.pointer("/Spec/head/Compr/assign/value");
    let is_true = |value: &Value| {
        value.pointer("/Bool/value") == Some(&Value::Bool(true)) || value.get("True").is_some()
    };
    if let Some(value) = assigned.filter(|value| !is_true(value)) {
        let assign = test.node.pointer("/Spec/head/Compr/assign");
        let whole = assign.map(node_extent).unwrap_or_default();
        let text = file.file.text.slice(whole).trim_start_matches(':');
        let text = text.trim_start_matches('=').trim().to_owned();
        let part = Statement {
            text: format!("govcheck_value := {text}\ngovcheck_value == true"),
            shown: text,
            line: file.file.text.position(node_span(value).start).line,
            node: value.clone(),
            variables: BTreeSet::new(),
        };
        let names = statement_names(&file.file.text, value);
        let mut ask = planner.ask(vec![(part, names)], &mut scope);
        ask.gives.clear();
        steps.push(PlanStep::Plain(ask));
    }
    Ok(TestPlan { steps })
}

/// The variables of the statements up to here.
#[derive(Debug, Default, Clone)]
struct VariableScope {
    bound: BTreeSet<String>,
    /// Declared by `some`, and not bound yet.
    pending: BTreeSet<String>,
}

struct Planner<'p> {
    known: &'p TestedModules,
    file: &'p TestFile,
    asked: usize,
}

impl Planner<'_> {
    fn steps(
        &mut self,
        statements: &[&Value],
        scope: &mut VariableScope,
    ) -> Result<Vec<PlanStep>, String> {
        let mut steps = Vec::new();
        let mut together = Vec::new();
        for statement in statements {
            let Some(literal) = statement.get("literal") else {
                return Err("the test has an unsupported statement".to_owned());
            };
            let names = statement_names(&self.file.file.text, literal);
            if literal.get("SomeVars").is_some() {
                // A name that is declared again means another one from here on.
                for name in &names.declared {
                    scope.bound.remove(name);
                }
                scope.pending.extend(names.declared);
                continue;
            }
            let mods: Vec<&Value> = list_elements(statement, "with_mods").collect();
            let part = self.part(statement, literal);
            match (mods.is_empty(), with_inside(literal)) {
                (true, false) => together.push((part, names)),
                (false, false) => {
                    self.flush(&mut together, scope, &mut steps);
                    steps.push(self.under(part, names, &mods, scope)?);
                }
                (true, true) if literal.get("Every").is_some() => {
                    self.flush(&mut together, scope, &mut steps);
                    steps.push(self.every(literal, scope)?);
                }
                _ => {
                    return Err(
                        "the test has a `with` in a comprehension or in another `with`".to_owned(),
                    );
                }
            }
        }
        self.flush(&mut together, scope, &mut steps);
        Ok(steps)
    }

    fn flush(
        &mut self,
        together: &mut Vec<(Statement, StatementNames)>,
        scope: &mut VariableScope,
        steps: &mut Vec<PlanStep>,
    ) {
        if !together.is_empty() {
            let ask = self.ask(std::mem::take(together), scope);
            steps.push(PlanStep::Plain(ask));
        }
    }

    fn part(&self, statement: &Value, literal: &Value) -> Statement {
        let text = &self.file.file.text;
        let whole = node_extent(statement);
        // For `some x in xs`, the engine gives only the place of `some`.
        let with = list_elements(statement, "with_mods").next().map(node_span);
        let own = Span::new(whole.start, with.map_or(whole.end, |with| with.start));
        Statement {
            text: text.slice(own).trim_end().to_owned(),
            shown: text.slice(whole).to_owned(),
            line: text.position(own.start).line,
            node: literal.clone(),
            variables: statement_names(text, statement).used,
        }
    }

    fn ask(&mut self, parts: Vec<(Statement, StatementNames)>, scope: &mut VariableScope) -> Ask {
        let mut all = StatementNames::default();
        for (_, names) in &parts {
            all.used.extend(names.used.iter().cloned());
            all.bound.extend(names.bound.iter().cloned());
            all.declared.extend(names.declared.iter().cloned());
        }
        let is_local = |name: &String| {
            all.declared.contains(name)
                || scope.pending.contains(name)
                || !(self.file.imports.contains_key(name)
                    || self.known.has(&self.file.package, name))
        };
        let gives = all
            .bound
            .iter()
            .filter(|name| !scope.bound.contains(*name) && is_local(name));
        let gives: Vec<String> = gives.cloned().collect();
        let uses = all
            .used
            .iter()
            .filter(|name| scope.bound.contains(*name))
            .cloned()
            .collect();
        let declares: Vec<String> = gives
            .iter()
            .filter(|name| scope.pending.contains(*name))
            .cloned()
            .collect();
        for name in &declares {
            scope.pending.remove(name);
        }
        scope.bound.extend(gives.iter().cloned());
        self.asked += 1;
        Ask {
            name: format!("govcheck_step_{}", self.asked),
            parts: parts.into_iter().map(|(part, _)| part).collect(),
            uses,
            declares,
            gives,
        }
    }

    /// Gives parts of the host's making names, which are bound in no other step.
    fn values(
        &mut self,
        parts: Vec<(Statement, StatementNames)>,
        gives: Vec<String>,
        scope: &VariableScope,
    ) -> Ask {
        let mut ask = self.ask(parts, &mut scope.clone());
        ask.gives = gives;
        ask
    }

    fn under(
        &mut self,
        part: Statement,
        names: StatementNames,
        mods: &[&Value],
        scope: &mut VariableScope,
    ) -> Result<PlanStep, String> {
        let text = &self.file.file.text;
        let (mut with, mut parts, mut gives) = (Vec::new(), Vec::new(), Vec::new());
        for (number, modifier) in mods.iter().enumerate() {
            let (Some(refr), Some(value)) = (modifier.get("refr"), modifier.get("as")) else {
                return Err("the test has an unsupported `with`".to_owned());
            };
            let target = self.target(refr, value)?;
            let mut name = None;
            if !matches!(target, WithTarget::Function { by: Some(_), .. }) {
                let bound = format!("govcheck_value_{number}");
                let behind = Span::new(node_extent(refr).end, node_extent(modifier).end);
                let written = behind_word(text.slice(behind), "as");
                parts.push((
                    Statement {
                        text: format!("{bound} := {written}"),
                        shown: text.slice(node_extent(modifier)).to_owned(),
                        line: text.position(node_span(modifier).start).line,
                        node: value.clone(),
                        variables: BTreeSet::new(),
                    },
                    statement_names(text, value),
                ));
                gives.push(bound.clone());
                name = Some(bound);
            }
            with.push(With {
                target,
                value: name,
            });
        }
        let values = self.values(parts, gives, scope);
        let ask = self.ask(vec![(part, names)], scope);
        Ok(PlanStep::Under { with, values, ask })
    }

    fn every(&mut self, literal: &Value, scope: &VariableScope) -> Result<PlanStep, String> {
        let text = &self.file.file.text;
        let every = literal.get("Every").unwrap_or(&Value::Null);
        let domain = every.get("domain").unwrap_or(&Value::Null);
        let bound = every.get("value").map(node_span).unwrap_or_default();
        let body = every.get("query").map(node_span).unwrap_or_default();
        let written = behind_word(text.slice(Span::new(bound.end, body.start)), "in");
        let part = Statement {
            text: format!("govcheck_domain := {written}"),
            shown: written.to_owned(),
            line: text.position(node_span(domain).start).line,
            node: domain.clone(),
            variables: BTreeSet::new(),
        };
        let names = statement_names(text, domain);
        let domain = self.values(
            vec![(part, names)],
            vec!["govcheck_domain".to_owned()],
            scope,
        );
        let name = |part: &str| {
            let node = every.get(part).filter(|node| node.is_object())?;
            Some(text.slice(node_span(node)).to_owned())
        };
        let (key, value) = (name("key"), name("value").unwrap_or_default());
        let mut inner = scope.clone();
        inner
            .bound
            .extend(key.iter().cloned().chain([value.clone()]));
        let statements = every.pointer("/query/stmts").and_then(Value::as_array);
        let statements: Vec<&Value> = statements.into_iter().flatten().collect();
        let steps = self.steps(&statements, &mut inner)?;
        Ok(PlanStep::Every {
            domain,
            key,
            value,
            steps,
        })
    }
}

/// The text behind a word of the language. The engine's own place of an object may begin anywhere in it.
fn behind_word<'t>(text: &'t str, word: &str) -> &'t str {
    let text = text.trim();
    text.strip_prefix(word).unwrap_or(text).trim_start()
}

/// Whether a comprehension or `every` of a statement contains a `with`.
fn with_inside(literal: &Value) -> bool {
    let mut found = false;
    visit_nodes(literal, &mut |name, node| {
        found |= name == "literal" && list_elements(node, "with_mods").next().is_some();
    });
    found
}
