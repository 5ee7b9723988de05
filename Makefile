.PHONY: run demo build test up down scale backup restore demo-distributed demo-restore upgrade-check matrix probe-account bench-subscriptions bench-waiting bench-egress bench-webhooks bench-simulator soak

run: ## HubSpot simulator + HubSpotBus + Northwind, then stays up
	@build/demo.sh run

demo: ## the same from an empty folder, without staying up
	@build/demo.sh demo

build:
	dotnet build HubSpotBus.sln

test: ## all tests; ends with "N passed, N failed"
	@build/test.sh

up: ## HubSpotBus as services with RabbitMQ and PostgreSQL in containers (docs/operations.md)
	@build/compose.sh up

down: ## stops what up started; the data stays
	@build/compose.sh down

scale: ## N replicas of a service; SERVICE=transaction N=3
	@build/compose.sh scale "$(SERVICE)" "$(N)"

backup: ## rows, keys and secrets in one file, while it runs; FILE=..., WHICH=run or up (docs/operations.md)
	@build/backup.sh backup $(FILE)

restore: ## FILE=...
	@build/backup.sh restore "$(FILE)"

demo-distributed: ## the demo on services in containers, which are gone afterwards
	@build/compose.sh demo

demo-restore: ## the same with a backup in its middle that is restored in the end: nothing is there twice; KEYS_NOT_UNIQUE=1 for such an account
	@build/compose.sh demo-restore

upgrade-check: ## Northwind begun by the previous release on real servers, finished by this one; FROM=another tag or commit (docs/operations.md)
	@build/upgrade-check.sh $(FROM)

matrix: ## accounts that differ x data sets x failing calls, as a table (docs/matrix.md)
	@dotnet run --project tests/Matrix --configuration Release --verbosity quiet

probe-account: ## asks a HubSpot test account what the documentation leaves open; TOKEN=..., also API_URL=..., FORCE=1 (docs/probe-account.md)
	@dotnet run --project samples/probe-account --verbosity quiet -- $(API_URL)

bench-subscriptions: ## how many subscriptions one bus instance carries; SUBSCRIPTIONS=... to stop there (docs/operations.md)
	@build/engine.sh start && eval "$$(build/images.sh rabbitmq)" && dotnet run --project tests/Subscriptions.Bench --configuration Release --verbosity quiet -- $(SUBSCRIPTIONS)

bench-waiting: ## whether memory stays flat while a million transfers wait; TRANSFERS=..., ONLY=standalone (docs/operations.md)
	@build/engine.sh start && eval "$$(build/images.sh rabbitmq postgres)" && dotnet run --project tests/Waiting.Bench --configuration Release --verbosity quiet -- $(or $(TRANSFERS),1000000) $(ONLY)

soak: ## whether the limits hold over three replicas of Auth while calls are refused and one is killed; MINUTES=10 at each limit, SECONDS=60, SEED=... (docs/operations.md)
	@build/engine.sh start && eval "$$(build/images.sh rabbitmq postgres)" && dotnet run --project tests/Soak --configuration Release --verbosity quiet -- soak $(or $(MINUTES),10) $(or $(SECONDS),60) $(SEED)

bench-simulator: ## whether the simulator is ever a benchmark's bottleneck: a million records, 2,000 requests a second (docs/simulator.md)
	@dotnet run --project tests/HubSpotSimulator.Bench --configuration Release --verbosity quiet

bench-egress: ## what the egress adds to a call that finds its permit in hand (docs/operations.md)
	@build/engine.sh start && eval "$$(build/images.sh rabbitmq postgres)" && dotnet run --project tests/Soak --configuration Release --verbosity quiet -- overhead $(CALLS)

bench-webhooks: ## whether webhooks are answered within a second while Auth has much else to do (docs/operations.md)
	@build/engine.sh start && eval "$$(build/images.sh rabbitmq postgres)" && dotnet run --project tests/Soak --configuration Release --verbosity quiet -- webhooks
