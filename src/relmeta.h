/*
 * relmeta.h
 *		What every file includes first, and the settings.
 *
 * What is declared here is owned by relmeta.c and set once, in _PG_init.  Rooms
 * include this file first, then their own header and those of lower rooms:
 * show -> feature -> ddl -> job -> cascade -> access -> model -> extension.
 */
#ifndef RELMETA_H
#define RELMETA_H

#include "postgres.h"

#include "fmgr.h"

#include "argument.h"
#include "compat.h"
#include "extension.h"

/* setting relmeta.principal; never NULL, empty when unset; who asks as whom takes relmeta_acting_as() */
extern char *relmeta_principal;

#endif							/* RELMETA_H */
