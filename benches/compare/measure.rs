//! Runs a command as a whole process and says what it took, by the operating system's own account.

use std::error::Error;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use wait4::Wait4;

/// What one run took.
#[derive(Clone, Copy)]
pub(crate) struct Run {
    pub(crate) wall: Duration,
    /// User and system time of all threads.
    pub(crate) cpu: Duration,
    /// Bytes: the largest resident set.
    pub(crate) memory: u64,
}

/// A command line in a folder.
#[derive(Clone)]
pub(crate) struct Line {
    pub(crate) program: String,
    pub(crate) arguments: Vec<String>,
    pub(crate) folder: std::path::PathBuf,
    pub(crate) environment: Vec<(String, String)>,
}

impl Line {
    pub(crate) fn new(program: impl Into<String>, arguments: &[&str], folder: &Path) -> Self {
        Self {
            program: program.into(),
            arguments: arguments.iter().map(ToString::to_string).collect(),
            folder: folder.to_path_buf(),
            environment: Vec::new(),
        }
    }

    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args(&self.arguments)
            .current_dir(&self.folder)
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null());
        command
    }

    /// Runs it and gives what it printed, whatever its exit code.
    pub(crate) fn output(&self) -> Result<String, Box<dyn Error>> {
        let output = self.command().stderr(Stdio::inherit()).output();
        let output = output.map_err(|error| format!("`{}`: {error}", self.program))?;
        Ok(String::from_utf8(output.stdout)?)
    }

    /// Runs it once; what it prints is thrown away.
    pub(crate) fn run(&self) -> Result<Run, Box<dyn Error>> {
        let mut command = self.command();
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let started = Instant::now();
        let mut child = command
            .spawn()
            .map_err(|error| format!("`{}`: {error}", self.program))?;
        let used = child.wait4()?.rusage;
        Ok(Run {
            wall: started.elapsed(),
            cpu: used.utime + used.stime,
            memory: used.maxrss,
        })
    }
}

/// One warming run of each, then `runs` of each in turn, so that a machine that gets slower is slower for all.
pub(crate) fn interleaved(lines: &[Line], runs: usize) -> Result<Vec<Vec<Run>>, Box<dyn Error>> {
    for line in lines {
        line.run()?;
    }
    let mut taken = vec![Vec::with_capacity(runs); lines.len()];
    for _ in 0..runs {
        for (line, taken) in lines.iter().zip(&mut taken) {
            taken.push(line.run()?);
        }
    }
    Ok(taken)
}

/// The median of what the runs took, each figure by itself.
pub(crate) fn median(runs: &[Run]) -> Run {
    let middle = |mut all: Vec<Duration>| {
        all.sort();
        all.get(all.len() / 2).copied().unwrap_or_default()
    };
    Run {
        wall: middle(runs.iter().map(|run| run.wall).collect()),
        cpu: middle(runs.iter().map(|run| run.cpu).collect()),
        memory: runs.iter().map(|run| run.memory).max().unwrap_or_default(),
    }
}
