-- +goose Up
-- The secret patches of hidden cases, and which public commits look like them: all of it
-- sealed under the case's key. heads is the sum over public branches and tags that were
-- compared last.
create table remedy_leak (
  case_id text not null,
  product_id text not null,
  project_id text not null,
  name text not null,
  heads text not null,
  body {{bytes}} not null,
  patches {{bytes}} not null,
  version bigint not null,
  primary key (case_id, product_id)
);
create index remedy_leak_product on remedy_leak (product_id);
