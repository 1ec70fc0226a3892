/*
 * principal.c
 *		Principals that are one owner, users whose role is gone (SEMANTICS 2.1): verify()'s part about them.
 */
#include "ddl/verify/verify.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "utils/builtins.h"

static void
verify_alias(ModelAlias *alias, List **problems)
{
	const char *type = format_type_be(alias->type->base_type);

	if (alias->principal == NULL)
		ddl_verify_add(problems, InvalidOid, type, "values of principals in this type are not recorded", NULL,
					   MEND_VALUES, alias->type);
	else
		ddl_verify_add(problems, InvalidOid, alias->principal,
					   psprintf("principal is the same owner as \"%s\" in columns of type %s", alias->other, type),
					   psprintf("SELECT relmeta.reassign_owned(%s, %s), relmeta.drop_principal(%s)",
								quote_literal_cstr(alias->principal), quote_literal_cstr(alias->other),
								quote_literal_cstr(alias->principal)),
					   MEND_BY_HAND, NULL);
}

#define ROLE_IS_GONE \
	"NOT EXISTS (SELECT FROM pg_catalog.pg_roles AS a WHERE a.oid = r.role)"

/*
 * SELECT r.principal, r.role::oid FROM relmeta.principal_role AS r
 *	WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_roles AS a WHERE a.oid = r.role)
 *
 * A role made later may get the number of one that was dropped.
 */
static void
verify_roles(List **problems)
{
	MemoryContext outer = CurrentMemoryContext;

	SPI_connect();
	ddl_query_latest("SELECT r.principal, r.role::pg_catalog.oid::pg_catalog.text"
					 " FROM relmeta.principal_role AS r WHERE " ROLE_IS_GONE " ORDER BY 1", 0, NULL, NULL);
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		char	   *user = SPI_getvalue(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1);
		char	   *role = SPI_getvalue(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 2);
		MemoryContext inner = MemoryContextSwitchTo(outer);

		ddl_verify_add(problems, InvalidOid, user, psprintf("the user's role, which had OID %s, does not exist", role),
					   NULL, MEND_ROLE, pstrdup(user));
		MemoryContextSwitchTo(inner);
	}
	SPI_finish();
}

/* DELETE FROM relmeta.principal_role AS r WHERE r.principal = $1 AND <its role is gone> */
void
ddl_mend_role(const char *user)
{
	Oid			type = TEXTOID;
	Datum		value = CStringGetTextDatum(user);

	ddl_catalog("DELETE FROM relmeta.principal_role AS r WHERE r.principal = $1 AND " ROLE_IS_GONE,
				1, &type, &value, NULL);
}

void
ddl_verify_principals(Model *model, void *subject, List **problems)
{
	ListCell   *lc;

	verify_roles(problems);

	foreach(lc, model_owner_type_problems())
		verify_alias(lfirst(lc), problems);
}
