-- +goose Up
create table advisory_advisory (
  id text primary key,
  object text not null,      -- whose grants decide: a case or a project
  project text not null,
  case_id text not null,
  created_at bigint not null,
  version bigint not null,
  body {{bytes}} not null    -- sealed: everything else
);
create index advisory_advisory_object on advisory_advisory (object);

create table advisory_revision (
  advisory text not null,
  n integer not null,
  created_at bigint not null,
  body {{bytes}} not null,
  primary key (advisory, n)
);

create table advisory_staged (
  advisory text primary key,
  staged_at bigint not null,
  body {{bytes}} not null
);

-- What follows is public: approved text only.
create table advisory_document (
  project text not null,
  name text not null,
  advisory text not null,
  number text not null,
  title text not null,
  summary text not null,
  rating text not null,
  cves text not null,
  version text not null,
  year integer not null,
  initial_at bigint not null,
  current_at bigint not null,
  withdrawn integer not null,
  json {{bytes}} not null,
  primary key (project, name)
);

create table advisory_gap (
  project text not null,
  number text not null,
  noted_at bigint not null,
  primary key (project, number)
);

create table advisory_generation (
  id integer primary key,
  generation bigint not null
);

create table advisory_site (
  path text not null,
  from_generation bigint not null,
  to_generation bigint not null,  -- 0: still there
  changed_at bigint not null,
  size integer not null,
  bytes {{bytes}} not null,
  primary key (path, from_generation)
);
create index advisory_site_now on advisory_site (to_generation, path);
