#!/usr/bin/env bash
# Prints a hash of all sources of the binary: the cache key, and the value that a release records.
set -euo pipefail
cd "$(dirname "$0")/../.."
files=$(find Cargo.toml Cargo.lock build.rs src policies -type f | LC_ALL=C sort)
{
  echo "$files"
  echo "$files" | git hash-object --no-filters --stdin-paths
} | git hash-object --stdin
