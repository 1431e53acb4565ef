#!/usr/bin/env bash
# Finds out whether the job's token may write, and reports what is skipped if it may not.
set -euo pipefail
. "$(dirname "$0")/runner.sh"

if [ "$EVENT" = pull_request ] && [ "$HEAD_REPOSITORY" != "$GITHUB_REPOSITORY" ]; then
  # The name is empty if the fork was deleted meanwhile.
  why="a pull request from a fork"
elif [ "$ACTOR" = "dependabot[bot]" ]; then
  why="a run of Dependabot"
else
  output writes true
  exit 0
fi
output writes false
if [ "$UPLOAD" = true ]; then
  annotate notice "skipped the upload to code scanning: $why has no permission to upload; see the annotations and the job summary"
fi
if [ "$COMMENT" = true ]; then
  annotate notice "skipped the comment: $why has no permission to write one; see the job summary"
fi
