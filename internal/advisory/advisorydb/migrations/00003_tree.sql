-- +goose Up
-- Who may read a file, and how its bytes come about: pubtree.File says what the columns
-- mean. A list's bytes are its frame; its lines come from advisory_document.
alter table advisory_site add column project text not null default '';
alter table advisory_site add column level text not null default '';
alter table advisory_site add column kind text not null default '';
alter table advisory_site add column year integer not null default 0;
alter table advisory_site add column seq bigint not null default 1; -- of this path: 2 when it was replaced once
create index advisory_site_from on advisory_site (from_generation);
create index advisory_site_project on advisory_site (project, to_generation, kind);

-- The lines of a document in the lists, and its OSV record, compressed once.
alter table advisory_document add column level text not null default 'WHITE';
alter table advisory_document add column stamp text not null default '';
alter table advisory_document add column entry {{bytes}};
alter table advisory_document add column atom {{bytes}};
alter table advisory_document add column osv_id text not null default '';
alter table advisory_document add column osv_at bigint not null default 0;
alter table advisory_document add column osv {{bytes}};
alter table advisory_document add column osv_crc bigint not null default 0;
alter table advisory_document add column osv_size integer not null default 0;
create index advisory_document_latest on advisory_document (project, level, current_at, name);
create index advisory_document_year on advisory_document (project, level, year, current_at, osv_id);
create index advisory_document_stamp on advisory_document (project, stamp);

-- Who may read AMBER and RED of a project.
create table advisory_reader (
  id text primary key,
  project text not null,
  mac text not null,           -- of the token or of the certificate's fingerprint
  level text not null,         -- AMBER, or RED for both
  created_at bigint not null,
  ends_at bigint not null,
  ended_at bigint not null,    -- 0: still good
  body {{bytes}} not null      -- sealed: name, by whom
);
create index advisory_reader_mac on advisory_reader (mac);
create index advisory_reader_project on advisory_reader (project);
