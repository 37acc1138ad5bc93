-- +goose Up
-- Persons. body seals name, address, language, zone and the line about them;
-- address_mac finds an address. pass is an argon2id hash in PHC form.
create table people_person (
  id text primary key,
  address_mac text not null unique,
  state text not null,
  admin integer not null,
  totp integer not null,
  pass text not null,
  public integer not null,
  body {{bytes}} not null,
  created_at bigint not null,
  seen_at bigint not null
);
-- The one table of who may see what. A grant that ended stays.
create table people_grant (
  id text primary key,
  object text not null,
  holder text not null,
  role text not null,
  terms integer not null,
  by_actor text not null,
  since_at bigint not null,
  ended_at bigint not null,
  ended_by text not null,
  why text not null
);
create unique index people_grant_held on people_grant (object, holder, role) where ended_at = 0;
create index people_grant_holder on people_grant (holder, object, role) where ended_at = 0;
create index people_grant_object on people_grant (object, since_at);
create index people_grant_history on people_grant (holder, object);
-- Signed-in browsers, by the MAC of their token; body seals agent and address.
create table people_session (
  mac text primary key,
  id text not null unique,
  person text not null,
  half integer not null,
  created_at bigint not null,
  seen_at bigint not null,
  ends_at bigint not null,
  proved_at bigint not null,
  body {{bytes}} not null
);
create index people_session_person on people_session (person);
-- Browsers that signed in before.
create table people_device (
  mac text primary key,
  person text not null,
  until_at bigint not null
);
-- One-time links. A spent or replaced link loses its MAC.
create table people_link (
  id text primary key,
  mac text not null unique,
  kind text not null,
  person text not null,
  by_actor text not null,
  created_at bigint not null,
  ends_at bigint not null,
  spent_at bigint not null
);
create index people_link_person on people_link (person, kind) where spent_at = 0;
-- One-time secrets, sealed, and the last step used.
create table people_code (
  person text primary key,
  body {{bytes}} not null,
  confirmed integer not null,
  step bigint not null
);
create table people_recovery (
  person text not null,
  mac text not null,
  primary key (person, mac)
);
-- API tokens. A revoked token loses its MAC; body seals its name.
create table people_token (
  id text primary key,
  mac text not null unique,
  person text not null,
  writes integer not null,
  areas text not null,
  created_at bigint not null,
  ends_at bigint not null,
  used_at bigint not null,
  revoked_at bigint not null,
  body {{bytes}} not null
);
create index people_token_person on people_token (person);
-- Tries of sign-in within a window, by the MAC of what is throttled.
create table people_throttle (
  mac text primary key,
  tries integer not null,
  since_at bigint not null
);
-- Projects; body is their public settings as JSON.
create table people_project (
  id text primary key,
  slug text not null unique,
  series text not null unique,
  team_page integer not null,
  version integer not null,
  body text not null,
  created_at bigint not null
);
create table people_address (
  address text primary key,
  project text not null
);
create index people_address_project on people_address (project);
create table people_series (
  project text not null,
  year integer not null,
  next_number integer not null,
  primary key (project, year)
);
create table people_terms (
  project text not null,
  version integer not null,
  text text not null,
  since_at bigint not null,
  primary key (project, version)
);
create table people_acceptance (
  project text not null,
  person text not null,
  version integer not null,
  at bigint not null,
  primary key (project, person, version)
);
-- Ways into a team; body seals what was written.
create table people_join (
  id text primary key,
  project text not null,
  person text not null,
  role text not null,
  state text not null,
  source text not null,
  by_actor text not null,
  voucher text not null,
  approver text not null,
  asked_at bigint not null,
  changed_at bigint not null,
  body {{bytes}} not null
);
create index people_join_project on people_join (project, asked_at);
create index people_join_person on people_join (person);
-- Public keys of persons and of addresses without account; body seals the certificate.
create table people_key (
  id text primary key,
  person text not null,
  address_mac text not null,
  expires_at bigint not null,
  added_at bigint not null,
  warned_at bigint not null,
  body {{bytes}} not null
);
create index people_key_person on people_key (person);
create index people_key_address on people_key (address_mac);
create index people_key_expires on people_key (expires_at);
create table people_handle (
  mac text not null,
  key text not null,
  primary key (mac, key)
);
create index people_handle_key on people_handle (key);
-- What is public of projects' own keys; the secret parts are in the ring of the seal under the same id.
create table people_projectkey (
  id text primary key,
  project text not null,
  purpose text not null,
  body text not null,
  added_at bigint not null,
  retired_at bigint not null
);
create index people_projectkey_project on people_projectkey (project, purpose);
-- Outgoing letters, one row for each, and one delivery for each recipient.
create table people_letter (
  id text primary key,
  about text not null,
  body {{bytes}} not null,
  created_at bigint not null
);
create index people_letter_about on people_letter (about);
create table people_delivery (
  id text primary key,
  letter text not null,
  person text not null,
  tag text not null unique,
  state text not null,
  problem text not null,
  code text not null,
  tries integer not null,
  notice integer not null,
  created_at bigint not null,
  next_at bigint not null,
  done_at bigint not null,
  body {{bytes}} not null
);
create index people_delivery_letter on people_delivery (letter);
create index people_delivery_state on people_delivery (state, problem);
-- The bytes of a mail while it waits.
create table people_rendered (
  delivery text primary key,
  raw {{bytes}} not null
);
