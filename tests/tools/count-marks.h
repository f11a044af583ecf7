/* SPDX-License-Identifier: GPL-2.0-only */
/* Addresses that no other program executes at. */
#ifndef COUNT_MARKS_H
#define COUNT_MARKS_H

#define MARK_PAGE 0x5eadbeef0000UL
#define MARK_BEGIN MARK_PAGE
#define MARK_END (MARK_PAGE + 256)

#endif
