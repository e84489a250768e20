"""The command line's frame: dispatch, general options, languages, exit codes, help and man page."""
import os
import re
import subprocess

from tap import LAERKE, Skip, case, check, finish, workspace

import shutil


def run(*arguments, **environment):
    clean = {key: value for key, value in os.environ.items() if key not in ("LANG", "LC_ALL", "LC_MESSAGES", "LAERKE_LANG")}
    done = subprocess.run([LAERKE, *arguments], capture_output=True, text=True, env={**clean, **environment})
    return done.returncode, done.stdout, done.stderr


# arguments, environment, exit code, what standard output and standard error hold
TABLE = [
    (["--version"], {}, 0, "laerke 0.", ""),
    (["help"], {}, 0, "Usage: laerke", ""),
    (["--help"], {}, 0, "Usage: laerke", ""),
    (["help", "help"], {}, 0, "--man", ""),
    (["help", "--help"], {}, 0, "--man", ""),
    ([], {}, 2, "", "Usage: laerke"),
    (["hlep"], {}, 2, "", "Did you mean “help”?"),
    (["zzzz"], {}, 2, "", "There is no command “zzzz”."),
    (["wave"], {}, 2, "", "Usage: laerke wave new"),
    (["wave", "opne"], {}, 2, "", "Did you mean “wave open”?"),
    (["help", "--mna"], {}, 2, "", "Did you mean “--man”?"),
    (["help", "zzzz"], {}, 2, "", "There is no command “zzzz”."),
    (["--oops"], {}, 2, "", "There is no option --oops."),
    (["help", "--man", "--man"], {}, 2, "", "--man is given twice."),
    (["help", "--man=x"], {}, 2, "", "takes no value"),
    (["help", "a", "b", "c", "d", "e"], {}, 2, "", "e is one argument too many."),
    (["-C"], {}, 2, "", "-C needs a value."),
    (["help", "-C", "--json"], {}, 2, "", "-C needs a value."),
    (["--lang", "da", "help"], {}, 0, "Brug: laerke", ""),
    (["help", "--lang", "da"], {}, 0, "Brug: laerke", ""),
    (["help", "--lang=da"], {}, 0, "Brug: laerke", ""),
    (["--lang", "sv", "help"], {}, 2, "", "There is no language “sv”"),
    (["help"], {"LAERKE_LANG": "da"}, 0, "Brug: laerke", ""),
    (["help"], {"LANG": "da_DK.UTF-8"}, 0, "Brug: laerke", ""),
    (["help"], {"LANG": "da_DK.UTF-8", "LC_ALL": "C"}, 0, "Usage: laerke", ""),
    (["help"], {"LANG": "de_DE.UTF-8"}, 0, "Usage: laerke", ""),
    (["--lang", "en", "help"], {"LAERKE_LANG": "da"}, 0, "Usage: laerke", ""),
    (["help", "--zzzz", "--lang", "da"], {}, 2, "", "Tilvalget --zzzz findes ikke."),
]


def row(arguments, environment, code, out, err):
    @case(f"laerke {' '.join(arguments)} {environment or ''}".strip())
    def _():
        found = run(*arguments, **environment)
        check(found[0] == code, f"exit {found[0]}: {found[2]}")
        check(out in found[1], found[1])
        check(err in found[2], found[2])
        check(code == 0 or found[1] == "", f"a failure printed a result: {found[1]}")
        check(code != 0 or found[2] == "", f"a success complained: {found[2]}")


for line in TABLE:
    row(*line)


def commands():
    return re.findall(r"^  (\S+(?: \S+)*?)(?:  .*)?$", run("help")[1], re.M)


@case("every command has help in both languages")
def _():
    names = commands()
    check(len(names) > 1 and "help" in names, names)
    for name in names:
        english, danish = (run("--lang", language, "help", *name.split()) for language in ("en", "da"))
        check(english[0] == 0 and danish[0] == 0, name)
        check(english[1] != danish[1], f"{name} is not in Danish")


@case("every command takes only the options it knows")
def _():
    for name in commands():
        code, _, err = run(*name.split(), "--no-such-option")
        check(code == 2 and "--no-such-option" in err, f"{name}: exit {code}, {err}")


@case("the man page is well-formed and names every command")
def _():
    page = run("help", "--man")[1]
    for name in commands():
        check("laerke " + name.replace("-", "\\-") in page, name)
    if not shutil.which("groff"):
        raise Skip("groff is not here")
    done = subprocess.run(["groff", "-man", "-Tutf8", "-Kutf8", "-ww", "-z"], input=page, capture_output=True, text=True)
    check(done.stderr == "", done.stderr)


@case("a full disk is not success")
def _():
    with open("/dev/full", "w") as full:
        done = subprocess.run([LAERKE, "help"], stdout=full, stderr=subprocess.PIPE, text=True)
    check(done.returncode == 1 and "standard output" in done.stderr, done.stderr)


finish()
