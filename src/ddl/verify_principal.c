/*
 * verify_principal.c
 *		Principals that are one owner (SEMANTICS 2.1): verify()'s part about them.
 */
#include "ddl/verify.h"

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

void
ddl_verify_principals(List **problems)
{
	ListCell   *lc;

	foreach(lc, model_owner_type_problems())
		verify_alias(lfirst(lc), problems);
}
