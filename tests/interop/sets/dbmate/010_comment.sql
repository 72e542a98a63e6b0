-- migrate:up
-- Nothing is done here.
/* Nor; here. */


-- migrate:down
