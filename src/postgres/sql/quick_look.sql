COPY {{history}} (version, previous, name, checksum, kind, state, attempt, applied_at) TO STDOUT;
COPY {{repeatable}} (name, checksum, current, applied_at) TO STDOUT;
COPY {{layout}} (number) TO STDOUT
