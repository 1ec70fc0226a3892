/*
 * type.h
 *		Types of keys, lookups, owners and states: what compares, orders, reads and
 *		prints their values.
 */
#ifndef MODEL_TYPE_H
#define MODEL_TYPE_H

#include "relmeta.h"

/*
 * A type as relmeta compares and prints it: the default btree operator class's
 * equality (never found by search_path), its hash support where there is one.
 */
typedef struct ModelType
{
	Oid			type;			/* as declared, a domain included */
	int32		typmod;
	Oid			collation;
	int16		typlen;
	bool		typbyval;
	char		typalign;
	Oid			base_type;		/* getBaseType(type) */
	Oid			array_type;		/* of the base type; for unnest() parameters */
	Oid			eqop;			/* equality operator of base_type's btree
								 * opfamily */
	Oid			ltop;			/* less-than, for a fixed lock order */
	bool		by_image;		/* equal values look the same */
	FmgrInfo	eq_finfo;		/* function of eqop */
	bool		has_hash;
	FmgrInfo	hash_finfo;		/* valid when has_hash */
	FmgrInfo	out_finfo;
	Oid			in_func;		/* input of base_type */
	Oid			in_ioparam;
	FmgrInfo	in_finfo;
	char	   *sql_name;		/* quoted, schema-qualified: base type without
								 * modifier */
	char	   *sql_eq;			/* OPERATOR(schema.=) */
	char	   *sql_lt;
	char	   *sql_collate;	/* ' COLLATE x.y' when not the type's default,
								 * else '' */
	char	   *distrust;		/* why its functions must not be called by
								 * everybody; NULL: they may */
} ModelType;

/*
 * Fills *type; 0A000 with a hint for a type without default btree operator class, an array or a composite, and for one
 * of which a function is an ordinary role's (type_trust.c).
 */
extern void model_type_fill(ModelType *type, Oid typid, int32 typmod, Oid collation);
extern bool model_type_fill_quietly(ModelType *type, Oid typid, int32 typmod, Oid collation);	/* false for an error */

/* The same as model_type_fill without the last: for values that only the caller's own statements read and compare. */
extern void model_type_fill_own(ModelType *type, Oid typid, int32 typmod, Oid collation);

/*
 * Appends how such a statement says that two expressions of the type are equal,
 * arrays and composites too: by its own equality where it has one, else by
 * their JSON form.
 */
extern void model_type_append_equal(StringInfo sql, Oid typid, const char *a, const char *b);

/*
 * The types boolean, integer, bigint and text, for flags, right bits and numbers that are stored beside keys, and for
 * keys as the catalog has them.
 */
extern ModelType *model_type_bool(void);
extern ModelType *model_type_int4(void);
extern ModelType *model_type_int8(void);
extern ModelType *model_type_text(void);
extern bool model_type_equal(ModelType *type, Datum a, Datum b);
extern char *model_type_output(ModelType *type, Datum value);

/* An array of the base type, for unnest(); the values stay as they are. */
extern Datum model_type_array(ModelType *type, const Datum *values, int n);

/* Input of text; 22P02 for a bad one, naming the value. */
extern Datum model_type_input(ModelType *type, const char *input);

/* The same, but false instead of an error (a soft error or an internal subtransaction). */
extern bool model_type_input_safe(ModelType *type, const char *input, Datum *value);

/* owner_cast.c: as model_principal_cast(); told: it would be the same again, until the type is changed. */
extern bool model_principal_cast_told(const char *principal, ModelType *type, Datum *owner, bool *told);

/*
 * As model_principal_cast(), of what rows and entries have already: no check of a domain is asked, which may refuse by
 * now who owns rows.  For whatever counts what somebody has, or takes it away.
 */
extern bool model_principal_held(const char *principal, ModelType *type, Datum *value);

/* Is it a domain that takes a principal for no value of its, which its base type does?  As it is now, nothing kept. */
extern bool model_domain_refuses(const char *principal, ModelType *type);

#endif							/* MODEL_TYPE_H */
