/*
 * relationship.h
 *		A 1:N relationship as it is being declared or changed; ddl/ only.
 */
#ifndef RELMETA_DDL_RELATIONSHIP_H
#define RELMETA_DDL_RELATIONSHIP_H

#include "ddl/ddl.h"

/* a row of relmeta.relationship to be, and what is to become of its lookup */
typedef struct Declaration
{
	int			id;				/* 0: there is no row yet */
	char	   *name;			/* NULL: to be chosen */
	Oid			primary;
	Oid			related;
	ModelKeyColumns *lookup;	/* their names; they may not be there yet */
	char	   *type_column;	/* NULL: not a multi-table lookup */
	char	   *type_value;
	ModelBehavior behavior[MODEL_ACTIONS];
	bool		delete_named;	/* the caller has said what a delete does, not
								 * the preset */
	bool		is_hierarchical;
	bool		foreign_key;
	bool		required;		/* lookup, and type column, are to be NOT NULL */
} Declaration;

/* ---- rule.c: what may be declared, SEMANTICS 2.3 ---- */

typedef struct RuleProblem
{
	int			sqlstate;
	char	   *message;
	char	   *hint;			/* may be NULL */
} RuleProblem;

/*
 * The first rule that a declaration breaks, or NULL.  Looks at the model and
 * at the columns that exist; a table that is not registered counts as one
 * without owner.  Parental ones of also (Declaration *) count as declared.
 */
extern RuleProblem *ddl_declaration_problem(Model *model, const Declaration *declaration, List *also);

/* Raises it. */
extern void ddl_check_declaration(Model *model, const Declaration *declaration);

/* ---- column.c: lookup columns and their indexes ---- */

/*
 * Whether values of the lookup column are the key's: 42804.  A missing column
 * will be made so.
 */
extern void ddl_check_lookup_type(const Declaration *declaration);

/* Are values of two columns the same in the same form, and equal to the same, so that one can point to the other? */
extern bool ddl_types_agree(ModelColumn *a, ModelColumn *b);
extern bool ddl_collations_agree(ModelColumn *a, ModelColumn *b);

/* Makes what is missing of the lookup and the type column, and the index. */
extern void ddl_lookup_ensure(const Declaration *declaration);

/* Whether there is an index that serves the lookup. */
extern bool ddl_lookup_has_index(const Declaration *declaration);

/* Drops the columns that no relationship uses any more; 55000 while the registration needs one. */
extern void ddl_lookup_drop(const Declaration *declaration);

/* drop_relationship() of a 1:N relationship; 42704 when there is none of that name. */
extern void ddl_relationship_drop(const char *name, bool drop_storage);

/* ---- orphan.c: rows that point to none ---- */

/* 'r.lookup IS NOT NULL', of a multi-table lookup also 'AND r.type = ...': the rows of this relationship */
extern char *ddl_lookup_is_set(const Declaration *declaration, const char *alias);

/* 23503 when a row points to none, where relmeta guards the lookup. */
extern void ddl_check_orphans(const Declaration *declaration);
extern bool ddl_has_orphans(const Declaration *declaration);

/* The condition on alias r of the related table for that. */
extern char *ddl_lookup_is_orphan(const Declaration *declaration);

/* ---- type_check.c: the CHECK of a multi-table lookup ---- */

/*
 * Makes it say what the model says, or drops it when the lookup has no target
 * left.  23514 when rows break it, unless only a target was dropped.
 */
extern void ddl_type_check_sync(const Declaration *declaration, bool target_dropped);

/* ---- foreign_key.c ---- */

/*
 * As whose owner ddl_run_on() makes a foreign key, which looks at the rows of both tables: the related
 * table's, if he may reference the primary table, else InvalidOid (the caller).
 */
extern Oid	ddl_foreign_key_maker(Oid related, Oid primary);

/* Creates the foreign key or adopts those there are; ON DELETE, validity in line. */
extern void ddl_foreign_key_ensure(const Declaration *declaration);

/* Whether an existing one would have to be made anew (which takes AccessExclusiveLock). */
extern bool ddl_foreign_key_disagrees(const Declaration *declaration);

/*
 * What is wrong, as a clause; NULL: nothing.  ddl_foreign_key_ensure() would mend it, unless *repair is a
 * statement that does.
 */
extern char *ddl_foreign_key_problem(const Declaration *declaration, char **repair);

/* Names (char *) of the foreign keys of the lookup to the primary table's key. */
extern List *ddl_foreign_key_names(const Declaration *declaration);

/* ---- relationship_row.c: rows of relmeta.relationship ---- */

/* Fills in declaration->id too. */
extern void ddl_declaration_insert(Declaration *declaration);
extern void ddl_declaration_update(const Declaration *declaration);
extern void ddl_declaration_delete(int id);
extern void ddl_declaration_from_model(Declaration *declaration, ModelRelationship *relationship);

/* SEMANTICS 2.3, default name; or 42710, 22023 for a given one. */
extern void ddl_declaration_name(Declaration *declaration);

/* ---- declare.c: steps that 1:N relationships and multi-table lookups share ---- */

/*
 * The behaviors of preset argument argno and the seven arguments behind it.
 * When share cascades and unshare is not given, unshare is all.
 */
extern void ddl_declare_behaviors(FunctionCallInfo fcinfo, int argno, Declaration *declaration);

/* Checks the tables (Oid) and locks them; see ddl_lock_tables(). */
extern void ddl_declare_lock(List *tables, List *exclusive);

/* The tables (Oid) that the declaration's columns and keys need an exclusive lock on. */
extern List *ddl_declare_exclusive(const Declaration *declaration);

/* The relationship of the same tables and lookup, or NULL. */
extern ModelRelationship *ddl_declare_existing(const Declaration *declaration);

/* Registers the tables that are not yet, checks type and rules. */
extern void ddl_declare_begin(const Declaration *declaration);

/* Writes the row, has it take effect, tells what is not granted. */
extern void ddl_declare_end(Declaration *declaration);

/* Brings entry tables and triggers in line with a relationship that was made or changed, and checks loops. */
extern void ddl_declare_take_effect(const char *name);

/* The NOTICEs of SEMANTICS 2.3; old is NULL for a new relationship. */
extern void ddl_declare_notices(const Declaration *declaration, const ModelBehavior *old);

#endif							/* RELMETA_DDL_RELATIONSHIP_H */
