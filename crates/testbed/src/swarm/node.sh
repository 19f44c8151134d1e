# The first process of a node, in namespaces of its own: makes it look like a machine, then becomes dockerd.
# node.sh NAME ADDRESS GATEWAY FOLDER DOCKERD
set -e
name=$1 address=$2 gateway=$3 folder=$4 dockerd=$5

hostname "$name"
# A peer group of its own, as on a real host; otherwise binds with rslave fail.
mount --make-rprivate /
mount --make-rshared /

# A fresh sysfs shows this node's interfaces, and control groups are seen from the node's own root.
groups=
while read -r _ point kind options _; do
    case $kind in
        cgroup | cgroup2) groups="$groups $kind:${point##*/}" ;;
    esac
done < /proc/self/mounts
if [ -f /sys/fs/cgroup/cgroup.controllers ]; then
    mount -t sysfs sysfs /sys
    mount -t cgroup2 cgroup2 /sys/fs/cgroup
else
    mount -t sysfs sysfs /sys
    mount -t tmpfs -o mode=755 tmpfs /sys/fs/cgroup
    for group in $groups; do
        point=/sys/fs/cgroup/${group#*:}
        mkdir -p "$point"
        case $group in
            cgroup2:*) mount -t cgroup2 cgroup2 "$point" ;;
            cgroup:systemd) mount -t cgroup -o none,name=systemd cgroup "$point" ;;
            cgroup:*) mount -t cgroup -o "${group#*:}" cgroup "$point" ;;
        esac
    done
fi

# No sight of another engine's sockets; the files that say who a machine is are the node's own.
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p /run/lock "$folder/$name/etc"
echo "$name" > "$folder/$name/etc/hostname"
printf '127.0.0.1 localhost\n%s %s\n' "$address" "$name" > "$folder/$name/etc/hosts"
: > "$folder/$name/etc/resolv.conf"
for file in hostname hosts resolv.conf; do mount --bind "$folder/$name/etc/$file" "/etc/$file"; done

# Where every program looks for its node's dockerd.
ln -s "$folder/$name/docker.sock" /run/docker.sock

ip link set lo up
until ip link show eth0 >/dev/null 2>&1; do sleep 0.05; done
ip addr add "$address/24" dev eth0
ip link set eth0 up
ip route add default via "$gateway"

rm -f "$folder/$name/docker.sock"
exec "$dockerd" -H "unix://$folder/$name/docker.sock" --data-root "$folder/$name/data" --exec-root /run/docker \
    --pidfile /run/docker.pid --config-file "$folder/daemon.json" --exec-opt native.cgroupdriver=cgroupfs
