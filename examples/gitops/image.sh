#!/bin/sh
# Makes an image with nothing in it but what `stackup watch` runs: stackup, git, ssh, a shell, their libraries, certificates.
#
#   image.sh STACKUP NAME:TAG [PROGRAM...]
#
# STACKUP is the program, NAME:TAG the image that is made in the engine that DOCKER_HOST names; `docker push` it then. PROGRAMs are put in
# as well. Git and the others are those of the machine that this runs on, which is a Debian, an Ubuntu or the like.
set -eu
[ $# -ge 2 ] || { sed -n '2,6s/^# \{0,1\}//p' "$0" >&2; exit 64; }
stackup=$1 image=$2
shift 2

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
mkdir -p "$root/bin" "$root/etc" "$root/tmp" "$root/usr/local/bin"
chmod 1777 "$root/tmp"

# A file at the place where it is, without the links that lead to it.
put() {
  mkdir -p "$root$(dirname "$1")"
  [ -e "$root$1" ] || cp -L "$1" "$root$1"
}

# A program with the libraries that it is linked to; one that is static has none.
program() {
  path=$(command -v "$1") || { echo "image.sh: $1 is not installed" >&2; exit 1; }
  put "$path"
  libraries "$path"
}
libraries() {
  for library in $(ldd "$1" 2>/dev/null | grep -o '/[^ )]*' || true); do put "$library"; done
}

cp -L "$stackup" "$root/usr/local/bin/stackup"
chmod 755 "$root/usr/local/bin/stackup"
libraries "$stackup"

# git runs ssh by a shell, and gets a token by a line of it. ssh-keygen checks signatures.
for name in git ssh ssh-keygen sh head tr "$@"; do program "$name"; done
[ -e "$root/bin/sh" ] || cp -L "$(command -v sh)" "$root/bin/sh"
for helper in git-remote-http git-remote-https; do program "$(git --exec-path)/$helper"; done

# Names of hosts, where the C library is older than 2.34.
for library in $(ldconfig -p 2>/dev/null | grep -oE '/[^ ]*/libnss_(dns|files)\.so\.2$' || true); do put "$library"; done
put /etc/ssl/certs/ca-certificates.crt

# ssh wants to know who it is.
printf 'root:x:0:0::/:\nstackup:x:10001:10001::/tmp:\n' >"$root/etc/passwd"
printf 'root:x:0:\nstackup:x:10001:\n' >"$root/etc/group"

tar --create --numeric-owner --owner=0 --group=0 --directory "$root" . |
  docker import \
    --change 'ENTRYPOINT ["/usr/local/bin/stackup"]' --change 'CMD ["watch"]' --change 'USER 10001' \
    --change "ENV PATH=/usr/local/bin:/usr/bin:/bin" --change 'ENV USER=watch' \
    - "$image" >/dev/null
echo "$image"
