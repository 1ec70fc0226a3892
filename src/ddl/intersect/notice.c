/*
 * notice.c
 *		What a pending N:N relationship waits for, said when it is declared; and
 *		whether a name was perhaps meant otherwise.  SEMANTICS 2.4.
 */
#include "ddl/intersect/intersect.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/transam.h"
#include "catalog/catalog.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

/* How much a table is what was meant by a name: 0 not at all. */
static int
likeness(Form_pg_class class, IntersectSide *side)
{
	bool		same_schema;

	if ((class->relkind != RELKIND_RELATION && class->relkind != RELKIND_PARTITIONED_TABLE) ||
		class->oid < FirstNormalObjectId || isAnyTempNamespace(class->relnamespace) ||
		pg_strcasecmp(NameStr(class->relname), side->table) != 0)
		return 0;
	same_schema = class->relnamespace == get_namespace_oid(side->schema, true);
	return 1 + 2 * same_schema + (strcmp(NameStr(class->relname), side->table) == 0);
}

/* The table whose name differs in case or schema alone, as SQL writes it; NULL when there is none. */
static char *
meant_table(IntersectSide *side)
{
	Relation	rel = table_open(RelationRelationId, AccessShareLock);
	SysScanDesc scan = systable_beginscan(rel, InvalidOid, false, NULL, 0, NULL);
	int			best = 0;
	char	   *meant = NULL;
	HeapTuple	tuple;

	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		Form_pg_class class = (Form_pg_class) GETSTRUCT(tuple);
		int			like = likeness(class, side);

		if (like <= best)
			continue;
		best = like;
		meant = quote_qualified_identifier(get_namespace_name(class->relnamespace), NameStr(class->relname));
	}
	systable_endscan(scan);
	table_close(rel, AccessShareLock);
	return meant;
}

static void
append_item(StringInfo list, const char *item)
{
	appendStringInfo(list, "%s%s", list->len > 0 ? ", " : "", item);
}

/* What one side lacks, and the table that may have been meant. */
static void
add_side(IntersectSide *side, StringInfo waits, StringInfo meant)
{
	const char *name = quote_qualified_identifier(side->schema, side->table);
	char	   *problem;

	if (OidIsValid(side->relid))
	{
		if (ddl_participant_key(side->relid, &problem) == NULL)
			append_item(waits, psprintf("a primary key of %s", name));
		return;
	}
	append_item(waits, psprintf("table %s", name));
	name = meant_table(side);
	if (name)
		append_item(meant, name);
}

void
ddl_intersect_notice_pending(Intersect *intersect)
{
	StringInfoData waits;
	StringInfoData meant;
	bool		is_self = strcmp(intersect->side[0].schema, intersect->side[1].schema) == 0 &&
	strcmp(intersect->side[0].table, intersect->side[1].table) == 0;

	initStringInfo(&waits);
	initStringInfo(&meant);
	add_side(&intersect->side[0], &waits, &meant);
	if (!is_self)
		add_side(&intersect->side[1], &waits, &meant);
	ereport(NOTICE,
			(errmsg("many-to-many relationship \"%s\" is pending: it waits for %s", intersect->name, waits.data),
			 meant.len == 0 ? 0 :
			 errhint("There is %s. If that was meant, call relmeta.drop_relationship(%s), and name it so.", meant.data,
					 quote_literal_cstr(intersect->name))));
}
