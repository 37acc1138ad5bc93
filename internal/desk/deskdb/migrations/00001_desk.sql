-- +goose Up
-- What arrived. source and dedupe make the same thing the same again (dedupe is a
-- keyed hash); envelope is sealed; raw is the blob of the original; read_at is 0
-- until it was read.
create table desk_intake (
  id text primary key,
  source text not null,
  dedupe text not null,
  envelope {{bytes}} not null,
  raw text not null,
  size bigint not null,
  received_at bigint not null,
  read_at bigint not null
);
create unique index desk_intake_once on desk_intake (source, dedupe);
create index desk_intake_waiting on desk_intake (received_at) where read_at = 0;

-- A report. body is sealed: title, sender, claims, reason. case_id is the case that it
-- became, or the report or case that it repeats.
create table desk_report (
  id text primary key,
  project_id text not null,
  state text not null,
  via text not null,
  body {{bytes}} not null,
  received_at bigint not null,
  due_ack bigint not null,
  due_assess bigint not null,
  acked_at bigint not null,
  assessed_at bigint not null,
  asked_at bigint not null,
  decided_at bigint not null,
  case_id text not null,
  news integer not null,
  flagged integer not null,
  encrypted integer not null,
  messages bigint not null,
  link_serial bigint not null,
  link_mac text not null,
  version bigint not null
);
create unique index desk_report_link on desk_report (link_mac);
create index desk_report_project on desk_report (project_id, state, received_at, id);
create index desk_report_case on desk_report (case_id) where case_id <> '';

-- One message of a report or case, as it was read: the n-th of its object. body is sealed.
create table desk_message (
  id text primary key,
  object text not null,
  n bigint not null,
  intake text not null,
  at bigint not null,
  inbound integer not null,
  body {{bytes}} not null
);
create index desk_message_object on desk_message (object, n);

-- Which object a Message-ID or a tag belongs to; both are keyed hashes.
create table desk_thread (
  mac text primary key,
  object text not null,
  at bigint not null
);
create table desk_tag (
  mac text primary key,
  object text not null,
  at bigint not null
);

-- Protected payloads that were seen: keyed hashes.
create table desk_payload (
  mac text primary key,
  intake text not null,
  at bigint not null
);

-- How often something happened on a day; mac is a keyed hash of purpose and who.
create table desk_count (
  mac text not null,
  day bigint not null,
  n bigint not null,
  primary key (mac, day)
);

-- A project's own answers to reporters.
create table desk_text (
  id text primary key,
  project_id text not null,
  answers text not null,
  title text not null,
  body text not null,
  at bigint not null
);
create index desk_text_project on desk_text (project_id, at, id);

-- Through which message a person has seen a report.
create table desk_seen (
  report_id text not null,
  person text not null,
  through bigint not null,
  at bigint not null,
  primary key (report_id, person)
);
