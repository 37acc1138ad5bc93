-- +goose Up
-- A role that came with an office on the project says what its holder falls back to without
-- it; '' was given by name. Of the old ones only those are known that were given to who
-- became chair or deputy later.
alter table people_grant add column back text not null default '';
update people_grant set back = 'none' where by_actor = 'job:casework.roster' and role = 'lead' and ended_at = 0;
