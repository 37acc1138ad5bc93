-- +goose Up
-- Keys of addresses without account belong to the project that registered them: they
-- speak and are written to there alone. With a single project the old ones are its own;
-- with several nobody can tell, and each has to be registered again.
alter table people_key add column project text not null default '';
update people_key set project = (select min(id) from people_project)
  where person = '' and (select count(*) from people_project) = 1;
drop index people_key_address;
create index people_key_address on people_key (address_mac, project);
-- Whether a copy went out encrypted, or will as far as is known while it waits. What did
-- before counts as such unless it was a notice without content.
alter table people_delivery add column encrypted integer not null default 0;
update people_delivery set encrypted = 1 where notice = 0 and state <> 'waiting';
