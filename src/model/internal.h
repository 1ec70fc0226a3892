/*
 * internal.h
 *		What the files of model/ share among themselves; no other room includes it.
 */
#ifndef RELMETA_MODEL_INTERNAL_H
#define RELMETA_MODEL_INTERNAL_H

#include "model/model.h"

#include "access/htup.h"
#include "access/tupdesc.h"

/* relmeta's own catalog tables that C reads; see catalog.c */
typedef enum ModelCatalog
{
	CATALOG_REGISTERED_TABLE,
	CATALOG_RELATIONSHIP,
	CATALOG_PRINCIPAL,
	CATALOG_TEAM_MEMBER,
	CATALOG_PRINCIPAL_SOURCE
} ModelCatalog;

#define MODEL_CATALOGS (CATALOG_PRINCIPAL_SOURCE + 1)

/*
 * One reading of the catalog.  Everything in it lives in cxt, filled by load.c
 * (leaves: by leaf.c, as they are met) and freed by cache.c.
 */
struct Model
{
	MemoryContext cxt;
	int			pins;			/* memory contexts that hold it */
	HTAB	   *tables;			/* ModelTable */
	HTAB	   *leaves;			/* ModelLeaf */
	List	   *table_list;		/* ModelTable *, by name */
	List	   *relationship_list;	/* ModelRelationship *, by id */
	ModelRelationship **by_name;	/* the same, by name (strcmp) */
	int			ntypes;
	ModelType **types;			/* the distinct types met */
	uint32	   *type_hashes;	/* their syscache hash values (type and base type: 2 * ntypes) */
};

/* ---- catalog.c ---- */
extern Oid	model_catalog_relid(ModelCatalog catalog);
extern Oid	model_catalog_index(const char *index_name);
extern bool model_catalog_is(ModelCatalog catalog, Oid relid);
extern void model_catalog_forget(Oid relid);
extern void model_catalog_changed(ModelCatalog catalog);
extern AttrNumber model_catalog_column(TupleDesc desc, const char *name);
extern char *model_catalog_text(HeapTuple tuple, TupleDesc desc, const char *name);
extern Oid	model_catalog_oid(HeapTuple tuple, TupleDesc desc, const char *name);
extern bool model_catalog_bool(HeapTuple tuple, TupleDesc desc, const char *name);

/* ---- load.c ---- */
extern Model *model_load(MemoryContext parent);

/* ---- type.c ---- */
extern bool model_type_fill_quietly(ModelType *type, Oid typid, int32 typmod, Oid collation);

/* ---- identity.c ---- */
extern void model_identity_forget(void);

/* ---- owner.c ---- */
extern void model_spellings_forget(void);

#endif							/* RELMETA_MODEL_INTERNAL_H */
