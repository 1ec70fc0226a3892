/*
 * source.h
 *		Applications' own tables of principals and memberships (SEMANTICS 2.1), for higher rooms.
 */
#ifndef RELMETA_MODEL_SOURCE_H
#define RELMETA_MODEL_SOURCE_H

#include "model/model.h"

/* After register_principals or register_memberships has recorded relid: brings all of its rows in step. */
extern void model_source_fill(Oid relid);

/* For the event triggers: a table that may be such a one was dropped, or a column of it renamed. */
extern void model_source_dropped(Oid relid);
extern void model_source_forget_pairs(Oid relid);
extern void model_source_column_renamed(Oid relid, const char *old_name, const char *new_name);

#endif							/* RELMETA_MODEL_SOURCE_H */
