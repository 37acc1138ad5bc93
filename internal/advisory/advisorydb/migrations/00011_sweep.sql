-- +goose Up
-- Replaced files by their age: the sweep after each publication walked all of 30 days.
create index advisory_site_replaced on advisory_site (changed_at) where to_generation > 0;
