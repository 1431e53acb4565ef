//! The progress bar: drawn on a terminal, and only when the work takes long enough to make one wonder. Knows nothing of the work itself.

use std::sync::Mutex;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Work that ends sooner than this shows nothing.
const PATIENCE: Duration = Duration::from_secs(1);

/// Counts work that is done, from any number of threads.
#[derive(Debug)]
pub struct Progress {
    bar: ProgressBar,
    patience: Duration,
    /// Where to draw once patience has run out; taken by the first thread that sees it has.
    target: Mutex<Option<ProgressDrawTarget>>,
}

impl Progress {
    /// Starts the clock. Nothing is ever drawn if not `enabled`, or if standard error is no terminal.
    pub fn new(enabled: bool) -> Self {
        let target = enabled.then(ProgressDrawTarget::stderr);
        Self::drawn_on(target.filter(|target| !target.is_hidden()), PATIENCE)
    }

    fn drawn_on(target: Option<ProgressDrawTarget>, patience: Duration) -> Self {
        let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::hidden());
        if let Ok(style) = ProgressStyle::with_template("{msg} [{bar:30}] {pos}/{len}") {
            bar.set_style(style.progress_chars("=> "));
        }
        bar.set_message("judging");
        Self {
            bar,
            patience,
            target: Mutex::new(target),
        }
    }

    /// Says how many steps there are in all.
    pub fn set_length(&self, steps: u64) {
        self.bar.set_length(steps);
    }

    /// Counts steps as done.
    pub fn inc(&self, steps: u64) {
        self.bar.inc(steps);
        if self.bar.elapsed() >= self.patience {
            self.show();
        }
    }

    fn show(&self) {
        // A worker that panicked while holding the lock must not take the others with it: no bar, then.
        if let Ok(mut target) = self.target.lock()
            && let Some(target) = target.take()
        {
            self.bar.set_draw_target(target);
            self.bar.tick();
        }
    }

    /// Takes the bar off the screen.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::Arc;

    use indicatif::TermLike;
    use rayon::prelude::*;

    use super::*;

    #[derive(Debug, Clone, Default)]
    struct Screen(Arc<Mutex<String>>);

    impl Screen {
        fn text(&self) -> String {
            self.0.lock().unwrap().clone()
        }
    }

    impl TermLike for Screen {
        fn width(&self) -> u16 {
            80
        }
        fn move_cursor_up(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_down(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_right(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_left(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn write_line(&self, text: &str) -> io::Result<()> {
            self.write_str(text)
        }
        fn write_str(&self, text: &str) -> io::Result<()> {
            self.0.lock().unwrap().push_str(text);
            Ok(())
        }
        fn clear_line(&self) -> io::Result<()> {
            Ok(())
        }
        fn flush(&self) -> io::Result<()> {
            Ok(())
        }
    }

    fn drawn(patience: Duration) -> String {
        let screen = Screen::default();
        let target = ProgressDrawTarget::term_like(Box::new(screen.clone()));
        let progress = Progress::drawn_on(Some(target), patience);
        progress.set_length(100);
        (0..100u32).into_par_iter().for_each(|_| progress.inc(1));
        progress.finish();
        screen.text()
    }

    #[test]
    fn short_work_draws_nothing() {
        assert_eq!(drawn(Duration::from_secs(3600)), "");
    }

    #[test]
    fn long_work_draws_a_bar() {
        assert!(drawn(Duration::ZERO).contains("/100"));
    }

    #[test]
    fn disabled_has_nowhere_to_draw() {
        assert!(Progress::new(false).target.lock().unwrap().is_none());
    }
}
