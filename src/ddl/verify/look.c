/*
 * look.c
 *		One look of verify() at something, while others change and drop it.
 */
#include "ddl/verify/verify.h"

#include "attempt.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"

#define LOOKS 3

typedef struct Look
{
	VerifyLook	look;
	Model	   *model;
	void	   *subject;
	List	   *found;
} Look;

static void
look_once(void *arg)
{
	Look	   *l = arg;

	l->found = NIL;
	l->look(l->model, l->subject, &l->found);
}

bool
ddl_verify_model_changed(Model *model)
{
	AcceptInvalidationMessages();
	return ddl_model() != model;
}

/*
 * A look fails when another session drops what it looks at.  That is no problem,
 * and is not known any more then; nor is there one that lasts when it succeeds
 * the next time.
 */
void
ddl_verify_look(Model *model, VerifyLook look, void *subject, Oid relid, const char *object, List **problems)
{
	Look		l = {look, model, subject};
	ErrorData  *error = NULL;

	for (int i = 0; i < LOOKS; i++)
	{
		error = relmeta_attempt_look(look_once, &l);
		if (error == NULL)
		{
			*problems = list_concat(*problems, l.found);
			return;
		}
		if ((OidIsValid(relid) && get_rel_name(relid) == NULL) || ddl_verify_model_changed(model))
			return;
	}
	ddl_verify_add(problems, relid, object, psprintf("cannot be looked at: %s", error->message),
				   "SELECT * FROM relmeta.verify()", MEND_BY_HAND, NULL);
}

bool
ddl_verify_is_among(VerifyProblem *problem, List *problems)
{
	ListCell   *lc;

	foreach(lc, problems)
	{
		VerifyProblem *p = lfirst(lc);

		if (p->relid == problem->relid && p->mend == problem->mend &&
			strcmp(p->object, problem->object) == 0 && strcmp(p->problem, problem->problem) == 0)
			return true;
	}
	return false;
}

void
ddl_verify_add(List **problems, Oid relid, const char *object, const char *problem, const char *repair,
			   VerifyMend mend, void *subject)
{
	VerifyProblem *p = palloc(sizeof(VerifyProblem));

	p->relid = relid;
	p->object = pstrdup(object ? object : "?");
	p->problem = pstrdup(problem);
	p->repair = pstrdup(repair ? repair : "SELECT relmeta.repair()");
	p->mend = mend;
	p->subject = subject;
	*problems = lappend(*problems, p);
}

void
ddl_verify_add_triggers(List **problems, List *triggers, VerifyMend mend, void *subject)
{
	ListCell   *lc;

	foreach(lc, triggers)
	{
		DdlTriggerProblem *t = lfirst(lc);

		if (t->is_disabled)
			ddl_verify_add(problems, t->relid, t->trigger, t->problem,
						   psprintf("ALTER TABLE %s ENABLE TRIGGER %s",
									ddl_table_name(t->relid), quote_identifier(t->trigger)),
						   MEND_ENABLE_TRIGGER, t);
		else
			ddl_verify_add(problems, t->relid, t->trigger, t->problem, NULL, mend, subject);
	}
}
