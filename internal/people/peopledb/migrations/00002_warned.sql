-- +goose Up
-- When the chairs of a project were last told that its key ends soon.
alter table people_projectkey add column expires_at bigint not null default 0;
alter table people_projectkey add column warned_at bigint not null default 0;
