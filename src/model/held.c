/*
 * held.c
 *		Principals that this transaction holds FOR KEY SHARE already.
 *
 * A transaction that gives many rows to few owners would look each of them up once a statement.  Who holds a
 * principal's row needs not look again: until he lets go of it nobody else drops it.  That he does with the
 * transaction, or with the subtransaction that took the lock; what he drops himself is told by the invalidation of
 * relmeta.principal.
 */
#include "relmeta.h"

#include "model/internal.h"
#include "model/since.h"
#include "utils/snapmgr.h"

#define HELD_MAX 8
#define HELD_NAME_MAX 64		/* with its end: longer names are looked for */

static char held[HELD_MAX][HELD_NAME_MAX];
static uint64 held_number[HELD_MAX];	/* of notes, in this session */
static int	nheld = 0;
static uint64 nnoted = 0;

void
model_held_forget(void)
{
	nheld = 0;
}

bool
model_is_held(const char *principal, const Since *since)
{
	for (int i = 0; i < nheld; i++)
		if (strcmp(held[i], principal) == 0)
			return since == NULL || held_number[i] <= since->held;
	return false;
}

void
model_note_held(const char *principal)
{
	if (nheld < HELD_MAX && strlen(principal) < HELD_NAME_MAX && !model_is_held(principal, NULL))
	{
		held_number[nheld] = ++nnoted;
		strlcpy(held[nheld++], principal, HELD_NAME_MAX);
	}
}

void
model_since_begin(Since *since, Snapshot snapshot)
{
	if (since->snapshot != NULL)
		return;
	since->snapshot = RegisterSnapshot(snapshot);
	since->held = nnoted;
}

void
model_since_end(Since *since)
{
	if (since->snapshot != NULL)
		UnregisterSnapshot(since->snapshot);
	since->snapshot = NULL;
}
