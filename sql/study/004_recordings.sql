-- Sentences of the questionnaires read aloud by somebody: a question or an option, by its own words, so that one
-- recording serves wherever the words stand, and none is heard any more where they have been changed. The sound
-- itself is a file of the programme, named by its hash.
CREATE TABLE recording (
    language TEXT NOT NULL,
    text TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    recorded_at {INT} NOT NULL,
    PRIMARY KEY (language, text)
);
