//! Counts the steps of reading a text in unit tests, which bound them without a clock. Elsewhere it does nothing.

#[cfg(test)]
thread_local! {
    static STEPS: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// Adds `steps` characters that were looked at.
#[inline]
pub(super) fn count(steps: usize) {
    #[cfg(test)]
    STEPS.set(STEPS.get() + steps);
    let _ = steps;
}

/// The steps that `read` takes on this thread.
#[cfg(test)]
pub(super) fn steps_of(read: impl FnOnce()) -> usize {
    let before = STEPS.get();
    read();
    STEPS.get() - before
}
