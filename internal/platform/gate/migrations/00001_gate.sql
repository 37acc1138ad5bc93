-- +goose Up
create table gate_gate (
    name text not null primary key,
    closed_at bigint not null,
    why text not null
);
