/*
 * act.c
 *		The acts that are under way in this session, and the function relmeta.cascading().
 */
#include "rows/act.h"
#include "rows/progress.h"

#include "access/xact.h"
#include "portability/instr_time.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/memutils.h"

PG_FUNCTION_INFO_V1(relmeta_cascading);

typedef struct Act
{
	Progress	progress;
	ModelAction action;
	bool		statement;
	int			nest_level;		/* of the transaction that it began in */
	instr_time	start;
} Act;

rows_acted_hook_type rows_acted_hook = NULL;

static bool track = true;		/* setting: acts are counted and shown */

static Act *acts = NULL;		/* in TopMemoryContext, the outermost first */
static int	nacts = 0;
static int	acts_capacity = 0;
static bool cascade_lasts = false;

/* What is shown when an act has ended. */
static void
show_outer(void)
{
	if (nacts > 0 && track)
		rows_progress_act(&acts[nacts - 1].progress);
	else if (!cascade_lasts)
		rows_progress_act(NULL);
}

void
rows_act_cascade_begins(void)
{
	cascade_lasts = true;
}

void
rows_act_cascade_ends(void)
{
	if (!cascade_lasts)
		return;
	cascade_lasts = false;
	show_outer();
}

void
rows_act_begin(ModelAction action, const char *relationship, int level, bool statement)
{
	Act		   *act;

	if (nacts == acts_capacity)
	{
		acts_capacity = Max(8, 2 * acts_capacity);
		acts = acts == NULL ? MemoryContextAlloc(TopMemoryContext, acts_capacity * sizeof(Act)) :
			repalloc(acts, acts_capacity * sizeof(Act));
	}
	act = &acts[nacts++];
	act->action = action;
	act->statement = statement;
	act->nest_level = GetCurrentTransactionNestLevel();
	namestrcpy(&act->progress.relationship, relationship);
	strlcpy(act->progress.action, model_action_name(action), sizeof(act->progress.action));
	act->progress.level = level;
	act->progress.rows_done = 0;
	act->progress.rows_total = PROGRESS_UNKNOWN;
	act->progress.started_at = GetCurrentStatementStartTimestamp();
	INSTR_TIME_SET_ZERO(act->start);
	if (!track)
		return;
	rows_progress_act(&act->progress);
	INSTR_TIME_SET_CURRENT(act->start);
}

void
rows_act_rows(int64 done, int64 total)
{
	Progress   *progress = &acts[nacts - 1].progress;

	progress->rows_done = done;
	progress->rows_total = total;
	if (track)
		rows_progress_act(progress);
}

void
rows_act_end(uint64 rows)
{
	Act		   *act = &acts[nacts - 1];
	instr_time	end;

	nacts--;
	show_outer();

	if (rows_acted_hook == NULL || !track || INSTR_TIME_IS_ZERO(act->start))
		return;
	INSTR_TIME_SET_CURRENT(end);
	INSTR_TIME_SUBTRACT(end, act->start);
	rows_acted_hook(NameStr(act->progress.relationship), act->action, rows, INSTR_TIME_GET_MILLISEC(end));
}

/* Ends those that a transaction of the nesting level, which is rolled back, has begun. */
static void
end_above(int nest_level)
{
	while (nacts > 0 && acts[nacts - 1].nest_level >= nest_level)
		nacts--;
	/* also of an act that has ended: it is undone */
	if (nacts == 0)
		rows_progress_act(NULL);
	show_outer();
}

static void
at_xact_end(XactEvent event, void *arg)
{
	if (event == XACT_EVENT_PRE_COMMIT || event == XACT_EVENT_PARALLEL_PRE_COMMIT || event == XACT_EVENT_PRE_PREPARE)
		return;
	/* none is left but after an error */
	nacts = 0;
	cascade_lasts = false;
	rows_progress_act(NULL);
}

static void
at_subxact_end(SubXactEvent event, SubTransactionId mine, SubTransactionId parent, void *arg)
{
	if (event == SUBXACT_EVENT_ABORT_SUB)
		end_above(GetCurrentTransactionNestLevel());
}

void
rows_act_init(void)
{
	DefineCustomBoolVariable("relmeta.track_statistics",
							 "Counts what relationships do, and shows what they are at.",
							 "For relmeta.statistics and relmeta.progress.",
							 &track,
							 true,
							 PGC_SUSET,
							 0,
							 NULL, NULL, NULL);
	RegisterXactCallback(at_xact_end, NULL);
	RegisterSubXactCallback(at_subxact_end, NULL);
}

/* relmeta.cascading(): the innermost act that makes a statement */
Datum
relmeta_cascading(PG_FUNCTION_ARGS)
{
	for (int i = nacts - 1; i >= 0; i--)
	{
		if (acts[i].statement)
			PG_RETURN_TEXT_P(cstring_to_text(model_action_name(acts[i].action)));
	}
	PG_RETURN_NULL();
}
