#!/bin/sh
# Installs what is missing of the sets of packages named. Usage: tools/deps.sh build [test] [lint] …
# Asks for root only where something is missing, and says nothing where nothing is.
set -eu
cd "$(dirname "$0")/.."

missing=
for set in "$@"; do
    for package in $(sed -n "s/^$set: //p" tools/packages.txt); do
        name=${package%%=*} command=${package#"${package%%=*}"}
        command=${command#=}
        if [ -n "$command" ] && command -v "$command" >/dev/null; then continue; fi
        case $(dpkg-query -W -f='${db:Status-Abbrev}' "$name" 2>/dev/null || true) in
        ii*) ;;
        *) missing="$missing $name" ;;
        esac
    done
done
[ -n "$missing" ] || exit 0

# Danish or English, as the program itself.
case ${LAERKE_LANG:-${LC_ALL:-${LC_MESSAGES:-${LANG:-}}}} in
da*) say="Installerer" cannot="Der mangler pakker, og der skal root til at installere dem. Kør som root:" ;;
*) say="Installing" cannot="Packages are missing, and installing them wants root. Run as root:" ;;
esac

root=
if [ "$(id -u)" != 0 ]; then
    if ! command -v sudo >/dev/null; then
        echo "$cannot" >&2
        echo "    apt-get install --no-install-recommends$missing" >&2
        exit 1
    fi
    root=sudo
fi

echo "$say:$missing" >&2
install() {
    # shellcheck disable=SC2086 — the list is words
    $root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >&2 </dev/null
}
# The lists of a new machine are empty or old: fetch them only where that is what fails.
install 2>/dev/null || { $root apt-get update -qq && install; }
