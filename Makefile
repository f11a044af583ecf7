# The front door: what a person types. What is compiled is said in src/Kbuild.
#
#   KDIR         kernel build folder for the module (default: the running kernel's)
#   TEST_GROUPS  test groups for check and check-all (default: unit build vm cli package)
#   URL          where `repo` will be served, such as https://packages.example/pvscsi

KDIR ?= /lib/modules/$(shell uname -r)/build

.DEFAULT_GOAL := modules
.PHONY: help modules clean deb rpm repo dist demo check check-all check-debug check-packages check-life bench soak fuzz

##@ Use
modules: ## build src/vmw_pvscsi.ko for the kernel in KDIR (plain `make` does this)
	@$(if $(filter file environment command,$(firstword $(origin CC))),CC="$(CC)") $(if $(ARCH),ARCH="$(ARCH)") \
		scripts/build/check-headers "$(KDIR)"
	$(MAKE) -C $(KDIR) M=$(CURDIR)/src modules

clean: ## remove what was built (not the download cache)
	rm -rf build
	rm -f src/*.o src/*.ko src/*.mod src/*.mod.c src/.*.cmd src/.module-common.c \
		src/modules.order src/Module.symvers

help: ## print this help
	@awk -F ':.*## ' '/^##@ / { printf "\n%s:\n", substr($$0, 5) } \
		/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

##@ Package
deb: ## build/deb/pvscsi-dkms_VERSION_all.deb
	scripts/build/deb

rpm: ## build/rpm/pvscsi-dkms-VERSION-RELEASE.noarch.rpm, and pvscsi-common which it needs
	scripts/build/rpm

repo: ## build/repo: both in signed apt and yum repositories, for a web server at URL
	scripts/build/repo $(if $(URL),--url $(URL))

dist: ## build/dist/pvscsi-VERSION.tar.xz, which its scripts/install installs
	scripts/build/dist

##@ Test (all become root by sudo)
demo: ## boot a Debian guest from a pvscsi disk, upgrade its kernel, boot it again
	tests/tools/demo

check: ## the tests (TEST_GROUPS="unit build vm cli package" chooses)
	$(if $(GROUPS),$(error GROUPS is a variable of bash's own: use TEST_GROUPS="$(GROUPS)"))
	tests/run $(TEST_GROUPS)

check-all: ## each test on each kernel series, and the extended ones: hours
	tests/run -a $(TEST_GROUPS)

check-debug: ## the vm tests on a kernel with KASAN, lockdep and the like, built first: two hours
	tests/run -K debug vm

check-packages: ## every way in which kernels and the package come and go, on every Debian, as a table
	tests/tools/matrix

check-life: ## long lives of one guest: conversion, interruption, Secure Boot, kdump, rpm, tarball
	tests/run life

fuzz: ## libFuzzer on the pure files, 10^8 inputs each
	tests/tools/fuzz

##@ Measure
bench: ## compare with the in-tree driver, virtio and NVMe, side by side: more than an hour
	tests/tools/bench

soak: ## hours of verified I/O under resets, hot plug and suspend, and 500 pairs of events
	tests/tools/soak verify=3600 plug=5000 reload=300 suspend=100
	tests/tools/soak pairs=500
