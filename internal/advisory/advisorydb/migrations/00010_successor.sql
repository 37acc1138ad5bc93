-- +goose Up
-- What replaces an advisory, or is to: the successor takes it with it when it is published.
-- number_mac finds the owner of a number without opening every body: a keyed hash of the
-- name of its files, '-' for an advisory without one, '' where nobody has written it since.
alter table advisory_advisory add column successor text not null default '';
alter table advisory_advisory add column number_mac text not null default '';
create index advisory_advisory_successor on advisory_advisory (successor) where successor <> '';
create index advisory_advisory_number on advisory_advisory (project, number_mac);
