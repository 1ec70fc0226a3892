# relmeta: plain PGXS; `make demo` and `make test` do their own set-up (see README.md)
EXTENSION  = relmeta
MODULE_big = relmeta
EXTVERSION := $(shell sed -n "s/^default_version = '\(.*\)'/\1/p" relmeta.control)

OBJS = $(patsubst %.c,%.o,$(sort $(wildcard src/*.c src/*/*.c)))

# The install script: the rooms' SQL, in order of dependency.
SQL_PARTS = $(wildcard \
	src/preamble.sql \
	src/model/model.sql src/model/principal.sql \
	src/access/access.sql \
	src/cascade/cascade.sql src/cascade/share.sql \
	src/job/job.sql \
	src/ddl/table.sql src/ddl/relationship.sql src/ddl/many_to_many.sql \
	src/ddl/event_trigger.sql src/ddl/verify.sql)

DATA_built = relmeta--$(EXTVERSION).sql
DATA = $(wildcard src/upgrade/relmeta--*--*.sql)

REGRESS        = $(sort $(basename $(notdir $(wildcard sql/*.sql))))
REGRESS_OPTS   = --load-extension=relmeta
ISOLATION      = $(sort $(basename $(notdir $(wildcard test/specs/*.spec))))
ISOLATION_OPTS = --inputdir=test --load-extension=relmeta
TAP_TESTS      = $(if $(wildcard test/t/*.pl),1)
PROVE_TESTS    = test/t/*.pl

PG_CPPFLAGS = -I$(srcdir)/src
PG_CFLAGS   = -Wall -Wextra -Wno-unused-parameter -Wno-missing-field-initializers
EXTRA_CLEAN = relmeta--$(EXTVERSION).sql

PG_CONFIG ?= pg_config
PGXS := $(shell $(PG_CONFIG) --pgxs)
override with_llvm := no
include $(PGXS)

relmeta--$(EXTVERSION).sql: $(SQL_PARTS) relmeta.control
	cat $(SQL_PARTS) > $@

$(OBJS): $(wildcard src/*.h src/*/*.h)
