#!/bin/sh
# Fetches what the browser tests stand on (exact versions, by their checksums) into tests/browser/node_modules.
set -eu
cd "$(dirname "$0")/../tests/browser" 2>/dev/null || exit 0
[ ! node_modules/.package-lock.json -ot package-lock.json ] && [ -f node_modules/.package-lock.json ] && exit 0
npm ci --loglevel=error --no-audit --no-fund --ignore-scripts --no-update-notifier --cache ../../.npm-cache >&2
