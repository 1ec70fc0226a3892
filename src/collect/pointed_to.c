/*
 * pointed_to.c
 *		Primary rows that a statement's lookups point to, from when these are checked until access goes on; see
 *		collect.h.
 *
 * Who attaches a row holds its primary row FOR KEY SHARE before he looks at what it gives (rows.h): what he read of it
 * when he got the lock, as the newest version, is that.  Whoever changes it later waits for him before he gives it on.
 * That leaves what the statement's own cascades change: such rows are flushed, too, and access waits for that flush,
 * which begins anew (cascade/flush.c).
 */
#include "relmeta.h"

#include "collect/collect.h"
#include "utils/datum.h"
#include "utils/memutils.h"

void
collect_note_pointed_to(Frame *frame, ModelTable *table, DatumSet *keys, RowSet *rows)
{
	MemoryContext old = MemoryContextSwitchTo(frame->cxt);
	PointedTo  *pointed_to = palloc(sizeof(PointedTo));

	pointed_to->relid = table->relid;
	pointed_to->keys = keys;
	pointed_to->rows = rows;
	frame->pointed_to = lappend(frame->pointed_to, pointed_to);
	MemoryContextSwitchTo(old);
}

static bool
same_keys(DatumSet *a, DatumSet *b)
{
	bool		same = a->count == b->count;

	for (int i = 0; i < a->count && same; i++)
		same = datum_image_eq(a->values[i], b->values[i], a->type->typbyval, a->type->typlen);
	return same;
}

RowSet *
collect_pointed_to(Frame *frame, ModelTable *table, DatumSet *keys)
{
	ListCell   *lc;

	foreach(lc, frame->pointed_to)
	{
		PointedTo  *pointed_to = lfirst(lc);

		if (pointed_to->relid == table->relid && same_keys(pointed_to->keys, keys))
			return pointed_to->rows;
	}
	return NULL;
}
