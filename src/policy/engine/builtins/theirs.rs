//! The builtin of regorus itself, for whatever ours leave to it.

use regorus::Value;
use regorus::unstable::{Expr, Ref, Span};

pub(in crate::policy::engine) type BuiltinResult = anyhow::Result<Value>;

pub(in crate::policy::engine) fn call_regorus(
    name: &str,
    span: &Span,
    params: &[Ref<Expr>],
    args: &[Value],
    strict: bool,
) -> BuiltinResult {
    match regorus::unstable::BUILTINS.get(name) {
        Some((builtin, _)) => builtin(span, params, args, strict),
        None => anyhow::bail!("unknown builtin `{name}`"),
    }
}
