-- +goose Up
-- The UUID of the CNA, which stands in every record; told by the CVE Services.
alter table cve_setup add column org_id text not null default '';
