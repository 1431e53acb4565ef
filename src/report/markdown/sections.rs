//! What follows the findings of a summary, the weightiest first: versions, consumers, waivers that end, what was fixed. What there is no
//! room for is left out from the last section on, item by item, and counted.

use std::fmt::Write as _;

use super::LIMIT;
use super::text::{file, line, plain_place};
use crate::model::report::Report;
use crate::model::waiver::WaiverUse;
use crate::report::escape::{markdown, terminal_line};
use crate::report::{Context, change, count_of};

/// Characters kept free for each section: its headings, and how many items are left out.
const RESERVE: usize = 300;
/// Items that stand open; longer lists are folded as a whole.
const OPEN: usize = 10;

/// A heading with a list.
pub(super) struct Section {
    heading: &'static str,
    /// What the items are together: `2 products of 1 owner read from what changed`.
    summary: String,
    /// Whole lines of Markdown.
    items: Vec<String>,
}

/// The sections that have something to say.
pub(super) fn of(report: &Report, context: &Context) -> Vec<Section> {
    let all = [
        versions(report),
        downstream(report, context),
        waivers(report),
        fixed(report, context),
    ];
    let not_empty = |section: &Section| !section.items.is_empty();
    all.into_iter().filter(not_empty).collect()
}

/// What sections need at least.
pub(super) fn reserve(sections: &[Section]) -> usize {
    sections.len() * RESERVE
}

/// Writes sections into what room there is.
pub(super) fn write(sections: &[Section], text: &mut String) {
    let mut used = text.chars().count();
    for (section, after) in sections.iter().zip((0..sections.len()).rev()) {
        // Its own reserve is for what stands around its items.
        let kept_free = (after + 1) * RESERVE;
        let written = section.markdown(LIMIT.saturating_sub(used + kept_free));
        used += written.chars().count();
        text.push_str(&written);
    }
}

impl Section {
    /// The section, with as many items as fit into `room` characters.
    fn markdown(&self, mut room: usize) -> String {
        let mut text = format!("\n### {}\n\n", self.heading);
        let folded = self.items.len() > OPEN;
        let _ = match folded {
            true => write!(text, "<details><summary>{}</summary>\n\n", self.summary),
            false => write!(text, "{}:\n\n", self.summary),
        };
        let mut told = 0;
        for item in &self.items {
            let length = item.chars().count();
            if length > room {
                break;
            }
            room -= length;
            told += 1;
            text.push_str(item);
        }
        if told < self.items.len() {
            let _ = writeln!(
                text,
                "\n_{} more left out for length._",
                self.items.len() - told
            );
        }
        if folded {
            text.push_str("\n</details>\n");
        }
        text
    }
}

fn versions(report: &Report) -> Section {
    let items = change::version_advice(report, "→");
    let items: Vec<String> = items.iter().map(|it| format!("- {}\n", line(it))).collect();
    let noun = match items.len() {
        1 => "version is not the one that its change asks for",
        _ => "versions are not those that their changes ask for",
    };
    Section {
        heading: "Next versions",
        summary: format!("{} {noun}", items.len()),
        items,
    }
}

fn downstream(report: &Report, context: &Context) -> Section {
    let consumers = change::affected(report).iter();
    Section {
        heading: "Downstream",
        summary: change::downstream(report).unwrap_or_default(),
        items: consumers
            .map(|it| {
                format!(
                    "- {} · {}\n",
                    line(&change::consumer(it)),
                    file(&it.file, context)
                )
            })
            .collect(),
    }
}

fn waivers(report: &Report) -> Section {
    let ending = change::ending_waivers(report);
    let verb = if ending.len() == 1 { "ends" } else { "end" };
    Section {
        heading: "Exceptions that end",
        summary: format!("{} {verb} within 14 days", count_of(ending.len(), "waiver")),
        items: ending.into_iter().map(waiver).collect(),
    }
}

/// `- 3 days, until 2027-03-31: discovery/duplicate-id for team:sales · jane@acme.example · two teams merge in spring`.
fn waiver(used: &WaiverUse) -> String {
    let waiver = &used.waiver;
    let left = match used.days_left {
        0 => "today".to_owned(),
        1 => "1 day".to_owned(),
        days => format!("{days} days"),
    };
    let mut item = format!("- {left}, until {}: {}", waiver.expires, line(&waiver.rule));
    for of in [&waiver.entity, &waiver.path, &waiver.at]
        .into_iter()
        .flatten()
    {
        let _ = write!(item, " {}", line(&change::name(of)));
    }
    for fact in [&waiver.owner, &waiver.ticket].into_iter().flatten() {
        let _ = write!(item, " · {}", line(fact));
    }
    let _ = writeln!(item, " · {}", line(&waiver.reason));
    item
}

fn fixed(report: &Report, context: &Context) -> Section {
    let fixed = report.comparison.iter().flat_map(|it| &it.fixed);
    let items: Vec<String> = fixed
        .map(|finding| {
            let rule = markdown(&terminal_line(finding.rule.as_str()));
            let at = finding.location.as_ref();
            // Its place is in the base, to which no address leads.
            let at = at.map(|at| format!(" · {}", plain_place(at, context)));
            let message = line(&finding.message);
            format!("- ✅ {message}{} · {rule}\n", at.unwrap_or_default())
        })
        .collect();
    Section {
        heading: "Fixed",
        summary: format!("{} gone", count_of(items.len(), "finding")),
        items,
    }
}
