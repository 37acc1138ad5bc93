-- +goose Up
-- An invitation to a role that comes with an office on the project (see people_grant.back).
alter table casework_invite add column back text not null default '';
