# relmeta
#
#   make, make install, make installcheck      plain PGXS, with any PG_CONFIG
#   make demo, make test, make bench ...       set up what is missing and work in build/; see README.md and CONTRIBUTING.md
#
# The second kind needs nothing installed beforehand and touches no PostgreSQL but its own throw-away clusters.
# PG_MAJOR=n chooses the server's major version (default 15), PG_CONFIG=... one certain server.

EXTENSION  = relmeta
MODULE_big = relmeta
EXTVERSION := $(shell sed -n "s/^default_version = '\(.*\)'/\1/p" relmeta.control)

OBJS = $(patsubst %.c,%.o,$(sort $(wildcard src/*.c src/*/*.c src/*/*/*.c)))

# The install script: the rooms' SQL, in order of dependency.
SQL_PARTS = $(wildcard \
	src/preamble.sql \
	src/model/model.sql src/model/intersect.sql src/model/principal.sql \
	src/access/access.sql src/access/policy.sql src/rows/rows.sql src/enforce/enforce.sql \
	src/cascade/cascade.sql src/cascade/reassign.sql src/link/associate.sql src/inherit/share.sql \
	src/job/job.sql \
	src/ddl/source.sql src/ddl/table.sql src/ddl/relationship.sql \
	src/ddl/intersect/many_to_many.sql src/ddl/access_control.sql \
	src/ddl/event/event_trigger.sql src/ddl/verify/verify.sql \
	src/feature/mapping.sql \
	src/feature/merge.sql src/feature/hierarchy.sql src/feature/rollup.sql src/feature/automation.sql \
	src/feature/lists.sql \
	src/feature/connection.sql \
	src/show/document.sql \
	src/show/diagram.sql src/show/describe.sql src/show/statistics.sql src/show/progress.sql src/show/preview.sql \
	src/privileges.sql)

DATA_built = relmeta--$(EXTVERSION).sql
DATA = $(wildcard src/upgrade/relmeta--*--*.sql)

REGRESS        = $(sort $(basename $(notdir $(wildcard sql/*.sql))))
REGRESS_OPTS   = --load-extension=relmeta
ISOLATION      = $(sort $(basename $(notdir $(wildcard test/specs/*.spec))))
ISOLATION_OPTS = --inputdir=test --load-extension=relmeta --launcher=$(srcdir)/test/tools/with-includes
TAP_TESTS      = $(if $(wildcard test/t/*.pl),1)
PROVE_TESTS    = test/t/*.pl

# PGXS has ./ for the directory at hand, and caches of compilers do not know .//src
PG_CPPFLAGS = -I$(patsubst %/,%,$(srcdir))/src
# 15's headers are not C23, which newer compilers take for granted
PG_CFLAGS   = -std=gnu17 -Wall -Wextra -Wno-unused-parameter -Wno-missing-field-initializers
# clang meets the flags that the server was built with by gcc
ifneq (,$(findstring clang,$(CC)))
PG_CFLAGS  += -Wno-unknown-warning-option -Wno-ignored-optimization-argument -Wno-ignored-attributes
endif
# 15 lets a library's functions be found by all others, and looks for each in all others first, in every session; and
# another library's function of the same name would take its place.  Later majors hide them.
PG_LDFLAGS  = $(if $(filter linux freebsd netbsd openbsd,$(PORTNAME)),-Wl$(comma)-Bsymbolic)
comma := ,
EXTRA_CLEAN = relmeta--$(EXTVERSION).sql $(filter-out build/chroot build/server,$(wildcard build/*))

#
# What sets itself up.  These targets need no server yet, so they do not read PGXS.
#
DRIVEN = demo demo-psql test bench coverage sanitize docs
FORMAT = format format-check typedefs

.PHONY: $(DRIVEN) $(FORMAT)

ifneq (,$(filter-out $(DRIVEN) $(FORMAT),$(or $(MAKECMDGOALS),all)))

PG_CONFIG ?= pg_config
PGXS := $(shell $(PG_CONFIG) --pgxs)
# no bitcode: clang and llvm are not worth a dependency
override with_llvm := no
include $(PGXS)

relmeta--$(EXTVERSION).sql: $(SQL_PARTS) relmeta.control
	cat $(SQL_PARTS) > $@

# Objects of one server or compiler are never linked with those of another: they all depend on this file.
build/built-for: FORCE
	@mkdir -p build
	@echo '$(VERSION) $(includedir_server) $(CC) $(filter-out -Werror,$(COPT)) $(PROFILE)' > $@.new
	@if cmp -s $@.new $@; then rm -f $@.new; else mv -f $@.new $@; fi
.PHONY: FORCE

$(OBJS): $(wildcard src/*.h src/*/*.h src/*/*/*.h) build/built-for

else

# a PG_CONFIG of the command line or the environment, not a default
DRIVE = PG_MAJOR='$(PG_MAJOR)' PG_CONFIG='$(if $(filter undefined default file,$(origin PG_CONFIG)),,$(PG_CONFIG))' \
	test/tools/drive

$(DRIVEN):
	@$(DRIVE) $@

format: typedefs
	@test/tools/setup --only format
	@test/tools/format

format-check:
	@test/tools/setup --only format
	@test/tools/format --check || { [ $$? = 77 ] && echo "skipped: there is no pg_bsd_indent"; }

typedefs:
	@$(DRIVE) typedefs

endif
