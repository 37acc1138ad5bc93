-- +goose Up
-- A lane looks for jobs of its own kinds only: with the kind in front, ten thousand
-- unread mails are not passed over each time another lane looks.
create index jobs_job_kind on jobs_job (kind, due_at, id) where state in (1, 2);
drop index jobs_job_due;
