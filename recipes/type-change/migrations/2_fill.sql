-- headway: transaction=none
-- headway: batch=orders key=id size=1000 pause=10ms
UPDATE orders
   SET quantity_big = quantity
 WHERE quantity_big IS NULL AND id BETWEEN :batch_first AND :batch_last;
