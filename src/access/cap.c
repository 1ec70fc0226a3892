/*
 * cap.c
 *		The cap of a session, setting relmeta.rights (SEMANTICS 2.1).
 *
 * What the current principal may do is what it holds and the cap.  '' is no cap;
 * '{}' is no right at all; else names of rights, with or without braces.
 */
#include "relmeta.h"

#include "access/access.h"
#include "access/statement.h"
#include "compat_statement.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/varlena.h"

static char *rights_setting = NULL;
static int32 cap = ACCESS_NO_CAP;

int32
access_cap(void)
{
	return cap;
}

/* Adds the bits of the names in a list that it may change; false and the bad name for an unknown one. */
static bool
add_names(char *names, int32 *mask, char **bad)
{
	List	   *list;
	ListCell   *lc;

	*bad = names;
	if (!SplitIdentifierString(names, ',', &list))
		return false;
	foreach(lc, list)
	{
		int32		bit = access_right_named(lfirst(lc));

		*bad = lfirst(lc);
		if (bit == 0)
			return false;
		*mask |= bit;
	}
	return true;
}

static bool
check_rights(char **newval, void **extra, GucSource source)
{
	char	   *names = pstrdup(*newval);
	size_t		length = strlen(names);
	int32		mask = length == 0 ? ACCESS_NO_CAP : 0;
	int32	   *result;
	char	   *bad;

	if (length >= 2 && names[0] == '{' && names[length - 1] == '}')
	{
		names[length - 1] = '\0';
		names++;
	}
	else if (length > 0 && strspn(names, " \t\n\r") == length)
	{
		GUC_check_errcode(ERRCODE_INVALID_TEXT_REPRESENTATION);
		GUC_check_errhint("Name rights, for example 'read,write'; '{}' is no right, '' no cap.");
		return false;
	}
	if (mask == 0 && !add_names(names, &mask, &bad))
	{
		GUC_check_errcode(ERRCODE_INVALID_TEXT_REPRESENTATION);
		GUC_check_errdetail("\"%s\" is no right.", bad);
		GUC_check_errhint("Rights are read, write, append, append_to, create, delete, share and assign.");
		return false;
	}
	result = compat_guc_malloc(sizeof(int32));
	if (result == NULL)
		return false;
	*result = mask;
	*extra = result;
	return true;
}

static void
assign_rights(const char *newval, void *extra)
{
	cap = *(int32 *) extra;
}

/* The setting's text for a mask. */
char *
access_cap_text(int32 mask)
{
	StringInfoData buf;

	initStringInfo(&buf);
	appendStringInfoChar(&buf, '{');
	for (int i = 0; access_right_name(i) != NULL; i++)
	{
		if (mask & access_right_named(access_right_name(i)))
			appendStringInfo(&buf, "%s%s", buf.len > 1 ? "," : "", access_right_name(i));
	}
	appendStringInfoChar(&buf, '}');
	return buf.data;
}

void
access_cap_init(void)
{
	DefineCustomStringVariable("relmeta.rights",
							   "The rights that the current principal may use at the most.",
							   "Empty: no cap; {}: no right at all.",
							   &rights_setting,
							   "",
							   PGC_SUSET,
							   0,
							   check_rights, assign_rights, NULL);
}
