//! Programs of the pack in the binary as bytes, so that a run need not compile what is known before. The bytes are the
//! binary's own: nobody else's are read.

use std::sync::Arc;

use regorus::Value;
use regorus::rvm::Program;
use regorus::rvm::instructions::Instruction;
use regorus::rvm::program::DeserializationResult;

use super::settle::{calls, drop_unreached};
use super::{Judge, mend, regexes};

/// A program as bytes.
#[derive(Debug, Clone)]
pub struct Kept {
    /// What `Judge::to_bytes` gave.
    pub bytes: &'static [u8],
    /// Rules that its entry points ask, and that are off: `data.govcheck.kpi.bad_name.deny`.
    pub off: Vec<String>,
}

impl Kept {
    /// The program; none if the bytes are none of this engine's.
    pub(super) fn judge(&self, entry_points: &[String]) -> Option<Judge> {
        let read = Program::deserialize_binary(self.bytes).ok()?;
        let DeserializationResult::Complete(mut program) = read else {
            return None;
        };
        program
            .entry_points
            .retain(|name, _| entry_points.contains(name));
        if program.entry_points.len() != entry_points.len() {
            return None;
        }
        if !self.off.is_empty() {
            silence(&mut program, entry_points, &self.off);
        }
        regexes::install(&mut program);
        Some(Judge {
            program: Arc::new(program),
            trace: None,
        })
    }
}

/// Lets entry points take the empty set for what rules that are off would say; other rules that ask these still do.
fn silence(program: &mut Program, entry_points: &[String], off: &[String]) {
    let nothing = mend::literal(program, Value::new_set());
    let is_off: Vec<bool> = program
        .rule_infos
        .iter()
        .map(|info| off.contains(&info.name))
        .collect();
    let asks = program.rule_infos.iter();
    let asks = asks.filter(|info| entry_points.contains(&info.name));
    let places: Vec<usize> = asks.flat_map(|info| calls(program, info)).collect();
    for place in places {
        if let Some(instruction) = program.instructions.get_mut(place)
            && let Instruction::CallRule { dest, rule_index } = *instruction
            && is_off.get(usize::from(rule_index)) == Some(&true)
        {
            *instruction = Instruction::Load {
                dest,
                literal_idx: nothing,
            };
        }
    }
    drop_unreached(program);
}

#[cfg(test)]
impl Judge {
    /// Its program as bytes, without what only messages and traces would read.
    pub(in crate::policy) fn to_bytes(&self) -> Vec<u8> {
        let mut program = (*self.program).clone();
        program.sources.clear();
        program.instruction_spans.clear();
        program.serialize_binary().unwrap()
    }
}
