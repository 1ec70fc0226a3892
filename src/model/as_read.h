/*
 * as_read.h
 *		Is what a model says of a relation still so?  For rows, which keeps plans, and for triggers, which read rows.
 *
 * A statement goes on with the model that it began with.  Code of a user's that it calls may change the types of keys
 * meanwhile, and make plans by the model that has begun then.
 */
#ifndef RELMETA_MODEL_AS_READ_H
#define RELMETA_MODEL_AS_READ_H

#include "model/model.h"

/* No other model of the session has the same; never 0. */
extern uint64 model_number(Model *model);

/*
 * 40001 unless the relation, locked by the caller, who has taken in invalidations, has the name and its columns of the
 * model have the types that the model says.  The model may be one that is not current any more.
 */
extern void model_check_as_read(Model *model, Oid relid);

/*
 * Where the relation, which the caller has open, keeps the columns of the table that it is or is a partition of:
 * parallel to the lists of this table, whose model may not be current any more.  40001 when they are elsewhere by now,
 * or it belongs to another table.
 */
extern ModelLeaf *model_leaf_of(ModelTable *table, Oid relid);

#endif							/* RELMETA_MODEL_AS_READ_H */
