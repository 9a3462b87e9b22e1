#!/usr/bin/env bash
# Compiles the app and builds its image: build.sh [v1 v2 ...]  (default: v1 and v2)
#
#   IMAGE   name without tag (default 127.0.0.1:5000/getstarted)
#   PUSH=1  push it too; needs a registry behind that name, and is needed where the swarm has more than one node
#
# The engine is the one the docker CLI uses (DOCKER_HOST, DOCKER_CONTEXT).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/app"
image=${IMAGE:-127.0.0.1:5000/getstarted}
[ $# -gt 0 ] || set -- v1 v2

context=$(mktemp -d)
trap 'rm -rf "$context"' EXIT
rustc --edition 2024 -O -C target-feature=+crt-static -C strip=symbols -o "$context/app" main.rs
cp Dockerfile "$context"
for version in "$@"; do
  # The classic builder: it needs no plugin, and FROM scratch needs nothing that BuildKit adds.
  DOCKER_BUILDKIT=0 docker build --quiet --build-arg "VERSION=$version" --tag "$image:$version" "$context" >/dev/null
  echo "built $image:$version"
  [ -z "${PUSH:-}" ] || docker push --quiet "$image:$version"
done
