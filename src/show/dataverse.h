/*
 * dataverse.h
 *		Dataverse's own definitions.  SEMANTICS 2.7, rule 15.
 */
#ifndef RELMETA_SHOW_DATAVERSE_H
#define RELMETA_SHOW_DATAVERSE_H

#include "show/document.h"

/* ---- dataverse.c ---- */

/* 22023 when it is no document of Dataverse's; else rows for each definition. */
extern void show_dataverse_import(ShowImport *import);

#endif							/* RELMETA_SHOW_DATAVERSE_H */
