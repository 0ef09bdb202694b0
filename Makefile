# The verbs of the repository, each a line to read. TESTS, BENCH and settings may be given: make test TESTS="--filter-class Tests.PromQlTests".
BENCH ?= accept

.PHONY: build build-middleware build-external test test-docker run-middleware run-external docker-up docker-down docker-logs fmt bench

build: build-middleware build-external

build-middleware:
	dotnet publish Middleware.Api -c Release --use-current-runtime -o bin/middleware

build-external:
	dotnet publish ExternalAlerts.Api -c Release --use-current-runtime -o bin/external-endpoint

test:
	dotnet test $(TESTS)

test-docker: docker-up
	deploy/compose/try

run-middleware:
	ASPNETCORE_ENVIRONMENT=Development dotnet run --project Middleware.Api

run-external:
	ASPNETCORE_ENVIRONMENT=Development dotnet run --project ExternalAlerts.Api

docker-up:
	eng/images && deploy/compose/make-secrets && docker compose up --detach --wait

docker-down:
	docker compose --profile "*" down

docker-logs:
	docker compose --profile "*" logs --follow

fmt:
	dotnet format whitespace . --folder --exclude artifacts

bench:
	dotnet run -c Release --project bench -- $(BENCH)
