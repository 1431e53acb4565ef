//! Waivers in comments: `# govcheck: allow RULE until DAY [by OWNER] [approved-by NAME] [ticket T] -- REASON`.
//! Reads what they say; whether they hold is judged later.

use crate::model::document::Document;
use crate::model::location::Location;
use crate::model::text::{RelPath, SourceText, Span};
use crate::model::waiver::{WaiverDraft, WaiverMistake, parse_day};
use crate::parse::{Comment, find_comments};

/// What a comment must say.
pub(crate) const GRAMMAR: &str = "write `# govcheck: allow RULE until YYYY-MM-DD -- reason`, optionally with `by`, `approved-by` and `ticket` before the `--`";

/// No manifest of people has more.
const MAX: usize = 1000;

/// The waivers in the comments of a file.
pub(crate) fn read_waivers(
    file: &RelPath,
    text: &SourceText,
    documents: &[Document],
) -> Vec<WaiverDraft> {
    let all = find_comments(text, documents, "govcheck");
    let meant = all.iter().filter_map(|comment| {
        let rest = comment.text.strip_prefix("govcheck")?;
        // Prose may begin with the name.
        let rest = match rest.trim_start().strip_prefix(':') {
            Some(rest) => Some(rest),
            None => rest
                .starts_with(char::is_whitespace)
                .then(|| rest.trim_start())
                .filter(|rest| MEANT.iter().any(|verb| rest.starts_with(verb)))
                .map(|_| ""),
        };
        Some((comment, rest?.trim()))
    });
    let mut drafts = Vec::new();
    for (comment, said) in meant {
        let mut draft = WaiverDraft::at(Location::of(file, text, comment.span));
        draft.covers = Some(comment.covers.unwrap_or_default());
        if drafts.len() == MAX {
            mistake(
                &mut draft,
                format!("this file has more than {MAX} comment waivers; the rest are ignored"),
                "move the waivers to the waivers file with `govcheck waive`",
            );
            drafts.push(draft);
            break;
        }
        match parts(said) {
            Ok(parts) => fill(&mut draft, file, text, comment, &parts),
            Err(message) => mistake(&mut draft, message, GRAMMAR),
        }
        drafts.push(draft);
    }
    drafts
}

/// Verbs of other linters, and ours without its colon.
const MEANT: [&str; 5] = ["allow", "ignore", "disable", "waive", "skip"];

fn mistake(draft: &mut WaiverDraft, message: String, help: &str) {
    draft.mistakes.push(WaiverMistake {
        location: draft.location.clone(),
        message,
        help: help.to_owned(),
    });
}

/// The words of a comment, by what they are.
#[derive(Default)]
struct CommentParts<'t> {
    rule: &'t str,
    until: Option<&'t str>,
    by: Option<&'t str>,
    approved_by: Option<&'t str>,
    ticket: Option<&'t str>,
    reason: Option<&'t str>,
}

fn parts(said: &str) -> Result<CommentParts<'_>, String> {
    let (head, reason) = match said.split_once("--") {
        Some((head, reason)) => (head, Some(reason.trim())),
        None => (said, None),
    };
    let mut words = head.split_whitespace();
    match words.next() {
        Some("allow") => {}
        Some(other) => return Err(format!("unknown command `{other}` in the comment")),
        None => return Err("the comment has no command".to_owned()),
    }
    let mut parts = CommentParts {
        reason: reason.filter(|reason| !reason.is_empty()),
        ..CommentParts::default()
    };
    parts.rule = words.next().ok_or("the comment has no rule")?;
    while let Some(word) = words.next() {
        let slot = match word {
            "until" => &mut parts.until,
            "by" => &mut parts.by,
            "approved-by" => &mut parts.approved_by,
            "ticket" => &mut parts.ticket,
            other => return Err(format!("unexpected word `{other}` in the comment")),
        };
        if slot.is_some() {
            return Err(format!("`{word}` appears twice in the comment"));
        }
        *slot = Some(
            words
                .next()
                .ok_or(format!("`{word}` has no value in the comment"))?,
        );
    }
    Ok(parts)
}

fn fill(
    draft: &mut WaiverDraft,
    file: &RelPath,
    text: &SourceText,
    comment: &Comment,
    parts: &CommentParts<'_>,
) {
    let place = |part: &str| {
        let found = text.slice(comment.span).find(part);
        let start = comment.span.start + crate::model::text::text_offset(found.unwrap_or_default());
        let end = start + crate::model::text::text_offset(part.len());
        Location::of(file, text, Span::new(start, end))
    };
    let owned = |part: Option<&str>| part.map(str::to_owned);
    draft.rule = Some(parts.rule.to_owned());
    draft.rule_location = Some(place(parts.rule));
    draft.path = Some(file.to_string());
    draft.owner = owned(parts.by);
    draft.approved_by = owned(parts.approved_by);
    draft.ticket = owned(parts.ticket);
    draft.reason = owned(parts.reason);
    match parts.until {
        None => mistake(
            draft,
            "the comment has no end date (`until`)".to_owned(),
            GRAMMAR,
        ),
        Some(until) => {
            draft.expires_location = Some(place(until));
            draft.expires = parse_day(until);
            if draft.expires.is_none() {
                let message = format!("invalid date `{until}`");
                mistake(
                    draft,
                    message,
                    "write the date as year, month and day: `2027-03-31`",
                );
            }
        }
    }
    if draft.reason.is_none() {
        mistake(draft, "the comment has no reason".to_owned(), GRAMMAR);
    }
    if comment.covers.is_none() {
        mistake(
            draft,
            "the comment belongs to no value".to_owned(),
            "put the comment on the line of the value, above its key, or at the top of the document",
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::{Limits, parse};

    fn read(text: &str) -> Vec<WaiverDraft> {
        let parsed = parse(text.as_bytes(), &Limits::default());
        read_waivers(&RelPath::new("a.yaml"), &parsed.text, &parsed.documents)
    }

    #[test]
    fn a_comment_says_all_that_an_entry_does() {
        let drafts = read(
            "a: b # govcheck: allow kpi/bad-name until 2027-03-31 ticket G-1 by a@b.c approved-by d -- an old -- name\n",
        );
        let draft = drafts.first().unwrap();
        assert_eq!(draft.mistakes, []);
        let waiver = draft.complete().unwrap();
        assert_eq!(
            (waiver.rule.as_str(), waiver.inline),
            ("kpi/bad-name", true)
        );
        assert_eq!(waiver.expires.to_string(), "2027-03-31");
        assert_eq!(waiver.reason, "an old -- name");
        assert_eq!(waiver.owner.as_deref(), Some("a@b.c"));
        assert_eq!(waiver.approved_by.as_deref(), Some("d"));
        assert_eq!(waiver.ticket.as_deref(), Some("G-1"));
        let rule = draft.rule_location.as_ref().unwrap();
        assert_eq!((rule.start.line, rule.start.column), (1, 24));
    }

    #[test]
    fn an_incomplete_comment_is_reported_with_what_is_missing() {
        let wrong = |comment: &str| -> Vec<String> {
            let drafts = read(&format!("a: b # govcheck: {comment}\n"));
            drafts
                .into_iter()
                .flat_map(|draft| draft.mistakes)
                .map(|mistake| mistake.message)
                .collect()
        };
        let until = "the comment has no end date (`until`)";
        assert_eq!(wrong("allow a/b"), [until, "the comment has no reason"]);
        assert_eq!(wrong("allow"), ["the comment has no rule"]);
        assert_eq!(wrong(""), ["the comment has no command"]);
        assert_eq!(
            wrong("ignore a/b"),
            ["unknown command `ignore` in the comment"]
        );
        assert_eq!(
            wrong("allow a/b until tomorrow -- x"),
            ["invalid date `tomorrow`"]
        );
        assert_eq!(
            wrong("allow a/b until 2027-02-30 -- x"),
            ["invalid date `2027-02-30`"]
        );
        assert_eq!(
            wrong("allow a/b until 2027-02-03 until 2027-02-04 -- x"),
            ["`until` appears twice in the comment"]
        );
        assert_eq!(
            wrong("allow a/b until 2027-02-03 because x"),
            ["unexpected word `because` in the comment"]
        );
        assert_eq!(
            wrong("allow a/b until -- x"),
            ["`until` has no value in the comment"]
        );
    }

    #[test]
    fn a_comment_without_its_colon_is_reported_and_prose_is_not() {
        assert_eq!(read("a: b # govcheck allow a/b\n").len(), 1);
        assert_eq!(read("a: b # govcheck ignore\n").len(), 1);
        assert_eq!(read("a: b # govchecked by hand\n").len(), 0);
        assert_eq!(read("a: b # govcheck knows this\n").len(), 0);
    }

    #[test]
    fn a_flood_of_comments_is_bounded_and_reported() {
        let text = format!(
            "a: b\n{}c: d\n",
            "# govcheck: allow a/b until 2027-03-31 -- x\n".repeat(MAX + 50)
        );
        let drafts = read(&text);
        assert_eq!(drafts.len(), MAX + 1);
        assert_eq!(drafts.last().unwrap().mistakes.len(), 1);
    }
}
