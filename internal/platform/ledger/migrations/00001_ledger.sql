-- +goose Up
-- The last entry of each stream; the row is locked to append.
create table ledger_head (
  stream text primary key,
  seq bigint not null,
  hash {{bytes}} not null
);
-- hash = SHA-256 over prev, stream, at and the hash of the sealed body.
create table ledger_entry (
  stream text not null,
  seq bigint not null,
  at bigint not null,
  prev {{bytes}} not null,
  body_hash {{bytes}} not null,
  hash {{bytes}} not null,
  primary key (stream, seq)
);
-- What the entry says, sealed. Retention or lawful erasure removes the row.
create table ledger_body (
  stream text not null,
  seq bigint not null,
  body {{bytes}} not null,
  primary key (stream, seq)
);
-- One leaf of the log each minute: nonce and root of all heads. mark is
-- 'restored' for the first leaf after a restore.
create table ledger_leaf (
  n bigint primary key,
  at bigint not null,
  mark text not null,
  nonce {{bytes}} not null,
  root {{bytes}} not null
);
-- Which entry of a stream was its head when a leaf was made, for streams that
-- had grown since the leaf before.
create table ledger_proof (
  stream text not null,
  seq bigint not null,
  leaf bigint not null,
  primary key (stream, seq)
);
-- The stored hashes of the log (tlog.StoredHashIndex).
create table ledger_node (
  i bigint primary key,
  hash {{bytes}} not null
);
-- Signed notes, one for each size of the log.
create table ledger_checkpoint (
  size bigint primary key,
  at bigint not null,
  note text not null
);
