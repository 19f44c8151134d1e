# Puts itself into control groups of its own, then becomes the rest of its arguments.
# enter.sh GROUP PROGRAM ARGUMENTS…
group=$1
shift
while read -r _ point kind _; do
    case $kind in cgroup | cgroup2) ;; *) continue ;; esac
    mkdir -p "$point/$group"
    # A new group of cpuset in cgroup v1 has no processor and no memory.
    case $point in
        */cpuset)
            for each in "$point/${group%/*}" "$point/$group"; do
                cat "$point/cpuset.cpus" > "$each/cpuset.cpus"
                cat "$point/cpuset.mems" > "$each/cpuset.mems"
            done
            ;;
    esac
    echo $$ > "$point/$group/cgroup.procs"
done < /proc/self/mounts
exec "$@"
