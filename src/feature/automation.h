/*
 * automation.h
 *		Automations; what their files share.  SEMANTICS 3.9.
 */
#ifndef RELMETA_FEATURE_AUTOMATION_H
#define RELMETA_FEATURE_AUTOMATION_H

#include "feature/feature.h"

#include "collect/step.h"

typedef struct Automation
{
	int			id;
	char	   *name;
	Oid			relid;
	char	   *schema;			/* of the procedure */
	char	   *procedure;
} Automation;

/* By name, in CurrentMemoryContext; NULL when there is none.  Connects SPI itself. */
extern Automation *feature_automation_named(const char *name);

/* The same for argument 0; 22004, 42704. */
extern Automation *feature_automation_argument(FunctionCallInfo fcinfo);

pg_noreturn extern void feature_automation_refuse_missing(const char *name);

/* Has the table any?  Cheap. */
extern bool feature_has_automations(ModelTable *table);

/*
 * The procedure as it is now, which belongs to the table's owner or to a superuser: 42883 when it is gone, 42501
 * when it is somebody else's.  *is_procedure: CALL it.
 */
extern Oid	feature_automation_procedure(Automation *automation, bool *is_procedure);

/* What would be refused, as a clause; NULL: nothing. */
extern char *feature_automation_problem(Automation *automation);

/* Who acts: the current principal, or the role; where relmeta acts as somebody else, the session's. */
extern char *feature_actor(void);

/* ---- automation_call.c: the step that calls them ---- */
extern void feature_automation_call(struct TableChanges *changes, RowList *rows, int64 from, int64 upto, int lookup);

#endif							/* RELMETA_FEATURE_AUTOMATION_H */
