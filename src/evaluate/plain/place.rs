//! Where a plain rule's finding is, without its author's help: by `_loc` if he gives it; else by the values that the
//! rule's variables had and the places that its body looks at; else by the names in the message; else the document's head.

use std::cell::OnceCell;

use super::answer::PlainAnswer;
use super::ground::{Ground, Spot};
use crate::model::finding::{Certainty, Related};
use crate::model::location::Location;
use crate::model::path::Step;
use crate::policy::engine::{Bounds, Datum};
use crate::policy::plain::{Plain, PlainRule, Subject};

/// The most places of one finding.
const PLACES: usize = 8;
/// So many ways to one finding are looked at.
const WAYS: usize = 64;

/// A place, and how sure it is.
pub(super) struct Placed {
    /// Which input. `None` if it is all of them.
    pub(super) input: Option<usize>,
    pub(super) location: Option<Location>,
    pub(super) related: Vec<Related>,
    pub(super) route: String,
    pub(super) discriminator: Option<String>,
    pub(super) certainty: Certainty,
    /// The message for a place that the rule gives but the document does not have.
    pub(super) note: Option<String>,
}

/// Finds the places of one rule on one input.
pub(super) struct Placer<'p> {
    plain: &'p Plain,
    rule: &'p PlainRule,
    ground: &'p Ground<'p>,
    input: &'p Datum,
    bounds: Bounds,
    more: usize,
    ways: OnceCell<Vec<Way>>,
}

/// One way in which the rule came to an element.
struct Way {
    body: usize,
    value: Datum,
    variables: Datum,
}

impl<'p> Placer<'p> {
    pub(super) fn new(
        plain: &'p Plain,
        rule: &'p PlainRule,
        ground: &'p Ground<'p>,
        input: &'p Datum,
        bounds: Bounds,
        more: usize,
    ) -> Self {
        Self {
            plain,
            rule,
            ground,
            input,
            bounds,
            more,
            ways: OnceCell::new(),
        }
    }

    pub(super) fn place(&self, said: &PlainAnswer) -> Placed {
        let mut note = None;
        if let Some(line) = said.line {
            if let Some((input, location)) = self.ground.line(said.file.as_deref(), line) {
                let route = self
                    .subjects(said)
                    .first()
                    .and_then(|subject| self.spot(subject));
                let route = route.map_or_else(|| "input".to_owned(), |spot| spot.route);
                return Placed {
                    input: Some(input),
                    location: Some(location),
                    related: Vec::new(),
                    discriminator: self.discriminator(said, &route),
                    route,
                    certainty: Certainty::Exact,
                    note: None,
                };
            }
            let file = said
                .file
                .as_deref()
                .map_or_else(String::new, |file| format!(" of `{file}`"));
            note = Some(format!(
                "`_loc` points at line {line}{file}, which does not exist"
            ));
        }
        let mut placed = self.found(said);
        placed.note = note;
        placed
    }

    fn found(&self, said: &PlainAnswer) -> Placed {
        let subjects = self.subjects(said);
        let mut spots: Vec<(Spot, bool)> = subjects
            .iter()
            .filter_map(|subject| {
                Some((self.refined(subject, said)?, subject.whole && subject.only))
            })
            .collect();
        spots.sort_by(|(a, _), (b, _)| {
            let order = |spot: &Spot| (spot.location.file.clone(), spot.location.span);
            order(a).cmp(&order(b))
        });
        spots.dedup_by(|(a, _), (b, _)| a.location == b.location && a.route == b.route);
        let is_exact = spots.iter().all(|(_, exact)| *exact);
        let mut spots = spots.into_iter().map(|(spot, _)| spot);
        if let Some(spot) = spots.next() {
            let certainty = if is_exact {
                Certainty::Exact
            } else {
                Certainty::Likely
            };
            let others: Vec<Spot> = spots.take(PLACES).collect();
            return self.at(spot, others, said, certainty);
        }
        match self
            .by_words(said, &[])
            .and_then(|steps| self.ground.spot(&steps))
        {
            Some(spot) => self.at(spot, Vec::new(), said, Certainty::Likely),
            None => self.head(said),
        }
    }

    fn at(
        &self,
        spot: Spot,
        others: Vec<Spot>,
        said: &PlainAnswer,
        certainty: Certainty,
    ) -> Placed {
        let used = spot.used.map(|place| also("used here", place));
        let others = others
            .into_iter()
            .map(|spot| also("and here", spot.location));
        Placed {
            input: Some(spot.input),
            location: Some(spot.location),
            related: used.into_iter().chain(others).collect(),
            discriminator: self.discriminator(said, &spot.route),
            route: spot.route,
            certainty,
            note: None,
        }
    }

    fn head(&self, said: &PlainAnswer) -> Placed {
        let only = (!self.ground.combined).then_some(0);
        let route = "input".to_owned();
        Placed {
            input: only,
            location: only.and_then(|at| self.ground.head(at)),
            related: Vec::new(),
            discriminator: self.discriminator(said, &route),
            route,
            certainty: Certainty::Document,
            note: None,
        }
    }

    /// The subject of the element: by each way to it, else only by the rule's text.
    fn subjects(&self, said: &PlainAnswer) -> Vec<Subject> {
        let search = |value: &Datum| self.ground.holding(value);
        let ways = self.ways().iter().filter(|way| way.value == said.value);
        let mut subjects: Vec<Subject> = Vec::new();
        for way in ways.take(WAYS) {
            let values = Some(&way.variables);
            let found = self
                .plain
                .subject(self.rule, way.body, values, Some(&search));
            if let Some(subject) = found.filter(|found| !subjects.contains(found)) {
                subjects.push(subject);
            }
        }
        if !subjects.is_empty() {
            return subjects;
        }
        let texts = self.plain.texts(self.rule);
        let speaks = |texts: &Vec<String>| texts.iter().any(|text| is_made_of(&said.message, text));
        let speaking: Vec<usize> = (0..texts.len())
            .filter(|at| texts.get(*at).is_some_and(speaks))
            .collect();
        let (body, is_sure) = match (speaking.as_slice(), texts.len()) {
            ([body], count) => (*body, count == 1),
            ([], 1) => (0, true),
            _ => return Vec::new(),
        };
        let subject = self.plain.subject(self.rule, body, None, None);
        let unsure = |mut subject: Subject| {
            subject.only &= is_sure;
            subject
        };
        subject
            .map(unsure)
            .into_iter()
            .filter(|subject| !subject.steps.is_empty())
            .collect()
    }

    /// All ways to all elements, as the engine reports them.
    fn ways(&self) -> &[Way] {
        self.ways.get_or_init(|| {
            let Some((judge, entries)) = self.plain.placing(self.rule) else {
                return Vec::new();
            };
            let file = self.ground.inputs.first().map(|input| input.file.as_str());
            let data = self.plain.with_file(file.unwrap_or_default());
            let mut worker = judge.worker(&data, self.bounds);
            worker.allow(self.more.saturating_mul(2));
            let mut ways = Vec::new();
            for (entry, body) in entries {
                // A finding is valid without its explanation.
                let found = worker.evaluate(entry, self.input).ok();
                for way in found.and_then(|found| found.items()).unwrap_or_default() {
                    ways.extend(
                        way.get("value")
                            .zip(way.get("at"))
                            .map(|(value, variables)| Way {
                                body: *body,
                                value,
                                variables,
                            }),
                    );
                }
            }
            ways
        })
    }

    fn spot(&self, subject: &Subject) -> Option<Spot> {
        self.ground.spot(&subject.steps)
    }

    /// The place of a subject; where a part of its way is not known, the message may say it.
    fn refined(&self, subject: &Subject, said: &PlainAnswer) -> Option<Spot> {
        if !subject.whole
            && let Some(steps) = self.by_words(said, &subject.steps)
        {
            return self.ground.spot(&steps);
        }
        self.spot(subject)
    }

    /// The one place below `under` that has a name of the message: quoted names first.
    fn by_words(&self, said: &PlainAnswer, under: &[Step]) -> Option<Vec<Step>> {
        let quoted = quoted(&said.message);
        let plain = words(&said.message);
        let only = |word: &&str| {
            let found = self.ground.named(word, under);
            <[Vec<Step>; 1]>::try_from(found).ok().map(|[only]| only)
        };
        quoted.iter().chain(&plain).find_map(only)
    }

    /// Names in the message that are in the document but not in the route: they distinguish findings at one place.
    fn discriminator(&self, said: &PlainAnswer, route: &str) -> Option<String> {
        let mut names: Vec<&str> = quoted(&said.message);
        names.retain(|name| !route.contains(name) && !self.ground.named(name, &[]).is_empty());
        names.sort_unstable();
        names.dedup();
        names.truncate(3);
        (!names.is_empty()).then(|| names.join(", "))
    }
}

/// Whether a message may be made of a text: of a format, all pieces between its verbs.
fn is_made_of(message: &str, text: &str) -> bool {
    let pieces = text.split('%').enumerate().map(|(at, piece)| match at {
        0 => piece,
        _ => piece
            .trim_start_matches(|c: char| c.is_ascii_digit() || c == '.')
            .get(1..)
            .unwrap_or_default(),
    });
    let pieces: Vec<&str> = pieces
        .map(str::trim)
        .filter(|piece| !piece.is_empty())
        .collect();
    let letters: usize = pieces.iter().map(|piece| piece.len()).sum();
    letters >= 4 && pieces.iter().all(|piece| message.contains(piece))
}

/// Texts in quotes of any kind.
fn quoted(message: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for quote in ['`', '"', '\''] {
        let parts: Vec<&str> = message.split(quote).collect();
        let inside = parts
            .iter()
            .skip(1)
            .step_by(2)
            .take(parts.len().saturating_sub(1) / 2);
        found.extend(inside.filter(|part| !part.is_empty() && part.len() <= 200));
    }
    found.truncate(8);
    found
}

/// Words that may be names: what is not in quotes is one only if it is long enough.
fn words(message: &str) -> Vec<&str> {
    let trimmed = message.split_whitespace().map(|word| {
        word.trim_matches(|c: char| !c.is_alphanumeric() && !['/', '-', '_'].contains(&c))
    });
    trimmed
        .filter(|word| word.chars().count() >= 3)
        .take(40)
        .collect()
}

/// A place beside the one of a finding.
fn also(message: &str, location: Location) -> Related {
    Related {
        message: message.to_owned(),
        location,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_a_message_are_its_quoted_texts() {
        assert_eq!(quoted("`a b` has 'c' and \"d\""), ["a b", "d", "c"]);
        assert_eq!(quoted("the team's `x"), Vec::<&str>::new());
        assert_eq!(
            words("container web-1: no (limits)."),
            ["container", "web-1", "limits"]
        );
    }

    #[test]
    fn a_message_is_made_of_its_format() {
        assert!(is_made_of(
            "container web has no limits",
            "container %s has no limits"
        ));
        assert!(!is_made_of(
            "container web has no limits",
            "volume %s has no limits"
        ));
        assert!(!is_made_of("x", "%s"));
    }
}
