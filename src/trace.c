// SPDX-License-Identifier: GPL-2.0-only
/* The tracepoints themselves, here alone; trace.h says what they record. */

#include "adapter.h"

#define CREATE_TRACE_POINTS
#include "trace.h"
