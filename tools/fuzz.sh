#!/bin/sh
# Runs every fuzz target for some seconds, from its seeds. Usage: tools/fuzz.sh BUILD SECONDS
set -eu
cd "$(dirname "$0")/.."
for target in "$1"/fuzz/fuzz_*; do
    [ -f "$target" ] && [ -x "$target" ] || continue
    name=$(basename "$target")
    seeds=fuzz/seeds/${name#fuzz_}
    mkdir -p "$1/corpus/$name"
    echo "$name"
    "$target" -max_total_time="$2" -max_len=4096 -print_final_stats=1 -artifact_prefix="$1/$name-" "$1/corpus/$name" \
        $([ -d "$seeds" ] && echo "$seeds") 2>"$1/$name.log" || { tail -40 "$1/$name.log"; exit 1; }
    grep -E '^(Done|stat::)' "$1/$name.log" | head -3
done
