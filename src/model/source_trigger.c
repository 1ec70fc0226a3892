/*
 * source_trigger.c
 *		Keeps principals and memberships in step with the rows they come from.
 *
 *	trigger_source_changed	AFTER INSERT OR UPDATE OR DELETE, row; the source
 *	trigger_source_changed	AFTER TRUNCATE, statement; the source and every partition
 *
 * It does nothing on a table that is no source, whoever made a trigger of it.
 * What it writes, it writes as the extension's owner.
 */
#include "relmeta.h"

#include "access/htup_details.h"
#include "catalog/partition.h"
#include "commands/trigger.h"
#include "model/internal.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"

PG_FUNCTION_INFO_V1(relmeta_trigger_source_changed);

/* a source, and where one physical table has its columns; NULL names are of columns it does not use */
typedef struct TriggerSource
{
	Source	   *source;
	AttrNumber	key;
	AttrNumber	team;
	AttrNumber	member;
} TriggerSource;

/* in fn_extra, for the rest of the query */
typedef struct TriggerSources
{
	Oid			relid;
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

static TriggerSources *
trigger_sources(FmgrInfo *flinfo, Relation rel)
{
	TriggerSources *known = flinfo->fn_extra;
	MemoryContext outer;
	List	   *relids;
	ListCell   *lc;

	if (known != NULL && known->relid == RelationGetRelid(rel))
		return known;

	outer = MemoryContextSwitchTo(flinfo->fn_mcxt);
	relids = list_make1_oid(RelationGetRelid(rel));
	if (rel->rd_rel->relispartition)
		relids = list_concat(relids, get_partition_ancestors(RelationGetRelid(rel)));
	known = palloc0(sizeof(TriggerSources));
	relids = model_sources(relids, true);
	known->sources = palloc0((list_length(relids) + 1) * sizeof(TriggerSource));
	foreach(lc, relids)
	{
		TriggerSource *ts = &known->sources[known->n++];

		ts->source = lfirst(lc);
		if (ts->source->is_memberships)
		{
			ts->team = get_attnum(RelationGetRelid(rel), ts->source->team.name);
			ts->member = get_attnum(RelationGetRelid(rel), ts->source->member.name);
		}
		else
			ts->key = get_attnum(RelationGetRelid(rel), ts->source->key.name);
	}
	known->relid = RelationGetRelid(rel);
	flinfo->fn_extra = known;
	MemoryContextSwitchTo(outer);
	return known;
}

static char *
name_in(HeapTuple tuple, TupleDesc desc, ModelColumn *column, AttrNumber attnum)
{
	bool		isnull;
	Datum		value = heap_getattr(tuple, attnum, desc, &isnull);

	return isnull ? NULL : model_source_text(column, value);
}

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
pair_came(Source *source, const char *team, const char *member)
{
	Datum		values[3];

	model_source_check_named(source, team, true);
	model_source_check_named(source, member, false);
	values[0] = CStringGetTextDatum(team);
	values[1] = CStringGetTextDatum(member);
	values[2] = ObjectIdGetDatum(source->relid);
	model_statement_run(STATEMENT_ADD_MEMBER, values, NULL);
}

/* The pair may be there by another row, or by another pair of the table's columns. */
static void
pair_gone(TriggerSources *sources, Source *source, const char *team, const char *member)
{
	Datum		values[3];

	for (int i = 0; i < sources->n; i++)
	{
		Source	   *other = sources->sources[i].source;

		if (other->is_memberships && other->relid == source->relid && model_source_has_pair(other, team, member))
			return;
	}
	values[0] = CStringGetTextDatum(team);
	values[1] = CStringGetTextDatum(member);
	values[2] = ObjectIdGetDatum(source->relid);
	model_statement_run(STATEMENT_REMOVE_MEMBER, values, NULL);
}

/* The row with that key is gone, unless it only moved to another partition or came again. */
static void
principal_gone(Source *source, char *principal)
{
	PrincipalRow row;

	if (model_principal_read(principal, &row) && row.source == source->relid &&
		!model_source_has_key(source, principal))
		model_principals_drop(list_make1(principal));
}

/* New principals first, old ones last: what refers to them is put in order between. */
static void
row_changed(TriggerSources *sources, HeapTuple old, HeapTuple new, TupleDesc desc)
{
	RowNames   *before = palloc((sources->n + 1) * sizeof(RowNames));
	RowNames   *after = palloc((sources->n + 1) * sizeof(RowNames));
	int			i;

	for (i = 0; i < sources->n; i++)
	{
		read_names(&before[i], &sources->sources[i], old, desc);
		read_names(&after[i], &sources->sources[i], new, desc);
	}
	for (i = 0; i < sources->n; i++)
	{
		if (after[i].key != NULL && !same_name(before[i].key, after[i].key))
			model_source_came(sources->sources[i].source, after[i].key);
	}
	for (i = 0; i < sources->n; i++)
	{
		if (same_name(before[i].team, after[i].team) && same_name(before[i].member, after[i].member))
			continue;
		if (after[i].team != NULL)
			pair_came(sources->sources[i].source, after[i].team, after[i].member);
		if (before[i].team != NULL)
			pair_gone(sources, sources->sources[i].source, before[i].team, before[i].member);
	}
	for (i = 0; i < sources->n; i++)
	{
		if (before[i].key != NULL && !same_name(before[i].key, after[i].key))
			principal_gone(sources->sources[i].source, before[i].key);
	}
}

Datum
relmeta_trigger_source_changed(PG_FUNCTION_ARGS)
{
	TriggerData *trigdata = (TriggerData *) fcinfo->context;
	TriggerSources *sources;
	Relation	rel;
	HeapTuple	old = NULL;
	HeapTuple	new = NULL;

	if (!CALLED_AS_TRIGGER(fcinfo) || !TRIGGER_FIRED_AFTER(trigdata->tg_event) ||
		(TRIGGER_FIRED_FOR_STATEMENT(trigdata->tg_event) && !TRIGGER_FIRED_BY_TRUNCATE(trigdata->tg_event)))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("function \"trigger_source_changed\" is for AFTER triggers, per row or on TRUNCATE"),
				 errhint("Call relmeta.register_principals() or relmeta.register_memberships(), which make them.")));

	rel = trigdata->tg_relation;
	sources = trigger_sources(fcinfo->flinfo, rel);
	if (sources->n == 0)
		return PointerGetDatum(NULL);
	if (TRIGGER_FIRED_FOR_STATEMENT(trigdata->tg_event))
	{
		for (int i = sources->n - 1; i >= 0; i--)
			model_source_sweep(sources->sources[i].source);
		return PointerGetDatum(NULL);
	}

	if (TRIGGER_FIRED_BY_INSERT(trigdata->tg_event))
		new = trigdata->tg_trigtuple;
	else
	{
		old = trigdata->tg_trigtuple;
		if (TRIGGER_FIRED_BY_UPDATE(trigdata->tg_event))
			new = trigdata->tg_newtuple;
	}
	row_changed(sources, old, new, RelationGetDescr(rel));
	return PointerGetDatum(NULL);
}
