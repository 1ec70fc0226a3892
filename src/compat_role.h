/*
 * compat_role.h
 *		Version differences in what it is to be a member of a role.
 */
#ifndef RELMETA_COMPAT_ROLE_H
#define RELMETA_COMPAT_ROLE_H

#include "compat.h"

#if PG_VERSION_NUM >= 160000
#include "access/htup_details.h"
#include "catalog/pg_auth_members.h"
#include "nodes/pg_list.h"
#include "utils/catcache.h"
#include "utils/syscache.h"

/* By memberships that give the role's privileges, or, by_set, let one become it; all the way. */
static inline bool
compat_reaches_role(Oid member, Oid role, bool by_set)
{
	List	   *roles = list_make1_oid(member);

	for (int i = 0; i < list_length(roles) && !list_member_oid(roles, role); i++)
	{
		CatCList   *memberships = SearchSysCacheList1(AUTHMEMMEMROLE, ObjectIdGetDatum(list_nth_oid(roles, i)));

		for (int n = 0; n < memberships->n_members; n++)
		{
			Form_pg_auth_members form = (Form_pg_auth_members) GETSTRUCT(&memberships->members[n]->tuple);

			if (by_set ? form->set_option : form->inherit_option)
				roles = list_append_unique_oid(roles, form->roleid);
		}
		ReleaseSysCacheList(memberships);
	}
	return list_member_oid(roles, role);
}
#endif

/*
 * Is what belongs to the role the member's own as well, since it has the role's privileges or may become it?  A
 * superuser is a member of those roles only that he was made one of.  16 (e3ce2de09d8, 3d14e171e9e) has memberships
 * that give neither: of a role that one has made, and may administer.
 */
static inline bool
compat_is_in_role(Oid member, Oid role)
{
#if PG_VERSION_NUM >= 160000
	return compat_reaches_role(member, role, false) || compat_reaches_role(member, role, true);
#else
	return is_member_of_role_nosuper(member, role);
#endif
}

#endif							/* RELMETA_COMPAT_ROLE_H */
