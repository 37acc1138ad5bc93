-- +goose Up
-- Whether something of an advisory is published is asked for each import.
create index advisory_document_advisory on advisory_document (advisory);
