-- Nothing is done here.
/* Nor; here. */
