//! Follows a recipe for all elements of a collection: the same answers as the VM's own instructions, without its dispatch.
//! Single codes are executed by `execute_codes`.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;
use std::sync::Arc;

use foldhash::fast::RandomState;
use regorus::Value;
use regorus::unstable::{Expr, Ref, Span};

use super::kernel::{Kernel, KernelCode, KernelKind, LITERALS};
use crate::policy::engine::meter::Meter;

pub(in crate::policy::engine) type CodeResult<T> = anyhow::Result<T>;

/// A value, or that there is none.
pub(in crate::policy::engine) type SlotValue<'v> = Option<Cow<'v, Value>>;

/// The builtin. Its arguments are a collection, a kernel, and the values that the kernel captures.
pub(in crate::policy::engine) fn run_loop(
    span: &Span,
    params: &[Ref<Expr>],
    args: &[Value],
    strict: bool,
) -> CodeResult<Value> {
    let [collection, Value::Array(recipe), captured @ ..] = args else {
        anyhow::bail!("no recipe");
    };
    let Some(Value::String(text)) = recipe.first() else {
        anyhow::bail!("no recipe");
    };
    let written = read(text)?;
    let mut places = vec![None; usize::from(written.places)];
    for (place, value) in written.captured.iter().zip(captured) {
        places[usize::from(*place)] = unless_undefined(Cow::Borrowed(value));
    }
    let turn = Turn {
        written: &written,
        literals: recipe.iter().skip(1).collect(),
        builtins: Builtins {
            span,
            params,
            strict,
        },
        places,
        given: Vec::new(),
        meter: Meter::new(),
    };
    match written.kind {
        KernelKind::Some | KernelKind::Every => turn.sift(collection),
        KernelKind::Array | KernelKind::Set | KernelKind::Object | KernelKind::More => {
            turn.gather(collection)
        }
    }
}

/// Kernels that a thread has read, by the address of their texts. Each keeps its text, so that no other text gets that
/// address.
type Recipes = HashMap<*const u8, (Arc<str>, Rc<Kernel>), RandomState>;

/// How many are kept; there are some dozens to a program.
const KEPT: usize = 4096;

fn read(text: &Arc<str>) -> CodeResult<Rc<Kernel>> {
    thread_local! {
        static READ: RefCell<Recipes> = RefCell::default();
    }
    READ.with_borrow_mut(|known| {
        if let Some((_, written)) = known.get(&text.as_ptr()) {
            return Ok(Rc::clone(written));
        }
        let Some(written) = Kernel::read(text).map(Rc::new) else {
            anyhow::bail!("no recipe");
        };
        if known.len() >= KEPT {
            known.clear();
        }
        let entry = (Arc::clone(text), Rc::clone(&written));
        known.insert(text.as_ptr(), entry);
        Ok(written)
    })
}

/// What builtins are called with.
pub(in crate::policy::engine) struct Builtins<'c> {
    pub(in crate::policy::engine) span: &'c Span,
    pub(in crate::policy::engine) params: &'c [Ref<Expr>],
    pub(in crate::policy::engine) strict: bool,
}

/// The turns of one loop.
pub(in crate::policy::engine) struct Turn<'c, 'v> {
    pub(in crate::policy::engine) written: &'c Kernel,
    pub(in crate::policy::engine) literals: Vec<&'v Value>,
    pub(in crate::policy::engine) builtins: Builtins<'c>,
    pub(in crate::policy::engine) places: Vec<SlotValue<'v>>,
    /// What comprehensions take: keys, where they have any, and values.
    pub(in crate::policy::engine) given: Vec<(Option<Value>, Value)>,
    pub(in crate::policy::engine) meter: Meter,
}

pub(in crate::policy::engine) fn unless_undefined(value: Cow<'_, Value>) -> SlotValue<'_> {
    (*value != Value::Undefined).then_some(value)
}

/// Keys and elements.
type LoopElements<'v> = Box<dyn Iterator<Item = (Cow<'v, Value>, &'v Value)> + 'v>;

/// Elements with their keys, as a loop sees them. `None` unless the value is a collection.
fn elements(collection: &Value) -> Option<LoopElements<'_>> {
    Some(match collection {
        Value::Array(items) => {
            let items = items.iter().enumerate();
            Box::new(items.map(|(at, item)| (Cow::Owned(Value::from(at)), item)))
        }
        Value::Object(fields) => {
            let fields = fields.iter_sorted();
            Box::new(fields.map(|(key, value)| (Cow::Borrowed(key), value)))
        }
        Value::Set(items) => {
            let items = items.iter_sorted();
            Box::new(items.map(|item| (Cow::Borrowed(item), item)))
        }
        _ => return None,
    })
}

impl<'v> Turn<'_, 'v> {
    /// The elements that pass, with their keys where the loop asks for these; of `every`, the first that does not.
    fn sift(mut self, collection: &'v Value) -> CodeResult<Value> {
        let Some(elements) = elements(collection) else {
            return Ok(collection.clone());
        };
        let every = self.written.kind == KernelKind::Every;
        let mut kept: Vec<(Cow<'_, Value>, &Value)> = Vec::new();
        let mut all = true;
        for (key, value) in elements {
            if self.passes(key.clone(), value)? == every {
                all = false;
                continue;
            }
            kept.push((key, value));
            if every {
                all = false;
                break;
            }
        }
        if all {
            return Ok(collection.clone());
        }
        Ok(match collection {
            Value::Set(_) => Value::from(
                kept.into_iter()
                    .map(|(_, item)| item.clone())
                    .collect::<BTreeSet<_>>(),
            ),
            _ if self.written.has_keys => {
                let kept = kept.into_iter();
                let kept = kept.map(|(key, value)| (key.into_owned(), value.clone()));
                Value::from(kept.collect::<BTreeMap<_, _>>())
            }
            _ => Value::from(
                kept.into_iter()
                    .map(|(_, item)| item.clone())
                    .collect::<Vec<_>>(),
            ),
        })
    }

    /// What a comprehension makes of the elements that pass.
    fn gather(mut self, collection: &'v Value) -> CodeResult<Value> {
        for (key, value) in elements(collection).into_iter().flatten() {
            self.passes(key, value)?;
        }
        let kind = self.written.kind;
        let first = self.written.captured.first().copied();
        let before = first.and_then(|place| self.get(place));
        let values = self.given.into_iter();
        Ok(match (kind, before.as_deref()) {
            (KernelKind::Object, _) => {
                let pairs = values.filter_map(|(key, value)| Some((key?, value)));
                Value::from(pairs.collect::<BTreeMap<_, _>>())
            }
            (KernelKind::Array, _) => {
                Value::from(values.map(|(_, value)| value).collect::<Vec<_>>())
            }
            (KernelKind::More, Some(Value::Set(before))) if !before.is_empty() => {
                let before = before.iter_sorted().cloned();
                let all = before.chain(values.map(|(_, value)| value));
                Value::from(all.collect::<BTreeSet<_>>())
            }
            _ => Value::from(values.map(|(_, value)| value).collect::<BTreeSet<_>>()),
        })
    }

    fn passes(&mut self, key: Cow<'v, Value>, value: &'v Value) -> CodeResult<bool> {
        if self.written.has_keys {
            self.places[0] = Some(key);
        }
        self.places[1] = Some(Cow::Borrowed(value));
        self.meter.turn()?;
        let codes = &self.written.codes;
        self.follow(codes)
    }

    pub(in crate::policy::engine) fn get(&self, place: u8) -> SlotValue<'v> {
        match place.checked_sub(LITERALS) {
            Some(literal) => {
                let literal = self.literals.get(usize::from(literal)).copied();
                literal.map(Cow::Borrowed).and_then(unless_undefined)
            }
            None => self.places[usize::from(place)].clone(),
        }
    }

    /// The same, to look at.
    pub(in crate::policy::engine) fn see(&self, place: u8) -> Option<&Value> {
        match place.checked_sub(LITERALS) {
            Some(literal) => self.literals.get(usize::from(literal)).copied(),
            None => self.places[usize::from(place)].as_deref(),
        }
    }

    pub(in crate::policy::engine) fn set(&mut self, place: u8, value: SlotValue<'v>) {
        self.places[usize::from(place)] = value;
    }

    /// The turns of a loop in the loop.
    pub(in crate::policy::engine) fn each(
        &mut self,
        of: SlotValue<'v>,
        (key_place, value_place): (Option<u8>, u8),
        codes: &[KernelCode],
    ) -> CodeResult<()> {
        let mut turn = |key: Cow<'v, Value>, value: Cow<'v, Value>| {
            if let Some(place) = key_place {
                self.set(place, Some(key));
            }
            self.set(value_place, Some(value));
            self.meter.turn()?;
            self.follow(codes).map(|_| ())
        };
        match of {
            Some(Cow::Borrowed(of)) => {
                for (key, value) in elements(of).into_iter().flatten() {
                    turn(key, Cow::Borrowed(value))?;
                }
            }
            Some(Cow::Owned(of)) => {
                for (key, value) in elements(&of).into_iter().flatten() {
                    turn(Cow::Owned(key.into_owned()), Cow::Owned(value.clone()))?;
                }
            }
            None => {}
        }
        Ok(())
    }
}
