/*
 * temp_file.c
 *		Temporary files that a memory context closes; see temp_file.h.
 */
#include "relmeta.h"

#include "rows/temp_file.h"
#include "utils/guc.h"

void
rows_temp_file_close(void (*close) (void *), void *file)
{
	MemoryContext cxt = CurrentMemoryContext;
	int			limit = temp_file_limit;

	/*
	 * set_config_option() asks the catalog, which an aborting transaction has
	 * not got
	 */
	temp_file_limit = -1;
	PG_TRY();
	{
		close(file);
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(cxt);
		FlushErrorState();
	}
	PG_END_TRY();
	temp_file_limit = limit;
}
