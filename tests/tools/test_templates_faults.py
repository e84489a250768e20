"""What tools/templates.py refuses, and where it says so."""
import subprocess
import sys

from tap import ROOT, case, check, finish, workspace

HEAD = "{% view\n text t\n url u\n html h\n int n\n bool b\n list rows of row\n view v of other\n%}\n{% record row\n text x\n%}\n"
LINES = HEAD.count("\n")
FAULTS = [
    ("<a href={{u}}>", "wants quotation marks"),
    ("<a href={{u}} class=x>", "wants quotation marks"),
    ('<a href="{{t}}">', "must begin with a literal or be one url"),
    ('<a href="{{n}}">', "must begin with a literal or be one url"),
    ('<a href="/x{{u}}">', "stands first"),
    ('<a href="{_ "x" _}">', "cannot be an address"),
    ('<a onclick="{{t}}">', "no variable may stand in onclick"),
    ('<p style="{{t}}">', "no variable may stand in style"),
    ("<script>{{t}}</script>", "script or style"),
    ("<style>{{n}}</style>", "script or style"),
    ("<!-- {{t}} -->", "comment"),
    ("<p {{t}}>", "attribute"),
    ("<{{t}}>", "literal"),
    ("{{h}}", "cannot be printed"),
    ("{{b}}", "cannot be printed"),
    ("{{{raw t}}}", "only html"),
    ("{{{h}}}", "write {{{raw name}}}"),
    ('<p title="{{{raw h}}}">', "between tags"),
    ("{{nothing}}", "no variable nothing"),
    ("{{row.x}}", "no row called row"),
    ("{% for r in rows %}{{r.y}}{% end %}", "no variable r.y"),
    ("{% for r in t %}{% end %}", "not a list"),
    ("{% for r in rows %}{% for r in rows %}{% end %}{% end %}", "r is taken"),
    ("{% if t %}<p", "no “end”"),
    ("{% if b %}<p {% end %}>", "different places"),
    ('<p {% for r in rows %}class="{% end %}">', "another place"),
    ("{% end %}", "without an"),
    ("{% if t > 3 %}{% end %}", "not understood"),
    ("{% if t == 3 %}{% end %}", "cannot be compared"),
    ("{% if (t %}{% end %}", "not closed"),
    ("{% unless t %}{% end %}", "no statement"),
    ("{% render v %}", "neither a record here nor a template"),
    ("{% render t %}", "not a view"),
    ('{_ "a {zz} b" _}', "no variable zz"),
    ('{_ "a" zz=t _}', "no argument zz"),
    ('{_ "{t}" | "{t}s" by t _}', "a number decides"),
    ("{_ a _}", "a sentence is"),
    ("{{t} x", "without its other half"),
    ("<p", "ends inside a tag"),
    ("{% view\n text t\n%}", "declared twice"),
]


def translate(folder, text):
    (folder / "t.html").write_text(text)
    return subprocess.run([sys.executable, ROOT / "tools/templates.py", folder / "t.h", folder / "t.c", folder / "t.html"],
                          capture_output=True, text=True)


def refused(text, reason):
    @case(f"refused: {text!r}")
    def _():
        with workspace() as folder:
            done = translate(folder, HEAD + text + "\n")
            check(done.returncode == 1, f"exit {done.returncode}: {done.stderr}")
            check(reason in done.stderr, done.stderr)
            check(f"t.html:{LINES + 1}:" in done.stderr or "no “end”" in reason or "declared" in reason or "neither" in reason,
                  f"line: {done.stderr}")
            check(not (folder / "t.c").exists(), "C was written all the same")


for fault in FAULTS:
    refused(*fault)


@case("faults of declarations")
def _():
    for text in ("{% view\n number x\n%}", "{% view\n text X\n%}", "{% view\n list x\n%}", "{% view\n text a\n text a\n%}",
                 "{% record a\n%}{% record a\n%}", "{% view\n text a of b\n%}"):
        with workspace() as folder:
            check(translate(folder, text).returncode == 1, text)


@case("what is well is taken")
def _():
    with workspace() as folder:
        done = translate(folder, HEAD.replace(" view v of other\n", "") +
                         '<a href="{{u}}?a={{t}}" {% if b %}hidden{% end %}>{{t}}</a><pre>\n  {{t}}\n</pre>'
                         '{_ "{{n} {n}" _}{_ context "c" "Open" _}<script src="/static/a.js"></script>\n')
        check(done.returncode == 0, done.stderr)
        made = (folder / "t.c").read_text()
        check('<pre>\\n  "' in made, "blanks in pre are kept")


finish()
