//! Regular expressions of rules, kept ready by thread. regorus hands out a copy of a compiled expression at each call,
//! and a copy has no automaton yet: it was built anew for every text that was looked at. Same answers; whatever is not
//! plain is left to regorus's own builtin.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use regex::{Regex, RegexBuilder};
use regorus::Value;
use regorus::unstable::{Expr, Ref, Span};

use super::theirs::{BuiltinResult, call_regorus};

/// How many expressions a thread keeps.
const KEPT: usize = 128;

/// The bound that regorus sets: what compiles there compiles here, and nothing else.
const SIZE_LIMIT: usize = 100 * 1024;

thread_local! {
    static READY: RefCell<ReadyRegexes> = const { RefCell::new(ReadyRegexes { kept: Vec::new(), next: 0 }) };
}

struct ReadyRegexes {
    kept: Vec<(Arc<str>, Rc<Regex>)>,
    /// Which one is evicted next.
    next: usize,
}

impl ReadyRegexes {
    /// `None` if the expression is invalid or too large.
    fn get(&mut self, pattern: &Arc<str>) -> Option<Rc<Regex>> {
        // Patterns are literals, so that the same one lies at the same place.
        let same = |known: &&(Arc<str>, Rc<Regex>)| Arc::ptr_eq(&known.0, pattern);
        let known = self.kept.iter().find(same);
        if let Some((_, regex)) =
            known.or_else(|| self.kept.iter().find(|(known, _)| known == pattern))
        {
            return Some(Rc::clone(regex));
        }
        let regex = Rc::new(compiled(pattern)?);
        let entry = (Arc::clone(pattern), Rc::clone(&regex));
        match self.kept.get_mut(self.next) {
            Some(place) => *place = entry,
            None => self.kept.push(entry),
        }
        self.next = (self.next + 1) % KEPT;
        Some(regex)
    }
}

/// An expression for all threads: `None` inside if it is invalid or too large.
type SharedRegex = Arc<OnceLock<Option<Regex>>>;

/// An expression that is compiled once for all threads, where there is room: for a large one that takes longer than a
/// contract. Each holder has its own automata.
fn compiled(pattern: &Arc<str>) -> Option<Regex> {
    static SHARED: Mutex<BTreeMap<Arc<str>, SharedRegex>> = Mutex::new(BTreeMap::new());
    let compile = || {
        let compiled = RegexBuilder::new(pattern).size_limit(SIZE_LIMIT).build();
        compiled.ok()
    };
    let place = {
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        match shared.get(pattern) {
            Some(place) => Arc::clone(place),
            None if shared.len() >= KEPT => return compile(),
            None => {
                let place = SharedRegex::default();
                shared.insert((**pattern).into(), Arc::clone(&place));
                place
            }
        }
    };
    place.get_or_init(compile).clone()
}

fn ready(pattern: &Value) -> Option<Rc<Regex>> {
    match pattern {
        Value::String(pattern) => READY.with_borrow_mut(|ready| ready.get(pattern)),
        _ => None,
    }
}

/// Whether a text matches. `None` if regorus's own builtin must decide.
pub(in crate::policy::engine) fn is_match(pattern: &Arc<str>, text: &str) -> Option<bool> {
    let regex = READY.with_borrow_mut(|ready| ready.get(pattern))?;
    Some(regex.is_match(text))
}

/// `regex.match`.
pub(super) fn regex_match(
    span: &Span,
    params: &[Ref<Expr>],
    args: &[Value],
    strict: bool,
) -> BuiltinResult {
    if let [pattern, Value::String(text)] = args
        && let Some(regex) = ready(pattern)
    {
        return Ok(Value::Bool(regex.is_match(text)));
    }
    call_regorus("regex.match", span, params, args, strict)
}

/// `regex.replace`.
pub(super) fn regex_replace(
    span: &Span,
    params: &[Ref<Expr>],
    args: &[Value],
    strict: bool,
) -> BuiltinResult {
    if let [Value::String(text), pattern, Value::String(with)] = args
        && let Some(regex) = ready(pattern)
    {
        return Ok(Value::String(regex.replace_all(text, &**with).into()));
    }
    call_regorus("regex.replace", span, params, args, strict)
}
