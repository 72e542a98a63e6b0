-- headway: phase=contract transaction=none
-- The new version asks before it writes; here the first customer keeps the address.
-- headway: batch=customers key=id size=1000 pause=10ms
UPDATE customers AS later
   SET email = NULL
 WHERE later.id BETWEEN :batch_first AND :batch_last
   AND EXISTS (SELECT FROM customers AS first
                WHERE first.email = later.email AND first.id < later.id);
