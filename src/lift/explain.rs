//! Explains recognition: which conditions of a format hold for a document, with the values that they find, and what the
//! format declares in it. Decides nothing: [`Format::recognises`] and [`lift_document`](super::lift_document) do.

use std::ops::ControlFlow;

use super::format::{Condition, ConditionTest, Declaration, Format};
use super::levels::walk_levels;
use super::path::PathContext;
use super::reference::References;
use super::scalar::scalar_text;
use crate::model::document::{Document, NodeId, NodeKind, Reached};
use crate::model::text::{SourceText, Span, nearest_name};

/// How many values of one condition are listed.
const MAX_VALUES: usize = 3;

/// What a format makes of a document.
#[derive(Debug)]
pub struct Recognition<'f> {
    /// The format.
    pub format: &'f Format,
    /// Whether the document is one of this format.
    pub is_recognised: bool,
    /// Whether the file looks like one by its path or its raw text.
    pub is_hinted: bool,
    /// The conditions under `recognise`, in the order of the format file.
    pub conditions: Vec<CheckedCondition>,
    /// What the format declares, in its order. Empty unless the document is recognised.
    pub kinds: Vec<DeclaredKind>,
}

/// How a condition counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConditionGroup {
    /// It must hold.
    All,
    /// It or another one of this group must hold.
    Any,
    /// It must not hold.
    Not,
}

impl ConditionGroup {
    /// `all`, `any` or `not`, as the format file writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            ConditionGroup::All => "all",
            ConditionGroup::Any => "any",
            ConditionGroup::Not => "not",
        }
    }
}

/// A condition, and what it finds in a document.
#[derive(Debug)]
pub struct CheckedCondition {
    /// How it counts.
    pub group: ConditionGroup,
    /// As a phrase: `` `kind` equals `DataContract` ``.
    pub text: String,
    /// Whether it holds.
    pub holds: bool,
    /// Whether it compares a value, and does not only ask whether there is one.
    pub reads_value: bool,
    /// The first values that its path finds.
    pub found: Vec<FoundValue>,
    /// A key of the document that is written nearly like the one that is missing.
    pub near_key: Option<FoundValue>,
}

/// A text of a document.
#[derive(Debug, PartialEq, Eq)]
pub struct FoundValue {
    /// The value, or `a mapping`, `a list` or `null`.
    pub text: String,
    /// Its place.
    pub span: Span,
}

/// An entry under `entities` of the format.
#[derive(Debug)]
pub struct DeclaredKind {
    /// The kind of entity.
    pub kind: String,
    /// How many elements `each` finds; 1 without `each`.
    pub elements: usize,
    /// How many of them are entities: `when` holds.
    pub entities: usize,
    /// The first condition of `when` that fails for the first element that is not an entity.
    pub unmet: Option<CheckedCondition>,
}

/// Explains all formats for one document of a file, those that recognise it first, then those that nearly do.
pub fn explain_formats<'f>(
    formats: &'f [Format],
    file: &str,
    document: &Document,
    text: &SourceText,
) -> Vec<Recognition<'f>> {
    let explained = formats.iter();
    let mut explained: Vec<Recognition<'f>> = explained
        .map(|format| format.explain(file, document, text))
        .collect();
    // Stable: equals keep the order of the packs.
    explained.sort_by_key(|it| (!it.is_recognised, std::cmp::Reverse(it.nearness())));
    explained
}

impl Format {
    fn explain(&self, file: &str, document: &Document, text: &SourceText) -> Recognition<'_> {
        let context = PathContext::at(document, document.root());
        let groups = [
            (ConditionGroup::All, &self.all),
            (ConditionGroup::Any, &self.any),
            (ConditionGroup::Not, &self.not),
        ];
        let conditions = groups.into_iter().flat_map(|(group, conditions)| {
            let conditions = conditions.iter();
            conditions.map(move |condition| (group, condition))
        });
        let conditions = conditions
            .map(|(group, condition)| condition.explain(group, &context, text))
            .collect();
        let is_recognised = self.recognises(document, text);
        let declarations = self.declarations.iter().filter(|_| is_recognised);
        Recognition {
            format: self,
            is_recognised,
            is_hinted: self.hints_at(file, text.as_str()),
            conditions,
            kinds: declarations
                .map(|declaration| declaration.explain(document, text))
                .collect(),
        }
    }
}

impl Recognition<'_> {
    /// How many of the conditions that must hold do, and how many there are. Those under `any` count as one.
    pub fn tally(&self) -> (usize, usize) {
        let of = |group| self.conditions.iter().filter(move |it| it.group == group);
        let (mut met, mut all) = (0, 0);
        for condition in of(ConditionGroup::All) {
            met += usize::from(condition.holds);
            all += 1;
        }
        if of(ConditionGroup::Any).next().is_some() {
            met += usize::from(of(ConditionGroup::Any).any(|it| it.holds));
            all += 1;
        }
        for condition in of(ConditionGroup::Not) {
            met += usize::from(!condition.holds);
            all += 1;
        }
        (met, all)
    }

    /// A value that is right says most, then a key that is there, then a wrong value or a misspelt key.
    fn nearness(&self) -> usize {
        let of = |group| self.conditions.iter().filter(move |it| it.group == group);
        let worth = |it: &CheckedCondition| match (it.holds, it.reads_value) {
            (true, true) => 3,
            (true, false) => 2,
            (false, _) => usize::from(!it.found.is_empty() || it.near_key.is_some()),
        };
        let any = of(ConditionGroup::Any).map(worth).max();
        let worths: Vec<usize> = of(ConditionGroup::All).map(worth).chain(any).collect();
        let violated = of(ConditionGroup::Not).filter(|it| it.holds).count();
        let sum = worths.iter().sum::<usize>().saturating_sub(violated);
        let hint = if self.is_hinted { 200 } else { 0 };
        hint + sum * 1000 / (3 * worths.len()).max(1)
    }
}

impl Condition {
    pub(super) fn explain(
        &self,
        group: ConditionGroup,
        context: &PathContext<'_>,
        text: &SourceText,
    ) -> CheckedCondition {
        let mut found = Vec::new();
        let _ = self.path.visit(context, &mut |reached| {
            found.push(found_value(context.document, text, reached));
            match found.len() < MAX_VALUES {
                true => ControlFlow::Continue(()),
                false => ControlFlow::Break(()),
            }
        });
        let near_key = match found.is_empty() && group != ConditionGroup::Not {
            true => near_key(self, context),
            false => None,
        };
        CheckedCondition {
            group,
            text: format!("`{}` {}", self.path, self.test.phrase()),
            holds: self.holds(context, text),
            reads_value: !matches!(self.test, ConditionTest::Exists(_)),
            found,
            near_key,
        }
    }
}

impl ConditionTest {
    fn phrase(&self) -> String {
        match self {
            ConditionTest::Equals(wanted) => format!("equals `{wanted}`"),
            ConditionTest::Matches(pattern) => format!("matches `{}`", pattern.text()),
            ConditionTest::In(wanted) => format!("is one of `{}`", wanted.join("`, `")),
            ConditionTest::Exists(true) => "exists".to_owned(),
            ConditionTest::Exists(false) => "does not exist".to_owned(),
            ConditionTest::Truthy(true) => "is true".to_owned(),
            ConditionTest::Truthy(false) => "is false".to_owned(),
        }
    }
}

impl Declaration {
    fn explain(&self, document: &Document, text: &SourceText) -> DeclaredKind {
        let references = document.uses("$ref").then(|| References::new(document));
        let root = PathContext::at(document, document.root()).following(references.as_ref());
        let mut elements = Vec::new();
        walk_levels(&root, &self.levels, &self.each, &mut elements);
        let unmet = |context: &PathContext<'_>| {
            let mut conditions = self.when.iter();
            conditions
                .find(|condition| !condition.holds(context, text))
                .map(|condition| condition.explain(ConditionGroup::All, context, text))
        };
        let unmet: Vec<CheckedCondition> = elements.iter().filter_map(unmet).collect();
        DeclaredKind {
            kind: self.kind.to_string(),
            elements: elements.len(),
            entities: elements.len() - unmet.len(),
            unmet: unmet.into_iter().next(),
        }
    }
}

fn found_value(document: &Document, text: &SourceText, at: Reached) -> FoundValue {
    let shown = match &document.node(at.node).kind {
        NodeKind::Mapping { .. } => "a mapping",
        NodeKind::Sequence { .. } => "a list",
        _ => scalar_text(document, text, at.node).unwrap_or("null"),
    };
    FoundValue {
        text: shown.to_owned(),
        span: document.span(at.node),
    }
}

/// The key that the document most likely misspells, where the way of a condition ends.
fn near_key(condition: &Condition, context: &PathContext<'_>) -> Option<FoundValue> {
    let document = context.document;
    let (around, missing) = condition.path.first_missing(context)?;
    let entries = document.entries(around.node).iter();
    let keys = entries.filter_map(|entry| Some((&**document.as_str(entry.key)?, entry.key)));
    let keys: Vec<(&str, NodeId)> = keys.collect();
    let near = nearest_name(missing, keys.iter().map(|(key, _)| *key))?;
    let (key, node) = keys.iter().find(|(key, _)| *key == near)?;
    Some(FoundValue {
        text: (*key).to_owned(),
        span: document.span(*node),
    })
}
