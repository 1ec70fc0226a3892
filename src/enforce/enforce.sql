-- enforce: access control on running statements.  Made use of by relmeta.enable_access_control().

CREATE FUNCTION relmeta.inserts("table" regclass, key "any") RETURNS boolean
LANGUAGE c STABLE PARALLEL SAFE SUPPORT relmeta.noted_support AS 'MODULE_PATHNAME', 'relmeta_inserts';
COMMENT ON FUNCTION relmeta.inserts(regclass, "any") IS
'In the INSERT policy of a controlled table without owner column: notes the new row. Error 42501: there is no current principal, or the session''s cap does not include create.';

CREATE FUNCTION relmeta.inserts("table" regclass, key "any", owner "any") RETURNS boolean
LANGUAGE c STABLE PARALLEL SAFE SUPPORT relmeta.noted_support AS 'MODULE_PATHNAME', 'relmeta_inserts';
COMMENT ON FUNCTION relmeta.inserts(regclass, "any", "any") IS
'In the INSERT policy of a controlled table: is the new row''s owner the current principal or one of its teams? Notes the new row. Error 42501: it is another, there is no current principal, or the session''s cap does not include create.';

CREATE FUNCTION relmeta.noted("table" regclass, key "any") RETURNS boolean
LANGUAGE c STABLE PARALLEL SAFE SUPPORT relmeta.noted_support AS 'MODULE_PATHNAME', 'relmeta_noted';
COMMENT ON FUNCTION relmeta.noted(regclass, "any") IS
'In policies of a controlled table without owner column: is this the new row that the statement itself is making? False wherever existing rows are filtered.';

CREATE FUNCTION relmeta.noted("table" regclass, key "any", owner "any") RETURNS boolean
LANGUAGE c STABLE PARALLEL SAFE SUPPORT relmeta.noted_support AS 'MODULE_PATHNAME', 'relmeta_noted';
COMMENT ON FUNCTION relmeta.noted(regclass, "any", "any") IS
'In policies of a controlled table: is this the new row that the statement itself is making? False wherever existing rows are filtered.';

CREATE FUNCTION relmeta.link_shown("table" regclass, "right" int, key1 "any", key2 "any") RETURNS boolean
LANGUAGE c STABLE PARALLEL SAFE SUPPORT relmeta.noted_support AS 'MODULE_PATHNAME', 'relmeta_link_shown';
COMMENT ON FUNCTION relmeta.link_shown(regclass, int, "any", "any") IS
'In policies of the intersect table of a many-to-many relationship: does the current principal hold the right on both ends, so far as their tables are controlled? "right" says besides which ends are (256, 512); one that is, and whose table is not registered any more, nobody holds a right on.';

CREATE FUNCTION relmeta.link_judged("table" regclass, "right" int, key1 "any", key2 "any") RETURNS boolean
LANGUAGE c STABLE PARALLEL SAFE SUPPORT relmeta.noted_support AS 'MODULE_PATHNAME', 'relmeta_link_judged';
COMMENT ON FUNCTION relmeta.link_judged(regclass, int, "any", "any") IS
'In the INSERT and UPDATE policies of the intersect table of a many-to-many relationship: as relmeta.link_shown(), or error 42501.';

CREATE FUNCTION relmeta.trigger_judge_link() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'relmeta_trigger_judge_link';
COMMENT ON FUNCTION relmeta.trigger_judge_link() IS
'trigger on intersect tables of relationships with a controlled end, before each updated or deleted link: refuses (42501) what the current principal may not do, judged with the newest entries';

CREATE FUNCTION relmeta.trigger_judge_stored_link() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'relmeta_trigger_judge_stored_link';
COMMENT ON FUNCTION relmeta.trigger_judge_stored_link() IS
'trigger on intersect tables of relationships with a controlled end, after each inserted or updated link: as relmeta.trigger_judge_link(), of the ends that it has now';

CREATE FUNCTION relmeta.trigger_judge_update() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'relmeta_trigger_judge_update';
COMMENT ON FUNCTION relmeta.trigger_judge_update() IS
'trigger on controlled tables, before each updated row: refuses (42501) what the current principal may not do, judged with the newest version and entries';

CREATE FUNCTION relmeta.trigger_judge_delete() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'relmeta_trigger_judge_delete';
COMMENT ON FUNCTION relmeta.trigger_judge_delete() IS
'trigger on controlled tables, before each deleted row: refuses (42501) what the current principal may not do, judged with the newest version and entries';

CREATE FUNCTION relmeta.trigger_judge_stored() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'relmeta_trigger_judge_stored';
COMMENT ON FUNCTION relmeta.trigger_judge_stored() IS
'trigger on controlled tables, after each inserted or updated row: refuses (42501) an owner or a lookup that the current principal may not set';
