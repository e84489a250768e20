#!/usr/bin/env python3
"""A PostgreSQL of its own for a test: a socket in a temporary folder, no TCP, gone at the end.

    with postgres.Server() as server:      # server.url is None where PostgreSQL is absent
        url = server.database("study")     # a new, empty database

As a program (for the tests in C): prints the URL, or "absent", and stops when its input ends. In CI
absence is a failure: there it must be installed.
"""
import glob
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import time


class Server:
    def __init__(self):
        found = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"))
        self.bin = os.path.dirname(found[-1]) if found else None
        self.url = self.folder = self.process = None
        if not self.bin and os.environ.get("CI"):
            raise SystemExit("PostgreSQL is absent, and this is CI")

    def __enter__(self):
        if not self.bin:
            return self
        self.folder = tempfile.mkdtemp(prefix="laerke-pg-")
        # initdb refuses root.
        user = pwd.getpwnam("nobody") if os.getuid() == 0 else None
        self.who = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}
        if user:
            os.chown(self.folder, user.pw_uid, user.pw_gid)
        data = os.path.join(self.folder, "data")
        subprocess.run([f"{self.bin}/initdb", "-D", data, "-U", "laerke", "-A", "trust", "-E", "UTF8",
                        "--locale=C.UTF-8", "--no-sync"], check=True, stdout=subprocess.DEVNULL,
                       cwd=self.folder, **self.who)
        self.log = open(os.path.join(self.folder, "log"), "w+")
        self.url = self.url_of("postgres")
        return self.start()

    def start(self):
        """Runs it, also again after end()."""
        data = os.path.join(self.folder, "data")
        self.process = subprocess.Popen(
            [f"{self.bin}/postgres", "-D", data, "-k", self.folder, "-c", "listen_addresses=", "-c", "fsync=off"],
            stdout=self.log, stderr=self.log, stdin=subprocess.DEVNULL, cwd=self.folder, **self.who)
        for _ in range(300):
            if subprocess.run([f"{self.bin}/pg_isready", "-q", "-h", self.folder], cwd="/").returncode == 0:
                return self
            if self.process.poll() is not None:
                break
            time.sleep(0.1)
        self.log.seek(0)
        message = self.log.read()
        self.__exit__()
        raise SystemExit("PostgreSQL does not start:\n" + message)

    def end(self):
        """Ends it at once, as a restart does: whoever is connected is cut off."""
        self.process.send_signal(2)
        self.process.wait()

    def url_of(self, database):
        return f"postgresql://laerke@/{database}?host={self.folder}"

    def sql(self, sql, database="postgres"):
        """The rows of a query as lines, columns with | between."""
        return subprocess.run([f"{self.bin}/psql", "-qAtX", "-v", "ON_ERROR_STOP=1", "-d", self.url_of(database),
                               "-c", sql], check=True, capture_output=True, text=True, cwd="/").stdout

    def database(self, name):
        self.sql(f"CREATE DATABASE {name}")
        return self.url_of(name)

    def __exit__(self, *_):
        if self.process and self.process.poll() is None:
            self.process.send_signal(3)  # SIGQUIT: at once, nothing here is to be kept
            self.process.wait()
        if self.folder:
            shutil.rmtree(self.folder, ignore_errors=True)


if __name__ == "__main__":
    with Server() as server:
        print(server.url or "absent", flush=True)
        sys.stdin.read()
