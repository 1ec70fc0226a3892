# RelmetaHostileCases: what hostile.pl has done to mal's tables.
#
# A case is [ what is done, what the caller does with it anyway, SQLSTATE ].  What the caller does anyway names statements of
# @plain, which the same role executes in a database without relmeta, where keys of PostgreSQL's own cascade over the
# same tables: code of mal's that runs as the caller there may do so in the case, too.  Where nothing is named, mal's code
# may run as mal only, and restricted.  No SQLSTATE: it succeeds.  ~ stands for the role.
package RelmetaHostileCases;

use strict;
use warnings;
use Exporter 'import';

our @EXPORT = qw(@plain @plain_owner @plain_partition @plain_upkeep @plain_file @plain_last $last
	reading writing working declaring partitioning pointing controlling upkeep refused leaving);

our @plain = (
	# what event triggers see
	event    => q{CREATE TEMP TABLE nothing (); ALTER TABLE pg_temp.nothing ADD COLUMN i int; DROP TABLE pg_temp.nothing},

	# a row that a call names: the caller looks at it, as himself
	account  => q{SELECT FROM mal.account WHERE id == '1'},
	contact  => q{SELECT FROM mal.contact WHERE id == '1'},
	note     => q{SELECT FROM mal.note WHERE id == '1'},
	part     => q{SELECT FROM mal.part WHERE id == 25},
	tag      => q{SELECT FROM mal.tag WHERE id == '1'},
	adopted  => q{SELECT FROM mal.junction WHERE account_id == '1' AND tag_id == '1'},
	links    => q{SELECT * FROM mal.account_tag WHERE account_id == '1' AND tag_id == '1'},

	visit    => q{SELECT FROM mal.visit WHERE about_id == '1' AND about_type == 'account'},
	knows    => q{SELECT FROM mal.knows WHERE account_id == '1'},

	# a call that is the caller's own statement
	owner    => q{UPDATE mal.account SET owner_id = 'bob' WHERE id == '1'},
	# 18 calls an AFTER STATEMENT trigger once, as its owner, where a key's action comes to the same table; relmeta's cascade
	# comes when the caller's own UPDATE has called it, as one without such an action does: as the caller
	touch    => q{UPDATE mal.account SET given = 0 WHERE id == 1},
	disown   => q{UPDATE mal.account SET owner_id = 'ann' WHERE id == '1'},
	link     => q{INSERT INTO mal.account_tag (account_id, tag_id) VALUES ('1', '4')},
	unlink   => q{DELETE FROM mal.account_tag WHERE account_id == '1' AND tag_id == '4'},
	junction => q{INSERT INTO mal.junction VALUES (3, 1)},
	relink   => q{UPDATE mal.account_tag SET tag_id = 3 WHERE account_id == 2 AND tag_id == 2},
	pair     => q{INSERT INTO mal.knows VALUES ('1', '3')},
	unpair   => q{DELETE FROM mal.knows WHERE account_id == '1' AND related_account_id = '3'},

	# the caller's own statements
	insert   => q{INSERT INTO mal.contact (id, owner_id, state, account_id) VALUES (70, 'ann', 'open', 3)},
	more     => q{INSERT INTO mal.note (id, contact_id) VALUES (80, 4); INSERT INTO mal.visit (id, about_id, about_type)
		VALUES (80, 1, 'account'); DELETE FROM mal.visit WHERE id == 80; DELETE FROM mal.note WHERE id == 80},
	upsert   => q{INSERT INTO mal.contact (id, owner_id, state, account_id) VALUES (70, 'ann', 'open', 3)
		ON CONFLICT (id) DO UPDATE SET account_id = 4},
	merge    => q{MERGE INTO mal.contact AS c USING (VALUES (71), (70)) AS v (id) ON c.id == v.id
		WHEN MATCHED THEN UPDATE SET account_id = 3
		WHEN NOT MATCHED THEN INSERT (id, owner_id, state, account_id) VALUES (v.id, 'ann', 'open', 3)},
	copy     => qq{COPY mal.member (id) FROM STDIN;\n~ dave\n\\.},
	reparent => q{UPDATE mal.contact SET account_id = 4 WHERE id == 2},
	move     => q{UPDATE mal.part SET id = 120 WHERE id == 75},
	hierarchy => q{UPDATE mal.account SET parent_id = 8 WHERE id == 9},
	accounts => q{INSERT INTO mal.account (id, owner_id, state) SELECT i, 'ann', 'open' FROM generate_series(93, 96) AS i},
	merging  => q{UPDATE mal.account SET state = 'open' WHERE id == 93; UPDATE mal.account SET state = 'closed' WHERE id == 94;
		UPDATE mal.account SET parent_id = 93 WHERE parent_id == 3; UPDATE mal.contact SET account_id = 93 WHERE account_id == 3;
		UPDATE mal.part SET account_id = 93 WHERE account_id == 3; UPDATE mal.account_tag SET account_id = 93 WHERE account_id == 2;
		UPDATE mal.account_tag SET account_id = 2 WHERE account_id == 93; UPDATE mal.junction SET account_id = 93 WHERE account_id == 3;
		DELETE FROM mal.junction WHERE account_id == 93; UPDATE mal.knows SET account_id = 93 WHERE account_id == 2;
		DELETE FROM mal.knows WHERE account_id == 93; UPDATE mal.visit SET about_id = 93 WHERE about_id == 3},
	relabel  => q{UPDATE mal.account SET state = 'closed' WHERE id == 3},
	word     => q{SELECT 'eve'::mal.word},
	delete   => q{DELETE FROM mal.account WHERE id == 2},
	delete_note => q{DELETE FROM mal.note WHERE id == 6},
	delete_tag => q{DELETE FROM mal.tag WHERE id == 4},
	key      => q{UPDATE mal.tag SET id = 40 WHERE id == 3},
	truncate => q{TRUNCATE mal.visit, mal.note},
	member   => q{INSERT INTO mal.member (id) VALUES ('~ carl')},
	crew     => q{INSERT INTO mal.crew (crew, member) VALUES ('~ crew', '~ carl')},
	uncrew   => q{DELETE FROM mal.crew WHERE crew == '~ crew'},
	unmember => q{DELETE FROM mal.member WHERE id == '~ carl'},
);

# Declarations, of whoever owns the tables.
our @plain_owner = (
	lookup   => q{ALTER TABLE mal.leaf ADD COLUMN root_id mal.num; CREATE INDEX ON mal.leaf (root_id);
		ALTER TABLE mal.leaf ADD FOREIGN KEY (root_id) REFERENCES mal.root},
	lookup2  => q{ALTER TABLE mal.leaf ADD COLUMN about_id mal.num; CREATE INDEX ON mal.leaf (kind, about_id)},
	default  => q{ALTER TABLE mal.root ALTER COLUMN owner_id SET DEFAULT 'ann'},
	retype   => q{ALTER TABLE mal.root ALTER COLUMN owner_id TYPE text},
	intersect => q{CREATE TABLE mal.root_leaf (root_id mal.num REFERENCES mal.root, leaf_id mal.num REFERENCES mal.leaf,
		word mal.word DEFAULT mal."link default"(), PRIMARY KEY (root_id, leaf_id));
		ALTER TABLE mal.root_leaf ADD COLUMN word2 mal.word DEFAULT mal."link default"(); DROP TABLE mal.root_leaf},
	leaves   => q{UPDATE mal.leaf SET root_id = 1},
	root     => q{SELECT FROM mal.root WHERE id == 1},
	unlookup => q{ALTER TABLE mal.leaf DROP COLUMN root_id},
);

our @plain_partition = (
	detach   => q{ALTER TABLE mal.part DETACH PARTITION mal.part_2},
	attach   => q{ALTER TABLE mal.part ATTACH PARTITION mal.part_2 FOR VALUES FROM (100) TO (200)},
);

# Tables of two owners: mal's page points to eve's file.
our @plain_file = (
	file     => q{UPDATE eve.file SET owner_id = 'bob' WHERE id == 1; UPDATE eve.file SET owner_id = 'ann' WHERE id == 1},
	unfile   => q{INSERT INTO eve.file VALUES (10, 'ann'); DELETE FROM eve.file WHERE id == 10},
);

# What a superuser does to keep a database in order.
our @plain_upkeep = (
	analyze  => 'ANALYZE',
	vacuum   => 'VACUUM',
	full     => 'VACUUM FULL ANALYZE',
	cluster  => 'CLUSTER mal.account USING account_pkey; CLUSTER mal.account',
	reindex  => 'REINDEX SCHEMA mal',
	statistics => 'CREATE STATISTICS mal.more ON id, owner_id FROM mal.account; ANALYZE mal.account',
);

our @plain_last = (
	wide     => q{CREATE TABLE mal.wide (account_id mal.num REFERENCES mal.account, tag_id mal.num REFERENCES mal.tag,
		PRIMARY KEY (account_id, tag_id)) PARTITION BY LIST (tag_id); CREATE TABLE mal.wide_1 (LIKE mal.wide);
		ALTER TABLE mal.wide ATTACH PARTITION mal.wide_1 FOR VALUES IN (1)},
	keeper   => q{SET ROLE keeper; CREATE TEMP TABLE nothing (); DROP TABLE pg_temp.nothing; RESET ROLE},
	crew_2   => q{CREATE TABLE mal.crew_2 (LIKE mal.crew INCLUDING GENERATED INCLUDING CONSTRAINTS); ALTER TABLE mal.crew ATTACH PARTITION mal.crew_2 FOR VALUES IN ('zed')},
);

my %plain = (@plain, @plain_owner, @plain_partition, @plain_upkeep, @plain_file, @plain_last);

# What mal has made for what is left to be dropped: partitions of what links come from, and of what memberships come from; what
# alone has a trigger, a CHECK or a registration depend on it.
our $last = q{
CREATE TABLE mal.wide (account_id mal.num REFERENCES mal.account, tag_id mal.num REFERENCES mal.tag, PRIMARY KEY (account_id, tag_id))
	PARTITION BY LIST (tag_id);
SELECT relmeta.adopt_many_to_many('mal.wide', 'wide');
CREATE TABLE mal.wide_1 (LIKE mal.wide);
CREATE TABLE mal.crew_2 (LIKE mal.crew INCLUDING GENERATED INCLUDING CONSTRAINTS);
SELECT relmeta.create_one_to_many('mal.tag', 'mal.quiet', 'tag_id', 'tag_quiet', foreign_key => false);
CREATE TABLE mal.target (id mal.num PRIMARY KEY);
SELECT relmeta.register_table('mal.target');
SELECT relmeta.create_multi_table_lookup('mal.visit', 'at_id', '{mal.target}', names => '{target_visit}');
CREATE DOMAIN mal.lone AS int;
CREATE TABLE mal.lonely (id mal.lone PRIMARY KEY);
SELECT relmeta.register_table('mal.lonely')};

# Questions.
sub reading
{
	my @cases;

	# of a row, by a key that is text and by one that is not
	foreach my $key ("'1'", '1')
	{
		push @cases, map { [ "SELECT * FROM relmeta.preview('$_->[0]', 'mal.account', $key, $_->[1])", ['account'] ] }
		  [ 'assign', "'bob'" ], [ 'share', "'mal'" ], [ 'unshare', "'bob'" ], [ 'delete', 'NULL' ],
		  [ 'reparent', "relationship => 'account_parent', other_key => '2'" ];
		push @cases,
		  [ "SELECT relmeta.has_access('mal.account', $key, 'read', 'bob')", ['account'] ],
		  [ "SELECT relmeta.has_access('mal.account', $key, 'read')",        ['account'] ],
		  [ "SELECT relmeta.principal_access('mal.account', $key, 'bob')",   ['account'] ],
		  [ "SELECT * FROM relmeta.shared_principals('mal.account', $key)",  ['account'] ],
		  [ "SELECT * FROM relmeta.explain_access('mal.note', $key, 'bob')", [ 'account', 'contact', 'note' ] ],
		  [ "SELECT relmeta.associated('account_tag', $key)", [ 'links', 'tag' ] ],
		  [ "SELECT * FROM relmeta.related('mal.account', $key)",
			[ 'account', 'contact', 'part', 'visit', 'links', 'adopted', 'knows', 'tag' ] ],
		  [ "SELECT * FROM relmeta.connections('mal.account', $key)", ['account'] ],
		  [ "SELECT * FROM relmeta.hierarchy_above('mal.account', $key, true)", ['account'] ],
		  [ "SELECT * FROM relmeta.hierarchy_under('mal.account', $key, true)", ['account'] ],
		  [ "SELECT relmeta.rollup('mal.account', $key, 'mal.note')", [ 'account', 'note' ] ],
		  [ "SELECT relmeta.merged_into('mal.account', $key)", ['account'] ],
		  [ "SELECT relmeta.associated('junction', $key)", [ 'adopted', 'tag' ] ],
		  [ "SELECT relmeta.links('account_tag', $key)",      [ 'links', 'tag' ] ];
		push @cases, [ "SELECT relmeta.is_associated('account_tag', $key, $_)", ['links'] ] foreach "'1'", '1';
	}
	push @cases,
	  [ "SELECT relmeta.has_access('mal.part', '25', 'read', 'bob')", ['part'] ],
	  [ "SELECT * FROM relmeta.explain_access('mal.part', 25, 'bob')", [ 'part', 'account' ] ],
	  [ "SELECT * FROM relmeta.explain_access('mal.piece', 1, 'bob')" ],
	  [ "SELECT relmeta.associated_with_all('account_tag', '{1,2}', 2)", [ 'links', 'account' ] ],
	  [ "SELECT * FROM relmeta.shared_with('bob', 'mal.account')", ['account'] ],
	  [ "SELECT * FROM relmeta.shared_with(relation => 'mal.contact')", ['contact'] ],
	  [ "SELECT * FROM relmeta.shared_with('bob')" ],
	  [ "SELECT * FROM relmeta.shared_with()" ],
	  [ "SELECT * FROM relmeta.object_access('mal.contact')", ['contact'] ],
	  [ "SELECT * FROM relmeta.principal_object_access" ],
	  [ "SELECT * FROM relmeta.merge_list()" ],
	  [ "SELECT * FROM relmeta.automation_list()" ],
	  [ "SELECT * FROM relmeta.find_adoptable()" ],
	  [ "SELECT * FROM relmeta.adoptable" ],
	  [ "SELECT * FROM relmeta.verify()" ],
	  [ "SELECT relmeta.export_metadata(), relmeta.export_metadata('{mal.account,mal.contact}')" ],
	  [ "SELECT * FROM relmeta.import_metadata(relmeta.export_metadata(), true)" ],
	  [ "SELECT relmeta.dataverse_to_json('<ImportExportXml><Entities/></ImportExportXml>')" ],
	  (map { ["SELECT relmeta.er_diagram('$_', columns => 'all')"] } qw(mermaid json)),
	  (map { ["SELECT relmeta.describe('mal.$_')"] } qw(account contact part account_tag junction)),
	  [ "SELECT * FROM relmeta.statistics" ],
	  [ "SELECT * FROM relmeta.read_statistics()" ],
	  [ "SELECT * FROM relmeta.progress" ],
	  [ "SELECT * FROM relmeta.read_progress()" ],
	  [ "SELECT relmeta.cascading()" ],
	  [ "SELECT relmeta.initialize_from('account_contact', '1'), relmeta.initialize_from('account_contact', 1)", ['account'] ],
	  [ "SELECT relmeta.can_be_referenced('mal.account'), relmeta.can_be_referencing('mal.note'), relmeta.can_many_to_many('mal.tag')" ],
	  (map { ["SELECT relmeta.valid_$_()"] } qw(referenced_tables referencing_tables many_to_many_tables)),
	  [ "SELECT relmeta.current_principal(), relmeta.current_principals()" ],
	  map { ["SELECT * FROM relmeta.$_"] } qw(principals tables one_to_many many_to_one many_to_many jobs mappings menus
		connection_roles merges automations);
	return @cases;
}

# Changes of rows and of access, in this order.
sub writing
{
	my ($role) = @_;
	my $not_owner = $role eq 'eve' ? '42501' : undef;
	my @cases = ([ "SELECT relmeta.create_user('~ user'), relmeta.create_team('~ team')" ]);

	foreach my $key ("'1'", '1')
	{
		push @cases,
		  [ "SELECT relmeta.share('mal.account', $key, '~ user', '{read,write}')", ['account'] ],
		  [ "SELECT relmeta.modify_share('mal.account', $key, '~ user', '{read}')", ['account'] ],
		  [ "SELECT relmeta.unshare('mal.account', $key, '~ user')", ['account'] ],
		  [ "SELECT relmeta.assign('mal.account', $key, 'bob')", [ 'owner', 'touch' ] ],
		  [ "SELECT relmeta.assign('mal.account', $key, 'ann')", [ 'owner', 'touch' ] ];
		push @cases,
		  [ "SELECT relmeta.associate('account_tag', $key, $_)", [ 'link', 'account', 'tag' ] ],
		  [ "SELECT relmeta.disassociate('account_tag', $key, $_)", ['unlink'] ]
		  foreach "'4'", '4', 'ARRAY[3, 4]';
	}
	return (
		@cases,
		[ "SELECT relmeta.create_connection_role('~ role', tables => '{mal.account,mal.tag}')", ['event'], $not_owner ],
		[ "SELECT relmeta.create_connection_role('~ any')" ],
		[ "SELECT relmeta.match_connection_roles('~ any', '~ any')" ],
		[ "SELECT relmeta.connect('mal.account', 3, 'mal.tag', '4', '~ any')", [ 'account', 'tag' ] ],
		[ "SELECT relmeta.connect('mal.tag', '4', 'mal.account', 3)", [ 'account', 'tag' ] ],
		[ "SELECT relmeta.connect('mal.tag', '4', 'mal.account', '3'), relmeta.connect('mal.tag', 4, 'mal.account', 3)", [ 'account', 'tag' ] ],
		[ "SELECT * FROM relmeta.connections('mal.tag', 4)", ['tag'] ],
		[ "SELECT relmeta.update_connection(connection_id, description => 'x') FROM relmeta.connections('mal.account', 3)", ['account'] ],
		[ "SELECT relmeta.disconnect(connection_id) FROM relmeta.connections('mal.tag', 4)", ['tag'] ],
		[ "SELECT relmeta.set_menu('account_contact', 1)", ['event'], $not_owner ],
		[ "SELECT relmeta.associate('knows', 3, 1)", [ 'pair', 'account' ] ],
		[ "SELECT relmeta.disassociate('knows', 3, 1)", ['unpair'] ],
		[ "SELECT relmeta.associate('junction', 3, 1)", [ 'junction', 'account', 'tag' ] ],
		[ $plain{relink}, ['relink'], '0A000' ],
		[ "SELECT relmeta.share_many('mal.contact', '{1,2,3}', '{~ user,~ team}')", ['contact'] ],
		[ "SELECT relmeta.unshare_many('mal.contact', '{1,2}', '{~ user,~ team}')", ['contact'] ],
		[ "SELECT relmeta.share('mal.contact', 3, '~ user', '{read}')", ['contact'] ],
		[ "SELECT relmeta.add_team_member('~ team', '~ user')" ],
		[ "SELECT relmeta.remove_team_member('~ team', '~ user')" ],
		[ "BEGIN; SELECT relmeta.act_as('ann'); SELECT relmeta.has_access('mal.account', 1, 'read'); COMMIT", ['account'] ],
		# what hangs below the rows is reached as keys reach it when they cascade
		(map { [ $plain{$_}, [ $_, 'owner' ] ] }
			  qw(insert more upsert merge reparent move hierarchy delete delete_note delete_tag key truncate)),
		# a merge does what the caller could do by UPDATEs of the rows, as the tables' owners
		[ $plain{accounts}, ['accounts'] ],
		[ "SELECT relmeta.activate_automation('contact auto', NULL)", ['contact'] ],
		(map { [ "SELECT * FROM relmeta.merge('mal.account', $_)", [ 'account', 'merging', 'unlink' ], $not_owner ] }
			  "93, 94, '{\"state\": \"open\"}', fill_empty => true", "'93', '3'", "93, '95'", "'93', 96"),
		[ "SELECT relmeta.deactivate_automation('contact auto', NULL)", ['contact'] ],
		[ "SELECT relmeta.create_automation('~ auto', 'mal.account', 'mal.automatic(pg_catalog.regclass, pg_catalog.text)')",
			['event'], $not_owner ],
		(map { [ "SELECT relmeta.${_}_automation('first auto', 93)", ['account'], $not_owner ],
			  [ "SELECT relmeta.${_}_automation('first auto', '93')", ['account'], $not_owner ],
			  [ "SELECT relmeta.${_}_automation('first auto', NULL)", ['account'] ] } qw(activate deactivate)),
		[ "SELECT relmeta.drop_automation('" . ($role eq 'eve' ? 'first' : '~') . " auto')", ['event'], $not_owner ],
		[ "SELECT relmeta.map_column('account_contact', 'state', 'state')", ['event'], $not_owner ],
		[ "SELECT relmeta.generate_mappings('account_contact')", ['event'], $not_owner ],
		[ "SELECT relmeta.create_related('account_contact', '3', '{\"id\": 91}')", [ 'account', 'contact', 'insert', 'owner' ] ],
		[ "SELECT relmeta.create_related('account_contact', 3, '{\"id\": 92}')", [ 'account', 'contact', 'insert', 'owner' ] ],
		[ "SELECT relmeta.unmap_column('account_contact', 'state', 'state')", ['event'], $not_owner ],
		[ "SELECT relmeta.create_team('~ crew')" ],
		(map { [ $plain{$_}, [$_] ] } qw(member crew), $role eq 'eve' ? () : 'copy'),
		[ "SELECT relmeta.register_principals('mal.member')", ['event'], $not_owner ],
		[ "SELECT relmeta.register_memberships('mal.crew', 'crew', 'member')", ['event'], $not_owner ],
		[ "SELECT relmeta.revoke_all('~ user')" ],
		[ "SELECT relmeta.reassign_owned('ann', '~ user')" ],
		[ "SELECT relmeta.reassign_owned('~ user', 'ann')" ],
		[ "SELECT relmeta.drop_principal('~ user'), relmeta.drop_principal('~ team')" ],
		(map { [ $plain{$_}, [$_] ] } qw(uncrew unmember)),
		[ "SELECT relmeta.reset_statistics('account_contact')", undef, $not_owner ],
		[ "SELECT relmeta.repair()" ]);
}

# Jobs, which mal has queued.
sub working
{
	my ($role) = @_;
	my $not_owner = $role eq 'eve' ? '42501' : undef;
	my $job = '(SELECT pg_catalog.max(job_id) FROM relmeta.jobs)';

	return (
		[ "SELECT relmeta.pause_job($job)", undef, $not_owner ],
		[ "SELECT relmeta.resume_job($job)", undef, $not_owner ],
		[ "CALL relmeta.run_jobs()" ],
		[ "SELECT relmeta.wait_for_job($job, '0')" ],
		[ "SELECT relmeta.cancel_job($job)", undef, $not_owner // '55000' ],
		[ "SELECT * FROM relmeta.jobs" ]);
}

# Declarations over tables of one's own, or, by a superuser, of mal's: root and leaf.
sub declaring
{
	my ($role) = @_;
	my $others = $role eq 'mal' ? undef : '22023';
	my $links = q{, "attributes": "word mal.word DEFAULT mal.\"link default\"()"};
	my $document = q{{"format": "relmeta", "version": 1, "tables": [{"name": "mal.root"}, {"name": "mal.leaf"}],
		"relationships": [{"name": "by document", "primary_table": "mal.root", "related_table": "mal.leaf", "lookup_column": "root_id"}],
		"many_to_many": [{"name": "links", "table1": "mal.root", "table2": "mal.leaf", "intersect_table": "mal.links"%s}]}};
	my $document_of_mal = sprintf $document, $links;

	$document = $role eq 'mal' ? $document_of_mal : sprintf $document, '';

	return (
		[ "SELECT relmeta.register_table('mal.root', 'owner_id', 'state', '{open}', 'closed', create_principals => true)", ['event'] ],
		[ "SELECT relmeta.register_table('mal.root', default_owner => true)", [ 'event', 'default' ] ],
		[ "SELECT relmeta.register_table('mal.leaf', 'owner_id')", ['event'] ],
		[ "SELECT * FROM relmeta.adoptable", ['event'] ],
		[ "SELECT relmeta.create_one_to_many('mal.root', 'mal.leaf', 'root_id', 'root_leaf', preset => 'parental')", [ 'event', 'lookup' ] ],
		[ "SELECT relmeta.create_multi_table_lookup('mal.leaf', 'about_id', '{mal.root}', 'kind', names => '{root_leaf2}')",
			[ 'event', 'lookup2' ] ],
		[ "SELECT relmeta.add_lookup_target('mal.leaf', 'about_id', 'mal.leaf', name => 'root_leaf3')", ['event'] ],
		[ "UPDATE mal.leaf SET root_id = 1", ['leaves'] ],
		[ "SELECT relmeta.share('mal.root', 1, 'bob')", ['root'] ],
		[ "SELECT relmeta.update_relationship('root_leaf', delete => 'restrict')", [ 'event', 'lookup' ] ],
		[ "BEGIN; SET relmeta.job_workers = 0; SELECT relmeta.update_relationship('root_leaf', share => 'none', reparent => 'none'); COMMIT",
			['event'] ],
		[ "CALL relmeta.run_jobs()" ],
		[ "SELECT relmeta.revoke_inherited_access('root_leaf')" ],
		[ "SELECT relmeta.wait_for_job((SELECT pg_catalog.max(job_id) FROM relmeta.jobs))" ],
		[ "SELECT relmeta.reset_inherited_access('root_leaf')" ],
		[ "SELECT relmeta.wait_for_job((SELECT pg_catalog.max(job_id) FROM relmeta.jobs))" ],
		[ "SELECT relmeta.create_many_to_many('mal.root', 'mal.leaf', 'links', 'mal.links', attributes => 'word mal.word DEFAULT mal.\"link default\"()')",
			[ 'event', 'intersect' ] ],
		[ "SELECT relmeta.alter_many_to_many('links', 'word2 mal.word DEFAULT mal.\"link default\"()', '{word}')", [ 'event', 'intersect' ] ],
		[ "SELECT relmeta.alter_column_type('mal.root', 'owner_id', 'pg_catalog.text')", [ 'event', 'retype' ] ],
		[ "SELECT * FROM relmeta.verify()" ],
		[ "SELECT relmeta.repair()" ],
		# what there is already; the same declared by a document
		[ "SELECT * FROM relmeta.import_metadata(relmeta.export_metadata('{mal.root,mal.leaf}'))", ['event'] ],
		[ "SELECT relmeta.drop_relationship('links')", ['event'] ],
		[ "SELECT relmeta.adopt_many_to_many('mal.links', 'adopted')", ['event'] ],
		[ "SELECT relmeta.drop_relationship('adopted', true)", ['event'] ],
		[ "SELECT relmeta.drop_relationship('root_leaf', true)", [ 'event', 'unlookup' ] ],
		[ "SELECT relmeta.drop_relationship('root_leaf2'), relmeta.drop_relationship('root_leaf3')", ['event'] ],
		[ "SELECT relmeta.unregister_table('mal.leaf'), relmeta.unregister_table('mal.root')", ['event'] ],
		# a document that names mal's function is read as mal alone
		[ qq{SELECT * FROM relmeta.import_metadata('$document_of_mal', dry_run => true)}, [ 'event', 'lookup', 'intersect' ], $others ],
		[ qq{SELECT * FROM relmeta.import_metadata('$document', dry_run => true)}, [ 'event', 'lookup', 'intersect' ] ],
		[ qq{SELECT * FROM relmeta.import_metadata('$document')}, [ 'event', 'lookup', 'intersect' ] ],
		[ "SELECT relmeta.drop_relationship('by document', true), relmeta.drop_relationship('links', true)", [ 'event', 'unlookup' ] ],
		[ "SELECT relmeta.unregister_table('mal.leaf'), relmeta.unregister_table('mal.root')", ['event'] ]);
}

# Relationships between tables of two owners, declared by a superuser.
sub pointing
{
	my ($role) = @_;

	return (
		(map { $role eq 'eve' ? () : $_ }
			[ "SELECT relmeta.register_table('eve.file', 'owner_id'), relmeta.register_table('mal.page', 'owner_id')", ['event'] ],
			[ "SELECT relmeta.create_one_to_many('eve.file', 'mal.page', 'file_id', 'file_page', preset => 'parental', foreign_key => false)",
				['event'] ]),
		[ "SELECT relmeta.share('eve.file', 1, 'bob', '{read,write}')" ],
		[ "SELECT * FROM relmeta.explain_access('eve.file', 1, 'bob')" ],
		[ $plain{file}, ['file'] ],
		[ "SELECT relmeta.unshare('eve.file', 1, 'bob', '{write}')" ],
		(map { $role eq 'eve' ? $_ : () }
			[ $plain{unfile}, ['file'] ]),
		(map { $role eq 'eve' ? () : $_ }
			[ "SELECT relmeta.reset_inherited_access('file_page')" ],
			[ "SELECT relmeta.wait_for_job((SELECT pg_catalog.max(job_id) FROM relmeta.jobs))" ],
			[ "SELECT relmeta.verify()" ],
			# the other way round: mal's is the primary table, of which keys are looked for
			[ "SELECT relmeta.create_one_to_many('mal.tag', 'eve.sheet', 'tag_id', 'tag_sheet', foreign_key => false)", ['event'] ],
			[ "SELECT relmeta.drop_relationship('tag_sheet'), relmeta.unregister_table('eve.sheet')", ['event'] ]));
}

# Access control: turned on by whoever may; then what it does to statements of others, and its own functions.
sub controlling
{
	my ($role) = @_;
	my $not_owner = $role eq 'eve' ? '42501' : undef;
	my $word = "'eve'::mal.word";

	return (
		(map { [ "SELECT relmeta.enable_access_control('mal.$_')", ['event'], $not_owner ] }
			  qw(account contact part visit tag account_tag)),
		[ "SELECT * FROM relmeta.verify()" ],
		[ "SELECT relmeta.repair()", ['event'] ],
		[ "SELECT * FROM mal.account", ['account'] ],
		[ "SELECT relmeta.has_access('mal.account', 1, 'read')", ['account'] ],
		[ "SELECT relmeta.owned('mal.account', 1, $word), relmeta.shared('mal.account', 1, 1), relmeta.noted('mal.account', 1, $word),"
			. " relmeta.noted('mal.tag', 1), relmeta.link_shown('mal.account_tag', 1, 1, 1), relmeta.rights(3)", ['word'] ],
		[ "SELECT relmeta.owner_values('mal.account', 1, ''::pg_catalog.text), relmeta.shared_keys('mal.account', 1, 0), relmeta.assign_follows(false, 1), relmeta.assign_entered(1, '1'::pg_catalog.xid, 1)" ],
		[ "SELECT relmeta.inserts('mal.account', 1, $word), relmeta.inserts('mal.tag', 1)", ['word'] ],
		[ "SELECT relmeta.link_judged('mal.account_tag', 1, 1, 1)" ],
		# who sees links to a row of a partitioned table
		[ "SELECT relmeta.link_shown('parts', 1, 1, 25)" ],
		[ "SELECT relmeta.shared_with()" ],
		(map { [ $plain{$_}, [ $_, 'owner', 'account' ] ] } qw(reparent hierarchy relabel delete)),
		[ "SELECT relmeta.associate('account_tag', 3, 3)", [ 'link', 'account', 'tag' ] ],
		[ "SELECT relmeta.assign('mal.account', 1, 'bob')", [ 'owner', 'touch' ] ],
		(map { [ "SELECT relmeta.disable_access_control('mal.$_')", ['event'], $not_owner ] } qw(tag visit part contact account)));
}

# Partitions, by whoever may.
sub partitioning
{
	return map { [ $plain{$_}, [ $_, 'event' ] ] } qw(detach attach);
}

# The same for relmeta's tables; from 17 on REINDEX fires the event triggers of whoever runs it.
sub upkeep
{
	return ((map { [ $plain{$_}, [ $_, 'event' ] ] } grep { !/ / } map { $plain_upkeep[ 2 * $_ ] } 0 .. $#plain_upkeep / 2),
		(map { [ "REINDEX SCHEMA $_", undef, undef, 'reindex' ] } qw(relmeta_access relmeta)));
}

# Types of which relmeta keeps no value.
sub refused
{
	my @cases;

	foreach my $type (qw(span span_of_word pair word[] base span_with_canonical given_span given_base))
	{
		push @cases,
		  [ "CREATE TABLE mal.refused (id mal.$type PRIMARY KEY, owner_id pg_catalog.text)" ],
		  [ "SELECT relmeta.register_table('mal.refused', 'owner_id')", ['event'], '0A000' ],
		  [ "DROP TABLE mal.refused; CREATE TABLE mal.refused (id int PRIMARY KEY, owner_id mal.$type)" ],
		  [ "SELECT relmeta.register_table('mal.refused', 'owner_id')", ['event'], '0A000' ],
		  [ "DROP TABLE mal.refused" ];
	}
	# an enum is taken, and what is held on its rows follows it to another type by its owner's cast
	push @cases, [ q{CREATE TABLE mal.hue (id mal.colour PRIMARY KEY, owner_id pg_catalog.text);
		SELECT relmeta.register_table('mal.hue', 'owner_id'); INSERT INTO mal.hue VALUES ('ann', 'ann');
		SELECT relmeta.share('mal.hue', 'ann', 'bob'); SELECT relmeta.alter_column_type('mal.hue', 'id', 'pg_catalog.text');
		DROP TABLE mal.hue}, ['event'] ];
	return @cases;
}

# The end: by a superuser.  What goes with a table is done away with as its owner.
sub leaving
{
	return (
		(map { [ "SELECT relmeta.enable_access_control('mal.$_')", ['event'] ] } qw(account part)),
		(map { [ $plain{$_}, [ $_, 'event' ] ] } qw(detach attach)),
		[ "ALTER TABLE mal.wide ATTACH PARTITION mal.wide_1 FOR VALUES IN (1)", [ 'wide', 'event' ] ],
		[ "ALTER TABLE mal.crew ATTACH PARTITION mal.crew_2 FOR VALUES IN ('zed')", [ 'crew_2', 'event' ] ],
		[ "DROP TABLE mal.quiet", ['event'] ],
		[ "DROP TABLE mal.target", ['event'] ],
		[ "DROP DOMAIN mal.lone CASCADE", ['event'] ],
		[ "CREATE TABLE mal.future (id int PRIMARY KEY)", ['event'] ],
		[ "ALTER TABLE mal.contact RENAME COLUMN account_id TO of_account", ['event'] ],
		[ "ALTER TABLE mal.tag RENAME TO label", ['event'] ],
		[ "DROP TABLE mal.label CASCADE", ['event'] ],
		[ "DELETE FROM mal.piece; DROP TABLE mal.part_1 CASCADE", ["event"] ],
		[ "DROP TABLE mal.visit", ['event'] ],
		[ "DROP EXTENSION relmeta CASCADE", ['event'] ],
		[ "SET ROLE keeper; CREATE EXTENSION relmeta; RESET ROLE", ['keeper'] ],
		[ "SELECT relmeta.create_user('ann'), relmeta.create_user('bob'), relmeta.create_user('eve'), relmeta.register_table('mal.account', 'owner_id')", ['event'] ],
		[ "DROP TYPE mal.word CASCADE", ['event'] ],
		(map { ["DROP EVENT TRIGGER hostile_$_"] } qw(start end drop rewrite)),
		[ "DROP OWNED BY mal CASCADE", ['event'] ]);
}

1;
