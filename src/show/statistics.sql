-- statistics: what relationships have done

CREATE FUNCTION relmeta.read_statistics(OUT relationship text, OUT action text, OUT calls bigint, OUT rows bigint,
  OUT total_time double precision, OUT last_used timestamptz)
RETURNS SETOF record
LANGUAGE c VOLATILE AS 'MODULE_PATHNAME', 'relmeta_read_statistics';
COMMENT ON FUNCTION relmeta.read_statistics() IS 'the rows of relmeta.statistics';

CREATE VIEW relmeta.statistics AS
SELECT s.relationship, s.action, s.calls, s.rows, s.total_time, s.last_used
FROM relmeta.read_statistics() AS s
WHERE EXISTS (SELECT FROM relmeta.relationship AS r WHERE r.name = s.relationship)
   OR EXISTS (SELECT FROM relmeta.intersect_relationship AS i WHERE i.name = s.relationship);
COMMENT ON VIEW relmeta.statistics IS
'what relationships have done for each action: of all sessions since the server started where the library is preloaded, else of '
'this session';
COMMENT ON COLUMN relmeta.statistics.relationship IS 'name of the relationship';
COMMENT ON COLUMN relmeta.statistics.action IS 'assign, share, unshare, reparent, delete or merge';
COMMENT ON COLUMN relmeta.statistics.calls IS 'how often, once for each level of a cascade and batch of rows';
COMMENT ON COLUMN relmeta.statistics.rows IS
'how many rows were changed (assign, delete, merge), or were looked at to pass access on (share, unshare, reparent)';
COMMENT ON COLUMN relmeta.statistics.total_time IS 'milliseconds, with the triggers that ran meanwhile';
COMMENT ON COLUMN relmeta.statistics.last_used IS 'when the statement began that did it last';
GRANT SELECT ON relmeta.statistics TO PUBLIC;

CREATE FUNCTION relmeta.reset_statistics(relationship text DEFAULT NULL) RETURNS void
LANGUAGE c VOLATILE AS 'MODULE_PATHNAME', 'relmeta_reset_statistics';
COMMENT ON FUNCTION relmeta.reset_statistics(text) IS
'Forgets what relmeta.statistics says of a relationship, whose tables the caller owns; without one, for superusers, of all in '
'this database. Errors: 42704 no such relationship, 42501.';
