//! The table: a row for each command of a case, with medians and their ratio to govcheck.

use std::time::Duration;

use crate::measure::{Run, median};

/// What is measured together, interleaved.
pub(crate) struct Case {
    pub(crate) title: String,
    /// What is asked of the first row against the others, in words.
    pub(crate) target: &'static str,
    pub(crate) rows: Vec<(String, Vec<Run>)>,
}

impl Case {
    pub(crate) fn print(&self) {
        println!("\n### {}\n", self.title);
        if !self.target.is_empty() {
            println!("Target: {}.\n", self.target);
        }
        println!(
            "| command | wall, median | min to max | CPU | peak memory | wall against the first |"
        );
        println!("| --- | --- | --- | --- | --- | --- |");
        let first = self.rows.first().map(|(_, runs)| median(runs).wall);
        for (name, runs) in &self.rows {
            let taken = median(runs);
            let least = runs.iter().map(|run| run.wall).min().unwrap_or_default();
            let most = runs.iter().map(|run| run.wall).max().unwrap_or_default();
            let ratio = first.map_or(1.0, |first| taken.wall.as_secs_f64() / first.as_secs_f64());
            println!(
                "| {name} | {} | {} to {} | {} | {:.0} MiB | {ratio:.2} |",
                seconds(taken.wall),
                seconds(least),
                seconds(most),
                seconds(taken.cpu),
                taken.memory as f64 / 1024.0 / 1024.0
            );
        }
    }
}

fn seconds(time: Duration) -> String {
    format!("{:.3} s", time.as_secs_f64())
}
