/*
 * dataverse.c
 *		Importing Dataverse's definitions, one by one.
 */
#include "show/dataverse.h"

void
show_dataverse_import(ShowImport *import)
{
	show_refuse(import->document, "it is no document that can be read: \"format\": \"relmeta\" is missing");
}
