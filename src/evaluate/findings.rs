//! Findings and facts of entity rules, from the values that the rules return.

use std::sync::Arc;

use super::answer::{self, AnswerTarget, DenyAnswer};
use super::locate::Site;
use super::rules;
use super::setting::Setting;
use crate::mesh::FactsBuilder;
use crate::model::entity::LayoutPlace;
use crate::model::finding::{Finding, Related};
use crate::model::path::ModelPath;
use crate::model::rule::{Level, RuleId};
use crate::policy::engine::Datum;

/// Findings and facts of one entity.
pub(super) struct EntityResults<'t> {
    pub(super) findings: &'t mut Vec<Finding>,
    pub(super) facts: &'t mut FactsBuilder,
    /// The entity with all fields that are on some paths.
    pub(super) with: &'t dyn Fn(&[&ModelPath]) -> Site<'t>,
}

/// Reads `{"deny": {rule: set}, "facts": {rule: set}}`.
pub(super) fn take_results(
    setting: &Setting<'_>,
    site: Site<'_>,
    place: &LayoutPlace,
    result: &Datum,
    told: &mut EntityResults<'_>,
) {
    for (id, deny) in result
        .get("deny")
        .map(|deny| deny.entries())
        .unwrap_or_default()
    {
        take_deny(setting, place, &id, &deny, told);
    }
    for (id, facts) in result
        .get("facts")
        .map(|facts| facts.entries())
        .unwrap_or_default()
    {
        take_facts(setting, site, &id, &facts, told);
    }
}

pub(super) fn take_deny(
    setting: &Setting<'_>,
    place: &LayoutPlace,
    id: &str,
    deny: &Datum,
    told: &mut EntityResults<'_>,
) {
    for answer in answer::read_answers(deny) {
        // Its place may be in a field that no rule reads.
        let paths: Vec<&ModelPath> = answer.iter().flat_map(DenyAnswer::paths).collect();
        let site = (told.with)(&paths);
        let read = answer.and_then(|answer| finding(setting, site, place, id, &answer));
        let read = read.unwrap_or_else(|why| evaluation_failure(site, id, rules::SHAPE, &why));
        told.findings.push(read);
    }
}

/// A rule of another scope says `base_at`.
pub(super) const BASE_AT: &str = "`base_at` needs scope `change`";

fn finding(
    setting: &Setting<'_>,
    site: Site<'_>,
    place: &LayoutPlace,
    id: &str,
    answer: &DenyAnswer,
) -> Result<Finding, String> {
    let index = setting
        .pack
        .rule_index(id)
        .ok_or("the rule does not exist")?;
    let rule = &setting.pack.rules[index].rule;
    let here = |target: &AnswerTarget| {
        match target {
        AnswerTarget::Here(path) => Ok(path.clone()),
        _ => Err(
            "a rule of scope `entity` can only point at its own entity; set `scope: mesh` to point elsewhere"
                .to_owned(),
        ),
    }
    };
    if answer.base_at.is_some() {
        return Err(BASE_AT.to_owned());
    }
    if answer.meant.is_some() {
        return Err(answer::NO_MESH.to_owned());
    }
    let (location, used, route) = site.place(&here(&answer.target)?);
    let mut finding = Finding::bare(rule.id.clone(), rule.severity, answer.message.clone());
    finding.help = Some(Arc::clone(&rule.help));
    finding.fix.clone_from(&answer.fix);
    finding.location = Some(location);
    finding.related.extend(used);
    for (target, message) in &answer.related {
        let (location, _, _) = site.place(&here(target)?);
        finding.related.push(Related {
            message: message.clone(),
            location,
        });
    }
    finding.entity = Some(site.entity.key.clone());
    finding.route = route;
    finding.covers = answer
        .covers
        .iter()
        .map(|path| site.place(path).2)
        .collect();
    finding.covers.sort();
    finding.owner = site.owner();
    finding.domain = site.domain(place);
    finding.discriminator.clone_from(&answer.key);
    Ok(finding)
}

pub(super) fn take_facts(
    setting: &Setting<'_>,
    site: Site<'_>,
    id: &str,
    facts: &Datum,
    told: &mut EntityResults<'_>,
) {
    let Some(rule) = setting.pack.rule_index(id) else {
        return;
    };
    for value in facts.items().unwrap_or_default() {
        let at = match value.get("at") {
            Some(at) => at.as_path(),
            None => Some(ModelPath::root()),
        };
        match at.filter(|_| !value.entries().is_empty()) {
            Some(_) => told.facts.push(rule, &value),
            None => told.findings.push(evaluation_failure(
                site,
                id,
                rules::SHAPE,
                "an element of `facts` is not an object with a path in `at`",
            )),
        }
    }
}

pub(super) fn evaluation_failure(
    site: Site<'_>,
    id: &str,
    own_rule: &'static str,
    why: &str,
) -> Finding {
    let (location, _, _) = site.place(&ModelPath::root());
    let message = format!("rule `{id}` could not check `{}`: {why}", site.entity.key);
    let mut finding = Finding::bare(RuleId::new(own_rule), Level::Error, message);
    finding.help = rules::find_help(own_rule);
    finding.location = Some(location);
    finding.entity = Some(site.entity.key.clone());
    finding.discriminator = Some(id.to_owned());
    finding.incomplete = true;
    finding
}
