/*
 * source_trigger.c
 *		Keeps principals and memberships in step with the rows they come from.
 *
 *	trigger_source_changed	AFTER INSERT OR UPDATE OR DELETE, row; the source
 *	trigger_source_changed	AFTER INSERT OR UPDATE OR DELETE, statement; the source and every partition
 *	trigger_source_changed	AFTER TRUNCATE, statement; the source and every partition
 *
 * Row triggers collect, the statement trigger acts, on all rows at once.  A
 * partition that was added may lack the statement trigger, so that nobody would
 * act when it is the target: then each row trigger acts at once.
 *
 * It does nothing on a table that is no source, whoever made a trigger of it.
 * What it writes, it writes as the extension's owner.
 *
 * MEMORY RULE.  A frame belongs to one executing query, recognised by the parent
 * of the memory context in which AFTER triggers are called, and dies with it.
 */
#include "relmeta.h"

#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/partition.h"
#include "catalog/pg_trigger.h"
#include "commands/trigger.h"
#include "model/internal.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"

PG_FUNCTION_INFO_V1(relmeta_trigger_source_changed);

/* with so many names a frame does not wait for the end of the statement */
#define NAMES_AT_ONCE 10000

#define STATEMENT_TRIGGER \
	(TRIGGER_TYPE_AFTER | TRIGGER_TYPE_INSERT | TRIGGER_TYPE_UPDATE | TRIGGER_TYPE_DELETE)

/* a source, and where one physical table has its columns */
typedef struct TriggerSource
{
	Source	   *source;
	AttrNumber	key;
	AttrNumber	team;
	AttrNumber	member;
} TriggerSource;

/* what one physical table is; in fn_extra, for the rest of the query */
typedef struct TriggerSources
{
	Oid			relid;
	Oid			root;			/* the table that was registered */
	bool		collects;		/* a statement trigger will act, whatever the
								 * target is */
	int			n;
	TriggerSource *sources;		/* those of principals first */
} TriggerSources;

/* what one row says to one source; NULL when it says nothing (no row, or a null) */
typedef struct RowNames
{
	char	   *key;
	char	   *team;
	char	   *member;
} RowNames;

typedef struct SourceFrame
{
	struct SourceFrame *outer;
	MemoryContext query;
	MemoryContext cxt;
	MemoryContextCallback callback;
	Oid			root;
	int			nnames;
	int			n;
	SourceChanges *changes;		/* parallel to TriggerSources.sources */
} SourceFrame;

static SourceFrame *frames = NULL;

/* ---- what a table is ---- */

/* Whether a statement on the relation itself ends with our trigger. */
static bool
has_statement_trigger(Oid relid, Oid function)
{
	Relation	rel = table_open(relid, AccessShareLock);
	bool		found = false;

	for (int i = 0; rel->trigdesc != NULL && i < rel->trigdesc->numtriggers; i++)
	{
		Trigger    *trigger = &rel->trigdesc->triggers[i];

		if (trigger->tgfoid == function && trigger->tgtype == STATEMENT_TRIGGER &&
			trigger->tgenabled == TRIGGER_FIRES_ON_ORIGIN && SessionReplicationRole != SESSION_REPLICATION_ROLE_REPLICA)
			found = true;
	}
	table_close(rel, AccessShareLock);
	return found;
}

/* Whether that holds for every relation that a statement which reaches relid may name. */
static bool
statement_will_end(List *relids, Oid root, Oid function)
{
	ListCell   *lc;

	foreach(lc, relids)
	{
		if (!has_statement_trigger(lfirst_oid(lc), function))
			return false;
		if (lfirst_oid(lc) == root)
			break;
	}
	return true;
}

static void
find_columns(TriggerSource *ts, Oid relid, Source *source)
{
	ts->source = source;
	if (source->is_memberships)
	{
		ts->team = get_attnum(relid, source->team.name);
		ts->member = get_attnum(relid, source->member.name);
	}
	else
		ts->key = get_attnum(relid, source->key.name);
}

static TriggerSources *
trigger_sources(FmgrInfo *flinfo, Relation rel)
{
	TriggerSources *known = flinfo->fn_extra;
	MemoryContext outer;
	List	   *relids;
	List	   *sources;
	ListCell   *lc;

	if (known != NULL && known->relid == RelationGetRelid(rel))
		return known;

	outer = MemoryContextSwitchTo(flinfo->fn_mcxt);
	relids = list_make1_oid(RelationGetRelid(rel));
	if (rel->rd_rel->relispartition)
		relids = list_concat(relids, get_partition_ancestors(RelationGetRelid(rel)));
	known = palloc0(sizeof(TriggerSources));
	known->relid = RelationGetRelid(rel);
	sources = model_sources(relids, true);
	known->sources = palloc0((list_length(sources) + 1) * sizeof(TriggerSource));
	foreach(lc, sources)
		find_columns(&known->sources[known->n++], known->relid, lfirst(lc));
	if (known->n > 0)
	{
		known->root = known->sources[0].source->relid;
		known->collects = statement_will_end(relids, known->root, flinfo->fn_oid);
	}
	flinfo->fn_extra = known;
	MemoryContextSwitchTo(outer);
	return known;
}

/* ---- frames ---- */

static void
frame_forget(void *arg)
{
	SourceFrame **link = &frames;

	while (*link != NULL && *link != arg)
		link = &(*link)->outer;
	if (*link != NULL)
		*link = (*link)->outer;
}

static SourceFrame *
frame_find(MemoryContext query, Oid root)
{
	SourceFrame *frame = frames;

	while (frame != NULL && (frame->query != query || frame->root != root))
		frame = frame->outer;
	return frame;
}

static SourceFrame *
frame_make(MemoryContext query, TriggerSources *sources)
{
	MemoryContext cxt = AllocSetContextCreate(query, "relmeta source changes", ALLOCSET_DEFAULT_SIZES);
	SourceFrame *frame = MemoryContextAllocZero(cxt, sizeof(SourceFrame));

	frame->query = query;
	frame->cxt = cxt;
	frame->root = sources->root;
	frame->n = sources->n;
	frame->changes = MemoryContextAllocZero(cxt, sources->n * sizeof(SourceChanges));
	frame->callback.func = frame_forget;
	frame->callback.arg = frame;
	MemoryContextRegisterResetCallback(cxt, &frame->callback);
	frame->outer = frames;
	frames = frame;
	return frame;
}

/* Where pairs go, all that come and go at once, of all pairs of the table's columns: see source_pair.c. */
static void
lock_pairs(SourceFrame *frame, TriggerSources *sources)
{
	Source	   *source = NULL;
	List	   *teams = NIL;
	List	   *members = NIL;
	bool		some_go = false;

	for (int i = 0; i < frame->n; i++)
	{
		SourceChanges *changes = &frame->changes[i];

		if (!sources->sources[i].source->is_memberships)
			continue;
		source = sources->sources[i].source;
		some_go |= changes->gone != NIL;
		teams = list_concat(list_concat(teams, changes->came), changes->gone);
		members = list_concat(list_concat(members, changes->members_came), changes->members_gone);
	}
	if (some_go)
		model_source_lock_pairs(source, teams, members);
}

/* Acts on what was collected, and forgets it.  New principals first, old ones last: what refers to them is between. */
static void
frame_flush(SourceFrame *frame, TriggerSources *sources)
{
	int			i;

	lock_pairs(frame, sources);
	for (i = 0; i < frame->n; i++)
		model_source_names_came(sources->sources[i].source, &frame->changes[i]);
	for (i = frame->n - 1; i >= 0; i--)
		model_source_names_gone(sources->sources[i].source, &frame->changes[i]);
	MemoryContextDelete(frame->cxt);
}

/* ---- rows ---- */

static char *
name_in(HeapTuple tuple, TupleDesc desc, ModelColumn *column, AttrNumber attnum)
{
	bool		isnull;
	Datum		value = heap_getattr(tuple, attnum, desc, &isnull);

	return isnull ? NULL : model_source_text(column, value);
}

/* tuple NULL: there is no row */
static void
read_names(RowNames *names, TriggerSource *ts, HeapTuple tuple, TupleDesc desc)
{
	memset(names, 0, sizeof(RowNames));
	if (tuple == NULL)
		return;
	if (!ts->source->is_memberships)
	{
		names->key = name_in(tuple, desc, &ts->source->key, ts->key);
		return;
	}
	names->team = name_in(tuple, desc, &ts->source->team, ts->team);
	names->member = name_in(tuple, desc, &ts->source->member, ts->member);
	if (names->team == NULL || names->member == NULL)
		names->team = names->member = NULL;
}

static bool
same_name(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static void
collect_names(SourceFrame *frame, List **names, List **members, RowNames *row)
{
	if (row->key != NULL)
		*names = lappend(*names, pstrdup(row->key));
	else if (row->team != NULL)
	{
		*names = lappend(*names, pstrdup(row->team));
		*members = lappend(*members, pstrdup(row->member));
	}
	else
		return;
	frame->nnames++;
}

static void
row_changed(SourceFrame *frame, TriggerSources *sources, HeapTuple old, HeapTuple new, TupleDesc desc)
{
	for (int i = 0; i < sources->n; i++)
	{
		SourceChanges *changes = &frame->changes[i];
		RowNames	before;
		RowNames	after;
		MemoryContext outer;

		read_names(&before, &sources->sources[i], old, desc);
		read_names(&after, &sources->sources[i], new, desc);
		if (same_name(before.key, after.key) && same_name(before.team, after.team) &&
			same_name(before.member, after.member))
			continue;
		outer = MemoryContextSwitchTo(frame->cxt);
		collect_names(frame, &changes->came, &changes->members_came, &after);
		collect_names(frame, &changes->gone, &changes->members_gone, &before);
		MemoryContextSwitchTo(outer);
	}
}

static void
row_trigger(TriggerData *trigdata, TriggerSources *sources, MemoryContext query)
{
	SourceFrame *frame = frame_find(query, sources->root);
	bool		is_insert = TRIGGER_FIRED_BY_INSERT(trigdata->tg_event);

	if (frame == NULL)
		frame = frame_make(query, sources);
	row_changed(frame, sources,
				is_insert ? NULL : trigdata->tg_trigtuple,
				is_insert ? trigdata->tg_trigtuple :
				TRIGGER_FIRED_BY_UPDATE(trigdata->tg_event) ? trigdata->tg_newtuple : NULL,
				RelationGetDescr(trigdata->tg_relation));
	if (!sources->collects || frame->nnames >= NAMES_AT_ONCE)
		frame_flush(frame, sources);
}

Datum
relmeta_trigger_source_changed(PG_FUNCTION_ARGS)
{
	TriggerData *trigdata = (TriggerData *) fcinfo->context;
	MemoryContext query = MemoryContextGetParent(CurrentMemoryContext);
	TriggerSources *sources;

	if (!CALLED_AS_TRIGGER(fcinfo) || !TRIGGER_FIRED_AFTER(trigdata->tg_event))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("function \"trigger_source_changed\" is for AFTER triggers"),
				 errhint("Call relmeta.register_principals() or relmeta.register_memberships(), which make them.")));

	sources = trigger_sources(fcinfo->flinfo, trigdata->tg_relation);
	if (sources->n == 0)
		return PointerGetDatum(NULL);
	if (TRIGGER_FIRED_FOR_ROW(trigdata->tg_event))
		row_trigger(trigdata, sources, query);
	else if (TRIGGER_FIRED_BY_TRUNCATE(trigdata->tg_event))
	{
		for (int i = sources->n - 1; i >= 0; i--)
			model_source_sweep(sources->sources[i].source);
	}
	else
	{
		SourceFrame *frame = frame_find(query, sources->root);

		if (frame != NULL)
			frame_flush(frame, sources);
	}
	return PointerGetDatum(NULL);
}
