-- +goose Up
-- When the publication was armed, 0 when it is not: a restore counts it without the key.
alter table advisory_advisory add column armed_at bigint not null default 0;
