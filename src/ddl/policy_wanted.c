/*
 * policy_wanted.c
 *		What the policies of controlled tables, their partitions and intersect tables say
 *		(SEMANTICS 2.5, "Access control").
 *
 *	CREATE POLICY relmeta_select ON s.t FOR SELECT USING (relmeta.owned('s.t'::regclass, 1, owner_id)
 *		OR relmeta.shared('s.t'::regclass, 1, id) OR relmeta.noted('s.t'::regclass, id, owner_id))
 *	CREATE POLICY relmeta_insert ON s.t FOR INSERT WITH CHECK (relmeta.inserts('s.t'::regclass, id, owner_id))
 *	CREATE POLICY relmeta_update ON s.t FOR UPDATE USING (relmeta.owned('s.t'::regclass, 2, owner_id)
 *		OR relmeta.shared('s.t'::regclass, 2, id)) WITH CHECK (... OR relmeta.noted('s.t'::regclass, id, owner_id))
 *	CREATE POLICY relmeta_delete ON s.t FOR DELETE USING (relmeta.owned('s.t'::regclass, 65536, owner_id)
 *		OR relmeta.shared('s.t'::regclass, 65536, id))
 */
#include "ddl/policy_wanted.h"

#include "access/policy.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"

/* 's.t'::regclass, as PostgreSQL prints it */
static char *
printed_table(Oid relid)
{
	return psprintf("%s::regclass", ddl_printed_literal(ddl_table_name(relid)));
}

static char *
row_arguments(ModelTable *table)
{
	char	   *key = model_key_sql(table, NULL);

	return table->owner.name ? psprintf("%s, %s", key, quote_identifier(table->owner.name)) : key;
}

/* relmeta.owned('s.t'::regclass, 2, owner_id) OR relmeta.shared('s.t'::regclass, 2, id) [OR more] */
static char *
holds(ModelTable *table, const char *name, int32 right, const char *more)
{
	StringInfoData buf;

	initStringInfo(&buf);
	appendStringInfoChar(&buf, '(');
	if (table->owner.name)
		appendStringInfo(&buf, "relmeta.owned(%s, %d, %s) OR ", name, right,
						 quote_identifier(table->owner.name));
	appendStringInfo(&buf, "relmeta.shared(%s, %d, %s)", name, right, model_key_sql(table, NULL));
	if (more)
		appendStringInfo(&buf, " OR %s", more);
	appendStringInfoChar(&buf, ')');
	if (!table->owner.name && !more)
	{
		/* one call is printed without parentheses */
		buf.data[buf.len - 1] = '\0';
		return buf.data + 1;
	}
	return buf.data;
}

static void
table_policies(ModelTable *table, Oid relid, Policy *wanted)
{
	char	   *name = printed_table(relid);
	char	   *arguments = row_arguments(table);
	char	   *noted = psprintf("relmeta.noted(%s, %s)", name, arguments);

	wanted[POLICY_SELECT].using = holds(table, name, RIGHT_READ, noted);
	wanted[POLICY_INSERT].check = psprintf("relmeta.inserts(%s, %s)", name, arguments);
	wanted[POLICY_UPDATE].using = holds(table, name, RIGHT_WRITE, NULL);
	wanted[POLICY_UPDATE].check = holds(table, name, RIGHT_WRITE, noted);
	wanted[POLICY_DELETE].using = holds(table, name, RIGHT_DELETE, NULL);
}

/*
 *	... ON s.enrolled FOR SELECT USING (relmeta.link_shown('s.enrolled'::regclass, 257, student_id, course_id))
 *	... FOR INSERT WITH CHECK (relmeta.link_judged('s.enrolled'::regclass, 260, student_id, course_id)), and so on
 */
static void
link_policies(ModelIntersect *intersect, Oid relid, int ends, Policy *wanted)
{
	char	   *name = printed_table(relid);
	char	   *columns = psprintf("%s, %s", model_columns_sql(&intersect->column[0], NULL),
								   model_columns_sql(&intersect->column[1], NULL));
	char	   *shown = psprintf("relmeta.link_shown(%s, %d, %s)", name, RIGHT_APPEND | ends, columns);
	char	   *judged = psprintf("relmeta.link_judged(%s, %d, %s)", name, RIGHT_APPEND | ends, columns);

	wanted[POLICY_SELECT].using = psprintf("relmeta.link_shown(%s, %d, %s)", name, RIGHT_READ | ends, columns);
	wanted[POLICY_INSERT].check = judged;
	wanted[POLICY_UPDATE].using = shown;
	wanted[POLICY_UPDATE].check = judged;
	wanted[POLICY_DELETE].using = shown;
}

/* Which of the ends' tables are controlled, as policies say it: POLICY_ENDS */
static int
controlled_ends(ModelIntersect *intersect)
{
	Model	   *model = ddl_model();
	int			ends = 0;

	for (int i = 0; i < 2; i++)
	{
		ModelTable *table = model_intersect_end(model, intersect, i);

		if (table != NULL ? table->access_control : ddl_link_end_is_lost(intersect, i))
			ends |= POLICY_END1 << i;
	}
	return ends;
}

bool
ddl_link_is_controlled(ModelIntersect *intersect)
{
	return controlled_ends(intersect) != 0;
}

static void
keep_policies(Policy *wanted, int from, int upto)
{
	for (int i = from; i < upto; i++)
		wanted[i].is_kept = true;
}

bool
ddl_policies_wanted(ModelTable *table, ModelIntersect *intersect, Oid relid, Policy **wanted)
{
	bool		rows = table != NULL && table->access_control;
	bool		forced;
	int			ends;

	*wanted = palloc0(POLICIES * sizeof(Policy));
	if (rows)
		table_policies(table, relid, *wanted);
	else if (table == NULL && intersect != NULL && ddl_policies_stand(intersect->relid, &forced))
	{
		/* its own registration is lost: nobody sees rows by those */
		keep_policies(*wanted, 0, POLICY_LINK);
		rows = true;
	}
	if (intersect != NULL && intersect->broken != NULL)
	{
		keep_policies(*wanted, POLICY_LINK, POLICIES);
		return rows;
	}
	ends = intersect != NULL ? controlled_ends(intersect) : 0;
	if (ends != 0)
		link_policies(intersect, relid, ends, *wanted + (rows ? POLICY_LINK : 0));
	else if (!rows)
		*wanted = NULL;
	return true;
}
