/*
 * trigger_when.c
 *		The condition of a row trigger: a watched column has changed.  Written
 *		for CREATE TRIGGER, and read again from pg_trigger.
 */
#include "ddl/ddl.h"

#include "access/htup_details.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_operator.h"
#include "catalog/pg_trigger.h"
#include "lib/stringinfo.h"
#include "model/key.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "rewrite/prs2lock.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
#include "utils/typcache.h"

/*
 * IS DISTINCT FROM finds its equality by search_path, which is empty when a
 * dump is restored: citext would be compared as text then, as it would a type
 * whose equality is not pg_catalog's be refused.  Their text forms can be
 * compared anywhere, and differ whenever the values do.
 */
static const char *
comparison_cast(Oid relid, const char *column)
{
	TypeCacheEntry *entry = lookup_type_cache(getBaseType(get_atttype(relid, get_attnum(relid, column))),
											  TYPECACHE_EQ_OPR);
	HeapTuple	tuple = SearchSysCache1(OPEROID, ObjectIdGetDatum(entry->eq_opr));
	bool		in_pg_catalog = HeapTupleIsValid(tuple) &&
	((Form_pg_operator) GETSTRUCT(tuple))->oprnamespace == PG_CATALOG_NAMESPACE;

	if (HeapTupleIsValid(tuple))
		ReleaseSysCache(tuple);
	return in_pg_catalog ? "" : "::pg_catalog.text";
}

static void
append_comparison(StringInfo buf, const char *column, const char *cast)
{
	const char *name = quote_identifier(column);

	appendStringInfo(buf, "%s OLD.%s%s IS DISTINCT FROM NEW.%s%s", buf->len == 0 ? " WHEN (" : " OR", name, cast, name,
					 cast);
}

/*
 *	' WHEN (OLD.a IS DISTINCT FROM NEW.a OR OLD.b::pg_catalog.text IS DISTINCT FROM NEW.b::pg_catalog.text)'
 *
 * and, of a key that may be equal though spelled otherwise,
 *
 *	OR OLD.id::pg_catalog.text COLLATE pg_catalog."C" IS DISTINCT FROM NEW.id::pg_catalog.text COLLATE pg_catalog."C"
 */
char *
ddl_trigger_when(ModelTable *table, Oid relid, List *columns)
{
	StringInfoData buf;
	ListCell   *lc;

	initStringInfo(&buf);
	foreach(lc, columns)
	{
		append_comparison(&buf, lfirst(lc), comparison_cast(relid, lfirst(lc)));
		if (model_key_has_column(table, lfirst(lc)) && !model_key_type(table)->by_image)
			append_comparison(&buf, lfirst(lc), "::pg_catalog.text COLLATE pg_catalog.\"C\"");
	}
	if (buf.len > 0)
		appendStringInfoChar(&buf, ')');
	return buf.data;
}

/* ---- what stands ---- */

/* Anything but columns and casts of them: the condition may be true when nothing has changed, or never. */
static bool
is_not_cast(Node *node, void *context)
{
	switch (node ? nodeTag(node) : T_Var)
	{
		case T_Var:
		case T_RelabelType:
		case T_CoerceViaIO:
		case T_ArrayCoerceExpr:
		case T_CollateExpr:
		case T_CaseTestExpr:
			break;
		case T_Const:			/* the length of a cast */
			break;
		case T_FuncExpr:
			if (((FuncExpr *) node)->funcformat == COERCE_EXPLICIT_CAST ||
				((FuncExpr *) node)->funcformat == COERCE_IMPLICIT_CAST)
				break;
			return true;
		default:
			return true;
	}
	return expression_tree_walker(node, is_not_cast, context);
}

/* OLD.x::a IS DISTINCT FROM NEW.x::b */
static bool
is_comparison(Node *node)
{
	List	   *args = IsA(node, DistinctExpr) ? ((DistinctExpr *) node)->args : NIL;
	Bitmapset  *before = NULL;
	Bitmapset  *after = NULL;

	if (list_length(args) != 2 || is_not_cast(linitial(args), NULL) || is_not_cast(lsecond(args), NULL))
		return false;
	pull_varattnos(linitial(args), PRS2_OLD_VARNO, &before);
	pull_varattnos(lsecond(args), PRS2_NEW_VARNO, &after);
	return before != NULL && bms_equal(before, after);
}

static bool
is_condition(Node *qual)
{
	ListCell   *lc;

	if (!is_orclause(qual))
		return is_comparison(qual);
	foreach(lc, ((BoolExpr *) qual)->args)
	{
		if (!is_comparison(lfirst(lc)))
			return false;
	}
	return true;
}

bool
ddl_trigger_watches(HeapTuple tuple, TupleDesc desc, Bitmapset **watched)
{
	Form_pg_trigger form = (Form_pg_trigger) GETSTRUCT(tuple);
	bool		isnull;
	Datum		value = fastgetattr(tuple, Anum_pg_trigger_tgqual, desc, &isnull);
	Node	   *qual = isnull ? NULL : stringToNode(TextDatumGetCString(value));

	if (qual && !is_condition(qual))
		return false;
	pull_varattnos(qual, PRS2_OLD_VARNO, watched);
	return !OidIsValid(form->tgconstraint) && form->tgattr.dim1 == 0 &&
		heap_attisnull(tuple, Anum_pg_trigger_tgoldtable, desc) &&
		heap_attisnull(tuple, Anum_pg_trigger_tgnewtable, desc);
}
