# Sourced by the other scripts: helpers that write to the log, the outputs and the job summary.
# shellcheck shell=bash

# Prints a file that may hold untrusted text, with workflow commands turned off.
say() {
  [ -s "$1" ] || return 0
  local token="govcheck-$RANDOM$RANDOM$RANDOM$RANDOM"
  echo "::stop-commands::$token"
  cat "$1"
  printf '\n::%s::\n' "$token"
}

# Escapes a text for the message of a workflow command.
escaped() {
  local text="${1//'%'/%25}"
  text="${text//$'\r'/%0D}"
  printf '%s' "${text//$'\n'/%0A}"
}

annotate() { printf '::%s title=govcheck::%s\n' "$1" "$(escaped "$2")"; }

output() { printf '%s=%s\n' "$1" "$2" >> "$GITHUB_OUTPUT"; }

# Prints the work tree around this folder, or the root of the file system.
work_tree() {
  local folder
  folder=$(pwd -P)
  while [ ! -e "$folder/.git" ] && [ "$folder" != "$(dirname "$folder")" ]; do folder=$(dirname "$folder"); done
  echo "$folder"
}

# Ends the job before anything is judged, with a message in the log and the job summary. Indented text is code there.
fail() {
  annotate error "$1"
  { printf '## govcheck: ⛔ could not judge\n\n'; printf '%s\n' "$1" | sed 's/^/    /'; } >> "$GITHUB_STEP_SUMMARY"
  exit 2
}
