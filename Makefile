.PHONY: run demo build test

run: ## HubSpot simulator + HubSpotBus + Northwind, then stays up
	@build/demo.sh run

demo: ## the same from an empty folder, without staying up
	@build/demo.sh demo

build:
	dotnet build HubSpotBus.sln

test: ## all tests; ends with "N passed, N failed"
	@build/test.sh
