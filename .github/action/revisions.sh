#!/usr/bin/env bash
# Finds the revisions of an event, and fetches the history that the clone lacks. Commits come from the event, names from the workflow.
# No file of the repository is run or checked out.
set -euo pipefail
. "$(dirname "$0")/runner.sh"

# Steps of deepening a shallow clone; beyond them, `fetch-depth: 0` is faster.
DEPTHS="1 50 200 1000 5000"

# Where govcheck will run; it reports a missing folder itself.
cd -- "$WORKING_DIRECTORY" 2> /dev/null || exit 0
errors=$(mktemp "$RUNNER_TEMP/govcheck-XXXXXXXX")

root=$(work_tree)
# A folder of a pull request may look like a bare repository, with a configuration that names programs: only `.git` counts. In a
# container job the work tree belongs to another user, and git would refuse to read it.
git() {
  command git -c safe.bareRepository=explicit -c "safe.directory=$root" -c core.hooksPath=/dev/null -c core.fsmonitor=false \
    -c protocol.ext.allow=never -c submodule.recurse=false -c gc.auto=0 -c maintenance.auto=false "$@"
}
export GIT_TERMINAL_PROMPT=0 GIT_NO_LAZY_FETCH=1 GIT_NO_REPLACE_OBJECTS=1 LC_ALL=C

is_commit() { [[ "$1" =~ ^[0-9a-f]{40}([0-9a-f]{24})?$ ]]; }
have() { git cat-file -e "$1^{commit}" 2> /dev/null; }
resolve() { git rev-parse --verify --quiet "$1^{commit}" 2> /dev/null; }
shallow() { [ "$(git rev-parse --is-shallow-repository)" = true ]; }

# Fetches with the token: a checkout with `persist-credentials: false` leaves none behind. The empty header replaces one that it
# does leave. The token goes through the environment: other users can see the arguments of a process.
fetch() {
  (
    if [ -n "$TOKEN" ]; then
      header="AUTHORIZATION: basic $(printf 'x-access-token:%s' "$TOKEN" | base64 | tr -d '\n')"
      count="${GIT_CONFIG_COUNT:-0}"
      key="http.$GITHUB_SERVER_URL/.extraheader"
      export GIT_CONFIG_COUNT=$((count + 2))
      export "GIT_CONFIG_KEY_$count=$key" "GIT_CONFIG_VALUE_$count="
      export "GIT_CONFIG_KEY_$((count + 1))=$key" "GIT_CONFIG_VALUE_$((count + 1))=$header"
    fi
    git fetch --quiet --no-tags --no-recurse-submodules --no-write-fetch-head "$@" 2> "$errors"
  )
}

# In a shallow clone one commit is enough: `fork` deepens it below.
fetch_some() {
  if shallow; then fetch --depth=1 origin "$@"; else fetch origin "$@"; fi
}

obtain() { have "$1" || { fetch_some "$1" && have "$1"; }; }

deeper="set \`fetch-depth: 0\` under \`with:\` of actions/checkout"

# Prints the commit of a revision that the workflow names in the input $1.
named() {
  local input="$1" name="$2" branch="${2#origin/}" commit
  case "$name" in -*) fail "the input \`$input\` is not a revision: it starts with \`-\`" ;; esac
  if is_commit "$name" && obtain "$name"; then
    commit=$name
  elif ! commit=$(resolve "$name") && git check-ref-format "refs/heads/$branch" \
    && fetch_some "+refs/heads/$branch:refs/remotes/origin/$branch"; then
    commit=$(resolve "refs/remotes/origin/$branch")
  elif [ -z "$commit" ] && git check-ref-format "refs/tags/$name" && fetch_some "+refs/tags/$name:refs/tags/$name"; then
    commit=$(resolve "refs/tags/$name")
  fi
  if [ -z "$commit" ]; then
    say "$errors"
    fail "found no revision \`$name\`, which the input \`$input\` names: correct the name, or $deeper if the clone is too shallow"
  fi
  echo "$commit"
}

# Prints parent number $1 of a commit as recorded in the commit itself: a shallow clone hides parents.
parent() {
  git cat-file commit "$2" | sed '/^$/,$d' | sed -n 's/^parent //p' | sed -n "$1p"
}

event_base=""
head=""
# Code scanning shows the last upload: all findings of a branch, and of a pull request the ones that it adds.
scope=all
case "$EVENT" in
  pull_request | pull_request_target)
    scope=new
    if ! is_commit "$PULL_BASE" || ! is_commit "$PULL_HEAD" || ! [[ "$PULL_NUMBER" =~ ^[0-9]+$ ]]; then
      fail "the event \`$EVENT\` names no pull request with its commits: set the inputs \`base\` and \`policies-from\`"
    fi
    event_base=$PULL_BASE
    ;;
  merge_group)
    scope=new
    if ! is_commit "$QUEUE_BASE"; then
      fail "the event \`merge_group\` names no commit to merge into: set the inputs \`base\` and \`policies-from\`"
    fi
    event_base=$QUEUE_BASE
    ;;
  push)
    # A new branch, or the first push, has no commit before it.
    if is_commit "$PUSH_BEFORE" && [ -n "${PUSH_BEFORE//0/}" ]; then event_base=$PUSH_BEFORE; fi
    ;;
esac

if [ "$POLICIES_FROM" = working-tree ]; then POLICIES_FROM=none; fi
if [ "$BASE,$POLICIES_FROM" = none,none ]; then event_base=""; fi
# Without a revision to resolve, no repository is needed.
if [ -z "$event_base" ] && [ "$EVENT" != pull_request_target ]; then
  case "$BASE,$POLICIES_FROM" in
    , | none, | ,none | none,none)
      echo "No base: all findings count."
      output scope all
      exit 0
      ;;
  esac
fi
if ! command -v git > /dev/null; then
  fail "git is not on PATH, and finding the base needs it: install it before actions/checkout, or set \`base: none\` and \`policies-from: none\`"
fi
if [ ! -e "$root/.git" ]; then
  fail "found no git repository in \`$WORKING_DIRECTORY\` to find the base in: run actions/checkout first, with git on PATH, or set \`base: none\` and \`policies-from: none\`"
fi
# From the root on, git finds `.git` first, whatever the folder below looks like.
cd -- "$root"
if ! tip=$(git rev-parse --verify "HEAD^{commit}" 2> "$errors"); then
  say "$errors"
  fail "found no commit checked out in \`$WORKING_DIRECTORY\`: run actions/checkout first"
fi
if [ "$(git config --get --bool remote.origin.promisor || true)" = true ]; then
  fail "the clone lacks files of other revisions: remove \`filter\` and \`sparse-checkout\` under \`with:\` of actions/checkout, or set \`base: none\` and \`policies-from: none\`"
fi

case "$EVENT" in
  pull_request_target)
    # The base is checked out. The pull request is read from git, and never checked out.
    head=$PULL_HEAD
    obtain "$head" || { say "$errors"; fail "could not fetch the head of the pull request, $head: give the job \`permissions: {contents: read}\`"; }
    tip=$head
    ;;
  pull_request)
    # The first parent of GitHub's test merge is the current base; the event has an earlier one.
    if [ "$tip" = "$GITHUB_SHA" ] && [ "$(parent 2 "$tip")" = "$PULL_HEAD" ]; then event_base=$(parent 1 "$tip"); fi
    ;;
esac

if [ -n "$event_base" ] && ! obtain "$event_base"; then
  if [ "$EVENT" = push ] && [ "$PUSH_FORCED" = true ] && grep -q 'not our ref' "$errors"; then
    annotate notice "the push replaced $event_base, which is gone: all findings count"
    event_base=""
  else
    say "$errors"
    fail "could not fetch the base $event_base: $deeper, or give the job \`permissions: {contents: read}\`"
  fi
fi

case "$BASE" in
  "") base=$event_base ;;
  none) base="" ;;
  *) base=$(named base "$BASE") || { echo "$base"; exit 2; } ;;
esac
case "$POLICIES_FROM" in
  "") policies=${event_base:-$base} ;;
  none) policies="" ;;
  *) policies=$(named policies-from "$POLICIES_FROM") || { echo "$policies"; exit 2; } ;;
esac

# Prints the merge base $1 of base and tip if it is that of the whole history: behind a commit whose parents a shallow clone cuts off
# may lie a better one, unless all such commits lie behind this one.
proved() {
  [ -n "$1" ] || return 1
  if shallow && git rev-list "$base" "$tip" --not "$1" | grep -qxF -f "$(git rev-parse --git-path shallow)"; then return 1; fi
  echo "$1"
}

# Prints the merge base of base and tip; deepens a shallow clone until it is proved.
fork() {
  local depth
  for depth in $DEPTHS; do
    proved "$(git merge-base "$base" "$tip" 2> /dev/null)" && return 0
    shallow || return 1
    # The remote does not know a tip that an earlier step committed.
    fetch "--deepen=$depth" origin "$base" "$tip" || fetch "--deepen=$depth" origin "$base" || return 1
  done
  proved "$(git merge-base "$base" "$tip" 2> /dev/null)"
}
if [ -n "$base" ] && ! parted=$(fork); then
  if ! shallow && [ "$EVENT" = push ] && [ -z "$BASE" ]; then
    annotate notice "the push replaced $base, which shares no history with it: all findings count"
    base=""
    policies=""
  elif shallow; then
    say "$errors"
    fail "$base and $tip have no common commit in this shallow clone: $deeper"
  else
    fail "$base and $tip have no common commit: set the input \`base\` to another revision"
  fi
fi

if [ -z "$base" ]; then scope=all; else output base "$parted"; fi
if [ -n "$head" ]; then
  output head "$head"
  output ref "refs/pull/$PULL_NUMBER/head"
fi
output policies "$policies"
output scope "$scope"
