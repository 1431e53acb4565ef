#!/usr/bin/env bash
# Prints a hash of all sources of the binary: the cache key, and the value that a release records.
set -euo pipefail
cd "$(dirname "$0")/../.."
find Cargo.toml Cargo.lock build.rs src policies -type f | LC_ALL=C sort | while IFS= read -r file; do
  echo "$file"
  cat "$file"
done | git hash-object --stdin
