-- +goose Up
-- When a reader of AMBER and RED fetched something the last time, to the hour; 0 is never.
alter table advisory_reader add column used_at bigint not null default 0;
