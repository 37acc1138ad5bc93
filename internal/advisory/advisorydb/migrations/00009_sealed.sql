-- +goose Up
-- 1: what only readers of AMBER and RED may know is sealed in this row; 0 is a row from before,
-- which the job advisory.site seals.
alter table advisory_site add column sealed integer not null default 0;
alter table advisory_document add column sealed integer not null default 0;
create index advisory_site_unsealed on advisory_site (path) where sealed = 0 and level in ('AMBER', 'RED');
create index advisory_document_unsealed on advisory_document (name) where sealed = 0;
