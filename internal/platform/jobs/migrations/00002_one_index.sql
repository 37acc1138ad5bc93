-- +goose Up
-- SQLite preferred this index to jobs_job_due in the search for due jobs and then
-- sorted every open job; administrators' lists do without it.
drop index jobs_job_state;
