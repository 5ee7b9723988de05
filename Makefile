.PHONY: run demo build test matrix probe-account

run: ## HubSpot simulator + HubSpotBus + Northwind, then stays up
	@build/demo.sh run

demo: ## the same from an empty folder, without staying up
	@build/demo.sh demo

build:
	dotnet build HubSpotBus.sln

test: ## all tests; ends with "N passed, N failed"
	@build/test.sh

matrix: ## accounts that differ x data sets x failing calls, as a table (docs/matrix.md)
	@dotnet run --project tests/Matrix --configuration Release --verbosity quiet

probe-account: ## asks a HubSpot test account what the documentation leaves open; TOKEN=..., also API_URL=..., FORCE=1 (docs/probe-account.md)
	@dotnet run --project samples/probe-account --verbosity quiet -- $(API_URL)
