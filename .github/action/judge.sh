#!/usr/bin/env bash
# Judges the mesh: annotations in the log, a summary on the page of the job, reports in files. It never fails: the last step does, so
# that reports are uploaded first.
set -uo pipefail
. "$(dirname "$0")/runner.sh"

reports=$(mktemp -d "$RUNNER_TEMP/govcheck-XXXXXXXX") || exit 2
arguments=(
  check
  --output github=-
  --output "sarif=$reports/govcheck.sarif"
  --output "json=$reports/govcheck.json"
  --output "markdown=$reports/summary.md"
)
if [ -n "$FAIL_ON" ]; then arguments+=("--fail-on=$FAIL_ON"); fi
if [ -n "$BASE" ]; then arguments+=("--base=$BASE"); fi
if [ -n "$HEAD" ]; then
  arguments+=("--head=$HEAD")
  # Links go to what was judged.
  export GITHUB_SHA="$HEAD"
fi
if [ -n "$POLICIES" ]; then arguments+=("--policies-from=$POLICIES"); fi
lines() { printf '%s\n' "$1" | sed -e 's/^[[:space:]]*//' -e 's/[[:space:]]*$//' -e '/^$/d'; }
while IFS= read -r argument; do
  # Said twice, it would be refused.
  if [ "$argument" = --sarif-all ]; then SCOPE=all; else arguments+=("$argument"); fi
done < <(lines "$ARGS")
if [ "$SCOPE" = all ]; then arguments+=(--sarif-all); fi
arguments+=(--)
while IFS= read -r path; do arguments+=("$path"); done < <(lines "$PATHS")

if cd -- "$WORKING_DIRECTORY" 2> "$reports/stderr"; then
  root=$(work_tree)
  if [ -e "$root/.git" ] && [ ! -O "$root" ]; then
    # In the job of a container the work tree belongs to somebody else; nothing of a repository is run, whoever owns it.
    export XDG_CONFIG_HOME="$reports/config"
    mkdir -p "$XDG_CONFIG_HOME/git"
    git config --file "$XDG_CONFIG_HOME/git/config" safe.directory "$root"
  fi
  "$BINARY" "${arguments[@]}" 2> "$reports/stderr"
  code=$?
else
  code=2
fi
say "$reports/stderr"
output exit-code "$code"
output base "$BASE"

# A count of the report: its own lines alone are indented so.
count() { sed -n 's/^    "'"$1"'": \([0-9][0-9]*\),\{0,1\}$/\1/p' "$reports/govcheck.json" | head -n 1; }
if [ -s "$reports/govcheck.json" ]; then
  for name in errors warnings notes new fixed unchanged; do output "$name" "$(count "$name")"; done
fi
if [ -s "$reports/govcheck.sarif" ]; then output sarif "$reports/govcheck.sarif"; fi
if [ ! -s "$reports/summary.md" ]; then
  # Indented, it is code whatever it holds.
  { printf '## govcheck: ⛔ could not judge\n\n'; sed 's/^/    /' "$reports/stderr"; } > "$reports/summary.md"
fi
cat "$reports/summary.md" >> "$GITHUB_STEP_SUMMARY"
output summary "$reports/summary.md"
exit 0
