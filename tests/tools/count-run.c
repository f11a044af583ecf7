// SPDX-License-Identifier: GPL-2.0-only
/*
 * count-run COMMAND... - run COMMAND in the guest, and mark its begin and end
 * for tests/tools/count-plugin.c. A mark is a return instruction at an address
 * that the plugin knows: it needs no exit, no device and no system call.
 */
#define _GNU_SOURCE
#include <err.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "count-marks.h"

static void mark(unsigned long address)
{
	((void (*)(void))address)();
}

int main(int argc, char **argv)
{
	const unsigned char ret = 0xc3;
	int status;
	pid_t pid;
	void *page;

	if (argc < 2)
		errx(2, "what is to be run?");
	page = mmap((void *)MARK_PAGE, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	if (page != (void *)MARK_PAGE)
		err(2, "mmap");
	memcpy((void *)MARK_BEGIN, &ret, 1);
	memcpy((void *)MARK_END, &ret, 1);
	mark(MARK_BEGIN);
	pid = vfork();
	if (pid < 0)
		err(2, "vfork");
	if (!pid) {
		execvp(argv[1], argv + 1);
		_exit(127);
	}
	if (waitpid(pid, &status, 0) != pid)
		err(2, "waitpid");
	mark(MARK_END);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
