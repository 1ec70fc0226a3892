/*
 * settle.c
 *		What rows hold through one relationship becomes what rules 2 and 4 give now (SEMANTICS 2.6,
 *		reset_inherited_access).
 *
 * For a row with primary row p, where share matches, P's share entry is what P's direct and share entries on p hold;
 * where reparent matches, P's reparent entry is eff(p, P).  The row's own owner has none (SEMANTICS 3.2 and 3.4 say
 * why).  All other entries through the relationship go.
 *
 * For example, share and reparent are all; account 8 is ann's, and on it bob holds read by a direct entry and write by
 * a reparent entry; item 10 is cid's and points to account 8.  What is held on item 10 through the relationship, by
 * share and by reparent:
 *
 *		principal	had				is to have
 *		ann			-		-		-		all				owns the account
 *		bob			read	-		read	read, write		the share entry stays
 *		dan			write	-		-		-				goes: he has lost write on the account
 */
#include "relmeta.h"

#include "inherit/inherit.h"
#include "miscadmin.h"
#include "utils/memutils.h"

/* What a principal had on a row through the relationship, and is to have. */
typedef struct Claim
{
	int32		had[2];			/* by GainKind */
	int32		wanted[2];
	bool		there[2];		/* such an entry is there */
	int32		others;			/* inherited through other relationships */
} Claim;

/* What a row points to. */
typedef struct Link
{
	int			parent;			/* number among the parents; -1: none */
	bool		is_active;
} Link;

typedef struct Settling
{
	Effects    *effects;
	ModelRelationship *relationship;
	TableEffects *related_effects;
	Store	   *store;			/* of the related table */
	Settled    *settled;
	KeyMap	   *links;			/* Link by the row's key; NULL: nothing is
								 * given */
	Parents    *parents;

	/* of one row, in a memory context that is reset after each */
	MemoryContext cxt;
	bool		matches[2];		/* by GainKind */
	Holders		holders;
	Claim	   *claims;			/* by Holder.number */
	int			capacity;
} Settling;

/* ---- what the rows point to ---- */

/* Holds the primary rows of those rows, before the rows themselves as everywhere. */
static void
hold_parents(ModelRelationship *relationship, DatumSet *keys)
{
	DatumSet   *found;
	RowList    *rows = rows_linked(relationship, keys, BEHAVIOR_ALL, NULL, &found);

	(void) rows_get(relationship->primary, rows_list_distinct(rows, 0, rows->nrows, LINKED_LOOKUP), ROW_KEY_SHARE);
}

/* The rows are held: what they point to by now is held, too, before it is looked at. */
static void
read_links(Settling *settling, DatumSet *keys)
{
	ModelRelationship *relationship = settling->relationship;
	bool		by_state = relationship->behavior[ACTION_SHARE] == BEHAVIOR_ACTIVE ||
	relationship->behavior[ACTION_REPARENT] == BEHAVIOR_ACTIVE;
	DatumSet   *found;
	DatumSet   *active = NULL;
	RowList    *rows = rows_linked(relationship, keys, BEHAVIOR_ALL, NULL, &found);
	Datum		values[3];
	bool		nulls[3];

	if (by_state)
		(void) rows_linked(relationship, keys, BEHAVIOR_ACTIVE, NULL, &active);
	settling->parents = inherit_parents_read(settling->effects, relationship->primary,
											 rows_list_distinct(rows, 0, rows->nrows, LINKED_LOOKUP), true, NULL);
	settling->links = rows_map_make(keys->type, sizeof(Link));
	for (int64 row = 0; row < rows->nrows; row++)
	{
		Link	   *link;

		rows_list_get(rows, row, values, nulls);
		link = rows_map_enter(settling->links, values[LINKED_KEY], NULL);
		link->parent = inherit_parents_index(settling->parents, values[LINKED_LOOKUP]);
		link->is_active = active == NULL || rows_set_find(active, values[LINKED_KEY]) >= 0;
	}
}

/* ---- one row ---- */

static Claim *
claim_of(Settling *settling, Datum principal)
{
	ModelType  *type = model_principal(settling->relationship->related);
	Holder	   *holder = inherit_holder(&settling->holders, type, principal);

	if (holder->number >= settling->capacity)
	{
		int			had = settling->capacity;

		settling->capacity = Max(8, 2 * had);
		settling->claims = had == 0 ? palloc(settling->capacity * sizeof(Claim)) :
			repalloc_huge(settling->claims, settling->capacity * sizeof(Claim));
		memset(settling->claims + had, 0, (settling->capacity - had) * sizeof(Claim));
	}
	return &settling->claims[holder->number];
}

/* A principal holds bits on the primary row, and shared of them so that sharing passes them on. */
static void
want(Datum principal, int32 bits, int32 shared, void *arg)
{
	Settling   *settling = arg;
	Claim	   *claim;

	if (!settling->matches[GAIN_REPARENT] && shared == 0)
		return;
	claim = claim_of(settling, principal);
	if (settling->matches[GAIN_SHARE])
		claim->wanted[GAIN_SHARE] = shared;
	if (settling->matches[GAIN_REPARENT])
		claim->wanted[GAIN_REPARENT] = bits;
}

/* What the row's primary row gives, where they match. */
static void
want_given(Settling *settling, Datum key, NullableDatum *owner)
{
	ModelBehavior *behavior = settling->relationship->behavior;
	Link	   *link = settling->links != NULL ? rows_map_find(settling->links, key) : NULL;
	bool		same_owner;

	if (link == NULL || link->parent < 0)
		return;
	same_owner = !owner->isnull && inherit_parents_owned_by(settling->parents, link->parent, owner->value);
	settling->matches[GAIN_SHARE] = rows_matches(behavior[ACTION_SHARE], link->is_active, same_owner);
	settling->matches[GAIN_REPARENT] = rows_matches(behavior[ACTION_REPARENT], link->is_active, same_owner);
	if (settling->matches[GAIN_SHARE] || settling->matches[GAIN_REPARENT])
		inherit_parents_each(settling->parents, link->parent, owner, want, settling);
}

/* An inherited entry on the row becomes what it is to be; false when it is gone. */
static bool
settle_entry(Settling *settling, StoredEntry *entry)
{
	GainKind	kind = entry->cause == CAUSE_SHARE ? GAIN_SHARE : GAIN_REPARENT;
	Claim	   *claim = claim_of(settling, entry->principal);

	if (entry->relationship != settling->relationship->id)
	{
		claim->others |= entry->mask;
		return true;
	}
	claim->had[kind] |= entry->mask;
	claim->there[kind] = claim->wanted[kind] != 0;
	return entry->mask == claim->wanted[kind] ||
		access_store_set_mask(settling->store, entry, claim->wanted[kind]);
}

/* Somebody may be taking a dropped principal's entries, row held or not: then once more. */
static void
settle_entries(Settling *settling, Datum key)
{
	StoredEntry entry;
	bool		vanished;

	do
	{
		vanished = false;
		CHECK_FOR_INTERRUPTS();
		access_store_find(settling->store, 1, &key);
		while (access_store_next_entry(settling->store, &entry))
			if (entry.cause != CAUSE_DIRECT && !settle_entry(settling, &entry))
				vanished = true;
		if (!vanished)
			break;
		access_store_refresh(settling->store);
		for (int i = 0; i < settling->holders.count; i++)
			memset(settling->claims[i].there, false, sizeof(settling->claims[i].there));
	} while (vanished);
}

/* Makes the entries that are missing, and tells what has become of the principal's. */
static void
settle_claim(Settling *settling, Datum key, Datum principal, Claim *claim)
{
	static const char causes[2] = {CAUSE_SHARE, CAUSE_REPARENT};	/* by GainKind */
	Settled    *settled = settling->settled;
	int32		had = claim->had[GAIN_SHARE] | claim->had[GAIN_REPARENT];
	int32		left = claim->wanted[GAIN_SHARE] | claim->wanted[GAIN_REPARENT] | claim->others;

	for (int kind = 0; kind < 2; kind++)
	{
		if (claim->wanted[kind] != 0 && !claim->there[kind])
		{
			access_store_insert_entry(settling->store, key, principal, settling->relationship->id, causes[kind],
									  claim->wanted[kind]);
			inherit_effects_given(settling->effects, settling->related_effects, principal);
		}
		settled->examined += claim->had[kind] != 0 || claim->wanted[kind] != 0;
		if (claim->had[kind] != claim->wanted[kind])
			rows_set_add(settled->changed, key);
	}
	if ((had & ~left) != 0)
		inherit_effects_shrunk(settling->effects, settling->related_effects->table, key, principal, left != 0);
}

static void
settle_row(Settling *settling, Datum key, NullableDatum *owner)
{
	MemoryContext old = MemoryContextSwitchTo(settling->cxt);

	want_given(settling, key, owner);
	settle_entries(settling, key);
	for (Holder *holder = settling->holders.first; holder != NULL; holder = holder->next)
		settle_claim(settling, key, holder->principal, &settling->claims[holder->number]);
	MemoryContextSwitchTo(old);
	MemoryContextReset(settling->cxt);
	memset(&settling->holders, 0, sizeof(Holders));
	settling->claims = NULL;
	settling->capacity = 0;
}

/* ---- the rows ---- */

static bool
gives(ModelRelationship *relationship)
{
	return inherit_same_principals(relationship) &&
		(behavior_cascades(relationship->behavior[ACTION_SHARE]) ||
		 behavior_cascades(relationship->behavior[ACTION_REPARENT]));
}

void
inherit_settle(Effects *effects, ModelRelationship *relationship, DatumSet *keys, Settled *settled)
{
	Settling	settling = {effects, inherit_effects_relationship(effects, relationship)};
	RowSet	   *locked;
	DatumSet   *found;

	memset(settled, 0, sizeof(Settled));
	settled->changed = rows_set_make(keys->type);
	if (settling.relationship == NULL || !OidIsValid(settling.relationship->related->entry_relid))
		return;
	relationship = settling.relationship;
	if (gives(relationship))
		hold_parents(relationship, keys);
	locked = rows_get(relationship->related, keys, ROW_UPDATE);
	for (int k = 0; k < keys->count; k++)
		settled->missed |= locked->found[k] < 0;
	found = locked->owners->keys;
	if (gives(relationship))
		read_links(&settling, found);
	settling.settled = settled;
	settling.related_effects = inherit_effects_table(effects, relationship->related->relid);
	settling.store = inherit_effects_store(effects, settling.related_effects->table);
	settling.cxt = AllocSetContextCreate(CurrentMemoryContext, "relmeta settled row", ALLOCSET_DEFAULT_SIZES);
	access_store_refresh(settling.store);
	for (int i = 0; i < found->count; i++)
		settle_row(&settling, found->values[i], rows_owner(locked, i));
	MemoryContextDelete(settling.cxt);
	/* rows below, and of the next batch, inherit from these */
	access_store_refresh(settling.store);
	inherit_effects_run(effects);
}
