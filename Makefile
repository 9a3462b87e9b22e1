# Everything a person types; the work is in scripts/.
.PHONY: help build demo demo-down test test-all windows lint bench bench-check bench-plan bench-load bench-watch

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 14

build: ## the release binary, target/release/stackup
	cargo build --release --locked

demo: ## from nothing to a running stack: plan, deploy, scale, roll
	@scripts/demo

demo-down: ## take down what the demo made, and nothing else
	@scripts/demo down

test: ## lint, unit tests, and tests against real swarms on this machine (root)
	@scripts/test

test-all: ## the same with every long proof, and on the newest engine too
	@scripts/test --all

windows: ## the client for Windows, compiled here and tried in wine (root)
	@scripts/windows-client

lint: ## format, clippy, shell scripts
	@scripts/lint

bench: ## stackup beside docker on the same swarm (root)
	@benches/beside-docker

bench-check: ## reading a file of 1,000 services, beside `docker stack config`
	@benches/check-beside-docker

bench-plan: ## how plan grows: 10 to 5,000 services, CPU and memory
	@benches/plan-curve

bench-load: ## requests that a rolling update loses (root)
	@benches/under-load

bench-watch: ## `watch` of 1,000 stacks: start, memory, idle (root)
	@benches/watch-many
