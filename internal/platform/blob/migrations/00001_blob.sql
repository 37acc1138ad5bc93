-- +goose Up
-- A file: its sealed description (size and hash) and its chunks of 64 KiB, each
-- sealed. owner is '' until a transaction names the file.
create table blob_blob (
  id text primary key,
  confidence text not null,
  owner text not null,
  info {{bytes}} not null,
  complete integer not null,
  created_at bigint not null
);
create index blob_blob_unnamed on blob_blob (created_at, id) where owner = '';
create index blob_blob_owner on blob_blob (owner, id);
create table blob_chunk (
  blob text not null,
  n bigint not null,
  data {{bytes}} not null,
  primary key (blob, n)
);
