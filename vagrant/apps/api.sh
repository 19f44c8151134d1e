#!/bin/busybox sh
# Which task answers, and what redis says to one more visit.
printf 'Content-Type: text/plain\r\n\r\ntask %s\n' "$(/bin/busybox hostname)"
said=$(printf 'INCR visits\r\nQUIT\r\n' | /bin/busybox timeout 2 /bin/busybox nc redis 6379 | /bin/busybox head -n 1)
echo "redis ${said:-does not answer}"
