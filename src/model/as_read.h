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
 * 40001 unless key, owner, state and lookups have the types in the model now, as far as it has them, that the table's
 * own model says: for whoever has read values by that and goes on by now.
 */
extern void model_check_types_kept(ModelTable *table, Model *now);

/*
 * 40001 unless the relation, which the caller has open, keeps the columns of the table where the leaf says, by the
 * names and of the types that the table's model has, which may not be current any more, and the leaf is the table's.
 */
extern void model_check_leaf(ModelTable *table, ModelLeaf *leaf, Relation rel);

#endif							/* RELMETA_MODEL_AS_READ_H */
