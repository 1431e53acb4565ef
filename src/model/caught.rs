//! Catches panics, so that one bad value costs a finding and not the run. A caught panic is not printed: the finding
//! reports it.

use std::any::Any;
use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};

thread_local! {
    static CATCHING: Cell<bool> = const { Cell::new(false) };
}

/// Runs something that may panic. After a panic, values that it changed must not be used.
///
/// # Errors
/// The panic's own text.
pub fn catch_panic<T>(run: impl FnOnce() -> T) -> Result<T, String> {
    let outer = CATCHING.replace(true);
    let outcome = panic::catch_unwind(AssertUnwindSafe(run));
    CATCHING.set(outer);
    outcome.map_err(|payload| text(payload.as_ref()))
}

/// From here on a panic inside [`catch_panic`] prints nothing; others print as before. For `main`, once.
pub fn silence_caught() {
    let others = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        if !CATCHING.get() {
            others(panic);
        }
    }));
}

fn text(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(ToString::to_string);
    text.or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "without a message".to_owned())
}
