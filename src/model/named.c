/*
 * named.c
 *		Which principal is it that an owner's value, or another spelling of a name, means? SEMANTICS 2.1.
 */
#include "relmeta.h"

#include "model/internal.h"
#include "utils/builtins.h"

/* Whether the principal is there and has this value. */
bool
model_value_is_of(ModelType *type, Datum value, const char *principal)
{
	Datum		own;

	return model_principal_exists(principal) && model_principal_held(principal, type, &own) &&
		model_type_equal(type, own, value);
}

/*
 * The name of the principal that a value of an owner column means; NULL: none.
 * Mostly it is the value's text.
 */
char *
model_principal_named(ModelType *type, Datum value)
{
	char	   *principal = model_type_output(type, value);
	ValueType  *vt;

	if (model_principal_exists(principal))
		return principal;
	if (model_type_spells_one_way(type) || (vt = model_value_type(type)) == NULL)
		return NULL;
	principal = model_value_recorded(vt, model_value_canonical(vt, type, value), false);
	return principal != NULL && model_value_is_of(type, value, principal) ? principal : NULL;
}

List *
model_owner_types(void)
{
	Model	   *model = model_current();
	List	   *types = NIL;
	ListCell   *lc;
	ListCell   *known;

	model_pin(model, CurrentMemoryContext);
	foreach(lc, model_tables(model))
	{
		ModelTable *table = lfirst(lc);
		ModelType  *type = &table->owner.type;

		if (table->broken || table->owner.name == NULL || model_type_spells_one_way(type))
			continue;
		foreach(known, types)
		{
			ModelType  *k = lfirst(known);

			if (k->type == type->type && k->typmod == type->typmod && k->collation == type->collation)
				break;
		}
		if (known == NULL)
			types = lappend(types, type);
	}
	return types;
}

/*
 * The name as it is registered of the principal that is called so, or spelled
 * otherwise in the type of an owner column; NULL when there is none, or when
 * types disagree about who it is.
 */
char *
model_principal_resolve(const char *name)
{
	char	   *found = NULL;
	ListCell   *lc;

	if (model_principal_exists(name))
		return pstrdup(name);
	foreach(lc, model_owner_types())
	{
		ModelType  *type = lfirst(lc);
		Datum		value;
		char	   *principal;

		if (!model_principal_held(name, type, &value) || (principal = model_principal_named(type, value)) == NULL)
			continue;
		if (found != NULL && strcmp(found, principal) != 0)
			return NULL;
		found = principal;
	}
	return found;
}

char *
model_principal_required(const char *name)
{
	char	   *principal;

	model_principal_check_length(name);
	principal = model_principal_resolve(name);
	if (principal == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("principal \"%s\" does not exist", name),
				 errhint("Call relmeta.create_user(%s) or relmeta.create_team(%s).",
						 quote_literal_cstr(name), quote_literal_cstr(name))));
	return principal;
}

char *
model_principal_called(const char *name, ModelType *type)
{
	Datum		value;
	char	   *principal = NULL;
	bool		casts = model_principal_cast(name, type, &value);

	if (casts)
		principal = model_principal_named(type, value);
	if (principal == NULL)
		principal = model_principal_resolve(name);
	if (principal == NULL && casts)
		(void) model_principal_required(name);
	return principal;
}
