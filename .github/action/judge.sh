#!/usr/bin/env bash
# Judges the mesh: annotations in the log, the job summary, reports in files. It never fails: the last step does, after the uploads.
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
  # Links point to the judged commit.
  export GITHUB_SHA="$HEAD"
fi
if [ -n "$POLICIES" ]; then arguments+=("--policies-from=$POLICIES"); fi
lines() { printf '%s\n' "$1" | sed -e 's/^[[:space:]]*//' -e 's/[[:space:]]*$//' -e '/^$/d'; }
while IFS= read -r argument; do
  # clap refuses a flag that is given twice.
  if [ "$argument" = --sarif-all ]; then SCOPE=all; else arguments+=("$argument"); fi
done < <(lines "$ARGS")
if [ "$SCOPE" = all ]; then arguments+=(--sarif-all); fi
arguments+=(--)
while IFS= read -r path; do arguments+=("$path"); done < <(lines "$PATHS")

# A pull request could make the folder a link to one with another config. `cd -L` keeps the names of links that it went through.
workspace=${GITHUB_WORKSPACE:-$PWD}
is_no_link() {
  case "$PWD" in "$workspace" | "$workspace"/*) ;; *) return 0 ;; esac
  [ "$(pwd -P)" = "$(cd -P -- "$workspace" && pwd -P)${PWD#"$workspace"}" ] && return 0
  echo "error: \`$WORKING_DIRECTORY\` is a symbolic link, or lies in one" > "$reports/stderr"
  echo "  help: set \`working-directory\` to the folder that it leads to" >> "$reports/stderr"
  return 1
}

if cd -L -- "$WORKING_DIRECTORY" 2> "$reports/stderr" && { [ -z "$POLICIES" ] || is_no_link; }; then
  root=$(work_tree)
  if [ -e "$root/.git" ] && [ ! -O "$root" ]; then
    # In a container job the work tree belongs to another user. Trusting it is safe: govcheck runs nothing from a repository.
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

# Counts of the report: no other lines have this indentation.
if [ -s "$reports/govcheck.json" ]; then
  sed -nE 's/^    "(errors|warnings|notes|new|fixed|gone|unchanged)": ([0-9]+),?$/\1=\2/p' "$reports/govcheck.json" >> "$GITHUB_OUTPUT"
fi
if [ -s "$reports/govcheck.sarif" ]; then output sarif "$reports/govcheck.sarif"; fi
if [ ! -s "$reports/summary.md" ]; then
  # Indented text is code, whatever it contains.
  { printf '## govcheck: ⛔ could not judge\n\n'; sed 's/^/    /' "$reports/stderr"; } > "$reports/summary.md"
fi
cat "$reports/summary.md" >> "$GITHUB_STEP_SUMMARY"
output summary "$reports/summary.md"
exit 0
