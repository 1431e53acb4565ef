//! Turns the answers of change rules into findings and versions with places. A place is in the head where possible; a
//! removed part keeps its route, so that two removed parts are two findings.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::revisions::{ChangeFindings, JudgedChange, UnlocatedFinding, What};
use crate::mesh::EntityPair;

use crate::evaluate::answer::{self, Advice, AnswerTarget, DenyAnswer};
use crate::evaluate::places::{Address, FoundPlace, LocatedAddresses, locate_addresses};
use crate::evaluate::rules;
use crate::model::comparison::VersionAdvice;
use crate::model::finding::{Finding, Related};
use crate::model::location::Location;
use crate::model::path::{ModelPath, Step};
use crate::model::rule::{Level, RuleId};
use crate::model::text::Span;
use crate::parse;

/// The field of the common model that an advised version goes to.
const VERSION: &str = "version";

pub(super) fn locate_findings(
    change: JudgedChange<'_>,
    said: &[UnlocatedFinding],
) -> ChangeFindings {
    let JudgedChange {
        setting,
        base,
        head,
    } = change;
    let in_head = said.iter().flat_map(|said| change.addresses(said));
    let in_head = locate_addresses(setting, head.contexts, head.source, in_head.collect());
    let in_base = said.iter().filter_map(|said| change.base_address(said));
    let in_base = locate_addresses(setting, base.contexts, base.source, in_base.collect());
    let places = BothPlaces {
        head: &in_head,
        base: &in_base,
    };
    let mut changed = ChangeFindings::default();
    let mut advised: BTreeMap<EntityPair, &Advice> = BTreeMap::new();
    for UnlocatedFinding { pair, what } in said {
        let finding = match what {
            What::Advised(advice) => {
                // Where several rules advise, the largest step is the one that is right.
                let known = advised.entry(*pair).or_insert(advice);
                if known.part < advice.part {
                    *known = advice;
                }
                continue;
            }
            What::Failed(id, own_rule, why) => change.failure(*pair, id, own_rule, why, &in_head),
            What::Found(rule, answer) => change
                .finding(*pair, *rule, answer, places, &mut changed)
                .unwrap_or_else(|why| {
                    let id = change.id(*rule).unwrap_or_default();
                    change.failure(*pair, &id, rules::SHAPE, &why, &in_head)
                }),
        };
        changed.findings.push(finding);
    }
    let versions = advised.into_iter().filter_map(|(pair, advice)| {
        let address = change.head_address(pair, &version())?;
        let found = in_head.found.get(&address)?;
        Some(VersionAdvice {
            entity: found.entity.clone(),
            location: found.location.clone(),
            from: advice.from.clone(),
            to: advice.to.clone(),
            part: advice.part,
            suggested: advice.suggested.clone(),
            reasons: advice.reasons.clone(),
        })
    });
    changed.versions = versions.collect();
    let order = |advice: &VersionAdvice| (advice.entity.clone(), advice.location.clone());
    changed.versions.sort_by_key(order);
    changed.sources.extend(in_head.texts);
    changed
}

#[derive(Clone, Copy)]
struct BothPlaces<'p> {
    head: &'p LocatedAddresses,
    base: &'p LocatedAddresses,
}

fn version() -> ModelPath {
    ModelPath(vec![Step::Key(VERSION.into())])
}

/// The fields that lead to a path of the base, as far as they mean the same in the head: up to the first index.
fn fields_of(path: &ModelPath) -> ModelPath {
    if path.in_document().is_some() {
        return ModelPath::root();
    }
    let fields = path
        .0
        .iter()
        .take_while(|step| matches!(step, Step::Key(_)));
    ModelPath(fields.cloned().collect())
}

impl JudgedChange<'_> {
    fn head_address(self, pair: EntityPair, path: &ModelPath) -> Option<Address> {
        Some(Address::of(self.head_card(pair)?, path.clone()))
    }

    /// The place of a target in the head. `None` if the head does not have it.
    fn address(
        self,
        pair: EntityPair,
        target: &AnswerTarget,
        base_at: Option<&ModelPath>,
    ) -> Option<Address> {
        match target {
            AnswerTarget::Here(path) => self.head_address(pair, path),
            AnswerTarget::Entity(entity, path) => Address::of_entity(self.head.mesh, entity, path),
            AnswerTarget::Gone => self.head_address(pair, &fields_of(base_at?)),
            AnswerTarget::Fact(..) => None,
        }
    }

    /// All places in the head that closing this needs.
    fn addresses(self, said: &UnlocatedFinding) -> Vec<Address> {
        let UnlocatedFinding { pair, what } = said;
        match what {
            What::Advised(_) => self.head_address(*pair, &version()).into_iter().collect(),
            What::Failed(..) => self
                .head_address(*pair, &ModelPath::root())
                .into_iter()
                .collect(),
            What::Found(_, answer) => {
                let root = self.head_address(*pair, &ModelPath::root());
                let target = self.address(*pair, &answer.target, answer.base_at.as_ref());
                let related = answer.related.iter();
                let related = related.filter_map(|(target, _)| self.address(*pair, target, None));
                root.into_iter().chain(target).chain(related).collect()
            }
        }
    }

    fn base_address(self, said: &UnlocatedFinding) -> Option<Address> {
        match &said.what {
            What::Found(_, answer) => {
                let path = answer.base_at.as_ref()?;
                Some(Address::of(self.base_card(said.pair)?, path.clone()))
            }
            _ => None,
        }
    }

    fn finding(
        self,
        pair: EntityPair,
        rule: usize,
        answer: &DenyAnswer,
        places: BothPlaces<'_>,
        changed: &mut ChangeFindings,
    ) -> Result<Finding, String> {
        let rule = self.setting.pack.rules.get(rule);
        let rule = &rule.ok_or("the rule does not exist")?.rule;
        if !answer.covers.is_empty() {
            return Err("`covers` needs scope `entity`".to_owned());
        }
        if answer.meant.is_some() {
            return Err(answer::NO_MESH.to_owned());
        }
        let before = match &answer.base_at {
            None => None,
            Some(path) => {
                let address = self
                    .base_card(pair)
                    .map(|card| Address::of(card, path.clone()));
                let found = address.and_then(|address| places.base.found.get(&address));
                Some(found.ok_or("`base_at` points at an entity that the base does not have")?)
            }
        };
        let address = self.address(pair, &answer.target, answer.base_at.as_ref());
        let after = address.and_then(|address| places.head.found.get(&address));
        let place = match (after, before, &answer.target) {
            (Some(place), ..) => place,
            (None, Some(before), AnswerTarget::Gone) => before,
            (None, _, target) => return Err(nowhere(target)),
        };
        let mut finding = Finding::bare(rule.id.clone(), rule.severity, answer.message.clone());
        finding.help = Some(Arc::clone(&rule.help));
        finding.fix.clone_from(&answer.fix);
        finding.location = Some(place.location.clone());
        finding.entity = Some(place.entity.clone());
        finding.route.clone_from(&before.unwrap_or(place).route);
        finding.owner.clone_from(&place.owner);
        finding.domain.clone_from(&place.domain);
        finding.discriminator.clone_from(&answer.key);
        if after.is_some() {
            finding.related.extend(place.used.clone());
        } else {
            self.keep_in_sight(place, places.base, &mut finding, changed);
        }
        for (target, message) in &answer.related {
            let address = self.address(pair, target, None);
            let related = address.and_then(|address| places.head.found.get(&address));
            finding.related.push(Related {
                message: message.clone(),
                location: related.ok_or_else(|| nowhere(target))?.location.clone(),
            });
        }
        Ok(finding)
    }

    /// A removed entity's place: the head of its file where there still is one, else what the base had.
    fn keep_in_sight(
        self,
        place: &FoundPlace,
        base: &LocatedAddresses,
        finding: &mut Finding,
        changed: &mut ChangeFindings,
    ) {
        let file = &place.location.file;
        match self.head.source.read(file) {
            Ok(bytes) => {
                let text = parse::decode_text(&bytes, &self.setting.limits);
                finding.location = Some(Location::of(file, &text, Span::default()));
                changed.sources.insert(file.clone(), text.id());
            }
            Err(_) => {
                let text = base.texts.get_key_value(file);
                let text = text.map(|(file, text)| (file.clone(), *text));
                changed.base_sources.extend(text);
            }
        }
    }

    fn failure(
        self,
        pair: EntityPair,
        id: &str,
        own_rule: &'static str,
        why: &str,
        places: &LocatedAddresses,
    ) -> Finding {
        let key = self.key(pair);
        let entity = key.map(ToString::to_string).unwrap_or_default();
        let message = format!("rule `{id}` could not check the change to `{entity}`: {why}");
        let mut finding = Finding::bare(RuleId::new(own_rule), Level::Error, message);
        let root = self.head_address(pair, &ModelPath::root());
        let place = root.and_then(|address| places.found.get(&address));
        finding.help = rules::find_help(own_rule);
        finding.location = place.map(|place| place.location.clone());
        finding.entity = key.cloned();
        finding.discriminator = Some(id.to_owned());
        finding.incomplete = true;
        finding
    }
}

/// Why a target is not a place of the head.
fn nowhere(target: &AnswerTarget) -> String {
    match target {
        AnswerTarget::Here(_) => {
            "`at` points at an entity that the head does not have; use `base_at`, or name another `entity`"
                .to_owned()
        }
        AnswerTarget::Fact(..) => "a rule of scope `change` cannot use `fact`".to_owned(),
        AnswerTarget::Entity(entity, _) => format!("entity `{entity}` does not exist"),
        AnswerTarget::Gone => "the file changed during the run".to_owned(),
    }
}
