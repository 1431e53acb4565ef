//! Goes through the instructions of a program until no more is known of what its registers hold.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use regorus::Value;
use regorus::rvm::Program;
use regorus::rvm::program::RuleType;

use super::abstract_value::AbstractValue;
use super::parts::{InputPart, InputParts};
use super::region::{Of, RegisterRegion};
use crate::policy::engine::optimise::operands::{Operands, operands_at};
use crate::policy::engine::optimise::region::region_extent;

/// What is known of a program so far.
pub(in crate::policy::engine) struct InputUse<'p> {
    pub(in crate::policy::engine) program: &'p Program,
    regions: Vec<RegisterRegion>,
    pub(in crate::policy::engine) parts: InputParts,
    /// By rule: registers that its bodies share.
    shared: Vec<BTreeSet<u8>>,
    /// By rule and register, or by region and register.
    held: BTreeMap<(Option<usize>, usize, u8), AbstractValue>,
    pub(in crate::policy::engine) results: Vec<AbstractValue>,
    /// Regions about which more is known than when they were gone through.
    open: Vec<bool>,
    /// Rules about whose shared registers more is known.
    more: BTreeSet<usize>,
    /// Whether more is known than before the region at hand was gone through.
    changed: bool,
}

impl<'p> InputUse<'p> {
    pub(in crate::policy::engine) fn new(program: &'p Program) -> Option<Self> {
        let mut regions = Vec::new();
        let mut shared = Vec::new();
        let mut outside = vec![true; program.instructions.len()];
        for (rule, info) in program.rule_infos.iter().enumerate() {
            let mut common = BTreeSet::from([info.result_reg]);
            let arguments = info.function_info.as_ref().map_or(0, |of| of.num_params);
            common.extend(0..=u8::try_from(arguments).ok()?);
            for block in info.destructuring_blocks.iter().flatten() {
                let (start, end) = region_extent(program, *block)?;
                for pc in start..end {
                    let Operands { reads, writes } = operands_at(program, pc)?;
                    common.extend(reads.into_iter().chain(writes));
                }
            }
            let blocks = info.destructuring_blocks.iter().flatten();
            for start in blocks.chain(info.definitions.iter().flatten()) {
                let (start, end) = region_extent(program, *start)?;
                outside.get_mut(start..end)?.fill(false);
                let pcs = (start..end).collect();
                regions.push(RegisterRegion::new(program, Some(rule), pcs, &common)?);
            }
            shared.push(common);
        }
        let rest = (0..program.instructions.len()).filter(|pc| outside[*pc]);
        regions.push(RegisterRegion::new(
            program,
            None,
            rest.collect(),
            &BTreeSet::new(),
        )?);
        Some(Self {
            program,
            open: vec![true; regions.len()],
            more: BTreeSet::new(),
            regions,
            parts: InputParts {
                parts: vec![InputPart::default()],
            },
            results: vec![AbstractValue::default(); program.rule_infos.len()],
            shared,
            held: BTreeMap::new(),
            changed: false,
        })
    }

    /// Goes once through the regions about which more is known than before; says whether there were any.
    pub(in crate::policy::engine) fn round(&mut self) -> Option<bool> {
        let regions = std::mem::take(&mut self.regions);
        let open = std::mem::take(&mut self.open);
        self.open = vec![false; regions.len()];
        let mut any = false;
        for (at, region) in regions.iter().enumerate() {
            if !open[at] {
                continue;
            }
            any = true;
            let of = Of { region, at };
            loop {
                self.changed = false;
                for pc in &region.pcs {
                    self.step(of, *pc)?;
                }
                if !self.changed {
                    break;
                }
            }
            let told: Vec<usize> = region
                .rule
                .into_iter()
                .filter(|rule| self.told(*rule))
                .collect();
            let more = std::mem::take(&mut self.more);
            for (other, region) in regions.iter().enumerate() {
                let asks = |rule: &usize| region.looks_up || region.calls.contains(rule);
                self.open[other] |=
                    told.iter().any(asks) || region.rule.is_some_and(|rule| more.contains(&rule));
            }
        }
        self.regions = regions;
        Some(any)
    }

    /// What a rule gives, from the register that holds it; says whether that is more than was known.
    fn told(&mut self, rule: usize) -> bool {
        let info = &self.program.rule_infos[rule];
        let key = (Some(rule), 0, info.result_reg);
        let held = self.held.get(&key).cloned().unwrap_or_default();
        let bodies: usize = info.definitions.iter().map(Vec::len).sum();
        // Several answers of one rule are compared.
        if bodies > 1 || !matches!(info.rule_type, RuleType::Complete) {
            self.whole(&held);
        }
        self.results[rule].add(&held)
    }

    fn place(&self, of: Of<'_>, register: u8) -> (Option<usize>, usize, u8) {
        match of.region.rule {
            Some(rule) if self.shared[rule].contains(&register) => (Some(rule), 0, register),
            _ => (None, of.at, register),
        }
    }

    pub(in crate::policy::engine) fn held(&self, of: Of<'_>, register: u8) -> AbstractValue {
        let held = self.held.get(&self.place(of, register));
        held.cloned().unwrap_or_default()
    }

    pub(in crate::policy::engine) fn put(
        &mut self,
        of: Of<'_>,
        register: u8,
        held: &AbstractValue,
    ) {
        let place = self.place(of, register);
        self.add(place, held);
    }

    pub(in crate::policy::engine) fn add(
        &mut self,
        place: (Option<usize>, usize, u8),
        held: &AbstractValue,
    ) {
        if *held != AbstractValue::default() && self.held.entry(place).or_default().add(held) {
            self.changed = true;
            self.more.extend(place.0);
        }
    }

    /// All of it is seen.
    pub(in crate::policy::engine) fn whole(&mut self, held: &AbstractValue) {
        for part in held.parts() {
            let part = &mut self.parts.parts[part];
            part.all = true;
        }
    }

    pub(in crate::policy::engine) fn whole_of(&mut self, of: Of<'_>, registers: &[u8]) {
        for register in registers {
            let held = self.held(of, *register);
            self.whole(&held);
        }
    }

    /// A field of what is held, or any element.
    pub(in crate::policy::engine) fn inner(
        &mut self,
        held: &AbstractValue,
        key: Option<&Arc<str>>,
    ) -> AbstractValue {
        let mut element = held.element();
        for part in &held.0[0] {
            element.0[0].insert(self.parts.inner(*part, key));
        }
        element
    }

    /// The name in the literal that a key is. `None` where it may be any.
    pub(in crate::policy::engine) fn name(&self, literal: u16) -> Option<&'p Arc<str>> {
        match self.program.literals.get(usize::from(literal))? {
            Value::String(name) => Some(name),
            _ => None,
        }
    }
}
