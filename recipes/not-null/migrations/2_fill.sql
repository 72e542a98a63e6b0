-- headway: phase=contract transaction=none
-- Nobody writes NULL any more.  A thousand rows at a time: no transaction holds many row locks, and
-- VACUUM can take away between them what the update leaves behind.
-- headway: batch=orders key=id size=1000 pause=10ms
UPDATE orders
   SET status = 'new'
 WHERE status IS NULL AND id BETWEEN :batch_first AND :batch_last;
