-- +goose Up
create index ledger_checkpoint_at on ledger_checkpoint (at, size);
