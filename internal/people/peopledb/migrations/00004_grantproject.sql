-- +goose Up
-- Whose embargo terms bind the holder of a grant, '' for nobody's.
alter table people_grant add column project text not null default '';
update people_grant set project = object where object in (select id from people_project);
create index people_grant_project on people_grant (project, holder) where ended_at = 0;
