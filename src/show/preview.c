/*
 * preview.c
 *		relmeta.preview(): arguments, who may ask, the result (SEMANTICS 2.7, 3.13).
 *
 * EXAMPLE.  Account 6 has two contacts, one of which has a task; share is all.  preview('share', 'account', 6, 'cat',
 * '{write}') gives, and changes nothing:
 *
 *	depth	relationship		related_table	behavior	effect		rows
 *	0		-					account			-			shared		1
 *	1		account_contact		contact			all			inherits	2
 *	2		contact_task		task			all			inherits	1
 */
#include "model/key.h"
#include "show/preview.h"

#include "access/access.h"
#include "access/statement.h"
#include "ddl/ddl.h"
#include "executor/spi.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/tuplestore.h"

PG_FUNCTION_INFO_V1(relmeta_preview);

#define ARG_PRINCIPAL 3
#define ARG_RIGHTS 4
#define ARG_RELATIONSHIP 5
#define ARG_OTHER_KEY 6

static ModelAction
action_named(const char *name)
{
	static const ModelAction can[] = {ACTION_ASSIGN, ACTION_SHARE, ACTION_UNSHARE, ACTION_REPARENT, ACTION_DELETE,
	ACTION_MERGE};

	for (int i = 0; i < (int) lengthof(can); i++)
		if (strcmp(name, model_action_name(can[i])) == 0)
			return can[i];
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("action \"%s\" cannot be previewed", name),
			 errhint("It is assign, share, unshare, reparent, delete or merge.")));
	return ACTION_DELETE;
}

/* ---- who may: what the action takes ---- */

static void
refuse(ModelTable *table, const char *right)
{
	ereport(ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg("the current principal does not hold right \"%s\" on the row of \"%s\"", right,
					relmeta_relation_name(table->relid)),
			 errhint("SELECT * FROM relmeta.explain_access(relation, key) says what it holds, and why.")));
}

static void
check_privilege(ModelTable *table, ModelAction action, ModelRelationship *relationship)
{
	AclMode		mode = action == ACTION_DELETE ? ACL_DELETE : ACL_UPDATE;
	Oid			role = GetUserId();

	if (action == ACTION_SHARE || action == ACTION_UNSHARE ||
		pg_class_aclcheck(table->relid, role, mode) == ACLCHECK_OK ||
		(relationship ? model_columns_granted(&relationship->lookup, table->relid, role, mode) :
		 table->owner.name &&
		 pg_attribute_aclcheck(table->relid, table->owner.attnum, role, mode) == ACLCHECK_OK))
		return;
	aclcheck_error(ACLCHECK_NO_PRIV, get_relkind_objtype(get_rel_relkind(table->relid)),
				   relmeta_relation_name(table->relid));
}

static void
check_caller(FunctionCallInfo fcinfo, ModelTable *table, Datum key, ModelAction action, const char *principal,
			 int32 rights)
{
	List	   *own = access_statement_principals(access_statement(fcinfo));
	bool		exists;
	int32		holds = access_effective(table, key, own, &exists) & access_statement_cap(fcinfo);
	bool		is_own = own != NIL && principal != NULL && strcmp(linitial(own), principal) == 0;

	if (access_is_unlimited(table) || (action == ACTION_UNSHARE && is_own))
		return;
	if ((action == ACTION_SHARE || action == ACTION_UNSHARE) && !(holds & RIGHT_SHARE))
		refuse(table, "share");
	if (action == ACTION_SHARE && (rights & ~holds) != 0)
		refuse(table, "share, and what is shared");
	if (action == ACTION_ASSIGN && (table->access_control || relmeta_acting_as()[0] != '\0') && !(holds & RIGHT_ASSIGN))
		refuse(table, "assign");
	if (action == ACTION_DELETE && table->access_control && !(holds & RIGHT_DELETE))
		refuse(table, "delete");
	if (action == ACTION_REPARENT && table->access_control && !(holds & RIGHT_WRITE))
		refuse(table, "write");
}

/* ---- arguments ---- */

static void
require(FunctionCallInfo fcinfo, int argno, const char *name, ModelAction action)
{
	if (PG_ARGISNULL(argno))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a preview of action \"%s\" needs argument %s", model_action_name(action), name)));
}

/* As the type of the table's owners and entries writes it; NULL for NULL. */
static char *
principal_text(ModelTable *table, const char *name)
{
	Datum		value;

	if (name == NULL)
		return NULL;
	if (!model_principal_value(name, model_principal(table), &value))
		access_refuse_cast(table, name);
	return model_type_output(model_principal(table), value);
}

/* The row with a key: P0002 unless the caller may read it. */
static PreviewRow *
read_row(Preview *preview, ModelTable *table, Datum key)
{
	Datum		owner;
	bool		owner_null;

	key = feature_row_required(table, key);
	if (!access_read_row(table, key, &owner, &owner_null))
		feature_refuse_missing(table);
	return show_preview_row(preview, table, key, owner, owner_null || table->owner.name == NULL, 0);
}

/*
 * What a lookup that comes to point elsewhere takes besides write, as enforce/judge.c has it (SEMANTICS 2.5).
 * primary: NULL, it is cleared.
 */
static void
check_lookup(FunctionCallInfo fcinfo, Preview *preview, PreviewRow *row, ModelRelationship *r, PreviewRow *primary)
{
	List	   *own = access_statement_principals(access_statement(fcinfo));
	int32		cap = access_statement_cap(fcinfo);
	PreviewRow *before;
	int32		holds;
	bool		exists;

	if (primary != NULL && r->primary->access_control && !access_is_unlimited(r->primary) &&
		!(access_effective(r->primary, primary->key, own, &exists) & cap & RIGHT_APPEND_TO))
		refuse(r->primary, "append_to");
	if (!row->table->access_control || access_is_unlimited(row->table))
		return;
	before = show_preview_primary(preview, row, r, BEHAVIOR_ALL);
	holds = access_effective(row->table, row->key, own, &exists) & cap;
	if (primary != NULL && !(holds & RIGHT_APPEND))
		refuse(row->table, "append");
	if (before != NULL && before != primary && r->behavior[ACTION_REPARENT] != BEHAVIOR_NONE && !(holds & RIGHT_SHARE))
		refuse(row->table, "share");
}

static void
preview_reparent(FunctionCallInfo fcinfo, Preview *preview, PreviewRow *row, ModelRelationship *r)
{
	PreviewRow *primary = NULL;

	if (!PG_ARGISNULL(ARG_OTHER_KEY))
	{
		char	   *key = text_to_cstring(PG_GETARG_TEXT_PP(ARG_OTHER_KEY));

		primary = read_row(preview, r->primary, model_key_input(r->primary, key));
	}
	check_lookup(fcinfo, preview, row, r, primary);
	show_preview_reparent(preview, row, r, primary);
}

/* merge: what merge() refuses, by the same checks; the rights are those of the rows as they are. */
static void
preview_merge(FunctionCallInfo fcinfo, Preview *preview, ModelTable *table, Datum key)
{
	Merge		merge = {.table = table,.master = key,.preview = true};
	int32		rights = ~0;

	require(fcinfo, ARG_OTHER_KEY, "other_key", ACTION_MERGE);
	merge.subordinate = model_key_argument(fcinfo, ARG_OTHER_KEY, table);
	feature_merge_check_call(&merge);
	preview->master = read_row(preview, table, merge.master);
	preview->subordinate = read_row(preview, table, merge.subordinate);
	merge.master = preview->master->key;
	merge.subordinate = preview->subordinate->key;
	if (!access_is_unlimited(table))
	{
		List	   *own = access_statement_principals(access_statement(fcinfo));
		int32		cap = access_statement_cap(fcinfo);
		int32		both;
		bool		exists;

		rights = access_effective(table, merge.master, own, &exists) & cap;
		both = rights & access_effective(table, merge.subordinate, own, &exists);
		if ((both & (RIGHT_WRITE | RIGHT_SHARE)) != (RIGHT_WRITE | RIGHT_SHARE))
			refuse(table, "write, and share");
	}
	feature_merge_check_rows(&merge);
	show_preview_merge(preview, &merge, rights);
}

static void
preview_action(FunctionCallInfo fcinfo, Preview *preview, ModelTable *table, Datum key)
{
	ModelAction action = preview->action;
	int32		rights = PG_ARGISNULL(ARG_RIGHTS) ? ~0 : access_rights_mask(PG_GETARG_ARRAYTYPE_P(ARG_RIGHTS));
	char	   *principal = relmeta_argument_text(fcinfo, ARG_PRINCIPAL);
	ModelRelationship *relationship = NULL;
	PreviewRow *row;
	char	   *written;

	if (action == ACTION_SHARE || action == ACTION_UNSHARE)
		require(fcinfo, ARG_PRINCIPAL, "principal", action);
	if (action == ACTION_SHARE)
		require(fcinfo, ARG_RIGHTS, "rights", action);
	if (action == ACTION_REPARENT)
	{
		require(fcinfo, ARG_RELATIONSHIP, "relationship", action);
		relationship = model_relationship_required(preview->model, relmeta_argument_text(fcinfo, ARG_RELATIONSHIP));
		model_relationship_check_usable(relationship);
		if (relationship->related != table)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("relationship \"%s\" is not one of rows of \"%s\"", relationship->name,
							relmeta_relation_name(table->relid))));
	}
	if (action == ACTION_ASSIGN && table->owner.name == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("rows of \"%s\" cannot be assigned, it has no owner column",
						relmeta_relation_name(table->relid))));
	if (principal != NULL)
		principal = access_named_principal(table, principal);
	row = read_row(preview, table, key);
	check_privilege(table, action, relationship);
	check_caller(fcinfo, table, key, action, principal, rights);
	written = principal_text(table, principal);
	if (action == ACTION_SHARE && show_preview_same_owner(row->owner, written))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("principal \"%s\" owns the row", principal)));
	if (action == ACTION_ASSIGN)
		show_preview_assign(preview, row, written);
	else if (action == ACTION_SHARE)
		show_preview_share(preview, row, written, rights);
	else if (action == ACTION_UNSHARE)
		show_preview_unshare(preview, row, written, rights);
	else if (action == ACTION_DELETE)
		show_preview_delete(preview, row);
	else
		preview_reparent(fcinfo, preview, row, relationship);
}

/* ---- the result ---- */

/* Entries that became wider, or narrower: rows counted once for each relationship that they came through. */
static void
count_entries(Preview *preview, PreviewRow *row)
{
	ListCell   *lc;
	ListCell   *lc2;

	foreach(lc, model_as_related(row->table))
	{
		ModelRelationship *r = lfirst(lc);
		bool		gained = false;
		bool		lost = false;

		foreach(lc2, row->entries)
		{
			PreviewEntry *entry = lfirst(lc2);

			if (entry->relationship != r->id)
				continue;
			gained |= (entry->mask & ~entry->was) != 0;
			lost |= (entry->was & ~entry->mask) != 0;
		}
		if (gained)
			show_preview_count(preview, row->depth, r, row->table->relid, "inherits", 1);
		if (lost)
			show_preview_count(preview, row->depth, r, row->table->relid, "loses", 1);
	}
}

static const char *
name_of(PreviewCount *count)
{
	return count->relationship ? count->relationship->name : count->link;
}

static int
by_depth(const ListCell *a, const ListCell *b)
{
	PreviewCount *ca = lfirst(a);
	PreviewCount *cb = lfirst(b);
	int			order = ca->depth - cb->depth;

	if (order == 0)
		order = strcmp(name_of(ca) ? name_of(ca) : "", name_of(cb) ? name_of(cb) : "");
	return order ? order : strcmp(ca->effect, cb->effect);
}

static void
put_count(Preview *preview, PreviewCount *count, ReturnSetInfo *result)
{
	Datum		values[6];
	bool		nulls[6] = {false, name_of(count) == NULL, !OidIsValid(count->relid), count->relationship == NULL};

	values[0] = Int32GetDatum(count->depth);
	values[2] = ObjectIdGetDatum(count->relid);
	if (name_of(count))
		values[1] = CStringGetTextDatum(name_of(count));
	if (count->relationship)
		values[3] = ObjectIdGetDatum(model_behavior_to_oid(count->relationship->behavior[preview->action]));
	values[4] = CStringGetTextDatum(count->effect);
	values[5] = Int64GetDatum(count->rows);
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

/* relmeta.preview(action, relation, key, principal, rights, relationship, other_key) */
static Datum
preview_call(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	ModelAction action = action_named(relmeta_argument_text_required(fcinfo, 0));
	Model	   *model = ddl_model();
	ModelTable *table = model_table_required(model, relmeta_argument_table(fcinfo, 1));
	Preview    *preview = palloc0(sizeof(Preview));
	Datum		key;
	ListCell   *lc;

	InitMaterializedSRF(fcinfo, 0);
	model_table_check_usable(table);
	require(fcinfo, 2, "key", action);
	key = model_key_argument(fcinfo, 2, table);
	preview->model = model;
	preview->action = action;
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	if (action == ACTION_MERGE)
		preview_merge(fcinfo, preview, table, key);
	else
		preview_action(fcinfo, preview, table, key);
	foreach(lc, preview->rows)
	{
		PreviewRow *row = lfirst(lc);

		if (!row->deleted)
			count_entries(preview, row);
	}
	list_sort(preview->counts, by_depth);
	foreach(lc, preview->counts)
		put_count(preview, lfirst(lc), result);
	SPI_finish();
	return (Datum) 0;
}

Datum
relmeta_preview(PG_FUNCTION_ARGS)
{
	return access_as_statement(fcinfo, preview_call);
}
