-- +goose Up
-- 1 for a key whose secret part is elsewhere: the site's signer command asks it.
alter table people_projectkey add column external integer not null default 0;
