//! What single codes do: what `regorus::rvm::vm::dispatch` does for the instructions that they were written for.

use std::borrow::Cow;
use std::cell::Cell;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::OnceLock;

use regorus::rvm::instructions::GuardMode;
use regorus::unstable::{BUILTINS, BuiltinFcn, Expr, Ref, Span};
use regorus::{LimitError, Rc, Value};

use super::execute::{CodeResult, SlotValue, Turn, unless_undefined};
use super::kernel::{CompareOperator, FUNCTIONS, KernelCode, KernelKind, LITERALS};
use crate::policy::engine::builtins;
use crate::policy::engine::builtins::{regex, text};

impl<'v> Turn<'_, 'v> {
    /// Whether all conditions hold.
    pub(in crate::policy::engine) fn follow(&mut self, codes: &[KernelCode]) -> CodeResult<bool> {
        for code in codes {
            match code {
                KernelCode::Ask { mode, of } => {
                    if !holds(*mode, self.see(*of)) {
                        return Ok(false);
                    }
                }
                KernelCode::Same { left, right } => {
                    let same = self.see(*left).zip(self.see(*right));
                    if same.is_none_or(|(left, right)| left != right) {
                        return Ok(false);
                    }
                }
                KernelCode::Body { to, of, codes } => {
                    let holds = self.follow(codes)?;
                    let value = holds.then(|| self.get(*of)).flatten();
                    self.set(*to, value);
                }
                KernelCode::Each {
                    of,
                    has_keys,
                    key,
                    value,
                    codes,
                } => {
                    let of = self.get(*of);
                    self.each(of, (has_keys.then_some(*key), *value), codes)?;
                }
                KernelCode::Give { value, key } => {
                    let key = match self.written.kind {
                        KernelKind::Object => self.get(*key).map(Cow::into_owned),
                        _ => None,
                    };
                    if let Some(value) = self.get(*value) {
                        self.given.push((key, value.into_owned()));
                        self.meter.made(1);
                    }
                }
                KernelCode::Call { to, function, args } => {
                    let value = self.call((*to, *function), args)?;
                    self.set(*to, value);
                }
                made => {
                    let (to, value) = self.make(made);
                    self.set(to, value);
                }
            }
        }
        Ok(true)
    }

    /// What a code makes, and the place for it.
    fn make(&mut self, code: &KernelCode) -> (u8, SlotValue<'v>) {
        let truth = |value: bool| Some(Cow::Owned(Value::Bool(value)));
        match code {
            KernelCode::Get { to, of, key } => (*to, self.look(*of, *key, *to)),
            KernelCode::Compare {
                how,
                to,
                left,
                right,
            } => {
                let both = self.see(*left).zip(self.see(*right));
                let value = both.map(|(left, right)| compare(*how, left, right));
                (*to, value.and_then(truth))
            }
            KernelCode::Not { to, of } => (*to, truth(holds(GuardMode::Not, self.see(*of)))),
            KernelCode::In { to, all, of } => {
                let of = self.see(*of).unwrap_or(&Value::Undefined);
                let value = match self.see(*all) {
                    Some(Value::Set(items)) => items.contains(of),
                    Some(Value::Array(items)) => items.contains(of),
                    Some(Value::Object(fields)) => fields.values().any(|value| value == of),
                    _ => false,
                };
                (*to, truth(value))
            }
            KernelCode::Count { to, of } => {
                let count = match self.see(*of) {
                    Some(Value::Array(items)) => Some(items.len()),
                    Some(Value::Object(fields)) => Some(fields.len()),
                    Some(Value::Set(items)) => Some(items.len()),
                    _ => None,
                };
                (*to, count.map(|count| Cow::Owned(Value::from(count))))
            }
            KernelCode::Array { to, of } => {
                let items = of.iter().map(|of| self.get(*of).map(Cow::into_owned));
                let items: Option<Vec<Value>> = items.collect();
                self.meter.made(of.len());
                (*to, items.map(|items| Cow::Owned(Value::from(items))))
            }
            KernelCode::Object {
                to,
                template,
                fields,
            } => {
                let value = self.object(*template, fields);
                self.meter.made(fields.len());
                (*to, value.map(Cow::Owned))
            }
            KernelCode::Agreed { to, of } => {
                let mut said = of.iter().filter_map(|of| self.see(*of));
                let first = said.next();
                let agreed = first.filter(|first| said.all(|other| other == *first));
                (*to, agreed.cloned().map(Cow::Owned))
            }
            // What `follow` does itself fills the place that it names there.
            KernelCode::Ask { of, .. } | KernelCode::Each { of, .. } => (*of, self.get(*of)),
            KernelCode::Same { left, .. } => (*left, self.get(*left)),
            KernelCode::Body { to, .. } | KernelCode::Call { to, .. } => (*to, None),
            KernelCode::Give { value, .. } => (*value, self.get(*value)),
        }
    }

    /// What lies under a key; `to` is the place that is filled with it.
    fn look(&self, of: u8, key: u8, to: u8) -> SlotValue<'v> {
        let key = self.see(key)?;
        let found = self.written.found.get(usize::from(to));
        let of = match of.checked_sub(LITERALS) {
            Some(literal) => self.literals.get(usize::from(literal)).copied()?,
            None => match self.places[usize::from(of)].as_ref()? {
                Cow::Borrowed(of) => of,
                Cow::Owned(of) => {
                    return unless_undefined(Cow::Owned(under(of, key, found)?.clone()));
                }
            },
        };
        under(of, key, found)
            .map(Cow::Borrowed)
            .and_then(unless_undefined)
    }

    fn object(&self, template: u8, fields: &[(u8, u8)]) -> Option<Value> {
        let Some(Value::Object(template)) = self.see(template) else {
            return None;
        };
        let of_template = template.iter_sorted();
        let mut object: BTreeMap<Value, Value> = of_template
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        for (key, value) in fields {
            object.insert(self.get(*key)?.into_owned(), self.get(*value)?.into_owned());
        }
        Some(Value::from(object))
    }

    /// What is asked of every column, without a copy of all of it.
    fn call_own(&self, function: u8, args: &[u8]) -> Option<Value> {
        let name = FUNCTIONS.get(usize::from(function)).copied()?;
        match (name, args) {
            ("object.filter", [of, keys]) => {
                let Value::Object(fields) = self.see(*of)? else {
                    return None;
                };
                let field = |key: &Value| Some((key.clone(), fields.get(key)?.clone()));
                let kept: BTreeMap<Value, Value> = match self.see(*keys)? {
                    Value::Array(keys) => keys.iter().filter_map(field).collect(),
                    Value::Set(keys) => keys.iter().filter_map(field).collect(),
                    _ => return None,
                };
                Some(Value::from(kept))
            }
            ("count", [of]) => match self.see(*of)? {
                Value::String(text) if text.is_ascii() => Some(Value::from(text.len())),
                _ => None,
            },
            ("lower", [of]) => match self.see(*of)? {
                Value::String(text) => Some(Value::String(text::lower_text(text))),
                _ => None,
            },
            ("trim_space", [of]) => match self.see(*of)? {
                Value::String(text) if text.trim().len() == text.len() => {
                    Some(Value::String(Rc::clone(text)))
                }
                _ => None,
            },
            (name, [one, other]) => {
                let (Value::String(one), Value::String(other)) =
                    (self.see(*one)?, self.see(*other)?)
                else {
                    return None;
                };
                match name {
                    "regex.match" => regex::is_match(one, other).map(Value::Bool),
                    "contains" => Some(Value::Bool(text::contains_text(one, other))),
                    "startswith" => Some(Value::Bool(one.starts_with(&**other))),
                    "endswith" => Some(Value::Bool(one.ends_with(&**other))),
                    "split" => text::split_text(one, other),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    fn call(&mut self, (to, function): (u8, u8), args: &[u8]) -> CodeResult<SlotValue<'v>> {
        if let ([of, key, other], 0) = (args, function)
            && let (Some(Value::Object(_)), Some(key_value)) = (self.see(*of), self.see(*key))
            && !matches!(key_value, Value::Array(_))
        {
            let Some(other) = self.get(*other) else {
                return Ok(None);
            };
            return Ok(Some(self.look(*of, *key, to).unwrap_or(other)));
        }
        if let Some(value) = self.call_own(function, args) {
            self.meter.value(&value);
            return Ok(Some(Cow::Owned(value)));
        }
        let mut values = [const { Value::Undefined }; MOST];
        for (value, arg) in values.iter_mut().zip(args) {
            match self.get(*arg) {
                Some(arg) => *value = arg.into_owned(),
                None => return Ok(None),
            }
        }
        let known = builtin(function).zip(values.get(..args.len()));
        let Some((builtin, args)) = known else {
            return Ok(None);
        };
        let params = self.builtins.params.get(..args.len()).unwrap_or(&[]);
        match builtin(self.builtins.span, params, args, self.builtins.strict) {
            Ok(value) => {
                self.meter.value(&value);
                Ok(unless_undefined(Cow::Owned(value)))
            }
            Err(error) if error.downcast_ref::<LimitError>().is_some() => Err(error),
            Err(_) => Ok(None),
        }
    }
}

/// How many arguments the builtins of turns take at most.
pub(in crate::policy::engine) const MOST: usize = 4;

/// What a builtin is.
type Builtin = fn(&Span, &[Ref<Expr>], &[Value], bool) -> CodeResult<Value>;

fn builtin(function: u8) -> Option<Builtin> {
    static ALL: OnceLock<Vec<Option<BuiltinFcn>>> = OnceLock::new();
    let all = ALL.get_or_init(|| {
        let builtin =
            |name: &&str| builtins::find_replacement(name).or_else(|| BUILTINS.get(*name).copied());
        FUNCTIONS.iter().map(builtin).collect()
    });
    let known = all.get(usize::from(function)).copied().flatten();
    known.map(|(builtin, _)| builtin)
}

/// What lies under a key. `found` says where the field was in the object before, or would have been.
fn under<'o>(of: &'o Value, key: &Value, found: Option<&Cell<u8>>) -> Option<&'o Value> {
    let (Value::Object(fields), Value::String(name), Some(found)) = (of, key, found) else {
        return Some(&of[key]);
    };
    if fields.len() > FEW {
        return fields.get(key);
    }
    let guess = found.get();
    let mut all = fields.iter_sorted();
    let before = guess.checked_sub(1);
    let before = before.and_then(|before| all.nth(usize::from(before)));
    if let Some((known, value)) = all.clone().next()
        && matches!(known, Value::String(known) if known == name)
    {
        return Some(value);
    }
    let mut place = 0;
    match before.map(|(known, _)| order(known, name)) {
        Some(Ordering::Less) => place = guess,
        _ => all = fields.iter_sorted(),
    }
    for (known, value) in all {
        match order(known, name) {
            Ordering::Less => place += 1,
            order => {
                found.set(place);
                return (order == Ordering::Equal).then_some(value);
            }
        }
    }
    found.set(place);
    None
}

/// Of so few fields places are known.
const FEW: usize = 64;

/// Compares a key of an object with a name, in the order of values: texts come before collections and after all else.
fn order(known: &Value, name: &Rc<str>) -> Ordering {
    match known {
        Value::String(known) if Rc::ptr_eq(known, name) => Ordering::Equal,
        Value::String(known) => known.as_ref().cmp(name.as_ref()),
        other => other.cmp(&Value::String(Rc::clone(name))),
    }
}

fn holds(mode: GuardMode, value: Option<&Value>) -> bool {
    match (mode, value) {
        (GuardMode::Not, None) => true,
        (GuardMode::Not, Some(Value::Bool(value))) => !value,
        (GuardMode::Not, Some(_)) => false,
        (_, None) => false,
        (GuardMode::Condition, Some(Value::Bool(value))) => *value,
        (GuardMode::Condition | GuardMode::NotUndefined, Some(_)) => true,
    }
}

fn compare(how: CompareOperator, left: &Value, right: &Value) -> bool {
    match how {
        CompareOperator::Eq => left == right,
        CompareOperator::Ne => left != right,
        CompareOperator::Lt => left < right,
        CompareOperator::Le => left <= right,
        CompareOperator::Gt => left > right,
        CompareOperator::Ge => left >= right,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_under_a_key_does_not_depend_on_where_it_was_before() {
        let names: Vec<Value> = ["a", "b", "ba", "c", "d"].map(Value::from).to_vec();
        let others = [Value::Null, Value::from(1), Value::from(vec![Value::Null])];
        let keys: Vec<&Value> = names.iter().chain(&others).collect();
        let object = |bits: usize| {
            let has = |(at, _): &(usize, _)| bits & (1 << at) != 0;
            let fields = keys.iter().enumerate().filter(has);
            let fields = fields.map(|(at, key)| ((*key).clone(), Value::from(at + bits)));
            Value::from(fields.collect::<BTreeMap<_, _>>())
        };
        for bits in 0..1 << keys.len() {
            let of = object(bits);
            for name in &names {
                for place in 0..10 {
                    let found = Cell::new(place);
                    for _ in 0..2 {
                        let value = under(&of, name, Some(&found));
                        let value = value.cloned().unwrap_or(Value::Undefined);
                        assert_eq!(value, of[name], "{of} at {name}, from {place}");
                    }
                }
            }
        }
    }
}
