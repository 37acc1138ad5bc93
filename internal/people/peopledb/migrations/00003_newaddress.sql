-- +goose Up
-- New mail addresses that wait for their link to be used; body seals the address.
create table people_newaddress (
  link text primary key,
  person text not null,
  body {{bytes}} not null
);
create index people_newaddress_person on people_newaddress (person);
