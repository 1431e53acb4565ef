//! The comment of a pull request: written once, changed afterwards, and never anybody else's.

use std::fs;
use std::path::Path;

use super::{BAD, GOOD, Outcome, Runner};

/// Answers as GitHub does, and keeps what it was asked. `COMMENTS` is the list of comments.
const CURL: &str = r#"#!/bin/bash
folder=$(dirname "$0")/..
cat > /dev/null
method=; data=; url=
while [ $# -gt 0 ]; do
  case "$1" in
    --request) method=$2; shift ;;
    --data-binary) data=${2#@}; shift ;;
    --header | --max-time) shift ;;
    --*) ;;
    *) url=$1 ;;
  esac
  shift
done
echo "$method $url" >> "$folder/asked"
if [ -n "$data" ]; then cp "$data" "$folder/body"; fi
case "$method $url" in
  *graphql) echo '{"data": {"viewer": {"login": "github-actions[bot]"}}}' ;;
  GET*) cat "$folder/comments" ;;
  *) echo '{}' ;;
esac
"#;

fn run(comments: &str) -> Option<(Outcome, String, String)> {
    if !Path::new("/usr/bin/jq").exists() {
        eprintln!("skipped: there is no jq in /usr/bin, which runners have");
        return None;
    }
    let runner = Runner::new(&[("teams.yaml", GOOD), ("p.yaml", BAD)]);
    runner.script("curl", CURL);
    fs::write(runner.path("comments"), comments).unwrap();
    let folder = runner.path("");
    let kept = tempfile::TempDir::new().unwrap();
    let copy = kept.path().to_owned();
    let runner = runner
        .with("inputs.comment", "true")
        .with("inputs.token", "secret")
        .with("github.event.pull_request.number", "7");
    // The runner's folder goes with it.
    let outcome = runner.run_and(|| {
        for name in ["asked", "body"] {
            fs::copy(folder.join(name), copy.join(name)).unwrap();
        }
    });
    let read = |name: &str| fs::read_to_string(copy.join(name)).unwrap();
    Some((outcome, read("asked"), read("body")))
}

const COMMENTS: &str = "/repos/acme/mesh/issues/7/comments";

#[test]
fn the_first_run_writes_one() {
    let mallory =
        r#"[{"id": 1, "user": {"login": "mallory"}, "body": "<!-- govcheck -->\nall good"}]"#;
    let Some((outcome, asked, body)) = run(mallory) else {
        return;
    };
    assert_eq!(outcome.code, 1, "{}", outcome.log);
    assert!(
        asked.contains(&format!("POST https://api.github.invalid{COMMENTS}")),
        "{asked}"
    );
    let body: serde_json::Value = serde_json::from_str(&body).unwrap();
    let text = body["body"].as_str().unwrap();
    assert!(
        text.starts_with("<!-- govcheck -->\n## govcheck: ❌ "),
        "{text}"
    );
    assert!(!outcome.log.contains("secret"), "{}", outcome.log);
}

#[test]
fn the_next_run_changes_it() {
    let own = r#"[{"id": 1, "user": {"login": "anna"}, "body": "hi"},
                  {"id": 42, "user": {"login": "github-actions[bot]"}, "body": "<!-- govcheck -->\r\nold"}]"#;
    let Some((_, asked, _)) = run(own) else {
        return;
    };
    assert!(
        asked.contains("PATCH https://api.github.invalid/repos/acme/mesh/issues/comments/42"),
        "{asked}"
    );
    assert!(
        !asked.contains(&format!("POST https://api.github.invalid{COMMENTS}")),
        "{asked}"
    );
}

#[test]
fn a_comment_that_can_not_be_written_is_reported_and_does_not_decide() {
    let runner = Runner::new(&[("teams.yaml", GOOD)]);
    runner.script("curl", "#!/bin/bash\necho '::error::no' >&2\nexit 22\n");
    runner.script("jq", "#!/bin/bash\necho '{}'\n");
    let outcome = runner
        .with("inputs.comment", "true")
        .with("github.event.pull_request.number", "7")
        .run();
    assert_eq!(outcome.code, 0, "{}", outcome.log);
    assert!(
        outcome.log.contains("pull-requests: write"),
        "{}",
        outcome.log
    );
}
