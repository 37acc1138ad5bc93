-- +goose Up
-- The site keys that wrap data keys now, each with a sealed constant that shows
-- a wrong key at start. During a rotation there are two.
create table seal_site (
  site_key text primary key,
  proof {{bytes}} not null,
  created_at bigint not null
);
-- One data key per confidence, wrapped by a site key. A destroyed key stays as a
-- row of zeroes, so that what it sealed is named as destroyed.
create table seal_key (
  id text primary key,
  confidence text not null,
  site_key text not null,
  wrapped {{bytes}} not null,
  created_at bigint not null,
  destroyed_at bigint not null
);
create unique index seal_key_confidence on seal_key (confidence) where destroyed_at = 0;
create index seal_key_site on seal_key (site_key, id);
-- Keys of the program itself (signing, decryption, checkpoints) by purpose and owner.
create table seal_ring (
  id text primary key,
  purpose text not null,
  owner text not null,
  sealed {{bytes}} not null,
  created_at bigint not null,
  retired_at bigint not null,
  expires_at bigint not null
);
create index seal_ring_owner on seal_ring (purpose, owner, created_at);
