/*
 * relmeta.c
 *		Module entry: _PG_init, settings.
 */
#include "relmeta.h"

#include "access/motion.h"
#include "access/statement.h"
#include "cascade/cascade.h"
#include "collect/collect.h"
#include "enforce/enforce.h"
#include "feature/feature.h"
#include "inherit/effect.h"
#include "inherit/inherit.h"
#include "job/job.h"
#include "model/model.h"
#include "rows/act.h"
#include "rows/progress.h"
#include "setting.h"
#include "show/statistics.h"
#include "utils/guc.h"

PG_MODULE_MAGIC;

extern PGDLLEXPORT void _PG_init(void);

void
_PG_init(void)
{
	relmeta_settings_before();
	DefineCustomStringVariable("relmeta.principal",
							   "The principal on whose behalf this session acts.",
							   "Empty: the user whose role is the current user.",
							   &relmeta_principal,
							   "",
							   PGC_SUSET,
							   0,
							   NULL, NULL, NULL);
	access_cap_init();
	enforce_init();
	job_init();
	rows_act_init();
	show_statistics_init();
	MarkGUCPrefixReserved("relmeta");
	relmeta_settings_after();

	model_cache_init();
	rows_progress_init();
	collect_init();
	cascade_flush_init();
	inherit_init();
	inherit_arrive_init();
	access_statement_init();
	access_motion_init();
	collect_trim_init();
	feature_mapping_init();
	feature_connection_init();
	feature_merged_init();
	feature_automation_init();
}
