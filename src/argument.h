/*
 * argument.h
 *		What SQL functions are given: the one reader of arguments.  Keys are read
 *		in the type of their table: model_key_argument(), link_keys_argument().
 *
 * What is required and null is refused with 22004, which names the argument as
 * the function's declaration does; what may be null is NULL, NIL or false then.
 *
 * MEMORY: results are palloc'd in the current context.
 */
#ifndef RELMETA_ARGUMENT_H
#define RELMETA_ARGUMENT_H

#include "postgres.h"

#include "compat.h"
#include "fmgr.h"
#include "nodes/pg_list.h"

/* 22004 if it is null */
extern void relmeta_argument_required(FunctionCallInfo fcinfo, int argno);

/* Of a required argument, or of an element of it: raises 22004, as if it were null or contained null. */
pg_noreturn extern void relmeta_argument_is_null(FunctionCallInfo fcinfo, int argno);
pg_noreturn extern void relmeta_argument_contains_null(FunctionCallInfo fcinfo, int argno);

/* required; 42P01, 42704 for the OID of nothing */
extern Oid	relmeta_argument_table(FunctionCallInfo fcinfo, int argno);
extern Oid	relmeta_argument_type(FunctionCallInfo fcinfo, int argno);

extern char *relmeta_argument_text(FunctionCallInfo fcinfo, int argno);
extern char *relmeta_argument_text_required(FunctionCallInfo fcinfo, int argno);
extern char *relmeta_argument_name(FunctionCallInfo fcinfo, int argno);
extern char *relmeta_argument_name_required(FunctionCallInfo fcinfo, int argno);
extern bool relmeta_argument_bool(FunctionCallInfo fcinfo, int argno);

/* 22023 for an array of arrays; a NULL element of text[] is NULL, one of name[] is left out */
extern List *relmeta_argument_texts(FunctionCallInfo fcinfo, int argno);
extern List *relmeta_argument_names(FunctionCallInfo fcinfo, int argno);

/* required, as are their elements */
extern List *relmeta_argument_texts_required(FunctionCallInfo fcinfo, int argno);
extern List *relmeta_argument_tables(FunctionCallInfo fcinfo, int argno);

#endif							/* RELMETA_ARGUMENT_H */
