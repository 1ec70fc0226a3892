-- What docs/relationships.md says, and nothing else.
\o /dev/null
SELECT call FROM relmeta.adoptable WHERE call IS NOT NULL \gexec
