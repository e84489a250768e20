#!/bin/sh
# The house's checks, then what three tools find. Usage: tools/lint.sh BUILD [FILE.c…]
set -u
cd "$(dirname "$0")/.."
build=$1 code=0
shift
files=${*:-$(find src -name '*.c' | LC_ALL=C sort)}

for check in layers banned texts; do python3 "tools/$check.py" . || code=1; done

# shellcheck disable=SC2086 — files are words
cppcheck --quiet --error-exitcode=1 --enable=warning,performance,portability --inline-suppr --std=c11 -Isrc \
    -j "$(nproc)" $files || code=1

# Left out: what the house decides otherwise (assignment in a condition, int widths that -Wconversion
# watches), advice to use C11's optional *_s functions, which no libc here has, and what takes va_copy and
# arenas for faults.
checks='-*,bugprone-*,clang-analyzer-*,misc-redundant-expression'
checks="$checks,-bugprone-easily-swappable-parameters,-bugprone-narrowing-conversions,-bugprone-branch-clone"
checks="$checks,-bugprone-implicit-widening-of-multiplication-result,-bugprone-assignment-in-if-condition"
checks="$checks,-bugprone-reserved-identifier,-bugprone-suspicious-string-compare,-bugprone-macro-parentheses"
checks="$checks,-clang-analyzer-valist.Uninitialized"
checks="$checks,-clang-analyzer-security.insecureAPI.DeprecatedOrUnsafeBufferHandling,-bugprone-sizeof-expression"
echo $files | xargs -n 8 -P "$(nproc)" clang-tidy --quiet -p "$build" --warnings-as-errors='*' --checks="$checks" 2>/dev/null || code=1

flags=$(pkg-config --cflags jansson inih sqlite3 libpq libsodium libmicrohttpd cairo pangocairo pangoft2 libqpdf)
# shellcheck disable=SC2086
echo $files | xargs -n 1 -P "$(nproc)" gcc -std=c17 -O1 -fanalyzer -Wno-analyzer-malloc-leak -Werror -D_DEFAULT_SOURCE -D_POSIX_C_SOURCE=200809L \
    '-DLAERKE_VERSION=""' -Isrc -I"$build/src" -I"$build/src/web" -I"$build" $flags -o /dev/null -c || code=1
exit $code
