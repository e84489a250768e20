-- Who people are. Nothing here says what anybody answered.

CREATE TABLE person (
    id {ID},
    kind TEXT NOT NULL,                   -- pupil | guardian | staff
    source_key TEXT NOT NULL,             -- the roster's own key of the person, one series a kind
    given_name TEXT NOT NULL,
    family_name TEXT NOT NULL,
    email TEXT,
    address TEXT,
    active {INT} NOT NULL DEFAULT 1,
    UNIQUE (kind, source_key)
);

CREATE TABLE guardian (
    child {INT} NOT NULL REFERENCES person(id),
    person {INT} NOT NULL REFERENCES person(id),
    custody {INT} NOT NULL,               -- 1: holds custody, and so gets a letter
    protected {INT} NOT NULL,             -- 1: the address may be shown to nobody
    PRIMARY KEY (child, person)
);

CREATE TABLE pseudonym (
    person {INT} PRIMARY KEY REFERENCES person(id),
    subject {INT} NOT NULL UNIQUE         -- random, never derived from the person
);

CREATE TABLE account (
    id {ID},
    person {INT} REFERENCES person(id),
    login TEXT NOT NULL UNIQUE,
    password TEXT NOT NULL,               -- Argon2id string
    name TEXT NOT NULL,
    language TEXT NOT NULL DEFAULT 'da',
    created_at {INT} NOT NULL,
    ended_at {INT}
);

-- What an account may see: a role at a unit of the study store (0: the programme).
CREATE TABLE membership (
    account {INT} NOT NULL REFERENCES account(id),
    unit {INT} NOT NULL,
    role TEXT NOT NULL,                   -- pupil | teacher | pedagogue | leader | municipality | programme | …
    from_at {INT} NOT NULL,
    to_at {INT},
    PRIMARY KEY (account, unit, role)
);

-- Where staff work by the roster (schools and classes). The unit is of the study store, so no foreign key:
-- a row whose unit is not there is left from an import that was killed, and the next one removes it.
CREATE TABLE staff (
    person {INT} NOT NULL REFERENCES person(id),
    unit {INT} NOT NULL,
    role TEXT NOT NULL,                   -- teacher | pedagogue | leader | class_teacher
    PRIMARY KEY (person, unit, role)
);

CREATE TABLE session (
    token {BLOB} PRIMARY KEY,             -- SHA-256 of the cookie's token
    account {INT} NOT NULL REFERENCES account(id),
    csrf {BLOB} NOT NULL,
    created_at {INT} NOT NULL,
    seen_at {INT} NOT NULL
);
CREATE INDEX session_account ON session(account);

-- Failed logins, for slowing them down.
CREATE TABLE login_failure (
    login TEXT PRIMARY KEY,
    failures {INT} NOT NULL,
    last_at {INT} NOT NULL
);
