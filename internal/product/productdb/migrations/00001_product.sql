-- +goose Up
-- Products of projects. Nothing here is confidential; body is JSON with the
-- branches and releases.
create table product_product (
  id text primary key,
  project_id text not null,
  name text not null,
  purl text not null,
  repository text not null,
  body text not null,
  created_at bigint not null,
  version bigint not null
);
create unique index product_product_name on product_product (project_id, name);
