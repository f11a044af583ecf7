# shellcheck shell=sh
# shellcheck disable=SC2034 # for the scripts that source this file
# complaints.sh - what kernels print about bugs, their own or a driver's, as an extended regular
# expression. Everything that judges a kernel log uses this list.

complaints='BUG|WARNING|Oops|Call Trace|cut here|Kernel panic|general protection'
complaints="$complaints"'|[Uu]nable to handle|invalid opcode|stack segment|double fault|divide error'
complaints="$complaints"'|segfault at|soft lockup|hard LOCKUP|detected stall|self-detected|rcu.*stall'
complaints="$complaints"'|hung_task|blocked for more than|blocked in I/O wait|lockdep|possible .*(dead)?lock'
complaints="$complaints"'|inconsistent lock|suspicious RCU|KASAN|KCSAN|KMSAN|UBSAN|use-after-free|double.free'
complaints="$complaints"'|refcount_t|saturated|corruption|Poison overwritten|Redzone|Objects remaining'
complaints="$complaints"'|nobody cared|Disabling IRQ|already-free IRQ|Trying to (v)?free|DMA-API|memory leak'
complaints="$complaints"'|scheduling while atomic|sleeping function|bad page|Bad page|out of memory|Out of memory'
complaints="$complaints"'|ODEBUG|unreferenced object|page allocation failure|stack is corrupted|Fixing recursive fault'
