#!/usr/bin/env bash
# Compiles the app and builds its image: build.sh [v1 v2 ...]  (default: v1 and v2)
#
#   IMAGE   name without tag (default 127.0.0.1:5000/getstarted)
#   PUSH=1  push it too; needs a registry behind that name, and is needed where the swarm has more than one node
#   HEALTH=no  without the health check, for engines that cannot run a program in a running container
#   DOCKER  the command (default docker; "sudo docker")
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/app"
image=${IMAGE:-127.0.0.1:5000/getstarted}
read -ra docker <<<"${DOCKER:-docker}"
[ $# -gt 0 ] || set -- v1 v2

context=$(mktemp -d)
trap 'rm -rf "$context"' EXIT
rustc --edition 2024 -O -C target-feature=+crt-static -C strip=symbols -o "$context/app" main.rs
cp Dockerfile "$context"
[ "${HEALTH:-}" != no ] || echo 'HEALTHCHECK NONE' >>"$context/Dockerfile"

for version in "$@"; do
  "${docker[@]}" build --quiet --build-arg "VERSION=$version" --tag "$image:$version" "$context" >"$context/log" 2>&1 ||
    { cat "$context/log" >&2; exit 1; }
  echo "built $image:$version"
  if [ -n "${PUSH:-}" ]; then
    "${docker[@]}" push "$image:$version" >/dev/null
    echo "pushed $image:$version"
  fi
done
