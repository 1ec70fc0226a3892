-- progress: what cascades and jobs are at

CREATE FUNCTION relmeta.read_progress(OUT pid int, OUT relationship text, OUT action text, OUT level int,
  OUT rows_done bigint, OUT rows_total bigint, OUT started_at timestamptz)
RETURNS SETOF record
LANGUAGE c VOLATILE AS 'MODULE_PATHNAME', 'relmeta_read_progress';
COMMENT ON FUNCTION relmeta.read_progress() IS 'the rows of relmeta.progress';

CREATE VIEW relmeta.progress AS
SELECT p.pid, p.relationship, p.action, p.level, p.rows_done, p.rows_total, p.started_at
FROM relmeta.read_progress() AS p;
COMMENT ON VIEW relmeta.progress IS
'what cascades and jobs are at: of all sessions in this database where the library is preloaded, else of this session. One sees '
'those of one''s own roles (all with pg_read_all_stats), and the jobs of one''s own relationships';
COMMENT ON COLUMN relmeta.progress.pid IS 'process of the session or worker, as in pg_stat_activity';
COMMENT ON COLUMN relmeta.progress.relationship IS 'through which it goes now, or whose job it is';
COMMENT ON COLUMN relmeta.progress.action IS 'assign, share, unshare, reparent, delete or merge; of a job revoke or reset';
COMMENT ON COLUMN relmeta.progress.level IS
'how many relationships below the rows that it began with the rows are that it changes now; 0: these themselves, or a job as a whole';
COMMENT ON COLUMN relmeta.progress.rows_done IS
'rows of this level that are done: of assign and delete those one level up whose related rows were changed, else the related rows; '
'of a revoke job entries of the related table, of a reset job rows of all tables below; it moves on per slice';
COMMENT ON COLUMN relmeta.progress.rows_total IS 'of how many; NULL: not known yet, or, of a merge, at all';
COMMENT ON COLUMN relmeta.progress.started_at IS 'when the statement began, or the job was taken up';
GRANT SELECT ON relmeta.progress TO PUBLIC;
