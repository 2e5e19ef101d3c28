# Boots systemd as the first process of a machine that shares this one's kernel, files and network namespace, but nothing that it writes: changes go to a
# layer over the files, which is gone with the machine. Arguments: a name, an empty directory for the layer, a directory to be seen as /mnt.
set -e
name=$1 base=$2
mount --make-rprivate /
mount -t tmpfs tmpfs "$base"
mkdir "$base/upper" "$base/work" "$base/root" "$base/cgroup"
mount -t cgroup2 cgroup2 "$base/cgroup"
mkdir "$base/cgroup/$name"
echo $$ >"$base/cgroup/$name/cgroup.procs"

exec unshare --cgroup --pid --fork --kill-child --ipc --uts --mount --propagation private sh -c '
  set -e
  base=$1 root=$1/root
  umount "$base/cgroup"
  mount -t overlay -o "lowerdir=/,upperdir=$base/upper,workdir=$base/work" overlay "$root"
  mount -t proc proc "$root/proc"
  mount -t sysfs sysfs "$root/sys"
  mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
  mount -t tmpfs tmpfs "$root/run"
  mount -t tmpfs tmpfs "$root/tmp"
  mount -t tmpfs -o mode=755 tmpfs "$root/dev"
  mkdir "$root/dev/net" "$root/dev/shm" "$root/dev/pts"
  for device in null zero full random urandom tty; do
    touch "$root/dev/$device"
    mount --bind "/dev/$device" "$root/dev/$device"
  done
  # As udev makes it, which does not run on every machine that these tests are for.
  mknod -m 666 "$root/dev/net/tun" c 10 200
  mount --bind "$2" "$root/mnt"
  # What a Middlebox of this machine keeps is not for the one that is installed there.
  rm -rf "$root/var/lib/middlebox" "$root/etc/middlebox"
  # Nothing of the host is started but what systemd itself needs.
  rm -rf "$root"/etc/systemd/system/*.wants
  # It would give the devices of the box other addresses, now or a moment later.
  ln -s /dev/null "$root/etc/systemd/system/systemd-udevd.service"
  exec chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin container=other \
    /lib/systemd/systemd --system --unit=basic.target --show-status=false
' sh "$base" "$3"
