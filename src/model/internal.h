/*
 * internal.h
 *		What the files of model/ share among themselves; no other room includes it.
 */
#ifndef RELMETA_MODEL_INTERNAL_H
#define RELMETA_MODEL_INTERNAL_H

#include "model/model.h"

#include "access/genam.h"
#include "access/htup.h"
#include "access/tupdesc.h"
#include "nodes/lockoptions.h"
#include "utils/snapshot.h"

/* relmeta's own catalog tables that C reads; see catalog.c */
typedef enum ModelCatalog
{
	CATALOG_REGISTERED_TABLE,
	CATALOG_RELATIONSHIP,
	CATALOG_INTERSECT,
	CATALOG_PRINCIPAL,
	CATALOG_PRINCIPAL_ROLE,
	CATALOG_PRINCIPAL_TYPE,
	CATALOG_PRINCIPAL_VALUE,
	CATALOG_TEAM_MEMBER,
	CATALOG_PRINCIPAL_SOURCE
} ModelCatalog;

#define MODEL_CATALOGS (CATALOG_PRINCIPAL_SOURCE + 1)

/* what is known of a relation */
typedef struct TableEntry
{
	Oid			relid;			/* hash key */
	ModelTable *table;			/* NULL: it is not registered */
} TableEntry;

typedef struct RelationshipEntry
{
	int			id;				/* hash key */
	ModelRelationship *relationship;
} RelationshipEntry;

/*
 * What has been read of the catalog.  Everything in it lives in cxt and is freed
 * by cache.c.  An entry is made when what it is of has been read whole.
 */
struct Model
{
	MemoryContext cxt;
	uint64		number;			/* model_loads() when it had begun */
	int			pins;			/* memory contexts that hold it */
	HTAB	   *tables;			/* TableEntry */
	HTAB	   *relationships;	/* RelationshipEntry */
	HTAB	   *leaves;			/* ModelLeaf */
	bool		read_all;		/* the next two are there */
	List	   *table_list;		/* ModelTable *, by name */
	List	   *relationship_list;	/* ModelRelationship *, by id */
	bool		read_intersects;	/* the next three are there */
	List	   *intersect_list; /* ModelIntersect *, by id */
	HTAB	   *intersects_by_name;
	HTAB	   *intersects_by_table;
	int			ntypes;
	ModelType **types;			/* the distinct types met */
	uint32	   *type_hashes;	/* their syscache hash values (type and base
								 * type: 2 * ntypes) */
	uint32	   *namespace_hashes;	/* those of the schemas of all that is
									 * named here */
	int			nnamespaces;
	int			namespaces_size;
};

/* ---- catalog.c ---- */
extern Oid	model_catalog_relid(ModelCatalog catalog);
extern Oid	model_catalog_index(const char *index_name);
extern bool model_catalog_is(ModelCatalog catalog, Oid relid);
extern void model_catalog_forget(Oid relid);
extern AttrNumber model_catalog_column(TupleDesc desc, const char *name);
extern char *model_catalog_text(HeapTuple tuple, TupleDesc desc, const char *name);
extern Oid	model_catalog_oid(HeapTuple tuple, TupleDesc desc, const char *name);
extern bool model_catalog_bool(HeapTuple tuple, TupleDesc desc, const char *name);

/* a scan of a catalog table, by an index where one is given and there */
typedef struct CatalogScan
{
	Relation	rel;
	TupleDesc	desc;
	SysScanDesc scan;
} CatalogScan;

extern void model_scan_begin(CatalogScan *scan, ModelCatalog catalog, Snapshot snapshot);
extern void model_scan_begin_by(CatalogScan *scan, ModelCatalog catalog, Snapshot snapshot, const char *index,
								const char *column, RegProcedure equal, Datum value);
extern HeapTuple model_scan_next(CatalogScan *scan);
extern void model_scan_end(CatalogScan *scan);
extern Snapshot model_catalog_snapshot(void);

/* ---- column.c ---- */
extern bool model_load_type(Model *model, ModelType *dst, Oid typid, int32 typmod, Oid collation);
extern char *model_load_column(Model *model, ModelColumn *column, Oid relid, char *name);
extern char *model_load_own_column(Model *model, ModelColumn *column, Oid relid, char *name);
extern bool model_column_as_read(Oid relid, ModelColumn *column);
extern bool model_columns_as_read(ModelTable *table);

/* ---- load.c ---- */
extern Model *model_begin(MemoryContext parent);
extern bool model_is_installed(void);
extern char *model_load_class(ModelTable *table);
extern ModelTable *model_load_row(Model *model, HeapTuple tuple, TupleDesc desc);
extern void model_enter_table(Model *model, Oid relid, ModelTable *table);
extern ModelTable *model_load_table(Model *model, Oid relid, Snapshot snapshot);
extern bool model_table_as_registered(ModelTable *table);

/* ---- relationship.c ---- */
extern List *model_read_relationships(Model *model, CatalogScan *scan, Snapshot snapshot, List *found, List **again);
extern void model_hang_relationships(Model *model, List *found);
extern void model_lists_are_whole(ModelTable *table);
extern int	model_by_relationship_id(const ListCell *a, const ListCell *b);

/* ---- load_all.c ---- */
extern void model_load_all(Model *model);

/* ---- reading.c ---- */
typedef struct ModelState
{
	Model	   *model;			/* the current one; NULL: none */
	bool		stale;			/* it is not to be used any more */
	int			ntouched;
	Oid			touched[64];	/* relations that it is read from and that may
								 * look otherwise by now; more than fit here
								 * make it stale */
	uint64		noticed;		/* invalidations of whatever */
} ModelState;

extern ModelState model_state;

/*
 * while (model_reading(&reading)) reads a part of a model until nothing was
 * invalidated meanwhile; what the last round reads is good.
 */
typedef struct Reading
{
	int			rounds;
	uint64		noticed;
} Reading;

extern bool model_reading(Reading *reading);

/* Is it the current one, and not stale as far as this backend has been told? */
extern bool model_is_up_to_date(Model *model);
extern void model_notice(void);
extern void model_forget(void);

/* ---- cache.c, for invalidate.c ---- */
extern bool model_is_read_from(Oid relid);
extern void model_touched(Oid relid);
extern bool model_uses_type(uint32 hashvalue);
extern bool model_uses_namespace(uint32 hashvalue);

/* ---- as_read.c ---- */

/* Is all that the model has read of the relation as it was?  Reads catalogs. */
extern bool model_is_as_read(Model *model, Oid relid);

/* Have the columns of the table the same types in another model's picture of it? */
extern bool model_types_kept(ModelTable *table, ModelTable *now);

/*
 * Is what statements that go on read and write by the model, a former one perhaps, still so: names and types?  In
 * *sql_name its name, if the model knows the relation.
 */
extern bool model_holds(Model *model, Oid relid, char **sql_name);


/* ---- namespace.c: notes the schemas of what the model names ---- */
extern void model_note_namespace(Model *model, Oid namespace);
extern void model_note_type(Model *model, ModelType *type);

/* ---- leaf.c ---- */
extern bool model_leaf_as_read(Model *model, Oid relid);

/* Has the relation the columns of the leaf's table where the leaf says, by the same names and of the same types? */
extern bool model_leaf_fits(ModelLeaf *leaf, Relation rel);

/* ---- entry_table.c ---- */
extern bool model_set_entry_table(ModelTable *table, Oid entry_relid);
extern void model_load_entry_table(Model *model, ModelTable *table, Oid entry_relid);

/* ---- intersect.c ---- */
extern bool model_intersect_uses(Model *model, Oid relid);

/* ---- known.c ---- */

/* Does an N:N relationship name it as the table at an end?  Reads the catalog. */
extern bool model_is_participant(Oid relid);

/* ---- going.c: dropped or renamed by this transaction, and not said yet ---- */
extern bool model_going_table(Oid relid);

/* The name that a column now has; NULL, with *dropped, when it is gone by our own hand. */
extern char *model_going_column(Oid relid, const char *name, bool *dropped);

/* ---- type.c ---- */
extern bool model_type_fill_any(ModelType *type, Oid typid, int32 typmod, Oid collation);

/* ---- type_trust.c ---- */
extern char *model_type_distrust(Oid typid);

/* Does the text of a value, or the value of a text, depend on settings?  owner_type.c */
extern bool model_type_text_varies(ModelType *type);

/* ---- principal_row.c ---- */

/* a row of relmeta.principal */
typedef struct PrincipalRow
{
	bool		exists;
	bool		is_team;
	Oid			source;			/* the table that it comes from; InvalidOid:
								 * none */
} PrincipalRow;

extern bool model_principal_read(const char *principal, PrincipalRow *row);
extern char *model_user_of_role(Oid roleid);
extern Oid	model_role_of_user(const char *principal);	/* InvalidOid: none */
extern List *model_teams_of(const char *member);	/* char *, in order of
													 * name */

#define PRINCIPAL_MAX 1024		/* bytes of a principal's name */

/* 22023 for a name that no principal can have; of one that is asked for only the length counts. */
extern void model_principal_check_name(const char *principal);
extern void model_principal_check_length(const char *principal);

/* ---- identity.c ---- */
extern void model_identity_forget(void);

/* ---- value.c ---- */

/* a type of owner columns in which one value may be spelled in several ways */
typedef struct ValueType
{
	ModelType	type;			/* a base type without modifier */
	char	   *collation_name; /* '' for the type's own */
	bool		same_text;		/* equal values have the same text */
	bool		has_hash;
	FmgrInfo	hash_finfo;		/* 64 bits; valid when has_hash */
} ValueType;

extern void model_value_types_forget(void);

/* Whether the text of a value is the only name that a principal of that value can have. */
extern bool model_type_spells_one_way(ModelType *type);

/*
 * The type of owner columns that a column's type is, recorded or not; and ValueType *, all that are recorded, with
 * uncommitted also by who has not committed yet.  Good until the next call of either.
 */
extern ValueType *model_value_type(ModelType *type);
extern bool model_value_is_type(ValueType *vt, ModelType *type);
extern bool model_value_always_counts(ValueType *vt);
extern List *model_value_types(bool uncommitted);

extern char *model_value_canonical(ValueType *vt, ModelType *type, Datum value);

/*
 * The principal that is recorded with a value; the one of that name.  NULL: none.  As of now; or, with wait, once it is
 * certain: who makes or drops it has ended.
 */
extern char *model_value_recorded(ValueType *vt, const char *canonical, bool wait);
extern char *model_value_registered(const char *name, bool wait);

/* ---- named.c ---- */

/* Whether the principal is there and has this value. */
extern bool model_value_is_of(ModelType *type, Datum value, const char *principal);

/* ModelType *: those of the owner columns that are registered, each once; types that spell one way left out. */
extern List *model_owner_types(void);

/* ---- value_write.c ---- */

/*
 * After principals (char *) were made: records their values in all types of owner columns; 23505 when one is another
 * principal's.  Before they are dropped: forgets them.
 */
extern void model_values_add(List *principals);
extern void model_values_remove(List *principals);

/* The same in certain types; tolerant: what is another's is recorded, too, as an alias. */
extern void model_values_record(List *principals, List *types, bool tolerant);

/* The aliases of a type; without the index, all of its values.  And the complaint about one. */
extern SysScanDesc model_alias_scan(Relation rel, ValueType *vt, Snapshot snapshot);
extern void model_alias_refuse(Oid type, const char *principal, const char *other);

/* ---- statement.c ---- */
typedef enum ModelStatement
{
	STATEMENT_CREATE_PRINCIPAL,
	STATEMENT_GIVE_ROLE,
	STATEMENT_TAKE_PRINCIPALS,
	STATEMENT_CREATE_PRINCIPALS,
	STATEMENT_LOCK_PRINCIPALS,
	STATEMENT_DROP_PRINCIPALS,
	STATEMENT_RENEW_PRINCIPALS,
	STATEMENT_REMOVE_ROLES,
	STATEMENT_REMOVE_MADE_MEMBERS,
	STATEMENT_ADD_VALUE,
	STATEMENT_ADD_VALUES,
	STATEMENT_TAKE_VALUE,
	STATEMENT_ADD_ALIAS,
	STATEMENT_MAKE_ALIAS,
	STATEMENT_REMOVE_VALUES,
	STATEMENT_PROMOTE_ALIASES,
	STATEMENT_ADD_VALUE_TYPE,
	STATEMENT_FORGET_SOURCE,
	STATEMENT_FORGET_SOURCE_OF_PRINCIPALS,
	STATEMENT_RENAME_SOURCE_COLUMN,
	STATEMENT_ADD_MEMBER,
	STATEMENT_ADD_MEMBERS,
	STATEMENT_HOLD_MEMBERS,
	STATEMENT_LOCK_MEMBERS,
	STATEMENT_KEEP_MEMBERS,
	STATEMENT_REMOVE_MEMBER,
	STATEMENT_REMOVE_MEMBERS
} ModelStatement;

extern uint64 model_statement_run(ModelStatement which, Datum *values, const char *nulls);
extern List *model_query(Oid relid, const char *sql, int nargs, Oid *types, Datum *values, long limit);
extern char *model_query_first(Oid relid, const char *sql, int nargs, Oid *types, Datum *values);

/* ---- drop.c ---- */
extern bool model_principals_drop(List *principals, List *renewed);

/* ---- source.c ---- */

/* an application's table that principals or memberships come from */
typedef struct Source
{
	Oid			relid;
	char	   *sql_name;
	bool		is_memberships;
	bool		is_team;		/* of what kind its principals are */
	ModelColumn key;			/* unless is_memberships */
	ModelColumn team;			/* if is_memberships */
	ModelColumn member;
} Source;

extern List *model_sources(List *relids, bool must_work);
extern char *model_source_text(ModelColumn *column, Datum value);
extern char *model_source_text_sql(ModelColumn *column);
extern bool model_sources_adopt(const char *principal);
extern void model_source_came(Source *source, const char *principal);
extern char *model_principal_table(const char *principal);
extern char *model_membership_table(const char *team, const char *member);
extern void model_source_check_named(Source *source, const char *name, bool is_team);

/* ---- held.c ---- */

/* Does this transaction hold the principal of that exact name FOR KEY SHARE, since before?  Only known of a few. */
extern bool model_is_held(const char *principal, const Since *since);
extern void model_note_held(const char *principal);
extern void model_held_forget(void);

/* ---- source_said.c ---- */
extern List *model_source_places_gone(Source *source, List *names, List *members);

/* ---- source_pair.c ---- */
extern void model_source_take_pairs(Source *source, List *teams, List *members);
extern void model_source_lock_pairs(Source *source, List *teams, List *members);
extern void model_source_end_pairs(Source *source, List *teams, List *members);
extern void model_source_sweep_pairs(Source *source, List *teams, List *members);
extern void model_source_release_pairs(Oid relid, List *teams, List *members);

/* ---- source_set.c ---- */

/* What a source's rows now say and said before: keys, or, parallel, teams and their members. */
typedef struct SourceChanges
{
	List	   *came;			/* char * */
	List	   *members_came;
	List	   *gone;
	List	   *members_gone;
} SourceChanges;

extern void model_source_names_came(Source *source, SourceChanges *changes);
extern void model_source_names_gone(Source *source, SourceChanges *changes);
extern void model_source_sweep(Source *source);

#endif							/* RELMETA_MODEL_INTERNAL_H */
