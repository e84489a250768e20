-- Pseudonyms, answers and results. Nothing here says who anybody is.

CREATE TABLE unit (
    id {ID},
    kind TEXT NOT NULL,                   -- programme | municipality | institution | school | class | team
    parent {INT} REFERENCES unit(id),     -- NULL for the programme alone
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    grade {INT},                          -- of a class, where it has one
    active {INT} NOT NULL DEFAULT 1
);
-- Codes are unique among siblings; COALESCE keeps the programme single too.
CREATE UNIQUE INDEX unit_code ON unit(COALESCE(parent, 0), code);

CREATE TABLE wave (
    number {INT} PRIMARY KEY,
    name TEXT NOT NULL,
    opens TEXT NOT NULL,                  -- yyyy-mm-dd
    closes TEXT NOT NULL,
    state TEXT NOT NULL                   -- planned | open | closed
);

-- Where a subject belongs. Wave 0 is the roster as it stands now; opening a wave copies it. Parents are
-- not here: they belong where their children do (identity's guardian), and move with them.
CREATE TABLE enrolment (
    subject {INT} NOT NULL,
    unit {INT} NOT NULL REFERENCES unit(id),
    wave {INT} NOT NULL,
    role TEXT NOT NULL,                   -- pupil | teacher | pedagogue | leader | class_teacher
    grade {INT},
    gender TEXT,                          -- f | m | x | NULL
    PRIMARY KEY (subject, unit, wave, role)
);
CREATE INDEX enrolment_wave ON enrolment(wave, unit);

CREATE TABLE instrument (
    id {ID},
    code TEXT NOT NULL,
    version {INT} NOT NULL,
    respondent TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    definition TEXT NOT NULL,             -- the JSON file as it was loaded
    UNIQUE (code, version)
);

CREATE TABLE wave_instrument (
    wave {INT} NOT NULL REFERENCES wave(number),
    instrument {INT} NOT NULL REFERENCES instrument(id),
    PRIMARY KEY (wave, instrument)
);

CREATE TABLE assignment (
    id {ID},
    wave {INT} NOT NULL REFERENCES wave(number),
    instrument {INT} NOT NULL REFERENCES instrument(id),
    informant {INT} NOT NULL,             -- who answers
    subject {INT} NOT NULL,               -- about whom
    unit {INT} NOT NULL REFERENCES unit(id),
    state TEXT NOT NULL,                  -- open | submitted | declined
    revision {INT} NOT NULL DEFAULT 0,
    UNIQUE (wave, instrument, informant, subject)
);

CREATE TABLE answer (
    assignment {INT} PRIMARY KEY REFERENCES assignment(id),
    vector {BLOB} NOT NULL,               -- one byte an item, in the instrument's order
    saved_at {INT} NOT NULL
);

-- The newest publication of a wave whose row is here is what people see; the row is written last.
CREATE TABLE publication (
    id {INT} PRIMARY KEY,
    wave {INT} NOT NULL REFERENCES wave(number),
    sha256 TEXT NOT NULL,                 -- over the results
    inputs_sha256 TEXT NOT NULL,
    version TEXT NOT NULL,
    settings TEXT NOT NULL,
    units {INT} NOT NULL,
    published_at {INT} NOT NULL
);
CREATE INDEX publication_wave ON publication(wave);

-- publication is not a foreign key: rows of an unfinished one are here before its row is.
CREATE TABLE item_parameter (
    publication {INT} NOT NULL,
    instrument {INT} NOT NULL,
    scale TEXT NOT NULL,
    item TEXT NOT NULL,
    step {INT} NOT NULL,
    slope {REAL} NOT NULL,
    location {REAL} NOT NULL,
    location_se {REAL} NOT NULL,
    PRIMARY KEY (publication, instrument, scale, item, step)
);

-- A scale's latent moments and its quality, and its persons' scores in one blob.
CREATE TABLE score (
    publication {INT} NOT NULL,
    instrument {INT} NOT NULL,
    scale TEXT NOT NULL,
    mean {REAL} NOT NULL,
    sd {REAL} NOT NULL,
    reliability {REAL} NOT NULL,
    persons {INT} NOT NULL,
    scores {BLOB} NOT NULL,
    PRIMARY KEY (publication, instrument, scale)
);

CREATE TABLE result (
    publication {INT} NOT NULL,
    unit {INT} NOT NULL,
    frozen TEXT NOT NULL,                 -- canonical JSON
    sha256 TEXT NOT NULL,
    PRIMARY KEY (publication, unit)
);
