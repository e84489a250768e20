-- Collecting answers page by page.

-- A new code is a new generation; codes of earlier ones are dead.
ALTER TABLE assignment ADD COLUMN generation {INT} NOT NULL DEFAULT 1;
-- state may be partial too: begun, and never handed in when the wave closed.
-- The browser that answers: another one has to take over in so many words.
ALTER TABLE assignment ADD COLUMN device {INT};
ALTER TABLE assignment ADD COLUMN started_at {INT};
CREATE INDEX assignment_unit ON assignment(wave, unit);
CREATE INDEX assignment_subject ON assignment(wave, instrument, subject);

-- Codes are derived, never stored: a tag under another key finds the assignment of a typed one. A class
-- teacher's code is that of the first of the assignments.
CREATE TABLE respondent_code (
    tag {BLOB} PRIMARY KEY,
    assignment {INT} NOT NULL REFERENCES assignment(id),
    generation {INT} NOT NULL
);
CREATE INDEX respondent_code_assignment ON respondent_code(assignment);

-- Pages as they come in; folded into one vector (answer) when the form is handed in or the wave closes.
CREATE TABLE answer_page (
    assignment {INT} NOT NULL REFERENCES assignment(id),
    page {INT} NOT NULL,
    revision {INT} NOT NULL,
    codes {BLOB} NOT NULL,                -- one byte an item of the page
    saved_at {INT} NOT NULL,
    PRIMARY KEY (assignment, page)
);

-- Free text, kept apart from the vectors.
CREATE TABLE answer_text (
    assignment {INT} NOT NULL REFERENCES assignment(id),
    item TEXT NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (assignment, item)
);

-- What happened to a wave, and who did it.
CREATE TABLE wave_event (
    id {ID},
    wave {INT} NOT NULL REFERENCES wave(number),
    at {INT} NOT NULL,
    event TEXT NOT NULL,                  -- planned | opened | closed | code | declined | reminded
    account {INT},                        -- of the identity store; NULL: the command line
    detail TEXT
);
CREATE INDEX wave_event_wave ON wave_event(wave, at);
