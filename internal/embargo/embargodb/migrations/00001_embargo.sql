-- +goose Up
-- The embargo of a case, and each change of it with its sealed reasons.
create table embargo_embargo (
  case_id text primary key,
  project_id text not null,
  state integer not null,
  began bigint not null,
  clock_start bigint not null,
  until bigint not null,
  ended_at bigint not null,
  end_asked bigint not null,
  restarts integer not null,
  changes integer not null,
  version bigint not null
);
create table embargo_change (
  case_id text not null,
  number integer not null,
  kind integer not null,
  at bigint not null,
  by_actor text not null,
  from_until bigint not null,
  until bigint not null,
  exception integer not null,
  decider text not null,
  words {{bytes}} not null,
  primary key (case_id, number)
);
