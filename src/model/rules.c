/*
 * rules.c
 *		What may be declared: actions, behaviors and presets, SEMANTICS 2.3.
 */
#include "relmeta.h"

#include "catalog/pg_enum.h"
#include "catalog/pg_type.h"
#include "access/htup_details.h"
#include "model/internal.h"
#include "utils/builtins.h"
#include "utils/rel.h"
#include "utils/syscache.h"

static const char *const action_names[MODEL_ACTIONS] = {
	[ACTION_ASSIGN] = "assign",
	[ACTION_REPARENT] = "reparent",
	[ACTION_SHARE] = "share",
	[ACTION_UNSHARE] = "unshare",
	[ACTION_DELETE] = "delete",
	[ACTION_MERGE] = "merge",
	[ACTION_ROLLUP_VIEW] = "rollup_view"
};

static const char *const behavior_names[MODEL_BEHAVIORS] = {
	[BEHAVIOR_NONE] = "none",
	[BEHAVIOR_ALL] = "all",
	[BEHAVIOR_ACTIVE] = "active",
	[BEHAVIOR_USER_OWNED] = "user_owned",
	[BEHAVIOR_REMOVE_LINK] = "remove_link",
	[BEHAVIOR_RESTRICT] = "restrict"
};

typedef struct ModelPreset
{
	const char *name;
	ModelBehavior behavior[MODEL_ACTIONS];	/* in the order of ModelAction */
} ModelPreset;

static const ModelPreset presets[] = {
	{"parental", {BEHAVIOR_ALL, BEHAVIOR_ALL, BEHAVIOR_ALL, BEHAVIOR_ALL,
	BEHAVIOR_ALL, BEHAVIOR_ALL, BEHAVIOR_NONE}},
	{"referential", {BEHAVIOR_NONE, BEHAVIOR_NONE, BEHAVIOR_NONE, BEHAVIOR_NONE,
	BEHAVIOR_REMOVE_LINK, BEHAVIOR_ALL, BEHAVIOR_NONE}},
	{"referential_restrict", {BEHAVIOR_NONE, BEHAVIOR_NONE, BEHAVIOR_NONE, BEHAVIOR_NONE,
	BEHAVIOR_RESTRICT, BEHAVIOR_ALL, BEHAVIOR_NONE}}
};

/*
 * The enum values' OIDs as last seen.  An entry is overwritten when another OID
 * turns out to carry the label (the extension was dropped and made again).
 */
static Oid	behavior_oids[MODEL_BEHAVIORS];

const char *
model_action_name(ModelAction action)
{
	return action_names[action];
}

const char *
model_behavior_name(ModelBehavior behavior)
{
	return behavior_names[behavior];
}

bool
model_behavior_allowed(ModelAction action, ModelBehavior behavior)
{
	switch (action)
	{
		case ACTION_ASSIGN:
		case ACTION_REPARENT:
		case ACTION_SHARE:
		case ACTION_UNSHARE:
		case ACTION_ROLLUP_VIEW:
			return behavior == BEHAVIOR_NONE || behavior_cascades(behavior);
		case ACTION_DELETE:
			return behavior == BEHAVIOR_ALL || behavior == BEHAVIOR_REMOVE_LINK || behavior == BEHAVIOR_RESTRICT;
		case ACTION_MERGE:
			return behavior == BEHAVIOR_NONE || behavior == BEHAVIOR_ALL;
	}
	return false;
}

void
model_preset_behaviors(const char *preset, ModelBehavior *behavior)
{
	size_t		i;

	for (i = 0; i < lengthof(presets); i++)
	{
		if (strcmp(presets[i].name, preset) == 0)
		{
			memcpy(behavior, presets[i].behavior, sizeof(presets[i].behavior));
			return;
		}
	}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown preset \"%s\"", preset),
			 errhint("The presets are \"parental\", \"referential\" and \"referential_restrict\".")));
}

const char *
model_preset_of(const ModelBehavior *behavior)
{
	size_t		i;

	for (i = 0; i < lengthof(presets); i++)
	{
		if (memcmp(presets[i].behavior, behavior, sizeof(presets[i].behavior)) == 0)
			return presets[i].name;
	}
	return "custom";
}

bool
model_behaviors_pass_access(const ModelBehavior *behavior)
{
	return behavior_cascades(behavior[ACTION_ASSIGN]) ||
		behavior_cascades(behavior[ACTION_REPARENT]) ||
		behavior_cascades(behavior[ACTION_SHARE]) ||
		behavior_cascades(behavior[ACTION_UNSHARE]);
}

/* SEMANTICS 1: merge and rollup_view do not count. */
bool
model_behaviors_parental(const ModelBehavior *behavior)
{
	return model_behaviors_pass_access(behavior) || behavior[ACTION_DELETE] == BEHAVIOR_ALL;
}

ModelBehavior
model_behavior_from_oid(Oid enum_oid)
{
	HeapTuple	tuple;
	int			i;

	for (i = 0; i < MODEL_BEHAVIORS; i++)
	{
		if (behavior_oids[i] == enum_oid && OidIsValid(enum_oid))
			return (ModelBehavior) i;
	}

	tuple = SearchSysCache1(ENUMOID, ObjectIdGetDatum(enum_oid));
	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for enum value %u", enum_oid);
	for (i = 0; i < MODEL_BEHAVIORS; i++)
	{
		if (namestrcmp(&((Form_pg_enum) GETSTRUCT(tuple))->enumlabel, behavior_names[i]) == 0)
		{
			behavior_oids[i] = enum_oid;
			break;
		}
	}
	ReleaseSysCache(tuple);
	if (i == MODEL_BEHAVIORS)
		elog(ERROR, "enum value %u is no behavior", enum_oid);
	return (ModelBehavior) i;
}

Oid
model_behavior_to_oid(ModelBehavior behavior)
{
	Oid			type = GetSysCacheOid2(TYPENAMENSP, Anum_pg_type_oid,
									   CStringGetDatum("behavior"), ObjectIdGetDatum(relmeta_schema_oid()));
	Oid			value = GetSysCacheOid2(ENUMTYPOIDNAME, Anum_pg_enum_oid,
										ObjectIdGetDatum(type), CStringGetDatum(behavior_names[behavior]));

	if (!OidIsValid(value))
		elog(ERROR, "enum relmeta.behavior has no value \"%s\"", behavior_names[behavior]);
	return value;
}
