-- headway: phase=contract transaction=none
-- The new version leaves no orphans behind; here go those that are there.
-- headway: batch=orders key=id size=1000 pause=10ms
UPDATE orders
   SET customer_id = NULL
 WHERE id BETWEEN :batch_first AND :batch_last
   AND NOT EXISTS (SELECT FROM customers WHERE customers.id = orders.customer_id);
