#!/bin/sh
# The house's checks, then what three tools find. Usage: tools/lint.sh BUILD
set -u
cd "$(dirname "$0")/.."
build=$1 code=0
files=$(find src -name '*.c' | LC_ALL=C sort)

python3 tools/layers.py . || code=1
python3 tools/banned.py . || code=1

# A function that is used outside its file by tests alone, or whose sizes only a caller knows, is no fault.
cppcheck --quiet --error-exitcode=1 --enable=warning,performance,portability --inline-suppr --std=c11 -Isrc \
    --suppress=missingIncludeSystem --suppress=unusedStructMember --check-level=normal $files 2>/dev/null ||
    cppcheck --quiet --error-exitcode=1 --enable=warning,performance,portability --inline-suppr --std=c11 -Isrc $files || code=1

clang-tidy --quiet -p "$build" --warnings-as-errors='*' \
    --checks='-*,bugprone-*,clang-analyzer-*,misc-redundant-expression,-bugprone-easily-swappable-parameters,-bugprone-narrowing-conversions,-bugprone-implicit-widening-of-multiplication-result,-bugprone-reserved-identifier,-bugprone-assignment-in-if-condition,-clang-analyzer-security.insecureAPI.DeprecatedOrUnsafeBufferHandling,-bugprone-branch-clone' \
    $files 2>/dev/null || code=1

flags=$(pkg-config --cflags jansson inih sqlite3 libpq libsodium libmicrohttpd cairo pangocairo pangoft2 libqpdf)
for file in $files; do
    gcc -std=c17 -O1 -fanalyzer -Werror -Wno-analyzer-malloc-leak -D_DEFAULT_SOURCE -D_POSIX_C_SOURCE=200809L \
        '-DLAERKE_VERSION=""' -Isrc -I"$build/src" -I"$build" $flags -c "$file" -o /dev/null || code=1
done
exit $code
