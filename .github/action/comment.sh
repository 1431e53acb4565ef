#!/usr/bin/env bash
# Posts the summary as a comment on the pull request: updates its earlier comment, else writes a new one. A failure is a warning and
# does not fail the job. Text goes from file to file; none of it becomes part of a command.
set -euo pipefail
. "$(dirname "$0")/runner.sh"

# Of a hundred comments each.
PAGES=50

warn() {
  annotate warning "$1"
  exit 0
}

for tool in curl jq; do
  command -v "$tool" > /dev/null || warn "$tool is not on PATH, and the comment needs it: install it in an earlier step, or set \`comment: false\`"
done
[[ "$NUMBER" =~ ^[0-9]+$ ]] || warn "the event names no pull request to comment on"
folder=$(mktemp -d "$RUNNER_TEMP/govcheck-comment-XXXXXXXX")

# `api METHOD URL [FILE]` prints the answer. The token goes through a pipe: other users can see the arguments of a process.
api() {
  local data=()
  if [ $# -gt 2 ]; then data=(--data-binary "@$3"); fi
  printf 'Authorization: Bearer %s\n' "$TOKEN" | curl --fail --silent --show-error --max-time 60 --request "$1" --header @- \
    --header 'Accept: application/vnd.github+json' --header 'X-GitHub-Api-Version: 2022-11-28' \
    --header 'Content-Type: application/json' ${data[@]+"${data[@]}"} "$2" 2> "$folder/stderr"
}
failed() {
  say "$folder/stderr"
  warn "could not write the comment: give the job \`permissions: {contents: read, pull-requests: write}\`, or set \`comment: false\`"
}

# Each mesh of a repository has its own comment.
marker='<!-- govcheck -->'
place=$(printf '%s' "$WORKING_DIRECTORY" | tr -c 'A-Za-z0-9/._' '_')
if [ "$place" != . ]; then marker="<!-- govcheck $place -->"; fi
{ echo "$marker"; sed '1{/^<!-- govcheck -->$/d;}' "$SUMMARY"; } > "$folder/text"
jq --raw-input --slurp '{body: .}' "$folder/text" > "$folder/body"

# Anybody can write the marker: update only a comment by the token's own user, which a job token can query here alone.
echo '{"query": "{ viewer { login } }"}' > "$folder/query"
api POST "$GITHUB_GRAPHQL_URL" "$folder/query" > "$folder/viewer" || failed
login=$(jq --raw-output '.data.viewer.login // empty' "$folder/viewer") || failed
[ -n "$login" ] || failed

issues="$GITHUB_API_URL/repos/$GITHUB_REPOSITORY/issues"
page=1
comment=""
while [ -z "$comment" ] && [ "$page" -le "$PAGES" ]; do
  api GET "$issues/$NUMBER/comments?per_page=100&page=$page" > "$folder/comments" || failed
  comment=$(jq --arg login "$login" --arg marker "$marker" \
    '[.[] | select(.user.login == $login and (.body // "" | split("\n")[0] | rtrimstr("\r")) == $marker) | .id][0] // empty' \
    "$folder/comments") || failed
  [ "$(jq length "$folder/comments")" -eq 100 ] || break
  page=$((page + 1))
done
if [ -n "$comment" ]; then
  api PATCH "$issues/comments/$comment" "$folder/body" > /dev/null || failed
else
  api POST "$issues/$NUMBER/comments" "$folder/body" > /dev/null || failed
fi
