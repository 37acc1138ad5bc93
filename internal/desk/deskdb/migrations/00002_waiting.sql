-- +goose Up
-- The order of the inbox: a page of it is a walk, however many reports are held.
create index desk_report_waiting on desk_report (state, received_at, id);
