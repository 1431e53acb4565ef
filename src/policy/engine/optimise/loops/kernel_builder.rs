//! A recipe while it is written: which place each register of the program has, what comes from outside of the loop, and
//! what has no value where that has none. `step` writes single instructions down.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use regorus::Value;
use regorus::rvm::Program;
use regorus::rvm::instructions::GuardMode;

use super::kernel::{Kernel, KernelCode, KernelKind, LITERALS};

/// The first place that is neither the key's nor the value's.
pub(in crate::policy::engine) const FREE: u8 = 2;
/// A turn, as far as it is plain.
#[derive(Debug, Clone)]
pub(in crate::policy::engine) struct Recipe {
    /// Registers that have a value for certain: `input` and `data`.
    there: BTreeSet<u8>,
    kind: KernelKind,
    /// Whether keys are asked for.
    has_keys: bool,
    pub(in crate::policy::engine) codes: Vec<KernelCode>,
    pub(in crate::policy::engine) places: RegisterPlaces,
    /// Registers from outside of the loop, in the order of their places.
    pub(in crate::policy::engine) captured: Vec<u8>,
    captured_places: Vec<u8>,
    literals: BTreeMap<u16, u8>,
    values: Vec<Value>,
    /// By place, which captured registers must have a value for it to have one: a bit each.
    needs: BTreeMap<u8, u8>,
}

/// A loop in the loop that has begun.
pub(in crate::policy::engine) struct Begun {
    before: Vec<KernelCode>,
    of: u8,
    has_keys: bool,
    key: u8,
    value: u8,
}

/// Which place each register has, and the next that is free.
#[derive(Debug, Clone)]
pub(in crate::policy::engine) struct RegisterPlaces {
    pub(in crate::policy::engine) of: BTreeMap<u8, u8>,
    next: u8,
}

impl RegisterPlaces {
    pub(in crate::policy::engine) fn new_place(&mut self) -> Option<u8> {
        let place = self.next;
        self.next = place.checked_add(1).filter(|next| *next < LITERALS)?;
        Some(place)
    }
}

/// The scope of an instruction: the loop, whose iterations write registers, or a function.
#[derive(Clone, Copy)]
pub(in crate::policy::engine) enum Within<'w> {
    Loop(&'w BTreeSet<u8>),
    /// How many functions are around it, with its own.
    Function(u8),
}

impl Recipe {
    pub(in crate::policy::engine) fn new(
        kind: KernelKind,
        (key, value): (u8, u8),
        there: BTreeSet<u8>,
    ) -> Self {
        Self {
            there,
            kind,
            has_keys: key != value,
            codes: Vec::new(),
            places: RegisterPlaces {
                of: BTreeMap::from([(key, 0), (value, 1)]),
                next: FREE,
            },
            captured: Vec::new(),
            captured_places: Vec::new(),
            literals: BTreeMap::new(),
            values: Vec::new(),
            needs: BTreeMap::new(),
        }
    }

    /// Adds the instruction at `pc`. `None` if it is not plain, which makes the kernel unusable.
    pub(in crate::policy::engine) fn add(
        &mut self,
        program: &Program,
        pc: usize,
        writes: &BTreeSet<u8>,
    ) -> Option<()> {
        self.step(program, pc, Within::Loop(writes))
    }

    /// Removes what follows the last condition. `None` if there is no condition.
    pub(in crate::policy::engine) fn end_with_a_condition(&mut self) -> Option<()> {
        let asks =
            |code: &KernelCode| matches!(code, KernelCode::Ask { .. } | KernelCode::Same { .. });
        let last = self.codes.iter().rposition(asks)?;
        self.codes.truncate(last + 1);
        Some(())
    }

    /// Whether all that is captured has a value for certain; the set that is filled has one.
    pub(in crate::policy::engine) fn captures_what_is_there(&self, fills: bool) -> bool {
        let mut captured = self.captured.iter().skip(usize::from(fills));
        captured.all(|register| self.there.contains(register))
    }

    /// Whether no element passes where a captured register has no value: then nothing is asked at all.
    pub(in crate::policy::engine) fn needs_its_captured(&self) -> bool {
        let need = |place: &u8| self.needs.get(place).copied().unwrap_or_default();
        let asked = self.codes.iter().fold(0, |asked, code| match code {
            KernelCode::Ask { mode, of } if *mode != GuardMode::Not => asked | need(of),
            KernelCode::Same { left, right } => asked | need(left) | need(right),
            _ => asked,
        });
        // Of all elements that do not pass an `every` keeps one, so that nothing is left out there.
        let mut captured = self.captured.iter().enumerate();
        captured.all(|(bit, register)| {
            let is_asked = asked & (1_u8 << bit.min(7)) != 0;
            self.there.contains(register) || (self.kind != KernelKind::Every && is_asked)
        })
    }

    /// What a comprehension takes of an element.
    pub(in crate::policy::engine) fn give(&mut self, value: u8, key: Option<u8>) -> Option<()> {
        let place = |register: u8| self.places.of.get(&register).copied();
        let key = match key {
            Some(key) => place(key)?,
            None if self.kind == KernelKind::Object => return None,
            None => 0,
        };
        let value = place(value)?;
        self.codes.push(KernelCode::Give { value, key });
        Some(())
    }

    /// Begins a loop in the loop.
    pub(in crate::policy::engine) fn begin(
        &mut self,
        (collection, key, value): (u8, u8, u8),
        writes: &BTreeSet<u8>,
    ) -> Option<Begun> {
        let of = self.read(collection, Within::Loop(writes))?;
        let (key_place, value_place) = (self.places.new_place()?, self.places.new_place()?);
        self.places.of.insert(key, key_place);
        self.places.of.insert(value, value_place);
        Some(Begun {
            before: std::mem::take(&mut self.codes),
            of,
            has_keys: key != value,
            key: key_place,
            value: value_place,
        })
    }

    /// Ends it.
    pub(in crate::policy::engine) fn end(&mut self, begun: Begun) {
        let codes = std::mem::replace(&mut self.codes, begun.before);
        self.codes.push(KernelCode::Each {
            of: begun.of,
            has_keys: begun.has_keys,
            key: begun.key,
            value: begun.value,
            codes,
        });
    }

    /// Names a register as captured first of all.
    pub(in crate::policy::engine) fn onto(&mut self, register: u8) -> Option<()> {
        let place = self.places.new_place()?;
        self.captured.push(register);
        self.captured_places.push(place);
        Some(())
    }

    /// The value of a place that is a literal's.
    pub(in crate::policy::engine) fn known(&self, place: u8) -> Option<&Value> {
        self.values.get(usize::from(place.checked_sub(LITERALS)?))
    }

    pub(in crate::policy::engine) fn all_needs(&self, places: &[u8]) -> u8 {
        let needs = places.iter().filter_map(|place| self.needs.get(place));
        needs.fold(0, |all, needs| all | needs)
    }

    /// The place of a register's value. Registers that no iteration writes lie outside the loop.
    pub(in crate::policy::engine) fn read(
        &mut self,
        register: u8,
        within: Within<'_>,
    ) -> Option<u8> {
        if let Some(place) = self.places.of.get(&register) {
            return Some(*place);
        }
        match within {
            Within::Loop(writes) if !writes.contains(&register) => {
                let bit = u32::try_from(self.captured.len()).ok()?;
                let place = self.places.new_place()?;
                self.needs.insert(place, 1_u8.checked_shl(bit)?);
                self.captured.push(register);
                self.captured_places.push(place);
                self.places.of.insert(register, place);
                Some(place)
            }
            _ => None,
        }
    }

    /// A place for what is made of others.
    pub(in crate::policy::engine) fn fill(&mut self, register: u8, needs: u8) -> Option<u8> {
        let place = self.places.new_place()?;
        self.needs.insert(place, needs);
        self.places.of.insert(register, place);
        Some(place)
    }

    pub(in crate::policy::engine) fn literal(
        &mut self,
        program: &Program,
        index: u16,
    ) -> Option<u8> {
        if let Some(place) = self.literals.get(&index) {
            return Some(*place);
        }
        let value = program.literals.get(usize::from(index))?.clone();
        let place = self.value_place(value)?;
        self.literals.insert(index, place);
        Some(place)
    }

    pub(in crate::policy::engine) fn plain(&mut self, register: u8, value: Value) -> Option<()> {
        let place = self.value_place(value)?;
        self.places.of.insert(register, place);
        Some(())
    }

    fn value_place(&mut self, value: Value) -> Option<u8> {
        let place = LITERALS.checked_add(u8::try_from(self.values.len()).ok()?)?;
        self.values.push(value);
        Some(place)
    }

    pub(in crate::policy::engine) fn get(&mut self, dest: u8, of: u8, key: u8) -> Option<()> {
        let place = self.look(of, key)?;
        self.places.of.insert(dest, place);
        Some(())
    }

    /// A place for what lies under a key. Of literals it is a literal.
    pub(in crate::policy::engine) fn look(&mut self, of: u8, key: u8) -> Option<u8> {
        let known = self.known(of).zip(self.known(key));
        let known = known.map(|(of, key)| of[key].clone());
        if let Some(value) = known.filter(|value| *value != Value::Undefined) {
            return self.value_place(value);
        }
        let to = self.places.new_place()?;
        self.needs.insert(to, self.all_needs(&[of, key]));
        self.codes.push(KernelCode::Get { to, of, key });
        Some(to)
    }

    /// The recipe as a literal of a program: what is done as a text, then the literals that it names.
    pub(in crate::policy::engine) fn value(&self) -> Option<Value> {
        let written = Kernel {
            kind: self.kind,
            has_keys: self.has_keys,
            places: self.places.next,
            captured: self.captured_places.clone(),
            codes: self.codes.clone(),
            found: Vec::new(),
        };
        let bytes = postcard::to_allocvec(&written).ok()?;
        let text: String = bytes.into_iter().map(char::from).collect();
        let text = Value::String(Arc::from(text));
        let all = [text].into_iter().chain(self.values.iter().cloned());
        Some(Value::from(all.collect::<Vec<_>>()))
    }
}
