-- headway: transaction=none
-- headway: batch=customers key=id size=1000 pause=10ms
UPDATE customers
   SET full_name = name
 WHERE full_name IS NULL AND id BETWEEN :batch_first AND :batch_last;
