# Waits for the end of the test, however that comes, and takes away what the swarm has left.
# keeper.sh PREFIX FOLDER, with a pipe from the test as its input: the pipe closes when the test lets go of it, or dies.
prefix=$1 folder=$2
cat >/dev/null

points() { while read -r _ point kind _; do case $kind in cgroup|cgroup2) echo "$point" ;; esac; done < /proc/self/mounts; }

# Whatever runs in a control group of ours, until nothing does: processes of a namespace end with its first one.
for try in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    pids=$(for point in $(points); do find "$point/$prefix" -name cgroup.procs -exec cat {} + 2>/dev/null; done | sort -un)
    [ -n "$pids" ] || break
    # shellcheck disable=SC2086
    kill -KILL $pids 2>/dev/null
    sleep 0.2
done
for try in 1 2 3 4 5 6 7 8 9 10; do
    left=
    for point in $(points); do
        [ -d "$point/$prefix" ] || continue
        find "$point/$prefix" -depth -type d -exec rmdir {} + 2>/dev/null
        [ ! -d "$point/$prefix" ] || left=yes
    done
    [ -n "$left" ] || break
    sleep 0.2
done
# The nodes' mounts went with their namespaces.
rm -rf "$folder"
