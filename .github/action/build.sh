#!/usr/bin/env bash
# Builds govcheck from the source of the action.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/runner.sh"

if ! command -v cargo > /dev/null; then
  fail "found neither govcheck nor cargo on PATH: install Rust 1.88 or later in an earlier step"
fi
cargo build --release --locked --bin govcheck --manifest-path "$here/../../Cargo.toml" --target-dir "$RUNNER_TEMP/govcheck-target"
mkdir -p "$(dirname "$BINARY")"
cp "$RUNNER_TEMP/govcheck-target/release/$(basename "$BINARY")" "$BINARY"
