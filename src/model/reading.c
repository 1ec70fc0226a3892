/*
 * reading.c
 *		What this backend has been told since the current model began, and whether
 *		what is being read of the catalog fits together.
 */
#include "relmeta.h"

#include "model/internal.h"

/* what changes while it is read is read again, this often */
#define READING_ROUNDS 3

ModelState	model_state = {.stale = true};

bool
model_is_up_to_date(Model *model)
{
	return model == model_state.model && !model_state.stale && model_state.ntouched == 0;
}

/*
 * After some rounds (a server that discards all caches all the time) what was read is used, but the model is stale.
 */
bool
model_reading(Reading *reading)
{
	if (reading->rounds > 0 && reading->noticed == model_state.noticed)
		return false;
	if (reading->rounds == READING_ROUNDS)
	{
		model_state.stale = true;
		return false;
	}
	reading->rounds++;
	reading->noticed = model_state.noticed;
	return true;
}

/* Called by invalidation callbacks, like the next: frees nothing.  Something was invalidated. */
void
model_notice(void)
{
	model_state.noticed++;
}

void
model_forget(void)
{
	model_state.stale = true;
}
