/*
 * step.c
 *		The table of flush steps; see step.h.
 */
#include "relmeta.h"

#include "collect/collect.h"
#include "collect/step.h"
#include "utils/memutils.h"

static List *steps = NIL;		/* FlushStep *, in TopMemoryContext */
static int	nsteps = 0;

void
collect_add_step(FlushStep *step)
{
	MemoryContext old = MemoryContextSwitchTo(TopMemoryContext);

	step->number = nsteps++;
	steps = lappend(steps, step);
	MemoryContextSwitchTo(old);
}

/* ---- lists and cursors ---- */

ChangeList *
collect_list_make(int ncolumns, ModelType **types)
{
	ChangeList *list = palloc(sizeof(ChangeList));

	list->rows = rows_list_make(ncolumns, types);
	list->seen = palloc0(nsteps * sizeof(int64));
	return list;
}

int64
collect_unseen_from(ChangeList *list, const FlushStep *step)
{
	return list == NULL ? 0 : list->seen[step->number];
}

bool
collect_unseen(ChangeList *list, const FlushStep *step)
{
	return list != NULL && list->seen[step->number] < list->rows->nrows;
}

void
collect_mark_seen(ChangeList *list, const FlushStep *step)
{
	list->seen[step->number] = list->rows->nrows;
}

bool
collect_step_wants(ModelTable *table, ChangeKind kind)
{
	ListCell   *lc;

	foreach(lc, steps)
	{
		FlushStep  *step = lfirst(lc);

		if (step->reads == kind && step->wants != NULL && step->wants(table))
			return true;
	}
	return false;
}

void
collect_rows_vanished(ModelTable *table)
{
	ListCell   *lc;

	foreach(lc, steps)
	{
		FlushStep  *step = lfirst(lc);

		if (step->vanished != NULL && (step->wants == NULL || step->wants(table)))
			step->vanished(table);
	}
}

/* ---- running ---- */

static void
run_on_list(FlushStep *step, TableChanges *changes, ChangeList *list, int lookup)
{
	int64		from;

	/* a list may be there for another step's sake */
	if (!collect_unseen(list, step) || !(step->wants == NULL || step->wants(changes->table)))
		return;
	from = collect_unseen_from(list, step);
	/* what it makes happen itself is for the next flush */
	collect_mark_seen(list, step);
	step->act(changes, list->rows, from, list->seen[step->number], lookup);
}

static void
run_on_table(FlushStep *step, TableChanges *changes)
{
	switch (step->reads)
	{
		case CHANGE_NONE:
			break;
		case CHANGE_DELETED:
			run_on_list(step, changes, changes->deleted, -1);
			break;
		case CHANGE_REKEYED:
			run_on_list(step, changes, changes->rekeyed, -1);
			break;
		case CHANGE_RESPELLED:
			run_on_list(step, changes, changes->respelled, -1);
			break;
		case CHANGE_INSERTED:
			run_on_list(step, changes, changes->inserted, -1);
			break;
		case CHANGE_ASSIGNED:
			run_on_list(step, changes, changes->assigned, -1);
			break;
		case CHANGE_UPDATED:
			run_on_list(step, changes, changes->updated, -1);
			break;
		case CHANGE_MOVED:
			for (int i = 0; i < changes->nlookups; i++)
				run_on_list(step, changes, changes->lookups[i].moved, i);
			break;
	}
}

void
collect_run_phase(Frame *frame, FlushPhase phase)
{
	ListCell   *lc;
	ListCell   *tc;

	foreach(lc, steps)
	{
		FlushStep  *step = lfirst(lc);

		if (step->when != phase)
			continue;
		if (step->act_frame != NULL)
			step->act_frame(frame);
		else
		{
			foreach(tc, frame->tables)
				run_on_table(step, lfirst(tc));
		}
	}
}
