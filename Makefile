# What there is to do with this repository. The work is in scripts, most under tests/cluster.
# To choose: KUBECONFIG (a cluster of yours), IMAGE_LOAD (a command that is given an image archive), IMAGE_TOOL, REGISTRY and TAG
# (of images), KUBEBUILDER_ASSETS (a folder with kube-apiserver and etcd), MDS_CACHE (default ~/.cache/mds).

.DEFAULT_GOAL := help
.PHONY: help build run images demo demo-down test fuzz e2e bench kubernetes helm clean

help: ## Lists these targets.
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 18

build: ## Builds out/mds-server/mds-server and out/mds-operator/mds-operator, each one file that needs no .NET.
	dotnet publish src/Mds.Server --arch x64 --output out/mds-server --verbosity quiet
	dotnet publish src/Mds.Operator --arch x64 --output out/mds-operator --verbosity quiet

run: ## Starts the server alone on 127.0.0.1:8080 with sample claims and tokens of its own; no Google account is needed.
	@echo "==> building the server" && dotnet run --project src/Mds.Server --configuration Release --verbosity quiet -- --local

images: ## Builds the images mds-server and mds-operator with docker, podman or buildah.
	@tests/cluster/build-images

demo: ## Shows the main job: a cluster, helm install, an emulator, and a labelled pod whose Google client gets its tokens.
	@tests/cluster/demo up

demo-down: ## Removes what `make demo` made.
	@tests/cluster/demo down

test: ## Runs every test that needs no Kubernetes node; installs what they need.
	@tests/cluster/run-tests

fuzz: ## Sends COUNT (100000) random requests to each flavor of the server, from SEED on if one is given.
	@dotnet build tests/Mds.Server.Tests --configuration Release --verbosity quiet -clp:ErrorsOnly
	@MDS_FUZZ_COUNT=$(or $(COUNT),100000) MDS_FUZZ_SEED=$(SEED) \
	  tests/Mds.Server.Tests/bin/Release/net10.0/Mds.Server.Tests -class Mds.Server.Tests.Robustness.FuzzTests -maxThreads 4

e2e: ## Runs the cluster tests on a real node: a cluster of its own, or the one in KUBECONFIG.
	@tests/cluster/run-cluster-tests

bench: ## Measures the server against nginx and the smallest ASP.NET Core program, and a TPM's signatures; writes bench/RESULTS.md.
	@bench/run

kubernetes: ## Builds Kubernetes 1.20.2 from Debian's source package into the cache, for the tests and the demo.
	@tests/cluster/kubernetes-from-debian

helm: ## Prints the path of a helm, fetched into the cache where there is none.
	@tests/tools/helm

clean: ## Removes what was built here; the cache stays.
	rm -rf out
	dotnet clean MdsOperator.sln --verbosity quiet
