#!/usr/bin/env python3
"""Print the figures of docs/performance.md. Usage: bench.py BUILD [PUPILS]

First the program as its user meets it: a fit of somebody's CSV, a whole programme made and published,
profiles as PDF, pages under load (wrk). Then what the programs in bench/ measure by themselves. Figures
are for comparing versions on one machine; nothing passes or fails.
"""
import http.client
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.parse



def timed(*command):
    """(seconds, peak MiB, standard output) of a command that must end well."""
    with tempfile.TemporaryFile() as out:
        started = time.monotonic()
        child = subprocess.Popen(list(map(str, command)), stdout=out, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.monotonic() - started
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode != 0:
            sys.exit(f"{' '.join(map(str, command))}: exit {child.returncode}")
        out.seek(0)
        return seconds, usage.ru_maxrss / 1024, out.read().decode()


def row(what, figure, command):
    print(f"| {what} | {figure} | `{command}` |", flush=True)


def write_answers(path, persons, items):
    """Answers in four categories that hang together; for time, not for truth."""
    draw = random.Random(1)
    with open(path, "w") as file:
        file.write(",".join(f"i{k}" for k in range(items)) + "\n")
        for _ in range(persons):
            ability = draw.gauss(1.5, 1.1)
            file.write(",".join(str(min(3, max(0, round(ability + draw.gauss(0, 0.8))))) for _ in range(items)) + "\n")


def bench_fit(laerke, folder):
    persons, items = 80000, 20
    write_answers(folder / "answers.csv", persons, items)
    seconds, peak, _ = timed(laerke, "irt", "fit", folder / "answers.csv", "--items", "i*", "--model", "pcm", "--out", folder / "fit")
    row(f"partial credit, {persons:,} persons × {items} items × 4 categories, from CSV to files",
        f"{seconds:.2f} s, {persons / seconds:,.0f} persons/s, {peak:.0f} MiB", "laerke irt fit … --model pcm")


def bench_scores(laerke, folder):
    """Scores by that fit; classes of 20 in the order of the rows, 242 schools."""
    answers = (folder / "answers.csv").read_text().splitlines()
    persons = len(answers) - 1
    with open(folder / "classes.csv", "w") as file:
        file.write(answers[0] + ",class,school\n")
        for n, line in enumerate(answers[1:]):
            file.write(f"{line},{n // 20},{n // 20 % 242}\n")
    for what, options in (("WLE and EAP", ["--method", "wle"]), ("10 plausible values", ["--method", "pv"]),
                          ("10 plausible values that know classes and schools", ["--method", "pv", "--cluster", "class,school"])):
        seconds, peak, _ = timed(laerke, "irt", "score", folder / "classes.csv", "--fit", folder / "fit", *options,
                                 "--out", folder / "scores.csv")
        row(f"{what} of {persons:,} persons × 20 items, from CSV to CSV", f"{seconds:.2f} s, {persons / seconds:,.0f} persons/s, {peak:.0f} MiB",
            f"laerke irt score … {' '.join(options)}")


def bench_publish(laerke, folder, pupils):
    demo = folder / "demo"
    seconds, peak, _ = timed(laerke, "demo", demo, "--pupils", pupils)
    row(f"a programme of {pupils:,} pupils made, answered and published", f"{seconds:.1f} s, {peak:.0f} MiB",
        f"laerke demo demo --pupils {pupils}")
    seconds, peak, _ = timed(laerke, "-C", demo, "publish", "--wave", 1)
    row("its wave published", f"{seconds:.1f} s, {pupils / seconds:,.0f} pupils/s, {peak:.0f} MiB", "laerke publish --wave 1")
    return demo


def bench_profiles(laerke, demo, folder):
    for form in ("json", "html"):
        seconds, peak, _ = timed(laerke, "-C", demo, "profile", "--all", "--format", form, "--out", folder / form)
        made = sum(1 for path in (folder / form).rglob(f"*.{form}"))
        row(f"every profile as {form.upper()}", f"{made:,} in {seconds:.1f} s, {made / seconds:,.0f}/s, {peak:.0f} MiB",
            f"laerke profile --all --format {form}")


class Visitor:
    """Logs in as a browser would, and keeps the cookies."""

    def __init__(self, port):
        self.port, self.cookies = port, {}

    def ask(self, method, path, form=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {"Cookie": self.cookie()} if self.cookies else {}
        body = None
        if form:
            body = urllib.parse.urlencode(form)
            headers.update({"Content-Type": "application/x-www-form-urlencoded", "Origin": f"http://127.0.0.1:{self.port}"})
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        for line in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = line.split(";")[0].partition("=")
            self.cookies[name] = value
        return answer, text

    def cookie(self):
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    def login(self, name, password):
        _, page = self.ask("GET", "/login")
        csrf = re.search(r'name="csrf" value="([^"]+)"', page)[1]
        self.ask("POST", "/login", {"csrf": csrf, "next": "/", "login": name, "password": password})
        return self.ask("GET", "/")[1]


def bench_pages(laerke, demo):
    if not shutil.which("wrk"):
        print("wrk is not here: no load is measured", file=sys.stderr)
        return
    server = subprocess.Popen([laerke, "--lang", "en", "-C", demo, "serve", "--listen", "127.0.0.1:0", "--quiet"], stderr=subprocess.PIPE, text=True)
    try:
        port = None
        while port is None:
            line = server.stderr.readline()
            if not line:
                sys.exit("the server ended")
            found = re.search(r"http://127\.0\.0\.1:(\d+)", line)
            port = int(found[1]) if found else None
        visitor = Visitor(port)
        home = visitor.login("leder", "laerke-demo")
        unit = re.search(r'href="(/unit/\d+)"', home)[1]
        answer, page = visitor.ask("GET", unit)
        if answer.status != 200:
            sys.exit(f"{unit}: {answer.status}")
        _, _, out = timed("wrk", "-t", 1, "-c", 16, "-d", "5s", "--latency", "-H", f"Cookie: {visitor.cookie()}",
                          f"http://127.0.0.1:{port}{unit}")
        rate, tail = re.search(r"Requests/sec:\s*([\d.]+)", out)[1], re.search(r"99%\s+(\S+)", out)[1]
        if "Non-2xx" in out:
            sys.exit(out)
        row(f"a school's profile page ({len(page) / 1024:.0f} KiB), 16 visitors at once, load on the same machine",
            f"{float(rate):,.0f} pages/s, 99 % within {tail}", "wrk -t1 -c16 -d5s --latency …")
    finally:
        server.terminate()
        server.wait()


def main():
    build, pupils = pathlib.Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 80000
    laerke = build / "laerke"
    print(f"{os.cpu_count()} processors\n\n| what | figure | command |\n|---|---|---|", flush=True)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="bench-", dir=build))
    try:
        bench_fit(laerke, folder)
        bench_scores(laerke, folder)
        demo = bench_publish(laerke, folder, pupils)
        bench_pages(laerke, demo)
        bench_profiles(laerke, demo, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print()
    for program in sorted((build / "bench").glob("bench_*")):
        if program.is_file() and os.access(program, os.X_OK):
            print(timed(program)[2], end="", flush=True)


if __name__ == "__main__":
    main()
