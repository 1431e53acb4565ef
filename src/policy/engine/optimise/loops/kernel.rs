//! What a turn of a loop does, written down: a list of codes, and the literals that they name. A code fills a place of its
//! own, so that nothing is known here of registers.

use std::cell::Cell;

use regorus::rvm::instructions::{ComprehensionMode, GuardMode};
use serde::{Deserialize, Serialize};

/// What becomes of the elements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::policy::engine) enum KernelKind {
    /// Those that pass are kept, with their keys.
    Some,
    /// The first that does not pass is kept, with its key.
    Every,
    /// Values made of those that pass.
    Array,
    Set,
    Object,
    /// A set that is there already, and values made of those that pass.
    More,
}

impl KernelKind {
    pub(in crate::policy::engine) fn of(mode: &ComprehensionMode) -> Self {
        match mode {
            ComprehensionMode::Array => Self::Array,
            ComprehensionMode::Set => Self::Set,
            ComprehensionMode::Object => Self::Object,
        }
    }
}

/// One thing that is done. Numbers are places.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::policy::engine) enum KernelCode {
    Get {
        to: u8,
        of: u8,
        key: u8,
    },
    /// A condition: what `GuardMode` asks.
    Ask {
        mode: GuardMode,
        of: u8,
    },
    Same {
        left: u8,
        right: u8,
    },
    Compare {
        how: CompareOperator,
        to: u8,
        left: u8,
        right: u8,
    },
    Not {
        to: u8,
        of: u8,
    },
    In {
        to: u8,
        all: u8,
        of: u8,
    },
    /// The number of elements of a collection. Undefined for other values.
    Count {
        to: u8,
        of: u8,
    },
    Call {
        to: u8,
        function: u8,
        args: Vec<u8>,
    },
    Array {
        to: u8,
        of: Vec<u8>,
    },
    Object {
        to: u8,
        template: u8,
        fields: Vec<(u8, u8)>,
    },
    /// A body of a function: where a condition fails, `to` has no value.
    Body {
        to: u8,
        of: u8,
        codes: Vec<KernelCode>,
    },
    /// The value that bodies agree on.
    Agreed {
        to: u8,
        of: Vec<u8>,
    },
    /// A loop in the loop, over what the element holds.
    Each {
        of: u8,
        has_keys: bool,
        key: u8,
        value: u8,
        codes: Vec<KernelCode>,
    },
    /// What a comprehension takes.
    Give {
        value: u8,
        key: u8,
    },
}

/// How two values compare.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(in crate::policy::engine) enum CompareOperator {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
}

/// A recipe as the builtin reads it.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::policy::engine) struct Kernel {
    pub(in crate::policy::engine) kind: KernelKind,
    /// Whether keys are asked for.
    pub(in crate::policy::engine) has_keys: bool,
    /// How many places there are.
    pub(in crate::policy::engine) places: u8,
    /// The places of what comes from outside of the loop.
    pub(in crate::policy::engine) captured: Vec<u8>,
    pub(in crate::policy::engine) codes: Vec<KernelCode>,
    /// By place, where in an object the field was found that filled it last: elements of a list mostly have the same.
    #[serde(skip)]
    pub(in crate::policy::engine) found: Vec<Cell<u8>>,
}

impl Kernel {
    /// Reads a kernel from a literal's text. `None` if it is not one.
    pub(in crate::policy::engine) fn read(text: &str) -> Option<Self> {
        let bytes: Option<Vec<u8>> = text.chars().map(|byte| u8::try_from(byte).ok()).collect();
        let mut written: Self = postcard::from_bytes(&bytes?).ok()?;
        written.found = vec![Cell::new(0); usize::from(written.places)];
        Some(written)
    }
}

/// Builtins that are called in a turn, as they are in the VM.
pub(in crate::policy::engine) const FUNCTIONS: [&str; 34] = [
    "object.get",
    "object.filter",
    "object.keys",
    "regex.match",
    "count",
    "lower",
    "upper",
    "trim_space",
    "trim_left",
    "trim_right",
    "contains",
    "startswith",
    "endswith",
    "split",
    "concat",
    "replace",
    "sprintf",
    "substring",
    "array.reverse",
    "array.concat",
    "array.slice",
    "sort",
    "min",
    "max",
    "type_name",
    "is_string",
    "is_number",
    "is_boolean",
    "is_null",
    "is_array",
    "is_object",
    "is_set",
    "floor",
    "regex.replace",
];

/// From here on places are those of literals.
pub(in crate::policy::engine) const LITERALS: u8 = 128;
