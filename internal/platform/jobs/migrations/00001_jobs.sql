-- +goose Up
-- state: 1 waiting, 2 leased, 3 dead, 4 cancelled. A job that is done has no row.
-- due_at: when a waiting job may start, or when a lease ends.
-- fence grows with each lease and with a cancel; completion names it.
create table jobs_job (
  id text primary key,
  kind text not null,
  args text not null,
  subject text not null,
  unique_key text not null,
  state integer not null,
  due_at bigint not null,
  attempt integer not null,
  fence bigint not null,
  done_parts bigint not null,
  total_parts bigint not null,
  fault_key text not null,
  created_at bigint not null,
  changed_at bigint not null
);
create index jobs_job_due on jobs_job (due_at, id) where state in (1, 2);
create unique index jobs_job_key on jobs_job (unique_key) where state = 1 and unique_key <> '';
create index jobs_job_state on jobs_job (state, changed_at);
create table jobs_cron (
  kind text primary key,
  next_at bigint not null
);
