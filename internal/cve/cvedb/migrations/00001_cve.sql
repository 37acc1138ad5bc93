-- +goose Up
-- How a project comes to CVE numbers. The key and what went wrong are sealed.
create table cve_setup (
  project_id text primary key,
  cna integer not null,
  url text not null,
  org text not null,
  account text not null,
  api_key {{bytes}},
  low integer not null,
  fill integer not null,
  outside_name text not null,
  outside_mail text not null,
  outside_form text not null,
  quota bigint not null,
  quota_reserved bigint not null,
  quota_available bigint not null,
  checked_at bigint not null,
  problem text not null,
  detail {{bytes}},
  alerted_at bigint not null,
  ticket text not null,
  ticket_at bigint not null,
  version bigint not null
);
-- Numbers: those of the pool have no case. The CVE id is within the sealed words; mac
-- finds it.
create table cve_number (
  id text primary key,
  project_id text not null,
  case_id text not null,
  state integer not null,
  origin integer not null,
  year integer not null,
  mac text not null,
  words {{bytes}} not null,
  asked_of text not null,
  asked_at bigint not null,
  due bigint not null,
  entered_by text not null,
  reserved_at bigint not null,
  assigned_at bigint not null,
  published_at bigint not null,
  rejected_at bigint not null,
  duplicate_of text not null,
  to_reject bigint not null,
  ask_reject bigint not null,
  todo integer not null,
  wish integer not null,
  advisory text not null,
  writer text not null,
  writer_until bigint not null,
  problem text not null,
  changed_at bigint not null,
  version bigint not null
);
create index cve_number_case on cve_number (case_id);
create index cve_number_pool on cve_number (project_id, state, year);
create index cve_number_mac on cve_number (mac);
