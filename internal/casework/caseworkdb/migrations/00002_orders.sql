-- +goose Up
-- One index for each order of the list, so that a page of it is a walk of some 50 entries
-- however many cases there are. The old ones did not fit the orders' directions.
create index casework_case_by_embargo on casework_case (embargo_running desc, embargo_until, id);
create index casework_case_by_score on casework_case (score desc, id);
create index casework_case_by_due on casework_case ((case when assessed_at = 0 and due_assess > 0 then 0 else 1 end), due_assess, id);
drop index casework_case_embargo;
drop index casework_case_score;
drop index casework_case_due;

-- What counts and searches need of the items of a case, without their sealed rows.
create index casework_item_sight on casework_item (case_id, number, at, id, audience, hold);
create index casework_item_newest on casework_item (at, id, case_id, audience, hold);
drop index casework_item_at;
