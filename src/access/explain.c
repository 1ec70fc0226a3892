/*
 * explain.c
 *		explain_access: every ground on which a row is held, and where it comes from (SEMANTICS 2.5).
 *
 * An inherited entry is followed up through its relationship's lookup, row by
 * row, to the rows where the chain starts: owned by, or granted to, the
 * principal.  The walk keeps its own stack: a hierarchy may be deep.
 */
#include "relmeta.h"

#include "access/access.h"
#include "access/statement.h"
#include "common/hashfn.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "model/key.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/tuplestore.h"

PG_FUNCTION_INFO_V1(relmeta_explain_access);

/* a row on the way up */
typedef struct Step
{
	ModelTable *table;
	Datum		key;
	int			relationship;	/* that its entry came through */
	char		cause;
	int32		bits;			/* of the row asked about that may come from
								 * here */
	int			depth;
} Step;

typedef struct Explain
{
	Model	   *model;
	ModelTable *asked;			/* the table that the caller named */
	ReturnSetInfo *result;
	const char *holder;			/* the principal or one of its teams */
	bool		is_team;
	HTAB	   *seen;			/* the steps of one entry: "table relationship
								 * cause key" */
	List	   *stack;			/* Step * */
	HTAB	   *found;			/* the holder's grounds: "ground relationship
								 * table depth key" */
	List	   *grounds;		/* Ground *, in the order found */
	int32		cap;			/* SEMANTICS 2.1 */
} Explain;

/* A row of the result; what comes from one origin by several entries is one ground. */
typedef struct Ground
{
	const char *ground;
	int32		rights;
	const char *relationship;
	ModelTable *source;
	Datum		key;			/* of the row of source */
	const char *source_key;		/* the same, as text */
	int			depth;
} Ground;

/* By hash of a name: what has been followed or found already. */
typedef struct Seen
{
	uint64		hash[2];
	int32		bits;			/* of a step: those that were followed */
	Ground	   *ground;			/* of a ground */
} Seen;

static HTAB *
seen_make(const char *name)
{
	HASHCTL		ctl = {0};

	ctl.keysize = sizeof(((Seen *) NULL)->hash);
	ctl.entrysize = sizeof(Seen);
	ctl.hcxt = CurrentMemoryContext;
	return hash_create(name, 64, &ctl, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
}

/* The entry of a name, which is freed; empty when it is new. */
static Seen *
seen_entry(HTAB *seen, char *name)
{
	uint64		hash[2];
	bool		found;
	Seen	   *entry;

	hash[0] = hash_bytes_extended((unsigned char *) name, (int) strlen(name), 0);
	hash[1] = hash_bytes_extended((unsigned char *) name, (int) strlen(name), 1);
	pfree(name);
	entry = hash_search(seen, hash, HASH_ENTER, &found);
	if (!found)
	{
		entry->bits = 0;
		entry->ground = NULL;
	}
	return entry;
}

static void
add_ground(Explain *explain, const char *ground, int32 rights, const char *relationship, ModelTable *source,
		   Datum key, int depth)
{
	const char *source_key = model_key_output(source, key);
	Seen	   *seen = seen_entry(explain->found, psprintf("%s %u %d %zu %s %s", ground, source->relid, depth,
														   strlen(source_key), source_key,
														   relationship != NULL ? relationship : ""));

	if (seen->ground == NULL)
	{
		seen->ground = palloc(sizeof(Ground));
		*seen->ground = (Ground)
		{
			ground, 0, relationship, source, key, source_key, depth
		};
		explain->grounds = lappend(explain->grounds, seen->ground);
	}
	seen->ground->rights |= rights;
}

/* The caller may read the row asked about, and perhaps not this one, of whose table he may know nothing. */
static bool
source_is_readable(Explain *explain, Ground *ground)
{
	bool	   *readable = access_readable(ground->source, &ground->key, 1, ground->source == explain->asked);

	return readable != NULL && readable[0];
}

static void
put_ground(Explain *explain, Ground *ground)
{
	Datum		values[7];
	bool		nulls[7] = {false};

	if ((ground->rights & explain->cap) == 0)
		return;
	values[0] = CStringGetTextDatum(ground->ground);
	nulls[1] = !explain->is_team;
	if (explain->is_team)
		values[1] = CStringGetTextDatum(explain->holder);
	values[2] = PointerGetDatum(access_rights_array(ground->rights & explain->cap));
	nulls[3] = ground->relationship == NULL;
	if (ground->relationship != NULL)
		values[3] = CStringGetTextDatum(ground->relationship);
	values[4] = ObjectIdGetDatum(ground->source->relid);
	nulls[5] = !source_is_readable(explain, ground);
	if (!nulls[5])
		values[5] = CStringGetTextDatum(ground->source_key);
	values[6] = Int32GetDatum(ground->depth);
	tuplestore_putvalues(explain->result->setResult, explain->result->setDesc, values, nulls);
}

/* A row and its owner; the key as the row spells it, which equals the one given. */
static bool
read_row(ModelTable *table, Datum *key, Datum *owner, bool *owner_null)
{
	ModelColumn *columns[MODEL_KEY_COLUMNS + 1];
	Datum		values[MODEL_KEY_COLUMNS + 1];
	bool		nulls[MODEL_KEY_COLUMNS + 1];
	bool		isnull;
	int			n = model_columns_append(&table->key, columns);

	columns[n] = &table->owner;
	values[n] = (Datum) 0;
	nulls[n] = true;
	if (!access_read_columns(table, *key, table->owner.name != NULL ? n + 1 : n, columns, values, nulls))
		return false;
	*key = model_columns_value(&table->key, values, nulls, &isnull);
	*owner = values[n];
	*owner_null = nulls[n];
	return true;
}

static bool
holder_owns(Explain *explain, ModelTable *table, Datum owner, bool owner_null)
{
	Datum		holder;

	return !owner_null && model_principal_value(explain->holder, &table->owner.type, &holder) &&
		model_type_equal(&table->owner.type, owner, holder);
}

/* The row that a row's entry came from: what the relationship's lookup points to now. */
typedef struct Above
{
	ModelRelationship *relationship;
	Datum		related;		/* the key of the row below */
	const char *holder;
	bool		exists;
	Datum		key;
	Datum		owner;
	bool		owner_null;
	List	   *entries;		/* AccessEntry * */
} Above;

static void
look_at_lookup(void *arg)
{
	Above	   *above = arg;
	bool		isnull;

	above->key = access_read_lookup(above->relationship, above->related, &isnull);
	above->exists = !isnull;
}

static void
look_at_primary(void *arg)
{
	Above	   *above = arg;
	ModelTable *primary = above->relationship->primary;

	above->exists = read_row(primary, &above->key, &above->owner, &above->owner_null);
	if (above->exists)
		above->entries = access_entry_list(primary, above->key, above->holder);
}

/* False when there is none.  The caller may have no privilege on either table. */
static bool
read_above(Explain *explain, Step *step, Above *above)
{
	ModelRelationship *relationship = model_relationship_by_id(explain->model, step->relationship);

	memset(above, 0, sizeof(Above));
	if (relationship == NULL || relationship->broken != NULL || relationship->related->relid != step->table->relid)
		return false;
	above->relationship = relationship;
	above->related = step->key;
	above->holder = explain->holder;
	access_look(relationship->related, look_at_lookup, above);
	if (above->exists)
		access_look(relationship->primary, look_at_primary, above);
	return above->exists;
}

static void
push(Explain *explain, ModelTable *table, Datum key, AccessEntry *entry, int32 bits, int depth)
{
	Step	   *step = palloc(sizeof(Step));
	Seen	   *seen;

	step->table = table;
	step->key = key;
	step->relationship = entry->relationship;
	step->cause = entry->cause;
	step->depth = depth;
	seen = seen_entry(explain->seen, psprintf("%u %d %c %s", table->relid, entry->relationship, entry->cause,
											  model_key_output(table, key)));
	step->bits = bits & ~seen->bits;
	seen->bits |= bits;
	if (step->bits != 0)
		explain->stack = lappend(explain->stack, step);
}

/*
 * One step up: the origins at the primary row are put out, what it inherited
 * itself is followed.  A share entry comes from what is held by grant or share
 * (rule 1 (i): or else by reparent; and what an owner does not lose with a grant
 * it has by ownership), a reparent entry from everything.  Bits that the primary
 * row no longer gives end here.
 */
static void
follow(Explain *explain, Step *step, const char *relationship)
{
	Above		above;
	ModelTable *primary;
	Datum		key;
	int32		given = 0;
	int32		by_share = 0;
	int32		owned = 0;
	int32		rest;
	ListCell   *lc;

	if (!read_above(explain, step, &above))
	{
		add_ground(explain, "inherited", step->bits, relationship, step->table, step->key, step->depth);
		return;
	}
	primary = above.relationship->primary;
	key = above.key;
	foreach(lc, above.entries)
	{
		AccessEntry *entry = lfirst(lc);

		given |= entry->mask & step->bits;
		if (step->cause == CAUSE_SHARE && entry->cause != CAUSE_REPARENT)
			by_share |= entry->mask;
	}
	if (holder_owns(explain, primary, above.owner, above.owner_null))
		owned = step->bits & RIGHTS_ALL & ~(step->cause == CAUSE_SHARE ? given : 0);
	if (owned != 0)
		add_ground(explain, "inherited", owned, relationship, primary, key, step->depth + 1);
	foreach(lc, above.entries)
	{
		AccessEntry *entry = lfirst(lc);
		int32		bits = entry->mask & step->bits & ~(entry->cause == CAUSE_REPARENT ? by_share : 0);

		if (bits != 0 && entry->cause == CAUSE_DIRECT)
			add_ground(explain, "inherited", bits, relationship, primary, key, step->depth + 1);
		else if (bits != 0)
			push(explain, primary, key, entry, bits, step->depth + 1);
	}
	rest = step->bits & ~(given | owned);
	if (rest != 0)
		add_ground(explain, "inherited", rest, relationship, step->table, step->key, step->depth);
}

/* One inherited entry of the row asked about, to all of its origins. */
static void
explain_entry(Explain *explain, ModelTable *table, Datum key, AccessEntry *entry)
{
	ModelRelationship *relationship = model_relationship_by_id(explain->model, entry->relationship);

	explain->seen = seen_make("relmeta explained rows");
	explain->stack = NIL;
	push(explain, table, key, entry, entry->mask, 0);
	while (explain->stack != NIL)
	{
		Step	   *step = llast(explain->stack);

		CHECK_FOR_INTERRUPTS();
		explain->stack = list_delete_last(explain->stack);
		follow(explain, step, relationship != NULL ? relationship->name : NULL);
	}
	hash_destroy(explain->seen);
}

static void
explain_holder(Explain *explain, ModelTable *table, Datum key, Datum owner, bool owner_null)
{
	List	   *entries = access_entry_list(table, key, explain->holder);
	ListCell   *lc;

	explain->found = seen_make("relmeta grounds");
	explain->grounds = NIL;
	if (holder_owns(explain, table, owner, owner_null))
		add_ground(explain, "owner", RIGHTS_ALL, NULL, table, key, 0);
	/* each principal's own: not one more for each of its teams */
	if (table->everyone != 0 && !explain->is_team)
		add_ground(explain, "everyone", table->everyone, NULL, table, key, 0);
	foreach(lc, entries)
	{
		AccessEntry *entry = lfirst(lc);

		if (entry->cause == CAUSE_DIRECT)
			add_ground(explain, "direct", entry->mask, NULL, table, key, 0);
		else
			explain_entry(explain, table, key, entry);
	}
	foreach(lc, explain->grounds)
		put_ground(explain, lfirst(lc));
	hash_destroy(explain->found);
}

/* relmeta.explain_access(relation, key, principal) */
static Datum
explain_access(PG_FUNCTION_ARGS)
{
	Explain		explain = {0};
	ModelTable *table;
	Datum		key;
	List	   *principals;
	Datum		owner = (Datum) 0;
	bool		owner_null;
	ListCell   *lc;

	InitMaterializedSRF(fcinfo, 0);
	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		return (Datum) 0;
	explain.model = model_current();
	explain.result = (ReturnSetInfo *) fcinfo->resultinfo;
	model_pin(explain.model, CurrentMemoryContext);
	table = explain.asked = model_table_required(explain.model, PG_GETARG_OID(0));
	key = model_key_argument(fcinfo, 1, table);
	principals = access_asked_principals(fcinfo, table, key, PG_ARGISNULL(2) ? NULL :
										 text_to_cstring(PG_GETARG_TEXT_PP(2)), &explain.cap);
	if (!access_may_select(table) || !read_row(table, &key, &owner, &owner_null) || !access_may_read(table, key))
		return (Datum) 0;
	foreach(lc, principals)
	{
		explain.holder = lfirst(lc);
		explain.is_team = foreach_current_index(lc) > 0;
		explain_holder(&explain, table, key, owner, owner_null);
	}
	return (Datum) 0;
}

Datum
relmeta_explain_access(PG_FUNCTION_ARGS)
{
	return access_as_statement(fcinfo, explain_access);
}
