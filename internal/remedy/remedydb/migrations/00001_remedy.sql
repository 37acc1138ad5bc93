-- +goose Up
-- How the mirrors of products' repositories stand, which is no secret, and the fixes of
-- cases with the matrix computed of them, which are sealed under the case's key. heads is
-- the sum over public branches and tags that the matrix was computed for.
create table remedy_mirror (
  product_id text primary key,
  project_id text not null,
  url text not null,
  tried_at bigint not null,
  fetched_at bigint not null,
  heads text not null,
  commits integer not null,
  problem text not null,
  detail text not null
);
create table remedy_work (
  case_id text not null,
  product_id text not null,
  project_id text not null,
  name text not null,
  heads text not null,
  fixes integer not null,
  body {{bytes}} not null,
  version bigint not null,
  primary key (case_id, product_id)
);
create index remedy_work_product on remedy_work (product_id);
