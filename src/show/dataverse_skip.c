/*
 * dataverse_skip.c
 *		Definitions that are left out by rule: SEMANTICS 3.15.
 */
#include "show/dataverse.h"

/*
 * Owners are a column of the table here (SEMANTICS 2.2), and who made or changed
 * a row is the application's business.
 */
static const char *const owner_lookups[] = {
	"ownerid", "owninguser", "owningteam", "owningbusinessunit"
};

static const char *const audit_lookups[] = {
	"createdby", "modifiedby", "createdonbehalfby", "modifiedonbehalfby", "createdbyexternalparty",
	"modifiedbyexternalparty"
};

static bool
is_among(const char *name, const char *const *names, int n)
{
	for (int i = 0; i < n; i++)
	{
		if (strcmp(name, names[i]) == 0)
			return true;
	}
	return false;
}

/* Another N:N whose links stand in the same table */
static DataverseRelationship *
sharer(Dataverse *dataverse, const DataverseRelationship *r)
{
	ListCell   *lc;

	foreach(lc, dataverse->relationships)
	{
		DataverseRelationship *other = lfirst(lc);

		if (other != r && other->is_many_to_many && strcmp(other->intersect, r->intersect) == 0 &&
			strcmp(other->name, r->name) != 0)
			return other;
	}
	return NULL;
}

/* The N:N whose links stand in the table */
static DataverseRelationship *
link_in(Dataverse *dataverse, const DataverseTable *table)
{
	ListCell   *lc;

	foreach(lc, dataverse->relationships)
	{
		DataverseRelationship *r = lfirst(lc);

		if (r->is_many_to_many && strcmp(r->intersect, table->name) == 0 && sharer(dataverse, r) == NULL)
			return r;
	}
	return NULL;
}

static char *
reason(Dataverse *dataverse, const DataverseRelationship *r)
{
	DataverseRelationship *other;

	if (r->is_many_to_many)
	{
		other = sharer(dataverse, r);
		return other ? psprintf("intersect table %s is shared with %s", r->intersect, other->name) : NULL;
	}
	if (is_among(r->attribute[0], owner_lookups, lengthof(owner_lookups)))
		return psprintf("%s is an owner lookup: the owner is a column of the table", r->attribute[0]);
	if (is_among(r->attribute[0], audit_lookups, lengthof(audit_lookups)))
		return psprintf("%s is an audit lookup", r->attribute[0]);
	other = link_in(dataverse, r->table[1]);
	return other ? psprintf("%s is the intersect table of %s", r->table[1]->name, other->name) : NULL;
}

void
show_dataverse_skip(Dataverse *dataverse)
{
	ListCell   *lc;

	foreach(lc, dataverse->relationships)
	{
		DataverseRelationship *r = lfirst(lc);

		r->skip = reason(dataverse, r);
		if (r->skip)
			continue;
		r->table[0]->is_wanted = true;
		r->table[1]->is_wanted = true;
	}
}
