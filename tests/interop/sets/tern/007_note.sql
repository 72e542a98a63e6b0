-- Nothing is done here.
/* Nor; here. */
SELECT 1;
