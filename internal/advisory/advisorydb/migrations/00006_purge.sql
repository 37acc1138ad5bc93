-- +goose Up
-- Up to which generation of the tree the cache in front of the site was told what changed.
create table advisory_purge (
  id integer primary key,
  generation bigint not null
);
