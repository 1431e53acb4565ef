#!/usr/bin/env bash
# Says whether the job's token may write, and what is left out if it may not.
set -euo pipefail
. "$(dirname "$0")/runner.sh"

if [ "$EVENT" = pull_request ] && [ "$HEAD_REPOSITORY" != "$GITHUB_REPOSITORY" ]; then
  # It has no name if the fork was deleted since.
  why="a pull request from a fork"
elif [ "$ACTOR" = "dependabot[bot]" ]; then
  why="a run of Dependabot"
else
  output writes true
  exit 0
fi
output writes false
if [ "$UPLOAD" = true ]; then
  annotate notice "findings are not uploaded to code scanning, for $why has no permission to; they are annotations and in the summary of the job"
fi
if [ "$COMMENT" = true ]; then
  annotate notice "the pull request gets no comment, for $why has no permission to write one; the summary of the job says the same"
fi
