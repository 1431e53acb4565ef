//! The sections after the findings of a summary, the most important first: versions, removed entities, consumers, waivers that expire
//! soon, fixed findings. Where room is short, items are left out from the last section on, and counted.

use std::fmt::Write as _;

use super::LIMIT;
use super::text::{link_file, plain_path, plain_place, single_line};
use crate::model::comparison::{Affected, RemovedEntity};
use crate::model::report::Report;
use crate::model::waiver::WaiverUse;
use crate::report::escape::{escape_markdown, terminal_line};
use crate::report::{ReportContext, change, count_of};

/// Characters kept free for each section: its heading, and the count of items left out.
const RESERVE: usize = 300;
/// Items of an open list; a longer one is folded as a whole.
const OPEN: usize = 10;

/// A heading with a list.
pub(super) struct Section {
    heading: &'static str,
    /// The items in one phrase: `2 affected products of 1 owner`.
    summary: String,
    /// Whole lines of Markdown.
    items: Vec<String>,
}

/// The sections that have items.
pub(super) fn list_sections(report: &Report, context: &ReportContext) -> Vec<Section> {
    let all = [
        versions(report),
        removed(report, context),
        renamed(report),
        consumers(report, context),
        waivers(report),
        fixed(report, context),
    ];
    let not_empty = |section: &Section| !section.items.is_empty();
    all.into_iter().filter(not_empty).collect()
}

/// The least number of characters that sections need.
pub(super) fn least_room(sections: &[Section]) -> usize {
    sections.len() * RESERVE
}

/// Writes sections into the room that is left.
pub(super) fn write_sections(sections: &[Section], text: &mut String) {
    let mut used = text.chars().count();
    for (section, after) in sections.iter().zip((0..sections.len()).rev()) {
        // Its own reserve is for the text around its items.
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
        let mut shown = 0;
        for item in &self.items {
            let length = item.chars().count();
            if length > room {
                break;
            }
            room -= length;
            shown += 1;
            text.push_str(item);
        }
        if shown < self.items.len() {
            let _ = writeln!(
                text,
                "\n_{} more left out for length._",
                self.items.len() - shown
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
    let items: Vec<String> = items
        .iter()
        .map(|it| format!("- {}\n", single_line(it)))
        .collect();
    let verb = match items.len() {
        1 => "version does not fit its change",
        _ => "versions do not fit their changes",
    };
    Section {
        heading: "Next versions",
        summary: format!("{} {verb}", items.len()),
        items,
    }
}

fn removed(report: &Report, context: &ReportContext) -> Section {
    let removed = change::removed_entities(report);
    let gone: usize = removed.iter().map(|it| it.findings.len()).sum();
    let mut summary = match removed.len() {
        1 => "1 entity".to_owned(),
        count => format!("{count} entities"),
    };
    summary.push_str(&match gone {
        0 => String::new(),
        1 => ", with 1 finding that counts as gone, not as fixed".to_owned(),
        _ => format!(", with {gone} findings that count as gone, not as fixed"),
    });
    Section {
        heading: "Removed",
        summary,
        items: removed
            .iter()
            .map(|it| removed_item(it, report, context))
            .collect(),
    }
}

fn renamed(report: &Report) -> Section {
    let items = change::renamed_lines(report, "→");
    let items: Vec<String> = items
        .iter()
        .map(|it| format!("- {}\n", single_line(it)))
        .collect();
    Section {
        heading: "Renamed",
        summary: match items.len() {
            1 => "1 entity has another id".to_owned(),
            count => format!("{count} entities have another id"),
        },
        items,
    }
}

/// `- contract returns (owner sales) · sales/returns.yaml · read directly by product billing · 1 finding gone with it`.
fn removed_item(removed: &RemovedEntity, report: &Report, context: &ReportContext) -> String {
    // Its file is in the base: no address leads there.
    let file = plain_path(&removed.file, context);
    let mut item = format!(
        "- {} · {file}",
        single_line(&change::removed_entity(report, removed))
    );
    let readers = change::read_by(report, &removed.entity);
    let readers = readers.map(|readers| format!("read {readers}"));
    for fact in readers.into_iter().chain(change::gone_with(removed)) {
        let _ = write!(item, " · {}", single_line(&fact));
    }
    item.push('\n');
    item
}

fn consumers(report: &Report, context: &ReportContext) -> Section {
    let affected = change::affected_consumers(report).into_iter();
    let item = |it: &Affected| {
        let file = link_file(&it.file, context);
        format!(
            "- {} · {file}\n",
            single_line(&change::describe_consumer(report, it))
        )
    };
    Section {
        heading: "Consumers",
        summary: change::count_consumers(report).unwrap_or_default(),
        items: affected.map(item).collect(),
    }
}

fn waivers(report: &Report) -> Section {
    let expiring = change::expiring_waivers(report);
    let verb = match expiring.len() {
        1 => "expires",
        _ => "expire",
    };
    Section {
        heading: "Waivers about to expire",
        summary: format!(
            "{} {verb} within 14 days",
            count_of(expiring.len(), "waiver")
        ),
        items: expiring.into_iter().map(waiver).collect(),
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
    let mut item = format!(
        "- {left}, until {}: {}",
        waiver.expires,
        single_line(&waiver.rule)
    );
    for of in [&waiver.entity, &waiver.path, &waiver.at]
        .into_iter()
        .flatten()
    {
        let _ = write!(item, " {}", single_line(&change::quote_name(of)));
    }
    for fact in [&waiver.owner, &waiver.ticket].into_iter().flatten() {
        let _ = write!(item, " · {}", single_line(fact));
    }
    let _ = writeln!(item, " · {}", single_line(&waiver.reason));
    item
}

fn fixed(report: &Report, context: &ReportContext) -> Section {
    let fixed = report.comparison.iter().flat_map(|it| &it.fixed);
    let items: Vec<String> = fixed
        .map(|finding| {
            let rule = escape_markdown(&terminal_line(finding.rule.as_str()));
            let at = finding.location.as_ref();
            // Its place is in the base: no address leads there.
            let at = at.map(|at| format!(" · {}", plain_place(at, context)));
            let message = single_line(&finding.message);
            format!("- ✅ {message}{} · {rule}\n", at.unwrap_or_default())
        })
        .collect();
    Section {
        heading: "Fixed",
        summary: format!("{} fixed", count_of(items.len(), "finding")),
        items,
    }
}
