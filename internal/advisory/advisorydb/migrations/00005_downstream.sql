-- +goose Up
-- Who hears of a project's publications, and what was told to whom.
create table advisory_downstream (
  id text primary key,
  project text not null,
  state text not null,
  person text not null,        -- who made it; empty for one of the holder's own asking
  address_mac text not null,   -- of a mail address, to find it again
  created_at bigint not null,
  body {{bytes}} not null      -- sealed: name, address, products, secret
);
create index advisory_downstream_project on advisory_downstream (project, state, id);

create table advisory_event (
  id text primary key,
  project text not null,
  created_at bigint not null,
  body {{bytes}} not null      -- sealed: a document under TLP:AMBER has an event too
);
create index advisory_event_created on advisory_event (created_at);

create table advisory_delivery (
  id text primary key,
  event text not null,
  downstream text not null,
  project text not null,
  number text not null,
  version text not null,
  state text not null,
  tries integer not null,
  problem text not null,
  code integer not null,
  created_at bigint not null,
  next_at bigint not null,
  done_at bigint not null
);
create unique index advisory_delivery_once on advisory_delivery (event, downstream);
create index advisory_delivery_of on advisory_delivery (downstream, created_at);
