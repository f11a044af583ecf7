// SPDX-License-Identifier: GPL-2.0-only
/* The only file that instantiates the tracepoints of trace.h. */

#include "adapter.h"

#define CREATE_TRACE_POINTS
#include "trace.h"
