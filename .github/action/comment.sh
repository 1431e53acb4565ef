#!/usr/bin/env bash
# Puts the summary into one comment of the pull request: the one that it wrote before, else a new one. What goes wrong is said, and
# does not decide. Text goes from file to file; none of it becomes part of a command.
set -euo pipefail
. "$(dirname "$0")/runner.sh"

# A hundred comments each.
PAGES=50

warn() {
  annotate warning "$1"
  exit 0
}

for tool in curl jq; do
  command -v "$tool" > /dev/null || warn "the comment needs $tool, which is not on PATH: install it in a step before this one, or set \`comment: false\`"
done
[[ "$NUMBER" =~ ^[0-9]+$ ]] || warn "the event names no pull request to comment on"
folder=$(mktemp -d "$RUNNER_TEMP/govcheck-comment-XXXXXXXX")

# `api METHOD URL [FILE]`: the answer is on standard output. The token comes in through a pipe, for others see the arguments of a process.
api() {
  local data=()
  if [ $# -gt 2 ]; then data=(--data-binary "@$3"); fi
  printf 'Authorization: Bearer %s\n' "$TOKEN" | curl --fail --silent --show-error --max-time 60 --request "$1" --header @- \
    --header 'Accept: application/vnd.github+json' --header 'X-GitHub-Api-Version: 2022-11-28' \
    --header 'Content-Type: application/json' ${data[@]+"${data[@]}"} "$2" 2> "$folder/stderr"
}
failed() {
  say "$folder/stderr"
  warn "the comment could not be written: give the job \`permissions: {contents: read, pull-requests: write}\`, or set \`comment: false\`"
}

# Two meshes of one repository have a comment each.
marker='<!-- govcheck -->'
place=$(printf '%s' "$WORKING_DIRECTORY" | tr -c 'A-Za-z0-9/._' '_')
if [ "$place" != . ]; then marker="<!-- govcheck $place -->"; fi
{ echo "$marker"; sed '1{/^<!-- govcheck -->$/d;}' "$SUMMARY"; } > "$folder/text"
jq --raw-input --slurp '{body: .}' "$folder/text" > "$folder/body"

# Anybody can write the marker: the comment to change is one of the token's own. A token of a job may not ask for its user elsewhere.
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
