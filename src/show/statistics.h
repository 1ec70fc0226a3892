/*
 * statistics.h
 *		What relationships have done: counted per relationship and action.
 */
#ifndef SHOW_STATISTICS_H
#define SHOW_STATISTICS_H

extern void show_statistics_init(void); /* from _PG_init: hooks */

#endif							/* SHOW_STATISTICS_H */
