-- +goose Up
-- The newest run that signs a project's publications anew.
create table advisory_resign (
  project text primary key,
  id text not null,
  state text not null,
  person text not null,
  keys text not null,
  after_path text not null,
  done integer not null,
  total integer not null,
  problem text not null,
  args text not null,        -- of the problem, a JSON list
  started_at bigint not null,
  finished_at bigint not null
);
