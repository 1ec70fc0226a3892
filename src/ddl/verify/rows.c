/*
 * rows.c
 *		verify()'s part about rows: owners that are no principals, entries of what is
 *		not there.  Only of tables that the caller owns.
 */
#include "ddl/verify/verify.h"

#include "access/access.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/syscache.h"

/* Whom the column's domain refuses by now: its checks were changed, or never looked at the rows (NOT VALID). */
static void
verify_refused_owners(ModelTable *table, List **problems)
{
	char	   *example = NULL;
	int64		refused = table->owner.name ? model_owners_refused(table, &example) : 0;
	char	   *type;

	if (refused == 0)
		return;
	type = format_type_be(table->owner.type.type);
	ddl_verify_add(problems, table->relid, table->owner.name, refused == 1 ?
				   psprintf("owner \"%s\" is refused by type %s by now, and has no access to its rows", example, type) :
				   psprintf("owner \"%s\" and " INT64_FORMAT " more are refused by type %s by now,"
							" and have no access to their rows", example, refused - 1, type),
				   psprintf("SELECT relmeta.reassign_owned(%s, ...)", quote_literal_cstr(example)),
				   MEND_BY_HAND, NULL);
}

static void
verify_owners(ModelTable *table, List **problems)
{
	char	   *example = NULL;
	int64		unknown = table->owner.name ? model_owners_unknown(table, &example) : 0;

	if (unknown == 0)
		return;
	ddl_verify_add(problems, table->relid, table->owner.name,
				   unknown == 1 ? psprintf("owner \"%s\" is not a principal", example) :
				   psprintf("owner \"%s\" and " INT64_FORMAT " more are not principals", example, unknown - 1),
				   psprintf("SELECT relmeta.register_table(%s, create_principals => true)",
							quote_literal_cstr(ddl_table_name(table->relid))),
				   MEND_BY_HAND, NULL);
}

/* '"1" and 3 more' */
static char *
counted(Orphans *orphans)
{
	return orphans->count == 1 ? psprintf("\"%s\"", orphans->example) :
		psprintf("\"%s\" and " INT64_FORMAT " more", orphans->example, orphans->count - 1);
}

static void
verify_entries(ModelTable *table, List **problems)
{
	static const char *const texts[ORPHAN_KINDS] = {
		[ORPHAN_ROW] = "entries of rows that do not exist: %s",
		[ORPHAN_PRINCIPAL] = "entries of principals that do not exist: %s",
		[ORPHAN_RELATIONSHIP] = "entries of relationships that do not exist: %s",
	};
	Orphans		orphans[ORPHAN_KINDS];

	access_orphans_find(table, orphans);
	for (int kind = 0; kind < ORPHAN_KINDS; kind++)
	{
		if (orphans[kind].count > 0)
			ddl_verify_add(problems, table->relid, table->stable_name, psprintf(texts[kind], counted(&orphans[kind])),
						   NULL, MEND_ENTRIES, table);
	}
}

void
ddl_verify_rows(Model *model, void *subject, List **problems)
{
	ModelTable *table = subject;

	if (table->broken || !relmeta_owns_relation(table->relid, GetUserId()))
		return;
	LockRelationOid(table->relid, AccessShareLock);
	if (!SearchSysCacheExists1(RELOID, ObjectIdGetDatum(table->relid)))
		return;					/* another session was dropping it */
	verify_owners(table, problems);
	verify_refused_owners(table, problems);
	verify_entries(table, problems);
}
