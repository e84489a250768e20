-- A language of a questionnaire is offered to respondents once somebody, by name, has approved it. The first
-- language needs no approval. A new version of the questionnaire is a new row in instrument, and begins without any.
CREATE TABLE language_approval (
    instrument {INT} NOT NULL REFERENCES instrument(id),
    language TEXT NOT NULL,
    reviewer TEXT NOT NULL,
    approved_at {INT} NOT NULL,
    PRIMARY KEY (instrument, language)
);
