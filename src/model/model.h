/*
 * model.h
 *		What is declared: registered tables, principals, relationships.
 *
 * The model is a backend-local picture of relmeta's catalog tables.  It is read as it is asked for: a table when it is
 * first met, its relationships, with the tables at their other ends, when they are first gone through, everything for
 * who goes through all tables.  What was once read does not change.  It lives in a memory context of its own, and
 * becomes stale when a catalog row or the definition of a table that was read changes (relcache invalidation) and
 * at (sub)transaction abort; the next model_current() then begins a new one.  A model that is stale but pinned may be
 * asked for more: load.c and relationship.c say what it tells then.
 *
 * MEMORY RULE.  A pointer into the model is valid until the next model_current() (which anything may call that runs
 * statements or triggers), unless the model was pinned with model_pin(): then until the pinning memory context is reset
 * or deleted.  Nobody outside model/ writes or frees any of it.
 */
#ifndef RELMETA_MODEL_H
#define RELMETA_MODEL_H

#include "model/since.h"
#include "model/type.h"
#include "relmeta.h"

#include "access/attnum.h"
#include "nodes/lockoptions.h"
#include "nodes/pg_list.h"
#include "utils/array.h"
#include "utils/hsearch.h"
#include "utils/relcache.h"

/* in the order of SEMANTICS 2.3; the catalog's columns have these names */
typedef enum ModelAction
{
	ACTION_ASSIGN,
	ACTION_REPARENT,
	ACTION_SHARE,
	ACTION_UNSHARE,
	ACTION_DELETE,
	ACTION_MERGE,
	ACTION_ROLLUP_VIEW
} ModelAction;

#define MODEL_ACTIONS (ACTION_ROLLUP_VIEW + 1)

/* in the order of the enum relmeta.behavior */
typedef enum ModelBehavior
{
	BEHAVIOR_NONE,
	BEHAVIOR_ALL,
	BEHAVIOR_ACTIVE,
	BEHAVIOR_USER_OWNED,
	BEHAVIOR_REMOVE_LINK,
	BEHAVIOR_RESTRICT
} ModelBehavior;

#define MODEL_BEHAVIORS (BEHAVIOR_RESTRICT + 1)

#define behavior_cascades(b) \
	((b) == BEHAVIOR_ALL || (b) == BEHAVIOR_ACTIVE || (b) == BEHAVIOR_USER_OWNED)

/* right bits as stored, SEMANTICS 2.5 */
#define RIGHT_READ		1
#define RIGHT_WRITE		2
#define RIGHT_APPEND	4
#define RIGHT_APPEND_TO	16
#define RIGHT_CREATE	32
#define RIGHT_DELETE	65536
#define RIGHT_SHARE		262144
#define RIGHT_ASSIGN	524288
#define RIGHTS_ALL		851991	/* all but create: what an owner has */

/* one column of a registered table, as found in the registered (root) table */
typedef struct ModelColumn
{
	char	   *name;			/* NULL: the table has no such column declared */
	char	   *sql_name;		/* quote_identifier(name) */
	AttrNumber	attnum;			/* in the root; a leaf has its own, see
								 * ModelLeaf */
	bool		not_null;
	bool		going;			/* this transaction is dropping it */
	ModelType	type;
} ModelColumn;

/* The columns in which a relation holds a key.  Which they are, and how many, is for model/ alone: see key.h. */
typedef struct ModelKeyColumns
{
	ModelColumn only;
} ModelKeyColumns;

/* The same, in a partition, say. */
typedef struct ModelKeyAttnums
{
	AttrNumber	only;			/* InvalidAttrNumber: it has none */
} ModelKeyAttnums;

struct ModelRelationship;

/* a registered table */
typedef struct ModelTable
{
	Oid			relid;			/* hash key */
	char	   *stable_name;	/* registered_table.name: tgargs[0] of its
								 * triggers */
	char	   *sql_name;		/* quoted, schema-qualified */
	Oid			relowner;		/* pg_class.relowner when the model was read */
	bool		is_partitioned;
	bool		is_system;
	bool		access_control;
	bool		force_access_control;
	int32		everyone;		/* rights that each principal holds on each
								 * row */
	bool		default_owner;
	ModelKeyColumns key;
	ModelColumn owner;			/* name NULL: organization-owned */
	ModelColumn state;			/* name NULL: all rows are active */
	int			nactive;
	Datum	   *active_states;	/* of the state column's type */
	char	  **active_texts;	/* the same, as registered */
	char	   *inactive_state; /* may be NULL */
	Oid			entry_relid;	/* InvalidOid: none that we know of, see
								 * entries.c */
	char	   *entry_sql;		/* quoted, schema-qualified */
	bool		entries_lost;	/* it had one, which somebody has dropped */
	char	   *broken;			/* why it cannot be used (a missing table or
								 * column), else NULL */
	bool		going;			/* this transaction is dropping it, or its
								 * key: it is as if it were not registered */
	/* for model/ alone: see model_as_primary() */
	struct Model *model;		/* that it is part of; NULL: of no more than a
								 * relationship that is broken */
	bool		linked;			/* the lists are whole */
	List	   *primary_in;		/* ModelRelationship *, by id */
	List	   *related_in;
	bool		knows_principal;
	ModelType	principal;		/* see model_principal() */
	bool		knows_links;
	List	   *links;			/* see model_links_of() */
} ModelTable;

/* a 1:N relationship */
typedef struct ModelRelationship
{
	int			id;				/* relationship.relationship_id */
	char	   *name;
	ModelTable *primary;
	ModelTable *related;
	ModelKeyColumns lookup;		/* of related */
	ModelColumn type_column;	/* name NULL: not a multi-table lookup */
	char	   *type_value;		/* what type_column holds for this primary
								 * table */
	ModelBehavior behavior[MODEL_ACTIONS];
	bool		is_hierarchical;
	char		deferrable;		/* 0: these are not looked up; see */
	char		left_by[2];		/* model_relationship_deferrable(), _left() */
	bool		foreign_key;	/* a native key guards it, else triggers do */
	bool		is_parental;	/* derived, SEMANTICS 1 */
	bool		passes_access;	/* not by delete alone; no cycle across tables */
	bool		refuses_loops;	/* self-referencing and parental or
								 * hierarchical: SEMANTICS 3.8 */
	char	   *broken;			/* why it cannot be used, else NULL */
	bool		going;			/* this transaction is dropping what it needs:
								 * its tables do not list it */
} ModelRelationship;

/*
 * The columns of one physical table: the registered table itself or one of its
 * partitions at any level.  Row triggers read tuples through it.
 */
typedef struct ModelLeaf
{
	Oid			relid;			/* hash key */
	ModelTable *table;			/* the registered root; NULL: neither it nor
								 * an ancestor is registered */
	ModelKeyAttnums key;
	AttrNumber	owner;			/* InvalidAttrNumber without owner column */
	AttrNumber	state;
	struct
	{
		ModelKeyAttnums lookup;
		AttrNumber	type_column;	/* InvalidAttrNumber where there is none */
	}		   *lookups;		/* parallel to model_as_related(table) */
} ModelLeaf;

/*
 * An N:N relationship, SEMANTICS 2.4.  While it is pending there is no
 * intersect table, and perhaps not both tables.
 */
typedef struct ModelIntersect
{
	int			id;				/* of the same sequence as relationship ids */
	char	   *name;			/* of the same name space as relationships'
								 * names */
	Oid			relid;			/* the intersect table; InvalidOid: pending */
	Oid			relowner;		/* pg_class.relowner when the model was read */
	char	   *sql_name;		/* quoted, schema-qualified; NULL: pending */
	Oid			table[2];		/* InvalidOid while there is no such table */
	ModelKeyColumns column[2];	/* of the intersect table; only the names
								 * while pending */
	List	   *unique_by;		/* char *: attributes that join the key */
	bool		is_adopted;
	bool		is_symmetric;
	bool		allow_self;
	bool		surrogate_key;
	bool		allow_duplicates;
	char	   *broken;			/* why it cannot be used, else NULL */
	struct Model *model;		/* that it is part of */
} ModelIntersect;

typedef struct Model Model;

/* ---- cache.c: the current model; load.c, relationship.c, load_all.c, look.c: what is in it ---- */

/* The current picture; begins a new one when there is none or it is stale. */
extern Model *model_current(void);

/* Keeps *model and all below it until cxt is reset or deleted. */
extern void model_pin(Model *model, MemoryContext cxt);

/* NULL when relid is not registered itself (partitions are not). O(1) once known. */
extern ModelTable *model_table(Model *model, Oid relid);

/* As model_table, but 42704 with a hint (register_table) when it is not, and an error when it is broken. */
extern ModelTable *model_table_required(Model *model, Oid relid);

/* The leaf map of a physical table; never NULL, ->table may be. O(1) once known. */
extern ModelLeaf *model_leaf(Model *model, Oid relid);

/* By name; NULL or, _required, 42704. By id: NULL when gone. */
extern ModelRelationship *model_relationship_by_name(Model *model, const char *name);
extern ModelRelationship *model_relationship_required(Model *model, const char *name);
extern ModelRelationship *model_relationship_by_id(Model *model, int id);

/*
 * ModelRelationship *, by id: those in which the table is primary, and related; without those that are going.  The
 * lists stay as they are.
 */
extern void model_link_table(ModelTable *table);

static inline List *
model_as_primary(ModelTable *table)
{
	if (unlikely(!table->linked))
		model_link_table(table);
	return table->primary_in;
}

static inline List *
model_as_related(ModelTable *table)
{
	if (unlikely(!table->linked))
		model_link_table(table);
	return table->related_in;
}

/* All that name a table, registered or not, at either end, in order of id; a list of the caller's. */
extern List *model_relationships_of(Model *model, Oid relid);

/* All ModelTable *, those that access is passed from before those that it is passed to; a list of the caller's. */
extern List *model_tables_downwards(Model *model);

/* All ModelTable * / ModelRelationship *, in order of name / id.  These three read everything. */
extern List *model_tables(Model *model);
extern List *model_relationships(Model *model);

/*
 * Looked up once per model, of its foreign key: may the lookup point to a row that is not there yet (deferrable, or
 * somebody has dropped it)?  May it stay when that row gets another key, or is deleted (NO ACTION)?
 */
extern bool model_relationship_deferrable(ModelRelationship *relationship);
extern bool model_relationship_left(ModelRelationship *relationship, bool by_delete);

/* 40001 when the key or owner column of rel, just opened, has been retyped or replaced since the model was read. */
extern void model_table_check_columns(ModelTable *table, Relation rel);

/* 55000 with a hint when the table or relationship is broken (->broken). */
extern void model_table_check_usable(ModelTable *table);
extern void model_relationship_check_usable(ModelRelationship *relationship);

/* ---- entries.c: which entry table a table has ---- */

/*
 * The type in which entries of the table name principals, by what is declared: the owner column's; without one that of
 * the primary tables that it inherits from.  NULL: any will do.
 */
extern ModelType *model_principal_type(ModelTable *table);

/* The type in which entries of the table name principals, or would.  The pointer lives as long as the table. */
extern void model_load_principal_type(ModelTable *table);

static inline ModelType *
model_principal(ModelTable *table)
{
	if (unlikely(!table->knows_principal))
		model_load_principal_type(table);
	return &table->principal;
}

/* Is it to have an entry table before anything is shared: has it an owner, or a relationship that can give access? */
extern bool model_needs_entries(ModelTable *table);

/*
 * Has the table got an entry table by now, which another session may have made since the model was read?  It is
 * entered in the table, in whatever model that is.  For all tables: those that are not known to have one.
 */
extern bool model_look_for_entries(ModelTable *table);
extern void model_look_for_all_entries(Model *model);

/*
 * Locks relmeta's row of the table until the end of the transaction: whoever makes, changes or drops its entry table
 * does.  Is there one then?  It is entered, too.  40001 when the table is not registered any more.
 */
extern bool model_lock_entries(ModelTable *table);

/* Writes down which entry table it has, InvalidOid: none.  model_lock_entries() was called. */
extern void model_set_entries(ModelTable *table, Oid entry_relid);

/* ---- known.c: for the event triggers ---- */

#define KNOWN_REGISTERED	1
#define KNOWN_RELATED		2	/* a relationship's primary or related table */
#define KNOWN_INTERSECT		4	/* an N:N relationship's intersect table */
#define KNOWN_PARTICIPANT	8	/* an N:N relationship's table, pending ones
								 * included */
#define KNOWN_SOURCE		16	/* given to register_principals or
								 * register_memberships */

/* What relmeta knows a table as, bits; 0: nothing.  Reads the catalog, no model. */
extern int	model_known(Oid relid);

/* Whether a pending N:N relationship names a table that did not exist; table NULL: any of the schema. */
extern bool model_pending_waits_for(const char *schema, const char *table);

/* ---- intersect.c ---- */

/* NULL when there is none of that name, or that intersect table. */
extern ModelIntersect *model_intersect_by_name(Model *model, const char *name);
extern ModelIntersect *model_intersect_by_table(Model *model, Oid relid);

/* 42704 when there is none; 55000 while it is pending or broken. */
extern ModelIntersect *model_intersect_required(Model *model, const char *name);

/* The registered table whose rows an end's are: the end itself, or what it is a partition of; NULL: none is. */
extern ModelTable *model_intersect_end(Model *model, ModelIntersect *intersect, int side);

/*
 * The collation in which the two keys of a symmetric link are put in order: one
 * that no upgrade of the operating system changes, or a dump would not restore.
 */
extern Oid	model_link_collation(ModelType *type);

/* All ModelIntersect *, by id; those with links, not broken, of which an end is the table or a partition of it. */
extern List *model_intersects(Model *model);
extern List *model_links_of(ModelTable *table);

/* Another number when another model has begun. */
extern uint64 model_loads(void);

/* Makes every backend read a new model; called after a change of the catalog made in C. */
extern void model_invalidate(void);

extern void model_cache_init(void); /* from _PG_init: callbacks */

/* ---- type.c ---- */

/*
 * The key that argument argno of an SQL function gives, in the type of the
 * table's key, whatever type it was passed in (functions come as key text and
 * key "any"); 22P02 when it is not of the key's type.  The argument is not null.
 */
extern Datum model_key_argument(FunctionCallInfo fcinfo, int argno, ModelTable *table);

/* The same for a key whose type is given. */
extern Datum model_type_argument(FunctionCallInfo fcinfo, int argno, ModelType *type);

/* ---- rules.c: what may be declared, SEMANTICS 2.3 ---- */

extern const char *model_action_name(ModelAction action);
extern const char *model_behavior_name(ModelBehavior behavior);
extern bool model_behavior_allowed(ModelAction action, ModelBehavior behavior);

/* The behaviors of a preset; 22023 with a hint for an unknown preset. */
extern void model_preset_behaviors(const char *preset, ModelBehavior *behavior);

/* parental, referential, referential_restrict or custom */
extern const char *model_preset_of(const ModelBehavior *behavior);
extern bool model_behaviors_parental(const ModelBehavior *behavior);
extern bool model_behaviors_pass_access(const ModelBehavior *behavior);

/* enum value OIDs of relmeta.behavior and back */
extern ModelBehavior model_behavior_from_oid(Oid enum_oid);
extern Oid	model_behavior_to_oid(ModelBehavior behavior);

/* ---- identity.c: who asks, who exists, SEMANTICS 2.1 ---- */

/*
 * The current principal: relmeta.principal when set (NULL when that names
 * nobody), else the user whose role is GetUserId(), else NULL.  palloc'd.
 */
extern char *model_current_principal(void);

/* The same for a given setting and role, as a frame remembers them. */
extern char *model_principal_of(const char *setting, Oid roleid);

/* A principal and its teams (char *), the principal first; NIL for NULL. */
extern List *model_principal_and_teams(const char *principal);

/* For whoever keeps these: another number when they may be others, by what any session has committed. */
extern uint64 model_identity_version(void);

/* An array of texts (char *). */
extern Datum model_text_array(List *texts);

/* Existence by exact name, with the latest snapshot. */
extern bool model_principal_exists(const char *principal);

/*
 * Locks the principal's row until the end of the transaction, LockTupleKeyShare: nobody drops it before we
 * commit.  False when there is none.
 */
extern bool model_principal_lock(const char *principal, LockTupleMode mode);

/* Its name as it is registered, palloc'd; 42704 with a hint when there is no such principal, 22023 above 1 kB. */
extern char *model_principal_required(const char *name);

/*
 * A principal's name in an owner column's type (SEMANTICS 2.2: through the
 * type's input); false when it does not cast.
 */
extern bool model_principal_cast(const char *principal, ModelType *type, Datum *owner);

/*
 * The same, kept with what else is known of the principal, for who asks about many rows: copy what must live longer
 * than until the next question about a principal.
 */
extern bool model_principal_value(const char *principal, ModelType *type, Datum *owner);

/*
 * The principal meant in a call that names a table, too, whose principals are of that type: its name as it is
 * registered, palloc'd.  42704 when there is none; NULL when the name is no value of the type, and nobody's elsewhere.
 */
extern char *model_principal_called(const char *name, ModelType *type);

/* 0A000 for a type that an owner column cannot have, see owner_type.c. */
extern void model_owner_type_check(ModelType *type);

/*
 * After an owner column of the type was registered: from here on no two principals may have the same value in it;
 * 23505 when two have.
 */
extern void model_owner_type_enter(ModelType *type);

/* What is wrong with that, after a restore or an upgrade say. */
typedef struct ModelAlias
{
	ModelType  *type;
	char	   *principal;		/* NULL: values are not recorded */
	char	   *other;			/* the same owner; it is to stay */
} ModelAlias;

/* ModelAlias *; and records what is not recorded in a type, aliases too. */
extern List *model_owner_type_problems(void);
extern void model_owner_type_mend(ModelType *type);

/* The name, palloc'd, as it is registered, of the principal that an owner column's value means; NULL: none. */
extern char *model_principal_named(ModelType *type, Datum value);

/* The same of a name that may be spelled otherwise, in some type of owner columns (SEMANTICS 2.2). */
extern char *model_principal_resolve(const char *name);

/* user or team; NULL when there is no principal of that name */
extern const char *model_principal_kind(const char *principal);

/*
 * Of the n distinct, non-null owner values, those that are principals, locked FOR KEY SHARE in name order: nobody drops
 * them before we commit.  Returns the index of the first that is none, or -1.  40001: one was made after since.
 */
extern int	model_owners_check(ModelType *type, Datum *owners, int n, const Since *since);

/* How many owners of rows of the table, which is locked, are no principals, and the text of one (palloc'd). */
extern int64 model_owners_unknown(ModelTable *table, char **example);
extern int64 model_owners_refused(ModelTable *table, char **example);	/* by a domain, by now */

/*
 * The text of an owner that some row of the table has, one of an array of the owner's base type; NULL when no row has
 * any.  With the latest snapshot; nothing that the table's owner has hung on it, an index's function, can stop the
 * answer.  The table is locked.
 */
extern char *model_owner_of_rows(ModelTable *table, ArrayType *owners);

/* ---- principals that leave ---- */

/*
 * Called, in the transaction that drops it and before it is gone, with the name
 * of each principal that is dropped: for what higher rooms keep of it.
 */
typedef void (*model_principal_dropped_hook_type) (const char *principal);
extern model_principal_dropped_hook_type model_principal_dropped_hook;

#endif							/* RELMETA_MODEL_H */
