"""The checks of the house: each passes on the program, and falls on a broken example."""
import shutil
import subprocess
import sys

from tap import ROOT, case, check, finish, workspace

PO = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n\n'
GOOD = {
    "src/base/a.h": "",
    "src/cli/a.c": '#include "base/a.h"\nconst char *a(void) { return N_("{n} of {all}"); }\n',
    "layers.txt": "base :   pure\nnum : base   pure\ncli : *\n",
    "po/da/a.po": PO + 'msgid "{n} of {all}"\nmsgstr "{n} ud af {all}"\n',
}


def tool(name, root, *more):
    return subprocess.run([sys.executable, ROOT / "tools" / name, root, *more], capture_output=True, text=True)


def tree(folder, files):
    for name, text in {**GOOD, **files}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def passes(name, *more):
    @case(f"{name} passes")
    def _():
        done = tool(name, ROOT, *more)
        check(done.returncode == 0, done.stderr)

    @case(f"{name} passes a small good tree")
    def _():
        with workspace() as folder:
            tree(folder, {})
            done = tool(name, folder, *(["/dev/null", folder / "d"] if more else []))
            check(done.returncode == 0, done.stderr)


def falls(name, files, reason, *more):
    @case(f"{name}: {reason}")
    def _():
        with workspace() as folder:
            tree(folder, files)
            done = tool(name, folder, *more)
            check(done.returncode == 1, "it passed")
            check(reason in done.stderr, done.stderr)


passes("layers.py")
falls("layers.py", {"src/base/b.c": '#include "cli/a.h"\n'}, "base may not include cli/a.h")
falls("layers.py", {"src/num/b.c": "#include <unistd.h>\n"}, "num is pure and may not include <unistd.h>")
falls("layers.py", {"src/num/b.c": 'void f(void) { fopen("a", "b"); }\n'}, "num is pure and may not call fopen()")
falls("layers.py", {"src/odd/b.c": ""}, "does not name this module")
falls("layers.py", {"layers.txt": "base : num\nnum :\ncli : *\n"}, "not below it")

passes("banned.py")
falls("banned.py", {"src/base/b.c": "void f(char *a) { strcpy(a, a); }\n"}, "strcpy() is banned")
falls("banned.py", {"src/base/b.c": "void f(void) { exit(1); }\n"}, "exit() only at the doors")
falls("banned.py", {"src/base/b.c": "void f(void) {\n\treturn;\n}\n"}, "tab or trailing blank")

passes("texts.py")
falls("texts.py", {"src/cli/b.c": 'N_("new " "one")\n'}, "b.c:1: no Danish of “new one”")
falls("texts.py", {"src/cli/b.c": 'i18n_context(l, "c", "new")\n'}, "no Danish of “new” (context c)")
falls("texts.py", {"src/cli/errors.def": 'ERROR("a.b", "It broke.")\n'}, "errors.def:1: no Danish of “It broke.”")
falls("texts.py", {"src/web/templates/t.html": '<p>\n{_ "Hello" _}</p>\n'}, "t.html:2: no Danish of “Hello”")
falls("texts.py", {"po/da/b.po": PO + 'msgid "old"\nmsgstr "gammel"\n'}, "nothing says “old”")
falls("texts.py", {"po/da/a.po": PO + 'msgid "{n} of {all}"\nmsgstr "{n} ud af {alle}"\n'}, "uses {alle}")
falls("texts.py", {"po/da/a.po": PO + 'msgid "{n} of {all}"\nmsgstr "{n}"\n'}, "leaves out {all}")
falls("texts.py", {"po/da/a.po": PO + 'msgid "{n} of {all}"\nmsgstr ""\n'}, "is not whole")
falls("texts.py", {"po/da/a.po": PO + '#, fuzzy\nmsgid "{n} of {all}"\nmsgstr "{n} af {all}"\n'}, "fuzzy")
falls("texts.py", {"src/cli/b.c": 'i18n_plural(l, "{n} of {all}", "{n} of all {all}", n)\n'}, "stands otherwise")

falls("gather_errors.py", {"src/base/b.c": 'error_plain(e, "a.b");\n'}, "stands in no errors.def", "/dev/null", "/dev/null")
falls("gather_errors.py", {"src/base/errors.def": 'ERROR("a.b", "x")\n'}, "declared but never set", "/dev/null", "/dev/null")


@case("catalogue.py refuses two translations of one sentence")
def _():
    if not shutil.which("msgcat"):
        raise AssertionError("gettext is not installed")
    with workspace() as folder:
        parts = []
        for i, danish in enumerate(("klasse", "hold")):
            parts.append(folder / f"{i}.po")
            parts[-1].write_text((ROOT / "po/da/base.po").read_text() + f'\nmsgid "class"\nmsgstr "{danish}"\n')
        done = subprocess.run([sys.executable, ROOT / "tools/catalogue.py", folder / "a.mo", *parts], capture_output=True, text=True)
        check(done.returncode == 1 and "two translations" in done.stderr, done.stderr)


finish()
