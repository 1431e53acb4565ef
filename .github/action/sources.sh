#!/usr/bin/env bash
# Prints the fingerprint of all that the binary is made of: the key of the cache, and what a release says it was built from.
set -euo pipefail
cd "$(dirname "$0")/../.."
find Cargo.toml Cargo.lock build.rs src policies -type f | LC_ALL=C sort | while IFS= read -r file; do
  echo "$file"
  cat "$file"
done | git hash-object --stdin
