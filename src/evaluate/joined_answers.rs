//! Answers of a mesh rule that was asked in parts: which fact each is about, and all of them as one list. Asks no rule.

use std::collections::BTreeMap;

use super::answer::{AnswerTarget, Answers, DenyAnswer};

/// The fact that an answer is about. `None` if it is about several facts, or none.
pub(super) fn owning_fact(answer: &Result<DenyAnswer, String>) -> Option<usize> {
    let answer = answer.as_ref().ok()?;
    let AnswerTarget::Fact(number, _) = answer.target else {
        return None;
    };
    let own = |target: &AnswerTarget| match target {
        AnswerTarget::Fact(other, _) => *other == number,
        _ => true,
    };
    let related = answer.related.iter();
    related.map(|(target, _)| target).all(own).then_some(number)
}

/// Joins known and new answers. An answer that several parts give counts once.
pub(super) fn join_answers(known: Answers, parts: Vec<Answers>) -> Answers {
    if known.is_empty() && parts.len() < 2 {
        return parts.into_iter().flatten().collect();
    }
    let mut all: Answers = Vec::new();
    let mut said: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for answer in known.into_iter().chain(parts.into_iter().flatten()) {
        let message = match &answer {
            Ok(answer) => answer.message.clone(),
            Err(why) => why.clone(),
        };
        let alike = said.entry(message).or_default();
        let about_a_fact = answer
            .as_ref()
            .is_ok_and(|answer| matches!(answer.target, AnswerTarget::Fact(..)));
        if about_a_fact || !alike.iter().any(|at| all.get(*at) == Some(&answer)) {
            if !about_a_fact {
                alike.push(all.len());
            }
            all.push(answer);
        }
    }
    all
}
