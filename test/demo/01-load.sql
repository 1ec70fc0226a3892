-- == 1. An ordinary application: this machine's package database ==
--
-- Plain tables and COPY; nothing of relmeta yet.  Maintainers own things, teams
-- have members, source packages are built into binary packages, and a note is
-- about a source package or about a binary package (two columns, as in Rails).

CREATE TABLE person  (name text PRIMARY KEY);
CREATE TABLE team    (name text PRIMARY KEY);
CREATE TABLE team_member (
  team   text REFERENCES team,
  member text REFERENCES person,
  PRIMARY KEY (team, member)
);

CREATE TABLE section (name text PRIMARY KEY);

CREATE TABLE source_package (
  name  text PRIMARY KEY,
  owner text
);

CREATE TABLE binary_package (
  name           text PRIMARY KEY,
  source         text NOT NULL,
  section        text NOT NULL,
  version        text NOT NULL,
  installed_size bigint NOT NULL,
  description    text NOT NULL,
  owner          text
);

CREATE TABLE note (
  id             bigint PRIMARY KEY,
  regarding      text NOT NULL,
  regarding_type text NOT NULL,
  body           text NOT NULL,
  owner          text
);

\copy person FROM 'person.tsv'
\copy team FROM 'team.tsv'
\copy team_member FROM 'team_member.tsv'
\copy section FROM 'section.tsv'
\copy source_package FROM 'source_package.tsv'
\copy binary_package FROM 'binary_package.tsv'
\copy note FROM 'note.tsv'

ALTER TABLE binary_package ADD FOREIGN KEY (source) REFERENCES source_package;
ALTER TABLE binary_package ADD FOREIGN KEY (section) REFERENCES section;

-- Beside them stand copies, in schema peer, with the rules of the next chapter written by
-- hand: PL/pgSQL row triggers and foreign keys (test/demo/peer.sql).

\ir peer.sql

SELECT (SELECT count(*) FROM person) AS people, (SELECT count(*) FROM team) AS teams,
       (SELECT count(*) FROM source_package) AS source_packages,
       (SELECT count(*) FROM binary_package) AS binary_packages,
       (SELECT count(*) FROM note) AS notes;
