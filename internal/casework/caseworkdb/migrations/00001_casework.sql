-- +goose Up
-- Cases. Everything in words is sealed under "case:ID" (title, body); the columns
-- in clear are what lists filter and sort by, and say nothing in words.
create table casework_case (
  id text primary key,
  project_id text not null,
  report_id text not null,
  state integer not null,
  rating text not null,
  score integer not null,
  is_public integer not null,
  is_exploited integer not null,
  is_attacked integer not null,
  embargo_until bigint not null,
  embargo_running integer not null,
  opened_at bigint not null,
  changed_at bigint not null,
  due_assess bigint not null,
  assessed_at bigint not null,
  items bigint not null,
  version bigint not null,
  title {{bytes}} not null,
  body {{bytes}} not null
);
create index casework_case_report on casework_case (report_id) where report_id <> '';
create index casework_case_changed on casework_case (changed_at, id);
create index casework_case_opened on casework_case (opened_at, id);
create index casework_case_embargo on casework_case (embargo_until, id) where embargo_running = 1;
create index casework_case_score on casework_case (score, id);
create index casework_case_due on casework_case (due_assess, id) where assessed_at = 0 and due_assess > 0;

-- The numbered items of a case's conversation.
create table casework_item (
  id text primary key,
  case_id text not null,
  number bigint not null,
  kind integer not null,
  audience integer not null,
  hold integer not null,
  trust integer not null,
  at bigint not null,
  author text not null,
  letter text not null,
  mail text not null,
  bounced integer not null,
  replayed integer not null,
  content {{bytes}} not null
);
create unique index casework_item_number on casework_item (case_id, number);
create index casework_item_at on casework_item (at, id);
create index casework_item_waiting on casework_item (case_id) where hold = 2;
create index casework_item_letter on casework_item (letter) where letter <> '';

create table casework_file (
  id text primary key,
  case_id text not null,
  item_id text not null,
  n integer not null,
  blob text not null,
  size bigint not null,
  name {{bytes}} not null
);
create index casework_file_item on casework_file (item_id, n);
create index casework_file_case on casework_file (case_id, id);

-- Invitations; token is a keyed hash.
create table casework_invite (
  id text primary key,
  case_id text not null,
  project_id text not null,
  person_id text not null,
  role text not null,
  by_actor text not null,
  at bigint not null,
  expires_at bigint not null,
  closed text not null,
  closed_at bigint not null,
  token text not null
);
create unique index casework_invite_token on casework_invite (token);
create index casework_invite_case on casework_invite (case_id, at);

-- Claims about facts by people who may not set them.
create table casework_claim (
  id text primary key,
  case_id text not null,
  fact integer not null,
  by_actor text not null,
  at bigint not null,
  answered_at bigint not null,
  words {{bytes}} not null
);
create index casework_claim_case on casework_claim (case_id, at);

-- How far everybody has seen each case.
create table casework_seen (
  case_id text not null,
  actor text not null,
  through bigint not null,
  at bigint not null,
  primary key (case_id, actor)
);
