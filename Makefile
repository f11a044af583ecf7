# The front door: what a person types. What is compiled is said in src/Kbuild.
#
#   KDIR         kernel build folder for `modules` (default: the running kernel's)
#   TEST_GROUPS  test groups for `check` (default: unit build vm cli package)
#   URL          where `repo` will be served, such as https://packages.example/pvscsi

KDIR ?= /lib/modules/$(shell uname -r)/build

.DEFAULT_GOAL := help
.PHONY: help modules clean deb rpm repo dist demo check check-all check-debug check-packages check-life bench soak fuzz

help: ## print this help
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

modules: ## build src/vmw_pvscsi.ko for the kernel in KDIR
	$(MAKE) -C $(KDIR) M=$(CURDIR)/src modules

deb: ## build/deb/pvscsi-dkms_VERSION_all.deb
	scripts/build/deb

rpm: ## build/rpm/pvscsi-dkms-VERSION-RELEASE.noarch.rpm, and pvscsi-common which it needs
	scripts/build/rpm

repo: ## build/repo: both in signed apt and yum repositories, for a web server at URL
	scripts/build/repo $(if $(URL),--url $(URL))

dist: ## build/dist/pvscsi-VERSION.tar.xz, to be installed with its scripts/install
	scripts/build/dist

demo: ## boot a Debian guest from a pvscsi disk, upgrade its kernel, boot it again (root)
	tests/tools/demo

check: ## run the tests (root; TEST_GROUPS="unit build vm cli package")
	$(if $(GROUPS),$(error GROUPS is a variable of bash's own: use TEST_GROUPS="$(GROUPS)"))
	tests/run $(TEST_GROUPS)

check-all: ## run them on every kernel series, and those that take long, too: hours (root)
	tests/run -a $(TEST_GROUPS)

check-debug: ## run the vm tests on a kernel that looks for bugs, built first (root)
	tests/run -K debug vm

check-packages: ## every way in which kernels and the package come and go, on every Debian, as a table (root)
	tests/tools/matrix

check-life: ## long lives of one guest: converted, killed, upgraded, under Secure Boot, with kdump, as rpm, from a tarball (root)
	tests/run life

soak: ## hours of verified I/O under resets, hot plug and suspend, thousands of cycles, 500 pairs of events (root)
	tests/tools/soak verify=3600 plug=5000 reload=300 suspend=100
	tests/tools/soak pairs=500

bench: ## measure against the in-tree driver, virtio and NVMe, side by side (root)
	tests/tools/bench

fuzz: ## have libFuzzer try the pure files, 10^8 inputs each
	tests/tools/fuzz

clean: ## remove what was built (not the download cache)
	rm -rf build
	rm -f src/*.o src/*.ko src/*.mod src/*.mod.c src/.*.cmd src/.module-common.c \
		src/modules.order src/Module.symvers
