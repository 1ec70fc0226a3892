/*
 * attempt.h
 *		Something that may fail without the statement that does it failing.
 */
#ifndef RELMETA_ATTEMPT_H
#define RELMETA_ATTEMPT_H

#include "relmeta.h"

/*
 * Does it in a subtransaction; NULL, or the error that it failed with, in CurrentMemoryContext.  A cancel goes on, and
 * at REPEATABLE READ and above an error of serialization that the server raises, whatever SQLSTATE the code that is
 * called has for its own.  A deadlock does not.  In a parallel worker before PostgreSQL 17 it is without a
 * subtransaction: what it has taken is given back in any case, and an error of code that SQL or a procedural language
 * runs goes on.
 */
extern ErrorData *relmeta_attempt(void (*action) (void *), void *arg);

/*
 * The same of what only looks at things: it is rolled back in any case, and holds no locks afterwards.  What it
 * allocates in the caller's memory context stays.  An error of serialization goes on at SERIALIZABLE only.
 */
extern ErrorData *relmeta_attempt_look(void (*action) (void *), void *arg);

/*
 * Does the error come from where the server looks at its signals: was it stopped from outside, or by a timeout?
 * Anybody's code may raise an error of any SQLSTATE, but none that comes from there.
 */
extern bool relmeta_is_interrupt(const ErrorData *error);

#endif							/* RELMETA_ATTEMPT_H */
